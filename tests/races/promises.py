"""One question for each promise that must have no row, whatever has met whatever."""

from __future__ import annotations

from django.db import connection

QUESTIONS = {
    "P1 no provider is double-booked": """
        SELECT a.id FROM raincheck_appointment a JOIN raincheck_appointment b ON a.provider_id = b.provider_id AND a.id < b.id
        WHERE a.status <> 'cancelled' AND b.status <> 'cancelled' AND a.client_id <> b.client_id AND (
            tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at - b.buffer_before, b.ends_at + b.buffer_after)
            OR tstzrange(b.starts_at, b.ends_at) && tstzrange(a.starts_at - a.buffer_before, a.ends_at + a.buffer_after))""",
    "P2 no client is in two places": """
        SELECT a.id FROM raincheck_appointment a JOIN raincheck_appointment b ON a.client_id = b.client_id AND a.id < b.id
        WHERE a.status <> 'cancelled' AND b.status <> 'cancelled'
            AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)""",
    "P3 a request has exactly one ending": """
        SELECT r.id FROM raincheck_reschedulerequest r WHERE r.state <> 'open' AND 1 <> (
            SELECT count(*) FROM raincheck_appointmenthistory h WHERE h.request_id = r.id
                AND h.event IN ('moved', 'declined', 'lapsed', 'withdrawn', 'void', 'cancelled', 'details_changed'))""",
    "P4 one open request for an appointment": """
        SELECT appointment_id FROM raincheck_reschedulerequest WHERE state = 'open' GROUP BY 1 HAVING count(*) > 1""",
    "P5 an open request is about a live appointment": """
        SELECT r.id FROM raincheck_reschedulerequest r JOIN raincheck_appointment a ON a.id = r.appointment_id
        WHERE r.state = 'open' AND (a.status <> 'scheduled' OR a.starts_at <> r.asked_starts_at)""",
    "P6 moved means moved": """
        SELECT r.id FROM raincheck_reschedulerequest r JOIN raincheck_appointmenthistory h ON h.request_id = r.id AND h.event = 'moved'
        WHERE r.state <> 'moved' OR r.moved_to <> h.to_starts_at""",
    "P9 nothing leaves the calendar untold": """
        SELECT h.id FROM raincheck_appointmenthistory h WHERE h.event IN ('moved', 'declined', 'lapsed', 'cancelled', 'zone_corrected', 'zone_clash') AND (
            SELECT count(DISTINCT n.recipient_id IS NULL) FROM raincheck_notificationappointment l
            JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = h.appointment_id AND l.sequence = h.sequence) <> 2""",
    "claims and appointments agree": """
        SELECT a.id FROM raincheck_appointment a WHERE (a.status <> 'cancelled') IS DISTINCT FROM
            ((SELECT count(*) FROM raincheck_claim c WHERE c.appointment_id = a.id) = 2)""",
}


def broken() -> dict[str, list[tuple[int, ...]]]:
    """Return each promise that is broken with the rows that show it; an empty answer is a good one."""
    found = {}
    with connection.cursor() as cursor:
        for promise, question in QUESTIONS.items():
            cursor.execute(question)
            if rows := cursor.fetchall():
                found[promise] = rows
    return found
