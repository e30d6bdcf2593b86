"""The Calendar View in a real browser: never empty while it waits, followed while looked at, walked by keys, remembered."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.app.cast import NOW, Cast, client_in, new_york, time_off
from tests.web.site import Site
from tests.web.test_accessibility import AXE, findings
from tests.web.test_steady_pages import OBSERVE

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
FEED = "**/appointments/calendar.json*"
WEEK = "/appointments/?view=calendar&span=work-week&date=2026-11-24"


def event(page: Page, name: str) -> object:
    return page.get_by_role("link", name=re.compile(name))


@pytest.fixture
def calendar(page: Page, site: Site, cast: Cast) -> Page:
    """Dr. Okafor's browser: Riley on Tuesday at eleven, Maya on Tuesday at two and Thursday at nine."""
    cast.booked()
    cast.booked(new_york(24, 14), client=cast.maya)
    cast.booked(new_york(26, 9), client=cast.maya)
    site.enter(page.context, "okafor@harbor.example")
    return page


def test_days_that_are_not_known_yet_never_look_free(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(site.url + WEEK)
    expect(page.locator("[data-calendar]")).to_have_attribute("data-state", "ready")
    held: list[Route] = []
    page.route(FEED, lambda route: held.append(route))
    page.get_by_role("button", name="Next").click()
    loading = page.get_by_text("Loading the calendar…")
    expect(loading).to_be_visible()
    # What lies under it can neither be seen nor chosen.
    assert page.locator("#calendar").evaluate("grid => grid.inert")
    box = page.locator("#calendar").bounding_box()
    assert box is not None
    assert page.evaluate(
        "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.calendar-skeleton'))",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    held[0].continue_()
    expect(loading).to_be_hidden()
    assert not page.locator("#calendar").evaluate("grid => grid.inert")


def test_a_calendar_that_could_not_be_loaded_says_so_and_is_tried_again(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(site.url + WEEK)
    expect(event(page, "Riley Brooks, Tuesday")).to_be_visible()  # type: ignore[arg-type]
    page.route(FEED, lambda route: route.abort())
    page.get_by_role("button", name="Next").click()
    alert = page.get_by_role("alert").filter(has_text="The calendar could not be loaded.")
    expect(alert).to_be_visible()
    assert page.locator("#calendar").evaluate("grid => grid.inert")
    page.unroute(FEED)
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_be_hidden()
    expect(page.locator("[data-calendar]")).to_have_attribute("data-state", "ready")


def test_the_sentence_about_scripts_is_for_browsers_without_them(
    browser: Browser, calendar: Page, site: Site
) -> None:
    needs = "The calendar needs a script to draw itself."
    calendar.route("**/*.js", lambda route: route.abort())
    calendar.goto(site.url + WEEK)
    expect(calendar.get_by_text("Loading the calendar…")).to_be_visible()
    expect(calendar.get_by_text(needs)).to_be_hidden()
    context = browser.new_context(java_script_enabled=False)
    site.enter(context, "okafor@harbor.example")
    page = context.new_page()
    page.goto(site.url + WEEK)
    expect(page.get_by_text(needs)).to_be_visible()
    expect(page.get_by_text("Loading the calendar…")).to_be_hidden()
    page.get_by_role("link", name="See the appointments as a list").click()
    expect(page.get_by_role("link", name="Riley Brooks")).to_be_visible()
    context.close()


def test_the_details_lie_over_the_calendar_and_give_the_focus_back(calendar: Page, site: Site) -> None:
    page = calendar
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site.url + WEEK)
    riley = event(page, "Riley Brooks, Tuesday")
    expect(riley).to_be_visible()  # type: ignore[arg-type]
    before = page.locator("#calendar").bounding_box()
    riley.click()  # type: ignore[attr-defined]
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_role("heading", name="Riley Brooks")).to_be_visible()
    assert page.locator("#calendar").bounding_box() == before
    # The appointment itself is not covered, on whichever side of the week it lies.
    for name in ("Riley Brooks, Tuesday", "Maya Chen, Thursday"):
        chosen = event(page, name)
        chosen.focus()  # type: ignore[attr-defined]
        page.keyboard.press("Enter")
        expect(details).to_contain_text(name.split(",")[0])
        one, over = chosen.bounding_box(), details.bounding_box()  # type: ignore[attr-defined]
        assert over is not None
        assert one["x"] + one["width"] <= over["x"] or over["x"] + over["width"] <= one["x"]
        page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        expect(chosen).to_be_focused()  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [1440, 1280, 768])
