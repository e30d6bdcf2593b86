"""One question for each promise that must have no row, whatever has met whatever. It asks a database, and nothing of the product.

Every answer begins with the number of a practice (0 when it belongs to none), so that of many histories in one
database the guilty one is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Cursor(Protocol):
    """A cursor of psycopg's, or of Django's around one."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...
    def fetchall(self) -> Sequence[Any]: ...


Rows = list[tuple[Any, ...]]

# Taken time by the days it touches, so that only neighbours are compared: sessions are shorter than a day.
TAKEN = """
    taken AS (
        SELECT practice_id, 'appointment' AS kind, id, provider_id, client_id, starts_at, ends_at, buffer_before, buffer_after
            FROM raincheck_appointment WHERE status <> 'cancelled'
        UNION ALL SELECT practice_id, 'hold', id, provider_id, client_id, starts_at, ends_at, buffer_before, buffer_after FROM raincheck_hold),
    days AS (
        SELECT taken.*, day FROM taken, generate_series(
            date_trunc('day', starts_at - buffer_before, 'UTC'), ends_at + buffer_after, interval '24 hours') AS day)"""
CLAIMED = """
    SELECT {what}.practice_id, {what}.id, {live} AS live, count(c.id) AS present, count(c.id) FILTER (
        WHERE c.provider_id = {what}.provider_id AND c.client_id = {what}.client_id AND c.span = CASE c.part
            WHEN 'session' THEN tstzrange({what}.starts_at, {what}.ends_at)
            ELSE tstzrange({what}.starts_at - {what}.buffer_before, {what}.ends_at + {what}.buffer_after) END) AS fitting
    FROM raincheck_{what} {what} LEFT JOIN raincheck_claim c ON c.{what}_id = {what}.id GROUP BY {what}.id"""
ENDINGS = "('moved', 'kept', 'declined', 'lapsed', 'withdrawn', 'void', 'cancelled', 'details_changed', 'superseded', 'undone')"
CHANGES = "('moved', 'kept', 'declined', 'lapsed', 'cancelled', 'details_changed', 'zone_corrected', 'zone_clash', 'import_undone')"
STATUS_EVENTS = "('booked', 'reinstated', 'moved', 'declined', 'lapsed', 'cancelled', 'completed', 'client_no_show', 'provider_no_show', 'import_undone', 'undone')"
ONLY_WHILE_OPEN = (
    "('asked', 'request_reminder', 'deadline_moved', 'suggested', 'spared', 'outage', 'still_waiting')"
)
# Whoever waits for a code asks again; the others stand on the page of people, and those about second steps on their person's own.
SHOWN_WITHOUT_A_TASK = "('sign_in_code', 'invitation', 'second_factor_changed', 'second_factor_reset')"
# Of a discharge a person may tell the client themselves: what would have been sent is kept, and nothing is. By the history,
# since who is brought back may get the appointment back.
TOLD_BY_A_PERSON = """(n.kind = 'cancelled' AND n.recipient_id IS NOT NULL AND n.attempts = 0 AND EXISTS (
    SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_appointmenthistory h ON h.appointment_id = l.appointment_id
    WHERE l.notification_id = n.id AND l.sequence = h.sequence AND h.event = 'cancelled' AND h.details->>'why' = 'discharged'))"""
UNDONE = """(EXISTS (SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_reschedulerequest r ON r.id = l.request_id
    WHERE l.notification_id = n.id AND r.state = 'undone') OR (n.kind IN ('moved', 'cancelled') AND EXISTS (
    SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_appointmenthistory h ON h.appointment_id = l.appointment_id
    WHERE l.notification_id = n.id AND h.event = 'undone' AND h.request_id IS NULL AND l.sequence = h.sequence - 1)))"""
POLICY = "make_interval(secs => coalesce((p.policy->>'{name}')::float, {default}))"
GUARDED = (
    "appointmenthistory",
    "availabilityhistory",
    "clienthistory",
    "practicehistory",
    "rightshistory",
)

