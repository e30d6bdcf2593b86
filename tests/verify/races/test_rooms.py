"""Two providers and one room that holds one session at a time: whoever meets there in the same instant, one of them has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NEW_YORK, NOW, Cast
from tests.verify.races.overlapping import (
    Outcome,
    Verb,
    all_at_once,
    carried_out,
    second_while_first_is_uncommitted,
)
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Booking, Details, book, change_appointment_details
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.practice import change_place
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.places import Place
from raincheck.data.people import Client, Provider
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import PlaceKind, RoomTaken, SlotTaken
from raincheck.domain.appointments.series import DatesTaken
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.practice import PlaceDetails

pytestmark = pytest.mark.sampled

TICKED = PlaceDetails(name="Room 2", kind=PlaceKind.ROOM, zone="America/New_York", one_at_a_time=True)


@pytest.fixture
def room(cast: Cast) -> Place:
    return Place.objects.create(
        practice=cast.practice, name="Room 2", kind="room", zone="America/New_York", one_at_a_time=True
    )


def by(cast: Cast, provider: Provider) -> Actor:
    return Actor(ActorKind.PROVIDER, provider.pk, practice=cast.practice.pk)


def meet(first: Verb, second: Verb, *, first_by: Actor, second_by: Actor) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=first_by, now=NOW, still_fresh=hook),
        lambda: carried_out(second, by=second_by, now=NOW),
    )


def booking(cast: Cast, room: Place, *, client: Client, provider: Provider) -> Verb:
    said = Booking(provider.pk, client.pk, cast.follow_up.pk, room.pk, FRIDAY_AT_NINE)
    return partial(book, said, by=by(cast, provider), now=NOW)


def a_series(cast: Cast, room: Place, *, client: Client, provider: Provider) -> Verb:
    first = FRIDAY_AT_NINE.astimezone(NEW_YORK).replace(tzinfo=None)
    said = SeriesBooking(provider.pk, client.pk, cast.follow_up.pk, room.pk, first, 1, count=3)
    return partial(book_series, said, by=by(cast, provider), now=NOW)


def the_winner(outcome: Outcome) -> bool:
    return isinstance(outcome, dict)


def test_of_two_providers_who_book_one_room_the_second_is_told(cast: Cast, room: Place) -> None:
    mine = booking(cast, room, client=cast.riley, provider=cast.okafor)
    theirs = booking(cast, room, client=cast.maya, provider=cast.fischer)
    one, other = meet(mine, theirs, first_by=by(cast, cast.okafor), second_by=by(cast, cast.fischer))
    assert (the_winner(one), other, broken()) == (True, RoomTaken, {})


@pytest.mark.parametrize("pick_first", [True, False])
def test_a_pick_and_a_booking_meet_in_a_room(cast: Cast, room: Place, pick_first: bool) -> None:
    request = cast.asked(cast.booked(place=room))
    pick = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=NOW)
    theirs = booking(cast, room, client=cast.maya, provider=cast.fischer)
    pair: list[tuple[Verb, Actor]] = [(pick, cast.by_riley), (theirs, by(cast, cast.fischer))]
    pair = pair[:: 1 if pick_first else -1]
    one, other = meet(pair[0][0], pair[1][0], first_by=pair[0][1], second_by=pair[1][1])
    request.refresh_from_db()
    # A pick waits for the room before it looks at open times, so that it finds the time taken.
    assert (the_winner(one), other) == (True, RoomTaken if pick_first else SlotTaken)
    assert (request.state, broken()) == ("moved" if pick_first else "open", {})


@pytest.mark.parametrize("series_first", [True, False])
def test_a_series_and_a_booking_meet_in_a_room(cast: Cast, room: Place, series_first: bool) -> None:
    series = a_series(cast, room, client=cast.riley, provider=cast.okafor)
    single = booking(cast, room, client=cast.maya, provider=cast.fischer)
    pair: list[tuple[Verb, Actor]] = [(series, by(cast, cast.okafor)), (single, by(cast, cast.fischer))]
    pair = pair[:: 1 if series_first else -1]
    one, other = meet(pair[0][0], pair[1][0], first_by=pair[0][1], second_by=pair[1][1])
    assert (the_winner(one), other) == (True, RoomTaken if series_first else DatesTaken)
    assert (Appointment.objects.count(), broken()) == (3 if series_first else 1, {})


def ticking(cast: Cast, room: Place, *, one_at_a_time: bool = True) -> Verb:
    details = replace(TICKED, one_at_a_time=one_at_a_time)
    return partial(
        change_place, room.ref, practice_id=cast.practice.pk, details=details, seen=0, by=SASHA, now=NOW
    )


SASHA = Actor(ActorKind.MANAGER, 7)


@pytest.mark.parametrize("tick_first", [True, False])
def test_a_room_is_ticked_while_somebody_books_into_it(cast: Cast, room: Place, tick_first: bool) -> None:
    """Whoever comes second reads what the first left: a claim of the room, or a session beside which it is a task."""
    Place.objects.filter(pk=room.pk).update(one_at_a_time=False)
    cast.booked(FRIDAY_AT_NINE, place=room)
    theirs = booking(cast, room, client=cast.maya, provider=cast.fischer)
    tick = ticking(cast, room)
    if tick_first:
        outcomes = meet(tick, theirs, first_by=SASHA, second_by=by(cast, cast.fischer))
    else:
        outcomes = meet(theirs, tick, first_by=by(cast, cast.fischer), second_by=SASHA)[::-1]
    shared = 0 if tick_first else 2
    assert (the_winner(outcomes[0]), outcomes[1] is RoomTaken) == (True, tick_first)
    assert (Task.objects.filter(kind="room_shared").count(), broken()) == (shared, {})
    assert Claim.objects.filter(room=room, room_lane__startswith__isnull=False).count() == shared


def test_two_providers_swap_their_hours_in_a_room_without_waiting_for_ever(cast: Cast, room: Place) -> None:
    nine, ten = FRIDAY_AT_NINE, FRIDAY_AT_NINE + 60 * MINUTES
    rows = [
        cast.booked(nine, place=room),
        cast.booked(ten, client=cast.maya, provider=cast.fischer, place=room),
    ]

    def moving(row: Appointment, to: object) -> Outcome:
        details = Details(to, row.type_id, row.place_id, row.join_url)  # type: ignore[arg-type]  # an instant
        verb = partial(change_appointment_details, row.ref, details=details, by=SASHA, now=NOW)
        return carried_out(verb, by=SASHA, now=NOW)

    outcomes = all_at_once([lambda: moving(rows[0], ten), lambda: moving(rows[1], nine)])
    assert (outcomes, broken()) == ([RoomTaken, RoomTaken], {})


def test_of_twelve_who_book_one_room_one_gets_it(cast: Cast, room: Place) -> None:
    verbs: list[Callable[[], Outcome]] = [
        partial(
            carried_out,
            booking(cast, room, client=client, provider=provider),
            by=by(cast, provider),
            now=NOW,
        )
        for client, provider in ((cast.riley, cast.okafor), (cast.maya, cast.fischer)) * 6
    ]
    outcomes = all_at_once(verbs)
    assert (sum(map(the_winner, outcomes)), Appointment.objects.count(), broken()) == (1, 1, {})
