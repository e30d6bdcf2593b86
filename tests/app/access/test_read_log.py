"""Rows of the read log: one for each answer that showed a client, none for an answer that showed nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from unittest.mock import ANY

import pytest
from django.db import connections, transaction
from django.test import Client as Browser
from tests.app.access.test_accounts import WORDS
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import Visitor
from tests.app.read_log_rows import HERE, named_in, rows, written
from tests.app.staff_browser import manager, okafor

from raincheck.actions.engine.runner import run_command
from raincheck.actions.practice import add_type
from raincheck.data.access.read_log import ReadLog
from raincheck.data.people import Client, Membership, User
from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.practice import TypeDetails
from raincheck.logs import JsonLines

HOUR = timedelta(hours=1)


def test_whoever_a_form_names_when_it_comes_back_is_one_row(cast: Cast) -> None:
    cast.booked()
    me = okafor(NOW + HOUR)
    sent = me.post(f"/clients/{cast.riley.ref}/edit/", htmx=True, email="no address", phone="")
    assert (sent.status_code, rows()) == (
        422,
        [("provider", cast.okafor.pk, "client-edit", [cast.riley.pk], cast.practice.pk, HERE, NOW + HOUR)],
    )


def test_what_the_next_page_will_say_of_a_client_is_a_row_with_the_form(cast: Cast) -> None:
    appointment = cast.booked()
    me = okafor(NOW + HOUR)
    sent = me.post(
        f"/appointments/{appointment.ref}/cancel/",
        reason="clinically_necessary",
        sequence=str(appointment.ical_sequence),
    )
    assert (sent.status_code, [row[2:4] for row in rows()]) == (
        302,
        [("appointment-cancel", [cast.riley.pk])],
    )


def test_a_look_that_finds_nothing_new_leaves_no_row(cast: Cast) -> None:
    cast.booked(new_york(24, 11))
    me = okafor(NOW + HOUR)
    week = {"from": "2026-11-22", "to": "2026-11-29"}
    first = me.get("/appointments/calendar.json", **week)
    again = me.get("/appointments/calendar.json", headers={"If-None-Match": first["ETag"]}, **week)
    assert (first.status_code, again.status_code) == (200, 304)
    assert [row[2:4] for row in rows()] == [("calendar-feed", [cast.riley.pk])]


def test_a_look_at_the_headers_alone_leaves_no_row(cast: Cast) -> None:
    cast.booked()
    me = okafor()
    me.browser.head(f"/clients/{cast.riley.ref}/")
    assert rows() == []


def test_a_client_who_opens_their_link_is_a_row_of_their_own(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    Visitor(request.batch, now=NOW + HOUR).get(f"/choose/{request.batch.ref}/")
    assert rows() == [
        ("client_by_link", cast.riley.pk, "choose", [cast.riley.pk], cast.practice.pk, HERE, NOW + HOUR)
    ]


def test_a_list_is_one_row_with_everybody_on_it(cast: Cast) -> None:
    everybody = sorted(Client.objects.filter(practice=cast.practice).values_list("pk", flat=True))
    manager(cast).get("/clients/")
    membership = Membership.objects.get(role="manager")
    assert [row[:4] for row in rows()] == [("manager", membership.pk, "clients", everybody)]


@contextmanager
def impatient() -> Iterator[None]:
    """Let the application's statements wait for a lock for a moment only."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def log_that_takes_nothing(database: None) -> Iterator[None]:
    """The application's role may not write into the read log meanwhile."""

    def owner(said: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(said)

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        [role] = cursor.fetchone()
    owner(f"REVOKE INSERT ON raincheck_readlog FROM {role}")
    yield
    owner(f"GRANT INSERT ON raincheck_readlog TO {role}")


@pytest.mark.usefixtures("log_that_takes_nothing")
def test_a_row_that_the_database_does_not_take_stands_in_the_log(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    cast.booked()
    assert okafor(NOW + HOUR).get(f"/clients/{cast.riley.ref}/").status_code == 200
    [line] = [one for one in caplog.records if one.name == "raincheck.read_log"]
    assert json.loads(JsonLines().format(line))["reading"] == {
        "practice": cast.practice.pk,
        "read_at": (NOW + HOUR).isoformat(),
        "actor_kind": "provider",
        "actor": cast.okafor.pk,
        "acting_for": None,
        "what": "client",
        "clients": [cast.riley.pk],
        "network": HERE,
        "detail": {},
        "request_id": ANY,
    }


def test_nothing_is_shown_that_is_written_down_nowhere(cast: Cast) -> None:
    """Somebody holds the table, and the row waits in vain."""
    cast.booked()
    me = okafor()
    me.get("/availability/calendars/")  # signed in, and its session written
    with transaction.atomic("owner"), connections["owner"].cursor() as owner, impatient():
        owner.execute("LOCK TABLE raincheck_readlog IN EXCLUSIVE MODE")
        answer = me.get(f"/clients/{cast.riley.ref}/")
    assert (answer.status_code, named_in(written(answer))) == (503, [])


def test_names_beside_taken_time_are_a_row(cast: Cast) -> None:
    cast.booked(new_york(18, 11))
    hours = {"2-0-from": "09:00", "2-0-until": "17:00"}
    page = okafor().post("/availability/preview/", htmx=True, **hours)
    assert named_in(written(page)) == [cast.riley.pk]
    assert [row[2:4] for row in rows()] == [("availability-preview", [cast.riley.pk])]


def entries() -> list[tuple[object, ...]]:
    found = ReadLog.objects.order_by("pk")
    return list(found.values_list("what", "actor_kind", "actor", "practice", "network", "detail"))


def test_a_sign_in_and_its_end_are_rows_of_the_persons_practice(cast: Cast) -> None:
    me, user = Browser(), User.objects.get(email="riley@clients.example")
    for said in ("wrong words", WORDS):
        me.post("/sign-in/", {"login": "Riley@clients.example", "password": said})
    me.post("/sign-out/")
    named = ("client", cast.riley.pk, cast.practice.pk, HERE, {"user": user.pk})
    assert entries() == [
        ("event:sign_in_failed", "system", None, cast.practice.pk, HERE, {"user": user.pk}),
        ("event:signed_in", *named),
        ("event:signed_out", *named),
    ]


def test_a_try_to_enter_as_nobody_is_a_row_of_no_practice(cast: Cast) -> None:
    Browser().post("/sign-in/", {"login": "stranger@nowhere.example", "password": "x"})
    assert entries() == [("event:sign_in_failed", "system", None, None, HERE, {})]


def test_a_change_of_settings_is_a_row(cast: Cast) -> None:
    by = Actor(ActorKind.MANAGER, 5, practice=cast.practice.pk)
    details = TypeDetails(
        name="Short",
        kind=TypeKind.FOLLOW_UP,
        length=timedelta(minutes=25),
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
    )
    verb = partial(add_type, cast.practice.pk, details=details, by=by, now=NOW)
    run_command(verb, key=None, body={}, by=by, now=NOW)
    assert entries() == [
        ("event:settings_changed", "manager", 5, cast.practice.pk, "", {"event": "type_added"})
    ]
