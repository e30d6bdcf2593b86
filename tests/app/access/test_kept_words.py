"""What was typed into a form that was sent after its session had ended: kept for its person alone, and given back."""

from __future__ import annotations

import re
import zlib
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils.crypto import salted_hmac
from tests.app.access.test_accounts import WORDS, sign_in, text_of
from tests.app.access.test_redirects_after_forms import PAGE, Forms, come as read, pages, world
from tests.app.access.test_second_factor import ASKED, OKAFOR, Phone
from tests.app.access.test_session_lists import at_work, forget_used_codes, no_tries_yet, phone
from tests.app.authorization import World
from tests.app.cast import Cast
from tests.app.staff_browser import sign_in_staff

from raincheck import clock
from raincheck.actions.engine.runner import run_command
from raincheck.actions.kept_pages import Kept, give_words_back
from raincheck.actions.timing.sweep import sweep
from raincheck.data.access.sessions import UserSession
from raincheck.data.encryption import unseal
from raincheck.data.kept_pages import KeptPage
from raincheck.data.models import OutOfOffice
from raincheck.data.people import User
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import UNSENT_WORDS_KEPT
from raincheck.web.access.session_life import LEFT
from raincheck.web.form_filling import Typed, fill_in
from raincheck.web.kept_words import PURPOSE, WAITING, worth_keeping
from raincheck.web.requests import Arrival
from raincheck.web.sessions import kept_key

__all__ = ["no_tries_yet", "phone", "world"]

MINUTE = timedelta(minutes=1)
SIGNED_OUT = "You were signed out after 15 minutes without you."
KEPT = f"{SIGNED_OUT} What you typed is kept: sign in again, and it is back where it was."
HERE_AGAIN = "What you typed is here again, and nothing of it was sent yet."
BLOCK = "/appointments/block/"
SAID = {
    "first_day": "2027-01-04",
    "first_time": "09:00",
    "last_day": "2027-01-05",
    "last_time": "12:30",
    "note": "Funeral of an aunt",
}
STAMP = dict[str, Any]


def away(*, of: Browser, after: timedelta = 15 * MINUTE) -> STAMP:
    """Return the stamp of a request that comes so long after the browser's session was used last."""
    row = UserSession.objects.get(key=kept_key(of.session.session_key or ""))
    return {"raincheck.arrival": Arrival(row.last_seen_at + after, clock.monotonic())}


def stamp(at: datetime) -> STAMP:
    return {"raincheck.arrival": Arrival(at, clock.monotonic())}


def send(browser: Browser, page: str, stamp: STAMP, *, to: str = "", **said: Any) -> HttpResponse:
    headers = {"Accept": PAGE, "Referer": f"http://testserver{page}", "Sec-Fetch-Mode": "navigate"}
    return browser.post(to or page, {"key": str(uuid4()), **said}, headers=headers, **stamp)


def come(browser: Browser, page: str, **stamp: Any) -> HttpResponse:
    """Open a page as a browser does, and go where it leads once."""
    response = browser.get(page, headers={"Accept": PAGE}, **stamp)
    while response.status_code in (302, 303):
        response = browser.get(response["Location"], headers={"Accept": PAGE}, **stamp)
    return response


def come_back(browser: Browser, phone: Phone, to: str, **stamp: Any) -> HttpResponse:
    """Sign Dr. Okafor in again, on the way to a page, and return what the browser shows then."""
    browser.post("/sign-in/", {"login": OKAFOR, "password": WORDS, "next": to}, **stamp)
    forget_used_codes(phone)
    lets_in = browser.post(ASKED, {"code": phone.code(), "next": to}, **stamp)
    assert lets_in["Location"] == to
    return come(browser, to, **stamp)


