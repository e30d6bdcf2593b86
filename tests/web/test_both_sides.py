"""A provider and a client at the same request or appointment, each in a browser of their own: what one does, both see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import handed_over
from tests.app.smtp_server import Mailroom
from tests.web.received_mail import subjects
from tests.web.site import Site
from tests.web.test_accessibility import findings
from tests.web.test_holds import HELD, choose, near, page_of
from tests.web.test_stories import ask_riley

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
RILEY = "riley@clients.example"
AN_HOUR = timedelta(hours=1)
AT_TWO, AT_SIX = new_york(26, 14), new_york(26, 18)


@pytest.fixture
def rileys(browser: Browser, site: Site, cast: Cast) -> Iterator[Page]:
    """Riley's phone, signed in to the portal."""
    context = browser.new_context(viewport=PHONE, locale="en-US", timezone_id="America/Los_Angeles")
    context.set_default_timeout(15_000)
    site.enter(context, RILEY)
    yield context.new_page()
    context.close()


def stands(*, sequence: int = 0) -> bool:
    """Return whether the one appointment has the time it was booked for."""
    row = Appointment.objects.get()
    return (row.status, row.starts_at, row.ical_sequence) == ("scheduled", TUESDAY_AT_ELEVEN, sequence)


def press_undo(page: Page) -> None:
    page.locator(".messages").get_by_role("button", name="Undo").click()


