"""Open times while somebody is asked: none means no ask, the last one going is a task, and one coming back ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, as_read, new_york
from tests.app.client_browser import handed_over
from tests.app.queued_looks import look_as_queued

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.availability import set_availability
from raincheck.actions.calendars.sources import import_busy_time, remove_calendar
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.out_of_office import block_time, change_block, remove_block
from raincheck.actions.practice import set_rules
from raincheck.actions.reschedule import open_times
from raincheck.actions.reschedule.open_times import look_again
from raincheck.actions.timing import sweep as sweeping
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.reschedule.lifecycle import NoOpenTimes
from raincheck.domain.spans import Span

HOUR = timedelta(hours=1)
FRIDAY = Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + timedelta(hours=1))


def works(cast: Cast, *overrides: tuple[str, str, str]) -> None:
    """Let Dr. Okafor work on single days only: (day, from, to)."""
    cast.okafor.availability = {
        "weekly": [],
        "overrides": [
            {"date": day, "windows": [{"start": start, "end": end, "places": []}]}
            for day, start, end in overrides
        ],
    }
    cast.okafor.save(update_fields=["availability"])


def acted(cast: Cast, verb: Callable[[], Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def tasks(*, now: datetime = NOW) -> list[tuple[str, int | None, bool]]:
    """Return kind, client and whether it is open of each task, once the worker has looked as it was told to."""
    look_as_queued(now=now)
    rows = Task.objects.order_by("pk").values_list("kind", "client", "done_at")
    return [(kind, client, done_at is None) for kind, client, done_at in rows]


def test_an_ask_whose_own_block_takes_the_last_open_time_is_refused(cast: Cast) -> None:
    appointment = cast.booked()
    works(cast, ("2026-11-27", "09:00", "10:00"))
    with pytest.raises(NoOpenTimes):
        cast.asked(appointment, block=Span(TUESDAY_AT_ELEVEN, FRIDAY.end))
    assert (RescheduleBatch.objects.count(), OutOfOffice.objects.count()) == (0, 0)
    assert cast.asked(appointment, block=Span(TUESDAY_AT_ELEVEN, FRIDAY.start)).state == "open"


@pytest.mark.parametrize(
    ("day", "start", "is_sent"),
    [
        ("2026-12-08", "11:00", True),  # exactly fourteen days later
        ("2026-12-08", "11:30", False),
        ("2026-11-17", "11:00", True),  # exactly seven days before
        ("2026-11-17", "10:30", False),
    ],
)
def test_before_sending_open_times_count_from_7_days_before_to_14_days_after(
    cast: Cast, day: str, start: str, is_sent: bool
) -> None:
    appointment = cast.booked()
    hour, minute = map(int, start.split(":"))
    works(cast, (day, start, f"{hour + 1}:{minute:02}"))
    if is_sent:
        assert cast.asked(appointment).state == "open"
    else:
        with pytest.raises(NoOpenTimes):
            cast.asked(appointment)


def test_fourteen_days_are_counted_on_the_wall_when_the_clocks_change(cast: Cast) -> None:
    """On November 1 the clocks in New York go back: the same time on November 10 is 337 hours away."""
    asked_at = new_york(20, 9, month=10)
    appointment = cast.booked(new_york(27, 11, month=10), now=asked_at)
    works(cast, ("2026-11-10", "11:00", "12:00"))
    assert cast.asked(appointment, now=asked_at).state == "open"


def test_a_block_made_with_an_ask_may_take_somebody_elses_last_open_time(cast: Cast) -> None:
    """On December 2 Maya is with Dr. Fischer, so that Friday is all she has."""
    rileys, mayas = cast.booked(), cast.booked(new_york(25, 11), client=cast.maya)
    works(cast, ("2026-11-27", "09:00", "10:00"), ("2026-12-02", "09:00", "10:00"))
    cast.booked(new_york(2, 9, month=12), client=cast.maya, provider=cast.fischer)
    cast.asked(mayas)
    assert tasks() == []
    cast.asked(rileys, block=FRIDAY)
    assert tasks() == [("no_open_times", cast.maya.pk, True)]


@pytest.fixture
def without_times(cast: Cast) -> Appointment:
    """Riley is asked, and the only open time is taken by Maya: her appointment."""
    appointment = cast.booked()
    works(cast, ("2026-11-27", "09:00", "10:00"))
    cast.asked(appointment)
    taken = cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    return taken


def test_new_hours_end_the_task(cast: Cast, without_times: Appointment) -> None:
    hours = availability_from({"weekly": [{"weekday": 0, "start": "09:00", "end": "12:00", "places": []}]})
    acted(cast, partial(set_availability, cast.okafor.pk, availability=hours, by=cast.by_okafor, now=NOW))
    assert tasks() == [("no_open_times", cast.riley.pk, False)]


def test_a_cancellation_ends_the_task(cast: Cast, without_times: Appointment) -> None:
    said = Cancellation(CancelReason.CLIENT_ASKED)
    acted(
        cast,
        partial(cancel_appointment, without_times.ref, cancellation=said, by=cast.by_okafor, now=NOW),
    )
    assert tasks() == [("no_open_times", cast.riley.pk, False)]


def test_time_off_is_a_task_and_opening_it_again_ends_it(cast: Cast) -> None:
    appointment = cast.booked()
    works(cast, ("2026-11-27", "09:00", "10:00"))
    cast.asked(appointment)
    block = acted(cast, partial(block_time, cast.okafor.pk, span=FRIDAY, now=NOW))["block"]
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    about = {"practice_id": cast.practice.pk, "now": NOW}
    later = Span(FRIDAY.end, FRIDAY.end + timedelta(hours=1))
    acted(cast, partial(change_block, block, span=later, note="", **about))
    assert tasks() == [("no_open_times", cast.riley.pk, False)]
    acted(cast, partial(change_block, block, span=FRIDAY, note="", **about))
    assert tasks()[1:] == [("no_open_times", cast.riley.pk, True)]
    acted(cast, partial(remove_block, block, **about))
    assert tasks() == [("no_open_times", cast.riley.pk, False)] * 2


def test_a_calendar_that_takes_the_last_time_is_a_task_until_it_is_removed(cast: Cast) -> None:
    appointment = cast.booked()
    works(cast, ("2026-11-27", "09:00", "10:00"))
    cast.asked(appointment)
    read = partial(import_busy_time, cast.okafor.pk, name="home.ics", reading=as_read(FRIDAY))
    acted(cast, partial(read, now=NOW))
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    calendar = BusyCalendar.objects.get().ref
    acted(cast, partial(remove_calendar, calendar, provider_id=cast.okafor.pk, now=NOW))
    assert tasks() == [("no_open_times", cast.riley.pk, False)]


def test_a_decline_that_frees_time_ends_the_task_of_another(cast: Cast, without_times: Appointment) -> None:
    """On December 2 Riley is with Dr. Fischer, so that this time helps Maya only."""
    cast.booked(new_york(2, 9, month=12), provider=cast.fischer)
    works(cast, ("2026-11-27", "09:00", "10:00"), ("2026-12-02", "09:00", "10:00"))
    hers = cast.asked(without_times)
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    cast.decline(hers)
    assert tasks() == [("no_open_times", cast.riley.pk, False)]


def test_a_lapse_that_frees_time_ends_the_task_of_another(cast: Cast, without_times: Appointment) -> None:
    """On December 2 Riley is with Dr. Fischer, so that this time helps Maya only; she does not answer."""
    cast.booked(new_york(2, 9, month=12), provider=cast.fischer)
    works(cast, ("2026-11-27", "09:00", "10:00"), ("2026-12-02", "09:00", "10:00"))
    hers = cast.asked(without_times)
    RescheduleRequest.objects.update(handed_over_at=NOW)
    RescheduleRequest.objects.exclude(pk=hers.pk).update(deadline_at=hers.deadline_at + 24 * HOUR)
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    over = hers.deadline_at + timedelta(minutes=2)
    RescheduleRequest.objects.update(look_again_at=over + HOUR)
    sweep(now=over)
    assert tasks(now=over) == [("no_open_times", cast.riley.pk, False)]


def test_a_withdrawal_that_opens_its_block_ends_the_task_of_another(cast: Cast) -> None:
    rileys, mayas = cast.booked(), cast.booked(new_york(25, 11), client=cast.maya)
    works(cast, ("2026-11-27", "09:00", "10:00"), ("2026-12-02", "09:00", "10:00"))
    cast.booked(new_york(2, 9, month=12), client=cast.maya, provider=cast.fischer)
    cast.asked(mayas)
    rileys_request = cast.asked(rileys, block=FRIDAY)
    assert tasks() == [("no_open_times", cast.maya.pk, True)]
    cast.withdraw(rileys_request)
    assert tasks() == [("no_open_times", cast.maya.pk, False)]


def looks(*, now: datetime = NOW) -> tuple[object, object]:
    """Return when the only request was looked at, and when it is again, once the worker has done what is queued."""
    look_as_queued(now=now)
    return RescheduleRequest.objects.values_list("looked_at", "look_again_at").get()


def test_the_clock_that_takes_the_last_open_time_makes_the_task(cast: Cast) -> None:
    """On Friday at nine is the last time; it can be picked until twelve hours before. The next look is at that very time."""
    appointment = cast.booked(new_york(30, 11))
    works(cast, ("2026-11-27", "09:00", "10:00"))
    asked_at = FRIDAY_AT_NINE - timedelta(hours=12, minutes=30)
    handed_over(cast.asked(appointment, now=asked_at))
    last = FRIDAY_AT_NINE - timedelta(hours=12)
    assert looks(now=asked_at) == (asked_at, last + timedelta(seconds=1))
    sweep(now=last)
    assert tasks() == []
    sweep(now=last + timedelta(seconds=1))
    assert tasks() == [("no_open_times", cast.riley.pk, True)]


def test_a_request_without_open_times_is_looked_at_again_every_few_minutes(
    cast: Cast, without_times: Appointment
) -> None:
    assert looks() == (NOW, NOW + timedelta(minutes=5))
    works(cast, ("2026-11-27", "09:00", "12:00"))
    sweep(now=NOW + timedelta(minutes=4))
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    sweep(now=NOW + timedelta(minutes=5))
    assert tasks() == [("no_open_times", cast.riley.pk, False)]
    assert looks() == (NOW + timedelta(minutes=5), NOW + timedelta(hours=1, minutes=5))


def test_the_clients_own_appointment_elsewhere_is_noticed_within_the_hour(cast: Cast) -> None:
    """Riley's booking with Dr. Fischer is no business of Dr. Okafor's, but it takes the only time there is."""
    appointment = cast.booked()
    works(cast, ("2026-11-27", "09:00", "10:00"))
    handed_over(cast.asked(appointment))
    look_as_queued(now=NOW)
    cast.booked(FRIDAY_AT_NINE, provider=cast.fischer)
    assert tasks() == []
    sweep(now=NOW + timedelta(hours=1))
    assert tasks() == [("no_open_times", cast.riley.pk, True)]


def test_a_change_of_rules_is_looked_into_by_the_sweep_once_it_is_surely_committed(cast: Cast) -> None:
    appointment = cast.booked()
    works(cast, ("2026-11-18", "09:00", "10:00"))
    cast.asked(appointment)
    look_as_queued(now=NOW)
    verb = partial(
        set_rules, cast.practice.pk, rules={"pick_notice": 72 * HOUR}, seen=0, by=cast.by_okafor, now=NOW
    )
    acted(cast, verb)
    sweep(now=NOW + timedelta(seconds=29))
    assert (tasks(), looks()[0]) == ([], NOW)
    sweep(now=NOW + timedelta(seconds=30))
    assert tasks() == [("no_open_times", cast.riley.pk, True)]
    assert looks()[0] == NOW + timedelta(seconds=30)


def test_looking_is_done_once_however_many_requests_there_are(cast: Cast) -> None:
    rileys, mayas = cast.booked(), cast.booked(new_york(25, 11), client=cast.maya)
    handed_over(cast.asked(rileys))
    handed_over(cast.asked(mayas))
    RescheduleRequest.objects.update(look_again_at=None)
    with transaction.atomic():
        assert look_again(now=NOW, limit=200) == {"provider looked at": 1}
        assert look_again(now=NOW, limit=200) == {}
    assert sweep(now=NOW + HOUR) == {}


def test_a_sweep_looks_at_a_share_and_the_next_one_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, provider in enumerate((cast.okafor, cast.fischer)):
        handed_over(cast.asked(cast.booked(new_york(24 + number, 11), provider=provider)))
    RescheduleRequest.objects.update(look_again_at=None)
    monkeypatch.setattr(sweeping, "LOOKS_BATCHES", 1)
    monkeypatch.setattr(open_times, "LOOKS", 1)
    left = []
    for _sweep in range(3):
        sweep(now=NOW)
        left.append(RescheduleRequest.objects.filter(look_again_at__isnull=True).count())
    assert left == [1, 0, 0]