KEYS: Mapping[str, Mapping[str, str]] = {
    "appointment": {
        "provider": "provider",
        "client": "client",
        "type": "appointmenttype",
        "place": "place",
        "series": "series",
    },
    "appointmenthistory": {"appointment": "appointment", "request": "reschedulerequest"},
    "availabilityhistory": {"provider": "provider"},
    "busycalendar": {"provider": "provider"},
    "busytime": {"calendar": "busycalendar", "provider": "provider"},
    "pushedevent": {"push": "calendarpush", "appointment": "appointment"},
    "calendarfeed": {"provider": "provider", "client": "client"},
    "calendarpush": {"provider": "provider", "calendar": "busycalendar"},
    "claim": {
        "provider": "provider",
        "client": "client",
        "appointment": "appointment",
        "hold": "hold",
        "room": "place",
    },
    "client": {"usual_provider": "provider", "merged_into": "client"},
    "clienthistory": {"client": "client"},
    "clientmerge": {"kept": "client", "gone": "client"},
    "conversation": {"provider": "provider", "client": "client"},
    "deliveryattempt": {"notification": "notification"},
    "differentpeople": {"one": "client", "other": "client"},
    "emergencyaccess": {
        "conversation": "conversation",
        "manager": "membership",
        "reason": "emergencyreason",
    },
    "hold": {
        "provider": "provider",
        "client": "client",
        "request": "reschedulerequest",
        "appointment": "appointment",
        "offer": "rebookoffer",
    },
    "importrow": {
        "file": "import",
        "client": "client",
        "appointment": "appointment",
        "earlier": "appointment",
    },
    "link": {
        "recipient": "recipient",
        "client": "client",
        "batch": "reschedulebatch",
        "rebook_offer": "rebookoffer",
        "appointment": "appointment",
        "conversation": "conversation",
        "attempt": "deliveryattempt",
    },
    "membership": {"provider": "provider", "client": "client"},
    "message": {
        "conversation": "conversation",
        "recipient": "recipient",
        "batch": "reschedulebatch",
        "appointment": "appointment",
    },
    "notification": {
        "recipient": "recipient",
        "provider": "provider",
        "batch": "reschedulebatch",
        "rebook_offer": "rebookoffer",
        "appointment": "appointment",
        "conversation": "conversation",
    },
    "notificationappointment": {
        "notification": "notification",
        "appointment": "appointment",
        "request": "reschedulerequest",
    },
    "outofoffice": {"provider": "provider", "batch": "reschedulebatch"},
    "practicehistory": {"type": "appointmenttype", "place": "place"},
    "rebookoffer": {
        "appointment": "appointment",
        "provider": "provider",
        "client": "client",
        "type": "appointmenttype",
        "place": "place",
        "booked": "appointment",
    },
    "recipient": {"client": "client"},
    "reschedulebatch": {"provider": "provider", "client": "client"},
    "reschedulerequest": {
        "batch": "reschedulebatch",
        "appointment": "appointment",
        "provider": "provider",
        "client": "client",
    },
    "series": {
        "provider": "provider",
        "client": "client",
        "type": "appointmenttype",
        "place": "place",
    },
    "quarantined": {
        "provider": "provider",
        "request": "reschedulerequest",
        "appointment": "appointment",
    },
    "task": {
        "provider": "provider",
        "client": "client",
        "appointment": "appointment",
        "request": "reschedulerequest",
        "notification": "notification",
        "calendar": "busycalendar",
        "series": "series",
    },
}
"""Every column that points at another row of its practice: table, column (without `_id`), table it points at."""