def test_the_toolbar_is_one_row(calendar: Page, site: Site, width: int) -> None:
    page = calendar
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.url + WEEK)
    expect(page.locator("[data-calendar-title]")).to_have_text(re.compile("^Nov 23 – 27"))
    middles = page.locator("[data-calendar-bar]").evaluate(
        """bar => [...bar.children].filter(one => one.checkVisibility()).map(one => {
            const box = one.getBoundingClientRect(); return Math.round((box.top + box.bottom) / 2); })"""
    )
    assert len(set(middles)) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_days_and_view_are_in_the_address_and_the_way_back_leads_through_them(
    calendar: Page, site: Site
) -> None:
    page, title = calendar, calendar.locator("[data-calendar-title]")
    page.goto(f"{site.url}/appointments/?view=calendar")
    expect(title).to_have_text("Nov 16 – 20, 2026")
    page.get_by_role("button", name="Next").click()
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.get_by_role("button", name="Day", exact=True).click()
    expect(title).to_have_text("Monday, November 23, 2026")
    assert page.url == f"{site.url}/appointments/?view=calendar&span=day&date=2026-11-23"
    page.go_back()
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.go_back()
    expect(title).to_have_text("Nov 16 – 20, 2026")
    page.go_forward()
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.get_by_role("link", name="Clients").click()
    # Remembered: the navigation leads to the days that were left, an address to its own.
    page.get_by_role("link", name="Appointments").click()
    expect(title).to_have_text("Monday, November 23, 2026")
    page.goto(f"{site.url}/appointments/?view=calendar&span=week&date=2026-12-01")
    expect(title).to_have_text("Nov 29 – Dec 5, 2026")


def test_the_view_is_remembered_for_each_person_and_the_date_for_the_day(
    calendar: Page, site: Site, cast: Cast
) -> None:
    page, title = calendar, calendar.locator("[data-calendar-title]")
    page.goto(f"{site.url}/appointments/?view=calendar")
    page.get_by_role("button", name="Week", exact=True).click()
    page.get_by_role("button", name="Next").click()
    expect(title).to_have_text("Nov 22 – 28, 2026")
    site.set_clock(NOW.replace(day=17))
    page.goto(f"{site.url}/appointments/?view=calendar")
    expect(title).to_have_text("Nov 15 – 21, 2026")
    site.enter(page.context, "fischer@harbor.example")
    page.goto(f"{site.url}/appointments/?view=calendar")
    expect(title).to_have_text("Nov 16 – 20, 2026")


def test_a_date_can_be_jumped_to(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(site.url + WEEK)
    page.locator("summary[aria-label='Jump to a date']").click()
    page.get_by_label("Jump to a date", exact=True).last.fill("2027-02-10")
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("[data-calendar-title]")).to_have_text("Feb 8 – 12, 2027")
    expect(page.locator("[data-calendar-jump]")).not_to_have_attribute("open", "")


def test_hours_are_shaded_the_past_is_faded_and_the_now_line_stays_under_the_words(
    page: Page, site: Site, cast: Cast
) -> None:
    cast.booked(new_york(17, 9))
    now_on = cast.booked(new_york(17, 10), client=cast.maya)
    lunch = [
        {"weekday": 1, "start": f"{a}:00", "end": f"{b}:00", "places": []}
        for a, b in (("09", "12"), ("13", "17"))
    ]
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": lunch, "overrides": []})
    site.set_clock(new_york(17, 10, 20))
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/appointments/?view=calendar&span=day")
    expect(page.locator(".calendar-event.past")).to_have_text(re.compile("Riley Brooks"))
    lunch_break = page.locator(".calendar-event.closed").filter(visible=True)
    expect(lunch_break).to_have_count(1)
    expect(lunch_break).to_have_text("")
    assert page.locator(".now-line").is_visible()
    covered = page.locator(f"[data-ref='{now_on.ref}']").evaluate(
        """event => {
            const line = document.querySelector('.now-line');
            for (const one of [line, line.parentElement]) one.style.pointerEvents = 'auto';
            const box = event.getBoundingClientRect();
            const found = document.elementsFromPoint(box.left + 20, line.getBoundingClientRect().top + 1);
            return found.includes(line) && event.contains(found[0]);
        }"""
    )
    assert covered
    today = page.locator(".day-head.today b")
    expect(today).to_have_text("17")
    assert today.evaluate("b => getComputedStyle(b).backgroundColor") == "rgb(28, 107, 88)"


