"""Killed databases and web processes under a whole running Raincheck: refusals at once, nothing lost, nothing to repair."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException  # noqa: TID251  # asks a running server
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.test import Client as Browser
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.cast import Cast, harbor
from tests.app.client_browser import mint
from tests.app.operations.test_embedded_postgres import fill, unmount
from tests.app.serving.test_serve import RAINCHECK, Served, environment, parent, served, wait_until
from tests.app.smtp_server import Mailroom, mail_server
from tests.app.staff_browser import sign_in_staff

from raincheck import clock, embedded_postgres
from raincheck.data.conversations import Message
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleBatch

pytestmark = pytest.mark.slow

SOON = 10.0
"""Seconds within which every answer comes, whatever is broken. On a quiet machine three: the wait for a connection."""
SENTENCE = "reach its records right now."
FULL = "The disk that holds the records is full, so nothing can be saved right now."
LONG = "word " * 400


@dataclass
class Site:
    """A running Raincheck with the cast in its database, and somebody's browser at it."""

    running: Served
    home: Path
    cast: Cast
    mailroom: Mailroom
    on_small_disk: bool
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, address: str, *, who: str = "okafor", **said: str) -> tuple[int, str]:
        """Return status and text; a POST when something is said, as from a page of ours."""
        token = "x" * 32
        headers = {"Host": f"127.0.0.1:{self.running.port}"}
        headers["Cookie"] = f"{self.cookies.get(who, '')}; raincheck_csrf={token}"
        body = urlencode({"csrfmiddlewaretoken": token, **said}) if said else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(HTTPConnection("127.0.0.1", self.running.port, timeout=30)) as connection:
            connection.request("POST" if body else "GET", address, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def database(self) -> int:
        return int((self.home / "postgres" / "18" / "data" / "postmaster.pid").read_text().split("\n")[0])

    def web(self) -> int:
        return self.running.one("raincheck.cli.web")

    def is_ready(self) -> bool:
        return self.ask("/health/ready")[0] == 200

    def write(self, text: str, *, to: Client | None = None) -> tuple[int, str]:
        """Send one message to Riley unless another is named, again under the same key after every failure, and return the statuses met."""
        said, met = {"key": str(uuid4()), "words": text}, []
        address = f"/clients/{(to or self.cast.riley).ref}/message/"
        until = time.monotonic() + 60
        while not met or met[-1] != 302:
            assert time.monotonic() < until, met
            began = time.monotonic()
            try:
                status, page = self.ask(address, **said)
            except (OSError, HTTPException):
                met.append(0)  # the web process was killed
                continue
            assert status == 302 or (status == 503 and SENTENCE in page), (status, page)
            assert time.monotonic() - began < SOON
            met.append(status)
        return len(met), text


@contextmanager
def pointed_at(server: embedded_postgres.Server) -> Iterator[None]:
    """Lead the tests' own connections to another server."""
    kept = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    databases.point("owner", server.owner_url)
    databases.point("default", server.url)
    try:
        yield
    finally:
        connections.close_all()
        for alias, told in kept.items():
            connections[alias].settings_dict.update(told)
            connections.settings[alias].update(told)


@pytest.fixture(scope="module")
def site(django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    directory = Path(tempfile.mkdtemp(prefix="raincheck-killed-", dir="/tmp"))
    directory.chmod(0o711)
    home = directory / "home"
    home.mkdir()
    on_small_disk = mounted(home)
    subprocess.run([*RAINCHECK, "migrate"], env=environment(home), check=True)
    with django_db_blocker.unblock(), mail_server() as room, served(home, EMAIL_URL=room.url) as running:
        server = embedded_postgres.start(home)
        assert not server.started_here
        with pointed_at(server):
            yield furnished(Site(running, home, harbor(), room, on_small_disk))
    if on_small_disk:
        unmount(home)
    shutil.rmtree(directory)


def mounted(home: Path) -> bool:
    """Put a small disk of its own under the home, where this machine and this account may."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m,mode=711", "tmpfs", home]
    return os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0


def furnished(site: Site) -> Site:
    """Let Riley have been asked about a session, and everybody be signed in."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    days = next(day for day in range(5, 12) if (now + timedelta(days=day)).weekday() == 1)
    start = (now + timedelta(days=days)).replace(hour=16)
    site.cast.asked(site.cast.booked(start, now=now), now=now)
    for name, email in (("okafor", "okafor@harbor.example"), ("riley", "riley@clients.example")):
        browser = Browser()
        sign_in_staff(browser, email)
        site.cookies[name] = f"raincheck_session={browser.cookies['raincheck_session'].value}"
    browser = Browser()
    browser.get(f"/r/{mint(RescheduleBatch.objects.get())[1]}/")
    site.cookies["link"] = "; ".join(f"{name}={value.value}" for name, value in browser.cookies.items())
    return site


def pages(site: Site) -> list[tuple[str, str]]:
    batch = RescheduleBatch.objects.get().ref
    return [
        ("okafor", "/home/"),
        ("okafor", "/appointments/?view=calendar"),
        ("okafor", "/appointments/calendar.json?from=2026-11-23&to=2026-11-30"),
        ("okafor", "/requests/"),
        ("okafor", f"/clients/{site.cast.riley.ref}/"),
        ("okafor", "/availability/"),
        ("riley", "/portal/"),
        ("link", f"/choose/{batch}/"),
        ("link", f"/choose/{batch}/write/"),
        ("nobody", "/sign-in/"),
        ("nobody", f"/feeds/{'x' * 43}.ics"),
    ]


@contextmanager
def held_away(site: Site) -> Iterator[None]:
    """Kill the database, and keep whoever would start it again from doing so."""
    os.kill(site.running.process.pid, signal.SIGSTOP)
    try:
        os.kill(site.database(), signal.SIGKILL)
        yield
    finally:
        os.kill(site.running.process.pid, signal.SIGCONT)


def timed(ask: Callable[[], tuple[int, str]]) -> tuple[float, int, str]:
    began = time.monotonic()
    status, text = ask()
    return time.monotonic() - began, status, text


@pytest.mark.verify
def test_while_the_database_is_away_pages_say_so_and_afterwards_all_is_well(site: Site) -> None:
    asked = pages(site)
    before = [site.ask(address, who=who)[0] for who, address in asked]
    assert before == [200] * 10 + [404]
    web = site.web()
    connections.close_all()
    with held_away(site), ThreadPoolExecutor(24) as crowd:
        wait_until(lambda: site.ask("/health/ready")[0] == 503)
        assert site.ask("/health/live")[0] == 200
        assert site.ask("/health/") == (503, '{"status": "red", "red": ["database"]}')
        # Far more at once than threads to answer them: nobody waits behind all the others.
        all_at_once = asked * 6
        answers = list(crowd.map(lambda page: timed(lambda: site.ask(page[1], who=page[0])), all_at_once))
    for (_who, address), (seconds, status, text) in zip(all_at_once, answers, strict=True):
        if address != "/sign-in/":  # a stranger's needs no records
            assert (status, SENTENCE in text) == (503, True), address
        assert seconds < SOON, address
    # Each of the web server's processes finds the database again by itself.
    wait_until(lambda: [site.ask(address, who=who)[0] for who, address in asked * 2] == before * 2)
    assert site.web() == web


@pytest.mark.verify
def test_what_was_acknowledged_outlives_killed_databases_and_web_processes(site: Site) -> None:
    """Four people write one message after the other, each sent again under its key until it is taken."""
    connections.close_all()
    over = threading.Event()

    def writes(name: str) -> list[tuple[int, str]]:
        sent: list[tuple[int, str]] = []
        while not over.is_set():
            sent.append(site.write(f"{name} {len(sent)}"))
        return sent

    with ThreadPoolExecutor(4) as people:
        writing = [people.submit(writes, name) for name in ("one", "two", "three", "four")]
        for kill in (site.database, lambda: a_worker(site), site.database, site.web):
            os.kill(kill(), signal.SIGKILL)
            wait_until(lambda: answers(site))
        over.set()
        sent = [one for person in writing for one in person.result()]
    assert sum(tries > 1 for tries, _text in sent) >= 4, "the kills were noticed"
    written = list(Message.objects.exclude(body="").order_by("pk").values_list("body", flat=True))
    assert sorted(written) == sorted(text for _tries, text in sent)
    assert not IdempotencyKey.objects.filter(answer__isnull=True).exists()


def a_worker(site: Site) -> int:
    """Return one of the processes below the web server that write its answers."""
    return next(pid for pid in site.running.family() if parent(pid) == site.web())


def answers(site: Site) -> bool:
    try:
        return site.is_ready()
    except (OSError, HTTPException):
        return False


@pytest.mark.verify
def test_the_worker_goes_on_after_its_database_came_back(site: Site) -> None:
    connections.close_all()
    with held_away(site):
        wait_until(lambda: site.ask("/health/ready")[0] == 503)
    wait_until(site.is_ready)
    before = len(site.mailroom.got)
    # To somebody who was written nothing yet: Riley is told of further messages a quarter of an hour later.
    maya = site.cast.maya
    maya.usual_provider = site.cast.okafor
    maya.save(update_fields=["usual_provider"])
    assert site.write("After all that.", to=maya)[0] >= 1
    wait_until(lambda: len(site.mailroom.got) > before)


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    if not site.on_small_disk:
        pytest.skip("Only root can mount a small disk to fill, and this machine did not let it.")
    filling = site.home / "filling"
    fill(filling)
    try:
        yield
    finally:
        filling.unlink()


@pytest.mark.verify
def test_on_a_full_disk_nothing_is_written_all_is_read_nothing_needs_repair(site: Site) -> None:
    """The tables' files have some room left inside; then one has to grow."""
    address, web = f"/clients/{site.cast.riley.ref}/message/", site.web()
    taken: list[str] = []
    with full_disk(site):
        assert site.ask("/health/ready") == (503, '{"status": "the disk that holds the records is full"}')
        assert "disk" in json.loads(site.ask("/health/")[1])["red"]
        said = {"key": str(uuid4()), "words": LONG}
        for number in range(60):
            said = {"key": str(uuid4()), "words": f"{LONG}{number}"}
            status, page = site.ask(address, **said)
            # The session, which is written after the words, may be the first that has no room: they stand, and the page says so.
            if status != 302 and "What you sent was saved." not in page:
                break
            taken.append(said["words"])
        assert (status, FULL in page, "has to make room on the disk" in page) == (503, True, True)
        assert "send it again below" in page
        assert [site.ask(one)[0] for one in ("/appointments/", "/requests/", "/health/live")] == [200] * 3
    wait_until(site.is_ready)
    assert site.ask(address, **said)[0] == 302
    written = [
        body for body in Message.objects.values_list("body", flat=True) if body.startswith(LONG.strip())
    ]
    assert sorted(written) == sorted([*taken, said["words"]])
    assert site.web() == web


def write_journal() -> None:
    """Have the server write a gigabyte of what nobody reads."""
    told = connections["default"].settings_dict
    server = {"host": told["HOST"], "port": told["PORT"], "dbname": told["NAME"]}
    with psycopg.connect(user="raincheck_owner", autocommit=True, **server) as journal:
        for _megabyte in range(1000):
            journal.execute("SELECT pg_logical_emit_message(true, 'full', repeat('x', 1000000))")


@pytest.mark.verify
def test_a_journal_that_cannot_grow_ends_the_database_until_there_is_room(site: Site) -> None:
    """The server gives itself up; it is tried again and again, and goes on from what was acknowledged."""
    before = Message.objects.count()
    connections.close_all()
    with full_disk(site):
        with pytest.raises(psycopg.OperationalError):
            write_journal()
        status, page = site.ask("/home/")
        assert (status, SENTENCE in page) == (503, True)
    wait_until(lambda: answers(site))
    assert Message.objects.count() == before
    assert site.write("There is room again.")[0] >= 1
