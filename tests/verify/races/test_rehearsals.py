"""Two managers rehearse in the same instant, and one clears a rehearsal away while its client answers."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import NOW, Cast, new_york
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.rehearsal import clear_rehearsal, start_rehearsal
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.access.rehearsal import RehearsalUnderWay
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import AlreadySettled

pytestmark = pytest.mark.sampled


def by_sasha(cast: Cast) -> Actor:
    return Actor(ActorKind.MANAGER, 1, practice=cast.practice.pk)


def starting(cast: Cast) -> partial[dict[str, str]]:
    played = {"name": "Sasha", "mark": "(rehearsal)", "email": "sasha@harbor.example"}
    about = {"provider_id": cast.okafor.pk, "by": by_sasha(cast), "now": NOW, **played}
    return partial(start_rehearsal, cast.practice.pk, **about)  # type: ignore[arg-type]


def test_of_two_managers_who_rehearse_at_once_one_begins(cast: Cast) -> None:
    by = by_sasha(cast)
    first, second = second_while_first_is_uncommitted(
        lambda hook: carried_out(starting(cast), by=by, now=NOW, still_fresh=hook),
        lambda: carried_out(starting(cast), by=by, now=NOW),
    )
    assert (isinstance(first, dict), second) == (True, RehearsalUnderWay)
    assert Client.objects.filter(rehearsal=True).count() == 1


@pytest.mark.parametrize("clears_first", [True, False], ids=["cleared first", "picked first"])
def test_a_pick_and_the_clearing_away_leave_nothing_ahead(cast: Cast, clears_first: bool) -> None:
    by = by_sasha(cast)
    assert isinstance(carried_out(starting(cast), by=by, now=NOW), dict)
    request = RescheduleRequest.objects.get()
    by_client = Actor(ActorKind.CLIENT_BY_LINK, request.client_id, practice=cast.practice.pk)
    picking = partial(pick_new_time, request.ref, start=new_york(20, 11), by=by_client, now=NOW)
    clearing = partial(clear_rehearsal, cast.practice.pk, by=by, now=NOW)
    acts = [(clearing, by), (picking, by_client)]
    (one, whose), (other, others) = acts if clears_first else reversed(acts)
    first, second = second_while_first_is_uncommitted(
        lambda hook: carried_out(one, by=whose, now=NOW, still_fresh=hook),
        lambda: carried_out(other, by=others, now=NOW),
    )
    request.refresh_from_db()
    assert (isinstance(first, dict), second is AlreadySettled or isinstance(second, dict)) == (True, True)
    assert request.state == ("superseded" if clears_first else "moved")
    assert Appointment.objects.get().status == "cancelled"
