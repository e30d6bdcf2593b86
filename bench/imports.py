"""Ten thousand clients and then their appointments brought in from files and taken back, while others work with the same providers."""

from __future__ import annotations

import csv
import io
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench.home import leave_the_database
from bench.picks import Pick, open_requests, pick_once
from bench.practice import Measured
from bench.report import Report, milliseconds

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

    from raincheck.data.people import Provider
    from raincheck.domain.people import Actor

ROWS, PROVIDERS, A_DAY = 10_000, 25, 8
MOST_SECONDS, MOST_LOCKED, MOST_TIMES = 60.0, 3.0, 3.0
QUIET_PICKS, MOST_PICKS = 60, 600
LOOKS_EVERY = 0.01
HOURS = {
    "weekly": [{"weekday": day, "start": "08:00", "end": "18:00", "places": []} for day in range(7)],
    "overrides": [],
}

HOW = f"""\
A file of {ROWS:,} clients and one of {ROWS:,} appointments ahead, {ROWS // PROVIDERS} for each of {PROVIDERS} providers, brought in by the verbs of the pages and the worker: the file is read
in the limited child process and staged, its rows are checked once more, and all come in. Then the appointments are taken back. Meanwhile one process asks for the lock of a provider
in the file every {LOOKS_EVERY * 1000:.0f} ms, and its longest wait is how long anybody waits; another picks new times at a provider of the same practice, one after the other, and its median
stands beside that of {QUIET_PICKS} picks before."""


def measure(measured: Measured, report: Report, *, now: datetime) -> None:
    """Note how long files take, how long they keep a provider, and what picks take meanwhile."""
    by, providers = _manager_and_providers(measured, now=now)
    _picker, picks = open_requests(measured, QUIET_PICKS + MOST_PICKS, now=now)
    quiet = statistics.median(_took(partial(pick_once, pick, now=now)) for pick in picks[:QUIET_PICKS])
    rows: list[Sequence[str]] = [
        ("what", "seconds", "a provider's lock, longest", "picks, median", "beside quiet")
    ]
    left = iter(picks[QUIET_PICKS:])
    staged: dict[str, UUID] = {}
    for what, file in (("clients", _clients()), ("appointments", _appointments(providers, now=now))):
        steps = {
            f"{what}: read and staged": partial(_stage, measured, what, file, staged, by=by, now=now),
            f"{what}: from the press to the end": partial(_bring_in, measured, staged, what, by=by, now=now),
        }
        took = [_beside(providers[0], left, step, name, rows, quiet, now=now) for name, step in steps.items()]
        report.goal(
            f"{ROWS:,} {what} brought in",
            f"< {MOST_SECONDS:g} s",
            f"{sum(one.seconds for one in took):.1f} s",
            kept=sum(one.seconds for one in took) < MOST_SECONDS,
        )
        _goals(report, f"while {ROWS:,} {what} come in", took, quiet)
    undo = partial(_undo, measured, staged["appointments"], by=by, now=now)
    undone = _beside(providers[0], left, undo, "appointments: taken back", rows, quiet, now=now)
    _goals(report, f"while {ROWS:,} appointments are taken back", [undone], quiet)
    report.section("Bringing files in", HOW, rows, after=f"A quiet pick takes {milliseconds(quiet)}.")


class Beside:
    """What a step took, and what others saw meanwhile."""

    def __init__(self, seconds: float, waited: float, picks: Sequence[float]) -> None:
        self.seconds, self.waited, self.picks = seconds, waited, picks


def _goals(report: Report, when: str, took: Sequence[Beside], quiet: float) -> None:
    locked = max(one.waited for one in took)
    report.goal(
        f"a provider's lock {when}", f"≤ {MOST_LOCKED:g} s", f"{locked:.1f} s", kept=locked <= MOST_LOCKED
    )
    times = statistics.median(took[-1].picks) / quiet
    report.goal(
        f"picks {when}, median beside quiet",
        f"≤ {MOST_TIMES:g} ×",
        f"{times:.1f} ×",
        kept=times <= MOST_TIMES,
    )


