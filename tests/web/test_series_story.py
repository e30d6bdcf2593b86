"""A year of weekly sessions in a real browser: booked around what clashes, some moved, the rest changed, and read by clients' calendars."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import NOW, Cast, new_york, time_off
from tests.app.notifications.test_series_entries import by_icalendar, by_vobject
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.notifications.calendar_feeds import Publication
from raincheck.queries.calendars.feeds import entries_of

pytestmark = pytest.mark.browser
NEW = "/appointments/new/?start=2026-11-24T11:00"


def of_one_uid(text: str) -> list[str]:
    """Return a calendar for each series of a feed, with that series alone in it."""
    head, *events = text.split("BEGIN:VEVENT")
    tail = "END:VCALENDAR\r\n"
    by_uid: dict[str, list[str]] = {}
    for event in events:
        [uid] = re.findall(r"^UID:(.*?)\r$", event, re.M)
        by_uid.setdefault(uid, []).append("BEGIN:VEVENT" + event.removesuffix(tail))
    return [head + "".join(its) + tail for its in by_uid.values()]


def test_a_year_of_weeks_is_booked_moved_and_changed_and_read_rightly(
    page: Page, site: Site, cast: Cast
) -> None:
    single = cast.booked(new_york(20, 9))
    cast.booked(new_york(1, 11, month=12), client=cast.maya)
    time_off(cast.okafor, new_york(15, 0, month=12), new_york(16, 0, month=12), all_day=True)
    site.enter(page.context, "okafor@harbor.example")
    page.goto(site.url + NEW)
    page.get_by_label("Client", exact=True).select_option(str(cast.riley.ref))
    page.get_by_role("checkbox", name="Repeat").check()
    page.get_by_label("How many appointments").fill("52")
    expect(page.get_by_text("52 appointments, every week, last on")).to_be_visible()
    expect(page.get_by_text("2 of 52 times clash.")).to_be_visible()
    assert findings(page) == []
    taken = page.get_by_role("group", name="Tuesday, December 1 at 11:00 AM")
    expect(taken).to_contain_text("Maya Chen has an appointment with Dr. Okafor then.")
    expect(taken.get_by_role("radio", name="Leave this date out")).to_be_checked()
    # Two choices stand in its line: what happens by itself, and the nearest free time.
    expect(taken.get_by_role("radio").filter(visible=True)).to_have_count(2)
    taken.get_by_role("radio", name="Move it to 9:30 AM that day").check()
    off = page.get_by_role("group", name="Tuesday, December 15 at 11:00 AM")
    expect(off).to_contain_text("Dr. Okafor is out of office then.")
    page.get_by_role("button", name="Book appointment").last.click()
    expect(page.get_by_text("Booked: 51 appointments of Riley Brooks")).to_be_visible()

    rows = list(Appointment.objects.filter(client=cast.riley, series__isnull=False).order_by("recurrence_id"))
    assert [f"{row.starts_wall:%d %H:%M}" for row in rows[:4]] == [
        "24 11:00",
        "01 09:30",
        "08 11:00",
        "22 11:00",
    ]
    for row in rows[:3]:
        change(page, site, row, scope="Only this appointment", time="15:00")
    change(page, site, rows[3], scope=re.compile("^This and following"), time="14:00")
    for row in rows:
        row.refresh_from_db()
    assert [row.starts_wall.hour for row in rows] == [15, 15, 15, *[14] * 48]
    assert rows[3].starts_at.date() == date(2026, 12, 22)
    assert {row.status for row in rows} == {"scheduled"}

    feed = CalendarFeed(practice=cast.practice, client=cast.riley)
    text = Publication(
        tuple(entries_of(feed, now=NOW)), ("front@harbor.example", "Harbor"), "America/New_York", NOW
    ).text
    booked = sorted((row.starts_at, row.ends_at) for row in [*rows, single])
    assert by_icalendar(text) == booked
    of_each = [by_vobject(one) for one in of_one_uid(text) if "RRULE" in one]
    assert sorted(start for starts in of_each for start in starts) == [row.starts_at for row in rows]


def change(page: Page, site: Site, row: Appointment, *, scope: str | re.Pattern[str], time: str) -> None:
    """Give an appointment another time as a provider does, from its details on."""
    page.goto(f"{site.url}/appointments/{row.ref}/")
    expect(page.get_by_text("weekly on Tuesdays")).to_be_visible()
    page.get_by_role("button", name="Edit Appointment").click()
    page.get_by_role("menuitem", name="Change appointment details").click()
    page.get_by_role("radio", name=scope).check()
    page.get_by_label("Time", exact=True).fill(time)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: ")).to_be_visible()
