"""Holds as two clients see them, each in a browser of their own: one holds a time, the other's open page loses it and gets it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import handed_over, mint
from tests.web.site import Site

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
HELD = re.compile(r"^Held for you · \d:\d\d left$")


@contextmanager
def page_of(browser: Browser, site: Site, about: RescheduleRequest | Appointment) -> Iterator[Page]:
    """Open a client's page in a browser of their own."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en-US")
    context.set_default_timeout(15_000)
    page = context.new_page()
    # Runs like any other until a test lets minutes pass.
    page.clock.install()
    _link, token = mint(about if isinstance(about, Appointment) else about.batch)
    page.goto(f"{site.url}/r/{token}/")
    try:
        yield page
    finally:
        context.close()


@pytest.fixture
def rileys(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked(new_york(24, 11))))


@pytest.fixture
def mayas(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked(new_york(24, 13), client=cast.maya)))


def near(page: Page) -> list[str]:
    return [str(one.get_attribute("value")) for one in page.locator("[data-set=near] input").all()]


def near_both(one: Page, other: Page) -> str:
    """Return a time that stands on both pages."""
    theirs = near(other)
    return next(value for value in near(one) if value in theirs)


def choose(page: Page, value: str) -> None:
    page.locator(f"[data-set=near] input[value='{value}']").check()


def test_a_choice_that_rested_is_held_and_shown(
    browser: Browser, site: Site, rileys: RescheduleRequest
) -> None:
    with page_of(browser, site, rileys) as page:
        times = page.locator("[data-set=near] input")
        # Whoever walks on holds nothing of what they passed by.
        times.nth(0).check()
        times.nth(1).check()
        expect(page.get_by_text(HELD)).to_be_visible()
        value = times.nth(1).get_attribute("value")
        assert [f"{row.starts_at:%Y-%m-%dT%H:%MZ}" for row in Hold.objects.all()] == [value]
        said = page.locator("[data-hold-said]")
        expect(said).to_have_text(re.compile(r" is held for you until \d+:\d\d [AP]M\.$"))
        page.get_by_role("button", name="Hold longer").click()
        # Another button in its place, with the focus.
        expect(page.locator("[data-longer]:not([aria-disabled])")).to_be_focused()
        assert Hold.objects.get().renewals == 1
        page.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
        expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert (Hold.objects.count(), f"{Appointment.objects.get().starts_at:%Y-%m-%dT%H:%MZ}") == (0, value)


def test_another_clients_open_page_loses_a_held_time_in_place_and_gets_it_back(
    browser: Browser, site: Site, rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    with page_of(browser, site, mayas) as hers, page_of(browser, site, rileys) as mine:
        value = near_both(mine, hers)
        hers.evaluate("() => { window.isTheSamePage = true; }")
        choose(mine, value)
        expect(mine.get_by_text(HELD)).to_be_visible()
        expect(hers.locator(f"[data-set] input[value='{value}']")).to_have_count(0)
        mine.goto("about:blank")
        expect(hers.locator(f"[data-set] input[value='{value}']").first).to_be_attached()
        assert hers.evaluate("() => window.isTheSamePage") is True
        assert Hold.objects.count() == 0


def test_of_two_clients_at_one_time_the_second_is_told_and_keeps_her_page(
    browser: Browser, site: Site, rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    with page_of(browser, site, rileys) as mine, page_of(browser, site, mayas) as hers:
        value = near_both(mine, hers)
        choose(hers, value)
        expect(hers.get_by_text(HELD)).to_be_visible()
        choose_anyway = f"input[value='{value}']"
        expect(mine.locator(choose_anyway)).to_have_count(0)
        hers.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
        expect(hers.get_by_role("heading", name="You're all set, Maya")).to_be_visible()
        expect(mine.locator(choose_anyway)).to_have_count(0)
    assert RescheduleRequest.objects.get(pk=rileys.pk).state == "open"


def test_a_hold_that_ends_loses_nothing_until_somebody_takes_the_time(
    browser: Browser, site: Site, cast: Cast, rileys: RescheduleRequest
) -> None:
    with page_of(browser, site, rileys) as page:
        value = near(page)[0]
        choose(page, value)
        expect(page.get_by_text(HELD)).to_be_visible()
        button = page.get_by_role("button", name=re.compile("^Move my appointment to "))
        label = button.inner_text()
        page.clock.fast_forward(6 * 60 * 1000)
        expect(page.get_by_text("No longer held for you.").first).to_be_visible()
        expect(button).to_have_text(label)
        assert sweep(now=NOW + timedelta(minutes=7))["hold ended"] == 1
        cast.booked(datetime.fromisoformat(value), client=cast.maya)
        expect(
            page.get_by_text(re.compile("is not open any more. Nothing has changed")).first
        ).to_be_visible()


def test_who_moves_their_own_appointment_holds_a_time_and_others_lose_it(
    browser: Browser, site: Site, cast: Cast, mayas: RescheduleRequest
) -> None:
    row = cast.booked(new_york(24, 11))
    with page_of(browser, site, mayas) as hers, page_of(browser, site, row) as mine:
        mine.goto(f"{site.url}/my-appointment/{row.ref}/move/")
        value = near_both(mine, hers)
        for page in (mine, hers):
            page.evaluate("() => { window.isTheSamePage = true; }")
        choose(mine, value)
        expect(mine.get_by_text(HELD)).to_be_visible()
        expect(hers.locator(f"[data-set] input[value='{value}']")).to_have_count(0)
        other = near_both(mine, hers)
        choose(hers, other)
        expect(mine.locator(f"[data-set] input[value='{other}']")).to_have_count(0)
        expect(mine.get_by_text(HELD)).to_be_visible()
        assert [page.evaluate("() => window.isTheSamePage") for page in (mine, hers)] == [True, True]
        mine.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
        expect(mine.get_by_text("Your appointment was moved.")).to_be_visible()
    row.refresh_from_db()
    assert f"{row.starts_at:%Y-%m-%dT%H:%MZ}" == value
    assert not Hold.objects.filter(client=cast.riley).exists()
