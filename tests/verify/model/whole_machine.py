"""All rules in one machine, and how it is run: with a seed that is printed and reproduces."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from unittest import mock

from hypothesis import HealthCheck, Phase, note, seed, settings, strategies as st
from hypothesis.internal.conjecture.engine import ConjectureRunner
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from tests.sampling import examples
from tests.verify.model import comparison
from tests.verify.model.answers_rules import AnswersRules
from tests.verify.model.commands import COUNTS, ONCE, RULES, WAYS
from tests.verify.model.files_rules import FilesRules
from tests.verify.model.holds_rules import HoldsRules
from tests.verify.model.law import HAND_OVER_LIMIT, MINUTE
from tests.verify.model.machine import ERAS, NUMBERS, one_of
from tests.verify.model.needed_rules import NeededRules
from tests.verify.model.outcomes_rules import OutcomesRules
from tests.verify.model.own_connection import looking
from tests.verify.model.own_holds_rules import OwnHoldsRules
from tests.verify.model.own_rules import OwnRules
from tests.verify.model.practice_rules import PracticeRules
from tests.verify.model.records_rules import RecordsRules
from tests.verify.model.series_rules import SeriesRules
from tests.verify.model.stage import set_up
from tests.verify.model.time_rules import TimeRules
from tests.verify.model.undo_rules import UndoRules

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", examples(100, sampled=16)))
STEPS = int(os.environ.get("STATEFUL_STEPS", "30"))
SEED = int(os.environ.get("STATEFUL_SEED", "20261116"))
"""The seed of every push; `make stateful` draws one."""
SHRINKS = os.environ.get("STATEFUL_SHRINKS", "1") == "1"
"""Whether a failure is made small, which takes minutes."""


NAMES = [name for name, (weight, _when) in sorted(RULES.items()) for _again in range(weight)]


class Everything(
    AnswersRules,
    FilesRules,
    HoldsRules,
    NeededRules,
    OutcomesRules,
    OwnHoldsRules,
    OwnRules,
    PracticeRules,
    RecordsRules,
    SeriesRules,
    TimeRules,
    UndoRules,
):
    """All rules together. Each example begins with a few appointments, some of them asked about."""

    @initialize(
        era=st.sampled_from(ERAS),
        bookings=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=4),
        asks=st.lists(
            st.tuples(NUMBERS, st.booleans(), st.sampled_from([None, "session"]), NUMBERS),
            min_size=1,
            max_size=2,
        ),
        prompted=st.sampled_from(["at once", "at once", "late", "not yet"]),
        undo=st.sampled_from([MINUTE, MINUTE, 0 * MINUTE]),
    )
    def something_was_booked_and_asked(
        self,
        era: datetime,
        bookings: list[tuple[int, int, int]],
        asks: list[tuple[int, bool, str | None, int]],
        prompted: str,
        undo: timedelta,
    ) -> None:
        self.begin(era, undo=undo)
        for who, kind, where in bookings:
            self.book(who, kind, where, by=1, way=ONCE)
        for number, together, blocked, by in asks if self.world.sessions else []:
            self.ask(
                number,
                together=together,
                blocked=blocked,
                video=blocked is None,
                confirmed=True,
                by=by,
                way=ONCE,
            )
        comparison.same(self.world)
        if prompted != "not yet":
            self.world.now += 2 * HAND_OVER_LIMIT if prompted == "late" else undo
        if prompted != "not yet":
            self.deliver_prompts()

    @rule(what=st.sampled_from(NAMES), a=NUMBERS, b=NUMBERS, c=NUMBERS, way=st.sampled_from(WAYS))
    def something_happens(self, what: str, a: int, b: int, c: int, way: str) -> None:
        """One rule for all, so that each is chosen as often as it weighs; for one that can't be, another."""
        possible = [name for name in NAMES if RULES[name][1](self)]
        name = what if what in possible else one_of(possible, c)
        note(f"{self.world.now:%a %d %H:%M:%S.%f} {name}")
        COUNTS[f"rule: {name}"] += 1
        getattr(self, name)(a, b, c, way)


def run(machine: type[Everything], *, tries: int, steps: int, with_seed: int, shrink: bool = SHRINKS) -> None:
    """Run a machine. Raises AssertionError with the steps that lead to a difference, as few as could be found."""
    machine.stage = set_up()
    # Of its own accord it repeats parts of examples: a third of all steps did once more what had just been done or refused.
    with looking(), mock.patch.object(ConjectureRunner, "generate_mutations_from", return_value=None):
        run_state_machine_as_test(
            seed(with_seed)(machine),
            settings=settings(
                max_examples=tries,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            ),
        )
