"""Two people at any two verbs in the same instant, in every order of their statements: some order of the two explains what came of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from random import Random, SystemRandom

import pytest
from tests.app import database as databases
from tests.races.interleavings import FEW, MANY, Pair, Schedule, Interleaver, all_pairs
from tests.races.stepping import Walkers
from tests.races.worlds import forget, keep, live

EVERYTHING = os.environ.get("RACES") == "all"
"""`make races` runs every schedule with one preemption; `make test` a sample in which every pair comes up."""
SEED = int(os.environ.get("RACES_SEED") or SystemRandom().randrange(1_000_000))
PARTS = 12 if EVERYTHING else 6
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


@pytest.mark.parametrize("part", range(PARTS))
def test_some_order_explains_what_came_of_two_verbs(interleaver: Interleaver, part: int) -> None:
    pairs = all_pairs()[part::PARTS]
    random = Random(SEED + part)  # no secret: it must come again
    interleaver.learn(pairs)
    interleaver.run(chosen(interleaver, pairs, random, always_last=True), side_by_side=FEW)
    interleaver.run(chosen(interleaver, pairs, random), side_by_side=MANY)
    for side_by_side in (FEW, MANY):
        two = [
            interleaver.two_preemptions(pair, random) for pair in pairs for _number in range(TWO_PREEMPTIONS)
        ]
        interleaver.run(two, side_by_side=side_by_side)
    sys.stdout.write(f"seed {SEED}, part {part}: {len(pairs)} pairs, {interleaver.found}\n")
    assert not interleaver.found.faults, "\n".join([f"with RACES_SEED={SEED}:", *interleaver.found.faults])


def chosen(
    interleaver: Interleaver, pairs: list[Pair], random: Random, *, always_last: bool = False
) -> list[Schedule]:
    """Return every schedule with one preemption, or in a sample one for each pair and order, the stop at the commit beside it."""
    if EVERYTHING:
        return [schedule for pair in pairs for schedule in interleaver.one_preemption(pair)]
    found = []
    for pair in pairs:
        every = interleaver.one_preemption(pair)
        for who in (0, 1):
            own = [schedule for schedule in every if schedule.moves[0][0] == who]
            found += [*own[-1:], random.choice(own)] if always_last else [random.choice(own)]
    return found