class Values(HTMLParser):
    """What the fields of a page hold, form by form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.inside = False
        self.select = self.area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, kind = said.get("name") or "", said.get("type") or "text"
        if tag == "form":
            self.inside = True
            self.forms.append([])
        elif tag == "select":
            self.select = name
        elif not self.inside or "disabled" in said:
            return
        elif tag == "option" and "selected" in said:
            self.forms[-1].append((self.select, said.get("value") or ""))
        elif tag == "textarea":
            self.area = name
            self.forms[-1].append((name, ""))
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in said):
            self.forms[-1].append((name, said.get("value", "on" if kind == "checkbox" else "") or ""))

    def handle_data(self, data: str) -> None:
        if self.area:
            name, words = self.forms[-1][-1]
            self.forms[-1][-1] = (name, words + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea" and self.area:
            name, words = self.forms[-1][-1]
            self.forms[-1][-1] = (name, words.removeprefix("\n"))
            self.area = ""


def held(page: HttpResponse, name: str = "note") -> list[tuple[str, str]]:
    """Return what the form with a field of this name holds, without the token."""
    [form] = [one for one in Values(page.content.decode()).forms if name in dict(one)]
    return [pair for pair in form if pair[0] != "csrfmiddlewaretoken"]


@pytest.fixture
def okafor(phone: Phone) -> Browser:
    browser = at_work(phone)
    browser.get(BLOCK)
    return browser


def test_a_form_sent_too_late_is_back_after_signing_in_and_has_not_acted(
    okafor: Browser, phone: Phone
) -> None:
    key = str(uuid4())
    sent = send(okafor, BLOCK, away(of=okafor), **SAID, key=key)
    assert (sent.status_code, sent["Location"]) == (303, f"/sign-in/?next={BLOCK}")
    assert KEPT in unescape(text_of(okafor.get(sent["Location"])))
    back = come_back(okafor, phone, BLOCK)
    assert held(back) == [("key", key), *SAID.items()]
    assert f"{SIGNED_OUT}</b> {HERE_AGAIN}" in text_of(back)
    assert not OutOfOffice.objects.exists()


def test_what_came_back_can_be_loaded_again_until_it_is_sent_once(okafor: Browser, phone: Phone) -> None:
    key = str(uuid4())
    send(okafor, BLOCK, away(of=okafor), **SAID, key=key)
    first = come_back(okafor, phone, BLOCK)
    at = first.request["PATH_INFO"] + "?" + first.request["QUERY_STRING"]
    assert come(okafor, at).content == first.content
    # Only there: the words themselves are kept no more.
    assert SAID["note"] not in text_of(come(okafor, BLOCK))
    done = [send(okafor, at, {}, to=BLOCK, **SAID, key=key).status_code for _twice in range(2)]
    assert (done, OutOfOffice.objects.count(), KeptPage.objects.count()) == ([303, 303], 1, 0)


def test_who_signs_in_next_on_that_browser_never_sees_it(okafor: Browser, phone: Phone) -> None:
    send(okafor, BLOCK, away(of=okafor), **SAID)
    secret = okafor.cookies["raincheck_csrf"].value
    sign_in_staff(okafor, "fischer@harbor.example")
    okafor.cookies["raincheck_csrf"] = secret
    session = okafor.session
    session[WAITING] = True
    session.save()
    seen = [come(okafor, page) for page in (BLOCK, "/home/", "/account/")]
    assert [(page.status_code, "Funeral" in text_of(page)) for page in seen] == [(200, False)] * 3
    okafor.logout()
    assert held(come_back(okafor, phone, BLOCK))[1:] == [*SAID.items()]


def test_what_is_kept_under_a_wrong_name_opens_for_nobody(okafor: Browser) -> None:
    send(okafor, BLOCK, away(of=okafor), **SAID)
    fischer = Browser()
    sign_in_staff(fischer, "fischer@harbor.example")
    theirs = User.objects.get(email="fischer@harbor.example").pk
    KeptPage.objects.update(
        owner=salted_hmac("raincheck.kept_words", str(theirs), algorithm="sha256").hexdigest()
    )
    session = fischer.session
    session[WAITING] = True
    session.save()
    assert "Funeral" not in text_of(come(fischer, BLOCK))


def test_a_form_sent_by_another_tab_is_kept_for_whose_session_it_was(okafor: Browser, phone: Phone) -> None:
    late = away(of=okafor, after=20 * MINUTE)
    okafor.get("/home/", **late)
    sent = send(okafor, BLOCK, late, **SAID)
    assert KEPT in unescape(text_of(okafor.get(sent["Location"])))
    assert held(come_back(okafor, phone, BLOCK))[1:] == [*SAID.items()]


def test_after_somebody_else_signed_in_nothing_is_kept_for_who_was_there_before(okafor: Browser) -> None:
    okafor.get("/home/", **away(of=okafor))
    assert okafor.session.get(LEFT) is not None
    sign_in(okafor, "fischer@harbor.example")
    assert okafor.session.get(LEFT) is None
    okafor.post("/sign-out/", {})
    send(okafor, BLOCK, {}, **SAID)
    assert not KeptPage.objects.exists()


def test_a_form_of_nobody_is_kept_for_nobody(phone: Phone) -> None:
    sent = send(Browser(), BLOCK, {}, **SAID)
    assert (sent["Location"], KeptPage.objects.exists()) == (f"/sign-in/?next={BLOCK}", False)


@pytest.mark.parametrize(
    ("after", "is_back"),
    [
        (timedelta(0), True),
        (UNSENT_WORDS_KEPT - timedelta(seconds=1), True),
        (UNSENT_WORDS_KEPT, False),
        (10 * UNSENT_WORDS_KEPT, False),
    ],
)
def test_nothing_is_kept_for_more_than_twelve_hours(
    okafor: Browser, phone: Phone, after: timedelta, is_back: bool
) -> None:
    late = away(of=okafor)
    send(okafor, BLOCK, late, **SAID)
    then = late["raincheck.arrival"].at + after
    sweep(now=then)
    assert KeptPage.objects.exists() is is_back
    back = come_back(okafor, phone, BLOCK, **stamp(then))
    assert (SAID["note"] in text_of(back)) is is_back


def test_what_is_too_old_is_not_given_back_before_the_sweep_came_either(
    okafor: Browser, phone: Phone
) -> None:
    late = away(of=okafor)
    send(okafor, BLOCK, late, **SAID)
    then = late["raincheck.arrival"].at + UNSENT_WORDS_KEPT
    come_back(okafor, phone, "/home/", **stamp(then - MINUTE))
    assert SAID["note"] not in text_of(come(okafor, BLOCK, **stamp(then)))
    assert KeptPage.objects.count() == 1


def test_words_whose_time_ends_while_a_page_is_made_stay_where_they_are(okafor: Browser) -> None:
    send(okafor, BLOCK, away(of=okafor), **SAID)
    row = KeptPage.objects.get()
    page, now = Kept(row.owner, None, b"", lives=MINUTE), row.kept_until
    verb = partial(give_words_back, row.ref, owner=row.owner, page=page, now=now)
    assert run_command(verb, key=None, body={}, by=SYSTEM, now=now) == {}
    assert KeptPage.objects.get() == row


def test_it_lies_sealed_and_without_passwords_and_codes(okafor: Browser, phone: Phone) -> None:
    secrets = {"password": "correct horse battery", "code": "12345678"}
    send(okafor, BLOCK, away(of=okafor), **SAID, **secrets)
    row = KeptPage.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text, encode(sealed, 'escape') FROM raincheck_keptpage k")
        assert "Funeral" not in str(cursor.fetchall())
    opened = zlib.decompress(unseal(bytes(row.sealed), purpose=PURPOSE)).decode()
    assert ["Funeral" in opened, *(secret in opened for secret in secrets.values())] == [True, False, False]


def test_of_a_file_it_says_that_it_has_to_be_chosen_again(okafor: Browser, phone: Phone) -> None:
    page = "/availability/calendars/"
    fold = '<details class="fold" open><summary>From a file'
    assert fold not in text_of(okafor.get(page))
    file = SimpleUploadedFile("away.ics", b"BEGIN:VCALENDAR", "text/calendar")
    send(okafor, page, away(of=okafor), name="Hospital shifts", file=file)
    back = text_of(come_back(okafor, phone, page))
    assert "Please choose the file again: files are not kept." in back
    # And its form stands open, with the name that was typed.
    assert fold in back
    assert 'value="Hospital shifts"' in back


def test_words_whose_field_is_gone_can_be_copied(okafor: Browser, phone: Phone) -> None:
    send(okafor, BLOCK, away(of=okafor), **SAID, other="Another long story")
    back = text_of(come_back(okafor, phone, BLOCK))
    assert re.search(r'<textarea id="left-over-1" rows="4" readonly>Another long story</textarea>', back)


def test_after_twelve_hours_in_all_the_words_are_kept_too(okafor: Browser, phone: Phone) -> None:
    began = UserSession.objects.get().made_at
    UserSession.objects.update(last_seen_at=began + timedelta(hours=12, minutes=-1))
    sent = send(okafor, BLOCK, stamp(began + timedelta(hours=12)), **SAID)
    words = "You were signed out, as everybody is after 12 hours."
    assert f"{words} What you typed is kept" in unescape(text_of(okafor.get(sent["Location"])))
    assert f"{words}</b> {HERE_AGAIN}" in text_of(come_back(okafor, phone, BLOCK))


def test_a_session_ended_from_elsewhere_says_nothing_of_idleness(okafor: Browser) -> None:
    UserSession.objects.update(ended_at=clock.real_now())
    page = unescape(text_of(okafor.get("/home/", follow=True)))
    assert "You are not signed in here any more. Please sign in again." in page


def test_a_button_pressed_in_a_part_of_a_page_leads_back_to_that_page(okafor: Browser, cast: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{BLOCK}"}
    answer = okafor.post("/home/news/", {"key": str(uuid4())}, headers=headers, **away(of=okafor))
    assert answer["HX-Redirect"] == f"/sign-in/?next={BLOCK}"


def form_on(browser: Browser, page: str) -> dict[str, str]:
    """Return what a page's form carries, and let the browser be checked as browsers are from here on."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(come(browser, page)))
    assert token is not None
    browser.handler.enforce_csrf_checks = True
    return {"csrfmiddlewaretoken": token[1], "key": str(uuid4())}


