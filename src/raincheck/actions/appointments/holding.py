"""A client's choice is held outside a request as well: to move an appointment at their wish, or to book after a cancellation.

As inside one it ends by itself, an answer needs none, and it never lasts longer than the way on which it was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.appointments.claims import claim, free_holds
from raincheck.actions.appointments.rebooking import look_at_booking, open_offer
from raincheck.actions.appointments.self_service import changeable, look_at_own_move
from raincheck.actions.engine.runner import Answer
from raincheck.actions.limits import count_hold
from raincheck.actions.reschedule.choice import changeable_choice, look_at_changed_choice
from raincheck.data.models import Appointment, Hold, RebookOffer
from raincheck.domain.reschedule.holds import MOST_RENEWALS, refuse_to_hold, refuse_to_renew


@dataclass(frozen=True, slots=True)
class Way:
    """A way on which a client chooses a time by themselves, locked: for what, until when, and what refuses a start."""

    about: Appointment | RebookOffer
    length: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    until: datetime
    look: Callable[[datetime], None]

    def chosen(self) -> Hold | None:
        """Return the time that is held on it, or was until it ended."""
        if isinstance(self.about, Appointment):
            return Hold.objects.filter(appointment=self.about).first()
        return Hold.objects.filter(offer=self.about).first()

    def hold(self, start: datetime, *, now: datetime) -> Hold:
        """Return a row that isn't saved yet."""
        about = self.about
        return Hold(
            practice_id=about.practice_id,
            provider_id=about.provider_id,
            client_id=about.client_id,
            appointment=about if isinstance(about, Appointment) else None,
            offer=about if isinstance(about, RebookOffer) else None,
            starts_at=start,
            ends_at=start + self.length,
            buffer_before=self.buffer_before,
            buffer_after=self.buffer_after,
            began_at=now,
            expires_at=self.ends_at(now),
        )

    def ends_at(self, now: datetime) -> datetime:
        return min(now + self.about.practice.rules.hold, self.until)

    def answer(self, held: Hold) -> Answer:
        closes = held.expires_at == self.until
        # What ends with the way itself is not renewed.
        return answer_of(held, renewals=MOST_RENEWALS if closes else held.renewals) | {
            "closes": "yes" if closes else ""
        }


Wish = Callable[[datetime], Way]
"""Finds and locks a way as it is at an instant. Raises the refusals of one that is not open."""


def to_move(appointment: UUID) -> Wish:
    """The client moves their own appointment."""

    def way(now: datetime) -> Way:
        row, until = changeable(appointment, sequence=None, now=now)
        return _moving(row, until, lambda start: look_at_own_move(row, start, now=now))

    return way


def to_change(request: UUID) -> Wish:
    """The client changes what they chose in a request."""

    def way(now: datetime) -> Way:
        settled, row, until = changeable_choice(request, sequence=None, now=now)
        return _moving(row, until, lambda start: look_at_changed_choice(settled, row, start, now=now))

    return way


def to_book(offer: UUID) -> Wish:
    """The client books anew after a cancellation."""

    def way(now: datetime) -> Way:
        found = open_offer(offer, now=now)
        kind = found.type
        return Way(
            found,
            kind.length,
            kind.buffer_before,
            kind.buffer_after,
            found.expires_at,
            lambda start: look_at_booking(found, start, now=now),
        )

    return way


def _moving(row: Appointment, until: datetime, look: Callable[[datetime], None]) -> Way:
    return Way(row, row.length, row.buffer_before, row.buffer_after, until, look)


def hold_own_time(wish: Wish, *, start: datetime, now: datetime) -> Answer:
    """Set `start` (UTC) aside for a client, in place of the time they held on this way before; the same again stays as it is.

    Raises what a move or booking would be refused for, TooManyHeld or TooManyHolds: then the former hold stands.
    """
    way = wish(now)
    former = way.chosen()
    if former is not None and former.starts_at == start and former.held.is_live(now=now):
        return way.answer(former)
    held = way.hold(start, now=now)
    set_aside(held, instead_of=former, until=way.until, look=way.look, now=now)
    return way.answer(held)


def hold_own_time_longer(wish: Wish, *, now: datetime) -> Answer:
    """Hold it anew from now on, ten times at most. Raises HoldEnded or HeldAsLongAsCanBe: then it ends when it would have."""
    way = wish(now)
    held = way.chosen()
    refuse_to_renew(held.held if held else None, deadline_at=way.until, now=now)
    assert held is not None, "what is not held can't be renewed"
    held.renewals += 1
    held.expires_at = way.ends_at(now)
    held.save(update_fields=["renewals", "expires_at"])
    return way.answer(held)


def let_own_time_go(wish: Wish, *, hold: UUID, now: datetime) -> Answer:
    """Give a held time back, since its client left the page. One that was replaced meanwhile is another, and stays."""
    held = wish(now).chosen()
    if held is not None and held.ref == hold:
        free_holds([held.pk])
    return {"hold": str(hold)}


def set_aside(
    held: Hold,
    *,
    instead_of: Hold | None,
    until: datetime,
    look: Callable[[datetime], None],
    now: datetime,
) -> None:
    """Save a time that its client chose, and claim it, unless they hold or held too many. A step, not a verb.

    `look` raises what refuses its start. Raises TooManyHeld, TooManyHolds or HoldingIsOver besides.
    """
    theirs = Hold.objects.filter(client=held.client_id, suggested=False, expires_at__gt=now)
    others = theirs.exclude(pk__in=[instead_of.pk] if instead_of else []).count()
    refuse_to_hold(others=others, deadline_at=until, now=now)
    count_hold(held.client_id, now=now)
    look(held.starts_at)
    if instead_of is not None:
        free_holds([instead_of.pk])
    held.save(force_insert=True)
    claim(held, now=now)


def answer_of(held: Hold, *, renewals: int) -> dict[str, str]:
    """Return what a page is told of a held time."""
    return {
        "hold": str(held.ref),
        "start": held.starts_at.isoformat(),
        "until": held.expires_at.isoformat(),
        "renewals": str(renewals),
    }
