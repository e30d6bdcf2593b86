"""Copies of appointments in providers' own calendars: where they are wished for, and what was written."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

KEYS = "\n".join(
    f"ALTER TABLE raincheck_{child} ADD CONSTRAINT {child}_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_{parent} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for child, column, parent in (
        ("calendarwriting", "provider", "provider"),
        ("calendarwriting", "calendar", "busycalendar"),
        ("calendarcopy", "writing", "calendarwriting"),
        ("calendarcopy", "appointment", "appointment"),
    )
)
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
    "calendar_not_written",
    "conflict",
]


def number() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def key_inside(parent: str, related_name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(
        f"raincheck.{parent}",
        django.db.models.deletion.PROTECT,
        db_constraint=False,
        related_name=related_name,
    )


def practice() -> models.ForeignKey:
    return models.ForeignKey("raincheck.practice", django.db.models.deletion.PROTECT, related_name="+")


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0009_history_of_hours")]

    operations = [
        migrations.CreateModel(
            name="CalendarWriting",
            fields=[
                ("id", number()),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("removing", models.BooleanField(default=False)),
                ("begun_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("fault", models.TextField(blank=True)),
                ("next_try_at", models.DateTimeField()),
                ("practice", practice()),
                ("provider", key_inside("provider")),
                ("calendar", key_inside("busycalendar")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "id"), name="a_calendar_writing_belongs_to_one_practice"
                    ),
                    models.UniqueConstraint(fields=("provider",), name="a_provider_writes_into_one_calendar"),
                    models.CheckConstraint(
                        condition=models.Q(failing_since__isnull=True, fault="")
                        | (models.Q(failing_since__isnull=False) & ~models.Q(fault="")),
                        name="a_failing_writing_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarCopy",
            fields=[
                ("id", number()),
                ("sequence", models.PositiveIntegerField(blank=True, null=True)),
                ("etag", models.TextField(blank=True)),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                ("refused_since", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField()),
                ("practice", practice()),
                ("writing", key_inside("calendarwriting", "copies")),
                ("appointment", key_inside("appointment")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("writing", "appointment"),
                        name="an_appointment_is_copied_once_into_a_calendar",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(sequence__isnull=True, written_at__isnull=True)
                        | models.Q(sequence__isnull=False, written_at__isnull=False),
                        name="a_written_copy_says_when",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RemoveConstraint("task", "a_task_has_a_known_kind"),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(condition=models.Q(("kind__in", TASKS)), name="a_task_has_a_known_kind"),
        ),
    ]
