"""A line that breaks during the commit: an act stands once or not at all, and nobody is told what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import OperationalError
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, a_key
from tests.app.database_proxy import When, broken_line

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.engine.runner import Answer, NotSure, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.domain.people import SYSTEM


def booking(cast: Cast) -> Callable[[], Answer]:
    said = Booking(cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    return partial(book, said, by=cast.by_okafor, now=NOW)


@pytest.mark.parametrize("when", ["after", "before"])
def test_a_line_that_breaks_during_the_commit_is_asked_again_on_another_one(cast: Cast, when: When) -> None:
    with broken_line(when=when) as line:
        answer = run_command(booking(cast), key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    assert (line.broke, line.connected) == (1, 2)
    assert [str(ref) for ref in Appointment.objects.values_list("ref", flat=True)] == [answer["appointment"]]


@pytest.mark.parametrize(("when", "stands"), [("after", 1), ("before", 0)])
def test_who_cannot_be_told_is_told_so_and_the_same_key_acts_once(
    cast: Cast, when: When, stands: int
) -> None:
    key = a_key()
    with broken_line(when=when, stays_broken=True), pytest.raises(NotSure):
        run_command(booking(cast), key=key, body={}, by=cast.by_okafor, now=NOW)
    assert Appointment.objects.count() == stands
    answer = run_command(booking(cast), key=key, body={}, by=cast.by_okafor, now=NOW)
    assert [str(ref) for ref in Appointment.objects.values_list("ref", flat=True)] == [answer["appointment"]]


def test_a_repeat_is_never_too_late(cast: Cast) -> None:
    """It is the first sending that has to be in time, and that one was."""
    key = a_key()
    first = run_command(booking(cast), key=key, body={}, by=cast.by_okafor, now=NOW)
    late = run_command(booking(cast), key=key, body={}, by=cast.by_okafor, now=NOW, still_fresh=lambda: False)
    assert late == first


def test_without_a_key_nobody_acts_again(cast: Cast) -> None:
    with broken_line() as line, pytest.raises(OperationalError):
        run_command(booking(cast), key=None, body={}, by=SYSTEM, now=NOW)
    assert (line.broke, Appointment.objects.count()) == (1, 1)


def test_a_line_that_breaks_in_the_middle_of_an_act_leaves_nothing(cast: Cast) -> None:
    verb = booking(cast)
    with broken_line(cuts=0) as line:

        def halfway() -> Answer:
            answer = verb()
            line.end()
            return answer

        with pytest.raises(OperationalError):
            run_command(halfway, key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    assert Appointment.objects.count() == 0
