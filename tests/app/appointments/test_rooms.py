"""Rooms that hold one session at a time: what they refuse, what they close, and what stands when one begins to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from tests.app.appointments.test_provider_booking import book
from tests.app.cast import (
    FRIDAY_AT_NINE,
    MINUTES,
    NEW_YORK,
    NOW,
    TUESDAY_AT_ELEVEN,
    Cast,
    client_in,
    new_york,
    provider_in,
)
from tests.app.client_browser import Visitor, choosable, handed_over, page_of
from tests.app.queued_looks import look_as_queued
from tests.app.staff_browser import errors, okafor

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.practice import change_place
from raincheck.actions.reschedule.answer import keep_by_video
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Client, Provider
from raincheck.data.practice import changes_at_place
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason, PlaceKind, RoomTaken, SlotTaken
from raincheck.domain.appointments.series import DatesTaken
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.practice import PlaceDetails

BY_SASHA = Actor(ActorKind.MANAGER, 7)
ROOM_2 = PlaceDetails(name="Room 2", kind=PlaceKind.ROOM, zone="America/New_York", one_at_a_time=True)


@pytest.fixture
def room(cast: Cast) -> Place:
    """A room that holds one session at a time."""
    return Place.objects.create(
        practice=cast.practice, name="Room 2", kind="room", zone="America/New_York", one_at_a_time=True
    )


@pytest.fixture
def any_room(cast: Cast) -> Place:
    """A room that holds any number of sessions."""
    return Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")


def acted(verb: Callable[..., Answer], *, now: datetime = NOW) -> Answer:
    return run_command(partial(verb, by=BY_SASHA, now=now), key=None, body={}, by=BY_SASHA, now=now)


def ticked(place: Place, *, one_at_a_time: bool = True) -> None:
    acted(
        partial(
            change_place,
            place.ref,
            practice_id=place.practice_id,
            details=replace(ROOM_2, one_at_a_time=one_at_a_time),
            seen=changes_at_place(place),
        )
    )
    place.refresh_from_db()


def rooms_claimed() -> list[tuple[int | None, bool]]:
    """Return of each session, soonest first, whether it claims the room, and whether it keeps everybody else out of it."""
    rows = Claim.objects.filter(part="session").order_by("span", "hold", "appointment")
    return [(row.room_id, row.room_lane is not None and row.room_lane.lower is None) for row in rows]


def shared() -> list[tuple[str, int | None, bool]]:
    rows = Task.objects.filter(kind="room_shared").order_by("appointment__starts_at", "pk")
    return [(row.provider.short_name, row.appointment_id, row.done_at is None) for row in rows]


def test_a_second_session_in_a_room_is_refused(cast: Cast, room: Place) -> None:
    cast.booked(place=room)
    with pytest.raises(RoomTaken):
        cast.booked(TUESDAY_AT_ELEVEN + 49 * MINUTES, client=cast.maya, provider=cast.fischer, place=room)
    assert Appointment.objects.count() == 1


def test_sessions_in_a_room_may_follow_each_other_without_buffers(cast: Cast, room: Place) -> None:
    cast.booked(place=room)
    cast.booked(TUESDAY_AT_ELEVEN + 50 * MINUTES, client=cast.maya, provider=cast.fischer, place=room)
    assert rooms_claimed() == [(room.pk, True)] * 2


def test_a_room_that_was_never_ticked_holds_any_number(cast: Cast, any_room: Place) -> None:
    cast.booked(place=any_room)
    cast.booked(client=cast.maya, provider=cast.fischer, place=any_room)
    assert rooms_claimed() == [(None, False)] * 2


def test_the_rooms_other_sessions_are_gone_from_a_clients_page(cast: Cast, room: Place) -> None:
    friday_only = {
        "weekly": [{"weekday": 4, "start": "09:00", "end": "11:00", "places": []}],
        "overrides": [],
    }
    cast.okafor.availability = friday_only
    cast.okafor.save(update_fields=["availability"])
    request = handed_over(cast.asked(cast.booked(place=room)))

    def friday() -> list[str]:
        page = Visitor(request.batch, now=NOW).get(page_of(request))
        return [name for name in choosable(page) if name.startswith("Friday, November 27")]

    before = friday()
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    times = [
        f"Friday, November 27, {clock}"
        for clock in ("9:00 AM you: 6:00 AM", "9:30 AM you: 6:30 AM", "10:00 AM you: 7:00 AM")
    ]
    assert (before, friday()) == (times, times[2:])


def test_what_one_provider_takes_in_a_room_has_requests_of_others_looked_at_soon(
    cast: Cast, room: Place
) -> None:
    in_the_room = cast.asked(cast.booked(place=room))
    by_video = cast.asked(cast.booked(new_york(25, 11)), repeat_confirmed=True)
    look_as_queued(now=NOW)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    assert look_as_queued(now=NOW) == [cast.fischer.pk]
    looks = {}
    for request in (in_the_room, by_video):
        request.refresh_from_db()
        looks[request.pk] = request.look_again_at
    assert looks == {in_the_room.pk: NOW + 5 * MINUTES, by_video.pk: NOW + 60 * MINUTES}


def test_a_pick_of_a_time_at_which_the_room_was_taken_is_refused(cast: Cast, room: Place) -> None:
    request = cast.asked(cast.booked(place=room))
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    with pytest.raises(SlotTaken):
        cast.pick(request, FRIDAY_AT_NINE)
    request.refresh_from_db()
    assert (request.state, request.appointment.starts_at) == ("open", TUESDAY_AT_ELEVEN)


def change(row: Appointment, *, by: Actor = BY_SASHA, **said: object) -> None:
    details = Details(row.starts_at, row.type_id, row.place_id, row.join_url)
    verb = partial(change_appointment_details, row.ref, details=replace(details, **said), now=NOW)  # type: ignore[arg-type]  # what is said differs
    run_command(partial(verb, by=by), key=None, body={}, by=by, now=NOW)
    row.refresh_from_db()


def test_a_change_of_place_claims_the_room_and_gives_it_back(cast: Cast, room: Place) -> None:
    mine, theirs = cast.booked(), cast.booked(client=cast.maya, provider=cast.fischer, place=room)
    with pytest.raises(RoomTaken):
        change(mine, place_id=room.pk)
    change(theirs, place_id=cast.telehealth.pk)
    change(mine, place_id=room.pk)
    assert rooms_claimed() == [(room.pk, True), (None, False)]


def hold(cast: Cast, start: datetime, *, expires_at: datetime, room: Place) -> Hold:
    """Hold a time in a room for Riley with Dr. Okafor, inside the request of an appointment there."""
    request = cast.asked(cast.booked(place=room))
    held = Hold.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.riley,
        request=request,
        starts_at=start,
        ends_at=start + 50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=NOW,
        expires_at=expires_at,
    )

    def hold_it(*, by: Actor, now: datetime) -> Answer:
        lock(providers=[cast.okafor.pk], appointments=[request.appointment_id])
        claim(held, now=now)
        return {"hold": str(held.ref), "by": str(by.kind)}

    acted(hold_it)
    return held


def test_a_held_time_holds_the_room_as_long_as_it_lasts(cast: Cast, room: Place) -> None:
    hold(cast, FRIDAY_AT_NINE, expires_at=NOW + 5 * MINUTES, room=room)
    booked = partial(cast.booked, FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    with pytest.raises(RoomTaken):
        booked(now=NOW + 4 * MINUTES)
    booked(now=NOW + 5 * MINUTES)


def test_who_books_is_told_which_provider_has_the_room(cast: Cast, room: Place) -> None:
    cast.booked()  # so that Riley is among Dr. Okafor's clients
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    refused = book(okafor(), cast, place=str(room.ref))
    assert (refused.status_code, errors(refused)) == (
        409,
        [
            "Dr. Fischer has Room 2 at 9:00 AM, and it holds one session at a time."
            " Nothing was changed; please choose another time or another place."
        ],
    )


def test_one_client_may_hold_a_time_in_the_room_where_they_are(cast: Cast, room: Place) -> None:
    hold(cast, TUESDAY_AT_ELEVEN, expires_at=NOW + 5 * MINUTES, room=room)
    assert rooms_claimed() == [(room.pk, True)] * 2


def test_a_held_time_follows_its_appointment_to_another_place(cast: Cast, room: Place) -> None:
    held = hold(cast, FRIDAY_AT_NINE, expires_at=NOW + 5 * MINUTES, room=room)
    assert held.request is not None
    change(held.request.appointment, place_id=cast.telehealth.pk)
    assert rooms_claimed() == [(None, False)] * 2
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, provider=cast.fischer, place=room)
    change(held.request.appointment, place_id=room.pk)
    assert (list(Hold.objects.all()), rooms_claimed()) == ([], [(room.pk, True)] * 2)


def test_sessions_that_overlap_when_a_room_is_ticked_stand_and_are_tasks(cast: Cast, any_room: Place) -> None:
    mine = cast.booked(place=any_room)
    theirs = cast.booked(
        TUESDAY_AT_ELEVEN + 30 * MINUTES, client=cast.maya, provider=cast.fischer, place=any_room
    )
    cast.booked(FRIDAY_AT_NINE, place=any_room)
    ticked(any_room)
    assert rooms_claimed() == [(any_room.pk, False), (any_room.pk, False), (any_room.pk, True)]
    assert shared() == [("Dr. Okafor", mine.pk, True), ("Dr. Fischer", theirs.pk, True)]


def test_nobody_else_comes_into_a_room_that_two_share(cast: Cast, any_room: Place) -> None:
    third = client_in(cast.practice, "Noor", "Siddiqui")
    cast.booked(place=any_room)
    cast.booked(client=cast.maya, provider=cast.fischer, place=any_room)
    other = provider_in(cast.practice, "Marcus Bell", "Marcus")
    ticked(any_room)
    with pytest.raises(RoomTaken):
        cast.booked(client=third, provider=other, place=any_room)


def as_long_as_a_follow_up(cast: Cast) -> AppointmentType:
    return AppointmentType.objects.create(
        practice=cast.practice,
        name="Check-in",
        kind="follow_up",
        length=50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=0 * MINUTES,
    )


def test_the_dates_of_a_series_claim_the_room(cast: Cast, room: Place) -> None:
    first = TUESDAY_AT_ELEVEN.astimezone(NEW_YORK).replace(tzinfo=None)

    def series(client: Client, provider: Provider) -> None:
        said = SeriesBooking(provider.pk, client.pk, cast.follow_up.pk, room.pk, first, 1, count=2)
        acted(partial(book_series, said))

    series(cast.riley, cast.okafor)
    with pytest.raises(DatesTaken):
        series(cast.maya, cast.fischer)
    assert rooms_claimed() == [(room.pk, True)] * 2


def test_a_shared_room_is_ones_own_again_once_the_other_has_moved(cast: Cast, any_room: Place) -> None:
    mine = cast.booked(place=any_room)
    theirs = cast.booked(client=cast.maya, provider=cast.fischer, place=any_room)
    ticked(any_room)
    # What keeps its time keeps the room.
    change(mine, type_id=as_long_as_a_follow_up(cast).pk)
    change(theirs, start=FRIDAY_AT_NINE)
    sweep(now=NOW)
    assert shared() == [("Dr. Okafor", mine.pk, False), ("Dr. Fischer", theirs.pk, False)]
    with pytest.raises(RoomTaken):
        change(theirs, start=TUESDAY_AT_ELEVEN)


def test_a_task_about_a_shared_room_ends_when_one_session_is_canceled(cast: Cast, any_room: Place) -> None:
    mine = cast.booked(place=any_room)
    theirs = cast.booked(client=cast.maya, provider=cast.fischer, place=any_room)
    ticked(any_room)
    acted(partial(cancel_appointment, mine.ref, cancellation=Cancellation(CancelReason.CLINICAL)))
    sweep(now=NOW)
    assert shared() == [("Dr. Okafor", mine.pk, False), ("Dr. Fischer", theirs.pk, False)]


def test_a_session_that_goes_on_by_video_leaves_its_room_to_others(cast: Cast, room: Place) -> None:
    mine = cast.booked(place=room)
    request = cast.asked(mine, by_video=True)
    keep = partial(keep_by_video, request.ref, by=cast.by_riley, now=NOW)
    run_command(keep, key=None, body={}, by=cast.by_riley, now=NOW)
    cast.booked(client=cast.maya, provider=cast.fischer, place=room)
    assert rooms_claimed() == [(None, False), (room.pk, True)]


def test_a_room_that_is_unticked_is_anybodys_again(cast: Cast, room: Place) -> None:
    cast.booked(place=room)
    ticked(room, one_at_a_time=False)
    cast.booked(client=cast.maya, provider=cast.fischer, place=room)
    assert rooms_claimed() == [(None, False)] * 2


def test_telehealth_never_holds_one_session_at_a_time(cast: Cast) -> None:
    details = PlaceDetails(name="Telehealth", kind=PlaceKind.TELEHEALTH, one_at_a_time=True)
    about = {"practice_id": cast.practice.pk, "details": details, "seen": 0}
    acted(partial(change_place, cast.telehealth.ref, **about))
    cast.telehealth.refresh_from_db()
    assert not cast.telehealth.one_at_a_time