QUESTIONS: dict[str, str] = {
    "P1 no provider is double-booked": f"""
        WITH {TAKEN} SELECT DISTINCT a.practice_id, a.kind, a.id, b.kind, b.id FROM days a
        JOIN days b USING (provider_id, day) WHERE a.client_id <> b.client_id AND (a.kind, a.id) < (b.kind, b.id) AND (
            tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at - b.buffer_before, b.ends_at + b.buffer_after)
            OR tstzrange(b.starts_at, b.ends_at) && tstzrange(a.starts_at - a.buffer_before, a.ends_at + a.buffer_after))""",
    "P1 what is taken is claimed, and nothing else": f"""
        SELECT practice_id, id FROM (
            {CLAIMED.format(what="appointment", live="(appointment.status <> 'cancelled' AND appointment.claims_pruned_at IS NULL)")}
            UNION ALL {CLAIMED.format(what="hold", live="true")}) claims
        WHERE (present, fitting) <> (CASE WHEN live THEN 2 ELSE 0 END, CASE WHEN live THEN 2 ELSE 0 END)""",
    "P2 no client is in two places": f"""
        WITH {TAKEN} SELECT DISTINCT a.practice_id, a.id, b.id FROM days a JOIN days b USING (client_id, day)
        WHERE a.kind = 'appointment' AND b.kind = 'appointment' AND a.id < b.id
            AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)""",
    "P3 a request has one beginning and exactly one ending": f"""
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r
        LEFT JOIN raincheck_appointmenthistory h ON h.request_id = r.id GROUP BY r.id
        HAVING count(h.id) FILTER (WHERE h.event = 'asked') <> 1
            OR count(h.id) FILTER (WHERE h.event IN {ENDINGS}) <> (r.state <> 'open')::int
            OR count(h.id) FILTER (WHERE h.event IN {ENDINGS} AND (
                (h.event <> r.state AND NOT (r.state = 'superseded' AND h.event IN ('cancelled', 'details_changed')))
                OR (h.appointment_id, h.at, h.actor_kind) IS DISTINCT FROM (r.appointment_id, r.settled_at, r.settled_by))) > 0""",
    "P4 one open request for an appointment": """
        SELECT min(practice_id), appointment_id FROM raincheck_reschedulerequest WHERE state = 'open'
        GROUP BY appointment_id HAVING count(*) > 1""",
    "P5 an open request is about a live appointment as it was asked about": """
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r JOIN raincheck_appointment a ON a.id = r.appointment_id
        WHERE r.state = 'open' AND (a.status, a.starts_at, a.ends_at, a.provider_id, a.client_id)
            IS DISTINCT FROM ('scheduled', r.asked_starts_at, r.asked_ends_at, r.provider_id, r.client_id)""",
    "P6 an ending is what it says": """
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r JOIN raincheck_appointmenthistory h ON h.request_id = r.id
        WHERE (h.event = 'moved' AND (h.from_starts_at, h.from_ends_at, h.to_starts_at, h.to_ends_at) IS DISTINCT FROM
                (r.asked_starts_at, r.asked_ends_at, r.moved_to, r.moved_to + (r.asked_ends_at - r.asked_starts_at)))
            OR (h.event IN ('kept', 'withdrawn', 'void', 'undone', 'declined', 'lapsed') AND (h.from_starts_at, h.to_starts_at, h.to_ends_at)
                IS DISTINCT FROM (NULL::timestamptz, r.asked_starts_at, r.asked_ends_at))
            OR (h.event = 'kept' AND (NOT r.video_offered OR h.details->'from_place' = h.details->'to_place' OR NOT EXISTS (
                SELECT 1 FROM raincheck_place p WHERE to_jsonb(p.id) = h.details->'to_place' AND p.practice_id = r.practice_id
                    AND p.kind = 'telehealth')))
            OR (h.event = 'declined' AND h.details->>'why' IS DISTINCT FROM 'reschedule_declined')
            OR (h.event = 'lapsed' AND h.details->>'why' IS DISTINCT FROM
                CASE WHEN r.client_wrote_at IS NULL THEN 'reschedule_unanswered' ELSE 'reschedule_no_time' END)""",
    "P6 an appointment is as its history says": f"""
        WITH latest AS (SELECT DISTINCT ON (appointment_id) * FROM raincheck_appointmenthistory ORDER BY appointment_id, id DESC),
            standing AS (SELECT DISTINCT ON (appointment_id) appointment_id, event FROM raincheck_appointmenthistory
                WHERE event IN {STATUS_EVENTS} ORDER BY appointment_id, id DESC)
        SELECT a.practice_id, a.id FROM raincheck_appointment a
        LEFT JOIN latest h ON h.appointment_id = a.id LEFT JOIN standing s ON s.appointment_id = a.id
        WHERE (h.to_starts_at, h.to_ends_at, h.sequence) IS DISTINCT FROM (a.starts_at, a.ends_at, a.ical_sequence)
            OR a.status IS DISTINCT FROM CASE WHEN s.event IN ('booked', 'reinstated', 'undone', 'moved') THEN 'scheduled'
                WHEN s.event IN ('cancelled', 'declined', 'lapsed', 'import_undone') THEN 'cancelled' ELSE s.event END""",
    "P6 what was kept by video is where it was kept until the practice changes it": """
        WITH placed AS (SELECT DISTINCT ON (appointment_id) * FROM raincheck_appointmenthistory
            WHERE event IN ('kept', 'details_changed') ORDER BY appointment_id, id DESC)
        SELECT a.practice_id, a.id FROM raincheck_appointment a JOIN placed h ON h.appointment_id = a.id
        WHERE h.event = 'kept' AND h.details->'to_place' IS DISTINCT FROM to_jsonb(a.place_id)""",
    # One that moved by itself, and one that was cancelled, keep the wall time that their series gave them.
    "P6 an occurrence is as its series says": """
        SELECT a.practice_id, a.id FROM raincheck_appointment a JOIN raincheck_series s ON s.id = a.series_id,
            LATERAL (SELECT a.recurrence_id::date - s.begins_on AS days) since
        WHERE (a.provider_id, a.client_id, a.recurrence_id::time) <> (s.provider_id, s.client_id, s.wall_time)
            OR days < 0 OR days % (7 * s.every_weeks) <> 0 OR days / (7 * s.every_weeks) >= s.count""",
    "P6 a time that was asked about costs nothing": """
        SELECT a.practice_id, a.id FROM raincheck_appointment a JOIN raincheck_reschedulerequest r ON r.appointment_id = a.id
        WHERE a.fee_allowed AND r.asked_starts_at = a.starts_at""",
    "P7 an answer that was confirmed is the ending": """
        SELECT r.practice_id, r.id FROM raincheck_idempotencykey k JOIN raincheck_reschedulerequest r ON r.ref::text = k.answer->>'request'
        WHERE k.answer ? 'state' AND k.answer->>'state' <> r.state""",
    "P8 nothing lapses early, or once it has begun": """
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r WHERE (r.state = 'lapsed' AND (
                r.settled_at < r.deadline_at + interval '1 minute' OR r.handed_over_at IS NULL OR r.handed_over_at >= r.deadline_at
                OR EXISTS (SELECT 1 FROM raincheck_hold h WHERE h.request_id = r.id AND NOT h.suggested
                    AND h.began_at < r.deadline_at AND h.expires_at + interval '1 minute' > r.settled_at)))
            OR (r.state <> 'open' AND (r.state = 'void') <> (r.settled_at >= r.asked_starts_at))""",
    "P9 nothing leaves the calendar untold": f"""
        SELECT h.practice_id, h.id FROM raincheck_appointmenthistory h
        LEFT JOIN raincheck_notificationappointment l ON l.appointment_id = h.appointment_id AND l.sequence = h.sequence
        LEFT JOIN raincheck_notification n ON n.id = l.notification_id AND n.made_at = h.at
        WHERE h.event IN {CHANGES} AND (h.event <> 'details_changed' OR h.from_starts_at IS NOT NULL) GROUP BY h.id
        HAVING (count(n.recipient_id) = 0 OR count(n.provider_id) = 0) AND NOT (h.event = 'import_undone' AND NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment o WHERE o.appointment_id = h.appointment_id))""",
    "P10 a message was accepted, is shown as failed, or became obsolete": f"""
        SELECT n.practice_id, n.id FROM raincheck_notification n WHERE CASE
            WHEN n.channel = 'in_app' THEN n.state <> CASE WHEN {UNDONE} THEN 'obsolete' ELSE 'handed_over' END
            WHEN n.state = 'handed_over' THEN NOT EXISTS (
                SELECT 1 FROM raincheck_deliveryattempt t WHERE t.notification_id = n.id AND t.outcome = 'accepted')
            WHEN n.state = 'failed' THEN n.kind NOT IN {SHOWN_WITHOUT_A_TASK} AND NOT EXISTS (
                SELECT 1 FROM raincheck_task t WHERE t.notification_id = n.id AND t.kind = 'not_delivered')
            WHEN n.state = 'obsolete' THEN n.kind NOT IN {ONLY_WHILE_OPEN} AND NOT {UNDONE}
                AND n.kind NOT IN ('appointment_reminder', 'sign_in_code', 'invitation')
                AND NOT {TOLD_BY_A_PERSON}
            ELSE false END""",
    "P11 no prompt or reminder goes out after the end": f"""
        SELECT n.practice_id, n.id FROM raincheck_notification n JOIN raincheck_deliveryattempt t ON t.notification_id = n.id
        JOIN raincheck_notificationappointment l ON l.notification_id = n.id JOIN raincheck_reschedulerequest r ON r.id = l.request_id
        WHERE n.kind IN {ONLY_WHILE_OPEN} AND t.outcome = 'accepted' GROUP BY n.id, t.id
        HAVING bool_and(r.state <> 'open') AND t.at > max(r.settled_at) + interval '5 minutes'
        UNION ALL SELECT n.practice_id, n.id FROM raincheck_notification n JOIN raincheck_deliveryattempt t ON t.notification_id = n.id
        JOIN raincheck_notificationappointment l ON l.notification_id = n.id
        JOIN raincheck_appointmenthistory h ON h.appointment_id = l.appointment_id
        WHERE n.kind = 'appointment_reminder' AND t.outcome = 'accepted' AND h.event IN {CHANGES} AND h.event <> 'zone_clash'
            AND (h.event <> 'details_changed' OR h.from_starts_at <> h.to_starts_at)
            AND h.at > n.made_at AND t.at > h.at + interval '5 minutes'""",
    "P11 nothing was handed over of what was undone": f"""
        SELECT n.practice_id, n.id FROM raincheck_notification n WHERE {UNDONE}
            AND (n.state <> 'obsolete' OR EXISTS (SELECT 1 FROM raincheck_deliveryattempt t WHERE t.notification_id = n.id))""",
    "P12 no hold outlives its request": """
        SELECT h.practice_id, h.id FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id WHERE r.state <> 'open'""",
    "P12 a suggested time ends with the last of its requests that it suits, and the grace": """
        SELECT h.practice_id, h.id FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE h.suggested AND h.expires_at IS DISTINCT FROM (
            SELECT max(o.ends_at) + interval '1 minute' FROM raincheck_reschedulerequest o WHERE o.batch_id = r.batch_id
                AND o.state = 'open' AND o.asked_ends_at - o.asked_starts_at <= h.ends_at - h.starts_at)""",
    "P13 what was acknowledged is there": """
        SELECT 0, k.id, said.name FROM raincheck_idempotencykey k, jsonb_each_text(k.answer) AS said(name, ref) WHERE NOT CASE said.name
            WHEN 'appointment' THEN EXISTS (SELECT 1 FROM raincheck_appointment x WHERE x.ref::text = said.ref)
            WHEN 'request' THEN EXISTS (SELECT 1 FROM raincheck_reschedulerequest x WHERE x.ref::text = said.ref)
            WHEN 'batch' THEN EXISTS (SELECT 1 FROM raincheck_reschedulebatch x WHERE x.ref::text = said.ref)
            WHEN 'offer' THEN EXISTS (SELECT 1 FROM raincheck_rebookoffer x WHERE x.ref::text = said.ref)
            WHEN 'block' THEN EXISTS (SELECT 1 FROM raincheck_outofoffice x WHERE x.ref::text = said.ref)
            WHEN 'conversation' THEN EXISTS (SELECT 1 FROM raincheck_conversation x WHERE x.ref::text = said.ref)
            WHEN 'message' THEN EXISTS (SELECT 1 FROM raincheck_message x WHERE x.ref::text = said.ref)
            ELSE true END""",
    "P14 a key has acted once and has its answer": """
        SELECT 0, min(id) FROM raincheck_idempotencykey GROUP BY actor, key HAVING count(*) > 1 OR bool_or(answer IS NULL)""",
    "P14 nothing happens to an appointment twice": f"""
        SELECT min(practice_id), appointment_id, sequence FROM raincheck_appointmenthistory
        WHERE event IN {CHANGES} OR event = 'booked' GROUP BY appointment_id, sequence HAVING count(*) > 1""",
    # That a request still waits is told every half hour, and an appointment reminded of twice, each time once.
    "P14 nobody is told of one thing twice": """
        SELECT min(n.practice_id), min(n.id), max(n.id) FROM raincheck_notification n
        JOIN raincheck_notificationappointment l ON l.notification_id = n.id
        WHERE n.kind NOT IN ('request_reminder', 'deadline_moved', 'suggested', 'outage', 'none_work', 'message', 'sign_in_code', 'invitation')
        GROUP BY n.recipient_id, n.provider_id, n.user_id, n.channel, n.kind, l.appointment_id, l.sequence, l.request_id,
            CASE WHEN n.kind IN ('still_waiting', 'appointment_reminder') THEN n.made_at END
        HAVING count(*) > 1""",
    "P14 an appointment is reminded of once for each mark": """
        SELECT min(n.practice_id), l.appointment_id, count(*) FROM raincheck_notification n
        JOIN raincheck_notificationappointment l ON l.notification_id = n.id WHERE n.kind = 'appointment_reminder'
        GROUP BY n.recipient_id, n.channel, l.appointment_id
        HAVING count(*) > 2 * (1 + (SELECT count(*) FROM raincheck_appointmenthistory h WHERE h.appointment_id = l.appointment_id
            AND (h.event = 'reinstated' OR h.from_starts_at <> h.to_starts_at)))""",
    "P15 the history has no gap": f"""
        WITH chain AS (SELECT h.*, row_number() OVER own AS place, lag(sequence) OVER own AS former,
                lag(to_starts_at) OVER own AS former_start, lag(to_ends_at) OVER own AS former_end
            FROM raincheck_appointmenthistory h WINDOW own AS (PARTITION BY appointment_id ORDER BY id))
        SELECT practice_id, id FROM chain WHERE CASE WHEN place = 1 THEN (event, sequence) <> ('booked', 0) ELSE
            event = 'booked' OR coalesce(from_starts_at, to_starts_at) <> former_start
            OR (coalesce(from_ends_at, to_ends_at) <> former_end AND (event <> 'details_changed' OR from_ends_at IS NOT NULL))
            OR (event <> 'reinstated' AND sequence - former <> (event IN {CHANGES} OR (event = 'undone' AND request_id IS NULL))::int) END""",
    "P15 the history is guarded": f"""
        SELECT 0, guarded.name, wanted.name FROM unnest(ARRAY['{"', '".join(GUARDED)}']) AS guarded(name)
        CROSS JOIN unnest(ARRAY['the_history_is_append_only', 'the_history_is_never_emptied']) AS wanted(name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relname = 'raincheck_' || guarded.name AND t.tgname = wanted.name AND t.tgenabled IN ('O', 'A'))""",
    "P15 the read log is guarded": """
        SELECT 0, 'readlog', wanted.name
        FROM unnest(ARRAY['the_read_log_is_append_only', 'the_read_log_is_never_emptied']) AS wanted(name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relname = 'raincheck_readlog' AND t.tgname = wanted.name AND t.tgenabled IN ('O', 'A'))""",
    "P16 the answer window is elapsed time": f"""
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r JOIN raincheck_practice p ON p.id = r.practice_id
        JOIN raincheck_appointmenthistory h ON h.request_id = r.id AND h.event = 'asked'
        WHERE r.first_deadline_at <> least(
                r.asked_at + {POLICY.format(name="answer_window", default=48 * 3600)}, h.to_starts_at - {POLICY.format(name="lead", default=2 * 3600)})
            AND NOT EXISTS (SELECT 1 FROM raincheck_practicehistory c WHERE c.practice_id = p.id AND c.event = 'rules_changed')""",
    "P16 a deadline moves only as the history says, and later": """
        WITH said AS (SELECT DISTINCT ON (request_id) request_id, (details->>'to')::timestamptz AS moved_to
            FROM raincheck_appointmenthistory WHERE event IN ('deadline_moved', 'outage') AND details ? 'to' ORDER BY request_id, id DESC)
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r LEFT JOIN said s ON s.request_id = r.id
        WHERE r.needs_provider IS NULL AND (r.deadline_at <> coalesce(s.moved_to, r.first_deadline_at)
            OR r.deadline_at < r.first_deadline_at OR r.deadline_at > r.asked_starts_at - interval '2 hours')""",
    "P17 no row points into another practice": " UNION ALL ".join(
        f"SELECT c.practice_id, '{child}.{column}', c.id FROM raincheck_{child} c JOIN raincheck_{parent} p ON p.id = c.{column}_id"
        " WHERE p.practice_id <> c.practice_id"
        for child, columns in KEYS.items()
        for column, parent in columns.items()
    ),
    # Two that overlapped when the room was ticked have lanes of their own, both of them; a hold that has ended gave its room back.
    "P19 no room that holds one session at a time holds two": """
        WITH here AS (
            SELECT c.practice_id, c.id, c.client_id, c.span, a.place_id, coalesce(NOT lower_inf(c.room_lane), false) AS shares
            FROM raincheck_claim c LEFT JOIN raincheck_hold h ON h.id = c.hold_id LEFT JOIN raincheck_reschedulerequest r ON r.id = h.request_id
            JOIN raincheck_appointment a ON a.id = coalesce(c.appointment_id, r.appointment_id)
            JOIN raincheck_place p ON p.id = a.place_id AND p.one_at_a_time
            WHERE c.part = 'session' AND (c.hold_id IS NULL OR c.room_id IS NOT NULL))
        SELECT a.practice_id, a.id, b.id FROM here a JOIN here b USING (place_id)
        WHERE a.id < b.id AND a.client_id <> b.client_id AND a.span && b.span AND NOT (a.shares AND b.shares)""",
    "P18 no ask is half done": """
        SELECT b.practice_id, b.id FROM raincheck_reschedulebatch b WHERE NOT EXISTS (
                SELECT 1 FROM raincheck_reschedulerequest r WHERE r.batch_id = b.id)
            OR NOT EXISTS (SELECT 1 FROM raincheck_notification n WHERE n.batch_id = b.id AND n.kind = 'asked')""",
}

