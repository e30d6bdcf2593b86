"""The forms of hours and of time off answer while somebody types: a night is asked about, places and whole days say what counts."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.app.cast import Cast
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck.data.appointments.places import Place

pytestmark = pytest.mark.browser


def test_a_night_is_asked_about_as_soon_as_it_is_typed(
    site: Site, context: BrowserContext, page: Page, cast: Cast
) -> None:
    site.enter(context, "okafor@harbor.example")
    page.goto(f"{site.url}/availability/")
    monday = page.get_by_role("group", name="Monday, hours 1")
    night = monday.get_by_role("checkbox", name="This opens Monday night until")
    expect(night).to_have_count(0)
    monday.get_by_label("Until", exact=True).fill("08:00")
    expect(monday.get_by_label("This opens Monday night until 8 AM")).not_to_be_checked()
    night.check()
    # The tick was for eight, not for half past.
    monday.get_by_label("Until", exact=True).fill("08:30")
    expect(monday.get_by_label("This opens Monday night until 8:30 AM")).not_to_be_checked()
    page.get_by_role("button", name="Save hours").last.click()
    expect(page.get_by_role("alert")).to_contain_text("These hours end on the next day, at 8:30 AM.")
    monday.get_by_label("This opens Monday night until 8:30 AM").check()
    page.get_by_role("button", name="Save hours").last.click()
    expect(page.get_by_text("Your hours are saved.")).to_be_visible()
    expect(monday.get_by_label("This opens Monday night until 8:30 AM")).to_be_checked()


def test_a_first_week_without_hours_can_be_read_by_keyboard(
    site: Site, context: BrowserContext, page: Page, cast: Cast
) -> None:
    cast.okafor.availability = {}
    cast.okafor.save(update_fields=["availability"])
    site.enter(context, "okafor@harbor.example")
    page.goto(f"{site.url}/availability/")
    expect(page.get_by_text("0 open times in the next 14 days")).to_be_visible()
    assert findings(page) == []


def test_hours_read_every_place_as_soon_as_no_place_is_ticked(
    site: Site, context: BrowserContext, page: Page, cast: Cast
) -> None:
    Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    site.enter(context, "okafor@harbor.example")
    page.goto(f"{site.url}/availability/")
    monday = page.get_by_role("group", name="Monday, hours 1")
    every = monday.get_by_text("every place")
    expect(every).to_be_visible()
    monday.get_by_label("Room 2").check()
    expect(every).to_be_hidden()
    monday.get_by_label("Room 2").uncheck()
    expect(every).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_whole_days_hide_the_clock_fields(
    site: Site, context: BrowserContext, cast: Cast, script: bool
) -> None:
    site.enter(context, "okafor@harbor.example")
    browser = context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=script, storage_state=context.storage_state()) as opened:
        page = opened.new_page()
        page.goto(f"{site.url}/appointments/block/")
        starts, whole = page.get_by_label("Starts at"), page.get_by_label("Whole days")
        expect(starts).to_be_visible()
        starts.fill("")
        whole.check()
        for field in ("Starts at", "Ends at"):
            expect(page.get_by_label(field)).to_be_hidden()
        page.get_by_role("button", name="Block this time").click()
        expect(page.get_by_text("Blocked: Mon, Nov 16")).to_be_visible()
