"""The history of an appointment: every change is one row that says who, when, from, to, and why."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason

HOURS = timedelta(hours=1)
LATE = TUESDAY_AT_ELEVEN - HOURS


def last_row(appointment: Appointment) -> AppointmentHistory:
    return AppointmentHistory.objects.filter(appointment=appointment).latest("pk")


def cancel(
    cast: Cast, appointment: Appointment, *, reason: CancelReason, waived: bool = False, now: object = LATE
) -> None:
    said = Cancellation(reason, waived=waived)
    verb = partial(cancel_appointment, appointment.ref, cancellation=said, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


@pytest.mark.parametrize(
    ("reason", "waived", "details"),
    [
        (CancelReason.CLIENT_ASKED, False, {"why": "client_late", "fee_allowed": True}),
        (CancelReason.CLIENT_ASKED, True, {"why": "client", "fee_allowed": False}),
        (CancelReason.NO_LONGER_NEEDED, False, {"why": "no_longer_needed", "fee_allowed": False}),
        (CancelReason.OTHER, False, {"why": "provider_other", "fee_allowed": False}),
    ],
)
def test_a_cancellation_keeps_why_and_whether_a_fee_was_allowed(
    cast: Cast, reason: CancelReason, waived: bool, details: dict[str, object]
) -> None:
    appointment = cast.booked()
    cancel(cast, appointment, reason=reason, waived=waived)
    row = last_row(appointment)
    assert (row.event, row.details) == ("cancelled", details)


def test_a_time_that_was_asked_about_keeps_that_no_fee_was_allowed(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment)
    cancel(cast, appointment, reason=CancelReason.CLIENT_ASKED)
    assert last_row(appointment).details == {"why": "client_late", "fee_allowed": False}


def test_a_time_nobody_asked_about_may_cost_a_fee_after_a_move(cast: Cast) -> None:
    appointment = cast.booked()
    cast.pick(cast.asked(appointment))
    cancel(cast, appointment, reason=CancelReason.CLIENT_ASKED, now=FRIDAY_AT_NINE - HOURS)
    assert last_row(appointment).details == {"why": "client_late", "fee_allowed": True}


def test_a_decline_keeps_why(cast: Cast) -> None:
    appointment = cast.booked()
    cast.decline(cast.asked(appointment))
    row = last_row(appointment)
    assert (row.event, row.details) == ("declined", {"why": "reschedule_declined", "fee_allowed": False})


@pytest.mark.parametrize(
    ("word_at", "why"), [(None, "reschedule_unanswered"), (NOW + HOURS, "reschedule_no_time")]
)
def test_a_lapse_keeps_why(cast: Cast, word_at: object, why: str) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    RescheduleRequest.objects.update(handed_over_at=NOW, client_wrote_at=word_at)
    sweep(now=request.deadline_at + timedelta(minutes=1))
    row = last_row(appointment)
    assert (row.event, row.actor_kind, row.request_id, row.sequence, row.details) == (
        "lapsed",
        "system",
        request.pk,
        1,
        {"why": why, "fee_allowed": False},
    )
    assert (row.from_starts_at, row.to_starts_at) == (None, TUESDAY_AT_ELEVEN)


def test_a_lapse_writes_the_same_into_the_appointment_as_any_other_cancellation(cast: Cast) -> None:
    """One is done in batches and one by one: neither may forget a column."""
    lapsed, declined = cast.booked(), cast.booked(FRIDAY_AT_NINE)
    cast.asked(lapsed, declined)
    RescheduleRequest.objects.update(handed_over_at=NOW)
    cast.decline(RescheduleRequest.objects.get(appointment=declined))
    sweep(now=NOW + 48 * HOURS + timedelta(minutes=1))
    own = {"id", "ref", "ical_uid", "starts_at", "ends_at", "starts_wall", "cancelled_at"}
    said = {"cancelled_by": "system", "cancelled_why": "reschedule_unanswered"}
    [one, other] = Appointment.objects.filter(pk__in=[lapsed.pk, declined.pk]).order_by("pk").values()
    assert {name: value for name, value in one.items() if name not in own} == {
        name: value for name, value in (other | said).items() if name not in own
    }


def test_a_new_time_by_the_details_form_keeps_both_times(cast: Cast) -> None:
    appointment = cast.booked()
    details = Details(FRIDAY_AT_NINE, appointment.type_id, appointment.place_id, appointment.join_url)
    verb = partial(change_appointment_details, appointment.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    row = last_row(appointment)
    assert (row.event, row.from_starts_at, row.to_starts_at, row.sequence) == (
        "details_changed",
        TUESDAY_AT_ELEVEN,
        FRIDAY_AT_NINE,
        1,
    )
