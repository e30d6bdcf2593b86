"""Every schedule of two verbs: who stops where; and whether what came of it is what one after the other could have given."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement, count, islice
from random import Random
from typing import Any
from uuid import uuid4

from tests.verify.races.promises import broken
from tests.verify.races.statement_steps import END, Hook, Move, Outcome, Walkers
from tests.verify.races.verbs import DEEDS, SAME, SWEEPS, WITHOUT_KEY
from tests.verify.races.worlds import FAR, World, as_it_stands, copies, empty_tables, number_from, pass_on

from raincheck.actions.engine.runner import Answer

FEW, MANY = 10, 250
"""Worlds side by side: so few that every index has one page, or so many that 1,000 further appointments fill several."""
ANEW_EVERY = 10
"""Groups of worlds until the tables are as if new, and of few the rows are looked at by every key."""

Result = tuple[tuple[Outcome, Outcome], str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two verbs that meet, by name. With one key it is the same form, sent twice."""

    first: str
    second: str
    one_key: bool = False

    def __str__(self) -> str:
        return f"{self.first}, sent twice" if self.one_key else f"{self.first} × {self.second}"

    @property
    def ends_all_that_is_due(self) -> bool:
        return "lapse" in (self.first, self.second)

    def verbs(self, world: World) -> list[Callable[[Hook], Answer]]:
        keys = [uuid4()] * 2 if self.one_key else [uuid4(), uuid4()]
        seats = [0, 0] if self.one_key else [0, 1]
        names = (self.first, self.second)
        deeds = [DEEDS[name](world, seat) for name, seat in zip(names, seats, strict=True)]
        return [
            lambda hook, deed=deed, key=None if name in WITHOUT_KEY else key: deed.run(hook, key=key)  # type: ignore[misc]
            for name, deed, key in zip(names, deeds, keys, strict=True)
        ]


def all_pairs() -> list[Pair]:
    """Return every pair of verbs, each with itself as well, and each form sent twice."""
    meetings = [Pair(*names) for names in combinations_with_replacement(DEEDS, 2)]
    return [*meetings, *(Pair(name, name, one_key=True) for name in DEEDS if name not in WITHOUT_KEY)]


@dataclass(frozen=True, slots=True)
class Schedule:
    pair: Pair
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        names = (self.pair.first, self.pair.second)
        told = [
            f"{'AB'[who]} ({names[who]}) to {'its end' if until == END else f'statement {until}'}"
            for who, until in self.moves
        ]
        return f"{self.pair}: {', '.join(told)}"


