"""Series: what every occurrence is made like, how far it is made, and the first start by which each is known."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

# An occurrence was known by nothing until now: its present time becomes its first start. Of two at one time the later row
# stands alone. A series ends with the last that was made of it: nobody agreed on more.
WHAT_THEY_ARE_LIKE = """
UPDATE raincheck_appointment a SET recurrence_id = starts_wall WHERE series_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM raincheck_appointment b WHERE b.series_id = a.series_id AND b.starts_wall = a.starts_wall AND b.id < a.id);
UPDATE raincheck_appointment SET series_id = NULL WHERE recurrence_id IS NULL AND series_id IS NOT NULL;
UPDATE raincheck_series s SET wall_time = last.starts_wall::time, zone = last.zone, length = last.ends_at - last.starts_at,
    type_id = last.type_id, place_id = last.place_id, join_url = last.join_url, made_until = last.starts_wall::date,
    ends_on = coalesce(s.ends_on, last.starts_wall::date)
FROM (SELECT DISTINCT ON (series_id) * FROM raincheck_appointment WHERE series_id IS NOT NULL ORDER BY series_id, starts_at DESC) last
WHERE last.series_id = s.id;
DELETE FROM raincheck_series WHERE type_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
WALL_TIME = "ALTER TABLE raincheck_appointment ALTER COLUMN recurrence_id TYPE timestamp USING recurrence_id AT TIME ZONE 'UTC';"
INSTANT = "ALTER TABLE raincheck_appointment ALTER COLUMN recurrence_id TYPE timestamptz USING recurrence_id AT TIME ZONE 'UTC';"
KEYS = (("type", "appointmenttype"), ("place", "place"))
ADD_KEYS = "".join(
    f"ALTER TABLE raincheck_series ADD CONSTRAINT series_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_{table} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for column, table in KEYS
)
DROP_KEYS = "".join(
    f"ALTER TABLE raincheck_series DROP CONSTRAINT series_{column}_stays_in_its_practice;"
    for column, _table in KEYS
)


def key(to: str, *, null: bool) -> models.Field:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0064_appearances"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="recurrence_id",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(WALL_TIME, INSTANT),
        migrations.AddField(
            model_name="series",
            name="count",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="series", name="ical_sequence", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="series",
            name="join_url",
            field=models.URLField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(model_name="series", name="length", field=models.DurationField(null=True)),
        migrations.AddField(model_name="series", name="made_until", field=models.DateField(null=True)),
        migrations.AddField(model_name="series", name="place", field=key("raincheck.place", null=True)),
        migrations.AddField(
            model_name="series", name="type", field=key("raincheck.appointmenttype", null=True)
        ),
        migrations.AddField(model_name="series", name="wall_time", field=models.TimeField(null=True)),
        migrations.AddField(model_name="series", name="zone", field=models.TextField(null=True)),
        migrations.RunSQL(WHAT_THEY_ARE_LIKE, migrations.RunSQL.noop),
        migrations.AlterField(model_name="series", name="length", field=models.DurationField()),
        migrations.AlterField(model_name="series", name="made_until", field=models.DateField()),
        migrations.AlterField(model_name="series", name="place", field=key("raincheck.place", null=False)),
        migrations.AlterField(
            model_name="series", name="type", field=key("raincheck.appointmenttype", null=False)
        ),
        migrations.AlterField(model_name="series", name="wall_time", field=models.TimeField()),
        migrations.AlterField(model_name="series", name="zone", field=models.TextField()),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
        migrations.AlterField(
            model_name="appointment",
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
        migrations.AddIndex(
            model_name="series",
            index=models.Index(
                condition=models.Q(("count__isnull", True), ("ends_on__isnull", True)),
                fields=["made_until", "id"],
                name="series_to_go_on_with",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recurrence_id__isnull", True), ("series__isnull", True)),
                    models.Q(("recurrence_id__isnull", False), ("series__isnull", False)),
                    _connector="OR",
                ),
                name="an_occurrence_knows_its_first_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                fields=("series", "recurrence_id"), name="a_time_of_a_series_is_made_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_weeks__range", (1, 52))), name="a_series_repeats_within_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__range", (1, 104))), name="a_series_has_as_many_times_as_allowed"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("length__range", (datetime.timedelta(seconds=300), datetime.timedelta(seconds=28800)))
                ),
                name="sessions_of_a_series_are_as_long_as_allowed",
            ),
        ),
    ]
