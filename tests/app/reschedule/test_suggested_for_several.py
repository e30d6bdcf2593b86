"""Times that are suggested for several appointments at once: each that they suit may have them, one after another."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, Cast, new_york, room_of
from tests.app.client_browser import Visitor, page_of, words
from tests.app.reschedule.test_suggested_times import (
    HOUR,
    MINUTE,
    SATURDAY_AT_TEN,
    THURSDAY_AT_TWO,
    act,
    asked_with,
    held,
)
from tests.app.staff_browser import okafor

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.reschedule.open_times import look_at_open_times
from raincheck.actions.reschedule.suggest import suggest_times
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.appointments.places import AppointmentType
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason, SlotTaken
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.reschedule.suggestions import SuggestionTaken
from raincheck.web.client.slots import value_of


def of_batch(cast: Cast, *appointments: Appointment) -> list[RescheduleRequest]:
    """Ask about appointments together, Thursday suggested, and return the requests in their order."""
    asked_with(cast, THURSDAY_AT_TWO, appointments=appointments)
    return [RescheduleRequest.objects.get(appointment=row) for row in appointments]


def followed_by_half_an_hour(cast: Cast, *, before: timedelta) -> AppointmentType:
    """A type as long as a follow-up, with half an hour free after it."""
    return AppointmentType.objects.create(
        practice=cast.practice,
        name="Testing",
        kind="follow_up",
        length=50 * MINUTE,
        buffer_before=before,
        buffer_after=30 * MINUTE,
    )


def test_what_is_kept_for_several_has_all_the_room_that_any_of_them_needs(cast: Cast) -> None:
    long_after = followed_by_half_an_hour(cast, before=20 * MINUTE)
    _first, second = of_batch(cast, cast.booked(), cast.booked(new_york(25, 11), kind=long_after))
    hold = Hold.objects.get()
    assert (hold.buffer_before, hold.buffer_after) == (20 * MINUTE, 30 * MINUTE)
    with pytest.raises(SlotTaken):
        cast.booked(new_york(26, 15), client=cast.maya)
    cast.pick(second, THURSDAY_AT_TWO)


def test_what_has_no_room_for_the_buffers_of_one_is_kept_for_the_other_alone(cast: Cast) -> None:
    long_after = followed_by_half_an_hour(cast, before=timedelta(0))
    cast.booked(new_york(26, 15), client=cast.maya)
    first, second = of_batch(cast, cast.booked(), cast.booked(new_york(25, 11), kind=long_after))
    assert words(Visitor(first.batch).get(page_of(first))).count("Dr. Okafor suggests") == 1
    with pytest.raises(SlotTaken):
        cast.pick(second, THURSDAY_AT_TWO)
    cast.pick(first, THURSDAY_AT_TWO)


def test_a_suggestion_too_short_for_a_session_holds_nothing_for_it(cast: Cast) -> None:
    in_the_way = cast.booked(new_york(26, 15), client=cast.maya)
    _short, long = of_batch(cast, cast.booked(), cast.booked(new_york(25, 11), kind=cast.intake))
    said = Cancellation(CancelReason.CLINICAL)
    act(cast, cancel_appointment, in_the_way.ref, cancellation=said)
    verb = partial(hold_time, long.ref, start=THURSDAY_AT_TWO, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    assert Hold.objects.get(suggested=False).ends_at == THURSDAY_AT_TWO + 80 * MINUTE
    with pytest.raises(SlotTaken):
        cast.booked(new_york(26, 15), client=cast.maya)


def test_a_time_at_which_the_room_has_gone_is_suggested_for_it_no_more(cast: Cast) -> None:
    """What is kept for a batch keeps the room of one of its sessions; another of it may be in another place."""
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    in_room, by_video = of_batch(cast, cast.booked(place=room), cast.booked(new_york(25, 11)))
    assert Hold.objects.get().request == by_video
    me, value = okafor(NOW + HOUR), f'value="{value_of(THURSDAY_AT_TWO)}"'
    pick = f"/requests/{in_room.ref}/pick/"
    assert value in me.get(pick).content.decode()
    cast.booked(THURSDAY_AT_TWO, client=cast.maya, provider=cast.fischer, place=room)
    page = words(Visitor(in_room.batch).get(page_of(in_room)))
    assert page.count("Dr. Okafor suggests") == 1
    assert value not in me.get(pick).content.decode()
    cast.pick(by_video, THURSDAY_AT_TWO)


def test_a_time_kept_for_another_of_a_batch_is_none_for_what_it_does_not_suit(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": [], "overrides": []})
    cast.booked(new_york(26, 15), client=cast.maya)
    _short, long = of_batch(cast, cast.booked(), cast.booked(new_york(25, 11), kind=cast.intake))
    look = partial(look_at_open_times, cast.okafor.pk, now=NOW)
    run_command(look, key=None, body={}, by=SYSTEM, now=NOW)
    missing = Task.objects.filter(kind="no_open_times", done_at__isnull=True)
    assert list(missing.values_list("request", flat=True)) == [long.pk]
    # Nor is one at which the client is with somebody else by now.
    cast.booked(THURSDAY_AT_TWO, provider=cast.fischer)
    run_command(look, key=None, body={}, by=SYSTEM, now=NOW)
    assert missing.count() == 2


def test_a_suggestion_gives_a_room_back_that_no_session_left_would_be_in(cast: Cast) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    by_video, in_room = of_batch(cast, cast.booked(), cast.booked(new_york(25, 11), place=room))
    assert Hold.objects.get().request == in_room
    with pytest.raises(SlotTaken):
        cast.booked(THURSDAY_AT_TWO, client=cast.maya, provider=cast.fischer, place=room)
    cast.decline(in_room)
    cast.booked(THURSDAY_AT_TWO, client=cast.maya, provider=cast.fischer, place=room)
    cast.pick(by_video, THURSDAY_AT_TWO)


def test_five_times_for_three_appointments_go_one_by_one(cast: Cast) -> None:
    starts = [new_york(26, hour) for hour in (9, 10, 11, 14, 16)]
    rows = [cast.booked(new_york(day, 11)) for day in (23, 24, 25)]
    asked_with(cast, *starts, appointments=tuple(rows))
    requests = [RescheduleRequest.objects.get(appointment=row) for row in rows]
    for request, start in zip(requests, starts, strict=False):
        assert {one for one, _end in held()} == {one for one in starts if one >= start}
        cast.pick(request, start)
    assert held() == []
    assert [Appointment.objects.get(pk=row.pk).starts_at for row in rows] == starts[:3]


def test_nothing_is_kept_for_an_appointment_whose_deadline_is_over(cast: Cast) -> None:
    soon, later = cast.booked(new_york(18, 9)), cast.booked(new_york(25, 11), kind=cast.intake)
    cast.booked(new_york(21, 11), client=cast.maya)
    request = asked_with(cast, appointments=(later, soon))
    over = NOW + 45 * HOUR + 2 * MINUTE
    assert RescheduleRequest.objects.get(appointment=soon).ends_by_itself_at + LAPSE_GRACE < over
    # Free for as long as the one takes, and not for the other.
    with pytest.raises(SuggestionTaken):
        act(cast, suggest_times, request.ref, starts=[SATURDAY_AT_TEN], now=over)
    assert held() == []
