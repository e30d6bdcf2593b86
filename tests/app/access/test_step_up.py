"""Being asked again: before a sensitive step its person proves who they are, and what they sent goes on with it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser, RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from tests.app.access.test_accounts import WORDS, errors, sign_in, text_of
from tests.app.access.test_second_factor import OKAFOR, SET_UP, Phone, led_by_sasha, set_up
from tests.app.authorization import ENDPOINTS, build
from tests.app.cast import Cast
from tests.app.staff_browser import key_in

from raincheck import clock
from raincheck.data.access.read_log import ReadLog
from raincheck.data.models import RightsHistory
from raincheck.data.people import Membership, User
from raincheck.domain.access.sign_in import PROOF_HOLDS
from raincheck.web.access.step_up import SENSITIVE, has_proved, proof_form
from raincheck.web.access.way_in import PROVED_AT, has_proved_lately
from raincheck.web.sessions import SessionStore

ASKS = "Is it still you?"
FILE = "/practice/read-log/read-log.csv"


@pytest.fixture(autouse=True)
def no_tries_yet(database: None) -> None:
    """Begin with a database in which nobody has tried anything."""


def came_long_ago(browser: Browser, ago: timedelta = PROOF_HOLDS) -> None:
    """Let it be so long since a browser's person proved who they are."""
    session = browser.session
    session[PROVED_AT] = (clock.real_now() - ago).isoformat()
    session.save()


def end_of(email: str) -> str:
    return reverse("person-end", args=[User.objects.get(email=email).ref])


def has_access(email: str) -> bool:
    return Membership.objects.filter(user__email=email, ended_at=None).exists()


def roles_of(email: str) -> list[str]:
    held = Membership.objects.filter(user__email=email, ended_at=None)
    return sorted(held.values_list("role", flat=True))


