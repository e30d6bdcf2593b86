"""Where somebody is signed in: their list, ending one or all others at once, and sessions that nobody is at."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.access.test_accounts import ask_for_code, code_sent, sign_in, signed_in, text_of
from tests.app.access.test_second_factor import ASKED, OKAFOR, Phone, enrolled
from tests.app.cast import Cast
from tests.app.staff_browser import key_in, sign_in_staff

from raincheck import clock
from raincheck.actions.access.sessions import forget_old_sessions
from raincheck.data.access.sessions import UserSession
from raincheck.web.requests import Arrival

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_tries_yet(database: None) -> None:
    """Begin with a database in which nobody has tried anything."""


@pytest.fixture
def phone(cast: Cast) -> Phone:
    phone, _codes = enrolled()
    UserSession.objects.all().delete()
    return phone


def at_work(phone: Phone, agent: str = CHROME, address: str = "203.0.113.7") -> Browser:
    """Sign Dr. Okafor in on another device."""
    browser = Browser(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    sign_in(browser, OKAFOR)
    forget_used_codes(phone)
    browser.post(ASKED, {"code": phone.code()})
    assert signed_in(browser) == OKAFOR
    return browser


def forget_used_codes(phone: Phone) -> None:
    """Let the app's codes be unused again, so that a test can sign in more often than twice in a minute."""
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    app.data["used_up_to"] = -1
    app.save(update_fields=["data"])
    phone.step = 0


def at(when: datetime) -> dict[str, Any]:
    return {"raincheck.arrival": Arrival(when, clock.monotonic())}


def listed(response: HttpResponse) -> list[str]:
    html = text_of(response)
    section = html[html.index('id="sessions"') : html.index('id="proofs"')]
    rows = re.findall(r'<li><div class="what"><b>(.*?)</b>(.*?network ([^\s<]+).*?)</li>', section, re.DOTALL)
    return [f"{device}{' (here)' * ('This device' in rest)} {network}" for device, rest, network in rows]


def test_somebody_sees_where_they_are_signed_in_this_device_first(phone: Phone) -> None:
    laptop, mobile = at_work(phone), at_work(phone, IPHONE, "2001:db8:1:2::5")
    assert listed(laptop.get("/account/")) == [
        "Chrome, Windows (here) 203.0.113.…",
        "Safari, iPhone 2001:db8:1::/56",
    ]
    assert listed(mobile.get("/account/")) == [
        "Safari, iPhone (here) 2001:db8:1::/56",
        "Chrome, Windows 203.0.113.…",
    ]


def test_a_session_that_is_ended_from_elsewhere_ends_at_once(phone: Phone) -> None:
    laptop, mobile = at_work(phone), at_work(phone, IPHONE)
    page = laptop.get("/account/")
    [address] = set(re.findall(r'action="(/account/sessions/[0-9a-f-]+/end/)"', text_of(page)))
    done = laptop.post(address, {"key": key_in(page)}, follow=True)
    assert "Ended. That device has to sign in again." in text_of(done)
    assert mobile.get("/home/")["Location"] == "/sign-in/?next=/home/"
    assert (signed_in(mobile), signed_in(laptop)) == ("", OKAFOR)
    assert listed(laptop.get("/account/")) == ["Chrome, Windows (here) 203.0.113.…"]


def test_all_others_end_together(phone: Phone) -> None:
    laptop, mobile, third = at_work(phone), at_work(phone, IPHONE), at_work(phone)
    page = laptop.get("/account/")
    laptop.post("/account/sessions/end/", {"key": key_in(page)})
    assert [signed_in(browser) for browser in (laptop, mobile, third)] == [OKAFOR, "", ""]


def test_a_new_password_ends_every_session_there_is(phone: Phone) -> None:
    laptop, other = at_work(phone), Browser()
    other.post("/sign-in/new-password/", {"email": OKAFOR})
    other.post("/sign-in/new-password/code/", {"code": code_sent()})
    words = {"password1": "four umbrellas by the door", "password2": "four umbrellas by the door"}
    other.post("/sign-in/new-password/choose/", words)
    assert (signed_in(laptop), UserSession.objects.filter(ended_at=None).count()) == ("", 0)


def test_a_new_password_chosen_while_signed_in_leads_to_the_sign_in(phone: Phone) -> None:
    laptop, mobile = at_work(phone), at_work(phone, IPHONE)
    laptop.post("/sign-in/new-password/", {"email": OKAFOR})
    laptop.post("/sign-in/new-password/code/", {"code": code_sent()})
    words = {"password1": "four umbrellas by the door", "password2": "four umbrellas by the door"}
    done = laptop.post("/sign-in/new-password/choose/", words, follow=True)
    assert "I work at a practice" in text_of(done)
    assert [browser.get("/home/").status_code for browser in (laptop, mobile)] == [302, 302]


