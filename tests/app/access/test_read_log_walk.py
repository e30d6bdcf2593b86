"""The walk of the read log: in every address's answer to everybody the cast's names are looked for, and its row is compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.authorization import (
    ENDPOINTS,
    Corner,
    Role,
    World,
    address,
    build,
    its_manager,
    managers,
    who_acts_for_all,
)
from tests.app.cast import NOW
from tests.app.read_log_rows import HERE, Row, named_in, newest, rows, written
from tests.sampling import sample

from raincheck.data.people import Client, Membership


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two practices that the walk looks at, and never changes."""
    with django_db_blocker.unblock():
        yield build()
        databases.empty()


def expected(name: str, role: Role, corner: Corner, response: HttpResponse) -> list[Row]:
    """Return the one row that an answer leaves, or none."""
    read: tuple[str, int | None]
    if name == "feed":
        # Whoever has the address reads as its owner, with names or without: it shows when each client comes.
        read, clients, practice = ("provider", corner.provider.pk), [corner.client.pk], corner.practice.pk
    elif role.kind in ("client", "link"):
        let_in = ENDPOINTS[name].look
        shown = (
            response.status_code == 200
            and let_in is not None
            and name.startswith(("choose", "book", "my-appointment", "portal"))
        )
        if not shown or not isinstance(role.whose, Client):
            return []
        kind = "client_by_link" if role.kind == "link" else "client"
        read, clients, practice = (kind, role.whose.pk), [role.whose.pk], role.whose.practice_id
    else:
        clients = named_in(written(response))
        # Who is several reads a colleague's things, and what only managers see, as the manager, else as the provider.
        mine = Membership.objects.filter(user=role.browser.session.get("_auth_user_id")).exclude(
            role="client"
        )
        of_managers = ENDPOINTS[name].look in (managers, its_manager, who_acts_for_all) or name.startswith(
            "import"
        )
        theirs = bool({"appointment", "request"} & set(ENDPOINTS[name].refs))
        membership = mine.order_by("-pk" if of_managers or theirs else "pk").first()
        if not clients or membership is None:
            assert not clients, f"{role.name} reads names at {name}"
            return []
        who = membership.provider_id or membership.pk
        read, practice = (membership.role, who), membership.practice_id
    return [(*read, name, clients, practice, HERE, NOW)]


@pytest.mark.sampled
@pytest.mark.parametrize("name", sorted(set(ENDPOINTS) - {"demo", "demo-attachment"}))
def test_every_answer_that_shows_a_client_is_one_row_and_no_other_answer_is(world: World, name: str) -> None:
    # To the second practice the same people are the strangers that its own are to the first.
    for corner in sample(world.corners, every=2):
        for role in world.roles:
            before = newest()
            response = role.get(address(name, corner))
            said = f"{role.name} at {corner.practice.name}'s"
            assert rows(after=before) == expected(name, role, corner, response), said
            assert set(named_in(written(response))) <= {pk for row in rows(after=before) for pk in row[3]}, (
                said
            )


def test_the_walk_finds_names_on_the_pages_that_have_them(world: World) -> None:
    """Were nobody named anywhere, the walk would find every page in order."""
    corner = world.corners[0]
    [provider] = [role for role in world.roles if role.whose == corner.provider]
    shown = {
        name
        for name in ENDPOINTS
        if ENDPOINTS[name].look is not None and named_in(written(provider.get(address(name, corner))))
    }
    assert shown >= {
        "home",
        "appointment",
        "requests",
        "request",
        "clients",
        "client",
        "messages",
        "conversation",
    }
