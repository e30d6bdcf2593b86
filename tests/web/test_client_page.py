"""The client's page as people meet it: on a small phone, with the keyboard alone, without a script, with several appointments."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.app.cast import NOW, Cast, new_york
from tests.app.smtp_server import Mailroom
from tests.web.received_mail import letter, link_in
from tests.web.site import Site

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
PROMPT = "Please choose a new time for your appointment"
SMALL_PHONE = {"width": 320, "height": 640}


def prompted(site: Site, cast: Cast, mailroom: Mailroom, *appointments: Appointment) -> str:
    """Ask Riley about appointments and return the link from the mail."""
    cast.asked(*appointments)
    site.hand_over(NOW)
    message = [
        one
        for one in mailroom.got
        if "riley@clients.example" in str(one["to"]) and "choose" in str(one["subject"])
    ][-1]
    return link_in(message)


def state() -> list[str]:
    return list(RescheduleRequest.objects.order_by("asked_starts_at").values_list("state", flat=True))


def test_without_a_script_a_pick_is_confirmed_on_one_more_page(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked())
    page = browser.new_context(java_script_enabled=False, viewport=SMALL_PHONE).new_page()
    page.goto(link)
    page.get_by_role("button", name="Week after").click()
    page.get_by_role("radio", name="Tuesday, December 1, 8:00 AM").check()
    # Another day is looked at: the choice stands beside it.
    page.get_by_role("button", name="Thu 3").click()
    expect(page.get_by_role("heading", name="Thursday, December 3")).to_be_visible()
    expect(page.get_by_role("radio", name="Tue, Dec 1 8:00 AM")).to_be_checked()
    page.get_by_role("button", name="None of these work").click()
    page.get_by_role("link", name="Go back").click()
    expect(page.get_by_role("radio", name="Tuesday, December 1, 8:00 AM")).to_be_checked()
    page.get_by_role("button", name="Move my appointment", exact=True).click()
    page.get_by_role("button", name="Move my appointment to Tue, Dec 1 at 8:00 AM").click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert (state(), Appointment.objects.get().starts_at) == (["moved"], new_york(1, 11, month=12))
    page.context.close()


def test_after_each_step_of_a_client_the_heading_has_the_focus(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    page.goto(prompted(site, cast, mailroom, cast.booked()))
    expect(page.locator("body")).to_be_focused()
    page.get_by_role("button", name="None of these work").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("textbox").first.fill("Only Fridays.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your message was delivered").first).to_be_visible()
    expect(page.get_by_role("heading", name="Hi Riley, please choose a new time")).to_be_focused()
    page.locator("[data-set=near] input").first.check()
    page.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Add to my calendar")).to_be_focused()


def test_with_the_keyboard_alone_a_time_is_chosen_and_confirmed(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    page.goto(prompted(site, cast, mailroom, cast.booked()))
    in_set = "() => document.activeElement.closest('[data-set]')?.dataset.set"
    press_tab_until(page, "() => document.activeElement.type === 'radio'")
    assert page.evaluate(in_set) == "near"
    press_tab_until(page, "() => document.activeElement.closest('[data-set=day]')")
    # The arrows stay among the times of the open day, all around.
    for _press in range(30):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(in_set) == "day"
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    # Back to the days: Enter opens one, and the choice stays.
    chosen = page.locator("[data-submit]").inner_text()
    page.get_by_role("button", name="Fri 27").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Friday, November 27")).to_be_visible()
    expect(page.get_by_role("button", name="Fri 27")).to_be_focused()
    expect(page.locator("[data-submit]")).to_have_text(chosen)
    press_tab_until(page, "() => document.activeElement.matches('button[data-submit]')")
    expect(page.get_by_role("button", name=re.compile("^Move my appointment to "))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert state() == ["moved"]


def press_tab_until(page: Page, condition: str) -> None:
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError("the keyboard did not get there")


def test_several_appointments_are_answered_one_by_one(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked(), cast.booked(new_york(1, 11, month=12)))
    page = browser.new_context(viewport=SMALL_PHONE).new_page()
    page.goto(link)
    first, second = page.locator("section[data-request]").all()
    expect(first.get_by_role("heading", name=re.compile("November 24"))).to_be_visible()
    expect(second.get_by_role("heading", name=re.compile("December 1"))).to_be_visible()
    taken = first.locator("[data-set=near] input").first
    taken.check()
    # What is chosen for one is not offered for the other, nor what would meet it.
    value = taken.get_attribute("value")
    expect(second.locator(f"input[value='{value}']")).to_be_hidden()
    other = second.locator("[data-set=near] input:visible").last
    other.check()
    kept = other.get_attribute("data-when")
    first.get_by_role("button", name=re.compile("^Move my appointment on Tue, Nov 24 at 8:00 AM to ")).click()
    # Nobody is all set while another appointment waits.
    expect(page.get_by_role("heading", name="This appointment is moved")).to_be_visible()
    assert state() == ["moved", "open"]
    page.get_by_role("link", name="Choose the next time").click()
    expect(
        page.get_by_role("button", name=f"Move my appointment on Tue, Dec 1 at 8:00 AM to {kept}")
    ).to_be_visible()
    page.get_by_role("button", name="Cancel this appointment").click()
    page.get_by_role("button", name=re.compile("Cancel")).first.click()
    expect(page.get_by_text("This appointment was canceled").first).to_be_visible()
    assert state() == ["moved", "declined"]
    page.context.close()


def test_none_of_these_work_reaches_the_provider(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    page.goto(prompted(site, cast, mailroom, cast.booked()))
    page.get_by_role("link", name="None of these work").or_(
        page.get_by_role("button", name="None of these work")
    ).first.click()
    page.get_by_role("textbox").fill("Only evenings work for me, sorry.")
    page.get_by_role("button", name=re.compile("^Send")).click()
    site.hand_over(NOW + timedelta(minutes=10))  # the pages' clock has gone on meanwhile
    assert [one for one in mailroom.got if "okafor@harbor.example" in str(one["to"])] != []
    assert state() == ["open"]
    assert RescheduleRequest.objects.get().client_wrote_at is not None


def test_on_a_small_phone_nothing_sticks_out_and_every_target_is_large(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked())
    page = browser.new_context(viewport=SMALL_PHONE).new_page()
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth") == SMALL_PHONE["width"]
    sizes = page.evaluate(
        "[...document.querySelectorAll('form[data-choose] label, form[data-choose] button')]"
        ".filter(e => e.checkVisibility() && !e.matches('.visually-hidden')).map(e => e.getBoundingClientRect().height)"
    )
    assert [size for size in sizes if size < 44] == []
    page.context.close()


def test_a_link_opened_by_a_mail_scanner_changes_nothing(
    context: BrowserContext, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked())
    for _look in range(3):
        context.request.get(link)
    request = RescheduleRequest.objects.select_related("batch").get()
    assert (request.state, request.batch.opened_at) == ("open", None)
    assert str(letter(mailroom, to="riley@clients.example", subject=PROMPT)["subject"]) == PROMPT