def test_an_ask_undone_before_the_open_page_was_seen_was_never_sent(
    page: Page, rileys: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    cast.choose()
    cast.booked()
    site.hand_over(NOW)
    before = subjects(mailroom, to=RILEY)
    ask_riley(page, site)
    # Only looked at: the page reports two seconds later that somebody has it before them, and its clock stands still.
    rileys.clock.install(time=NOW)
    rileys.clock.pause_at(NOW + timedelta(seconds=1))
    rileys.goto(f"{site.url}/portal/")
    rileys.get_by_role("link", name="Choose a new time").click()
    expect(rileys.get_by_role("heading", name="Hi Riley, please choose a new time")).to_be_visible()
    press_undo(page)
    expect(page.get_by_text("Undone. Nothing was sent to Riley, and the appointment stands.")).to_be_visible()
    rileys.clock.resume()
    expect(rileys.get_by_role("heading", name="Your original time stands")).to_be_visible()
    expect(rileys.get_by_text("You don't need to choose a new time any more.")).to_be_visible()
    site.hand_over(NOW + AN_HOUR)
    assert subjects(mailroom, to=RILEY) == before
    assert (RescheduleRequest.objects.get().state, stands()) == ("undone", True)
    assert not OutOfOffice.objects.filter(removed_at__isnull=True).exists()


def test_an_answer_to_an_ask_that_was_undone_says_how_things_stand(
    page: Page, browser: Browser, site: Site, cast: Cast
) -> None:
    cast.choose()
    cast.booked()
    ask_riley(page, site)
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    site.enter(context, RILEY)
    phone = context.new_page()
    phone.goto(f"{site.url}/portal/")
    phone.get_by_role("link", name="Choose a new time").click()
    phone.get_by_role("radio").first.check()
    press_undo(page)
    expect(page.get_by_text("Undone. ")).to_be_visible()
    phone.get_by_role("button", name="Move my appointment", exact=True).click()
    expect(phone.get_by_role("heading", name="Your original time stands")).to_be_visible()
    expect(phone.get_by_text("This was settled before your answer came in.")).to_be_visible()
    assert (RescheduleRequest.objects.get().state, stands()) == ("undone", True)
    context.close()


def test_undo_is_refused_once_the_client_has_seen_it_and_the_client_goes_on(
    page: Page, rileys: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    cast.choose()
    cast.booked()
    site.hand_over(NOW)
    before = subjects(mailroom, to=RILEY)
    ask_riley(page, site)
    rileys.goto(f"{site.url}/portal/")
    with rileys.expect_response(re.compile("/opened/$")):
        rileys.get_by_role("link", name="Choose a new time").click()
    press_undo(page)
    sentence = "Riley has seen it or answered it already, so it can't be undone. Nothing was changed."
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    # Riley notices nothing, and answers.
    value = near(rileys)[0]
    choose(rileys, value)
    rileys.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
    expect(rileys.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Moved").first).to_be_visible()
    site.hand_over(NOW + AN_HOUR)
    assert subjects(mailroom, to=RILEY) == [*before, "Your appointment has a new time"]
    assert f"{Appointment.objects.get().starts_at:%Y-%m-%dT%H:%MZ}" == value


@pytest.mark.parametrize("way", ["in place", "at the press"])
def test_a_withdrawal_reaches_the_client_who_has_a_time_chosen(
    page: Page, browser: Browser, site: Site, cast: Cast, way: str
) -> None:
    request = handed_over(cast.asked(cast.booked()))
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/requests/{request.ref}/")
    page.get_by_role("link", name="Withdraw").click()
    with page_of(browser, site, request) as phone:
        choose(phone, near(phone)[0])
        expect(phone.get_by_text(HELD)).to_be_visible()
        if way == "at the press":
            # As where the network comes and goes: the page learns of nothing until somebody presses.
            phone.route(re.compile("/times/"), lambda route: route.abort())
        page.get_by_role("button", name="Withdraw the request").click()
        expect(page.get_by_text("Withdrawn").first).to_be_visible()
        if way == "at the press":
            phone.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
            expect(phone.get_by_text("This was settled before your answer came in.")).to_be_visible()
        expect(phone.get_by_role("heading", name="Your original time stands")).to_be_visible()
        expect(phone.get_by_text("You don't need to choose a new time any more.")).to_be_visible()
    assert (RescheduleRequest.objects.get().state, stands(), Hold.objects.count()) == ("withdrawn", True, 0)


def book_by_hand(page: Page, site: Site, cast: Cast) -> None:
    """Press Book for Maya on Thursday, November 26 at 2:00 PM."""
    page.goto(f"{site.url}/appointments/new/?start=2026-11-26T14:00")
    page.get_by_label("Client", exact=True).select_option(str(cast.maya.ref))
    page.get_by_role("button", name="Book appointment").last.click()


def take_back(page: Page, site: Site, request: RescheduleRequest, when: str) -> None:
    page.goto(f"{site.url}/requests/{request.ref}/")
    page.get_by_role("listitem").filter(has_text=when).get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Taken back. That time can be booked again.")).to_be_visible()


def test_a_suggested_time_is_booked_by_hand_only_once_taken_back_and_goes_in_place(
    page: Page, browser: Browser, site: Site, cast: Cast
) -> None:
    cast.booked(new_york(1, 9, month=12), client=cast.maya)
    request = handed_over(cast.asked(cast.booked(), suggestions=[AT_TWO, AT_SIX]))
    site.enter(page.context, "okafor@harbor.example")
    with page_of(browser, site, request) as phone:
        phone.evaluate("() => { window.isTheSamePage = true; }")
        suggested = phone.locator("[data-set=suggested] input")
        expect(suggested).to_have_count(2)
        book_by_hand(page, site, cast)
        expect(page.locator("#id_time_error")).to_contain_text(
            "2:00 PM is suggested to Riley Brooks and kept for them. Nothing was changed;"
        )
        expect(suggested).to_have_count(2)
        take_back(page, site, request, "Thu, Nov 26 · 2:00 PM")
        book_by_hand(page, site, cast)
        expect(page.get_by_text("Booked: Maya Chen, Thu, Nov 26 · 2:00 – 2:50 PM.")).to_be_visible()
        expect(suggested).to_have_count(1)
        expect(phone.locator("input[value='2026-11-26T19:00Z']")).to_have_count(0)
        assert phone.evaluate("() => window.isTheSamePage") is True


def test_a_chosen_suggestion_that_is_taken_back_is_said_to_be_gone_in_place(
    page: Page, browser: Browser, site: Site, cast: Cast
) -> None:
    request = handed_over(cast.asked(cast.booked(), suggestions=[AT_TWO, AT_SIX]))
    site.enter(page.context, "okafor@harbor.example")
    with page_of(browser, site, request) as phone:
        # Six in the evening is outside working hours: nobody but the provider could offer it.
        phone.get_by_role("radio", name="Thu, Nov 26 3:00 PM").check()
        take_back(page, site, request, "Thu, Nov 26 · 6:00 PM")
        expect(
            phone.get_by_text("Thu, Nov 26 at 3:00 PM is not open any more. Nothing has changed").first
        ).to_be_visible()
        expect(phone.get_by_role("radio", checked=True)).to_have_count(0)
        assert stands()


def test_a_suggestion_taken_back_comes_to_other_clients_and_one_of_them_has_it(
    page: Page, browser: Browser, site: Site, cast: Cast
) -> None:
    hers = handed_over(cast.asked(cast.booked(new_york(25, 11), client=cast.maya)))
    mine = handed_over(cast.asked(cast.booked(), suggestions=[AT_TWO, AT_SIX]))
    site.enter(page.context, "okafor@harbor.example")
    with page_of(browser, site, mine) as rileys, page_of(browser, site, hers) as mayas:
        thursday = mayas.get_by_role("button", name=re.compile("^Thu 26"))
        thursday.click()
        two = mayas.get_by_role("radio", name="Thursday, November 26, 2:00 PM")
        expect(mayas.get_by_role("radio", name="Thursday, November 26, 1:00 PM")).to_be_visible()
        expect(two).to_have_count(0)
        take_back(page, site, mine, "Thu, Nov 26 · 2:00 PM")
        two.check()
        mayas.get_by_role("button", name="Move my appointment to Thu, Nov 26 at 2:00 PM").click()
        expect(mayas.get_by_role("heading", name="You're all set, Maya")).to_be_visible()
        expect(rileys.locator("input[value='2026-11-26T19:00Z']")).to_have_count(0)
        expect(rileys.locator("[data-set=suggested] input")).to_have_count(1)


def own_page(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/my-appointment/{Appointment.objects.get().ref}/")


def undo_in_the_sidebar(page: Page) -> None:
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_text("Nothing has been sent yet.")).to_be_visible()
    details.get_by_role("button", name="Undo").click()
    expect(
        page.get_by_text("Undone. Nothing was sent to Riley, and the appointment is as it was.")
    ).to_be_visible()


def test_a_move_undone_in_the_sidebar_under_the_clients_open_page(
    page: Page, rileys: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    cast.choose()
    row = cast.booked()
    site.hand_over(NOW)
    before = subjects(mailroom, to=RILEY)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/{row.ref}/change/")
    page.get_by_label("Date", exact=True).fill("2026-11-27")
    page.get_by_label("Time", exact=True).fill("09:00")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved: Riley Brooks").first).to_be_visible()
    # It stands at once, for whoever looks; and who wants another time chooses from there.
    own_page(rileys, site)
    expect(rileys.get_by_text("Friday, November 27 at 6:00 AM").first).to_be_visible()
    rileys.get_by_role("link", name="Move it to another time").click()
    rileys.get_by_role("radio").first.check()
    page.get_by_role("link", name=re.compile("Riley Brooks")).first.click()
    undo_in_the_sidebar(page)
    rileys.get_by_role("button", name=re.compile("^Move my appointment to ")).click()
    expect(rileys.get_by_text("This appointment has changed since you opened the form")).to_be_visible()
    expect(rileys.get_by_text("It is set for Tuesday, November 24 at 8:00 AM.")).to_be_visible()
    site.hand_over(NOW + AN_HOUR)
    assert (subjects(mailroom, to=RILEY), stands(sequence=2)) == (before, True)


def test_a_cancellation_undone_in_the_sidebar_under_the_clients_open_page(
    page: Page, rileys: Page, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    cast.choose()
    row = cast.booked()
    site.hand_over(NOW)
    before = subjects(mailroom, to=RILEY)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/{row.ref}/cancel/")
    page.get_by_role("radio", name="Clinically necessary").check()
    page.get_by_role("checkbox", name=re.compile("rebook|book a new", re.IGNORECASE)).check()
    page.get_by_role("button", name="Cancel appointment").last.click()
    expect(page.get_by_text("Canceled: Riley Brooks").first).to_be_visible()
    own_page(rileys, site)
    expect(rileys.get_by_role("heading", name="This appointment was canceled")).to_be_visible()
    rileys.get_by_role("link", name="Book a new time").click()
    rileys.get_by_role("radio").first.check()
    page.goto(f"{site.url}/appointments/?view=calendar&date=2026-11-24&appointment={row.ref}")
    undo_in_the_sidebar(page)
    rileys.get_by_role("button", name=re.compile("^Book ")).click()
    expect(rileys.get_by_role("heading", name="Your appointment stands")).to_be_visible()
    expect(rileys.get_by_text("Tuesday, November 24 at 8:00 AM")).to_be_visible()
    expect(rileys.get_by_text("It was canceled, and Harbor Counseling has put it back.")).to_be_visible()
    assert findings(rileys) == []
    site.hand_over(NOW + AN_HOUR)
    assert (subjects(mailroom, to=RILEY), stands(sequence=2)) == (before, True)
