"""A first appointment that lapsed is its provider's task, until the client has booked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, Cast, new_york
from tests.app.client_browser import handed_over
from tests.app.imports.staged_files import brought_in, staged, undone

from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.models import Import
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.tasks import Task
from raincheck.domain.imports.columns import Kind
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


def imported(cast: Cast, row: str, *, now: datetime) -> Import:
    lines = ("Client|Provider|Start|End|Type|Place", row)
    file = staged(cast, *lines, kind=Kind.APPOINTMENTS, now=now)
    assert brought_in(file, now=now)["rows"] == "1"
    return file


WITH_OKAFOR = "Riley Brooks|Dr. Jo Okafor|12/4/2026 9:00 AM|12/4/2026 9:50 AM|Follow-up|Telehealth"
WITH_FISCHER = "Riley Brooks|Dr. Lena Fischer|12/4/2026 9:00 AM|12/4/2026 9:50 AM|Follow-up|Telehealth"
INTAKE_WITH_FISCHER = "Riley Brooks|Dr. Lena Fischer|12/4/2026 9:00 AM|12/4/2026 10:20 AM|Intake|Telehealth"
OF_MAYA = "Maya Chen|Dr. Jo Okafor|12/4/2026 11:00 AM|12/4/2026 11:50 AM|Follow-up|Telehealth"


@pytest.mark.parametrize(
    ("row", "open_afterwards"),
    [(WITH_OKAFOR, 0), (INTAKE_WITH_FISCHER, 0), (WITH_FISCHER, 1), (OF_MAYA, 1)],
    ids=["with the same provider", "an intake elsewhere", "any other elsewhere", "another client's"],
)
def test_an_import_ends_it_as_a_booking_does(
    cast: Cast, lapsed_at: datetime, row: str, open_afterwards: int
) -> None:
    imported(cast, row, now=lapsed_at)
    assert open_calls() == open_afterwards


def test_an_import_that_is_undone_leaves_it_open(cast: Cast, lapsed_at: datetime) -> None:
    file = imported(cast, WITH_OKAFOR, now=lapsed_at)
    undone(file, now=lapsed_at + timedelta(hours=1))
    assert open_calls() == 1


def test_an_import_that_is_undone_after_they_have_booked_leaves_it_done(
    cast: Cast, lapsed_at: datetime
) -> None:
    file = imported(cast, WITH_OKAFOR, now=lapsed_at)
    cast.booked(new_york(27, 14), now=lapsed_at)
    undone(file, now=lapsed_at + timedelta(hours=1))
    assert open_calls() == 0


def test_an_import_that_is_undone_opens_nothing_that_was_done_before(cast: Cast, lapsed_at: datetime) -> None:
    Task.objects.filter(kind="intake_lapsed").update(done_at=lapsed_at)
    file = imported(cast, WITH_OKAFOR, now=lapsed_at + timedelta(minutes=1))
    undone(file, now=lapsed_at + timedelta(hours=1))
    assert open_calls() == 0
