"""Open times behind the calendar, in a real browser: shown when asked for, remembered, in words for whoever listens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast, new_york
from tests.web.site import Site
from tests.web.test_accessibility import findings

pytestmark = pytest.mark.browser


def test_the_calendar_shows_the_open_times_of_a_type_and_remembers_it(
    page: Page, site: Site, cast: Cast
) -> None:
    for hour in (9, 11, 12, 13, 14):
        cast.booked(new_york(24, hour), client=cast.maya)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/?view=calendar&span=day&date=2026-11-24")
    more = page.locator("summary[aria-label='Open times, canceled, print']")
    show = page.get_by_role("button", name="Show open times")
    more.click()
    stretches = page.locator(".calendar-event.open .visually-hidden")
    expect(show).to_have_attribute("aria-pressed", "false")
    expect(stretches).to_have_count(0)

    show.focus()
    page.keyboard.press("Enter")
    said = ["Open, Tuesday, November 24, 10:00 – 10:50 AM", "Open, Tuesday, November 24, 3:00 – 4:50 PM"]
    expect(page.get_by_role("status").filter(has_text="Open times in view: 4")).to_be_visible()
    expect(stretches).to_have_text(said)
    assert findings(page) == []

    page.get_by_role("combobox", name="Open times for which type").select_option(label="Intake · 80 min")
    expect(stretches).to_have_text(["Open, Tuesday, November 24, 3:00 – 4:50 PM"])
    page.reload()
    expect(stretches).to_have_text(["Open, Tuesday, November 24, 3:00 – 4:50 PM"])
    more.click()
    show.click()
    expect(stretches).to_have_count(0)
