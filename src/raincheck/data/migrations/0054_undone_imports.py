"""Imports of appointments can be undone: what was never real is canceled for that reason, and told to whom it was told."""

from django.db import migrations, models

# Nobody hears that an appointment is off of which nobody ever heard. That it came in by mistake is proved by rows: the import
# is undone, in time, and nothing happened to the appointment in between.
TAKEN_BACK = """
CREATE OR REPLACE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'cancelled' AND NEW.cancelled_why = 'import_undone' THEN
        IF NEW.ical_sequence <> OLD.ical_sequence + 1
            OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.provider_id IS DISTINCT FROM OLD.provider_id
            OR NEW.starts_at <= NEW.cancelled_at
            OR NOT EXISTS (
                SELECT 1 FROM raincheck_importrow r JOIN raincheck_import i ON i.id = r.file_id
                JOIN raincheck_appointmenthistory h ON h.appointment_id = r.appointment_id AND h.details->>'import' = i.ref::text
                WHERE r.appointment_id = NEW.id AND h.event = 'import_undone' AND h.sequence = NEW.ical_sequence
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
NEVER_TAKEN_BACK = """
CREATE OR REPLACE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ical_sequence <= OLD.ical_sequence
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory WHERE appointment_id = NEW.id AND sequence = NEW.ical_sequence
                AND event IN ('moved', 'declined', 'lapsed', 'cancelled', 'details_changed', 'zone_corrected'))
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


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0053_erased_files"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointment",
            name="a_cancellation_has_a_known_reason",
        ),
        migrations.RemoveConstraint(
            model_name="appointmenthistory",
            name="a_history_row_has_a_known_event",
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cancelled_why__in",
                        [
                            "client",
                            "client_late",
                            "provider_clinical",
                            "provider_unavailable",
                            "no_longer_needed",
                            "provider_other",
                            "discharged",
                            "series_ended",
                            "reschedule_unanswered",
                            "reschedule_no_time",
                            "reschedule_declined",
                            "import_undone",
                        ],
                    )
                ),
                name="a_cancellation_has_a_known_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmenthistory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "event__in",
                        [
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
                            "client_wrote",
                            "needs_provider",
                            "nobody_came",
                            "deadline_moved",
                            "outage",
                            "reinstated",
                            "completed",
                            "client_no_show",
                            "provider_no_show",
                            "zone_corrected",
                            "zone_clash",
                            "import_undone",
                        ],
                    )
                ),
                name="a_history_row_has_a_known_event",
            ),
        ),
        migrations.RunSQL(TAKEN_BACK, NEVER_TAKEN_BACK),
    ]
