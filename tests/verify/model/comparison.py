"""Holds the real rows against the model's: every difference is named."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from tests.verify.model import open_times, suggest_law
from tests.verify.model.own_connection import rows
from tests.verify.model.world import Asked, Note, Offer, Session, Task, World

HOUR = timedelta(hours=1)

SESSIONS = """SELECT id, provider_id, client_id, type_id, place_id, starts_at, ends_at, status, cancelled_by, cancelled_why, cancelled_at,
    fee_allowed, ical_sequence, join_url, series_id, recurrence_id, needed_by, needed_for, outcome_at, outcome_by_kind, outcome_by
    FROM raincheck_appointment ORDER BY id"""
SERIES = """SELECT id, provider_id, client_id, type_id, every_weeks, begins_on + wall_time, length, count, ends_on, made_until, join_url,
    ical_sequence FROM raincheck_series ORDER BY id"""
REQUESTS = """SELECT id, appointment_id, batch_id, state, asked_at, asked_starts_at, asked_ends_at, deadline_at, last_minute, video_offered, spared,
    handed_over_at, client_wrote_at, needs_provider, reminders_sent, reminded_by_hand, extended_at, time_given_back, time_lost, settled_at, settled_by, moved_to
    FROM raincheck_reschedulerequest ORDER BY id"""
CLAIMS = """SELECT appointment_id, part, lower(span), upper(span) FROM raincheck_claim WHERE hold_id IS NULL
    ORDER BY appointment_id, part"""
BLOCKS = (
    "SELECT id, starts_at, ends_at, batch_id, edited_at, removed_at FROM raincheck_outofoffice ORDER BY id"
)
OFFERS = "SELECT appointment_id, expires_at, booked_id FROM raincheck_rebookoffer ORDER BY appointment_id"
HOLDS = """SELECT h.ref, h.request_id, h.appointment_id, o.appointment_id, h.client_id, h.starts_at, h.ends_at, h.buffer_before, h.buffer_after,
    h.began_at, h.expires_at, h.renewals FROM raincheck_hold h LEFT JOIN raincheck_rebookoffer o ON o.id = h.offer_id
    WHERE h.expires_at > %s AND NOT suggested ORDER BY h.ref"""
SUGGESTED = """SELECT h.ref, r.batch_id, h.client_id, h.starts_at, h.ends_at, h.buffer_before, h.buffer_after, h.began_at, h.expires_at
    FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id WHERE h.suggested ORDER BY r.batch_id, h.starts_at"""
HELD = """SELECT c.part, lower(c.span), upper(c.span), c.client_id FROM raincheck_claim c JOIN raincheck_hold h ON h.id = c.hold_id
    WHERE h.expires_at > %s"""
EVENTS = "SELECT appointment_id, event FROM raincheck_appointmenthistory"
TASKS = """SELECT kind, provider_id, client_id, request_id, notification_id, appointment_id FROM raincheck_task
    WHERE done_at IS NULL"""
NOTES = """SELECT n.id, n.kind, CASE WHEN r.id IS NOT NULL THEN 'client' WHEN n.provider_id IS NOT NULL THEN 'provider' ELSE 'manager' END,
    coalesce(r.client_id, n.provider_id, (SELECT m.id FROM raincheck_membership m WHERE m.user_id = n.user_id AND m.role = 'manager')),
    n.channel, n.made_at, n.due_at, n.give_up_at, n.state, n.attempts,
    ARRAY(SELECT l.appointment_id FROM raincheck_notificationappointment l WHERE l.notification_id = n.id ORDER BY 1)
    FROM raincheck_notification n LEFT JOIN raincheck_recipient r ON r.id = n.recipient_id ORDER BY n.id"""


RECORDS = """SELECT c.id, c.practice_id, c.first_name, c.goes_by, c.discharged_at, c.archived_at, c.merged_into_id, r.email,
    ARRAY(SELECT h.event FROM raincheck_clienthistory h WHERE h.client_id = c.id ORDER BY h.id)
    FROM raincheck_client c JOIN raincheck_recipient r ON r.client_id = c.id AND r.is_client ORDER BY c.id"""
FILES = "SELECT ref, practice_id, state, imported_at FROM raincheck_import ORDER BY id"
INVITED = """SELECT ref, practice_id, email, CASE WHEN used_at IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'revoked'
    ELSE 'open' END FROM raincheck_invitation ORDER BY id"""
WORKS = """SELECT u.email, m.practice_id, m.ended_at IS NULL FROM raincheck_membership m JOIN raincheck_user u ON u.id = m.user_id
    WHERE m.role = 'scheduler' ORDER BY 1, 2"""


def same(world: World) -> None:
    """Assert that the database says what the model says."""
    _records(world)
    _sessions(world)
    _series(world)
    _requests(world)
    _blocks_and_offers(world)
    _holds(world)
    _notes(world)
    _tasks(world)


def _records(world: World) -> None:
    expected = [
        (
            record.number,
            record.practice,
            record.first_name,
            record.goes_by,
            record.discharged_at,
            record.archived_at,
            record.into.number if record.into else None,
            record.email,
            record.events,
        )
        for record in world.records
    ]
    assert rows(RECORDS) == expected, "records of clients"
    files = [(file.ref, file.practice, file.state, file.imported_at) for file in world.files]
    assert rows(FILES) == files, "files"
    invited = [(one.ref, one.practice, one.email, one.state) for one in world.invited]
    assert rows(INVITED) == invited, "invitations"
    works = [(email, practice, live) for (email, practice), live in sorted(world.works.items())]
    assert rows(WORKS) == works, "who works where"


def _sessions(world: World) -> None:
    expected = [
        (
            session.number,
            session.provider,
            session.client,
            session.kind.number,
            session.place,
            session.start,
            session.end,
            session.status,
            *(session.cancelled or (None, None, None)),
            session.fee,
            session.sequence,
            session.link,
            session.series.number if session.series else None,
            session.recurrence,
            session.needed_by,
            session.needed_for,
            *((session.said[0], *session.said[1]) if session.said else (None, None, None)),
        )
        for session in world.sessions
    ]
    assert rows(SESSIONS) == expected, "appointments"
    claims = [
        claim
        for session in world.standing()
        if not session.pruned
        for claim in (
            (
                session.number,
                "buffered",
                session.start - session.kind.before,
                session.end + session.kind.after,
            ),
            (session.number, "session", session.start, session.end),
        )
    ]
    assert rows(CLAIMS) == claims, "claims"
    events: dict[int, Counter[str]] = defaultdict(Counter)
    for session_number, event in rows(EVENTS):
        events[session_number][event] += 1
    assert events == {session.number: Counter(session.events) for session in world.sessions}, "history"


def _series(world: World) -> None:
    expected = [
        (
            series.number,
            series.provider,
            series.client,
            series.kind.number,
            series.every,
            series.first,
            series.length,
            series.count,
            series.ends_on,
            series.made_until,
            series.link,
            series.sequence,
        )
        for series in world.series
    ]
    assert rows(SERIES) == expected, "series"


def _requests(world: World) -> None:
    expected = [
        (
            asked.number,
            asked.session.number,
            asked.batch.number,
            asked.state,
            asked.asked_at,
            asked.start,
            asked.end,
            asked.deadline,
            asked.last_minute,
            asked.by_video,
            asked.spared,
            asked.handed_over_at,
            asked.help_at,
            asked.waits_for,
            asked.reminders_sent,
            asked.reminded_by_hand,
            asked.extended_at,
            asked.given_back,
            asked.lost,
            *(asked.settled or (None, None)),
            asked.moved_to,
        )
        for asked in world.requests
    ]
    assert rows(REQUESTS) == expected, "requests"


def _blocks_and_offers(world: World) -> None:
    blocks = [
        (
            block.number,
            block.start,
            block.end,
            block.batch.number if block.batch else None,
            block.edited_at,
            block.removed_at,
        )
        for block in world.blocks
    ]
    assert rows(BLOCKS) == blocks, "blocks"
    offers = [
        (offer.session.number, offer.expires_at, offer.booked.number if offer.booked else None)
        for offer in sorted(world.offers, key=lambda offer: offer.session.number)
    ]
    assert rows(OFFERS) == offers, "rebook offers"


def _holds(world: World) -> None:
    """What is held now; what has ended stands in nobody's way, whether or not its row is gone."""
    live = sorted((held for held in world.holds if held.is_live(world.now)), key=lambda held: held.ref)
    expected = [
        (
            held.ref,
            held.about.number if isinstance(held.about, Asked) else None,
            held.about.number if isinstance(held.about, Session) else None,
            held.about.session.number if isinstance(held.about, Offer) else None,
            held.client,
            held.start,
            held.end,
            held.before,
            held.after,
            held.began_at,
            held.expires_at,
            held.renewals,
        )
        for held in live
    ]
    assert rows(HOLDS, world.now) == expected, "holds"
    _suggested(world)
    claims = [
        claim
        for held in world.set_aside(world.now)
        for claim in (
            ("buffered", held.start - held.before, held.end + held.after, held.client),
            ("session", held.start, held.end, held.client),
        )
    ]
    assert sorted(rows(HELD, world.now)) == sorted(claims), "claims of holds"


