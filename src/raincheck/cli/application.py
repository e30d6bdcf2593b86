"""The application, made usable for a command: the database runs, the settings are right, Django is set up."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from raincheck import embedded_postgres
from raincheck.cli.refusal import CommandRefused
from raincheck.data_directory import home
from raincheck.environment import read_secret_files


@contextmanager
def application(*, alone: bool = False) -> Iterator[embedded_postgres.Server | None]:
    """Set up Django on `DATABASE_URL`, else on the embedded server, which is yielded; `alone` as in `database_running`.

    On leaving, the embedded server stops if it was started here. Raises CommandRefused.
    """
    with database_running(alone=alone) as server:
        django.setup()
        try:
            yield server
        finally:
            # Not before: `serve` itself needs no applications, and stays small.
            from django.db import connections

            # Before the server ends, or the pool complains of lost lines.
            connections.close_all()
            connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's wrapper has one


@contextmanager
def database_running(*, alone: bool = False) -> Iterator[embedded_postgres.Server | None]:
    """Have a database and right settings, without Django's applications: they take 50 MB. Raises CommandRefused.

    With `alone` commands that are short come one after the other: the one that started the embedded server takes it along
    when it ends, and would end what the others are doing.
    """
    server = None
    try:
        read_secret_files(os.environ)
    except ImproperlyConfigured as error:
        raise CommandRefused(str(error)) from error
    if not os.environ.get("DATABASE_URL"):
        try:
            server = embedded_postgres.start(home())
            if alone:
                # Given free by the kernel when this process ends, which is after its server was stopped.
                fcntl.flock(os.open(home(), os.O_RDONLY), fcntl.LOCK_EX)
                if not server.is_running():
                    server = embedded_postgres.start(home())
        except embedded_postgres.DatabaseCannotStart as error:
            raise CommandRefused(str(error)) from error
        # In the environment: the settings read it there, and children inherit it.
        os.environ["DATABASE_URL"] = server.url
        os.environ["DATABASE_OWNER_URL"] = server.owner_url
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raincheck.settings")
        try:
            _ = settings.PORT  # the first one asked for reads them all
        except ImproperlyConfigured as error:
            raise CommandRefused(str(error)) from error
        # Reading the settings makes a key of our own in RAINCHECK_HOME where there is none.
        except OSError as error:
            raise CommandRefused(f"RAINCHECK_HOME is {home()}, and it cannot be used: {error}.") from error
        yield server
    finally:
        if server is not None:
            server.stop()
