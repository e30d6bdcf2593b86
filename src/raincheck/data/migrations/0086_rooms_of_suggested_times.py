"""A suggested time that another request carries from now on gives back the room of the one before."""

from django.db import migrations

FOLLOWING = """
CREATE OR REPLACE FUNCTION suggested_times_follow_their_requests() RETURNS trigger LANGUAGE plpgsql AS $$
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
{rooms}    RETURN NULL;
END $$;
"""
# Given back alone, which nobody can stand in the way of. The room of the one that carries it now may be taken: who chooses the
# time claims it.
ROOMS = """    UPDATE raincheck_claim SET room_id = NULL, room_lane = NULL
    FROM raincheck_hold held JOIN raincheck_reschedulerequest carrier ON carrier.id = held.request_id
        JOIN raincheck_appointment asked ON asked.id = carrier.appointment_id
    WHERE raincheck_claim.hold_id = held.id AND held.suggested AND carrier.batch_id = NEW.batch_id
        AND raincheck_claim.room_id <> asked.place_id;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0085_own_holds")]

    operations = [migrations.RunSQL(FOLLOWING.format(rooms=ROOMS), FOLLOWING.format(rooms=""))]
