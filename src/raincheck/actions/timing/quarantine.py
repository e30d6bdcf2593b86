"""Steps of the sweep that one row can make fail: the batch is halved until that row stands alone, and the others are done.

The row becomes a person's task, once, and is tried again after growing pauses, apart from the others.
"""

import logging
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Any

from django.db.models import Q, QuerySet

from raincheck.actions.engine.runner import run_command
from raincheck.actions.engine.side_effects import make_task, make_tasks
from raincheck.data.models import Appointment, Provider, Quarantined, RescheduleRequest, Task
from raincheck.data.postgresql.faults import fault_of
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule.lifecycle import TookTooLong
from raincheck.domain.tasks import MANAGERS_GET_IT_AFTER, TaskKind
from raincheck.domain.timing.quarantine import Step, next_try

# Rows put into quarantine by one step in one sweep. Where more of them fail it is our mistake, not theirs.
AT_ONCE = 20

Done = Counter[str]
"""How many of each thing was done, by a word for it; empty when there was nothing to look at."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepStep:
    """A step in two parts: `due` finds rows without locking; `do` locks some of those among them and does what is due.

    `by` is what fails together, as a column of Quarantined: a request, an appointment, or a provider with all of theirs.
    `order` is in which they come.
    """

    step: Step
    due: Callable[..., QuerySet[Any]]
    do: Callable[..., Done]
    by: str = "request"
    order: tuple[str, ...] = ("provider", "deadline_at", "pk")

    @property
    def key(self) -> str:
        """The column of the due rows that says which of them fail together."""
        return "provider" if self.by == "provider" else "pk"


class StoodStill(Exception):
    """A sweep stood still for so long that its `now` says nothing any more; what it had begun was rolled back."""


def run_isolating_failures(
    work: SweepStep, *, now: datetime, limit: int, still_fresh: Callable[[], bool], batches: int = sys.maxsize
) -> Done:
    """Do all that is due, `limit` requests in a transaction and at most so many batches; return how many of each thing.

    `still_fresh` is asked right before each commit. Raises StoodStill when it says no, and what is about no row in
    particular, such as a lost connection.
    """
    return _Doing(work, now, limit, still_fresh).all_of_it(batches)


@dataclass(slots=True)
class _Doing:
    """One step of one sweep. `left_out` are the numbers it passes by: set aside, or held by somebody just now."""

    work: SweepStep
    now: datetime
    limit: int
    still_fresh: Callable[[], bool]
    left_out: set[int] = field(default_factory=set)
    failed: int = 0

    def all_of_it(self, batches: int) -> Done:
        aside = list(Quarantined.objects.filter(step=self.work.step))
        column = f"{self.work.by}_id"
        self.left_out = {getattr(row, column) for row in aside}
        total: Done = Counter()
        for _batch in range(batches):
            done = self._batch()
            total += done
            if not done:  # a short batch is no sign of the end: it leaves out what others work on
                break
        for row in aside:
            if row.try_again_at <= self.now:
                total += self._tried_again(row, getattr(row, column))
        return total

    def _batch(self) -> Done:
        # The usual case is one statement for the whole batch; only a failure asks which rows were in it.
        others = ~Q(**{f"{self.work.key}__in": self.left_out})
        try:
            return self._done(others)
        except Exception as error:  # noqa: BLE001  # whatever a row makes of a batch, the other rows are not to wait for it
            due = self.work.due(now=self.now).filter(others).order_by(*self.work.order)
            numbers = list(dict.fromkeys(due.values_list(self.work.key, flat=True)[: self.limit]))
            return self._narrowed(numbers, error)

    def _narrowed(self, numbers: Sequence[int], error: Exception) -> Done:
        """Do what can be done of a batch that failed: each half by itself, down to the one that fails alone."""
        if _is_about_no_row(error) or not numbers:
            raise error
        if len(numbers) == 1:
            return self._alone(numbers[0], error)
        middle, total = len(numbers) // 2, Done()
        for half in (numbers[:middle], numbers[middle:]):
            try:
                total += self._done(Q(**{f"{self.work.key}__in": half}))
            except Exception as again:  # noqa: BLE001  # as above
                total += self._narrowed(half, again)
        return total

    def _alone(self, number: int, error: Exception) -> Done:
        # Left out for the rest of this sweep either way, or the next batch would meet it again.
        self.left_out.add(number)
        if isinstance(error, TookTooLong):
            return Counter()  # somebody has it just now
        self.failed += 1
        if self.failed > AT_ONCE:
            raise error  # so many are no fault of single rows
        self._act(partial(_put_into_quarantine, self.work, number, now=self.now))
        # Never the error's own words: those may hold what the row says.
        place = extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        logger.error("the sweep sets one row aside at “%s”: %s", self.work.step, where)
        return Counter({"set aside for a person": 1})

    def _tried_again(self, row: Quarantined, number: int) -> Done:
        try:
            done = self._done(Q(**{self.work.key: number}))
        except Exception as error:  # as above
            if _is_about_no_row(error):
                raise
            if not isinstance(error, TookTooLong):
                self._act(partial(_wait_longer, row, now=self.now))
            return Counter()
        if done or not self.work.due(now=self.now).filter(**{self.work.key: number}).exists():
            self._act(partial(_take_back, row, now=self.now))
        return done  # nothing done and still due: somebody works with it just now

    def _done(self, among: Q) -> Done:
        done: Done = Counter()

        def verb() -> dict[str, str]:
            done.clear()  # a second try starts counting again
            done.update(self.work.do(now=self.now, limit=self.limit, among=among))
            return {}

        self._act(verb)
        return done

    def _act(self, verb: Callable[[], dict[str, str]]) -> None:
        run_command_in_time(verb, now=self.now, still_fresh=self.still_fresh)


def run_command_in_time(
    verb: Callable[[], dict[str, str]], *, now: datetime, still_fresh: Callable[[], bool]
) -> None:
    """Run a verb of the sweep in a transaction of its own. Raises StoodStill, with nothing done, when its time is over."""

    def timely() -> dict[str, str]:
        answer = verb()
        if not still_fresh():
            raise StoodStill("the sweep stood still, and the next one begins anew")
        return answer

    run_command(timely, key=None, body={}, by=SYSTEM, now=now)


def _is_about_no_row(error: Exception) -> bool:
    """Return whether no row has to do with it: the database is gone, full, takes no changes, or time went on without us."""
    if isinstance(error, StoodStill):
        return True
    return not isinstance(error, TookTooLong) and fault_of(error) is not None


def _put_into_quarantine(work: SweepStep, number: int, *, now: datetime) -> dict[str, str]:
    if work.by == "provider":
        provider = Provider.objects.get(pk=number)
        row = Quarantined(practice_id=provider.practice_id, provider=provider)
        task = Task(
            practice_id=provider.practice_id,
            provider=provider,
            kind=TaskKind.NOT_DONE,
            made_at=now,
            for_managers_at=now + MANAGERS_GET_IT_AFTER,
        )
        Task.objects.bulk_create([task], ignore_conflicts=True)
    elif work.by == "appointment":
        appointment = Appointment.objects.get(pk=number)
        row = Quarantined(
            practice_id=appointment.practice_id, provider_id=appointment.provider_id, appointment=appointment
        )
        make_task(TaskKind.NOT_DONE, appointment=appointment, now=now)
    else:
        request = RescheduleRequest.objects.get(pk=number)
        row = Quarantined(practice_id=request.practice_id, provider_id=request.provider_id, request=request)
        make_tasks(TaskKind.NOT_DONE, [request], now=now)
    row.step, row.since, row.try_again_at = work.step, now, next_try(now=now, failures=1)
    Quarantined.objects.bulk_create([row], ignore_conflicts=True)  # two workers may meet the same row
    return {}


def _wait_longer(row: Quarantined, *, now: datetime) -> dict[str, str]:
    failures = row.failures + 1
    Quarantined.objects.filter(pk=row.pk).update(
        failures=failures, try_again_at=next_try(now=now, failures=failures)
    )
    return {}


def _take_back(row: Quarantined, *, now: datetime) -> dict[str, str]:
    """Have the row among the others again; once no step leaves it out any more, nobody needs to look at it."""
    # Another step may still leave it out, and then the task stays.
    Quarantined.objects.filter(pk=row.pk).delete()
    whose = {
        "provider": row.provider_id,
        "request": row.request_id,
        "appointment": row.appointment_id,
    }
    if not Quarantined.objects.filter(**whose).exists():
        Task.objects.filter(**whose, kind=TaskKind.NOT_DONE, done_at__isnull=True).update(done_at=now)
    return {}
