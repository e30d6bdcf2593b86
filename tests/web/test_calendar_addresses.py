"""An address for a calendar program, in a real browser: made, copied, followed, and stopped."""

from __future__ import annotations

from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import Cast
from tests.web.site import Site
from tests.web.test_accessibility import VIEWS, findings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
@pytest.mark.parametrize(
    ("email", "start"),
    [("okafor@harbor.example", "/availability/calendars/"), ("riley@clients.example", "/portal/")],
)
def test_an_address_is_made_copied_followed_and_stopped(
    browser: Browser, site: Site, cast: Cast, email: str, start: str, viewport: Any, scheme: Any
) -> None:
    appointment = cast.booked()
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    site.enter(context, email)
    page = context.new_page()
    page.goto(site.url + start)
    page.get_by_role("button", name="Make my calendar address").click()
    address = page.get_by_label("Your private calendar address").input_value()
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("status")).to_have_text("The address is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert uids(page, address) == [appointment.ical_uid]
    page.get_by_role("link", name="Back").click()
    assert "Used just now by a calendar program." in page.locator("#feed").inner_text()
    assert findings(page) == []
    page.get_by_role("button", name="Stop this address").click()
    expect(page.get_by_role("button", name="Make my calendar address")).to_be_visible()
    assert page.request.get(address).status == 404
    context.close()


def uids(page: Page, address: str) -> list[str]:
    """Ask as a program does and return which appointments it gets."""
    answer = page.request.get(address)
    assert answer.status == 200
    return [str(one["UID"]) for one in Calendar.from_ical(answer.body()).walk("VEVENT")]
