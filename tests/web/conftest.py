"""Browser tests: the real web server on this process's test database, at the tests' own time, and Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.app.cast import NOW, Cast
from tests.app.conftest import cast, database, django_db_setup, now
from tests.app.smtp_server import Mailroom, mail_server
from tests.web.site import Site

from raincheck.cli import addresses
from raincheck.subprocesses import ending_with_parent

__all__ = ["cast", "database", "django_db_setup", "now"]

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Keeps Chromium from calling home; what the pages do is the same."""
STARTS_WITHIN = 60.0


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[Site]:
    """The web server as `raincheck serve` starts it, without a worker: tests say themselves when time passes."""
    with serving(RAINCHECK_DEMO="1") as site:
        yield site


@contextmanager
def serving(*, name: str = "127.0.0.1", **said: str) -> Iterator[Site]:
    """Run the web server on this process's test database, reached by a name of this machine, with settings as `said`."""
    settings = connections["default"].settings_dict
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="raincheck-web-") as home:
        address = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}&port={settings['PORT']}"
        if settings["PASSWORD"] or not settings["HOST"].startswith("/"):
            address = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"
        environment = os.environ | {
            "DATABASE_URL": address,
            "RAINCHECK_HOME": home,
            "PORT": str(port),
            "BASE_URL": f"http://{name}:{port}",
            "DJANGO_SETTINGS_MODULE": "raincheck.settings",
            "LOG_LEVEL": "WARNING",
            **said,
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], env=environment, check=True
        )
        command = [sys.executable, "-m", "raincheck.cli.web", "127.0.0.1", str(port)]
        process = subprocess.Popen(
            command, env=environment, start_new_session=True, preexec_fn=ending_with_parent(signal.SIGTERM)
        )
        try:
            _wait_until_it_answers(port, process, base_url=environment["BASE_URL"])
            yield Site(environment["BASE_URL"], Path(home))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], *, base_url: str) -> None:
    look = threading.Event()
    for _attempt in range(int(STARTS_WITHIN / 0.1)):
        assert process.poll() is None, "the web server ended while starting"
        if addresses.answers("127.0.0.1", port, base_url=base_url):
            return
        look.wait(0.1)
    raise AssertionError("the web server did not answer")


@pytest.fixture
def site(server: Site, cast: Cast) -> Site:
    """The running pages at NOW, over a database that holds the cast."""
    server.set_clock(NOW)
    return server


def arguments() -> list[str]:
    """Return how a browser is started here."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments())
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="America/New_York"
    )
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def mailroom(site: Site, settings: LazySettings) -> Iterator[Mailroom]:
    """A real mail server that the tests' deliveries go to, with links to the running pages."""
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        settings.EMAIL_FROM = "appointments@harbor.example"
        settings.BASE_URL = site.url
        yield room
