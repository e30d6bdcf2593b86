"""Open times beside New appointment: chosen by mouse or keys they fill the boxes, and follow what is chosen in the form."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import Cast, new_york
from tests.web.site import Site
from tests.web.test_accessibility import findings

pytestmark = pytest.mark.browser


def test_choosing_an_open_time_fills_the_boxes(page: Page, site: Site, cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(27, 9), client=cast.maya)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/new/?start=2026-11-27")
    beside = page.get_by_role("region", name="Open times")
    page.get_by_label("Client").select_option(label="Brooks, Riley")
    time = beside.get_by_role("link", name="Friday, November 27, 10:00 AM")
    # The list is that of the chosen client by now: one that comes later would take the chosen time's sentence along.
    expect(time).to_have_attribute("href", re.compile("client="))
    time.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-27")
    expect(page.get_by_label("Time", exact=True)).to_have_value("10:00")
    expect(beside.get_by_role("status")).to_have_text(
        "Friday, November 27, 10:00 AM is filled in. Nothing is saved yet."
    )
    expect(time).to_be_focused()
    assert findings(page) == []
    # An intake is longer: other times are open for it, and what was typed stays.
    page.get_by_label("Type").select_option(label="Intake · 80 min")
    expect(beside.get_by_role("link", name="Friday, November 27, 4:00 PM")).to_have_count(0)
    expect(page.get_by_label("Time", exact=True)).to_have_value("10:00")
    beside.get_by_role("link", name="A week later").click()
    expect(beside.get_by_role("link", name="Friday, December 4, 10:00 AM")).to_be_visible()
    expect(beside.get_by_role("link", name="A week later")).to_be_focused()
    page.get_by_role("button", name="Book appointment").click()
    expect(
        page.get_by_text("Booked: Riley Brooks, Fri, Nov 27 · 10:00 – 11:20 AM. Riley is told.")
    ).to_be_visible()


def test_without_a_script_a_time_is_a_link_to_the_filled_form(
    browser: Browser, site: Site, cast: Cast
) -> None:
    cast.booked()
    context = browser.new_context(java_script_enabled=False)
    site.enter(context, "okafor@harbor.example")
    page = context.new_page()
    page.goto(f"{site.url}/appointments/new/?start=2026-11-27&client={cast.riley.ref}")
    page.get_by_role("link", name="Friday, November 27, 10:00 AM").click()
    expect(page.get_by_label("Time", exact=True)).to_have_value("10:00")
    page.get_by_role("button", name="Book appointment").click()
    expect(
        page.get_by_text("Booked: Riley Brooks, Fri, Nov 27 · 10:00 – 10:50 AM. Riley is told.")
    ).to_be_visible()
    context.close()
