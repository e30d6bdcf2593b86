"""A first appointment that lapsed is its provider's task, until the client has booked again."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, Cast, new_york
from tests.app.client_browser import handed_over

from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.reschedule import RebookOffer
from raincheck.data.tasks import Task
from raincheck.domain.policy import LAPSE_GRACE


def open_calls() -> int:
    return Task.objects.filter(kind="intake_lapsed", done_at__isnull=True).count()


@pytest.fixture
def lapsed_at(cast: Cast) -> datetime:
    """Riley's intake with Dr. Okafor was asked about, and nobody answered."""
    request = handed_over(cast.asked(cast.booked(new_york(30, 11), kind=cast.intake)))
    at = request.deadline_at + LAPSE_GRACE
    sweep(now=at)
    assert open_calls() == 1
    return at


def test_the_rebook_link_ends_it(cast: Cast, lapsed_at: datetime) -> None:
    offer = RebookOffer.objects.get()
    verb = partial(rebook, offer.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=lapsed_at)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=lapsed_at)
    assert open_calls() == 0
    assert Task.objects.get(kind="intake_lapsed").done_at == lapsed_at


def test_a_booking_by_the_practice_ends_it(cast: Cast, lapsed_at: datetime) -> None:
    cast.booked(FRIDAY_AT_NINE, now=lapsed_at)
    assert open_calls() == 0


def test_another_intake_with_somebody_else_ends_it_and_no_other_booking_there(
    cast: Cast, lapsed_at: datetime
) -> None:
    cast.booked(FRIDAY_AT_NINE, provider=cast.fischer, now=lapsed_at)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya, now=lapsed_at)
    assert open_calls() == 1
    cast.booked(new_york(27, 14), provider=cast.fischer, kind=cast.intake, now=lapsed_at)
    assert open_calls() == 0
