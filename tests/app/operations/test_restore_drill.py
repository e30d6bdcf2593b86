"""The drill: a backup is made while everybody works, and restored elsewhere; nothing acknowledged is gone, and nobody's time is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client as Browser
from tests.app.cast import NOW, Cast
from tests.app.heartbeats import pages_served
from tests.app.operations.backups import another_database, backed_up, brought_programs, pointed_at, restored
from tests.app.reschedule.test_slow_prompts import handed_over
from tests.app.staff_browser import okafor
from tests.verify.races.promises import broken

from raincheck import embedded_postgres
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client, Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.policy import LAPSE_GRACE

HOUR = timedelta(hours=1)
AWAY = 72 * HOUR
"""From the backup until pages are served again: longer than anybody had to answer."""
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def programs_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", brought_programs())


class Work:
    """What people do all the time: they book and ask, and open pages. What was acknowledged is written down."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.acknowledged: list[str] = []
        self.pages = 0
        self.failed = 0
        self.over = threading.Event()

    def book_and_ask(self, provider: Provider, client: Client) -> None:
        number = 0
        while not self.over.is_set():
            start = NOW + 20 * 24 * HOUR + 2 * number * HOUR
            booked = self.cast.booked(start, client=client, provider=provider)
            self.acknowledged.append(f"booked {booked.ref}")
            if number % 4 == 0:
                asked = self.cast.asked(booked, repeat_confirmed=True)
                self.acknowledged.append(f"asked {asked.ref}")
            number += 1

    def look(self) -> None:
        at_work = okafor()
        while not self.over.is_set():
            assert at_work.get("/home/").status_code == 200
            self.pages += 1

    def until(self, acts: int, pages: int) -> None:
        """Wait until that much was done."""
        look = threading.Event()
        for _attempt in range(int(PATIENCE / 0.01)):
            if len(self.acknowledged) >= acts and self.pages >= pages:
                return
            assert not self.failed, "somebody's work was refused"
            look.wait(0.01)
        raise AssertionError("nobody could work any more")


def backed_up_at_work(cast: Cast, directory: Path) -> tuple[Path, list[str]]:
    """Back up while three people work; return the file, and what was acknowledged before that began."""
    work = Work(cast)
    jobs = (
        lambda: work.book_and_ask(cast.okafor, cast.riley),
        lambda: work.book_and_ask(cast.fischer, cast.maya),
        work.look,
    )
    with ThreadPoolExecutor(len(jobs)) as people:
        working = [people.submit(_closing, work, job) for job in jobs]
        try:
            work.until(20, 5)
            before = list(work.acknowledged)
            file = backed_up(directory)
            work.until(len(before) + 5, work.pages + 2)  # whoever works was kept from nothing
        finally:
            work.over.set()
        for one in working:
            one.result(PATIENCE)
    return file, before


def _closing(work: Work, job: Callable[[], None]) -> None:
    try:
        job()
    except BaseException:
        work.failed += 1
        raise
    finally:
        connection.close()


@pytest.mark.verify
def test_a_backup_made_under_load_has_all_acknowledged_and_time_away_comes_back(
    cast: Cast, tmp_path: Path
) -> None:
    asked = handed_over(cast.asked(cast.booked(NOW + 12 * 24 * HOUR)), now=NOW)
    pages_served(NOW - HOUR, NOW)
    file, acknowledged = backed_up_at_work(cast, tmp_path)
    with another_database() as name, pointed_at(name):
        restored(file)
        assert broken() == {}
        assert set(acknowledged) - _there() == set()
        back = NOW + AWAY
        pages_served(back, back)
        assert sweep(now=back, real_now=back)["request lapsed"] == 0
        asked.refresh_from_db()
        assert (asked.state, asked.needs_provider) == ("open", "restored")
        assert asked.deadline_at == NOW + 48 * HOUR + AWAY
        _can_be_used()
        late = asked.deadline_at + LAPSE_GRACE
        pages_served(back, late)
        sweep(now=late, real_now=late)
        asked.refresh_from_db()
        assert (asked.state, asked.needs_provider) == ("open", "restored")
        assert broken() == {}


def _there() -> set[str]:
    booked = {f"booked {ref}" for ref in Appointment.objects.values_list("ref", flat=True)}
    return booked | {f"asked {ref}" for ref in RescheduleRequest.objects.values_list("ref", flat=True)}


def _can_be_used() -> None:
    """Dr. Okafor signs in with the password they always had, and books."""
    said = {"login": "okafor@harbor.example", "password": "let me in please"}
    assert Browser().post("/sign-in/", said).status_code == 302
    me = okafor()  # the second step behind them
    for address in ("/home/", "/appointments/", "/requests/"):
        assert me.get(address).status_code == 200


@pytest.fixture
def another_home() -> Iterator[Path]:
    """A home that has never been used, which the server's account can enter."""
    with tempfile.TemporaryDirectory(prefix="raincheck-home-", dir="/tmp") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory) / "home"


@pytest.mark.verify
def test_another_machine_takes_a_backup_by_its_own_database(
    cast: Cast, tmp_path: Path, another_home: Path
) -> None:
    cast.asked(cast.booked())
    file = backed_up(tmp_path)
    settings = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    environment = {
        **settings,
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "RAINCHECK_HOME": str(another_home),
        "PATH": "/usr/bin:/bin",
    }

    def raincheck(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "raincheck.cli", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with embedded_postgres.start(another_home, durable=False) as server:
        assert "clients: 3, appointments: 1, requests: 1" in raincheck("restore", str(file))
        assert "clients: 3, appointments: 1, requests: 1" in raincheck("backup", str(tmp_path / "again"))
        with psycopg.connect(server.url) as theirs:
            [(ref,)] = theirs.execute("SELECT ref FROM raincheck_appointment").fetchall()
            assert ref == Appointment.objects.get().ref
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                theirs.execute("TRUNCATE raincheck_appointmenthistory")
