"""Somebody is discharged or archived while another picks or books: one after the other, and nothing stays ahead of who left."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast
from tests.app.people.merged import BY_SASHA, HOUR
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.clients.leaving import Discharge, archive, discharge
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client
from raincheck.domain.clients.leaving import AppointmentsAhead, NotInCare, Told
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import AlreadySettled

pytestmark = pytest.mark.sampled
LATER = NOW + HOUR


def discharging(cast: Cast) -> partial[Answer]:
    return partial(discharge, cast.riley.pk, said=Discharge(Told.STANDARD), by=BY_SASHA, now=LATER)


def booking(cast: Cast) -> partial[Answer]:
    said = Booking(cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    return partial(book, said, by=cast.by_okafor, now=LATER)


def met(first: partial[Answer], by: Actor, second: partial[Answer], then: Actor) -> tuple[object, object]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=by, now=LATER, still_fresh=hook),
        lambda: carried_out(second, by=then, now=LATER),
    )


def ahead() -> list[str]:
    return list(Appointment.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("discharged_first", [True, False])
def test_a_pick_and_a_discharge_end_with_nothing_ahead(cast: Cast, discharged_first: bool) -> None:
    request = cast.asked(cast.booked())
    picking = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=LATER)
    if discharged_first:
        _left, picked = met(discharging(cast), BY_SASHA, picking, cast.by_riley)
        assert picked is AlreadySettled
    else:
        _picked, left = met(picking, cast.by_riley, discharging(cast), BY_SASHA)
        assert left == {"client": str(cast.riley.ref), "canceled": "1"}
    request.refresh_from_db()
    assert request.state == ("superseded" if discharged_first else "moved")
    assert (ahead(), broken()) == (["cancelled"], {})


@pytest.mark.parametrize("discharged_first", [True, False])
def test_a_booking_and_a_discharge_end_with_nothing_ahead(cast: Cast, discharged_first: bool) -> None:
    if discharged_first:
        _left, booked = met(discharging(cast), BY_SASHA, booking(cast), cast.by_okafor)
        assert (booked, ahead()) == (NotInCare, [])
    else:
        met(booking(cast), cast.by_okafor, discharging(cast), BY_SASHA)
        assert ahead() == ["cancelled"]
    assert broken() == {}


@pytest.mark.parametrize("archived_first", [True, False])
def test_nothing_is_booked_for_a_record_that_is_put_away(cast: Cast, archived_first: bool) -> None:
    putting_away = partial(archive, cast.riley.pk, by=BY_SASHA, now=LATER)
    if archived_first:
        _away, booked = met(putting_away, BY_SASHA, booking(cast), cast.by_okafor)
        assert booked is NotInCare
    else:
        _booked, away = met(booking(cast), cast.by_okafor, putting_away, BY_SASHA)
        assert away is AppointmentsAhead
    assert (Client.objects.get(pk=cast.riley.pk).archived_at is None) is not archived_first
    assert (len(ahead()), broken()) == (0 if archived_first else 1, {})