@dataclass(slots=True)
class Found:
    """What a tester saw: each fault with its schedule, and counts of everything."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))


@dataclass(slots=True)
class Interleaver:
    """Runs schedules in copies of a world. What one after the other gives is learned first, for each pair and order."""

    first_world: World
    walkers: Walkers
    found: Found = field(default_factory=Found)
    _serial: dict[Pair, dict[int, Result]] = field(default_factory=dict)
    _steps: dict[tuple[Pair, int], int] = field(default_factory=dict)
    _waited: set[Pair] = field(default_factory=set)

    def learn(self, pairs: Iterable[Pair], *, orders: Sequence[int] = (0, 1)) -> None:
        """Run both verbs of each pair one after the other: the first of them first, the second, or either, as not known yet."""
        wanted = {(pair, who): None for pair in pairs for who in orders if who not in self._known(pair)}
        turns = [Schedule(pair, ((who, END), (1 - who, END))) for pair, who in wanted]
        for schedule, world in self._in_worlds(turns, FEW):
            result, steps = self._walk(schedule, world)
            who = schedule.moves[0][0]
            self._known(schedule.pair)[who] = result
            self._steps[schedule.pair, who] = steps[who]
            self._steps.setdefault((schedule.pair, 1 - who), steps[1 - who])
            self._note(schedule, result)

    def _known(self, pair: Pair) -> dict[int, Result]:
        return self._serial.setdefault(pair, {})

    def steps(self, pair: Pair, who: int) -> int:
        """Return how many statements a verb of a pair takes when it is the first, its commit counted.

        Of one that was the second only, those that it took then.
        """
        return self._steps[pair, who]

    def meet(self, pair: Pair) -> bool:
        """Return whether two verbs have to do with each other, as far as was seen.

        Then one has waited for the other, or something came of them that the first order alone does not explain.
        """
        return pair in self._waited or len(self._known(pair)) > 1

    def one_preemption(self, pair: Pair) -> list[Schedule]:
        """Return every schedule in which one verb stops once: before each of its statements but the first, and its commit."""
        return [
            Schedule(pair, ((who, stop), (1 - who, END), (who, END)))
            for who in (0, 1)
            for stop in range(1, self.steps(pair, who))
        ]

    def at_the_commit(self, pair: Pair, who: int) -> Schedule:
        """Return the schedule in which one verb has done everything but commit when the other comes."""
        return Schedule(pair, ((who, self.steps(pair, who) - 1), (1 - who, END), (who, END)))

    def two_preemptions(self, pair: Pair, random: Random) -> Schedule:
        """Return one schedule in which both stop once."""
        who = random.randrange(2)
        stops = [random.randrange(1, self.steps(pair, seat)) for seat in (0, 1)]
        return Schedule(pair, ((who, stops[who]), (1 - who, stops[1 - who]), (who, END), (1 - who, END)))

    def run(self, schedules: Iterable[Schedule], *, side_by_side: int) -> None:
        """Run schedules and look at what came of each: outcomes, the world, the promises.

        What no order that is known explains is held against the other one as well.
        """
        unexplained = []
        for schedule, world in self._in_worlds(schedules, side_by_side):
            result, _steps = self._walk(schedule, world)
            self._note(schedule, result)
            if result not in self._known(schedule.pair).values():
                unexplained.append((schedule, result))
        self.learn(schedule.pair for schedule, _result in unexplained)
        for schedule, result in unexplained:
            if result not in self._known(schedule.pair).values():
                self._fault(schedule, self._difference(schedule, result))
        self.found.counts["deadlocks"] = sum(walker.deadlocks for walker in self.walkers.pair)

    def _in_worlds(
        self, schedules: Iterable[Schedule], side_by_side: int
    ) -> Iterator[tuple[Schedule, World]]:
        # The sweep takes all that is due: worlds in which it comes go first, since each world is a second later than the last.
        waiting = iter(sorted(schedules, key=lambda schedule: not schedule.pair.ends_all_that_is_due))
        for turn in count():
            group = list(islice(waiting, side_by_side))
            if not group:
                return
            anew = turn % ANEW_EVERY == 0
            empty_tables(anew=anew)
            numbers = range(1, max(len(group), side_by_side) + 1)
            worlds = copies(self.first_world, numbers, checked=anew and side_by_side == FEW)
            number_from(FAR)
            for schedule, world in zip(group, worlds, strict=False):
                yield schedule, world
                if schedule.pair.ends_all_that_is_due:
                    pass_on([world])
            self._ask({world.practice: schedule for schedule, world in zip(group, worlds, strict=False)})

    def _walk(self, schedule: Schedule, world: World) -> tuple[Result, tuple[int, int]]:
        outcomes, steps = self.walkers.walk(schedule.pair.verbs(world), schedule.moves)
        if any(walker.waited for walker in self.walkers.pair):
            self._waited.add(schedule.pair)
        for name in SWEEPS:
            if name in (schedule.pair.first, schedule.pair.second):
                DEEDS[name](world, 0).run(lambda: True)
        one, other = (replace(outcome, what=SAME.get(outcome.what, outcome.what)) for outcome in outcomes)
        return ((one, other), json.dumps(as_it_stands(world), sort_keys=True)), steps

    def _note(self, schedule: Schedule, result: Result) -> None:
        self.found.counts["schedules"] += 1
        for outcome in result[0]:
            self.found.counts[outcome.kind] += 1
            if outcome.kind == "ERROR":
                self._fault(schedule, str(outcome))

    def _ask(self, ran: dict[int, Schedule]) -> None:
        for promise, rows in broken().items():
            for practice in {row[0] for row in rows}:
                self._fault(ran.get(practice), f"{promise}: {[row for row in rows if row[0] == practice]}")

    def _fault(self, schedule: Schedule | None, what: str) -> None:
        self.found.counts["faults"] += 1
        self.found.faults.append(f"{schedule or 'unknown'}: {what}")

    def _difference(self, schedule: Schedule, result: Result) -> str:
        """Say in what a result differs from the nearer of those that one after the other gives."""
        told = [_compared(result, serial) for serial in self._known(schedule.pair).values()]
        return f"no order gives this: {min(told, key=len)}"


def _compared(result: Result, serial: Result) -> str:
    said = (
        [f"outcomes {list(map(str, result[0]))} and not {list(map(str, serial[0]))}"]
        if result[0] != serial[0]
        else []
    )
    left, right = json.loads(result[1]), json.loads(serial[1])
    return "; ".join(
        [
            *said,
            *(
                f"{name} {_only(left[name], right[name])} and not {_only(right[name], left[name])}"
                for name in left
                if left[name] != right[name]
            ),
        ]
    )


def _only(rows: list[Any] | None, others: list[Any] | None) -> list[Any]:
    return [row for row in rows or [] if row not in (others or [])]
