"""Tasks about a time of a series that could not be booked."""

import django.db.models.deletion
from django.db import migrations, models

ADD_KEY = (
    "ALTER TABLE raincheck_task ADD CONSTRAINT task_series_stays_in_its_practice"
    " FOREIGN KEY (practice_id, series_id) REFERENCES raincheck_series (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
)
DROP_KEY = "ALTER TABLE raincheck_task DROP CONSTRAINT task_series_stays_in_its_practice;"


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0065_series"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="task",
            name="a_matter_has_one_open_task",
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="a_task_has_a_known_kind",
        ),
        migrations.AddField(
            model_name="task",
            name="series",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.series",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="starts_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "not_delivered",
                            "client_wrote",
                            "needs_provider",
                            "no_open_times",
                            "intake_lapsed",
                            "what_happened",
                            "nobody_came",
                            "link_not_theirs",
                            "zone_clash",
                            "calendar_failing",
                            "calendar_not_written",
                            "conflict",
                            "not_done",
                            "series_clash",
                        ],
                    )
                ),
                name="a_task_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at__isnull", True)),
                fields=(
                    "kind",
                    "provider",
                    "client",
                    "appointment",
                    "request",
                    "notification",
                    "calendar",
                    "series",
                    "starts_at",
                ),
                name="a_matter_has_one_open_task",
                nulls_distinct=False,
            ),
        ),
    ]