def test_an_open_calendar_follows_what_others_do_and_disturbs_nobody(
    calendar: Page, site: Site, cast: Cast
) -> None:
    page = calendar
    page.clock.install()
    page.goto(site.url + WEEK)
    riley = event(page, "Riley Brooks, Tuesday")
    riley.focus()  # type: ignore[attr-defined]
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "calendar.json" in answer.url else None)
    look = partial(page.clock.run_for, 5_000)
    with page.expect_response(FEED):
        look()
    with page.expect_response(FEED):
        look()
    assert asked == [304, 304]

    time_off(cast.okafor, new_york(25, 12), new_york(25, 14))
    with page.expect_response(FEED):
        look()
    page.clock.run_for(100)
    expect(page.locator(".calendar-event.out-of-office")).to_be_visible()
    expect(riley).to_be_focused()  # type: ignore[arg-type]
    # The offer of a free stretch is a question somebody is reading: nothing is drawn anew under it.
    asked.clear()
    page.mouse.move(*_free(page))
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("dialog", name="This time is free")).to_be_visible()
    look()
    look()
    assert asked == []
    page.keyboard.press("Escape")
    with page.expect_response(FEED):
        look()


def test_open_details_follow_too_unless_somebody_is_in_the_middle_of_them(
    calendar: Page, site: Site, cast: Cast
) -> None:
    page = calendar
    page.clock.install()
    page.goto(site.url + WEEK)
    event(page, "Riley Brooks, Tuesday").click()  # type: ignore[attr-defined]
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_text("Scheduled")).to_be_visible()
    row = Appointment.objects.get(client=cast.riley)
    cast.asked(row)
    with page.expect_response(FEED):
        page.clock.run_for(5_000)
    page.clock.resume()
    expect(details.get_by_text("Asked · 47 h left")).to_be_visible()
    expect(details).to_be_focused()
    details.get_by_role("button", name="Edit Appointment").click()
    expect(details.get_by_role("menuitem").first).to_be_focused()
    cast.withdraw(RescheduleRequest.objects.get())
    with page.expect_response(FEED):
        page.clock.run_for(5_000)
    page.clock.resume()
    expect(
        event(page, "Riley Brooks, Tuesday, November 24, 11:00 AM, Follow-up, Telehealth$")
    ).to_be_visible()  # type: ignore[arg-type]
    expect(details.get_by_role("menuitem").first).to_be_focused()


def test_a_calendar_that_cannot_be_followed_says_how_old_it_is(calendar: Page, site: Site) -> None:
    page = calendar
    page.clock.install()
    page.goto(site.url + WEEK)
    expect(event(page, "Riley Brooks, Tuesday")).to_be_visible()  # type: ignore[arg-type]
    stale = page.get_by_text("As it was at 10:00 AM. We keep trying.")
    page.route(FEED, lambda route: route.abort())
    for _miss in range(2):
        with page.expect_event("requestfailed"):
            page.clock.run_for(10_000)
    expect(stale).to_be_visible()
    expect(event(page, "Riley Brooks, Tuesday")).to_be_visible()  # type: ignore[arg-type]
    page.unroute(FEED)
    with page.expect_response(FEED):
        page.clock.run_for(20_000)
    expect(stale).to_be_hidden()


def test_the_keyboard_walks_days_and_appointments(calendar: Page, site: Site) -> None:
    page, title = calendar, calendar.locator("[data-calendar-title]")
    page.goto(site.url + WEEK)
    press = page.keyboard.press
    at = partial(event, page)
    page.locator("#calendar[data-drawn]").focus()
    press("ArrowDown")
    expect(at("Riley Brooks, Tuesday")).to_be_focused()  # type: ignore[arg-type]
    press("ArrowDown")
    expect(at("Maya Chen, Tuesday")).to_be_focused()  # type: ignore[arg-type]
    press("ArrowRight")
    expect(at("Maya Chen, Thursday")).to_be_focused()  # type: ignore[arg-type]
    # To the nearest time of the nearest day.
    press("ArrowLeft")
    expect(at("Riley Brooks, Tuesday")).to_be_focused()  # type: ignore[arg-type]
    press("ArrowLeft")
    expect(title).to_have_text("Nov 16 – 20, 2026")
    expect(page.locator("#calendar")).to_be_focused()
    press("ArrowRight")
    expect(title).to_have_text("Nov 23 – 27, 2026")
    for key, shown in (
        ("m", "November 2026"),
        ("d", "Monday, November 23, 2026"),
        ("ArrowRight", "Tuesday, November 24, 2026"),
        ("w", "Nov 23 – 27, 2026"),
        ("w", "Nov 22 – 28, 2026"),
        ("t", "Nov 15 – 21, 2026"),
    ):
        press(key)
        expect(title).to_have_text(shown)


