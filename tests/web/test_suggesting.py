"""Times suggested in the ask form's small calendar, by click and by keys, and regretted: nobody was written to."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.app.cast import NOW, Cast, new_york
from tests.app.smtp_server import Mailroom
from tests.web.received_mail import subjects
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.policy import HOUR

pytestmark = pytest.mark.browser
RILEY = "riley@clients.example"


@pytest.fixture
def form(page: Page, site: Site, cast: Cast) -> Page:
    """The form that asks Riley about Tuesday at eleven, before Dr. Okafor."""
    cast.choose()
    appointment = cast.booked()
    cast.booked(new_york(1, 9, month=12), kind=cast.intake)
    cast.booked(new_york(26, 10), client=cast.maya)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/{appointment.ref}/ask/")
    return page


def calendar(page: Page) -> Locator:
    return page.get_by_role("group", name="Suggest times")


def test_three_suggested_by_click_and_keys_sent_and_undone_were_told_to_nobody(
    form: Page, site: Site, mailroom: Mailroom
) -> None:
    site.hand_over(NOW)
    before = subjects(mailroom, to=RILEY)
    page, times, press = form, calendar(form), form.keyboard.press
    page.get_by_role("combobox", name="Reason for rescheduling").select_option(label="Travel")
    times.get_by_role("checkbox", name="Tuesday, November 24, 2:00 PM").check()
    # By keys from there: another day, whose times come in place, and two of them.
    times.get_by_role("button", name=re.compile("^Thu 26")).focus()
    press("Enter")
    expect(times.get_by_role("heading", name="Thursday, November 26")).to_be_visible()
    expect(times.get_by_role("button", name=re.compile("^Thu 26"))).to_be_focused()
    expect(times.get_by_text("10:00 – 10:50 AM: Appointment")).to_be_visible()
    evening = times.get_by_role("checkbox", name=re.compile("^Thursday, November 26, 6:00 PM"))
    for _time in range(60):
        press("Tab")
        if evening.evaluate("one => one === document.activeElement"):
            break
    press("Space")
    press("Tab")
    press("Space")
    kept = page.get_by_role("complementary", name="Before you send").get_by_role("list").first
    expect(kept).to_have_text(
        re.compile(r"Tue, Nov 24 · 2:00 PM\s*Thu, Nov 26 · 6:00 PM\s*Thu, Nov 26 · 6:30 PM")
    )
    assert findings(page) == []
    page.get_by_role("button", name="Send to Riley").last.click()
    expect(page.get_by_text("Riley is asked to choose a new time.")).to_be_visible()
    assert [row.starts_at for row in Hold.objects.order_by("starts_at")] == [
        new_york(24, 14),
        new_york(26, 18),
        new_york(26, 18, 30),
    ]
    page.locator(".messages").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. Nothing was sent to Riley, and the appointment stands.")).to_be_visible()
    site.hand_over(NOW + HOUR)
    assert subjects(mailroom, to=RILEY) == before
    assert (RescheduleRequest.objects.get().state, Hold.objects.count()) == ("undone", 0)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"scheduled"}


def test_ticking_another_appointment_redraws_what_would_fit(form: Page) -> None:
    page, times = form, calendar(form)
    which = page.get_by_role("group", name="Which appointments?")
    follow_up = which.get_by_role("checkbox", name=re.compile("Tue, Nov 24"))
    intake = which.get_by_role("checkbox", name=re.compile("Tue, Dec 1"))
    ten = times.get_by_role("checkbox", name="Tuesday, November 24, 10:00 AM")
    four = times.get_by_role("checkbox", name="Tuesday, November 24, 4:00 PM", exact=True)
    expect(four).to_be_visible()
    expect(ten).to_be_visible()
    expect(times.get_by_text("11:00 – 11:50 AM: The time you ask about")).to_be_visible()
    times.get_by_role("checkbox", name="Tuesday, November 24, 2:00 PM").check()
    times.get_by_text("Another time").click()
    times.get_by_label("Time", exact=True).fill("10:20")
    # An intake is longer, and what is not asked about is in its way.
    intake.check()
    follow_up.uncheck()
    expect(ten).to_have_count(0)
    expect(times.get_by_text("11:00 – 11:50 AM: Appointment")).to_be_visible()
    expect(times.get_by_role("checkbox", name="Tuesday, November 24, 4:00 PM outside hours")).to_be_visible()
    expect(times.get_by_role("checkbox", name="Tuesday, November 24, 2:00 PM")).to_be_checked()
    # The one who ticks stays where they are, and a time that is half typed stays.
    expect(follow_up).to_be_focused()
    expect(times.get_by_label("Time", exact=True)).to_have_value("10:20")
    follow_up.check()
    expect(four).to_be_visible()
    expect(ten).to_be_visible()
    expect(times.get_by_role("button", name=re.compile("^Tue 24"))).to_have_attribute("aria-current", "date")
