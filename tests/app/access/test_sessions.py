"""Sessions: found by one plain query, kept and ended as Django keeps and ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from tests.app.access.test_accounts import code_sent
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor
from tests.app.staff_browser import okafor

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.data.people import User
from raincheck.web.sessions import SessionStore


def test_a_session_gives_back_what_was_put_into_it(cast: Cast) -> None:
    session = SessionStore()
    session["name"] = "Riley"
    session.create()
    assert dict(SessionStore(session.session_key).items()) == {"name": "Riley"}


def test_a_session_that_ended_or_never_was_is_empty_and_gets_a_new_key(cast: Cast) -> None:
    session = SessionStore()
    session["name"] = "Riley"
    session.create()
    Session.objects.update(expire_date=clock.real_now() - timedelta(seconds=1))
    for key in (session.session_key, "never-was-any-such-key"):
        found = SessionStore(key)
        assert (dict(found.items()), found.session_key) == ({}, None)


def test_a_cookie_that_can_be_no_key_is_a_stranger(cast: Cast) -> None:
    visitor = okafor()
    visitor.browser.cookies["raincheck_session"] = "never\x00was-any-such-key"
    assert visitor.get("/home/").status_code == 302


def test_who_is_signed_in_stays_so_until_the_password_changes(cast: Cast) -> None:
    visitor = okafor()
    assert visitor.get("/home/").status_code == 200
    user = User.objects.get(email="okafor@harbor.example")
    user.set_password("another one")
    user.save(update_fields=["password"])
    assert visitor.get("/home/").status_code == 302


def test_a_page_of_the_practice_knows_who_asks_by_two_questions(cast: Cast) -> None:
    visitor = okafor()
    feed = "/appointments/calendar.json?from=2026-11-16&to=2026-11-17"
    assert visitor.get(feed).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(feed).status_code == 200
    tables = ("django_session", "raincheck_user", "raincheck_membership", "raincheck_practice")
    who = [question["sql"] for question in asked if any(table in question["sql"] for table in tables)]
    assert [("django_session" in sql, "raincheck_membership" in sql) for sql in who] == [
        # With the practice's own minutes without anybody.
        (True, True),
        (False, True),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"is_active": False},
        {"password": "another one"},
    ],
)
def test_who_may_not_sign_in_any_more_is_a_stranger(cast: Cast, changed: dict[str, object]) -> None:
    visitor = okafor()
    assert visitor.get("/home/").status_code == 200
    User.objects.filter(email="okafor@harbor.example").update(**changed)
    answer = visitor.get("/home/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/home/")


@pytest.mark.parametrize(
    "said",
    [
        {"_auth_user_backend": "a.way.in.that.is.no.more"},
        {"_auth_user_hash": ""},
        {"_auth_user_id": "999999999"},
    ],
)
def test_a_session_that_django_would_not_take_lets_nobody_in(cast: Cast, said: dict[str, str]) -> None:
    visitor = okafor()
    session = SessionStore(visitor.browser.cookies["raincheck_session"].value)
    session.update(said)
    session.save()
    assert visitor.get("/home/").status_code == 302


def test_a_session_signed_with_a_former_key_still_lets_in(cast: Cast, settings: LazySettings) -> None:
    visitor = okafor()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "a new key, long enough for anybody",
    )
    assert visitor.get("/home/").status_code == 200


def test_whoever_reads_the_table_can_take_no_session_over(cast: Cast) -> None:
    session = SessionStore()
    session["name"] = "Riley"
    session.create()
    [kept] = Session.objects.values_list("session_key", "session_data")
    key = str(session.session_key)
    assert (key in kept[0], "Riley" in kept[1], len(kept[0])) == (False, False, 40)
    # What is kept opens nothing: it would be hashed once more.
    assert dict(SessionStore(kept[0]).items()) == {}
    assert SessionStore().exists(key)
    session.delete()
    assert Session.objects.count() == 0


def test_a_code_to_sign_in_can_be_read_neither_in_its_session_nor_in_its_message(
    cast: Cast, client: Browser
) -> None:
    client.post("/sign-in/code/", {"email": "riley@clients.example"})
    code = code_sent()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(t::text, ' ') FROM (SELECT n::text AS t FROM raincheck_notification n"
            " UNION ALL SELECT s::text FROM django_session s) AS t"
        )
        [(everything,)] = cursor.fetchall()
    assert code not in everything
    assert client.post("/sign-in/code/enter/", {"code": code}).status_code == 302


def test_the_sweep_forgets_sessions_that_have_ended_by_real_time(cast: Cast) -> None:
    okafor(), okafor()
    ended = Session.objects.first()
    assert ended is not None
    Session.objects.filter(pk=ended.pk).update(expire_date=clock.real_now() - timedelta(seconds=1))
    sweep(now=NOW)
    assert Session.objects.count() == 2
    sweep(now=clock.now(), real_now=clock.real_now())
    assert [row.pk for row in Session.objects.all()] != []
    assert Session.objects.filter(pk=ended.pk).count() == 0


def test_signing_out_ends_what_a_link_opened_in_this_browser(cast: Cast, client: Browser) -> None:
    visitor = Visitor(cast.asked(cast.booked()).batch)
    visitor.browser.post("/sign-in/", {"login": "okafor@harbor.example", "password": "let me in please"})
    response = visitor.browser.post("/sign-out/")
    assert response.cookies["raincheck_links"]["max-age"] == 0
    assert response["Clear-Site-Data"] == '"cache", "storage"'


def test_starting_over_with_a_code_keeps_the_link(cast: Cast) -> None:
    visitor = Visitor(cast.asked(cast.booked()).batch)
    response = visitor.browser.post("/sign-out/", {"next": "/sign-in/"})
    assert ("raincheck_links" in response.cookies, "Clear-Site-Data" in response) == (False, False)
