"""A client's choice of time is never lost: not by days, pages, zones or Back, not by coming late, nor by a slow network."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import FRIDAY_AT_NINE, Cast, new_york
from tests.app.client_browser import handed_over
from tests.app.smtp_server import Mailroom
from tests.web.site import Site
from tests.web.test_client_page import SMALL_PHONE, prompted, state

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
LABEL = "Move my appointment to Fri, Nov 27 at 6:00 AM"


def chosen_on_friday(page: Page, link: str) -> None:
    """Open the page and choose Friday at nine, which is none of the nearest."""
    page.goto(link)
    page.get_by_role("button", name="Fri 27").click()
    page.get_by_role("radio", name="Friday, November 27, 6:00 AM").check()
    expect(page.get_by_role("button", name=LABEL)).to_be_visible()


def test_the_choice_stays_whatever_is_looked_at_and_wherever_one_goes(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    move, radio = page.get_by_role("button", name=LABEL), page.get_by_role("radio", checked=True)
    for way in ("Week after", "Thu 3", "Week before"):
        page.get_by_role("button", name=way).click()
        expect(page.locator("form[data-choose]")).not_to_have_attribute("aria-busy", "true")
        expect(move).to_be_visible()
        expect(radio).to_have_count(1)
    page.reload()
    expect(move).to_be_visible()
    page.get_by_role("button", name="None of these work").click()
    page.get_by_role("link", name="Go back").click()
    expect(move).to_be_visible()
    page.get_by_role("button", name="Cancel this appointment").click()
    # Nobody goes back from a page that has not come yet.
    page.get_by_role("textbox").wait_for()
    page.go_back()
    expect(move).to_be_visible()
    # Another zone: the same instant in other words.
    page.get_by_role("button", name="Change the time zone").click()
    page.get_by_role("combobox").select_option("Europe/London")
    page.get_by_role("button", name="Show these times").click()
    london = page.get_by_role("button", name="Move my appointment to Fri, Nov 27 at 2:00 PM")
    expect(london).to_be_visible()
    expect(radio).to_have_count(1)
    london.click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


def test_in_place_of_a_lost_time_stand_those_close_to_it(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    page.get_by_role("button", name=LABEL).click()
    said = page.get_by_role("status").filter(has_text="Fri, Nov 27 at 6:00 AM was just taken.")
    expect(said).to_be_visible()
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)
    said.get_by_role("radio", name="Fri, Nov 27 7:00 AM").check()
    page.reload()
    page.get_by_role("button", name="Move my appointment to Fri, Nov 27 at 7:00 AM").click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert (state(), Appointment.objects.get(client=cast.riley).starts_at) == (["moved"], new_york(27, 10))


@pytest.mark.parametrize("way", ["press", "open again"])
def test_coming_late_offers_the_chosen_time_where_it_is_still_free(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom, way: str
) -> None:
    link = prompted(site, cast, mailroom, cast.booked())
    chosen_on_friday(page, link)
    request = handed_over(RescheduleRequest.objects.get())
    late = request.deadline_at + timedelta(minutes=2)
    sweep(now=late)
    site.set_clock(late)
    if way == "press":
        page.get_by_role("button", name=LABEL).click()
    else:
        page.goto(link)
    expect(page.get_by_role("heading", name="Fri 6:00 AM is still free. Book it?")).to_be_visible()
    expect(page.get_by_role("heading", name="This appointment was canceled")).to_be_visible()
    page.get_by_role("button", name="Book Fri, Nov 27 at 6:00 AM").click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert Appointment.objects.get(status="scheduled").starts_at == FRIDAY_AT_NINE


def test_while_it_is_sent_the_button_says_so_and_a_second_press_does_nothing(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    said: list[str] = []
    picks: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: picks.append(request.url) if request.method == "POST" else None)
    # The answer may come before anybody could look: what the button said is written down by the page itself.
    page.evaluate(
        """() => {
          const button = document.querySelector("[data-submit]");
          new MutationObserver(() => console.log(button.textContent)).observe(button, { childList: true });
          button.click();
          button.click();
        }"""
    )
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert (said, len(picks)) == (["Moving…"], 1)
    assert Appointment.objects.get().ical_sequence == 1


def test_the_question_about_the_zone_remembers_keep_and_asks_only_where_one_chooses(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked())
    page = browser.new_context(viewport=SMALL_PHONE, timezone_id="Europe/London").new_page()
    page.goto(link)
    question = page.get_by_text("Your device uses London time. Show that?")
    expect(question).to_be_visible()
    expect(page.get_by_text("Our messages will use it too.")).to_be_visible()
    page.get_by_role("button", name="Keep Los Angeles time").click()
    expect(question).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Move my appointment")).to_be_visible()
    expect(question).to_be_hidden()
    other = browser.new_context(timezone_id="Asia/Tokyo").new_page()
    cast.pick(RescheduleRequest.objects.get())
    other.goto(link)
    expect(other.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    expect(other.get_by_text("Your device uses")).to_have_count(0)
    page.context.close()
    other.context.close()


def test_with_letters_twice_as_large_nothing_sticks_out(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked(), cast.booked(new_york(1, 11, month=12)))
    page = browser.new_context(viewport=SMALL_PHONE, timezone_id="Europe/London").new_page()
    page.goto(link)
    page.get_by_role("button", name=re.compile("All open times")).first.click()
    expect(page.get_by_role("button", name="Week after")).to_be_visible()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") == SMALL_PHONE["width"]
    page.context.close()


def test_the_other_times_of_a_long_day_are_reached_by_keyboard_and_lose_no_choice(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    round_the_clock = [{"weekday": day, "start": "00:00", "end": "00:00", "places": []} for day in range(7)]
    cast.okafor.availability = {"weekly": round_the_clock, "overrides": []}
    cast.okafor.grid_step = timedelta(minutes=15)
    cast.okafor.save(update_fields=["availability", "grid_step"])
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    assert page.get_by_role("radio").count() <= 60
    page.get_by_role("button", name="Later times on this day").press("Enter")
    expect(page.get_by_role("radio", name="Friday, November 27, 11:45 PM")).to_be_visible()
    expect(page.get_by_role("heading", name="Friday, November 27")).to_be_focused()
    expect(page.get_by_role("button", name=LABEL)).to_be_visible()
    assert page.get_by_role("radio").count() <= 60
    page.get_by_role("button", name="Earlier times on this day").press("Enter")
    expect(page.get_by_role("radio", name="Friday, November 27, 6:00 AM")).to_be_checked()


def test_two_appointments_are_chosen_for_without_a_script(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    link = prompted(site, cast, mailroom, cast.booked(), cast.booked(new_york(1, 11, month=12)))
    page = browser.new_context(java_script_enabled=False, viewport=SMALL_PHONE).new_page()
    page.goto(link)
    first, second = page.locator("section[data-request]").all()
    first.get_by_role("radio").first.check()
    second.get_by_role("radio").last.check()
    when = second.get_by_role("radio").last.get_attribute("data-when")
    first.get_by_role("button", name="Move my appointment on Tue, Nov 24").click()
    page.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
    expect(page.get_by_role("heading", name="This appointment is moved")).to_be_visible()
    page.get_by_role("link", name="Choose the next time").click()
    expect(page.locator(f"input[data-when='{when}']").first).to_be_checked()
    page.get_by_role("button", name="Move my appointment on Tue, Dec 1").click()
    page.get_by_role("button", name=re.compile(f"^Move my appointment to {re.escape(when or '')}$")).click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    assert state() == ["moved", "moved"]
    page.context.close()


def test_a_page_that_comes_back_after_the_move_never_says_moving(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    page.get_by_role("button", name=LABEL).click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    page.go_back()
    button = page.locator("[data-submit]").or_(page.get_by_role("heading", name="You're all set, Riley"))
    expect(button.first).to_be_visible()
    expect(page.get_by_text("Moving…")).to_have_count(0)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


def test_on_a_line_that_breaks_a_day_is_opened_the_browsers_own_way(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    page.route(
        "**/choose/*/?*",
        lambda route: route.abort() if route.request.resource_type == "xhr" else route.continue_(),
    )
    page.get_by_role("button", name="Mon 23").click()
    expect(page.get_by_role("heading", name="Monday, November 23")).to_be_visible()
    expect(page.get_by_role("button", name=LABEL)).to_be_visible()


def test_back_leads_from_writing_to_the_day_and_the_choice(
    page: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    chosen_on_friday(page, prompted(site, cast, mailroom, cast.booked()))
    page.get_by_role("button", name="Mon 23").click()
    expect(page.get_by_role("heading", name="Monday, November 23")).to_be_visible()
    page.get_by_role("button", name="None of these work").click()
    page.get_by_role("textbox").wait_for()
    page.go_back()
    expect(page.get_by_role("heading", name="Monday, November 23")).to_be_visible()
    expect(page.get_by_role("button", name=LABEL)).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)


@pytest.mark.parametrize("scripted", [True, False])
def test_enter_on_a_time_never_acts_for_another_appointment(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom, scripted: bool
) -> None:
    link = prompted(site, cast, mailroom, cast.booked(), cast.booked(new_york(1, 11, month=12)))
    page = browser.new_context(java_script_enabled=scripted).new_page()
    page.goto(link)
    first, second = page.locator("section[data-request]").all()
    first.get_by_role("radio").first.check()
    chosen = second.get_by_role("radio").last
    chosen.check()
    when = chosen.get_attribute("data-when")
    chosen.press("Enter")
    if scripted:
        expect(page.get_by_role("heading", name="This appointment is moved")).to_be_visible()
    else:
        # Without a script it acts for none, and keeps what is chosen for both.
        page.wait_for_url(re.compile(r"\?start-"))
        expect(page.get_by_role("radio", checked=True)).to_have_count(2)
        expect(page.locator(f"input[data-when='{when}']").last).to_be_checked()
    assert state() == (["open", "moved"] if scripted else ["open", "open"])
    page.context.close()