def unchecked(browser: Browser) -> Browser:
    browser.handler.enforce_csrf_checks = False
    return browser


def from_our_page(browser: Browser, form: dict[str, str], **headers: str) -> HttpResponse:
    said = {"Accept": PAGE, "Referer": f"http://testserver{BLOCK}", "Origin": "http://testserver"} | headers
    return browser.post(BLOCK, form | SAID, headers=said)


def test_what_another_tab_sends_after_the_sign_in_is_back_and_has_not_acted(
    okafor: Browser, phone: Phone
) -> None:
    form = form_on(okafor, BLOCK)
    okafor.get("/home/", **away(of=okafor))
    come_back(unchecked(okafor), phone, "/home/")
    okafor.handler.enforce_csrf_checks = True
    sent = from_our_page(okafor, form)
    assert (sent.status_code, sent["Location"], OutOfOffice.objects.exists()) == (303, BLOCK, False)
    back = come(okafor, sent["Location"])
    assert f"You have signed in again since you opened this page.</b> {HERE_AGAIN}" in text_of(back)
    assert held(back) == [("key", form["key"]), *SAID.items()]
    # Its token is a new one: sent as it stands, it acts, once.
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(back))
    assert token is not None
    done = [
        from_our_page(okafor, form | {"csrfmiddlewaretoken": token[1]}).status_code for _twice in range(2)
    ]
    assert (done, OutOfOffice.objects.count(), KeptPage.objects.count()) == ([303, 303], 1, 0)