def _suggested(world: World) -> None:
    """What is suggested and held. What has ended may come again with its request's deadline, unless others needed the time."""
    found = rows(SUGGESTED)
    refs = {ref for ref, *_rest in found}
    world.suggested = [one for one in world.suggested if one.is_live(world.now) or one.ref in refs]
    for one in world.suggested:
        # Once another request carries it, it keeps the former one's room no more, and no other.
        one.place = one.place if one.carrier and one.carrier.session.place == one.place else 0
    world.suggested.sort(key=lambda one: (one.batch.number, one.start))
    expected = [
        (
            one.ref,
            one.batch.number,
            one.client,
            one.start,
            one.end,
            one.before,
            one.after,
            one.began_at,
            one.until,
        )
        for one in world.suggested
    ]
    assert found == expected, "suggested times"


def _notes(world: World) -> None:
    found = rows(NOTES)
    known = sum(1 for note in world.notes if note.number)
    fresh = sorted(world.notes[known:], key=lambda note: (note.kind, note.to, note.channel, note.about))
    new = sorted(found[known:], key=lambda row: (row[1], (row[2], row[3]), row[4], tuple(row[10])))
    for note, row in zip(fresh, new, strict=False):
        note.number = row[0]
    world.notes[known:] = sorted(fresh, key=lambda note: note.number)
    assert found == [_row(note) for note in world.notes], "notifications"