def test_letters_stay_letters_where_somebody_writes_or_does_not_want_the_keys(
    calendar: Page, site: Site
) -> None:
    page, title = calendar, calendar.locator("[data-calendar-title]")
    page.goto(site.url + WEEK)
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("m")
    expect(title).to_have_text("Nov 23 – 27, 2026")
    help_.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("m")
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.reload()
    expect(title).to_have_text("Nov 23 – 27, 2026")
    page.keyboard.press("m")
    expect(title).to_have_text("Nov 23 – 27, 2026")


def test_nothing_moves_while_the_calendar_comes(calendar: Page, site: Site) -> None:
    page = calendar
    page.add_init_script(OBSERVE)
    held: list[Route] = []
    page.route("**/calendar*.js", lambda route: held.append(route))
    page.goto(site.url + WEEK, wait_until="commit")
    expect(page.get_by_text("Loading the calendar…")).to_be_visible()
    held[0].continue_()
    expect(page.locator("[data-calendar]")).to_have_attribute("data-state", "ready")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    assert page.evaluate("() => window.shifted") <= 0.005


def _free(page: Page) -> tuple[float, float]:
    box = page.locator("#calendar .slot-lane").nth(1).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("span", ["day", "work-week", "month"])
def test_axe_finds_nothing_in_the_grid_by_its_best_practices_either(
    calendar: Page, site: Site, span: str
) -> None:
    page = calendar
    page.goto(f"{site.url}/appointments/?view=calendar&span={span}&date=2026-11-24")
    expect(page.locator("[data-calendar]")).to_have_attribute("data-state", "ready")
    page.evaluate(AXE.read_text("utf-8"))
    # Every rule that is on by itself, those of best practice among them, whatever weight a finding has.
    found = page.evaluate("async () => (await axe.run('#calendar')).violations.map((one) => one.id)")
    assert found == []
    # After a step the heads say the days that they stand over.
    if span == "day":
        expect(page.get_by_role("columnheader", name="November 24, 2026")).to_be_visible()
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("columnheader", name="November 25, 2026")).to_be_visible()


