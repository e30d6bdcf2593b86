"""Makes two verbs meet: the second starts while the first has done everything but commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal

PATIENCE = 20.0
"""Seconds until a meeting that does not happen fails the test."""

Verb = Callable[[], Answer]
Outcome = Answer | type[Refusal]


def carried_out(
    verb: Verb, *, by: Actor, now: datetime, still_fresh: Callable[[], bool] = lambda: True
) -> Outcome:
    """Run a verb as the pages do; return its answer, or the class of its refusal."""
    try:
        return run_command(verb, key=None, body={}, by=by, now=now, still_fresh=still_fresh)
    except Refusal as refusal:
        return type(refusal)


def second_while_first_is_uncommitted(
    first: Callable[[Callable[[], bool]], Outcome],
    second: Callable[[], Outcome],
    *,
    until_the_second_ended: bool = False,
) -> tuple[Outcome, Outcome]:
    """Start `second` when `first` is about to commit; let `first` commit once `second` waits for it, or has ended.

    `first` is given the hook to call right before its commit (the runner's `in_time`). With `until_the_second_ended`
    waiting is not enough: something has to set `second` free.
    """
    about_to_commit, go_on = threading.Event(), threading.Event()

    def hook() -> bool:
        about_to_commit.set()
        assert go_on.wait(PATIENCE), "nobody let the first verb go on"
        return True

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(_closing, lambda: first(hook))
        _until(lambda: about_to_commit.is_set() or one.done())
        other = pool.submit(_closing, second)
        _until(lambda: other.done() or (not until_the_second_ended and _somebody_waits()))
        go_on.set()
        return one.result(PATIENCE), other.result(PATIENCE)


def second_while_first_waits(
    lock: Callable[[], object], first: Callable[[], Outcome], second: Callable[[], Outcome]
) -> tuple[Outcome, Outcome]:
    """Run all of `second` while `first` waits for what `lock` keeps, somewhere in its middle; then let `first` go on."""
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            lock()
            one = pool.submit(_closing, first)
            _until(lambda: _somebody_waits() or one.done())
            other = pool.submit(_closing, second)
            _until(other.done)
            assert not one.done(), "the first verb did not wait"
        return one.result(PATIENCE), other.result(PATIENCE)


def _closing(run: Callable[[], Outcome]) -> Outcome:
    try:
        return run()
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Inside a transaction the first look would be given again and again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


def _until(condition: Callable[[], bool]) -> None:
    """Look again and again, a moment apart, until a condition of another thread or connection holds."""
    look = threading.Event()
    for _attempt in range(int(PATIENCE / 0.01)):
        if condition():
            return
        look.wait(0.01)
    raise AssertionError("the two verbs did not meet")


def all_at_once(runs: list[Callable[[], Outcome]]) -> list[Outcome]:
    """Start every run at the same moment in its own thread and return their outcomes in order."""
    gate = threading.Barrier(len(runs))

    def after_the_gate(run: Callable[[], Outcome]) -> Outcome:
        gate.wait(PATIENCE)
        return run()

    with ThreadPoolExecutor(len(runs)) as pool:
        futures: list[Future[Outcome]] = [pool.submit(_closing, partial(after_the_gate, run)) for run in runs]
        return [future.result(PATIENCE * 3) for future in futures]