def _row(note: Note) -> tuple[object, ...]:
    return (
        note.number,
        note.kind,
        *note.to,
        note.channel,
        note.made_at,
        note.due_at,
        note.give_up_at,
        note.state,
        note.attempts,
        list(note.about),
    )


def _tasks(world: World) -> None:
    open_tasks = {Task(*row) for row in rows(TASKS)}
    without_times = {task.request for task in open_tasks if task.kind == "no_open_times"}
    assert {task for task in open_tasks if task.kind != "no_open_times"} == world.tasks, "open tasks"
    waiting = {asked.number: asked for asked in world.waiting()}
    assert without_times <= waiting.keys(), "tasks without open times are about open requests"
    for number, asked in waiting.items():
        if (has_times := must_have_times(world, asked)) is not None:
            assert (number in without_times) is not has_times, f"open times of request {number}"


def must_have_times(world: World, asked: Asked) -> bool | None:
    """Return whether somebody must know by now that there are times, or that there are none; None while either may be.

    Every verb looks at once, the sweep within an hour.
    """
    # What they hold themselves ends in minutes.
    has_times = bool(suggest_law.shown_as_suggested(world, asked, now=world.now))
    has_times = has_times or open_times.is_there_any(world, open_times.for_session(asked.session, world.now))
    if asked.times_since is None or asked.times_since[0] is not has_times:
        asked.times_since = has_times, world.now
    if asked.waits_for is not None or world.looked_at is None:
        return None
    provider, looked_at = world.looked_at
    at_once = provider == asked.session.provider and looked_at == world.now
    swept = provider is None and looked_at >= asked.times_since[1] + HOUR
    return has_times if at_once or swept else None
