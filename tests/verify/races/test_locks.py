"""Each kind of row that a verb locks: another verb that wants it waits until the first has committed, and reads what it left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from tests.app.cast import Cast, room_of
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted

from raincheck.actions.engine.locks import lock
from raincheck.data.appointments.places import Place
from raincheck.domain.people import SYSTEM

pytestmark = pytest.mark.sampled

KINDS = ("practices", "providers", "clients", "appointments", "requests", "places")


@pytest.mark.parametrize("kind", KINDS)
def test_a_verb_waits_for_another_that_has_locked_the_row(cast: Cast, now: datetime, kind: str) -> None:
    request = cast.asked(cast.booked())
    Place.objects.filter(pk=room_of(cast).pk).update(one_at_a_time=True)
    numbers = {
        "practices": cast.practice.pk,
        "providers": cast.okafor.pk,
        "clients": cast.riley.pk,
        "appointments": request.appointment_id,
        "requests": request.pk,
        "places": room_of(cast).pk,
    }
    order: list[str] = []

    def locking(name: str, still_fresh: Callable[[], bool]) -> Outcome:
        def verb() -> dict[str, str]:
            lock(**{kind: [numbers[kind]]})  # type: ignore[arg-type]  # one of those that take numbers
            order.append(f"{name} has it")
            return {}

        def about_to_commit() -> bool:
            let_go = still_fresh()
            order.append(f"{name} commits")
            return let_go

        return carried_out(verb, by=SYSTEM, now=now, still_fresh=about_to_commit)

    second_while_first_is_uncommitted(
        lambda hook: locking("first", hook), lambda: locking("second", lambda: True)
    )
    assert order == ["first has it", "first commits", "second has it", "second commits"]