def waiting_in(page: HttpResponse) -> dict[str, str]:
    """Return the hidden fields of a page that asks, but for what the browser's form brings itself."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.content.decode())
    return {unescape(name): unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.fixture
def sasha(cast: Cast) -> tuple[Browser, Phone]:
    """Sasha, who signed in longer ago than a proof holds."""
    browser, phone = led_by_sasha(cast)
    came_long_ago(browser)
    return browser, phone


def test_every_sensitive_address_stands_in_the_list_and_asks() -> None:
    world = build()
    manager = next(
        role for role in world.roles if role.kind == "manager" and role.practice == world.corners[0].practice
    )
    patterns = [one for one in get_resolver().url_patterns if isinstance(one, URLPattern)]
    assert {one.name for one in patterns if hasattr(one.callback, "asks_again")} == set(SENSITIVE)
    asked: dict[str, Any] = {}
    for name, step in SENSITIVE.items():
        came_long_ago(manager.browser)
        at = reverse(name, args=[world.corners[0].refs[ref] for ref in ENDPOINTS[name].refs])
        if step.before_showing:
            asked[name] = manager.browser.get(at, follow=True)
        else:
            asked[name] = manager.browser.post(at, {"key": str(world.corners[0].practice.ref)})
    assert {name: ASKS in unescape(page.content.decode()) for name, page in asked.items()} == dict.fromkeys(
        SENSITIVE, True
    )


def test_what_was_sent_waits_for_the_proof_and_then_acts_once(
    cast: Cast, sasha: tuple[Browser, Phone]
) -> None:
    browser, phone = sasha
    at = end_of(OKAFOR)
    sent = {"key": key_in(browser.get(at)), "row-x": 'two & "three"', "empty": ""}
    page = browser.post(at, sent)
    assert ASKS in text_of(page, status=422)
    assert (waiting_in(page), has_access(OKAFOR)) == (sent, True)
    done = browser.post(at, waiting_in(page) | {"proof-code": phone.code()})
    assert (done.status_code, has_access(OKAFOR)) == (302, False)
    rights = ReadLog.objects.filter(what="event:rights_changed")
    ended = rights.count()
    # The same form again, as a double press sends it: its code is used, but the session has proved itself.
    again = browser.post(at, waiting_in(page) | {"proof-code": "000000"})
    assert (again.status_code, rights.count()) == (302, ended)


def test_whoever_takes_a_role_away_is_asked_and_who_takes_none_is_not(
    cast: Cast, sasha: tuple[Browser, Phone]
) -> None:
    browser, phone = sasha
    address = reverse("person", args=[User.objects.get(email=OKAFOR).ref])
    sent = {"name": "Dr. Jo Okafor", "email": OKAFOR, "seen": 0}
    fewer = sent | {"roles": ["scheduler"], "key": key_in(browser.get(address))}
    asked = browser.post(address, fewer)
    assert (ASKS in text_of(asked, status=422), roles_of(OKAFOR)) == (True, ["provider"])
    more = sent | {"roles": ["provider", "scheduler"], "key": key_in(browser.get(address))}
    assert (browser.post(address, more).status_code, roles_of(OKAFOR)) == (302, ["provider", "scheduler"])
    fewer["seen"] = RightsHistory.objects.count()
    done = browser.post(address, fewer | {"proof-code": phone.code()})
    assert (done.status_code, roles_of(OKAFOR)) == (302, ["scheduler"])


def test_of_two_presses_at_once_neither_is_told_that_its_code_is_used(
    cast: Cast, sasha: tuple[Browser, Phone]
) -> None:
    browser, phone = sasha
    sent = {"key": key_in(browser.get(end_of(OKAFOR))), "proof-code": phone.code()}
    second = RequestFactory().post(end_of(OKAFOR), sent)
    second.session = SessionStore(browser.session.session_key)
    # It has read its session when the first is carried out.
    assert has_proved_lately(second) is False
    assert browser.post(end_of(OKAFOR), sent).status_code == 302
    form = proof_form(second, User.objects.get(email="sasha@harbor.example"), second.POST)
    assert (has_proved(second, form), form.is_valid()) == (True, False)


def test_who_proved_it_a_moment_ago_is_not_asked_and_then_is(
    cast: Cast, sasha: tuple[Browser, Phone]
) -> None:
    browser, _phone = sasha
    asked = []
    for ago in (PROOF_HOLDS - timedelta(seconds=30), PROOF_HOLDS, timedelta(hours=-1)):
        came_long_ago(browser, ago)
        asked.append(browser.get(FILE).status_code)
    assert asked == [200, 302, 302]


def test_a_proof_holds_in_its_own_session_alone(cast: Cast) -> None:
    browser, phone = led_by_sasha(cast)
    other = Browser()
    sign_in(other, "sasha@harbor.example")
    other.post("/sign-in/second-factor/", {"code": phone.code()})
    assert other.get(FILE).status_code == 200
    came_long_ago(browser)
    assert browser.get(FILE)["Location"] == "/account/asked-again/?to=%2Fpractice%2Fread-log%2Fread-log.csv"


def test_a_file_is_asked_for_first_and_then_saved(cast: Cast, sasha: tuple[Browser, Phone]) -> None:
    browser, phone = sasha
    to = f"{FILE}?day=2026-11-24&q=a"
    page = browser.get(to, follow=True)
    assert ASKS in text_of(page)
    assert ReadLog.objects.filter(what="event:log_exported").count() == 0
    at = page.redirect_chain[-1][0]
    led = browser.post(at, {"proof-code": phone.code()}, follow=True)
    assert (
        '<meta http-equiv="refresh" content="0; url=/practice/read-log/read-log.csv?day=2026-11-24&q=a">'
        in text_of(led)
    )
    assert browser.get(to)["Content-Type"] == "text/csv; charset=utf-8"
    assert ReadLog.objects.filter(what="event:log_exported").count() == 1


@pytest.mark.parametrize(
    "to",
    [
        "",
        "https://elsewhere.example/",
        "//elsewhere.example/practice/read-log/read-log.csv",
        "/home/",
        "/nowhere/",
        "/people/",
    ],
)
def test_the_page_that_asks_leads_nowhere_but_to_what_asks(
    cast: Cast, sasha: tuple[Browser, Phone], to: str
) -> None:
    browser, phone = sasha
    answers = [
        browser.get("/account/asked-again/", {"to": to}),
        browser.post(f"/account/asked-again/?to={to}", {"proof-code": phone.code()}),
    ]
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, "/")] * 2


def test_wrong_codes_change_nothing_are_limited_and_stand_in_the_read_log(
    cast: Cast, sasha: tuple[Browser, Phone]
) -> None:
    browser, phone = sasha
    at = end_of(OKAFOR)
    sent = {"key": key_in(browser.get(at)), "proof-code": "000000"}
    refused = browser.post(at, sent)
    assert errors(refused, status=422) == [
        "Code: That is not the code your app shows now. Nothing was changed."
        " Please check that the clock of your phone is right, and type the code it shows."
    ]
    assert "000000" not in waiting_in(refused).values()
    statuses = [browser.post(at, sent).status_code for _try in range(10)]
    assert (statuses, has_access(OKAFOR)) == ([422] * 9 + [429], True)
    assert browser.post(at, sent | {"proof-code": phone.code()}).status_code == 429
    found = ReadLog.objects.filter(what__contains="_failed").values_list("what", flat=True)
    assert list(found) == ["event:second_factor_failed"] * 10


def test_who_has_no_second_factor_proves_the_password(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    page = client.get(SET_UP)
    came_long_ago(client)
    sent = {"key": key_in(page), "code": Phone(page).code()}
    asked = client.post(SET_UP, sent)
    assert ASKS in text_of(asked, status=422)
    wrong = client.post(SET_UP, sent | {"proof-password": "let me in pleas"})
    assert errors(wrong, status=422) == [
        "Password: That is not your password. Nothing was changed. Please type it again."
    ]
    done = client.post(SET_UP, sent | {"proof-password": WORDS})
    assert (done.status_code, done["Location"][:24]) == (302, "/account/recovery-codes/")
    found = ReadLog.objects.filter(what__contains="_failed").values_list("what", flat=True)
    assert list(found) == ["event:password_failed"]


def test_wrong_passwords_wait_like_those_at_the_sign_in(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    came_long_ago(client)
    statuses = [client.post(SET_UP, {"proof-password": "let me in"}).status_code for _try in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.post(SET_UP, {"proof-password": WORDS}).status_code == 429


def test_who_may_not_do_it_is_not_asked_either(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    set_up(client)
    came_long_ago(client)
    assert [client.get(FILE).status_code, client.post(end_of(OKAFOR)).status_code] == [404, 404]
