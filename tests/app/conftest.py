"""Fixtures of every test that needs the database: an empty, committed one, and the cast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import LazySettings
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.cast import NOW, Cast, harbor
from tests.app.remembered import Remembered
from tests.app.smtp_server import Gateway, Mailroom, mail_server, text_gateway

from raincheck.web.access.guesses import guesses
from raincheck.web.access.read_log import refusals
from raincheck.web.security import reports

THE_CAST = Remembered(harbor)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with (
        django_db_blocker.unblock(),
        databases.migrated_database(os.environ.get("PYTEST_XDIST_WORKER", "main")),
    ):
        yield


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty database that tests commit to, and a process that has counted nobody's tries."""
    with django_db_blocker.unblock():
        for tally in (guesses, refusals, reports):
            tally.forget()
        yield
        databases.empty()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def cast(database: None) -> Cast:
    """Harbor Counseling with Dr. Okafor and Riley, and a second practice with Eve, who must see nothing."""
    return THE_CAST.again()


@pytest.fixture
def mailroom(settings: LazySettings) -> Iterator[Mailroom]:
    """A mail server that takes everything, at a practice under https://harbor.example."""
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        settings.EMAIL_FROM = "appointments@harbor.example"
        settings.BASE_URL = "https://harbor.example"
        yield room


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[Gateway]:
    """A gateway that takes every text."""
    with text_gateway() as gateway:
        settings.SMS_URL = gateway.url
        yield gateway
