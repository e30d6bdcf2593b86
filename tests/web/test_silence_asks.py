"""A type whose silence asks a person, from the setting to the call: nobody answers, nothing is canceled, and somebody rings."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import NOW, Cast
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import manager
from tests.web.received_mail import letter, link_in, subjects, text_of
from tests.web.site import Site
from tests.web.test_accessibility import findings
from tests.web.test_stories import LATER, PROMPT, ask_riley

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
RILEY = "riley@clients.example"
PROMISED = "Harbor Counseling will get in touch with you."


def test_a_silent_client_whose_type_asks_a_person_keeps_the_time_and_is_called(
    page: Page, browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    manager(cast)
    cast.riley.phone = "+12135550142"
    cast.riley.save(update_fields=["phone"])
    row = cast.booked()
    site.enter(page.context, "sasha@harbor.example")
    page.goto(f"{site.url}/practice/types/{cast.follow_up.ref}/")
    page.get_by_label("If a client who is asked doesn't answer").select_option(
        label="ask a person, and let it stand until then"
    )
    page.get_by_role("button", name="Save the type").click()
    page.context.clear_cookies()
    ask_riley(page, site)
    site.hand_over(NOW + LATER)
    prompt = letter(mailroom, to=RILEY, subject=PROMPT)
    assert f"If you don't choose by then, {PROMISED}" in " ".join(text_of(prompt).split())
    phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(link_in(prompt))
    expect(phone.get_by_text(f"If you don't choose by then, {PROMISED}")).to_be_visible()
    over = RescheduleRequest.objects.get().deadline_at + timedelta(minutes=3)
    before = subjects(mailroom, to=RILEY)
    try:
        site.set_clock(over)
        sweep(now=over)
        site.hand_over(over)
        assert Appointment.objects.get().status == "scheduled"
        assert subjects(mailroom, to=RILEY) == before
        phone.reload()
        expect(phone.get_by_text("This appointment isn't settled.")).to_be_visible()
        page.goto(f"{site.url}/home/")
        task = page.get_by_role("listitem").filter(has_text="was told that silence cancels nothing")
        expect(task.get_by_role("link", name=re.compile("^Call "))).to_have_attribute(
            "href", "tel:+12135550142"
        )
        assert findings(page) == []
        # Riley is on the phone, and a time is found.
        task.get_by_role("link", name="Pick with Riley").click()
        expect(page.get_by_role("link", name=re.compile("^Call "))).to_be_visible()
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name=re.compile("^Move Riley's appointment to ")).click()
        expect(page.get_by_text("Moved").first).to_be_visible()
        page.goto(f"{site.url}/home/")
        expect(task).to_have_count(0)
        phone.reload()
        expect(phone.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
        assert (Appointment.objects.get().status, RescheduleRequest.objects.get().state) == (
            "scheduled",
            "moved",
        )
        assert Appointment.objects.get().starts_at != row.starts_at
    finally:
        site.set_clock(NOW)
        phone.context.close()
