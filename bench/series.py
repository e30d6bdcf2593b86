"""A series of 104 appointments booked, moved and canceled, each in one transaction: how long, and in how many statements."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time as time_of_day, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.anchor import fixed_loop, processor_seconds
from bench.home import Home, seconds_used
from bench.practice import Measured
from bench.report import Report, milliseconds

if TYPE_CHECKING:
    from raincheck.actions.engine.runner import Answer
    from raincheck.domain.people import Actor

MOST, FEWEST, ROUNDS = 104, 2, 7
GOAL = 1.0
"""Seconds, the slowest of the three."""
EVENING, HOUR = time_of_day(19), timedelta(hours=1)
"""When all are booked first, and by how much they move: the measured provider's evenings are free."""
WAY = ("booked", "moved to another hour", "canceled")

HOW = f"""\
The verbs themselves, without a page around them: a provider books {MOST} weekly appointments of a client who has an address, moves all of them to another hour, and cancels all of them. Each is one
transaction, with claims, history and one message to each side; the time is from the press to the commit. Medians of {ROUNDS} series, one after the other. Processor time is that of Python
and the database together; the ratio is to the fixed loop, run before each series. Beside it the statements of the same for {FEWEST} appointments."""

WRITTEN_TOGETHER = """\
Moving took 1.22 of the loop as long as its rows were written by `bulk_update`, with a case for each row in each column; now each column is one array."""


@dataclass(frozen=True, slots=True)
class Taken:
    seconds: float
    processor: float
    statements: int
    ratio: float


def measure(home: Home, measured: Measured, report: Report, *, now: datetime) -> None:
    """Note what each of the verbs takes for the longest series, and how many statements for the shortest."""
    _series(home, measured, 0, count=FEWEST, now=now)  # warm
    rounds = [_series(home, measured, number, count=MOST, now=now) for number in range(1, ROUNDS + 1)]
    short = _series(home, measured, ROUNDS + 1, count=FEWEST, now=now)
    rows: list[Sequence[str]] = [
        ("what", "median", "slowest", "processor time", "ratio to the loop", "statements", f"for {FEWEST}")
    ]
    slowest = 0.0
    for way, *taken in zip(WAY, *rounds, strict=True):
        median = statistics.median(one.seconds for one in taken)
        slowest = max(slowest, median)
        rows.append(
            (
                way,
                milliseconds(median),
                milliseconds(max(one.seconds for one in taken)),
                milliseconds(statistics.median(one.processor for one in taken)),
                f"{statistics.median(one.ratio for one in taken):.2f}",
                str(taken[0].statements),
                str(short[WAY.index(way)].statements),
            )
        )
    report.section(f"A series of {MOST}", HOW, rows, after=WRITTEN_TOGETHER)
    report.goal(
        f"a series of {MOST} booked, moved or canceled, the slowest",
        f"≤ {GOAL:g} s",
        f"{slowest:.2f} s",
        kept=slowest <= GOAL,
    )
    least, most = min(one.statements for one in short), max(one.statements for one in rounds[0])
    report.goal(
        f"statements for {MOST} appointments beside those for {FEWEST}",
        "the same",
        f"{most} at most" if _counts(rounds[0]) == _counts(short) else f"{most} beside {least}",
        kept=_counts(rounds[0]) == _counts(short),
    )


def _counts(taken: Sequence[Taken]) -> list[int]:
    return [one.statements for one in taken]


def _series(home: Home, measured: Measured, number: int, *, count: int, now: datetime) -> list[Taken]:
    """Book, move and cancel one series of a client of its own, and return what each took."""
    from raincheck.actions.appointments.booking import Cancellation, Details
    from raincheck.actions.appointments.series import SeriesBooking, book_series
    from raincheck.actions.appointments.series_changes import cancel_series, change_series
    from raincheck.data.models import Appointment, AppointmentType, Client, Place, Recipient
    from raincheck.domain.appointments.lifecycle import CancelReason
    from raincheck.domain.appointments.series import Scope
    from raincheck.domain.people import Actor, ActorKind

    kind, place = (
        AppointmentType.objects.get(ref=measured.type_ref),
        Place.objects.get(ref=measured.place_ref),
    )
    client = Client.objects.create(
        practice_id=measured.practice_id, first_name=f"S{number}", last_name="Bench", client_since=now.date()
    )
    Recipient.objects.create(
        practice_id=measured.practice_id, client=client, email=f"series{number}@bench.example"
    )
    by = Actor(ActorKind.PROVIDER, measured.provider_id, practice=measured.practice_id)
    first = datetime.combine(measured.first + timedelta(weeks=5), EVENING)
    booking = SeriesBooking(measured.provider_id, client.pk, kind.pk, place.pk, first, 1, count=count)
    loop = processor_seconds(fixed_loop)
    answer, booked = _run(home, partial(book_series, booking, by=by, now=now), loop, by=by, now=now)
    chosen = Appointment.objects.get(ref=answer["appointment"])
    details = Details(chosen.starts_at + HOUR, kind.pk, place.pk, chosen.join_url)
    change = partial(change_series, chosen.ref, scope=Scope.ALL, details=details, by=by, now=now)
    moved = _run(home, change, loop, by=by, now=now)[1]
    why = Cancellation(CancelReason.CLINICAL)
    cancel = partial(cancel_series, chosen.ref, scope=Scope.ALL, cancellation=why, by=by, now=now)
    return [booked, moved, _run(home, cancel, loop, by=by, now=now)[1]]


def _run(
    home: Home, verb: Callable[[], Answer], loop: float, *, by: Actor, now: datetime
) -> tuple[Answer, Taken]:
    from django.db import connection

    from raincheck.actions.engine.runner import run_command

    statements: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    own, server, began = time.process_time(), seconds_used((home.database_pid,)), time.monotonic()
    with connection.execute_wrapper(count):
        answer = run_command(verb, key=None, body={}, by=by, now=now)
    seconds = time.monotonic() - began
    processor = time.process_time() - own + seconds_used((home.database_pid,)) - server
    return answer, Taken(seconds, processor, len(statements), processor / loop)
