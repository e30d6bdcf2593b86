"""The parts of `raincheck serve`: a preparation that ends, then web server and worker beside the database."""

import os
import sys
import time

from django.conf import settings

from raincheck import clock, embedded_postgres
from raincheck.cli import addresses, unprivileged
from raincheck.cli.refusal import CommandRefused
from raincheck.cli.service_manager import ServiceManager
from raincheck.cli.supervisor import TICK, Child, Signals, ending, finished, say, supervise

PYTHON = (sys.executable, "-m")

FIRST_LOOKS = 0.1  # seconds between looks while the pages are not up yet
HOPELESS = 3  # deaths of a web server that never answered
SOON = 5.0  # seconds in which what is not ready yet needs no words
DATABASE_PAUSE = 5.0  # seconds between attempts to bring the database back


def serve(database: embedded_postgres.Server | None) -> int:
    """Prepare everything, then run web server and worker until told to stop; return the exit code. Raises CommandRefused.

    This process itself loads neither models nor pages: it only looks after those that do.
    """
    signals, manager = Signals(), ServiceManager()
    if settings.RAINCHECK_DEMO:
        addresses.must_stay_on_this_machine(settings.HOST, settings.BASE_URL)
    # Before the preparation, which is in vain on a port that is taken.
    host = addresses.must_be_free(settings.HOST, settings.PORT)
    with addresses.claimed(host, settings.PORT):
        return _serve(host, database, signals=signals, manager=manager)


def _serve(
    host: str, database: embedded_postgres.Server | None, *, signals: Signals, manager: ServiceManager
) -> int:
    manager.tell("STATUS=Bringing the tables and the pages' files to this version.")
    preparing = Child(
        "preparation", [*PYTHON, "raincheck.cli", "prepare"], os.environ | {"PGAPPNAME": "raincheck prepare"}
    )
    code = finished(preparing, signals=signals)
    if code is None or code == 1:  # told to stop, or refused in a sentence of its own
        return code or 0
    if code:
        raise CommandRefused(f"The preparation ended before it was done ({ending(code)}). Start again.")

    # The owner's address stays here: what serves pages must not be able to alter tables.
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    # Each thread would keep a heap of its own that it hardly fills.
    environment.setdefault("MALLOC_ARENA_MAX", "2")
    account = unprivileged.account(environment, host=host, port=settings.PORT)
    if account is not None:
        environment = unprivileged.environment(environment, account)
        if settings.RAINCHECK_DEMO:
            account.own(clock.demo_directory())  # pages move the clock
    web = Child(
        "web server",
        [*PYTHON, "raincheck.cli.web", host, str(settings.PORT)],
        environment | {"PGAPPNAME": "raincheck web"},
        account,
    )
    worker = Child(
        "worker",
        [*PYTHON, "raincheck.cli", "worker", "--as-i-am"],
        environment | {"PGAPPNAME": "raincheck worker"},
        account,
    )
    watch = Watch(web, worker, database=database, manager=manager)
    try:
        supervise(
            [web, worker], signals=signals, between=watch.look, on_stop=lambda: manager.tell("STOPPING=1")
        )
    finally:
        watch.stop_database()
    return 0


def worker_of_another_account() -> int | None:
    """Run a worker that is not root until it ends, and return its exit code; None when it has to be root."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    account = unprivileged.account(environment)
    if account is None:
        return None
    signals = Signals()
    environment = unprivileged.environment(environment, account)
    worker = Child("worker", [*PYTHON, "raincheck.cli", "worker", "--as-i-am"], environment, account)
    code = finished(worker, signals=signals)
    return 0 if code is None else abs(code)


class Watch:
    """What the supervisor looks after besides its children: the first answer, and the embedded database."""

    def __init__(
        self,
        web: Child,
        *others: Child,
        database: embedded_postgres.Server | None,
        manager: ServiceManager,
    ) -> None:
        self._web = web
        self._manager = manager
        self._children = (web, *others)
        self._database = database
        self._answered = False
        self._missing = ""
        self._began = time.monotonic()
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
        status = addresses.status(settings.HOST, settings.PORT, base_url=settings.BASE_URL)
        if status == "ready":
            self._answered = True
            self._manager.tell("READY=1", f"STATUS=Pages are served at {settings.BASE_URL}.")
            print(f"Raincheck is ready: {settings.BASE_URL}", flush=True)
        elif status and status != self._missing and time.monotonic() > self._began + SOON:
            # Once for each reason: it goes on looking, and says so when all is there.
            self._missing = status
            # Behind a proxy it hears as little as strangers do.
            why = "" if status == "not ready" else f": {status}"
            say(sentence := f"The pages are up, but Raincheck is not ready{why}. It goes on trying.")
            self._manager.tell(f"STATUS={sentence}")

    def _bring_back(self) -> None:
        if time.monotonic() < self._next_attempt_at:
            return
        say("The database ended; starting it again.")
        try:
            self._database = embedded_postgres.start(settings.RAINCHECK_HOME)
        except embedded_postgres.DatabaseCannotStart as error:
            say(str(error))
            self._next_attempt_at = time.monotonic() + DATABASE_PAUSE
            return
        if self._database.url != os.environ["DATABASE_URL"]:
            self._tell_the_address(self._database)

    def _tell_the_address(self, database: embedded_postgres.Server) -> None:
        """Have every child start again with the address that the database has now."""
        os.environ |= {"DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
        for child in self._children:
            child.environment = {**child.environment, "DATABASE_URL": database.url}
            child.stop()
