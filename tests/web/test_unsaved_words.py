"""Words that somebody typed: going back never asks to send them again, and leaving without them asks first."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from tests.app.cast import Cast
from tests.app.client_browser import mint
from tests.web.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the browser asks before it leaves; it is always allowed to."""
    said: list[str] = []

    def note(dialog: Dialog) -> None:
        said.append(dialog.type)
        dialog.accept()

    page.on("dialog", note)
    return said


def test_going_back_to_a_refused_form_shows_it_and_never_sends_it_again(
    site: Site, context: BrowserContext, page: Page, cast: Cast
) -> None:
    site.enter(context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/block/")
    note = page.get_by_label("Private note")
    note.fill("Dentist")
    last_day = page.get_by_label("Last day")
    last_day.fill("2026-11-02")
    page.get_by_role("button", name="Block this time").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    expect(note).to_have_value("Dentist")
    refused = page.url
    page.reload()
    expect(note).to_have_value("Dentist")
    last_day.fill("2026-12-01")
    page.get_by_role("button", name="Block this time").click()
    page.wait_for_url(lambda address: "/block/" not in address)
    page.go_back()
    # The way back: the page of the form, not the browser's question. Nothing of the refusal is left.
    expect(page.get_by_role("heading", level=1, name="Block time off")).to_be_visible()
    assert page.url == refused
    expect(page.locator("[data-error-summary]")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Block time off")).to_be_visible()


def test_leaving_with_words_that_were_not_sent_asks_first(
    site: Site, context: BrowserContext, page: Page, cast: Cast, asked: list[str]
) -> None:
    site.enter(context, "okafor@harbor.example")
    form = f"{site.url}/appointments/block/"
    page.goto(form)
    page.get_by_label("Private note").press_sequentially("Dentist")
    page.reload()
    assert asked == ["beforeunload"]
    page.get_by_role("link", name="Appointments").first.click()
    page.wait_for_url("**/appointments/**")
    assert asked == ["beforeunload"], "nothing was typed since"
    # Nor does sending ask, and a form that was refused still has what nobody has sent.
    page.goto(form)
    page.get_by_label("Last day").fill("2026-11-02")
    page.get_by_role("button", name="Block this time").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_label("Private note").click()
    page.get_by_role("link", name="Appointments").first.click()
    expect(page.get_by_role("heading", level=1, name="Appointments")).to_be_visible()
    assert asked == ["beforeunload"] * 2


def test_a_client_s_words_are_asked_about_and_a_chosen_time_is_not(
    site: Site, context: BrowserContext, page: Page, cast: Cast, asked: list[str]
) -> None:
    request = cast.asked(cast.booked())
    page.goto(f"{site.url}/r/{mint(request.batch)[1]}/")
    page.get_by_role("radio").first.check()
    page.reload()
    assert asked == []
    page.goto(f"{site.url}/choose/{request.batch.ref}/write/")
    page.get_by_role("textbox").press_sequentially("Only evenings")
    page.reload()
    assert asked == ["beforeunload"]
