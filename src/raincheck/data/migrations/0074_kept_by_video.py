"""Keeping the time by video: what may be held so, what was offered so, and an ending that is checked like the others."""

from django.db import migrations, models

# Kept is the same time at another place, which is by video; the history says from where to where.
ENDINGS = """
CREATE OR REPLACE FUNCTION an_ending_is_what_it_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked raincheck_appointment%ROWTYPE;
    true_ending boolean;
BEGIN
    SELECT * INTO booked FROM raincheck_appointment WHERE id = NEW.appointment_id;
    true_ending := CASE NEW.state
        WHEN 'moved' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.moved_to
KEPT
        WHEN 'withdrawn' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'void' THEN (booked.status = 'scheduled' OR booked.outcome_at IS NOT NULL) AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'declined' THEN booked.status = 'cancelled' AND booked.cancelled_why = 'reschedule_declined'
        WHEN 'lapsed' THEN booked.status = 'cancelled' AND booked.cancelled_why IN ('reschedule_unanswered', 'reschedule_no_time')
        WHEN 'superseded' THEN EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.appointment_id AND event IN ('cancelled', 'details_changed') AND at = NEW.settled_at)
    END;
    IF true_ending IS NOT TRUE THEN
        RAISE EXCEPTION 'an ending is what it says'
            USING ERRCODE = '23514', CONSTRAINT = 'an_ending_is_what_it_says', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
KEPT = """        WHEN 'kept' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
            AND EXISTS (
                SELECT 1 FROM raincheck_appointmenthistory h JOIN raincheck_place p ON p.id = booked.place_id
                WHERE h.request_id = NEW.id AND h.event = 'kept' AND p.kind = 'telehealth'
                    AND h.details->'to_place' = to_jsonb(booked.place_id) AND h.details->'from_place' <> to_jsonb(booked.place_id))
"""
WITH_KEPT = ENDINGS.replace("KEPT\n", KEPT)
WITHOUT_KEPT = ENDINGS.replace("KEPT\n", "")


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0073_times_that_never_work"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointmenthistory",
            name="a_history_row_has_a_known_event",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="a_card_has_a_known_kind",
        ),
        migrations.RemoveConstraint(
            model_name="reschedulerequest",
            name="a_request_has_a_known_state",
        ),
        migrations.AddField(
            model_name="appointmenttype",
            name="may_be_by_video",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="whether its sessions in a room may be held by video instead; no: in person needed",
            ),
        ),
        migrations.AddField(
            model_name="reschedulerequest",
            name="video_offered",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="the client may keep the time, by video; only then can it end as kept",
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
                        ],
                    )
                ),
                name="a_history_row_has_a_known_event",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "card__in",
                        [
                            "asked",
                            "moved",
                            "kept",
                            "declined",
                            "lapsed",
                            "no_time_found",
                            "withdrawn",
                            "superseded",
                            "void",
                            "none_work",
                            "cancelled",
                            "not_cancelled",
                            "booked",
                        ],
                    )
                ),
                name="a_card_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="reschedulerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["open", "moved", "kept", "declined", "lapsed", "withdrawn", "superseded", "void"],
                    )
                ),
                name="a_request_has_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="reschedulerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "kept"), _negated=True), ("video_offered", True), _connector="OR"
                ),
                name="only_what_was_offered_by_video_is_kept",
            ),
        ),
        migrations.RunSQL(WITH_KEPT, WITHOUT_KEPT),
    ]
