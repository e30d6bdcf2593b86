"""Arriving on a page of the practice: where the focus is, and what is said about what was just done."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast
from tests.web.site import Site
from tests.web.test_accessibility import findings
from tests.web.test_steady_pages import OBSERVE

pytestmark = pytest.mark.browser
SAVED = "Saved. Links sent to an address that changed have ended."


@pytest.fixture
def desk(page: Page, site: Site, cast: Cast) -> Page:
    cast.booked()
    site.enter(page.context, "okafor@harbor.example")
    return page


def test_after_a_step_the_heading_has_the_focus(desk: Page, site: Site) -> None:
    page = desk
    page.goto(f"{site.url}/home/")
    expect(page.locator("body")).to_be_focused()
    page.get_by_role("link", name="Clients").click()
    expect(page.get_by_role("heading", name="Clients", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Riley Brooks").click()
    expect(page.get_by_role("heading", name="Riley Brooks", level=1)).to_be_focused()
    page.reload()
    expect(page.locator("body")).to_be_focused()


def test_a_list_of_problems_keeps_the_focus(desk: Page, site: Site) -> None:
    page = desk
    page.goto(f"{site.url}/clients/")
    page.get_by_role("link", name="Riley Brooks").click()
    page.get_by_role("link", name="Edit the record").click()
    page.get_by_label("E-mail").fill("nonsense")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()


@pytest.mark.parametrize("width", [1440, 320])
def test_what_was_done_is_said_over_the_page_and_moves_nothing(desk: Page, site: Site, width: int) -> None:
    page = desk
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(OBSERVE)
    page.goto(f"{site.url}/clients/")
    page.get_by_role("link", name="Riley Brooks").click()
    heading = page.get_by_role("heading", name="Riley Brooks", level=1)
    expect(heading).to_be_focused()
    before = heading.bounding_box()
    page.get_by_role("link", name="Edit the record").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text(SAVED)).to_be_visible()
    expect(heading).to_be_focused()
    page.evaluate("() => scrollTo(0, 0)")
    assert heading.bounding_box() == before
    assert page.evaluate("() => window.shifted") <= 0.005
    assert findings(page) == []
    page.get_by_role("status").get_by_role("button", name="Close").click()
    expect(page.get_by_text(SAVED)).to_be_hidden()
