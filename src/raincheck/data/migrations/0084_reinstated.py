"""A canceled appointment that was put back has a card of its own in the conversation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0083_where_clients_will_be"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="a_card_has_a_known_kind",
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "card__in",
                        [
                            "asked",
                            "moved",
                            "kept",
                            "declined",
                            "lapsed",
                            "no_time_found",
                            "withdrawn",
                            "superseded",
                            "void",
                            "none_work",
                            "cancelled",
                            "not_cancelled",
                            "reinstated",
                            "booked",
                        ],
                    )
                ),
                name="a_card_has_a_known_kind",
            ),
        ),
    ]
