"""What becomes of the time off that was blocked with an ask: withdrawing frees it, every other ending leaves it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import change_block
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import AlreadyStarted, CancelReason
from raincheck.domain.reschedule.lifecycle import BlockWasEdited
from raincheck.domain.spans import Span

HOURS = timedelta(hours=1)
NEXT_TUESDAY = new_york(1, 11, month=12)
TUESDAY = Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOURS)
BOTH = Span(TUESDAY_AT_ELEVEN, NEXT_TUESDAY + HOURS)


def asked_about_two(cast: Cast, block: Span) -> tuple[RescheduleRequest, RescheduleRequest]:
    """Ask Riley about two Tuesdays at once, with a block."""
    first = cast.asked(cast.booked(), cast.booked(NEXT_TUESDAY), block=block)
    RescheduleRequest.objects.update(handed_over_at=NOW)
    return first, RescheduleRequest.objects.exclude(pk=first.pk).get()


def is_blocked() -> bool:
    return OutOfOffice.objects.get().removed_at is None


def ended(cast: Cast, request: RescheduleRequest, ending: str) -> None:
    """Bring a request to one of its endings."""
    if ending == "moved":
        cast.pick(request)
    elif ending == "declined":
        cast.decline(request)
    elif ending == "lapsed":
        sweep(now=request.deadline_at + timedelta(minutes=1))
    elif ending == "void":
        RescheduleRequest.objects.update(handed_over_at=None)
        sweep(now=request.asked_starts_at)
    else:
        cancelled(cast, Appointment.objects.get(pk=request.appointment_id))
    request.refresh_from_db()
    assert request.state == ending


def cancelled(cast: Cast, appointment: Appointment) -> None:
    said = Cancellation(CancelReason.CLINICAL)
    verb = partial(cancel_appointment, appointment.ref, cancellation=said, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


@pytest.mark.parametrize("ending", ["moved", "declined", "lapsed", "void", "superseded"])
def test_every_other_ending_leaves_the_block(cast: Cast, ending: str) -> None:
    request = cast.asked(cast.booked(), block=TUESDAY)
    RescheduleRequest.objects.update(handed_over_at=NOW)
    ended(cast, request, ending)
    assert is_blocked()


def test_another_type_leaves_the_block_too(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment, block=TUESDAY)
    details = Details(FRIDAY_AT_NINE, cast.intake.pk, appointment.place_id, join_url=appointment.join_url)
    verb = partial(change_appointment_details, appointment.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert is_blocked()


@pytest.mark.parametrize("ending", ["moved", "declined", "superseded"])
def test_withdrawing_another_day_leaves_the_block_of_a_time_that_was_given_up(
    cast: Cast, ending: str
) -> None:
    first, second = asked_about_two(cast, TUESDAY)
    ended(cast, first, ending)
    cast.withdraw(second)
    assert is_blocked()


def test_withdrawing_another_day_leaves_the_block_of_a_time_still_asked_about(cast: Cast) -> None:
    first, second = asked_about_two(cast, TUESDAY)
    cast.withdraw(second)
    assert is_blocked()
    cast.withdraw(first)
    assert not is_blocked()


def test_a_block_over_two_asked_times_goes_with_the_second_withdrawal(cast: Cast) -> None:
    first, second = asked_about_two(cast, BOTH)
    cast.withdraw(first)
    assert is_blocked()
    cast.withdraw(second)
    assert not is_blocked()


def test_a_block_over_two_asked_times_stays_for_the_one_that_moved(cast: Cast) -> None:
    first, second = asked_about_two(cast, BOTH)
    cast.pick(first, new_york(23, 9))
    cast.withdraw(second)
    assert is_blocked()


def test_a_block_beside_all_asked_times_goes_with_the_last_withdrawal(cast: Cast) -> None:
    first, second = asked_about_two(cast, Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + HOURS))
    cast.withdraw(second)
    assert is_blocked()
    cast.withdraw(first)
    assert not is_blocked()


def test_a_block_that_somebody_moved_is_asked_about(cast: Cast) -> None:
    request = cast.asked(cast.booked(), block=TUESDAY)
    moved = partial(
        change_block,
        OutOfOffice.objects.get().ref,
        practice_id=cast.practice.pk,
        span=Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + HOURS),
        note="",
        now=NOW,
    )
    run_command(moved, key=None, body={}, by=cast.by_okafor, now=NOW)
    with pytest.raises(BlockWasEdited):
        cast.withdraw(request)
    cast.withdraw(request, edited_block="remove")
    assert not is_blocked()


def test_once_its_time_has_come_a_request_is_void_and_never_withdrawn(cast: Cast) -> None:
    request = cast.asked(cast.booked(), block=TUESDAY)
    with pytest.raises(AlreadyStarted):
        cast.withdraw(request, now=request.asked_starts_at)
    assert is_blocked()
