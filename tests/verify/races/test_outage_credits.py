"""Two sweeps after one outage: everybody has their time back once, and nothing lapses in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from tests.app.cast import NOW, Cast
from tests.app.heartbeats import pages_served
from tests.app.reschedule.test_slow_prompts import handed_over
from tests.verify.races.overlapping import Outcome, Verb, carried_out, second_while_first_is_uncommitted

from raincheck.actions.engine.runner import Answer
from raincheck.actions.timing.outages import credit_outages, note_found, note_outages
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.timing.outages import Outage
from raincheck.domain.people import SYSTEM

pytestmark = pytest.mark.sampled

HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
DEADLINE = NOW + 48 * HOURS


def test_two_sweeps_at_once_give_an_outage_back_once(cast: Cast) -> None:
    """The deadline passed during the outage: whoever saw the old one would let the request lapse."""
    request = handed_over(cast.asked(cast.booked()), now=NOW)
    end = DEADLINE + 20 * MINUTES
    pages_served(NOW, DEADLINE - 10 * MINUTES)
    pages_served(end, end)
    note_outages(now=end, real_now=end)

    def crediting() -> Answer:
        return {"reckoned": str(credit_outages(now=end, limit=200).total())}

    def sweeping() -> Outcome:
        return {word: str(count) for word, count in sweep(now=end, real_now=end).items()}

    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(crediting, by=SYSTEM, now=end, still_fresh=hook), sweeping
    )
    assert outcomes == ({"reckoned": "1"}, {})
    sweep(now=end, real_now=end)
    request.refresh_from_db()
    assert (request.state, request.deadline_at) == ("open", DEADLINE + 30 * MINUTES)
    assert AppointmentHistory.objects.filter(event="outage").count() == 1
    assert Outage.objects.get().credited_at == end


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_sign_of_life_while_a_sweep_looks_for_outages_vouches_for_nothing(cast: Cast, looks: int) -> None:
    """The first web process after an outage in which the deadline passed comes after one of the sweep's looks at them."""
    request = handed_over(cast.asked(cast.booked()), now=NOW)
    end = DEADLINE + 20 * MINUTES
    pages_served(NOW, DEADLINE - 10 * MINUTES)
    seen = count(1)

    def after_each_statement(execute: Callable[..., Any], *statement: Any) -> Any:
        answer = execute(*statement)
        if (
            statement[0].startswith("SELECT")
            and "raincheck_heartbeat" in statement[0]
            and next(seen) == looks
        ):
            pages_served(end, end)
        return answer

    with connection.execute_wrapper(after_each_statement):
        sweep(now=end, real_now=end)
    if next(seen) <= looks:
        pages_served(end, end)
    sweep(now=end, real_now=end)
    request.refresh_from_db()
    assert (request.state, request.deadline_at) == ("open", DEADLINE + 30 * MINUTES)


def _noting(now: datetime) -> Verb:
    return lambda: note_found(ahead=timedelta(0), real_now=now)


def test_an_outage_is_noted_once_by_however_many_notice_it(cast: Cast) -> None:
    end = NOW + 30 * MINUTES
    pages_served(NOW, NOW)
    pages_served(end, end)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(_noting(end), by=SYSTEM, now=end, still_fresh=hook),
        lambda: carried_out(_noting(end), by=SYSTEM, now=end),
    )
    assert outcomes == ({}, {})
    assert list(Outage.objects.values_list("began_at", "ended_at")) == [(NOW, end)]
