"""A move or cancellation can be undone until it leaves: an appointment keeps how it was so long, and going back is told to nobody."""

from django.db import migrations, models

UNTOLD = """
CREATE OR REPLACE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
@    IF NEW.status = 'cancelled' AND NEW.cancelled_why = 'import_undone' THEN
        IF NEW.ical_sequence <> OLD.ical_sequence + 1
            OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.provider_id IS DISTINCT FROM OLD.provider_id
            OR NEW.starts_at <= NEW.cancelled_at
            OR NOT EXISTS (
                SELECT 1 FROM (SELECT file_id FROM raincheck_importrow WHERE appointment_id = NEW.id OFFSET 0) r
                JOIN raincheck_import i ON i.id = r.file_id
                JOIN raincheck_appointmenthistory h ON h.appointment_id = NEW.id AND h.details->>'import' = i.ref::text
                WHERE true
                    AND h.event = 'import_undone' AND h.sequence = NEW.ical_sequence
                    AND i.state = 'undone' AND i.undone_at = NEW.cancelled_at AND i.imported_at = NEW.booked_at
                    AND i.undone_at - i.imported_at <= interval '1 day')
            OR EXISTS (
                SELECT 1 FROM raincheck_appointmenthistory
                WHERE appointment_id = NEW.id AND event NOT IN ('booked', 'import_undone'))
        THEN
            RAISE EXCEPTION 'nothing leaves the calendar untold'
                USING ERRCODE = '23514', CONSTRAINT = 'nothing_leaves_the_calendar_untold', TABLE = TG_TABLE_NAME;
        END IF;
        IF NOT EXISTS (SELECT 1 FROM raincheck_notificationappointment WHERE appointment_id = NEW.id) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NEW.ical_sequence <= OLD.ical_sequence
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory WHERE appointment_id = NEW.id AND sequence = NEW.ical_sequence
                AND event IN ('moved', 'declined', 'lapsed', 'cancelled', 'details_changed', 'zone_corrected', 'import_undone'))
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
# Back within its time, as the history says, and of what is taken back nobody was told.
TAKEN_BACK = """    IF NEW.status = 'scheduled' AND NEW.ical_sequence = OLD.ical_sequence + 1 AND NEW.provider_id = OLD.provider_id
        AND EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.id AND event = 'undone' AND sequence = NEW.ical_sequence AND at < OLD.release_at
                AND from_starts_at = OLD.starts_at AND to_starts_at = NEW.starts_at)
        AND NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = OLD.ical_sequence AND n.kind = 'moved' AND n.state <> 'obsolete')
    THEN
        RETURN NULL;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0080_visits_about_medicine"),
    ]

    operations = [
        migrations.RunSQL(UNTOLD.replace("@", TAKEN_BACK), UNTOLD.replace("@", "")),
        migrations.AddField(
            model_name="appointment",
            name="before",
            field=models.JSONField(
                blank=True, help_text="how it was before that, as `as_before` writes it", null=True
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="release_at",
            field=models.DateTimeField(
                blank=True,
                help_text="until then what staff did last with it can be undone, and nothing of that leaves",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("before__isnull", True), ("release_at__isnull", True)),
                    models.Q(("before__isnull", False), ("release_at__isnull", False)),
                    _connector="OR",
                ),
                name="what_can_be_undone_says_until_when",
            ),
        ),
    ]
