"""All rules in one machine, and how it is run: with a seed that is printed and reproduces."""

from __future__ import annotations

import os
from datetime import datetime

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test
from tests.stateful import comparing
from tests.stateful.acting import ONCE
from tests.stateful.answers_rules import AnswersRules
from tests.stateful.looking import looking
from tests.stateful.machine import ERAS, NUMBERS
from tests.stateful.practice_rules import PracticeRules
from tests.stateful.stage import set_up
from tests.stateful.time_rules import TimeRules

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", "100"))
STEPS = int(os.environ.get("STATEFUL_STEPS", "30"))
SEED = int(os.environ.get("STATEFUL_SEED", "20261116"))
"""The seed of every push; `make stateful` draws one."""


class Everything(AnswersRules, PracticeRules, TimeRules):
    """All rules together. Each example begins with a few appointments, some of them asked about."""

    @initialize(
        era=st.sampled_from(ERAS),
        bookings=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=4),
        asks=st.lists(
            st.tuples(NUMBERS, st.booleans(), st.sampled_from([None, "session"]), NUMBERS),
            min_size=1,
            max_size=2,
        ),
        prompted=st.sampled_from([True, True, True, False]),
    )
    def something_was_booked_and_asked(
        self,
        era: datetime,
        bookings: list[tuple[int, int, int]],
        asks: list[tuple[int, bool, str | None, int]],
        prompted: bool,
    ) -> None:
        self.begin(era)
        for who, kind, where in bookings:
            self.book(who, kind, where, by=1, way=ONCE)
        for number, together, blocked, by in asks if self.world.sessions else []:
            self.ask(number, together=together, blocked=blocked, confirmed=True, by=by, way=ONCE)
        comparing.same(self.world)
        if prompted:
            self.deliver_all()


def run(machine: type[Everything], *, examples: int, steps: int, with_seed: int, shrink: bool = True) -> None:
    """Run a machine. Raises AssertionError with the steps that lead to a difference, as few as could be found."""
    machine.stage = set_up()
    with looking():
        run_state_machine_as_test(
            seed(with_seed)(machine),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            ),
        )
