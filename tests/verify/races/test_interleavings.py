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
from tests.verify.races.interleavings import FEW, MANY, Interleaver, Pair, all_pairs
from tests.verify.races.statement_steps import Walkers, outcome_of
from tests.verify.races.verbs import DEEDS
from tests.verify.races.worlds import (
    FAR,
    as_it_stands,
    copies,
    empty_tables,
    forget,
    keep,
    live,
    number_from,
    pass_on,
)

from raincheck.actions.appointments import booking as appointments
from raincheck.actions.appointments.claims import claim
from raincheck.actions.engine import locks
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.domain.appointments.lifecycle import SlotTaken

EVERYTHING = os.environ.get("RACES") == "all"
"""`make races` runs every schedule with one preemption, and ten with two; `make verify` a few of each pair; `make test` the
same of every sixtieth pair."""
SEED = int(os.environ.get("RACES_SEED") or SystemRandom().randrange(1_000_000))
PARTS = 12 if EVERYTHING else 6 if WHOLE else 1
ONLY_AFTER_ANOTHER = {
    "set another second factor up": "refused second_factor_already_set_up",
    "bring back": "refused already_in_care",
    "give access back": "answered",
    "take a suggestion back": "refused suggestion_gone",
}
"""Verbs that have something to do once another one was there: a reset, a discharge, an end of access."""
UNSEEN = dict.fromkeys(
    (
        "set up a practice",
        "take the second step",
        "tell apart",
        "open what was just asked",
        "hand over what was just asked",
    ),
    "answered",
)
"""What `as_it_stands` does not show: another practice, a step of a code, two who are never proposed again, a page that was
seen, a message that begins to leave."""


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
    if EVERYTHING:
        run_every_schedule(interleaver, pairs, random)
    else:
        run_some_schedules(interleaver, pairs, random)
    sys.stdout.write(f"seed {SEED}, part {part}: {len(pairs)} pairs, {interleaver.found}\n")
    assert not interleaver.found.faults, "\n".join([f"with RACES_SEED={SEED}:", *interleaver.found.faults])


def run_every_schedule(interleaver: Interleaver, pairs: list[Pair], random: Random) -> None:
    interleaver.learn(pairs)
    once = [schedule for pair in pairs for schedule in interleaver.one_preemption(pair)]
    twice = [interleaver.two_preemptions(pair, random) for pair in pairs for _number in range(10)]
    interleaver.run([*once, *twice[::2]], side_by_side=FEW)
    interleaver.run([*once, *twice[1::2]], side_by_side=MANY)


def run_some_schedules(interleaver: Interleaver, pairs: list[Pair], random: Random) -> None:
    """Let the first verb of each pair stop before its commit.

    Those that meet are tried harder: with the other's stop before its commit, one of them anywhere, among many rows, and a
    schedule in which both stop. Of those that do not, every third stops anywhere.
    """
    interleaver.learn(pairs, orders=[0])
    interleaver.run([interleaver.at_the_commit(pair, 0) for pair in pairs], side_by_side=FEW)
    meeting = [pair for pair in pairs if interleaver.meet(pair)]
    apart = [pair for pair in pairs if not interleaver.meet(pair)]
    interleaver.found.counts["pairs that meet"] = len(meeting)
    interleaver.learn(meeting)
    others = [interleaver.at_the_commit(pair, 1) for pair in meeting]
    twice = [interleaver.two_preemptions(pair, random) for pair in meeting]
    interleaver.run([*others, *twice[::2]], side_by_side=FEW)
    anywhere = [*meeting, *random.sample(apart, len(apart) // 3)]
    once = [random.choice(interleaver.one_preemption(pair)) for pair in anywhere]
    interleaver.run([*once, *twice[1::2]], side_by_side=MANY)


@pytest.mark.sampled
def test_every_verb_has_something_to_do_in_a_world(interleaver: Interleaver) -> None:
    empty_tables()
    worlds = copies(interleaver.first_world, range(1, len(DEEDS) + 1))
    number_from(FAR)
    idle = {}
    for (name, deed), world in zip(DEEDS.items(), worlds, strict=True):
        before = as_it_stands(world)
        outcome = outcome_of(lambda deed=deed, world=world: deed(world, 0).run(lambda: True))  # type: ignore[misc]
        if outcome.kind != "answered" or as_it_stands(world) == before:
            idle[name] = str(outcome)
        pass_on([world])
    assert idle == ONLY_AFTER_ANOTHER | UNSEEN


@pytest.fixture
def no_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks away, also out of the questions whose SQL was made before."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows.all())
    for rows in (
        locks.PRACTICES,
        locks.PROVIDERS,
        locks.CLIENTS,
        locks.APPOINTMENTS,
        locks.REQUESTS,
        locks.ROOMS,
    ):
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
