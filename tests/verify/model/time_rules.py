"""Rules: time passes, messages go out in every way they can, everything is started anew, and slots are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from tests.app.heartbeats import pages_served
from tests.app.notification_rows import coming_to
from tests.verify.model import (
    comparison,
    needed_law,
    notifications_law,
    open_times,
    series_law,
    suggest_law,
    time_law,
)
from tests.verify.model.commands import COUNTS, often, would_be
from tests.verify.model.law import DAY, GRACE, HOUR, MINUTE, OUTAGE_AFTER, PRACTICE_ZONE, reminders
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import overdue, rows
from tests.verify.model.world import Asked, Note, Series, Task, Try

from raincheck.actions.deliveries import begin_attempt, drop_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.actions.tasks import finish_task
from raincheck.actions.timing.sweep import sweep
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.data.tasks import Task as TaskRow
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.notifications.outbox import due_notifications
from raincheck.queries.deliveries import may_be_handed_over, parcels
from raincheck.queries.reschedule.choose import Choice, choices, requests_of

INSTANT = timedelta(microseconds=1)
AT_ONCE = 6
"""Messages that go out in one step, so that none takes long."""
SILENCES = [OUTAGE_AFTER, OUTAGE_AFTER + INSTANT, 20 * MINUTE, 3 * HOUR, 26 * HOUR]
"""Of web processes; the first is no outage yet."""
OUTCOMES = ["accepted", "accepted", "deferred", "refused", "crashed"]


class TimeRules(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[Try] = []
        self.handed_over: dict[str, Note] = {}

    # Time

    @often(3)
    def time_passes(self, a: int, b: int, _c: int, _way: str) -> None:
        lengths = [0 * MINUTE, INSTANT, MINUTE / 2, 10 * MINUTE, 3 * HOUR, DAY]
        self._go_to(self.world.now + one_of(lengths, a), served=b % 3 > 0)

    @often(8)
    def time_comes_to_the_next_moment(self, a: int, b: int, c: int, _way: str) -> None:
        past = one_of([0 * MINUTE, -INSTANT, 0 * MINUTE, INSTANT], b)
        ahead = sorted({at for at in self._moments() if at + past > self.world.now})
        if ahead:
            self._go_to(one_of(ahead[:4], a) + past, served=c % 4 > 0)

    @often(1)
    def time_comes_to_a_change_of_the_clocks(self, a: int, _b: int, _c: int, _way: str) -> None:
        hour = self.world.now.replace(minute=0, second=0, microsecond=0)
        for hours in range(1, 24 * 5):
            at = hour + hours * HOUR
            if at.astimezone(PRACTICE_ZONE).utcoffset() != (at - HOUR).astimezone(PRACTICE_ZONE).utcoffset():
                COUNTS["run: clock changes"] += 1
                self._go_to(at, served=a % 3 > 0)
                return

    @often(2, when=lambda self: self._endless())
    def time_comes_to_a_week_of_a_series(self, a: int, b: int, _c: int, _way: str) -> None:
        at = series_law.due_at(one_of(self._endless(), a)) + one_of([0 * MINUTE, -INSTANT, DAY], b)
        if at > self.world.now:
            self._go_to(at, served=True)

    def _endless(self) -> list[Series]:
        return [one for one in self.world.series if one.count is None and one.ends_on is None]

    def _moments(self) -> Iterator[datetime]:
        """Every instant at which something may begin to hold."""
        for asked in self.world.waiting():
            yield from (asked.deadline, asked.deadline + GRACE, asked.start, asked.start - HOUR)
            zone = self.world.people[asked.session.client].zone
            planned = reminders(asked.deadline, prompted_at=asked.prompted_at, zone=zone)
            yield from (at for at, _email_only in planned)
        yield from (note.due_at for note in self.world.notes if note.state == "waiting")
        yield from (at for held in self.world.holds for at in (held.expires_at, held.expires_at + GRACE))
        # Of a series the last may be a year ahead, and with it everything else would be over.
        soon = self.world.now + 14 * DAY
        yield from (
            session.next_look
            for session in self.world.live()
            if session.next_look and session.next_look < soon
        )

    def _go_to(self, at: datetime, *, served: bool) -> None:
        """Let time pass; served, prompts and reminders go out before and the sweep runs after."""
        if served:
            self.deliver_prompts()
        self.world.now = at
        if served:
            self._sweep()

    @often(2)
    def the_sweep_runs(self, _a: int, _b: int, _c: int, _way: str) -> None:
        self._sweep()

    @often(6, when=lambda self: any(_runs(asked, self.world.now) for asked in self.world.waiting()))
    def pages_cannot_be_opened(self, a: int, b: int, _c: int, _way: str) -> None:
        """For a while, with a sweep in the middle or not; then they can, and everybody gets that time back."""
        began, length = self.world.now, one_of(SILENCES, a)
        rows("DELETE FROM raincheck_heartbeat RETURNING id")
        pages_served(began, began)
        if b % 2 and length > 2 * OUTAGE_AFTER:
            self.world.now = began + length / 2
            self.changed = True
            sweep(now=self.world.now, real_now=self.world.now)
            time_law.sweep_while_away(self.world, now=self.world.now)
            self.named([session for session in self.world.sessions if not session.number])
            comparison.same(self.world)
        self.world.now = began + length
        pages_served(self.world.now, self.world.now)
        if length > OUTAGE_AFTER:
            time_law.give_back(self.world, began=began, now=self.world.now)
            COUNTS["run: outages"] += 1
        self._sweep(real_now=self.world.now)

    def _sweep(self, *, real_now: datetime | None = None) -> None:
        self.changed = True
        sweep(now=self.world.now, real_now=real_now)
        time_law.sweep(self.world, now=self.world.now)
        self.named([session for session in self.world.sessions if not session.number])
        self.world.looked_at = None, self.world.now
        found = overdue(self.world.now)
        assert not found, found
        COUNTS["run: sweeps"] += 1

    # Messages

    @often(3, when=lambda self: self.world.due_notes(self.world.now))
    def the_mail_goes_out(self, _a: int, _b: int, _c: int, _way: str) -> None:
        for note in self._prompts_first()[:AT_ONCE]:
            self._deliver(note, "accepted")

    def deliver_prompts(self) -> None:
        for note in self.world.due_notes(self.world.now):
            if note.kind in notifications_law.ONLY_WHILE_OPEN:
                self._deliver(note, "accepted")

    @often(4, when=lambda self: self.world.due_notes(self.world.now))
    def a_message_goes_out(self, a: int, b: int, _c: int, _way: str) -> None:
        self._deliver(one_of(self._prompts_first(), a % 3), one_of(OUTCOMES, b))

    def _prompts_first(self) -> list[Note]:
        due = self.world.due_notes(self.world.now)
        return sorted(due, key=lambda note: note.kind not in notifications_law.ONLY_WHILE_OPEN)

    @often(2, when=lambda self: self.world.due_notes(self.world.now))
    def an_attempt_begins(self, number: int, _b: int, _c: int, _way: str) -> None:
        """Its process pauses; whatever happens meanwhile, it goes on later or never."""
        attempt = self._begin(one_of(self._prompts_first(), number % 3))
        if attempt is not None:
            self.under_way.append(attempt)

    @often(3, when=lambda self: self.under_way)
    def an_attempt_goes_on(self, a: int, b: int, c: int, _way: str) -> None:
        """Its words had left before the pause, or not yet."""
        attempt = self.under_way.pop(a % len(self.under_way))
        if c % 2:
            self._write_down(attempt, one_of(OUTCOMES, b))
        else:
            self._carry_on(attempt, one_of(OUTCOMES, b))

    def _deliver(self, note: Note, outcome: str) -> None:
        attempt = self._begin(note)
        if attempt is not None:
            self._carry_on(attempt, outcome)

    def _begin(self, note: Note) -> Try | None:
        answer = self._as_system(partial(begin_attempt, note.number, now=self.world.now))
        attempt = time_law.begin_attempt(self.world, note, now=self.world.now)
        assert ("attempt" in answer) is (attempt is not None), f"whether {note.kind} goes out"
        if attempt is not None:
            attempt.number, attempt.link = int(answer["attempt"]), answer["link"]
        return attempt

    def _carry_on(self, attempt: Try, outcome: str) -> None:
        """Look once more immediately before the words leave, hand them over and write down what came of it."""
        now = self.world.now
        expected = time_law.may_still_go(self.world, attempt, now=now)
        [ready] = parcels([attempt.number], links={attempt.number: attempt.link})
        goes = may_be_handed_over(attempt.number, kind=ready.kind, now=now)
        assert goes is expected, f"whether {attempt.note.kind} is still handed over"
        if not goes:
            self._as_system(partial(drop_attempt, attempt.number, now=now))
            time_law.drop_attempt(attempt)
            COUNTS["delivery: dropped"] += 1
            return
        # A repeat is recognisable: one message keeps its id, and no two share one.
        assert self.handed_over.setdefault(str(ready.ref), attempt.note) is attempt.note
        self._write_down(attempt, outcome)

    def _write_down(self, attempt: Try, outcome: str) -> None:
        """A crash writes nothing down: the attempt stays without an outcome, and the message goes out again."""
        COUNTS[f"delivery: {outcome}"] += 1
        if outcome == "crashed":
            return
        said = Outcome(outcome)
        verb = coming_to(attempt.number, said, answer="as told", now=self.world.now)
        self._as_system(verb)
        time_law.end_attempt(self.world, attempt, outcome, now=self.world.now)

    def _as_system(self, verb: partial[Answer]) -> Answer:
        self.changed = True
        return run_command(verb, key=None, body={}, by=SYSTEM, now=self.world.now)

    @often(1)
    def everything_is_started_anew(self, _a: int, _b: int, _c: int, _way: str) -> None:
        """Every connection is new and the queue is lost; what is due is found all the same."""
        rows("DELETE FROM procrastinate_jobs RETURNING id")
        connection.close()
        found = due_notifications(now=self.world.now, limit=1000)
        due = {note.number for note in self.world.due_notes(self.world.now)}
        assert (set(found), len(found)) == (due, len(due))
        COUNTS["run: restarts"] += 1

    # People

    @often(1, when=lambda self: self._to_finish())
    def somebody_finishes_a_task(self, number: int, _b: int, _c: int, _way: str) -> None:
        task = one_of(sorted(self._to_finish(), key=_by_number), number)
        row = TaskRow.objects.get(
            done_at=None,
            kind=task.kind,
            provider=task.provider,
            request=task.request,
            notification=task.note,
            appointment=task.session,
        )
        self._as_system(partial(finish_task, row, now=self.world.now))
        self.world.tasks.discard(task)

    def _to_finish(self) -> set[Task]:
        """Return the tasks of which there is one each; of a series there may be several."""
        return {task for task in self.world.tasks if task.kind != "series_clash"}

    # Slots

    @often(3, when=lambda self: self.world.waiting())
    def what_is_shown_can_be_picked(self, number: int, b: int, _c: int, _way: str) -> None:
        """And what is not shown is refused. What is tried is rolled back."""
        asked, now = one_of(self.world.waiting(), number), self.world.now
        if asked.start <= now:
            return
        others = [b + 37 * place for place in range(8)]
        choice = self._shown(asked)
        shown, suggested = list(choice.starts), list(choice.suggested)
        assert suggested == suggest_law.shown_as_suggested(self.world, asked, now=now), "suggested first"
        open_ones, needed_by = set(shown) - set(suggested), asked.session.needed_by
        assert needed_law.offered_last(open_ones, choice.nearest, needed_by), f"needed by {needed_by}"
        wanted = open_times.for_request(asked, now)
        tried = {self.a_start(wanted, other, days=20) for other in others}
        tried |= {one.start for one in self.world.suggested[-3:]}
        for start in tried:
            assert (start in shown) is (not open_times.against(self.world, wanted, start)), (
                f"{start} is shown"
            )
        by = Actor(ActorKind.CLIENT_BY_LINK, asked.session.client)
        for start in [one_of(shown, other) for other in others[:2] if shown]:
            assert not open_times.against(self.world, wanted, start), f"{start} is shown"
            assert would_be(partial(pick_new_time, asked.ref, start=start, by=by, now=now)) is None
            COUNTS["slots: shown and picked"] += 1
        for start in sorted(tried - set(shown))[:2]:
            refused = would_be(partial(pick_new_time, asked.ref, start=start, by=by, now=now))
            assert refused in open_times.against(self.world, wanted, start)
            COUNTS["slots: not shown and refused"] += 1

    def _shown(self, asked: Asked) -> Choice:
        batch = RescheduleBatch.objects.select_related("practice", "provider", "client").get(
            pk=asked.batch.number
        )
        found = choices(batch, requests_of(batch=batch.pk), zone=batch.provider.zone, now=self.world.now)
        return next(choice for choice in found if choice.request.pk == asked.number)


def _runs(asked: Asked, now: datetime) -> bool:
    """Return whether the client's time to answer runs."""
    return asked.handed_over_at is not None and now < asked.deadline


def _by_number(task: Task) -> tuple[str, int, int, int]:
    return task.kind, task.request or 0, task.note or 0, task.session or 0
