"""Who may come in where: every address, as everybody, with refs of two practices; and that looking changes nothing.

An address that is new fails here until somebody has written down in `authorization.py` who may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.authorization import (
    ENDPOINTS,
    FOR_ANYBODY,
    Outcome,
    World,
    address,
    anybody,
    build,
    nobody,
    outcome,
)
from tests.app.authorization_matrix import PAGE, matrix

from raincheck.web.access.guesses import guesses


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern)


def test_every_address_says_who_may_come_in() -> None:
    assert sorted(names(get_resolver().url_patterns)) == sorted(ENDPOINTS)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two practices that every test here looks at, and none changes."""
    with django_db_blocker.unblock():
        yield build()
        databases.empty()


NOTED_BY_LOOKING = {"raincheck_calendarfeed": "last_used_at"}
"""When a calendar program last asked: it only ever looks, and people shall see that it does."""


NOTED_BY_SENDING = NOTED_BY_LOOKING | {
    "raincheck_reschedulebatch": "opened_at",
    "raincheck_reschedulerequest": "handed_over_at",
}
"""A person who sends has seen the page, which the provider may know."""
NAMED_IN_THE_FORM = {"news-seen", "conversation-read", "portal-conversation-read", "push-start"}
"""Their form says up to which message or into which calendar; without that there is nothing to find."""


def contents(noted: dict[str, str] = NOTED_BY_LOOKING) -> dict[str, str]:
    """Return a fingerprint of every table but what looking may write: sessions, the read log and its notes, when a feed was used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()} - {
            "django_session",
            "raincheck_readlog",
            "raincheck_unsealedrow",
        }
        # All of them in one question: a hundred, twice a test, took longer on the way than in the database.
        cursor.execute(" UNION ALL ".join(_fingerprint(name, noted.get(name)) for name in sorted(tables)))
        return dict(cursor.fetchall())


def _fingerprint(table: str, left_out: str | None) -> str:
    row = f"(to_jsonb(t) - '{left_out}')::text" if left_out else "t::text"
    return f"SELECT '{table}', coalesce(md5(string_agg({row}, '|' ORDER BY {row})), '') FROM {table} t"


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_looking_lets_in_whom_it_shall_and_changes_nothing(world: World, name: str) -> None:
    before = contents()
    rule = ENDPOINTS[name].look
    for corner in world.corners:
        for role in world.roles:
            seen = outcome(role.get(address(name, corner)))
            if rule is None:
                assert seen in (Outcome.NOT_SO, Outcome.SIGN_IN, Outcome.NOT_FOUND), role.name
            elif rule is not anybody:
                assert seen == rule(role, corner), f"{role.name} at {corner.practice.name}'s"
    assert contents() == before


@pytest.mark.parametrize("name", sorted(set(ENDPOINTS) - FOR_ANYBODY))
def test_sending_to_what_is_not_ones_own_is_refused_and_changes_nothing(world: World, name: str) -> None:
    before = contents()
    rule = ENDPOINTS[name].send
    for corner in world.corners:
        for role in world.roles:
            if rule is None or rule(role, corner) is not Outcome.IN:
                sent = outcome(role.post(address(name, corner)))
                assert rule is None or sent == rule(role, corner), f"{role.name} at {corner.practice.name}'s"
    assert contents() == before


@pytest.mark.parametrize("name", sorted(set(ENDPOINTS) - FOR_ANYBODY - NAMED_IN_THE_FORM))
def test_whoever_may_send_is_let_in_and_an_incomplete_form_changes_nothing(world: World, name: str) -> None:
    before = contents(NOTED_BY_SENDING)
    rule = ENDPOINTS[name].send
    for corner in world.corners:
        for role in world.roles:
            if rule is not None and rule(role, corner) is Outcome.IN:
                sent = outcome(role.post_incomplete(address(name, corner)))
                assert sent is Outcome.IN, f"{role.name} at {corner.practice.name}'s"
    assert contents(NOTED_BY_SENDING) == before


def test_the_table_in_the_docs_says_the_same() -> None:
    assert PAGE.read_text("utf-8") == matrix(), (
        "Please write it anew: .venv/bin/python -m tests.app.authorization_matrix"
    )


@pytest.mark.parametrize("name", sorted(name for name, endpoint in ENDPOINTS.items() if endpoint.refs))
def test_refs_of_nothing_are_not_found(world: World, name: str) -> None:
    stands_for = {"number": 1, "token": "x" * 43, "feed token": "y" * 43, "invitation token": "z" * 22}
    unknown = reverse(name, args=[stands_for.get(ref, uuid4()) for ref in ENDPOINTS[name].refs])
    for role in world.roles:
        for send in (role.get, role.post):
            guesses.forget()  # each of them asks for the first time
            assert outcome(send(unknown)) in (Outcome.NOT_FOUND, Outcome.SIGN_IN, Outcome.NOT_SO)


@pytest.mark.parametrize(
    "name", sorted(name for name, endpoint in ENDPOINTS.items() if nobody in (endpoint.look, endpoint.send))
)
def test_in_the_demo_its_pages_change_nothing_by_looking(world: World, name: str, settings: Any) -> None:
    settings.RAINCHECK_DEMO = True
    before = contents()
    for corner in world.corners:
        for role in world.roles:
            assert outcome(role.get(address(name, corner))) in (Outcome.IN, Outcome.NOT_SO)
    assert contents() == before
