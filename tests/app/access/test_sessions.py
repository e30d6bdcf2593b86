"""Sessions: found by one plain query, kept and ended as Django keeps and ends them."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from tests.app.cast import Cast
from tests.app.staff_browser import okafor

from raincheck import clock
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
