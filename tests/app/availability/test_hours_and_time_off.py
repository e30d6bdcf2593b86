"""A provider's hours, time off and calendars: what they do to the times a client is offered, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, as_read, new_york

from raincheck.actions.availability import set_availability
from raincheck.actions.calendars.sources import import_busy_time, remove_calendar
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.out_of_office import block_time, change_block, remove_block
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Provider
from raincheck.domain.appointments.lifecycle import SlotNotOpen, SlotTaken, StartsInThePast
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.calendars.busy import CalendarGone
from raincheck.domain.out_of_office import NOTE_LIMIT, BlockGone, NoteForBlockTooLong
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span

HOURS = timedelta(hours=1)
FRIDAY = Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + HOURS)


def acted(cast: Cast, verb: Callable[[], Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def blocked(cast: Cast, span: Span = FRIDAY, **said: object) -> OutOfOffice:
    answer = acted(cast, partial(block_time, cast.okafor.pk, span=span, now=NOW, **said))  # type: ignore[arg-type]
    return OutOfOffice.objects.get(ref=answer["block"])


def imported(cast: Cast, name: str, *busy: Span, now: datetime = NOW) -> BusyCalendar:
    verb = partial(
        import_busy_time,
        cast.okafor.pk,
        name=name,
        reading=as_read(*busy),
        now=now,
    )
    return BusyCalendar.objects.get(ref=acted(cast, verb)["calendar"])


def picked(cast: Cast, start: datetime) -> type[Refusal] | str:
    """Ask, pick a start, and return the state or the refusal's class."""
    appointment = Appointment.objects.filter(client=cast.riley).first() or cast.booked()
    request = appointment.requests.filter(state="open").first() or cast.asked(appointment)
    try:
        return cast.pick(request, start)["state"]
    except Refusal as refusal:
        return type(refusal)


def test_new_hours_are_offered_at_once_and_old_ones_no_more(cast: Cast) -> None:
    appointment = cast.booked()
    hours = availability_from(
        {"weekly": [{"weekday": 4, "start": "18:00", "end": "20:00", "places": []}], "overrides": []}
    )
    later = NOW + HOURS
    acted(cast, partial(set_availability, cast.okafor.pk, availability=hours, by=cast.by_okafor, now=later))
    provider = Provider.objects.get(pk=cast.okafor.pk)
    assert availability_from(provider.availability) == hours
    assert provider.availability_changed_at == later
    assert Appointment.objects.get().starts_at == appointment.starts_at
    assert picked(cast, FRIDAY_AT_NINE) is SlotNotOpen
    assert picked(cast, new_york(27, 18)) == "moved"


def test_time_off_keeps_clients_out_and_appointments_in(cast: Cast) -> None:
    appointment = cast.booked()
    block = blocked(cast, Span(TUESDAY_AT_ELEVEN, FRIDAY.end), note="  Court.  ")
    assert (block.note, block.made_at, block.edited_at, block.batch_id) == ("Court.", NOW, None, None)
    assert Appointment.objects.get(pk=appointment.pk).status == "scheduled"
    assert picked(cast, FRIDAY_AT_NINE) is SlotNotOpen
    assert picked(cast, FRIDAY.end) == "moved"