def test_a_month_shows_the_time_and_the_name_of_each_appointment(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(f"{site.url}/appointments/?view=calendar&span=month&date=2026-11-24")
    for time, name in (("11:00", "Riley Brooks"), ("2:00", "Maya Chen"), ("9:00", "Maya Chen")):
        row = page.locator(".calendar-event.in-row").filter(has_text=time).filter(has_text=name)
        box, said = row.bounding_box(), row.locator("b").bounding_box()
        assert box is not None
        assert said is not None
        assert box["height"] <= 30
        assert said["x"] + said["width"] <= box["x"] + box["width"]
        assert row.locator(".event-time").bounding_box()["x"] < said["x"]  # type: ignore[index]


MONTH = "/appointments/?view=calendar&span=month&date=2026-11-24"


def in_month(page: Page, day: int) -> Locator:
    return page.locator(f"td[data-day='2026-11-{day}']")


def test_a_full_day_of_a_month_opens_its_list_and_gives_the_focus_back(
    calendar: Page, site: Site, cast: Cast
) -> None:
    page = calendar
    for hour in (8, 9, 10, 15, 16):
        client = client_in(cast.practice, f"Zoe{hour}", "Crowd")
        cast.booked(new_york(24, hour), client=client)
    page.goto(site.url + MONTH)
    day = in_month(page, 24)
    expect(day.get_by_role("link")).to_have_count(4)
    more = day.get_by_role("button", name="Show 3 more")
    expect(more).to_have_text("+3 more", use_inner_text=True)
    more.focus()
    page.keyboard.press("Enter")
    full = page.get_by_role("dialog", name="Tuesday, November 24")
    expect(full.get_by_role("link")).to_have_count(7)
    expect(full.get_by_role("link").last).to_have_accessible_name(re.compile("Zoe16 Crowd, .*4:00 PM"))
    assert findings(page) == []
    # What is chosen in it opens beside, and the list is still there when that is closed.
    full.get_by_role("link", name=re.compile("Zoe16 Crowd")).click()
    details = page.get_by_role("region", name="Appointment details")
    expect(details.get_by_role("heading", name="Zoe16 Crowd")).to_be_visible()
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(full.get_by_role("link", name=re.compile("Zoe16 Crowd"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(full).to_be_hidden()
    expect(more).to_be_focused()


def test_time_off_lies_over_its_days_of_a_month_and_what_follows_finds_room(
    calendar: Page, site: Site, cast: Cast
) -> None:
    page = calendar
    # From Friday, over the end of the week, to the end of Tuesday.
    time_off(cast.okafor, new_york(20, 0), new_york(25, 0), all_day=True)
    page.goto(site.url + MONTH)
    bars = page.get_by_role("link", name=re.compile("^Out of office"))
    expect(bars).to_have_count(2)

    def edges(one: Locator) -> tuple[float, float]:
        box = one.bounding_box()
        assert box is not None
        return box["x"], box["x"] + box["width"]

    spread = [(20, 21, bars.first), (22, 24, bars.last)]
    for first, last, bar in spread:
        left, right = edges(bar)
        assert abs(left - edges(in_month(page, first))[0]) <= 5
        assert abs(right - edges(in_month(page, last))[1]) <= 5
    bar, riley = bars.last.bounding_box(), in_month(page, 24).get_by_role("link", name=re.compile("^Riley"))
    under = riley.bounding_box()
    assert bar is not None
    assert under is not None
    assert under["y"] >= bar["y"] + bar["height"]


def test_a_drag_in_the_month_asks_for_the_new_day_at_the_same_time(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(site.url + MONTH)
    riley = in_month(page, 24).get_by_role("link", name=re.compile("^Riley Brooks"))
    expect(riley).to_be_visible()
    page.mouse.move(*_middle(riley))
    page.mouse.down()
    page.mouse.move(*_middle(in_month(page, 25)), steps=4)
    # A second thought: nothing is asked, and nothing opens.
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(riley).to_be_visible()
    assert "/change/" not in page.url
    page.mouse.move(*_middle(riley))
    page.mouse.down()
    page.mouse.move(*_middle(in_month(page, 26)), steps=4)
    page.mouse.up()
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-26")
    expect(page.get_by_label("Time", exact=True)).to_have_value("11:00")


def test_a_finger_that_rests_on_an_appointment_drags_it_to_another_day(
    browser: Browser, site: Site, cast: Cast
) -> None:
    """One that moves at once scrolls the page, and leaves the appointment where it is."""
    cast.booked()
    context = browser.new_context(viewport={"width": 900, "height": 1200}, has_touch=True)
    page = context.new_page()
    page.clock.install(time=NOW)
    site.enter(context, "okafor@harbor.example")
    page.goto(site.url + MONTH)
    riley = in_month(page, 24).get_by_role("link", name=re.compile("^Riley Brooks"))
    expect(riley).to_be_visible()
    finger = context.new_cdp_session(page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", _middle(riley))
    touch("touchMove", _middle(in_month(page, 17)))
    page.clock.run_for(1_000)
    expect(page.locator(".dragging, td.selection")).to_have_count(0)
    touch("touchEnd")
    touch("touchStart", _middle(riley))
    page.clock.run_for(1_000)
    expect(page.locator(".dragging")).to_have_count(1)
    touch("touchMove", _middle(in_month(page, 25)))
    touch("touchMove", _middle(in_month(page, 26)))
    touch("touchEnd")
    page.clock.resume()
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-26")
    expect(page.get_by_label("Time", exact=True)).to_have_value("11:00")
    context.close()


def test_empty_days_of_a_month_offer_what_can_be_done_with_them(calendar: Page, site: Site) -> None:
    page = calendar
    page.goto(site.url + MONTH)
    expect(in_month(page, 24).get_by_role("link")).to_have_count(2)
    page.mouse.move(*_middle(in_month(page, 18)))
    page.mouse.down()
    page.mouse.move(*_middle(in_month(page, 20)), steps=4)
    page.mouse.up()
    offer = page.get_by_role("dialog", name="This time is free")
    expect(offer).to_contain_text("Wed, Nov 18 – Fri, Nov 20")
    chosen = page.locator("td.selection")
    expect(chosen).to_have_count(3)
    # A press elsewhere is about that day alone, and Escape about none.
    page.mouse.click(*_middle(in_month(page, 11)))
    expect(offer).to_contain_text("Wed, Nov 11")
    expect(chosen).to_have_count(1)
    page.keyboard.press("Escape")
    expect(offer).to_be_hidden()
    expect(chosen).to_have_count(0)
    page.mouse.click(*_middle(in_month(page, 19)))
    offer.get_by_role("link", name="New appointment").click()
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-11-19")


def _middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
