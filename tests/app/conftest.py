"""Fixtures of every test that needs the database: an empty, committed one, and the cast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.cast import NOW, Cast, harbor


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with (
        django_db_blocker.unblock(),
        databases.migrated_database(os.environ.get("PYTEST_XDIST_WORKER", "main")),
    ):
        yield


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty database that tests commit to."""
    with django_db_blocker.unblock():
        yield
        databases.empty()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def cast(database: None) -> Cast:
    """Harbor Counseling with Dr. Okafor and Riley, and a second practice with Eve, who must see nothing."""
    return harbor()