@pytest.mark.parametrize(
    ("span", "note", "refusal"),
    [
        (Span(NOW - HOURS, NOW), "", StartsInThePast),
        (FRIDAY, "x" * (NOTE_LIMIT + 1), NoteForBlockTooLong),
    ],
)
def test_time_off_that_is_over_or_says_too_much_is_refused(
    cast: Cast, span: Span, note: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        blocked(cast, span, note=note)
    block = blocked(cast)
    with pytest.raises(refusal):
        acted(
            cast,
            partial(change_block, block.ref, practice_id=cast.practice.pk, span=span, note=note, now=NOW),
        )
    row = OutOfOffice.objects.get()
    assert (row.starts_at, row.edited_at) == (FRIDAY.start, None)


def test_time_off_under_way_may_be_blocked_and_changed(cast: Cast) -> None:
    block = blocked(cast, Span(NOW - HOURS, NOW + MINUTES))
    changed = partial(change_block, block.ref, practice_id=cast.practice.pk, note="", all_day=True)
    acted(cast, partial(changed, span=Span(NOW - HOURS, NOW + HOURS), now=NOW))
    row = OutOfOffice.objects.get()
    assert (row.ends_at, row.edited_at, row.all_day) == (NOW + HOURS, NOW, True)


def test_removed_time_off_is_open_again_and_cannot_be_removed_or_changed_twice(cast: Cast) -> None:
    block = blocked(cast)
    about = {"practice_id": cast.practice.pk, "now": NOW}
    acted(cast, partial(remove_block, block.ref, **about))  # type: ignore[arg-type]
    assert OutOfOffice.objects.get().removed_at == NOW
    for verb in (
        partial(remove_block, block.ref, **about),  # type: ignore[arg-type]
        partial(change_block, block.ref, span=FRIDAY, note="", **about),  # type: ignore[arg-type]
    ):
        with pytest.raises(BlockGone):
            acted(cast, verb)
    assert picked(cast, FRIDAY_AT_NINE) == "moved"


def test_p17_time_off_of_another_practice_is_not_there(cast: Cast) -> None:
    block = blocked(cast)
    about = {"practice_id": cast.elsewhere.pk, "now": NOW}
    for verb in (
        partial(remove_block, block.ref, **about),  # type: ignore[arg-type]
        partial(change_block, block.ref, span=FRIDAY, note="", **about),  # type: ignore[arg-type]
    ):
        with pytest.raises(BlockGone):
            acted(cast, verb)
    assert OutOfOffice.objects.get().removed_at is None


def test_busy_time_keeps_clients_out_with_their_quiet_time(cast: Cast) -> None:
    """A session needs ten minutes after it, so that one before a busy hour must end by ten to."""
    calendar = imported(cast, "home.ics", Span(FRIDAY_AT_NINE + HOURS, FRIDAY_AT_NINE + 2 * HOURS))
    assert (calendar.read_at, calendar.problems, BusyTime.objects.count()) == (NOW, [], 1)
    assert picked(cast, FRIDAY_AT_NINE + 30 * MINUTES) in (SlotNotOpen, SlotTaken)
    assert picked(cast, FRIDAY_AT_NINE + HOURS) is SlotNotOpen
    assert picked(cast, FRIDAY_AT_NINE) == "moved"


def test_a_calendar_of_the_same_name_replaces_the_one_before(cast: Cast) -> None:
    first = imported(cast, "home.ics", FRIDAY, Span(FRIDAY.end, FRIDAY.end + HOURS))
    work = imported(cast, "work.ics", Span(FRIDAY.end + HOURS, FRIDAY.end + 2 * HOURS))
    again = imported(cast, "home.ics", Span(FRIDAY.end, FRIDAY.end + HOURS), now=NOW + HOURS)
    assert (again.pk, again.read_at) == (first.pk, NOW + HOURS)
    rows = BusyTime.objects.order_by("starts_at").values_list("calendar", "starts_at")
    assert list(rows) == [(again.pk, FRIDAY.end), (work.pk, FRIDAY.end + HOURS)]


def test_a_removed_calendar_takes_its_busy_time_along_and_no_other(cast: Cast) -> None:
    home, work = imported(cast, "home.ics", FRIDAY), imported(cast, "work.ics", FRIDAY)
    remove = partial(remove_calendar, home.ref, now=NOW)
    acted(cast, partial(remove, provider_id=cast.okafor.pk))
    assert list(BusyTime.objects.values_list("calendar", flat=True)) == [work.pk]
    for provider in (cast.okafor, cast.fischer):
        with pytest.raises(CalendarGone):
            acted(cast, partial(remove, provider_id=provider.pk))


def test_nobody_removes_a_colleagues_calendar(cast: Cast) -> None:
    home = imported(cast, "home.ics", FRIDAY)
    with pytest.raises(CalendarGone):
        acted(cast, partial(remove_calendar, home.ref, provider_id=cast.fischer.pk, now=NOW))
    assert BusyTime.objects.count() == 1
