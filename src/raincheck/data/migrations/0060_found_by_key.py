"""What triggers look up for each row of an import they find by key, whatever the planner knows of the tables."""

from django.db import migrations

MERGED = """
CREATE OR REPLACE FUNCTION nobody_is_booked_under_a_merged_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked boolean;
BEGIN
    -- Apart: one condition for both tables would read all appointments where nothing is known yet of merged records.
    IF TG_TABLE_NAME = 'raincheck_client' THEN
        booked := EXISTS (SELECT 1 FROM raincheck_client c JOIN raincheck_appointment a ON a.client_id = c.id
            WHERE c.id = NEW.id AND c.merged_into_id IS NOT NULL);
    ELSE
        booked := EXISTS (SELECT 1 FROM raincheck_appointment a JOIN raincheck_client c ON c.id = a.client_id
            WHERE a.id = NEW.id AND c.merged_into_id IS NOT NULL);
    END IF;
    IF booked THEN
        RAISE EXCEPTION 'nobody is booked under a merged record'
            USING ERRCODE = '23514', CONSTRAINT = 'nobody_is_booked_under_a_merged_record', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
MERGED_AS_BEFORE = """
CREATE OR REPLACE FUNCTION nobody_is_booked_under_a_merged_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM raincheck_appointment a JOIN raincheck_client c ON c.id = a.client_id
        WHERE c.merged_into_id IS NOT NULL
            AND CASE TG_TABLE_NAME WHEN 'raincheck_client' THEN c.id = NEW.id ELSE a.id = NEW.id END)
    THEN
        RAISE EXCEPTION 'nobody is booked under a merged record'
            USING ERRCODE = '23514', CONSTRAINT = 'nobody_is_booked_under_a_merged_record', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
UNTOLD = """
CREATE OR REPLACE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'cancelled' AND NEW.cancelled_why = 'import_undone' THEN
        IF NEW.ical_sequence <> OLD.ical_sequence + 1
            OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.provider_id IS DISTINCT FROM OLD.provider_id
            OR NEW.starts_at <= NEW.cancelled_at
            OR NOT EXISTS (
                @
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
# OFFSET 0 keeps the look-up for itself: joined, all rows of the file were read for each of its appointments.
BY_KEY = """SELECT 1 FROM (SELECT file_id FROM raincheck_importrow WHERE appointment_id = NEW.id OFFSET 0) r
                JOIN raincheck_import i ON i.id = r.file_id
                JOIN raincheck_appointmenthistory h ON h.appointment_id = NEW.id AND h.details->>'import' = i.ref::text
                WHERE true"""
JOINED = """SELECT 1 FROM raincheck_importrow r JOIN raincheck_import i ON i.id = r.file_id
                JOIN raincheck_appointmenthistory h ON h.appointment_id = r.appointment_id AND h.details->>'import' = i.ref::text
                WHERE r.appointment_id = NEW.id"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0059_after_the_session")]
    operations = [
        migrations.RunSQL(MERGED, MERGED_AS_BEFORE),
        migrations.RunSQL(UNTOLD.replace("@", BY_KEY), UNTOLD.replace("@", JOINED)),
    ]