def _beside(
    provider: Provider,
    picks: Iterator[Pick],
    step: Callable[[], object],
    name: str,
    rows: list[Sequence[str]],
    quiet: float,
    *,
    now: datetime,
) -> Beside:
    """Carry a step out while others ask for a provider and pick; note a row."""
    mine = [pick for pick, _number in zip(picks, range(MOST_PICKS // 5), strict=False)]
    leave_the_database()
    context = multiprocessing.get_context("fork")
    over = context.Event()
    waits, times = context.Queue(), context.Queue()
    others = [
        context.Process(target=_ask_for, args=(provider.pk, over, waits.put)),
        context.Process(target=_pick_on, args=(mine, over, times.put), kwargs={"now": now}),
    ]
    for process in others:
        process.start()
    time.sleep(0.5)  # both are at work by then
    seconds = _took(step)
    over.set()
    beside = Beside(seconds, waits.get(timeout=60), times.get(timeout=60))
    for process in others:
        process.join()
    median = statistics.median(beside.picks)
    rows.append(
        (name, f"{seconds:.1f}", f"{beside.waited:.2f} s", milliseconds(median), f"{median / quiet:.1f} ×")
    )
    return beside


def _ask_for(provider: int, over: Event, say: Callable[[float], object]) -> None:
    """Lock a provider again and again, and say how long the longest wait was."""
    from django.db import connection, transaction

    longest = 0.0
    with connection.cursor() as cursor:
        # Whoever measures waits as long as it takes.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SET statement_timeout = 0")
    while not over.is_set():
        began = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM raincheck_provider WHERE id = %s FOR NO KEY UPDATE", [provider])
        longest = max(longest, time.monotonic() - began)
        time.sleep(LOOKS_EVERY)
    say(longest)


def _pick_on(
    picks: Sequence[Pick], over: Event, say: Callable[[list[float]], object], *, now: datetime
) -> None:
    """Pick one after the other until the step is over, one at least, and say what each took."""
    took = []
    for pick in picks:
        took.append(_took(partial(pick_once, pick, now=now)))
        if over.is_set():
            break
        time.sleep(0.05)
    say(took)


def _took(step: Callable[[], object]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began


def _manager_and_providers(measured: Measured, *, now: datetime) -> tuple[Actor, list[Provider]]:
    from raincheck.data.people import Membership, Practice, Provider, User
    from raincheck.domain.people import Actor, ActorKind, Role

    practice = Practice.objects.get(pk=measured.practice_id)
    user = User.objects.create(email="files@bench.example", name="Sasha")
    member = Membership.objects.create(practice=practice, user=user, role=Role.MANAGER)
    providers = Provider.objects.bulk_create(
        Provider(
            practice=practice,
            name=f"Dr. Number {number}",
            short_name=f"Dr. {number}",
            email=f"number{number}@bench.example",
            zone=practice.zone,
            availability=HOURS,
            availability_changed_at=now,
            grid_step=timedelta(minutes=30),
        )
        for number in range(PROVIDERS)
    )
    return Actor(ActorKind.MANAGER, member.pk, practice=practice.pk), providers


def _table(header: str, lines: Iterator[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header.split("|"), *lines])
    return text.getvalue().encode()


def _client(number: int) -> str:
    return f"Client{number} Bench{number % 97}"


def _clients() -> bytes:
    lines = ((_client(n), f"client{n}@clients.example", f"+1212555{n:04}") for n in range(ROWS))
    return _table("Name|E-mail|Phone", lines)


def _appointments(providers: Sequence[Provider], *, now: datetime) -> bytes:
    first = (now + timedelta(days=7)).astimezone(UTC).replace(hour=13, minute=0, second=0, microsecond=0)

    def lines() -> Iterator[Sequence[str]]:
        for number in range(ROWS):
            day, hour = divmod(number // PROVIDERS, A_DAY)
            start = first + timedelta(days=day, hours=hour)
            end = start + timedelta(minutes=50)
            yield _client(number), providers[number % PROVIDERS].name, start.isoformat(), end.isoformat()

    return _table("Client|Provider|Starts at|Ends at", lines())


def _run(
    verb: Callable[..., Any], *given: object, by: Actor, now: datetime, **said: object
) -> dict[str, str]:
    from raincheck.actions.engine.runner import run_command

    return run_command(partial(verb, *given, by=by, now=now, **said), key=None, body={}, by=by, now=now)


def _stage(
    measured: Measured, what: str, data: bytes, staged: dict[str, UUID], *, by: Actor, now: datetime
) -> None:
    from raincheck.actions.imports.staging import StagedFile, stage_file
    from raincheck.domain.imports.columns import Kind
    from raincheck.integrations.imports.files import read_sheets_safely

    file = StagedFile(f"{what}.csv", Kind(what), "America/New_York", read_sheets_safely(data))
    staged[what] = UUID(_run(stage_file, measured.practice_id, file=file, by=by, now=now)["import"])


def _bring_in(measured: Measured, staged: dict[str, UUID], what: str, *, by: Actor, now: datetime) -> None:
    from raincheck.actions.imports.importing import start_import
    from raincheck.data.models import Import
    from raincheck.worker.imports import bring_in

    start = partial(start_import, staged[what], practice_id=measured.practice_id)
    _run(lambda **_told: start(), by=by, now=now)
    kept = Import.objects.get(ref=staged[what])
    bring_in(kept.pk, now=lambda: now)
    kept.refresh_from_db()
    assert (kept.state, kept.done) == ("imported", ROWS), (kept.state, kept.fault, kept.done)


def _undo(measured: Measured, ref: UUID, *, by: Actor, now: datetime) -> None:
    from raincheck.actions.imports.undoing import undo_import

    assert _run(undo_import, ref, practice_id=measured.practice_id, by=by, now=now)["rows"] == str(ROWS)
