"""A manager's day in a real browser, by keys alone: the team, one appointment, a client by name, the one open request of forty providers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import TUESDAY_AT_ELEVEN, Cast, client_in, new_york, provider_in, time_off
from tests.app.staff_browser import manager
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck.data.people import Provider

pytestmark = pytest.mark.browser
TEAM = "/appointments/?view=calendar&provider=team&date=2026-11-24"


@pytest.fixture
def day(page: Page, site: Site, cast: Cast) -> Page:
    """Sasha's browser: Riley is asked about Tuesday at eleven, Maya comes to Dr. Fischer in Chicago, thirty-eight others work too."""
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    cast.asked(cast.booked())
    cast.booked(new_york(24, 13), client=cast.maya, provider=Provider.objects.get(pk=cast.fischer.pk))
    for number in range(38):
        provider = provider_in(cast.practice, f"Dr. Zed Number{number:02}", f"Dr. Number{number:02}")
        client = client_in(cast.practice, f"Zoë{number}", "Crowd")
        cast.booked(TUESDAY_AT_ELEVEN, client=client, provider=provider)
    time_off(cast.okafor, new_york(24, 14), new_york(24, 17))
    manager(cast)
    site.enter(page.context, "sasha@harbor.example")
    return page


def test_a_managers_day_by_keys_alone(day: Page, site: Site) -> None:
    page, press = day, day.keyboard.press
    page.goto(site.url + TEAM)
    team = page.get_by_role("region", name="Everybody’s appointments")
    expect(team.get_by_role("heading")).to_have_count(40)
    assert findings(page) == []
    # Into the columns, beside to Chicago, and open.
    team.focus()
    press("ArrowDown")
    riley = page.get_by_role("link", name=re.compile("^Riley Brooks"))
    expect(riley).to_be_focused()
    expect(riley).to_contain_text(re.compile("Asked · 4[78] h left"))
    press("ArrowRight")
    maya = page.get_by_role("link", name=re.compile("^Maya Chen"))
    expect(maya).to_be_focused()
    expect(maya).to_contain_text("1:00 (12:00) · Follow-up")
    press("Enter")
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_role("heading", name="Maya Chen")).to_be_visible()
    assert findings(page) == []
    press("Escape")
    expect(maya).to_be_focused()
    # The last of forty is scrolled to, and the hours stay in sight.
    for _column in range(38):
        press("ArrowRight")
    last = page.get_by_role("link", name=re.compile("^Zoë37 Crowd"))
    expect(last).to_be_focused()
    hours, grid = page.locator(".team-hours").bounding_box(), team.bounding_box()
    assert hours is not None
    assert grid is not None
    assert abs(hours["x"] - grid["x"]) <= 1
    # A client by name, without the accent, in the box that a slash opens.
    press("/")
    page.keyboard.type("zoe12")
    found = page.get_by_role("dialog", name="Find a client")
    expect(found.get_by_role("link", name="Zoë12 Crowd")).to_be_visible()
    assert findings(page) == []
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(page.get_by_role("region", name="Appointment details")).to_contain_text("Zoë12 Crowd")
    assert "provider=" in page.url
    # The one that nobody has answered, in two presses.
    page.get_by_role("link", name="Reschedule requests").focus()
    press("Enter")
    page.get_by_role("link", name="Open", exact=True).focus()
    press("Enter")
    table = page.get_by_role("table", name="Reschedule requests")
    expect(table.get_by_role("link", name="Riley Brooks")).to_be_visible()
    # One row under the heading of the open ones.
    expect(table.locator("tbody tr:not(.day-row)")).to_have_count(1)


def test_keys_of_the_team_turn_the_day_and_never_act_while_somebody_types(day: Page, site: Site) -> None:
    page, press = day, day.keyboard.press
    page.goto(site.url + TEAM)
    title = page.locator(".calendar-title h2 .title-long")
    expect(title).to_have_text("Tuesday, November 24")
    page.locator("h1").click()
    press("ArrowRight")
    expect(title).to_have_text("Wednesday, November 25")
    page.wait_for_load_state()
    press("t")
    expect(title).to_have_text("Monday, November 16")
    page.wait_for_load_state()  # the page's own keys come with its script
    press("/")
    page.keyboard.type("t?/")
    expect(page.get_by_role("searchbox")).to_have_value("t?/")
    expect(title).to_have_text("Monday, November 16")
    # A search box with words in it takes the first Escape for itself.
    press("Escape")
    press("Escape")
    expect(page.get_by_role("dialog", name="Find a client")).to_be_hidden()
    press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert findings(page) == []


