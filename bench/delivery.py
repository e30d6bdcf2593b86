"""Mails handed over: to a mail server on the same machine, and to one far away that asks for encryption and a password."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import psycopg

from bench import due_rows
from bench.home import Home, leave_the_database, running, seconds_used, settings_for, working
from bench.report import Report, milliseconds

FILLED, NEAR, FAR = "mailing", "mailing_near", "mailing_far"
"""The databases: one full of open requests, and two copies in which all their prompts wait to be sent."""
WORKERS = 2
WATCHED = {NEAR: 8.0, FAR: 12.0}
"""Seconds of watching, once the first mails have left; the lanes to a server that is slow to answer open one after the other."""
WARMING = {NEAR: 2.0, FAR: 5.0}
LONGEST = 60.0
GOAL_NEAR, GOAL_FAR, GOAL_PYTHON, GOAL_DATABASE = 400.0, 60.0, 0.005, 0.001

UNSENT = f"""
DELETE FROM raincheck_link WHERE attempt_id IS NOT NULL;
DELETE FROM raincheck_deliveryattempt;
UPDATE raincheck_notification SET state = 'waiting', ended_at = NULL, attempts = 0, give_up_at = %(now)s + interval '1 day',
    due_at = %(now)s - interval '1 min' WHERE id >= {due_rows.FIRST};
ANALYZE
"""
LEFT = "SELECT count(*) FROM raincheck_deliveryattempt WHERE outcome = 'accepted'"


@dataclass(frozen=True, slots=True)
class Sent:
    """Mails a second, and the processor time for each of the workers and the database, in seconds."""

    a_second: float
    python: float
    database: float


def measure(home: Home, report: Report, *, now: datetime) -> None:
    """Fill databases of their own, let workers loose on them, and note how fast mails leave."""
    leave_the_database()
    home.copy(FILLED, of="raincheck")
    with psycopg.connect(home.url(FILLED), autocommit=True) as connection:
        due_rows.fill(connection, deadline=now + timedelta(hours=5), now=now)
        for statement in UNSENT.split(";\n"):
            connection.execute(statement, {"now": now})  # type: ignore[arg-type]  # one of those above
    for database in (NEAR, FAR):
        home.copy(database, of=FILLED)
    with _mail_servers(home) as (near, far):
        found = {NEAR: _sent(home, NEAR, near, workers=WORKERS), FAR: _sent(home, FAR, far, workers=1)}
    _note(report, found[NEAR], found[FAR])


def _sent(home: Home, database: str, settings: dict[str, str], *, workers: int) -> Sent:
    with (
        psycopg.connect(home.url(database), autocommit=True) as connection,
        _all_working(home, database, settings, workers) as pids,
    ):
        began = time.monotonic()
        while not _left(connection):
            if time.monotonic() - began > LONGEST:
                raise SystemExit("No mail leaves.")
            time.sleep(0.1)
        time.sleep(WARMING[database])
        groups = (pids, (home.database_pid,))
        used, left, began = [seconds_used(group) for group in groups], _left(connection), time.monotonic()
        time.sleep(WATCHED[database])
        mails, took = _left(connection) - left, time.monotonic() - began
        python, database_time = (
            seconds_used(group) - before for group, before in zip(groups, used, strict=True)
        )
    return Sent(mails / took, python / mails, database_time / mails)


@contextmanager
def _all_working(
    home: Home, database: str, settings: dict[str, str], workers: int
) -> Iterator[Sequence[int]]:
    if not workers:
        yield ()
        return
    with (
        working(home, database, **settings) as pid,
        _all_working(home, database, settings, workers - 1) as others,
    ):
        yield (pid, *others)


def _left(connection: psycopg.Connection) -> int:
    found = connection.execute(LEFT).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def _mail_servers(home: Home) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Run both mail servers, and yield the settings that lead to each."""
    certificate, key = home.directory / "certificate.pem", home.directory / "key.pem"
    _make_certificate(certificate, key)
    command = [sys.executable, "-m", "bench.sink", str(certificate), str(key)]
    with running(command, settings_for(home.owner_url, home), output=PIPE) as process:
        assert process.stdout is not None
        near, _texts, far = json.loads(process.stdout.readline())
        encrypted = {
            "EMAIL_URL": f"smtps://bench:open%20sesame@127.0.0.1:{far}",
            "SSL_CERT_FILE": str(certificate),
        }
        yield {"EMAIL_URL": f"smtp://127.0.0.1:{near}"}, encrypted


def _make_certificate(certificate: Path, key: Path) -> None:
    wanted = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail -addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", *wanted.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)


HOW = """\
{prompts:,} prompts wait, each about one to three appointments, with text, HTML and a link of its own. Two workers hand them to a mail server on this machine that takes everything;
then one worker to a mail server that speaks TLS, asks for a password, and answers after 100 ms, whatever is said. Mails count once their acceptance is written down."""


def _note(report: Report, near: Sent, far: Sent) -> None:
    rows: list[Sequence[str]] = [
        ("mail server", "workers", "mails a second", "processor time of a mail: workers", "database"),
        *(
            (
                name,
                str(workers),
                f"{sent.a_second:.0f}",
                milliseconds(sent.python),
                milliseconds(sent.database),
            )
            for name, workers, sent in (("on this machine", WORKERS, near), ("100 ms away", 1, far))
        ),
    ]
    prompts = due_rows.REQUESTS // 10 * 7 + due_rows.VISITORS
    report.section("Mails handed over", HOW.format(prompts=prompts), rows)
    report.goal(
        "mails a second, local server, two workers",
        "≥ 400",
        f"{near.a_second:.0f}",
        kept=near.a_second >= GOAL_NEAR,
    )
    report.goal(
        "mails a second and worker, server 100 ms away with TLS",
        "≥ 60",
        f"{far.a_second:.0f}",
        kept=far.a_second >= GOAL_FAR,
    )
    report.goal(
        "processor time of a mail, workers and database",
        "≤ 5 ms + 1 ms",
        f"{milliseconds(near.python)} + {milliseconds(near.database)}",
        kept=near.python <= GOAL_PYTHON and near.database <= GOAL_DATABASE,
    )
