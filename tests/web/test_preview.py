"""The preview beside the availability form in a real browser: pointing, tapping and arrow keys say what takes an empty time; typing changes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.app.cast import Cast, new_york
from tests.web.site import Site

from raincheck.data.people import Provider

pytestmark = pytest.mark.browser
TAKEN = "2:00 PM: Appointment with Riley Brooks at 2:00 PM."
LATE = "4:30 PM: A session of 50 minutes does not fit before working hours end at 5:00 PM."


def opened(page: Page, site: Site, cast: Cast) -> Locator:
    cast.booked(new_york(18, 14))
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/availability/")
    preview = page.get_by_role("region", name="Your next open times")
    expect(preview).to_contain_text("open times in the next 14 days")
    return preview


def day(preview: Locator, name: str) -> Locator:
    return preview.locator("[data-day]").filter(has=preview.page.get_by_role("heading", name=name))


def time(preview: Locator, name: str, clock: str) -> Locator:
    return day(preview, name).get_by_role("button", name=clock)


def test_an_empty_time_that_is_pointed_at_says_what_takes_it(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    wednesday = day(preview, "Wed, Nov 18")
    time(preview, "Wed, Nov 18", "2:00 PM").hover()
    expect(wednesday.locator("[data-why]")).to_have_text(TAKEN)
    time(preview, "Wed, Nov 18", "4:30 PM").hover()
    expect(wednesday.locator("[data-why]")).to_have_text(LATE)
    wednesday.locator("[data-why] span").hover()
    expect(wednesday.locator("[data-why] span")).to_be_visible()
    page.get_by_role("heading", name="Weekly hours").hover()
    expect(wednesday.locator("[data-why]")).to_be_hidden()


def test_the_arrow_keys_lead_from_one_empty_time_to_the_next(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    expect(preview.locator("button.time[tabindex='0']")).to_have_count(1)
    start = time(preview, "Wed, Nov 18", "1:30 PM")
    start.focus()
    page.keyboard.press("ArrowRight")
    here = time(preview, "Wed, Nov 18", "2:00 PM")
    expect(here).to_be_focused()
    expect(here).to_have_accessible_description("Appointment with Riley Brooks at 2:00 PM.")
    line = day(preview, "Wed, Nov 18").locator("[data-why]")
    expect(line).to_have_text(TAKEN)
    expect(preview.locator("button.time[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()
    page.keyboard.press("End")
    expect(time(preview, "Wed, Nov 18", "5:30 PM")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(day(preview, "Thu, Nov 19").locator("button:focus")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Next two weeks")).to_be_focused()


def test_an_empty_time_that_is_tapped_says_what_takes_it(browser: Browser, site: Site, cast: Cast) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    preview = opened(page, site, cast)
    time(preview, "Wed, Nov 18", "2:00 PM").tap()
    line = day(preview, "Wed, Nov 18").locator("[data-why]")
    expect(line).to_have_text(TAKEN)
    preview.get_by_role("heading", name="Your next open times").tap()
    expect(line).to_be_hidden()
    context.close()


def test_typing_changes_the_open_times_and_saves_nothing(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    before = Provider.objects.get(pk=cast.okafor.pk).availability
    tuesday = page.get_by_role("group", name="Tuesday, hours 1")
    tuesday.get_by_label("Until", exact=True).fill("11:00")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("3 open")
    expect(page.locator("#preview-told")).to_have_text("105 open times in the next 14 days")
    tuesday.get_by_label("Until", exact=True).fill("")
    expect(preview).to_contain_text("Finish typing to see the open times.")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("3 open")
    tuesday.get_by_label("Until", exact=True).fill("17:00")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("15 open")
    expect(preview).not_to_contain_text("Finish typing")
    assert Provider.objects.get(pk=cast.okafor.pk).availability == before


def test_type_and_weeks_are_chosen_without_losing_what_was_typed(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    page.get_by_role("group", name="Tuesday, hours 1").get_by_label("Until", exact=True).fill("11:00")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("3 open")
    preview.get_by_label("For").select_option("Intake · 80 min")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("2 open")
    preview.get_by_role("button", name="Next two weeks").click()
    expect(day(preview, "Tue, Dec 1")).to_contain_text("2 open")
    expect(page).to_have_url(f"{site.url}/availability/")


def test_turning_to_other_weeks_keeps_the_focus(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    later = preview.get_by_role("button", name="Next two weeks")
    for weeks in ("from Mon, Nov 30", "from Mon, Dec 14", "from Mon, Dec 28", "from Mon, Jan 11"):
        later.focus()
        page.keyboard.press("Enter")
        expect(preview).to_contain_text(weeks)
        expect(preview.locator(":focus")).to_have_count(1)
    expect(later).to_have_count(0)
    expect(preview.get_by_role("heading", name="Your next open times")).to_be_focused()


def test_without_a_script_each_day_lists_why_and_a_button_shows_what_was_typed(
    browser: Browser, site: Site, cast: Cast
) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    preview = opened(page, site, cast)
    wednesday = day(preview, "Wed, Nov 18")
    wednesday.get_by_text("Why not the others?").click()
    expect(wednesday).to_contain_text("1:30 PM, 2:00 PM, 2:30 PM Appointment with Riley Brooks at 2:00 PM.")
    page.get_by_role("group", name="Tuesday, hours 1").get_by_label("Until", exact=True).fill("11:00")
    preview.get_by_role("button", name="Next two weeks").click()
    again = page.get_by_role("region", name="Your next open times")
    expect(day(again, "Tue, Dec 1")).to_contain_text("3 open")
    context.close()


def test_typing_leaves_the_list_where_it_was_scrolled_to(page: Page, site: Site, cast: Cast) -> None:
    preview = opened(page, site, cast)
    days = preview.locator(".preview-days")
    days.evaluate("list => list.scrollTop = 500")
    page.get_by_role("group", name="Tuesday, hours 1").get_by_label("Until", exact=True).fill("11:00")
    expect(day(preview, "Tue, Nov 24")).to_contain_text("3 open")
    assert days.evaluate("list => list.scrollTop") == 500
    preview.get_by_role("button", name="Next two weeks").click()
    expect(day(preview, "Tue, Dec 1")).to_be_visible()
    assert days.evaluate("list => list.scrollTop") == 0
