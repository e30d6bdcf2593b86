"""Calendars are brought in like spreadsheets: a row for each time ahead, known again by its event."""

import django.db.models.deletion
from django.db import migrations, models

KEY = """
ALTER TABLE raincheck_importrow ADD CONSTRAINT importrow_earlier_stays_in_its_practice
    FOREIGN KEY (practice_id, earlier_id) REFERENCES raincheck_appointment (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
NO_KEY = "ALTER TABLE raincheck_importrow DROP CONSTRAINT importrow_earlier_stays_in_its_practice;"


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0055_passkeys")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="clients_told",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="clients get a confirmation by e-mail when it comes in",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="format",
            field=models.TextField(db_default="table", default="table"),
        ),
        migrations.AddField(
            model_name="import",
            name="found",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="what a calendar holds besides its rows",
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="differs",
            field=models.BooleanField(
                db_default=False, default=False, help_text="it is here at another time than the file has it"
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="earlier",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="what the same time is here as already",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.appointment",
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="event",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="event_fault",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="why the event can't be read"
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="recurrence_id",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="the first start of one time of a series, in UTC",
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="starts_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="uid",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="importrow",
            name="whose",
            field=models.UUIDField(blank=True, help_text="the client a person chose, by ref", null=True),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("appointment__isnull", False), models.Q(("uid", ""), _negated=True)),
                fields=["practice", "uid"],
                name="events_that_came_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["table", "calendar"])), name="an_import_has_a_known_format"
            ),
        ),
        migrations.RunSQL(KEY, NO_KEY),
    ]
