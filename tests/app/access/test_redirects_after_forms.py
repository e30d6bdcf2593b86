"""Forms end in a redirect: what was typed and why it was refused stand on the same page, and going back sends nothing again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from tests.app.authorization import ENDPOINTS, Outcome, Role, World, address, build
from tests.app.cast import NOW, Cast
from tests.app.read_log_rows import newest, rows
from tests.app.staff_browser import sign_in_staff

from raincheck import clock
from raincheck.actions.kept_pages import KEPT_FOR_ONE, KEPT_FOR_STRANGERS
from raincheck.actions.timing.sweep import sweep
from raincheck.data.kept_pages import KeptPage
from raincheck.domain.policy import REFUSED_FORMS_KEPT, STRANGERS_FORMS_KEPT
from raincheck.web.requests import Arrival

PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
TYPED = ("text", "search", "tel")


class Forms(HTMLParser):
    """The forms of a page as a person would send them, each text field filled with words of its own."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.form: dict[str, Any] | None = None
        self.select = self.area = ""
        self.feed(page.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "form":
            self.form = {"method": said.get("method"), "action": said.get("action"), "body": {}, "typed": []}
            self.found.append(self.form)
        elif self.form is None or not name or "disabled" in said:
            if tag == "option" and self.form is not None and self.select:
                chosen = self.form["body"].get(self.select)
                if "selected" in said or not chosen:
                    self.form["body"][self.select] = said.get("value") or ""
        elif tag == "textarea" or (tag == "input" and said.get("type", "text") in TYPED):
            words = f"Words {len(self.form['typed'])} of mine"
            self.form["body"][name] = words
            self.form["typed"].append(words)
        elif tag == "select":
            self.select = name
        elif tag == "input" and (said.get("type") not in ("checkbox", "radio", "file") or "checked" in said):
            self.form["body"][name] = said.get("value", "on" if said.get("type") == "checkbox" else "") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "form":
            self.form = None


def arrival(after: timedelta = timedelta(0)) -> dict[str, Any]:
    return {"raincheck.arrival": Arrival(NOW + after, clock.monotonic())}


def send(browser: Browser, page: str, to: str, body: dict[str, str], **headers: str) -> HttpResponse:
    """Send a form as a browser does from the page at `page`."""
    said = {"Accept": PAGE, "Referer": f"http://testserver{page}", "Sec-Fetch-Mode": "navigate"} | headers
    return browser.post(to, body, headers=said, **arrival())


def come(browser: Browser, page: str, after: timedelta = timedelta(0)) -> HttpResponse:
    return browser.get(page, headers={"Accept": PAGE}, **arrival(after))


def words(page: HttpResponse) -> str:
    """Return a page without what is new in it each time: the token and the keys of its forms, and until when its stream lives."""
    new_each_time = r'(name="(?:csrfmiddlewaretoken|key)" value=|"X-CSRFToken": |data-times=)"[^"]*"'
    return re.sub(new_each_time, "", page.content.decode())


@pytest.fixture
def world(database: None) -> World:
    return build()


FILES = {"export-file", "import-template"}
"""Addresses that answer with a file, which has no forms."""


WITHOUT_A_KEY = re.compile(r"sign-out|not-you|^/r/[^/]+/reminders/")
"""Forms that act whatever they say, as often as they come; the last is sent by mail programs, too."""


def pages(world: World) -> Iterator[tuple[Role, str]]:
    """Every page's address with the first who may look at it."""
    own = world.corners[0]
    for name, endpoint in sorted(ENDPOINTS.items()):
        if name in FILES:
            continue
        for role in world.roles:
            if endpoint.look is not None and endpoint.look(role, own) is Outcome.IN:
                yield role, address(name, own)
                break


def test_every_form_of_every_page_ends_in_a_redirect_and_keeps_its_words(world: World) -> None:
    walked = set()
    for role, page in pages(world):
        for form in Forms(come(role.browser, page)).found:
            to = form["action"] or page
            if form["method"] != "post" or WITHOUT_A_KEY.search(to):
                continue
            # Without its key any form is refused, whatever else it says.
            body = {
                name: said
                for name, said in form["body"].items()
                if name not in ("key", "csrfmiddlewaretoken")
            }
            plain = role.browser.post(to, body, **arrival())
            answered = send(role.browser, page, to, body)
            at_once = plain.status_code in (204, 401, 405, 429) or "text/html" not in plain["Content-Type"]
            assert at_once or answered.status_code == 303, (role.name, to)
            if answered.status_code != 303 or plain.status_code == 302:
                come(role.browser, page)  # what both said is read there, not on the next form's page
                continue
            at = answered["Location"]
            assert re.fullmatch(re.escape(page.partition("#")[0]) + r"[?&]kept=[0-9a-f-]{36}", at), (to, at)
            shown = come(role.browser, at)
            assert (shown.status_code, words(shown)) == (plain.status_code, words(plain)), to
            for said in form["typed"]:
                assert said in shown.content.decode(), (to, said)
            # Loaded again it is the same page, word for word.
            assert come(role.browser, at).content == shown.content
            # Shown at another address than it answered, a form must say where it goes.
            if page.partition("?")[0] != to.partition("#")[0].partition("?")[0]:
                assert all(one["action"] for one in Forms(shown).found if one["method"] == "post"), to
            walked.add(to.partition("?")[0])
    assert len(walked) > 25


@pytest.fixture
def okafor(cast: Cast) -> Browser:
    browser = Browser()
    sign_in_staff(browser, "okafor@harbor.example")
    return browser


def booking(browser: Browser, note: str = "", key: str = "", **headers: str) -> HttpResponse:
    """Send a booking that says nothing but a note."""
    page = reverse("block-new")
    return send(browser, page, page, {"key": key or str(uuid4()), "note": note}, **headers)


def test_a_refused_form_belongs_to_its_browser_and_person_alone(okafor: Browser, cast: Cast) -> None:
    at = booking(okafor, "Funeral")["Location"]
    assert "Funeral" in come(okafor, at).content.decode()
    fischer = Browser()
    sign_in_staff(fischer, "fischer@harbor.example")
    # Nor under her account in his browser, nor after he signed out there.
    assert "Funeral" not in come(fischer, at).content.decode()
    fischer.cookies["raincheck_csrf"] = okafor.cookies["raincheck_csrf"].value
    assert "Funeral" not in come(fischer, at).content.decode()
    okafor.logout()
    assert (come(okafor, at).status_code, come(Browser(), at).status_code) == (302, 302)


def test_a_refused_form_is_shown_at_its_own_page_only(okafor: Browser, cast: Cast) -> None:
    kept = booking(okafor, "Funeral")["Location"].partition("?")[2]
    assert "Funeral" not in come(okafor, f"{reverse('appointment-new')}?{kept}").content.decode()


def test_two_tabs_keep_their_own_words(okafor: Browser) -> None:
    one, other = (booking(okafor, note)["Location"] for note in ("Funeral", "Dentist"))
    assert [note in come(okafor, one).content.decode() for note in ("Funeral", "Dentist")] == [True, False]
    assert [note in come(okafor, other).content.decode() for note in ("Funeral", "Dentist")] == [False, True]


def test_what_was_typed_lies_sealed_and_goes(okafor: Browser) -> None:
    at = booking(okafor, "Funeral")["Location"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text, encode(sealed, 'escape') FROM raincheck_keptpage k")
        assert "Funeral" not in str(cursor.fetchall())
    assert "Funeral" in come(okafor, at, REFUSED_FORMS_KEPT - timedelta(seconds=1)).content.decode()
    assert "Funeral" not in come(okafor, at, REFUSED_FORMS_KEPT).content.decode()
    sweep(now=NOW + REFUSED_FORMS_KEPT)
    assert not KeptPage.objects.exists()


def test_once_a_form_went_through_its_refusal_is_gone(okafor: Browser, cast: Cast) -> None:
    cast.booked()
    key, page = str(uuid4()), reverse("client-edit", args=[cast.riley.ref])
    wrong = {"key": key, "first_name": "Riley", "language": "en", "seen": "0", "email": "riley at home"}
    at = send(okafor, page, page, wrong)["Location"]
    assert "riley at home" in come(okafor, at).content.decode()
    right = send(okafor, at, page, wrong | {"email": "riley@home.example"})
    assert (right.status_code, "kept" in right["Location"]) == (303, False)
    assert "riley at home" not in come(okafor, at).content.decode()


def test_programs_and_parts_of_pages_get_the_answer_itself(okafor: Browser) -> None:
    said = [
        booking(okafor, "Funeral", **headers)
        for headers in ({"Accept": "*/*"}, {"HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"})
    ]
    assert [(answer.status_code, "Funeral" in answer.content.decode()) for answer in said] == [
        (422, True)
    ] * 3
    assert not KeptPage.objects.exists()


def test_a_browser_that_does_not_say_where_it_came_from_sees_the_form_s_own_address(okafor: Browser) -> None:
    for referer in ("", "https://evil.example/appointments/block/", "//", "http://["):
        at = booking(okafor, "Funeral", Referer=referer)["Location"]
        assert re.fullmatch(r"/appointments/block/\?kept=[0-9a-f-]{36}", at)


def test_of_one_browser_only_the_newest_are_kept(okafor: Browser) -> None:
    first, *_others = [booking(okafor, f"Note {number}")["Location"] for number in range(KEPT_FOR_ONE + 1)]
    assert (KeptPage.objects.count(), "Note 0" in come(okafor, first).content.decode()) == (
        KEPT_FOR_ONE,
        False,
    )


def test_strangers_fill_no_disk_and_are_answered_all_the_same(database: None) -> None:
    stranger, page = Browser(), reverse("forgotten")
    sealed, until = b"", NOW + STRANGERS_FORMS_KEPT
    KeptPage.objects.bulk_create(
        KeptPage(owner=str(number), sealed=sealed, by_stranger=True, kept_until=until)
        for number in range(KEPT_FOR_STRANGERS - 1)
    )
    answers = [send(stranger, page, page, {"email": "no address"}) for _try in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert all("no address" in come(stranger, answers[0]["Location"]).content.decode() for _look in range(2))
    assert KeptPage.objects.count() == KEPT_FOR_STRANGERS


def test_not_you_is_answered_although_its_page_opens_no_more(world: World) -> None:
    by_link = next(role.browser for role in world.roles if role.kind == "link")
    write, not_you = (address(name, world.corners[0]) for name in ("choose-write", "choose-not-you"))
    words = send(by_link, write, write, {"words": "My private words"})["Location"]
    assert "My private words" in come(by_link, words).content.decode()
    answered = send(by_link, not_you, not_you, {"key": str(uuid4())})
    shown = come(by_link, answered["Location"])
    assert (answered.status_code, shown.status_code) == (303, 200)
    assert "Thank you for telling us" in shown.content.decode()
    # From then on nobody in this browser reads what was written here.
    assert "My private words" not in come(by_link, words).content.decode()


def test_whoever_a_kept_page_names_stands_in_the_read_log_each_time_it_is_shown(cast: Cast) -> None:
    browser, record = Browser(), f"/clients/{cast.riley.ref}/"
    cast.booked()
    sign_in_staff(browser, "okafor@harbor.example")
    come(browser, "/availability/")  # a page without a client, which gives the cookie of its forms
    before = newest()
    answered = send(
        browser,
        record,
        f"{record}edit/",
        {"key": str(uuid4()), "first_name": "Riley", "language": "en", "email": "none", "seen": "0"},
    )
    assert (answered.status_code, rows(after=before)) == (303, [])
    assert "does not look like an e-mail address" in come(browser, answered["Location"]).content.decode()
    assert [row[2:4] for row in rows(after=before)] == [("client", [cast.riley.pk])]
