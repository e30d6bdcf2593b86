"""The machine: begins a practice, sends forms, and after each step holds the database against the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from tests.app.queued_looks import look_as_queued
from tests.verify.model import comparison, open_times
from tests.verify.model.cleanup import empty
from tests.verify.model.commands import COUNTS, Verb, actor, send
from tests.verify.model.law import DAY
from tests.verify.model.open_times import Wanted
from tests.verify.model.own_connection import broken, rows
from tests.verify.model.stage import Stage
from tests.verify.model.world import Asked, By, Offer, Session, World

from raincheck.actions.engine.runner import Answer
from raincheck.data.people import Practice

Thing = TypeVar("Thing")

ERAS = [
    datetime(2026, 11, 16, 15, tzinfo=UTC),  # an ordinary Monday morning in New York
    datetime(2026, 10, 30, 16, tzinfo=UTC),  # a Friday; clocks go back on Sunday
    datetime(2027, 3, 12, 14, 30, tzinfo=UTC),  # a Friday; clocks go forward on Sunday
    datetime(2026, 12, 31, 3, 59, 30, tzinfo=UTC),  # the evening before New Year's Eve
]
NUMBERS = st.integers(0, 9999)
"""Drawn to choose among things: which one, counted around."""


class Machine(RuleBasedStateMachine):
    """What all rules share. `stage` is set up by the test, once for all examples."""

    stage: Stage
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.keys = 0
        self.changed = True
        """Whether anything was done since the promises were asked about: a refusal changes nothing, as the model shows."""

    def begin(self, era: datetime, *, undo: timedelta) -> None:
        empty()
        Practice.objects.filter(pk=self.stage.cast.practice.pk).update(policy={"undo": undo.total_seconds()})
        self.world = self.stage.world(era)
        self.world.undo = undo
        COUNTS["run: examples"] += 1

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        COUNTS["run: steps"] += 1
        comparison.same(self.world)
        if self.changed:
            found = broken()
            assert not found, found
        self.changed = False

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        COUNTS.update(f"ending: {asked.state}" for asked in self.world.requests)
        COUNTS.update(f"waited: {asked.waits_for}" for asked in self.world.requests if asked.waits_for)
        COUNTS.update(f"told: {note.kind}" for note in self.world.notes)
        COUNTS.update(f"left: {task.kind}" for task in self.world.tasks)

    def send(
        self,
        verb: Verb,
        *,
        by: By,
        way: str,
        refusals: set[str],
        at: datetime | None = None,
        looks_at: int | None = None,
        practice: int | None = None,
    ) -> Answer | None:
        """Send a form under a fresh key; `looks_at` is the provider whose open times the verb looks at.

        `practice` is whose manager sends it, where it is not the one whose appointments these are.
        """
        self.keys += 1
        name = getattr(verb, "func", verb).__name__
        now = at or self.world.now
        answer = send(
            verb,
            by=actor(by, practice or self.world.practice),
            now=now,
            key=UUID(int=self.keys),
            way=way,
            refusals=refusals,
            name=name,
        )
        # As the worker does soon after the commit.
        look_as_queued(now=now)
        self.changed = self.changed or answer is not None
        self.world.looked_at = (looks_at, now) if answer is not None and looks_at is not None else None
        return answer

    def staff(self, provider: int, number: int) -> By:
        """Return who of the practice acts: mostly the provider, sometimes a manager."""
        return By("manager", self.world.manager) if number % 4 == 0 else By("provider", provider)

    def named(self, sessions: list[Session]) -> list[Session]:
        """Return occurrences of series with the numbers and refs that they have in the database, in its order."""
        for session in sessions:
            assert session.series is not None
            [(session.number, session.ref)] = rows(
                "SELECT id, ref FROM raincheck_appointment WHERE series_id = %s AND recurrence_id = %s",
                session.series.number,
                session.recurrence,
            )
        self.world.sessions.sort(key=lambda session: session.number)
        return sorted(sessions, key=lambda session: session.number)

    def a_client(self, number: int) -> int:
        """Return a client; seldom the one whom nothing reaches."""
        people = sorted(self.world.people.values(), key=lambda one: one.number)
        often = [person.number for person in people if person.email or person.texts]
        return one_of(often * 4 + [person.number for person in people], number)

    def client(self, session: Session) -> By:
        return By("client_by_link", session.client)

    def a_request(self, number: int) -> Asked:
        """Return an open request, if there is one; now and then any."""
        waiting = self.world.waiting()
        return one_of(waiting if waiting and number % 7 else self.world.requests, number)

    def a_session(self, number: int) -> Session:
        live = list(self.world.live())
        return one_of(live if live and number % 7 else self.world.sessions, number)

    def a_start(self, wanted: Wanted, number: int, *, days: int = 12) -> datetime:
        """Return an open start mostly, else one that is off the grid, taken, or on the grid at least."""
        way, number = number % 8, number // 8
        first = max(wanted.earliest, self.world.now)
        if way == 0:
            return first + timedelta(minutes=number)
        starts = list(open_times.starts_between(first, first + days * DAY))
        starts = starts[number % len(starts) :] + starts[: number % len(starts)]
        if way == 1 and self.world.sessions:
            return one_of(self.world.sessions, number).start
        if way == 2:
            return starts[0]
        free = (start for start in starts if not open_times.against(self.world, wanted, start))
        return next(free, starts[0])

    def or_what_is_held(self, about: Session | Offer, start: datetime, number: int) -> datetime:
        """Return what the client holds to move an appointment or to book anew, mostly, where they hold anything."""
        held = self.world.held_for(about, now=self.world.now)
        return held.start if held is not None and number % 4 else start


def one_of(things: Sequence[Thing], number: int) -> Thing:
    return things[number % len(things)]
