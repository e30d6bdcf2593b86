"""Two people at any two verbs in the same instant, in every order of their statements: some order of the two explains what came of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random, SystemRandom

import pytest
from django.db import connections
from django.db.models import QuerySet
from tests.app import database as databases
from tests.sampling import WHOLE, sample
from tests.verify.races.interleavings import FEW, MANY, Interleaver, Pair, Schedule, all_pairs
from tests.verify.races.statement_steps import Walkers
from tests.verify.races.worlds import empty_tables, forget, keep, live, number_from

from raincheck.actions.appointments import booking as appointments
from raincheck.actions.appointments.claims import claim
from raincheck.actions.engine import locks
from raincheck.data.appointments import Appointment, Claim, Hold
from raincheck.domain.appointments import SlotTaken

EVERYTHING = os.environ.get("RACES") == "all"
"""`make races` runs every schedule with one preemption; `make verify` a sample: for each pair the stops at either commit,
another stop among many rows, and a schedule with two; `make test` the same of every sixtieth pair."""
SEED = int(os.environ.get("RACES_SEED") or SystemRandom().randrange(1_000_000))
PARTS = 12 if EVERYTHING else 6 if WHOLE else 1
TWO_PREEMPTIONS = 10 if EVERYTHING else 1
"""Schedules with two preemptions for each pair."""


@pytest.fixture
def interleaver(database: None) -> Iterator[Interleaver]:
    first_world = live()
    keep()
    walkers = Walkers()
    yield Interleaver(first_world, walkers)
    walkers.leave()
    forget()
    databases.empty()
    number_from(1)


@pytest.mark.sampled
@pytest.mark.parametrize("part", range(PARTS))
def test_some_order_explains_what_came_of_two_verbs(interleaver: Interleaver, part: int) -> None:
    pairs = sample(all_pairs()[part::PARTS], every=60)
    random = Random(SEED + part)  # no secret: it must come again
    interleaver.learn(pairs)
    once = {pair: interleaver.one_preemption(pair) for pair in pairs}
    twice = [
        interleaver.two_preemptions(pair, random) for pair in pairs for _number in range(TWO_PREEMPTIONS)
    ]
    few = [
        schedule for every in once.values() for schedule in (every if EVERYTHING else at_the_commit(every))
    ]
    more = [
        schedule for every in once.values() for schedule in (every if EVERYTHING else [random.choice(every)])
    ]
    interleaver.run([*few, *twice[::2]], side_by_side=FEW)
    interleaver.run([*more, *twice[1::2]], side_by_side=MANY)
    sys.stdout.write(f"seed {SEED}, part {part}: {len(pairs)} pairs, {interleaver.found}\n")
    assert not interleaver.found.faults, "\n".join([f"with RACES_SEED={SEED}:", *interleaver.found.faults])


def at_the_commit(every: list[Schedule]) -> list[Schedule]:
    """Return the schedules of a pair in which one verb has done everything but commit: the first for either order."""
    return [
        max((one for one in every if one.moves[0][0] == who), key=lambda one: one.moves[0][1])
        for who in (0, 1)
    ]


@pytest.fixture
def no_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks away, also out of the questions whose SQL was made before."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows.all())
    for rows in (locks.PRACTICES, locks.PROVIDERS, locks.CLIENTS, locks.APPOINTMENTS, locks.REQUESTS):
        monkeypatch.setattr(rows._one, "_made", {})


def test_locks_that_lock_nothing_are_seen(interleaver: Interleaver, no_row_locks: None) -> None:
    """The tester itself: with the row locks gone, what one after the other never gives comes up."""
    pairs = [Pair("change", "cancel"), Pair("rebook", "rebook")]
    interleaver.learn(pairs)
    assert interleaver.found.faults == []
    for pair in pairs:
        interleaver.run(interleaver.one_preemption(pair)[8:20:4], side_by_side=FEW)
        assert any(str(pair) in fault for fault in interleaver.found.faults)


def test_a_look_before_the_insert_is_seen(
    interleaver: Interleaver, no_row_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exclusion constraint and the locks replaced by a look, every order of two bookings is fine but those in between."""
    monkeypatch.setattr(appointments, "claim", look_then_claim)
    pair = Pair("book", "book")
    with without_constraint("raincheck_claim", "a_provider_is_never_double_booked"):
        interleaver.learn([pair])
        assert interleaver.found.faults == []
        interleaver.run(interleaver.one_preemption(pair)[::3], side_by_side=FEW)
        empty_tables()
    assert any("P1 no provider is double-booked" in fault for fault in interleaver.found.faults)


def look_then_claim(row: Appointment | Hold, *, now: datetime) -> None:
    meeting = Claim.objects.filter(provider=row.provider_id, span__overlap=(row.starts_at, row.ends_at))
    if meeting.exclude(client=row.client_id).exists():
        raise SlotTaken
    claim(row, now=now)


@contextmanager
def without_constraint(table: str, name: str) -> Iterator[None]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        [definition] = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
