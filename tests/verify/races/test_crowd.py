"""A crowd wants the same times in the same moment: each time goes to one client, the others are told and keep theirs."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from django.db import connections
from tests.app.cast import NOW, Cast, new_york, provider_in
from tests.verify.races.crowd import HOUR, asked_crowd
from tests.verify.races.overlapping import Outcome, carried_out
from tests.verify.races.promises import broken

from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import SlotTaken
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import TookTooLong
from raincheck.queries.reschedule.choose import choices

DAY = timedelta(days=1)
MORE = ("Ames", "Bell", "Cole", "Dunn", "Ebel", "Frey", "Gray", "Hall")
THE_SLOT = new_york(30, 9)
AT_ONCE = 8
"""Connections of the web server: two processes of four threads."""


def picked(wish: tuple[RescheduleRequest, datetime]) -> Outcome:
    """Pick as a person does: who is told that it took too long, which says nothing of the time, tries again."""
    request, start = wish
    by = Actor(ActorKind.CLIENT_BY_LINK, request.client_id, practice=request.practice_id)
    pick = partial(pick_new_time, request.ref, start=start, by=by, now=NOW)
    try:
        while (outcome := carried_out(pick, by=by, now=NOW)) is TookTooLong:
            pass
        return outcome
    finally:
        connections["default"].close()


def told(outcome: Outcome) -> str:
    return outcome["state"] if isinstance(outcome, dict) else outcome.code


def test_one_of_fifty_clients_gets_the_slot_and_the_others_the_remaining_times(cast: Cast) -> None:
    requests = asked_crowd(cast, cast.okafor, 50)
    with ThreadPoolExecutor(50) as pool:
        outcomes = Counter(map(told, pool.map(picked, [(request, THE_SLOT) for request in requests])))
    assert outcomes == {"moved": 1, SlotTaken.code: 49}
    assert Appointment.objects.filter(starts_at=THE_SLOT, status="scheduled").count() == 1
    one = RescheduleRequest.objects.filter(state="open").latest("pk")
    [choice] = choices(one.batch, [one], zone="America/New_York", now=NOW)
    assert choice.starts
    assert THE_SLOT not in choice.starts
    assert broken() == {}


def test_of_two_hundred_clients_one_hundred_get_the_hundred_slots(cast: Cast) -> None:
    """Each of ten providers has ten open times and twenty clients; every time is wanted by two."""
    others = [provider_in(cast.practice, f"Dr. Ira {name}", f"Dr. {name}") for name in MORE]
    slots = [THE_SLOT + day * DAY + hour * HOUR for day in range(2) for hour in range(5)]
    wishes = []
    for provider in (cast.okafor, cast.fischer, *others):
        requests = asked_crowd(cast, provider, 20)
        wishes += [(request, slots[number % 10]) for number, request in enumerate(requests)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(map(told, pool.map(picked, wishes)))
    assert outcomes == {"moved": 100, SlotTaken.code: 100}
    assert Counter(RescheduleRequest.objects.values_list("state", flat=True)) == {"moved": 100, "open": 100}
    assert broken() == {}
