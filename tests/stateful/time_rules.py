"""Rules: time passes, messages go out in every way they can, everything is started anew, and slots are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.stateful import openness, passing, telling
from tests.stateful.acting import COUNTS, would_be
from tests.stateful.law import DAY, GRACE, HOUR, MINUTE, PRACTICE_ZONE, reminders
from tests.stateful.looking import overdue, rows
from tests.stateful.machine import NUMBERS, Machine, one_of
from tests.stateful.world import Asked, Note, Task

from raincheck.actions.answers import pick_new_time
from raincheck.actions.deliveries import begin_attempt, drop_attempt, end_attempt
from raincheck.actions.runner import Answer, act
from raincheck.actions.sweep import sweep
from raincheck.actions.tasks import finish_task
from raincheck.data.reschedule import RescheduleBatch
from raincheck.data.tasks import Task as TaskRow
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.notifications.outbox import queue_again
from raincheck.queries.choosing import choices, requests_of
from raincheck.queries.deliveries import parcel

INSTANT = timedelta(microseconds=1)
OUTCOMES = ["accepted", "accepted", "deferred", "refused", "crashed"]


class TimeRules(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[tuple[int, Note, str]] = []
        self.handed_over: dict[str, set[int]] = {}

    # Time

    @rule(
        step=st.sampled_from(["nothing", "an instant", "a minute", "ten minutes", "three hours", "a day"]),
        served=st.booleans(),
    )
    def time_passes(self, step: str, served: bool) -> None:
        lengths = {
            "nothing": 0 * MINUTE,
            "an instant": INSTANT,
            "a minute": MINUTE,
            "ten minutes": 10 * MINUTE,
            "three hours": 3 * HOUR,
            "a day": DAY,
        }
        self._go_to(self.world.now + lengths[step], served=served)

    @rule(
        number=NUMBERS,
        past=st.sampled_from([-INSTANT, 0 * MINUTE, 0 * MINUTE, INSTANT]),
        served=st.booleans(),
    )
    def time_comes_to_the_next_moment(self, number: int, past: timedelta, served: bool) -> None:
        ahead = sorted({at for at in self._moments() if at + past > self.world.now})
        if ahead:
            self._go_to(one_of(ahead[:3], number) + past, served=served)

    @rule(served=st.booleans())
    def time_comes_to_a_change_of_the_clocks(self, served: bool) -> None:
        hour = self.world.now.replace(minute=0, second=0, microsecond=0)
        for hours in range(1, 24 * 5):
            at = hour + hours * HOUR
            if at.astimezone(PRACTICE_ZONE).utcoffset() != (at - HOUR).astimezone(PRACTICE_ZONE).utcoffset():
                COUNTS["run: clock changes"] += 1
                self._go_to(at, served=served)
                return

    def _moments(self) -> Iterator[datetime]:
        """Every instant at which something may begin to hold."""
        for asked in self.world.waiting():
            yield from (asked.deadline, asked.deadline + GRACE, asked.start, asked.start - HOUR)
            zone = self.world.people[asked.session.client].zone
            planned = reminders(asked.deadline, prompted_at=asked.prompted_at, zone=zone)
            yield from (at for at, _email_only in planned)
        yield from (note.due_at for note in self.world.notes if note.state == "waiting")

    def _go_to(self, at: datetime, *, served: bool) -> None:
        """Let time pass; served, the mail goes out before and the sweep runs after."""
        if served:
            self.deliver_all()
        self.world.now = at
        if served:
            self._sweep()

    @rule()
    def the_sweep_runs(self) -> None:
        self._sweep()

    def _sweep(self) -> None:
        sweep(now=self.world.now)
        passing.sweep(self.world, now=self.world.now)
        self.world.looked_at = None, self.world.now
        assert overdue(self.world.now) == {}
        COUNTS["run: sweeps"] += 1

    # Messages

    @rule()
    def the_mail_goes_out(self) -> None:
        self.deliver_all()

    def deliver_all(self) -> None:
        for note in self.world.due_notes(self.world.now):
            self._deliver(note, "accepted")

    @precondition(lambda self: self.world.due_notes(self.world.now))
    @rule(number=NUMBERS, outcome=st.sampled_from(OUTCOMES))
    def a_message_goes_out(self, number: int, outcome: str) -> None:
        self._deliver(one_of(self._prompts_first(), number % 3), outcome)

    def _prompts_first(self) -> list[Note]:
        due = self.world.due_notes(self.world.now)
        return sorted(due, key=lambda note: note.moment not in telling.ONLY_WHILE_OPEN)

    @precondition(lambda self: self.world.due_notes(self.world.now))
    @rule(number=NUMBERS)
    def an_attempt_begins(self, number: int) -> None:
        """Its process pauses; whatever happens meanwhile, it goes on later or never."""
        note = one_of(self._prompts_first(), number % 3)
        attempt = self._begin(note)
        if attempt is not None:
            self.under_way.append((*attempt,))

    @precondition(lambda self: self.under_way)
    @rule(number=NUMBERS, outcome=st.sampled_from(OUTCOMES))
    def an_attempt_goes_on(self, number: int, outcome: str) -> None:
        attempt = self.under_way.pop(number % len(self.under_way))
        self._carry_on(*attempt, outcome)

    def _deliver(self, note: Note, outcome: str) -> None:
        attempt = self._begin(note)
        if attempt is not None:
            self._carry_on(*attempt, outcome)

    def _begin(self, note: Note) -> tuple[int, Note, str] | None:
        answer = self._as_system(partial(begin_attempt, note.number, now=self.world.now))
        expected = passing.begin_attempt(self.world, note, now=self.world.now)
        assert ("attempt" in answer) is expected, f"whether {note.moment} goes out"
        return (int(answer["attempt"]), note, answer["link"]) if expected else None

    def _carry_on(self, attempt: int, note: Note, link: str, outcome: str) -> None:
        """Look once more, hand over, write down what came of it; a crash writes nothing down."""
        now = self.world.now
        ready = parcel(attempt, link=link, now=now)
        overtaken = passing.is_overtaken(note, now=now)
        assert (ready is None) is overtaken, f"whether {note.moment} is still handed over"
        if ready is None:
            self._as_system(partial(drop_attempt, attempt, now=now))
            note.state = "overtaken" if note.state == "waiting" else note.state
            return
        COUNTS[f"delivery: {outcome}"] += 1
        if outcome in ("accepted", "crashed"):  # it went out, and each repeat is recognisable
            self.handed_over.setdefault(str(ready.ref), set()).add(note.number)
            assert self.handed_over[str(ready.ref)] == {note.number}
        if outcome != "crashed":
            self._as_system(
                partial(end_attempt, attempt, outcome=Outcome(outcome), answer="as told", now=now)
            )
            passing.end_attempt(self.world, note, outcome, now=now)

    def _as_system(self, verb: partial[Answer]) -> Answer:
        return act(verb, key=None, body={}, by=SYSTEM, now=self.world.now)

    @precondition(lambda self: self.world.due_notes(self.world.now))
    @rule()
    def everything_is_started_anew(self) -> None:
        """The queue is lost and every connection is new; what is due is queued again."""
        rows("DELETE FROM procrastinate_jobs RETURNING id")
        connection.close()
        queue_again(now=self.world.now, limit=1000)
        queued = rows("SELECT (args ->> 'notification')::int FROM procrastinate_jobs WHERE status = 'todo'")
        due = {note.number for note in self.world.due_notes(self.world.now)}
        assert ({number for (number,) in queued}, len(queued)) == (due, len(due))
        COUNTS["run: restarts"] += 1

    # People

    @precondition(lambda self: self.world.tasks)
    @rule(number=NUMBERS)
    def somebody_finishes_a_task(self, number: int) -> None:
        task = one_of(sorted(self.world.tasks, key=_by_number), number)
        row = TaskRow.objects.get(
            done_at=None,
            kind=task.kind,
            provider=task.provider,
            request=task.request,
            notification=task.note,
        )
        self._as_system(partial(finish_task, row, now=self.world.now))
        self.world.tasks.discard(task)

    # Slots

    @precondition(lambda self: self.world.waiting())
    @rule(number=NUMBERS, others=st.lists(NUMBERS, min_size=8, max_size=8))
    def what_is_shown_can_be_picked(self, number: int, others: list[int]) -> None:
        """And what is not shown is refused. What is tried is rolled back."""
        asked, now = one_of(self.world.waiting(), number), self.world.now
        if asked.start <= now:
            return
        shown = self._shown(asked)
        wanted = openness.for_request(asked, now)
        tried = {self.a_start(wanted, other, days=20) for other in others}
        for start in tried:
            assert (start in shown) is (not openness.against(self.world, wanted, start)), f"{start} is shown"
        by = Actor(ActorKind.CLIENT_BY_LINK, asked.session.client)
        for start in [one_of(shown, other) for other in others[:2] if shown]:
            assert not openness.against(self.world, wanted, start), f"{start} is shown"
            assert would_be(partial(pick_new_time, asked.ref, start=start, by=by, now=now)) is None
            COUNTS["slots: shown and picked"] += 1
        for start in sorted(tried - set(shown))[:2]:
            refused = would_be(partial(pick_new_time, asked.ref, start=start, by=by, now=now))
            assert refused in openness.against(self.world, wanted, start)
            COUNTS["slots: not shown and refused"] += 1

    def _shown(self, asked: Asked) -> list[datetime]:
        batch = RescheduleBatch.objects.select_related("practice", "provider", "client").get(
            pk=asked.batch.number
        )
        found = choices(batch, requests_of(batch), now=self.world.now)
        return next(list(choice.starts) for choice in found if choice.request.pk == asked.number)


def _by_number(task: Task) -> tuple[str, int, int]:
    return task.kind, task.request or 0, task.note or 0
