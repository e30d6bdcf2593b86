"""An ask can be undone until it leaves: then nobody was written to, and nothing of it is ever handed over."""

from django.db import migrations, models

ENDING = """
CREATE OR REPLACE FUNCTION an_ending_is_what_it_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked raincheck_appointment%ROWTYPE;
    true_ending boolean;
BEGIN
    SELECT * INTO booked FROM raincheck_appointment WHERE id = NEW.appointment_id;
    true_ending := CASE NEW.state
        WHEN 'moved' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.moved_to
        WHEN 'kept' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
            AND EXISTS (
                SELECT 1 FROM raincheck_appointmenthistory h JOIN raincheck_place p ON p.id = booked.place_id
                WHERE h.request_id = NEW.id AND h.event = 'kept' AND p.kind = 'telehealth'
                    AND h.details->'to_place' = to_jsonb(booked.place_id) AND h.details->'from_place' <> to_jsonb(booked.place_id))
        WHEN 'withdrawn' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'void' THEN (booked.status = 'scheduled' OR booked.outcome_at IS NOT NULL) AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'declined' THEN booked.status = 'cancelled' AND booked.cancelled_why = 'reschedule_declined'
        WHEN 'lapsed' THEN booked.status = 'cancelled' AND booked.cancelled_why IN ('reschedule_unanswered', 'reschedule_no_time')
        WHEN 'superseded' THEN EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.appointment_id AND event IN ('cancelled', 'details_changed') AND at = NEW.settled_at)@
    END;
    IF true_ending IS NOT TRUE THEN
        RAISE EXCEPTION 'an ending is what it says'
            USING ERRCODE = '23514', CONSTRAINT = 'an_ending_is_what_it_says', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
UNDONE = """
        WHEN 'undone' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
            AND NEW.settled_at < NEW.asked_at AND NEW.handed_over_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM raincheck_notification
                WHERE batch_id = NEW.batch_id AND recipient_id IS NOT NULL AND state <> 'obsolete')"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0074_kept_by_video"),
    ]

    operations = [
        migrations.RunSQL(ENDING.replace("@", UNDONE), ENDING.replace("@", "")),
        migrations.RemoveConstraint(
            model_name="appointmenthistory",
            name="a_history_row_has_a_known_event",
        ),
        migrations.RemoveConstraint(
            model_name="reschedulerequest",
            name="a_request_has_a_known_state",
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
                            "kept",
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
                            "rebook_link_sent",
                            "reminded",
                            "undone",
                        ],
                    )
                ),
                name="a_history_row_has_a_known_event",
            ),
        ),
        migrations.AddConstraint(
            model_name="reschedulerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "open",
                            "moved",
                            "kept",
                            "declined",
                            "lapsed",
                            "withdrawn",
                            "superseded",
                            "void",
                            "undone",
                        ],
                    )
                ),
                name="a_request_has_a_known_state",
            ),
        ),
    ]