def test_what_somebody_else_had_open_is_kept_for_nobody_and_can_be_copied(okafor: Browser) -> None:
    form = form_on(okafor, BLOCK)
    okafor.get("/home/", **away(of=okafor))
    sign_in(unchecked(okafor), "fischer@harbor.example")
    okafor.handler.enforce_csrf_checks = True
    sent = from_our_page(okafor, form)
    assert (sent.status_code, KeptPage.objects.exists(), OutOfOffice.objects.exists()) == (403, False, False)
    assert f"readonly>{SAID['note']}</textarea>" in text_of(sent, status=403)
    assert "Funeral" not in text_of(come(okafor, BLOCK))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_words_of_a_strangers_page_are_neither_kept_nor_shown(
    okafor: Browser, phone: Phone, headers: dict[str, str]
) -> None:
    form = form_on(okafor, BLOCK)
    okafor.get("/home/", **away(of=okafor))
    come_back(unchecked(okafor), phone, "/home/")
    okafor.handler.enforce_csrf_checks = True
    sent = from_our_page(okafor, form, **headers)
    assert (sent.status_code, KeptPage.objects.exists(), "Funeral" in text_of(sent, status=403)) == (
        403,
        False,
        False,
    )


def test_a_token_that_was_never_this_persons_keeps_nothing(okafor: Browser, phone: Phone) -> None:
    stranger = form_on(Browser(), "/sign-in/")
    okafor.get("/home/", **away(of=okafor))
    come_back(okafor, phone, "/home/")
    okafor.handler.enforce_csrf_checks = True
    sent = from_our_page(okafor, stranger)
    assert (sent.status_code, KeptPage.objects.exists()) == (403, False)
    assert SAID["note"] in text_of(sent, status=403)


def test_every_form_of_every_page_takes_back_all_that_can_be_typed_there(world: World) -> None:
    """Fills each form with words of its own and reads it again."""
    tried = 0
    for role, page in pages(world):
        html = read(role.browser, page).content.decode()
        for place, form in enumerate(Forms(read(role.browser, page)).found):
            if form["method"] != "post" or not form["typed"]:
                continue
            sent = Typed(urljoin(page, form["action"] or page), tuple(form["body"].items()))
            typed = worth_keeping(sent)
            if not typed.names():
                continue  # a code alone, which comes back nowhere
            filled = fill_in(html, [typed], at=page)
            names = dict(typed.fields)
            now = dict(pair for pair in Values(filled.html).forms[place] if pair[0] in names)
            assert (now, filled.left_over) == (names, ()), (page, place)
            tried += 1
    assert tried > 12