def test_empty_time_of_a_provider_begins_a_new_appointment_for_them_then(day: Page, site: Site) -> None:
    page = day
    page.goto(site.url + TEAM)
    # Dr. Fischer is in Chicago, an hour earlier: half past two here is half past one there.
    lane = page.locator(".team-lane[data-name='Dr. Fischer']")
    box, hour = lane.bounding_box(), 60 * 1.1
    assert box is not None
    first = int(page.locator(".team-grid").get_attribute("data-first") or "")
    x, y = box["x"] + box["width"] / 2, box["y"] + (14.5 - first) * hour + 5
    page.mouse.click(x, y)
    offer = page.get_by_role("dialog", name="This time is free")
    expect(offer).to_contain_text("Dr. Fischer, Tue, Nov 24, 2:30 – 3:00 PM")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(offer).to_be_hidden()
    expect(page.locator(".team-selection")).to_have_count(0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + hour, steps=3)
    page.mouse.up()
    expect(offer).to_contain_text("2:30 – 4:00 PM")
    offer.get_by_role("link", name="New appointment").click()
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text("Dr. Lena Fischer")
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-24")
    expect(page.get_by_label("Time", exact=True)).to_have_value("13:30")


def test_open_times_of_the_team_are_reached_by_keys_and_go_along_to_other_days(day: Page, site: Site) -> None:
    page, press = day, day.keyboard.press
    page.goto(site.url + TEAM)
    page.locator("summary[aria-label='Open times, canceled, print']").focus()
    press("Enter")
    page.get_by_role("link", name="Show open times").focus()
    press("Enter")
    expect(page.get_by_label("Open times for which type")).to_be_visible()
    assert findings(page) == []
    # Up and down through one provider's day: what is open stands among the appointments.
    page.get_by_role("link", name=re.compile("^Riley Brooks")).focus()
    press("ArrowUp")
    expect(
        page.get_by_role("link", name="Open for Dr. Okafor, 9:00 – 10:50 AM. New appointment")
    ).to_be_focused()
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("^Open for Dr. Okafor"))).to_have_count(1)
    page.get_by_role("link", name="Previous", exact=True).click()
    page.get_by_role("link", name="Open for Dr. Okafor, 9:00 – 10:50 AM. New appointment").focus()
    press("Enter")
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-24")
    expect(page.get_by_label("Time", exact=True)).to_have_value("09:00")


@pytest.mark.parametrize("width", [1440, 768, 320])
def test_the_team_fits_any_screen_and_the_small_month_leads_on(day: Page, site: Site, width: int) -> None:
    page = day
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.url + TEAM)
    expect(page.get_by_role("link", name=re.compile("^Riley Brooks"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width < 900:
        page.locator("summary[aria-label='Jump to a date']").click()
    asked = page.get_by_role("link", name="Tuesday, November 24, 2026, someone is asked").filter(visible=True)
    expect(asked).to_have_count(1)
    page.get_by_role("link", name="Thursday, November 26, 2026").filter(visible=True).click()
    expect(page).to_have_url(re.compile("provider=team&date=2026-11-26"))


def test_a_phones_details_come_from_below_and_leave_the_appointment_in_sight(day: Page, site: Site) -> None:
    page = day
    page.set_viewport_size({"width": 320, "height": 760})
    page.goto(site.url + TEAM)
    riley = page.get_by_role("link", name=re.compile("^Riley Brooks"))
    riley.click()
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_role("heading", name="Riley Brooks")).to_be_visible()
    one, over = riley.bounding_box(), details.bounding_box()
    assert one is not None
    assert over is not None
    assert one["y"] >= 0
    assert one["y"] + one["height"] <= over["y"]
