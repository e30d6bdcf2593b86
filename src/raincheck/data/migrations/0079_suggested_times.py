"""Suggested times: held inside a request, and following it wherever its deadline goes."""

from django.db import migrations, models

# Whatever moves a deadline, or makes a request wait for a person, moves what is held for it: no verb has to remember.
# The minute is the grace of a lapse. A time is every request's of its batch, so that the one that may stay open the longest
# carries it; a session longer than what is held can't have it. An expired one stays until somebody needs its time or the
# request ends, since an outage may move the deadline once it is noticed. The batch is locked: of two of its requests that
# change in the same instant the second must see what the first did.
FOLLOWING = """
CREATE FUNCTION suggested_times_follow_their_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE r.batch_id = NEW.batch_id AND h.suggested)
    THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM raincheck_reschedulebatch WHERE id = NEW.batch_id FOR NO KEY UPDATE;
    UPDATE raincheck_hold SET request_id = found.carrier, expires_at = found.until
    FROM (
        SELECT held.id, latest.id AS carrier, latest.ends_at + interval '1 minute' AS until
        FROM raincheck_hold held JOIN raincheck_reschedulerequest former ON former.id = held.request_id
        CROSS JOIN LATERAL (
            SELECT id, ends_at FROM raincheck_reschedulerequest
            WHERE batch_id = NEW.batch_id AND state = 'open'
                AND asked_ends_at - asked_starts_at <= held.ends_at - held.starts_at
            ORDER BY ends_at DESC, id DESC LIMIT 1
        ) latest
        WHERE former.batch_id = NEW.batch_id AND held.suggested
    ) found
    WHERE raincheck_hold.id = found.id
        AND (raincheck_hold.request_id, raincheck_hold.expires_at) IS DISTINCT FROM (found.carrier, found.until);
    RETURN NULL;
END $$;
CREATE TRIGGER suggested_times_follow_their_requests AFTER UPDATE ON raincheck_reschedulerequest
    FOR EACH ROW WHEN (OLD.ends_at IS DISTINCT FROM NEW.ends_at)
    EXECUTE FUNCTION suggested_times_follow_their_requests();
"""
NOT_FOLLOWING = "DROP FUNCTION suggested_times_follow_their_requests() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0078_announced_times"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("suggested", False), ("request__isnull", False), _connector="OR"),
                name="a_suggested_time_is_of_a_request",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="appointmenthistory",
            name="a_history_row_has_a_known_event",
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
                            "needed_by",
                            "reminded",
                            "undone",
                            "suggested",
                            "suggestion_taken_back",
                        ],
                    )
                ),
                name="a_history_row_has_a_known_event",
            ),
        ),
        migrations.RunSQL(FOLLOWING, NOT_FOLLOWING),
    ]
