"""Who must be told what, by the model: section 8 of the law as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.verify.model.law import RETRIED_FOR, URGENT_WITHIN, is_night, next_morning
from tests.verify.model.world import Asked, Batch, By, Note, Session, World

EMAIL, SMS, IN_APP = "email", "sms", "in_app"
TO_CLIENTS = {
    "booked": [EMAIL],
    "details_changed": [EMAIL],
    "date_left_out": [EMAIL],
    "asked": [EMAIL, SMS],
    "request_reminder": [EMAIL, SMS],
    "appointment_reminder": [EMAIL, SMS],
    "deadline_moved": [EMAIL],
    "suggested": [EMAIL, SMS],
    "spared": [EMAIL],
    "outage": [EMAIL],
    "moved": [EMAIL],
    "kept": [EMAIL],
    "declined": [EMAIL],
    "cancelled": [EMAIL, SMS],
    "lapsed": [EMAIL, SMS],
    "withdrawn": [EMAIL, SMS],
    "not_cancelled": [EMAIL],
    "reinstated": [EMAIL, SMS],
    "rebook_link": [EMAIL],
}
TO_PROVIDERS = {
    "booked": [IN_APP],
    "details_changed": [IN_APP],
    "asked": [IN_APP],
    "request_reminder": [IN_APP],
    "withdrawn": [IN_APP],
    "not_cancelled": [IN_APP],
    "rebook_link": [IN_APP],
    "moved": [EMAIL, IN_APP],
    "kept": [EMAIL, IN_APP],
    "declined": [EMAIL, IN_APP],
    "cancelled": [EMAIL, IN_APP],
    "lapsed": [EMAIL, IN_APP],
    "reinstated": [EMAIL, IN_APP],
    "none_work": [EMAIL, IN_APP],
    "outage": [EMAIL, IN_APP],
    "still_waiting": [EMAIL, IN_APP],
}
NOT_EVEN_IN_THE_APP = {"withdrawn", "not_cancelled", "rebook_link"}
"""Of one's own act; of others what one did stands there."""
ANSWERS = {"moved", "kept", "declined", "none_work"}
MAY_WAKE = {"asked", "withdrawn", "cancelled", "lapsed"}
ONLY_WHILE_OPEN = {
    "asked",
    "request_reminder",
    "deadline_moved",
    "suggested",
    "spared",
    "outage",
    "still_waiting",
}
ONLY_UNTIL_THE_DEADLINE = {"request_reminder", "deadline_moved", "spared", "outage"}

QUARTER = timedelta(minutes=15)

Listed = Sequence[tuple[Session, Asked | None]]


def notify(
    world: World,
    kind: str,
    listed: Listed,
    *,
    by: By,
    now: datetime,
    batch: Batch | None = None,
    email_only: bool = False,
    client_too: bool = True,
    provider_too: bool = True,
    release_at: datetime | None = None,
) -> None:
    """Write down who is told; it leaves from `release_at` on, or at once."""
    session = listed[0][0]
    for channel in client_channels(world, kind, session, email_only=email_only) if client_too else []:
        _add(world, kind, ("client", session.client), channel, listed, now, release_at)
    own = by == By("provider", session.provider)
    for channel in TO_PROVIDERS.get(kind, []) if provider_too else []:
        if not own or (channel == IN_APP and kind not in NOT_EVEN_IN_THE_APP):
            _add(world, kind, ("provider", session.provider), channel, listed, now, release_at)
    if kind == "still_waiting":
        _add(world, kind, ("manager", world.manager), EMAIL, listed, now)
    if batch is not None and kind in ANSWERS and batch.by.kind == "manager" and by != batch.by:
        assert batch.by.who is not None
        _add(world, kind, ("manager", batch.by.who), EMAIL, listed, now)


def client_channels(world: World, kind: str, session: Session, *, email_only: bool) -> Sequence[str]:
    person, usual = world.people[session.client], TO_CLIENTS.get(kind, [])
    if person.texts and not person.email:
        return [SMS] if usual and not email_only else []
    return [channel for channel in usual if channel == EMAIL or (person.texts and not email_only)]


def _add(
    world: World,
    kind: str,
    to: tuple[str, int],
    channel: str,
    listed: Listed,
    now: datetime,
    release_at: datetime | None = None,
) -> None:
    session = listed[0][0]
    due_at = release_at or now
    if channel == SMS:
        due_at = texted_at(world, session.client, due_at, urgent=is_urgent(kind, listed, due_at))
    state = "handed_over" if channel == IN_APP else "waiting"
    note = Note(kind, to, channel, now, due_at, due_at + RETRIED_FOR, list(listed), state)
    note.concerns, note.start = (session.provider, session.client), session.start
    world.notes.append(note)


def texted_at(world: World, client: int, now: datetime, *, urgent: bool) -> datetime:
    zone = world.people[client].zone
    return next_morning(now, zone) if is_night(now, zone) and not urgent else now


def is_urgent(kind: str, listed: Listed, now: datetime) -> bool:
    """A prompt, withdrawal or cancellation less than 12 h before its deadline or start may wake people."""
    return kind in MAY_WAKE and any(
        _end(kind, session, asked, now) - now < URGENT_WITHIN for session, asked in listed
    )


def _end(kind: str, session: Session, asked: Asked | None, now: datetime) -> datetime:
    prompt = kind in ("asked", "withdrawn") and asked is not None and asked.deadline > now
    return asked.deadline if prompt and asked is not None else session.start


def notify_of_message(world: World, provider: int, client: int, *, by: By, now: datetime) -> None:
    """Tell the other side that there is a message: a client by e-mail, else by text."""
    person = world.people[client]
    if by.kind == "client_by_link":
        note = Note("message", ("provider", provider), EMAIL, now, now, now + RETRIED_FOR, [])
    else:
        channel = person.channels[0]
        due_at = texted_at(world, client, now, urgent=False) if channel == SMS else now
        note = Note("message", ("client", client), channel, now, due_at, due_at + RETRIED_FOR, [])
    note.concerns = (provider, client)
    # One notice of a conversation in a quarter of an hour; one that is planned tells of what is written until then.
    earlier = [
        other.give_up_at - RETRIED_FOR
        for other in world.notes
        if (other.kind, other.to, other.channel, other.concerns)
        == (note.kind, note.to, note.channel, note.concerns)
    ]
    if earlier and max(earlier) > now:
        return
    if earlier:
        note.due_at = max(note.due_at, max(earlier) + QUARTER)
        note.give_up_at = note.due_at + RETRIED_FOR
    world.notes.append(note)
