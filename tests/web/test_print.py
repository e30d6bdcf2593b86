"""On paper: a page of the list and a day are one sheet each, with provider, place and phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast, new_york
from tests.app.staff_browser import crowd
from tests.web.site import Site

from raincheck.data.people import Client

pytestmark = pytest.mark.browser
SHEETS = ["A4", "Letter"]
HEAD = "Dr. Jo Okafor · Harbor Counseling"


def sheets(page: Page, paper: str) -> int:
    """Return how many pages Chromium makes of a page on this paper."""
    page.emulate_media(media="print")
    made = page.pdf(format=paper)
    page.emulate_media(media="screen")
    return len(re.findall(rb"/Type\s*/Page\b", made))


def seen(page: Page) -> list[str]:
    """Return the lines that are printed."""
    page.emulate_media(media="print")
    said = page.locator("body").inner_text()
    page.emulate_media(media="screen")
    return [" ".join(line.split()) for line in said.splitlines() if line.strip()]


@pytest.fixture
def desk(page: Page, site: Site, cast: Cast) -> Page:
    cast.booked()
    cast.booked(new_york(24, 15), client=cast.maya)
    crowd(cast, range(30))
    Client.objects.update(phone="+12125550142")
    site.enter(page.context, "okafor@harbor.example")
    return page


@pytest.mark.parametrize("paper", SHEETS)
def test_a_page_of_the_list_is_one_sheet(desk: Page, site: Site, paper: str) -> None:
    desk.goto(f"{site.url}/appointments/?view=list")
    assert desk.locator("tbody tr:not(.day-row)").count() == 30
    lines = seen(desk)
    assert lines[0].startswith(HEAD)
    assert sum("(212) 555-0142" in line and "Telehealth" in line for line in lines) == 30
    assert sheets(desk, paper) == 1
    expect(desk.get_by_role("columnheader", name="Phone")).to_be_hidden()


@pytest.mark.parametrize("paper", SHEETS)
def test_a_day_is_one_sheet(desk: Page, site: Site, paper: str) -> None:
    desk.goto(f"{site.url}/appointments/?view=calendar&span=day&date=2026-11-24")
    expect(desk.locator("[data-calendar]")).to_have_attribute("data-state", "ready")
    assert seen(desk) == [
        f"{HEAD} · +1 212 555 0100",
        "Tuesday, November 24, 2026",
        "Time Client Type Where Phone",
        "11:00 – 11:50 AM Riley Brooks Follow-up Telehealth (212) 555-0142",
        "3:00 – 3:50 PM Maya Chen Follow-up Telehealth (212) 555-0142",
    ]
    assert sheets(desk, paper) == 1


def test_an_empty_day_says_so_and_one_that_was_not_loaded_never_looks_empty(desk: Page, site: Site) -> None:
    head, calendar = f"{HEAD} · +1 212 555 0100", desk.locator("[data-calendar]")
    desk.goto(f"{site.url}/appointments/?view=calendar&span=day&date=2026-11-29")
    expect(calendar).to_have_attribute("data-state", "ready")
    assert seen(desk) == [head, "Sunday, November 29, 2026", "Nothing is planned on this day."]
    desk.route("**/calendar.json*", lambda route: route.abort())
    desk.get_by_role("button", name="Week", exact=True).click()
    desk.get_by_role("button", name="Next").click()
    for span in ("week", "day"):
        desk.get_by_role("button", name=span.title(), exact=True).click()
        expect(calendar).to_have_attribute("data-shown", span)
        expect(calendar).to_have_attribute("data-state", "failed")
        assert seen(desk) == [head, "These days could not be read, so do not take them for free ones."]


def test_a_week_is_one_sheet_under_its_providers_name(desk: Page, site: Site) -> None:
    desk.goto(f"{site.url}/appointments/?view=calendar&span=work-week&date=2026-11-24")
    expect(desk.locator("[data-calendar]")).to_have_attribute("data-state", "ready")
    assert seen(desk)[0].startswith(HEAD)
    assert sheets(desk, "A4") == 1
