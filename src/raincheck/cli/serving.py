"""What `raincheck serve` does once the application is set up."""

from __future__ import annotations

import os
import sys
import time

from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from raincheck import embedded_postgres
from raincheck.cli import addresses
from raincheck.cli.demo import fill_demo
from raincheck.cli.migrations import migrate
from raincheck.cli.refusal import CommandRefused
from raincheck.cli.static_files import collect_static_files
from raincheck.cli.supervisor import TICK, Child, Signals, say, supervise

FIRST_LOOKS = 0.1  # seconds between looks while the pages are not up yet
HOPELESS = 3  # deaths of a web server that never answered
DATABASE_PAUSE = 5.0  # seconds between attempts to bring the database back


def serve(database: embedded_postgres.Server | None) -> None:
    """Prepare everything, then run web server and worker until told to stop. Raises CommandRefused."""
    signals = Signals()
    if settings.RAINCHECK_DEMO:
        addresses.must_stay_on_this_machine(settings.HOST, settings.BASE_URL)
    addresses.must_be_free(settings.HOST, settings.PORT)
    migrate()
    if settings.RAINCHECK_DEMO:
        fill_demo()
    collect_static_files()
    _leave_the_database()
    web, worker = _children()
    watch = Watch(web, database=database)
    try:
        supervise([web, worker], signals=signals, between=watch.look)
    finally:
        watch.stop_database()


def _leave_the_database() -> None:
    """Close our connections and their pool's threads: from here on this process only looks after others."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


class Watch:
    """What the supervisor looks after besides its children: the first answer, and the embedded database."""

    def __init__(self, web: Child, *, database: embedded_postgres.Server | None) -> None:
        self._web = web
        self._database = database
        self._answered = False
        self._next_attempt_at = 0.0

    def look(self) -> float:
        """Look once and return the seconds until the next look. Raises CommandRefused when it is hopeless."""
        if self._database is not None and not self._database.is_running():
            self._bring_back()
        if not self._answered:
            self._announce()
        return TICK if self._answered else FIRST_LOOKS

    def stop_database(self) -> None:
        if self._database is not None:
            self._database.stop()

    def _announce(self) -> None:
        if self._web.deaths >= HOPELESS:
            raise CommandRefused("The web server cannot start; the lines above say why.")
        if addresses.answers(settings.HOST, settings.PORT, base_url=settings.BASE_URL):
            self._answered = True
            print(f"Raincheck is ready: {settings.BASE_URL}", flush=True)

    def _bring_back(self) -> None:
        if time.monotonic() < self._next_attempt_at:
            return
        say("The database ended; starting it again.")
        try:
            self._database = embedded_postgres.start(settings.RAINCHECK_HOME)
        except embedded_postgres.DatabaseCannotStart as error:
            say(str(error))
            self._next_attempt_at = time.monotonic() + DATABASE_PAUSE


def _children() -> tuple[Child, Child]:
    # The owner's address stays here: what serves pages must not be able to alter tables.
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    python = [sys.executable, "-m"]
    web = [*python, "raincheck.cli.web", settings.HOST, str(settings.PORT)]
    return (
        Child("web server", web, environment),
        Child("worker", [*python, "raincheck.cli", "worker"], environment),
    )
