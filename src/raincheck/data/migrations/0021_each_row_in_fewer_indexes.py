"""Rows stand in fewer indexes: none over one key alone where another begins with that key. Two more in the order that is read."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

IN_PRACTICE = [
    "appointment", "appointmenthistory", "appointmenttype", "availabilityhistory", "busycalendar", "busytime", "calendarfeed",
    "calendarpush", "claim", "client", "conversation", "deliveryattempt", "hold", "link", "membership", "message",
    "notification", "notificationappointment", "outofoffice", "place", "practicehistory", "provider", "pushedevent",
    "quarantined", "readlog", "rebookoffer", "recipient", "reschedulebatch", "reschedulerequest", "series", "task",
]  # fmt: skip
# Table, key and what it points at; what differs from most of them stands behind.
KEYS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("appointment", "client", "client", {}),
    ("appointment", "provider", "provider", {}),
    ("appointmenthistory", "appointment", "appointment", {}),
    ("availabilityhistory", "provider", "provider", {}),
    ("busycalendar", "provider", "provider", {}),
    ("busytime", "provider", "provider", {}),
    ("calendarfeed", "provider", "provider", {"null": True, "blank": True}),
    ("claim", "appointment", "appointment", {"null": True, "blank": True}),
    ("claim", "hold", "hold", {"null": True, "blank": True}),
    ("conversation", "client", "client", {}),
    ("conversation", "provider", "provider", {}),
    ("hold", "provider", "provider", {}),
    ("link", "recipient", "recipient", {}),
    ("notification", "recipient", "recipient", {"null": True, "blank": True}),
    ("notificationappointment", "appointment", "appointment", {}),
    ("notificationappointment", "notification", "notification", {"related_name": "appointments"}),
    ("outofoffice", "provider", "provider", {}),
    ("pushedevent", "push", "calendarpush", {"related_name": "events"}),
    ("readlog", "client", "client", {}),
    ("reschedulerequest", "client", "client", {}),
    ("reschedulerequest", "provider", "provider", {}),
]


def without_their_own(table: str, key: str, field: Any) -> migrations.SeparateDatabaseAndState:
    """Return what drops the index over one key alone, beside running work: Django would write the key itself anew as well."""

    def drop(_apps: Any, schema_editor: Any) -> None:
        connection, name = schema_editor.connection, f"raincheck_{table}"
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, name)
            alone = [
                index
                for index, what in found.items()
                if what["index"]
                and what["columns"] == [f"{key}_id"]
                and not what["unique"]
                and index.startswith("raincheck_")
            ]
            for index in alone:
                cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index}"')

    def make(_apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX ON raincheck_{table} ({key}_id)")

    return migrations.SeparateDatabaseAndState(
        [migrations.RunPython(drop, make)], [migrations.AlterField(table, key, field)]
    )


def inside(to: str, options: dict[str, Any]) -> Any:
    usual: dict[str, Any] = {"db_constraint": False, "db_index": False, "related_name": "+"}
    return models.ForeignKey(f"raincheck.{to}", django.db.models.deletion.PROTECT, **(usual | options))


class Migration(migrations.Migration):
    atomic = False  # an index that is made or dropped beside running work cannot be so in a transaction

    dependencies = [("raincheck", "0020_kinds_of_notifications")]

    operations = [
        *(
            without_their_own(
                table,
                "practice",
                models.ForeignKey(
                    "raincheck.practice",
                    django.db.models.deletion.PROTECT,
                    db_index=False,
                    related_name="+",
                ),
            )
            for table in IN_PRACTICE
        ),
        *(without_their_own(table, key, inside(to, options)) for table, key, to, options in KEYS),
        without_their_own(
            "membership",
            "user",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.CASCADE,
                db_index=False,
                related_name="memberships",
            ),
        ),
        AddIndexConcurrently(
            "provider", models.Index(fields=["practice", "name", "id"], name="providers_by_name")
        ),
        migrations.AddField(
            "reschedulerequest",
            "ends_at",
            models.GeneratedField(
                expression=models.Case(
                    models.When(
                        models.Q(("state", "open")) & models.Q(("needs_provider__isnull", True)),
                        then=models.F("deadline_at"),
                    ),
                    models.When(models.Q(("state", "open")), then=models.F("asked_starts_at")),
                ),
                output_field=models.DateTimeField(null=True),
                db_persist=True,
            ),
        ),
        AddIndexConcurrently(
            "reschedulerequest",
            models.Index(
                fields=["ends_at"],
                condition=models.Q(ends_at__isnull=False),
                name="open_requests_by_their_end",
            ),
        ),
    ]
