"""The whole job in a real browser: asked, picked, moved; asked, silent, cancelled; or written to, and no time found."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.smtp_server import Mailroom
from tests.web.received_mail import letter, link_in, subjects, text_of
from tests.web.site import Site

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.notifications.formats import long_day_and_time

pytestmark = pytest.mark.browser
PROMPT = "Please choose a new time for your appointment"
LATER = timedelta(minutes=1)
WORD = "I can do mornings before nine, or meet by video on Friday."


def ask_riley(page: Page, site: Site) -> None:
    """Go the provider's way from the calendar to the sent request, by the words on the page."""
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/?view=calendar&date=2026-11-24")
    page.get_by_role("link", name=re.compile(r"Riley Brooks.*11:00.*Follow-up")).or_(
        page.get_by_role("button", name=re.compile(r"Riley Brooks.*11:00.*Follow-up"))
    ).first.click()
    details = page.get_by_role("region", name="Appointment details")
    details.get_by_role("button", name="Edit Appointment").click()
    details.get_by_role("menuitem", name=re.compile("^Ask Riley to reschedule")).click()
    expect(page.get_by_role("group", name="Which appointments?")).to_be_visible()
    page.get_by_role("combobox", name="Reason for rescheduling").select_option(label="Court or legal duty")
    page.get_by_role("textbox", name=re.compile("^Note to Riley")).fill(
        "I have to be in court on Tuesday morning."
    )
    expect(page.get_by_role("checkbox", name=re.compile("^Block this time as out of office"))).to_be_checked()
    page.get_by_role("button", name="Send to Riley").click()
    expect(page.get_by_text(re.compile("Asked · 4[78] h left")).first).to_be_visible()


def test_from_the_providers_click_over_the_mailed_link_to_the_new_time(
    page: Page, browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    appointment = cast.booked()
    ask_riley(page, site)
    site.hand_over(NOW + LATER)
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, timezone_id="America/Los_Angeles"
    ).new_page()
    phone.goto(link_in(letter(mailroom, to="riley@clients.example", subject=PROMPT)))
    expect(phone.get_by_role("heading", name="Hi Riley, please choose a new time")).to_be_visible()
    assert re.fullmatch(rf"{site.url}/choose/[0-9a-f-]{{36}}/", phone.url)
    phone.get_by_role("button", name="Week after").click()
    phone.get_by_role("radio", name="Tuesday, December 1, 8:00 AM").check()
    phone.get_by_role("button", name="Move my appointment to Tue, Dec 1 at 8:00 AM").click()
    expect(phone.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    moved = Appointment.objects.get(pk=appointment.pk)
    assert (moved.status, moved.starts_at, moved.ical_sequence) == ("scheduled", new_york(1, 11, month=12), 1)
    page.goto(f"{site.url}/appointments/?view=calendar&date=2026-12-01")
    expect(page.get_by_role("link", name=re.compile("Riley Brooks.*11:00")).first).to_be_visible()
    site.hand_over(NOW + 2 * LATER)
    assert len(subjects(mailroom, to="okafor@harbor.example")) == 1
    phone.context.close()


def test_silence_until_the_deadline_cancels_tells_both_and_offers_a_new_time(
    page: Page, browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    appointment = cast.booked()
    ask_riley(page, site)
    site.hand_over(NOW + LATER)
    link = link_in(letter(mailroom, to="riley@clients.example", subject=PROMPT))
    over = RescheduleRequest.objects.get().deadline_at + LATER
    site.set_clock(over)
    try:
        assert sweep(now=over)["request lapsed"] == 1
        site.hand_over(over)
        row = Appointment.objects.get(pk=appointment.pk)
        assert (row.status, row.cancelled_why, row.starts_at) == (
            "cancelled",
            "reschedule_unanswered",
            TUESDAY_AT_ELEVEN,
        )
        assert len(subjects(mailroom, to="okafor@harbor.example")) == 1
        phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        phone.goto(link)
        expect(phone.get_by_text("This appointment was canceled").first).to_be_visible()
        phone.get_by_role("link", name="Book a new time").first.click()
        phone.get_by_role("radio").first.check()
        phone.get_by_role("button", name=re.compile("^Book")).first.click()
        expect(phone.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
        assert Appointment.objects.filter(status="scheduled").count() == 1
        phone.context.close()
    finally:
        site.set_clock(NOW)


@pytest.mark.verify
def test_none_of_these_work_is_heard_and_ends_without_blame_when_no_time_is_found(
    page: Page, browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    appointment = cast.booked()
    ask_riley(page, site)
    site.hand_over(NOW + LATER)
    phone = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    phone.goto(link_in(letter(mailroom, to="riley@clients.example", subject=PROMPT)))
    phone.get_by_role("button", name="None of these work").click()
    phone.get_by_role("textbox", name="In your words").fill(WORD)
    phone.get_by_role("button", name="Send").click()
    receipt = phone.get_by_role("status").filter(has_text="Your message was delivered")
    expect(receipt.get_by_text(WORD)).to_be_visible()
    request = RescheduleRequest.objects.get()
    until = long_day_and_time(request.deadline_at, "America/Los_Angeles", now=NOW)
    told = f"If no time is found by {until} (Los Angeles time), this appointment is canceled, no charge."
    expect(phone.get_by_text(told)).to_be_visible()
    # The provider reads it where it was written, and hears of it once.
    site.hand_over(NOW + 2 * LATER)
    letter(mailroom, to="okafor@harbor.example", subject="A client needs other times")
    page.goto(f"{site.url}/home/")
    expect(page.get_by_text("Riley wrote while choosing a new time.")).to_be_visible()
    page.goto(f"{site.url}/messages/")
    page.get_by_role("link", name=re.compile("Riley Brooks")).click()
    expect(page.get_by_text(WORD)).to_be_visible()
    over = request.deadline_at + LATER
    try:
        # Due at night, it comes the evening before.
        reminded = new_york(17, 23)
        site.set_clock(reminded)
        sweep(now=reminded)
        site.hand_over(reminded)
        reminder = letter(
            mailroom, to="riley@clients.example", subject="Reminder: your appointment still needs a new time"
        )
        assert f"Your message was delivered; messages are read on working days. {told}" in text_of(reminder)
        site.set_clock(over)
        assert sweep(now=over)["request lapsed"] == 1
        site.hand_over(over)
        row = Appointment.objects.get(pk=appointment.pk)
        assert (row.status, row.cancelled_why) == ("cancelled", "reschedule_no_time")
        ended = text_of(
            letter(mailroom, to="riley@clients.example", subject="Your appointment was canceled, no charge")
        )
        phone.reload()
        expect(phone.get_by_role("heading", name="This appointment was canceled")).to_be_visible()
        expect(phone.get_by_text("We are sorry: no time was found by")).to_be_visible()
        page.reload()
        card = page.get_by_text("No time was found, so the appointment was canceled")
        expect(card).to_be_visible()
        assert "We are sorry: no time was found by" in ended
        blame = re.compile(
            "hadn't heard|not answered|did not choose|No time was chosen|unanswered", re.IGNORECASE
        )
        said = [ended, phone.locator("main").inner_text(), page.locator("main").inner_text()]
        assert [blame.search(one) for one in said] == [None] * 3
        phone.get_by_role("link", name="Book a new time").click()
        expect(phone.get_by_role("heading", name="Nearest good times")).to_be_visible()
        phone.context.close()
    finally:
        site.set_clock(NOW)
