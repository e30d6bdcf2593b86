"""What it takes to keep wall times when zone rules change: the version applied last, and wall times of time off."""

from zoneinfo import ZoneInfo

from django.db import migrations, models

EVENTS = [
    "booked",
    "details_changed",
    "asked",
    "moved",
    "declined",
    "lapsed",
    "withdrawn",
    "superseded",
    "void",
    "cancelled",
    "none_work",
    "needs_help",
    "needs_provider",
    "deadline_moved",
    "reinstated",
    "completed",
    "client_no_show",
    "provider_no_show",
    "zone_corrected",
    "zone_clash",
]
MOMENTS = [
    "booked",
    "details_changed",
    "asked",
    "request_reminder",
    "moved",
    "declined",
    "cancelled",
    "none_work",
    "lapsed",
    "withdrawn",
    "superseded",
    "void",
    "deadline_moved",
    "message",
    "sign_in_code",
    "zone_corrected",
]
TASKS = [
    "not_delivered",
    "needs_help",
    "needs_provider",
    "no_open_times",
    "intake_lapsed",
    "what_happened",
    "link_not_theirs",
    "zone_clash",
]


def kept(model, name, field, values):
    return [
        migrations.RemoveConstraint(model, name),
        migrations.AddConstraint(
            model, models.CheckConstraint(condition=models.Q((f"{field}__in", values)), name=name)
        ),
    ]


WALLS = "\n".join(
    f"ALTER TABLE raincheck_outofoffice ALTER COLUMN {column} TYPE timestamp USING {column} AT TIME ZONE 'UTC';"
    for column in ("starts_wall", "ends_wall")
)
INSTANTS = WALLS.replace("TYPE timestamp", "TYPE timestamptz")

# A correction takes an appointment to another instant, so it is told like any other change.
LEAVING = """
CREATE OR REPLACE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ical_sequence <= OLD.ical_sequence
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory WHERE appointment_id = NEW.id AND sequence = NEW.ical_sequence
                AND event IN ('moved', 'declined', 'lapsed', 'cancelled', 'details_changed'CORRECTED))
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = NEW.ical_sequence AND n.recipient_id IS NOT NULL)
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = NEW.ical_sequence AND n.provider_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'nothing leaves the calendar untold'
            USING ERRCODE = '23514', CONSTRAINT = 'nothing_leaves_the_calendar_untold', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""


def read_the_clock(apps, schema_editor):
    """Write down what each provider's clock shows at the ends of their time off, by the rules of today."""
    blocks = apps.get_model("raincheck", "OutOfOffice").objects.using(schema_editor.connection.alias)
    rows = blocks.values_list("pk", "starts_at", "ends_at", "provider__zone")
    shown = [
        (*(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in (start, end)), zone, number)
        for number, start, end, zone in rows
    ]
    with schema_editor.connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE raincheck_outofoffice SET starts_wall = %s, ends_wall = %s, zone = %s WHERE id = %s",
            shown,
        )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0005_calendar_feeds")]

    operations = [
        migrations.CreateModel(
            name="ZoneRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.TextField()),
                ("applied_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["version"], name="a_version_of_zone_rules_is_kept_once")
                ]
            },
        ),
        *kept("appointmenthistory", "a_history_row_has_a_known_event", "event", EVENTS),
        *kept("notification", "a_notification_has_a_known_moment", "moment", MOMENTS),
        *kept("task", "a_task_has_a_known_kind", "kind", TASKS),
        migrations.RunSQL(
            LEAVING.replace("CORRECTED", ", 'zone_corrected'"), LEAVING.replace("CORRECTED", "")
        ),
        migrations.AddField("outofoffice", "starts_wall", models.DateTimeField(null=True)),
        migrations.AddField("outofoffice", "ends_wall", models.DateTimeField(null=True)),
        migrations.AddField("outofoffice", "zone", models.TextField(null=True)),
        migrations.RunSQL(WALLS, INSTANTS),
        migrations.RunPython(read_the_clock, migrations.RunPython.noop),
        # Rows that were rewritten and changed wait for their keys to be looked at, and nothing alters a table meanwhile.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("outofoffice", "starts_wall", models.DateTimeField()),
        migrations.AlterField("outofoffice", "ends_wall", models.DateTimeField()),
        migrations.AlterField("outofoffice", "zone", models.TextField()),
    ]
