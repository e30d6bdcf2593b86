"""Calendars that are read again and again, what they need for it (sealed), and the tasks they make."""

import django.db.models.deletion
from django.db import migrations, models

# A busy time is as old as the reading that last wrote it; from now on it keeps the time of its first one.
APPEARED = """
UPDATE raincheck_busytime b SET appeared_at = c.read_at FROM raincheck_busycalendar c WHERE c.id = b.calendar_id;
"""
KEY = """
ALTER TABLE raincheck_task ADD CONSTRAINT task_calendar_stays_in_its_practice FOREIGN KEY (practice_id, calendar_id)
    REFERENCES raincheck_busycalendar (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
TASKS = [
    "not_delivered",
    "needs_help",
    "needs_provider",
    "no_open_times",
    "intake_lapsed",
    "what_happened",
    "link_not_theirs",
    "zone_clash",
    "calendar_failing",
    "conflict",
]


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0007_practice")]

    operations = [
        migrations.AddField("busycalendar", "kind", models.TextField(default="file")),
        migrations.AddField(
            "busycalendar",
            "host",
            models.TextField(blank=True, help_text="all of the address that is ever shown"),
        ),
        migrations.AddField("busycalendar", "sealed_address", models.TextField(blank=True)),
        migrations.AddField("busycalendar", "username", models.TextField(blank=True)),
        migrations.AddField("busycalendar", "sealed_password", models.TextField(blank=True)),
        migrations.AddField("busycalendar", "keeps_titles", models.BooleanField(default=False)),
        migrations.AddField("busycalendar", "etag", models.TextField(blank=True)),
        migrations.AddField("busycalendar", "last_modified", models.TextField(blank=True)),
        migrations.AddField(
            "busycalendar",
            "sync_token",
            models.TextField(blank=True, help_text="or what else its server calls its present state"),
        ),
        migrations.AddField("busycalendar", "checked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("busycalendar", "failing_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("busycalendar", "fault", models.TextField(blank=True)),
        migrations.AddField("busycalendar", "next_check_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "busycalendar", models.Index(fields=["next_check_at"], name="calendars_by_their_next_check")
        ),
        migrations.AddConstraint(
            "busycalendar",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["file", "subscription", "caldav"])),
                name="a_busy_calendar_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            "busycalendar",
            models.CheckConstraint(
                condition=models.Q(kind="file", next_check_at__isnull=True)
                | (~models.Q(kind="file") & models.Q(next_check_at__isnull=False)),
                name="every_calendar_but_a_file_is_checked_again",
            ),
        ),
        migrations.AddConstraint(
            "busycalendar",
            models.CheckConstraint(
                condition=models.Q(failing_since__isnull=True, fault="")
                | (models.Q(failing_since__isnull=False) & ~models.Q(fault="")),
                name="a_failing_calendar_says_why",
            ),
        ),
        migrations.AddField("busytime", "title", models.TextField(blank=True)),
        migrations.AddField("busytime", "appeared_at", models.DateTimeField(null=True)),
        migrations.RunSQL(APPEARED, migrations.RunSQL.noop),
        migrations.AlterField(
            "busytime",
            "appeared_at",
            models.DateTimeField(help_text="when a reading first found it at this time"),
        ),
        migrations.AddField(
            "task",
            "calendar",
            models.ForeignKey(
                "raincheck.busycalendar",
                django.db.models.deletion.PROTECT,
                blank=True,
                db_constraint=False,
                null=True,
                related_name="+",
            ),
        ),
        migrations.RunSQL(
            KEY, "ALTER TABLE raincheck_task DROP CONSTRAINT task_calendar_stays_in_its_practice"
        ),
        migrations.RemoveConstraint("task", "a_task_has_a_known_kind"),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(condition=models.Q(("kind__in", TASKS)), name="a_task_has_a_known_kind"),
        ),
        migrations.RemoveConstraint("task", "a_matter_has_one_open_task"),
        migrations.AddConstraint(
            "task",
            models.UniqueConstraint(
                fields=["kind", "provider", "client", "appointment", "request", "notification", "calendar"],
                condition=models.Q(done_at__isnull=True),
                nulls_distinct=False,
                name="a_matter_has_one_open_task",
            ),
        ),
    ]