OVERDUE: dict[str, str] = {
    "P8 what may lapse has lapsed within five minutes": """
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r
        WHERE r.state = 'open' AND r.needs_provider IS NULL AND r.deadline_at < %(now)s - interval '5 minutes' AND NOT EXISTS (
            SELECT 1 FROM raincheck_hold h WHERE h.request_id = r.id AND NOT h.suggested AND h.began_at < r.deadline_at
                AND h.expires_at > %(now)s - interval '5 minutes')""",
    "P8 a request whose time has come is void": """
        SELECT practice_id, id FROM raincheck_reschedulerequest
        WHERE state = 'open' AND asked_starts_at < %(now)s - interval '5 minutes'""",
    "P10 a prompt that nobody took over is shown to a person": """
        SELECT r.practice_id, r.id FROM raincheck_reschedulerequest r WHERE r.state = 'open' AND r.handed_over_at IS NULL
            AND r.asked_at < %(now)s - interval '20 minutes' AND (
                SELECT bool_and(n.channel = 'sms' AND n.state = 'waiting' AND n.attempts = 0 AND n.due_at > %(now)s - interval '20 minutes')
                FROM raincheck_notification n WHERE n.batch_id = r.batch_id AND n.kind = 'asked' AND n.recipient_id IS NOT NULL
            ) IS NOT TRUE AND NOT EXISTS (
                SELECT 1 FROM raincheck_task t LEFT JOIN raincheck_reschedulerequest o ON o.id = t.request_id
                WHERE t.kind IN ('not_delivered', 'link_not_theirs') AND o.batch_id = r.batch_id)""",
    "P10 no message waits longer than it is retried": """
        SELECT practice_id, id FROM raincheck_notification
        WHERE state = 'waiting' AND greatest(due_at, give_up_at) < %(now)s - interval '5 minutes'""",
    "P10 no message is put off for more than a day": """
        SELECT practice_id, id FROM raincheck_notification WHERE state = 'waiting' AND due_at > %(now)s + interval '1 day'""",
    "P12 a hold that has ended is gone": """
        SELECT h.practice_id, h.id FROM raincheck_hold h LEFT JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE h.expires_at < %(now)s - interval '5 minutes' AND NOT (h.suggested AND r.state = 'open')""",
}
"""What a service that runs does within five minutes. Ask only when it had them."""


def broken_in(cursor: Cursor) -> dict[str, Rows]:
    """Return each promise that is broken with the rows that show it; an empty answer is a good one."""
    return _answered(cursor, QUESTIONS, None)


def overdue_in(cursor: Cursor, *, now: datetime) -> dict[str, Rows]:
    """Return what should have happened by the business time `now`, were the service running without a pause."""
    return _answered(cursor, OVERDUE, {"now": now})


def broken() -> dict[str, Rows]:
    """Ask the database that Django is connected to."""
    from django.db import connection

    with connection.cursor() as cursor:
        return broken_in(cursor)


def _answered(
    cursor: Cursor, questions: Mapping[str, str], values: Mapping[str, object] | None
) -> dict[str, Rows]:
    found = {}
    for promise, question in questions.items():
        cursor.execute(question, values)
        if rows := [tuple(row) for row in cursor.fetchall()]:
            found[promise] = rows
    return found