@pytest.mark.parametrize(("away", "to"), [(14 * MINUTE, ""), (15 * MINUTE, "/sign-in/?next=/requests/")])
def test_a_session_ends_after_a_quarter_hour_without_its_person(
    phone: Phone, away: timedelta, to: str
) -> None:
    browser = at_work(phone)
    began = UserSession.objects.get().made_at
    response = browser.get("/requests/", **at(began + away))
    assert response.get("Location", "") == to
    assert UserSession.objects.filter(ended_at=None).exists() is not bool(to)
    if to:
        page = unescape(text_of(browser.get(to)))
        assert "You were signed out after 15 minutes without you." in page


def test_whoever_is_there_stays_for_twelve_hours_and_no_longer(phone: Phone) -> None:
    browser = at_work(phone)
    began = UserSession.objects.get().made_at
    for minutes in range(10, 720, 10):
        assert browser.get("/account/", **at(began + minutes * MINUTE)).status_code == 200
    assert browser.get("/account/", **at(began + 720 * MINUTE)).status_code == 302


def test_a_server_whose_clock_went_wrong_signs_nobody_out(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = at_work(phone)
    began, wrong = UserSession.objects.get().made_at, timedelta(days=2)
    right = clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: right() + wrong)
    stamp = Arrival(began + wrong, clock.monotonic(), real=clock.real_now())
    assert browser.get("/account/", **{"raincheck.arrival": stamp}).status_code == 200
    assert UserSession.objects.get().last_seen_at - began < MINUTE


def test_a_stamp_of_a_clock_that_came_right_since_signs_nobody_out(phone: Phone) -> None:
    browser = at_work(phone)
    began, wrong = UserSession.objects.get().made_at, timedelta(days=2)
    stamp = Arrival(began + wrong, clock.monotonic(), real=clock.real_now() + wrong)
    assert browser.get("/account/", **{"raincheck.arrival": stamp}).status_code == 200
    assert UserSession.objects.get().last_seen_at - began < MINUTE


def test_what_a_calendar_asks_for_by_itself_keeps_nobody_signed_in(phone: Phone) -> None:
    browser = at_work(phone)
    began = UserSession.objects.get().made_at
    feed = {"from": "2026-11-23", "to": "2026-11-30"}
    for minutes in (5, 10, 14):
        assert (
            browser.get("/appointments/calendar.json", feed, **at(began + minutes * MINUTE)).status_code
            == 200
        )
    assert browser.get("/appointments/calendar.json", feed, **at(began + 15 * MINUTE)).status_code == 302


def test_that_somebody_is_there_is_written_once_a_minute(phone: Phone) -> None:
    browser = at_work(phone)
    began = UserSession.objects.get().made_at
    seen = []
    for seconds in (30, 59, 60, 90, 119, 120):
        browser.get("/account/", **at(began + timedelta(seconds=seconds)))
        seen.append((UserSession.objects.get().last_seen_at - began).total_seconds())
    assert seen == [0, 0, 60, 60, 60, 120]


def test_a_code_by_mail_is_on_the_list_and_does_not_end_by_idleness(phone: Phone) -> None:
    laptop, other = at_work(phone), Browser(headers={"User-Agent": IPHONE})
    ask_for_code(other, OKAFOR)
    other.post("/sign-in/code/enter/", {"code": code_sent()})
    assert "by a code from a mail: a client's pages only" in unescape(text_of(laptop.get("/account/")))


def test_nobody_ends_a_session_of_somebody_else(phone: Phone) -> None:
    laptop = at_work(phone)
    theirs = UserSession.objects.get().ref
    other = Browser()
    sign_in_staff(other, "fischer@harbor.example")
    assert other.post(f"/account/sessions/{theirs}/end/", {"key": str(theirs)}).status_code == 404
    assert signed_in(laptop) == OKAFOR


def test_the_key_of_a_session_is_not_in_the_list(phone: Phone) -> None:
    browser = at_work(phone)
    key = browser.cookies["raincheck_session"].value
    assert key not in str(UserSession.objects.values())


def test_old_sessions_are_forgotten(phone: Phone) -> None:
    at_work(phone)
    now = UserSession.objects.get().last_seen_at
    left = []
    for age in (timedelta(days=30), timedelta(days=30, seconds=1)):
        with transaction.atomic():
            forget_old_sessions(now=now + age, limit=10)
        left.append(UserSession.objects.count())
    assert left == [1, 0]
