"""Providers whose endless series could not be gone on with, to be tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0067_cuts_of_the_read_log"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="quarantined",
            name="a_quarantined_row_is_of_a_known_step",
        ),
        migrations.AddConstraint(
            model_name="quarantined",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "credit",
                            "settle",
                            "remind",
                            "remind_of_appointments",
                            "tell_of_waiting",
                            "tell_of_slow_hand_over",
                            "go_on_with_series",
                            "look_at_open_times",
                        ],
                    )
                ),
                name="a_quarantined_row_is_of_a_known_step",
            ),
        ),
    ]
