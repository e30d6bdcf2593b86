"""Automatic sign-out in a browser: a question a minute before, what was typed is kept, and it comes back to its person alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.app.cast import NOW, Cast
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck import clock
from raincheck.actions.access.sessions import begin_session
from raincheck.data.access.sessions import UserSession
from raincheck.data.people import User
from raincheck.domain.access.sign_in import WayIn
from raincheck.web.access.way_in import PROOF
from raincheck.web.sessions import SessionStore, kept_key

pytestmark = pytest.mark.browser

MINUTE = timedelta(minutes=1)


@pytest.fixture
def form(site: Site, context: BrowserContext, page: Page, cast: Cast) -> str:
    """Dr. Okafor, signed in by password, in a browser whose time only we tell."""
    site.enter(context, "okafor@harbor.example")
    [cookie] = [one for one in context.cookies() if one["name"] == "raincheck_session"]
    store = SessionStore(cookie["value"])
    store[PROOF] = {"way": WayIn.PASSWORD, "factor": None}
    store.save()
    user, key = User.objects.get(email="okafor@harbor.example"), kept_key(cookie["value"])
    begin_session(user.pk, key=key, way=WayIn.PASSWORD, device="", network="", now=clock.real_now())
    page.clock.install()
    return f"{site.url}/appointments/block/"


def let_pass(page: Page, minutes: float) -> None:
    """Let time pass without anybody, for the browser and for the server."""
    [row] = UserSession.objects.filter(ended_at=None)
    row.last_seen_at -= minutes * MINUTE
    row.save(update_fields=["last_seen_at"])
    page.clock.run_for(int(minutes * 60_000))


def test_a_minute_before_a_question_comes_and_one_press_stays(page: Page, form: str) -> None:
    page.goto(form)
    question = page.get_by_role("dialog", name="You'll be signed out in a minute")
    let_pass(page, 13)
    expect(question).to_be_hidden()
    let_pass(page, 1.1)
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="Stay signed in")).to_be_focused()
    before = UserSession.objects.get().last_seen_at
    with page.expect_response("**/account/here/"):
        question.get_by_role("button", name="Stay signed in").click()
    expect(question).to_be_hidden()
    assert UserSession.objects.get().last_seen_at - before > 14 * MINUTE
    assert page.url == form


def test_what_was_typed_is_kept_when_time_is_up_and_comes_back(site: Site, page: Page, form: str) -> None:
    page.goto(form)
    page.get_by_label("Private note").fill("Funeral of an aunt")
    page.get_by_label("Whole days").check()
    with page.expect_response("**/account/here/"):
        page.clock.run_for(62_000)
    let_pass(page, 14.1)
    expect(page.get_by_role("dialog")).to_be_visible()
    let_pass(page, 1)
    page.wait_for_url(f"{site.url}/sign-in/?next=/appointments/block/")
    expect(
        page.get_by_text("You were signed out after 15 minutes without you. What you typed is kept")
    ).to_be_visible()
    page.get_by_role("button", name="Continue as Dr. Lena Fischer").click()
    page.goto(form)
    expect(page.get_by_label("Private note")).to_have_value("")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Continue as Dr. Jo Okafor").click()
    page.goto(form)
    expect(page.get_by_label("Private note")).to_have_value("Funeral of an aunt")
    expect(page.get_by_label("Whole days")).to_be_checked()
    expect(page.get_by_text("What you typed is here again, and nothing of it was sent yet.")).to_be_visible()


def test_whoever_types_stays_without_being_asked(page: Page, form: str) -> None:
    page.goto(form)
    page.clock.run_for(70_000)
    before = UserSession.objects.get()
    before.last_seen_at -= 10 * MINUTE
    before.save(update_fields=["last_seen_at"])
    with page.expect_response("**/account/here/"):
        page.get_by_label("Private note").press_sequentially("Dentist")
        page.clock.run_for(1000)
    assert UserSession.objects.get().last_seen_at - before.last_seen_at > 9 * MINUTE


def test_in_another_tab_whoever_signed_in_again_goes_on(
    site: Site, context: BrowserContext, page: Page, form: str
) -> None:
    page.goto(form)
    let_pass(page, 20)
    page.wait_for_url("**/sign-in/**")
    page.get_by_role("button", name="Continue as Dr. Jo Okafor").click()
    page.goto(form)
    expect(page.locator("[data-signing-out]")).to_have_count(0)


def test_the_demos_clock_signs_nobody_out(site: Site, page: Page, form: str) -> None:
    page.goto(form)
    site.set_clock(NOW + timedelta(hours=48))
    page.goto(form)
    expect(page.get_by_role("heading", level=1, name="Block time off")).to_be_visible()
    expect(page.locator("[data-signing-out]")).to_have_attribute(
        "data-left", re.compile("^8[89][0-9]$|^900$")
    )


def test_the_question_can_be_answered_by_keys_and_axe_finds_nothing(page: Page, form: str) -> None:
    page.goto(form)
    let_pass(page, 14.1)
    question = page.get_by_role("dialog", name="You'll be signed out in a minute")
    expect(question).to_be_visible()
    assert findings(page) == []
    with page.expect_response("**/account/here/"):
        page.keyboard.press("Escape")
    expect(question).to_be_hidden()
