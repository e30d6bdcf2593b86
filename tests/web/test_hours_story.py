"""Hours in a real browser: a day is copied, a date set apart, the open times follow, and what no longer fits is listed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast, new_york
from tests.web.site import Site

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Provider

pytestmark = pytest.mark.browser


def test_from_a_copied_day_to_the_list_of_what_no_longer_fits(page: Page, site: Site, cast: Cast) -> None:
    leaves = cast.booked(new_york(25, 14), client=cast.maya)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/availability/")
    preview = page.get_by_role("region", name="Your next open times")
    before = preview.inner_text()

    monday, wednesday = (page.get_by_role("group", name=day, exact=True) for day in ("Monday", "Wednesday"))
    monday.get_by_label("Until").fill("12:00")
    expect(preview).not_to_have_text(before)
    monday.get_by_text("Copy to other days").click()
    monday.get_by_role("checkbox", name="Wednesday").check()
    monday.get_by_role("button", name="Copy to ticked days").click()
    expect(wednesday.get_by_label("Until")).to_have_value("12:00")
    expect(monday.get_by_text("Copied to Wednesday. Nothing is saved until you save.")).to_be_focused()

    page.get_by_role("button", name="Add a date").click()
    expect(page.get_by_label("Date", exact=True)).to_be_focused()
    page.get_by_label("Date", exact=True).fill("2026-11-26")
    check = page.get_by_role("region", name="Please check")
    expect(check).to_contain_text("Maya Chen · Wed, Nov 25 · 2:00 – 2:50 PM")
    expect(preview).to_contain_text("Not working")

    page.get_by_role("button", name="Save hours").click()
    listed = page.get_by_role("region", name="Appointments outside your hours")
    expect(listed).to_contain_text("Maya Chen")
    expect(listed.get_by_role("link", name="Ask Maya to reschedule")).to_be_visible()
    kept = Provider.objects.get(pk=cast.okafor.pk).availability
    assert [window["end"] for window in kept["weekly"]] == ["12:00", "17:00", "12:00", "17:00", "17:00"]
    assert kept["overrides"] == [{"date": "2026-11-26", "windows": []}]
    assert Appointment.objects.get(pk=leaves.pk).starts_at == leaves.starts_at
