"""The preview beside the availability form: open times of what is typed, and at each empty one which rule takes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import partial
from html import unescape
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from tests.app import client_browser
from tests.app.cast import MINUTES, NOW, OFFICE_HOURS, Cast, as_read, new_york
from tests.app.staff_browser import StaffBrowser, manager, okafor

from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import block_time
from raincheck.data.appointments.claims import Hold
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Provider
from raincheck.domain.availability.hours import A_DAY, availability_from
from raincheck.domain.slots import Question, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall, zone_named
from raincheck.queries.availability.preview import days_shown

PREVIEW = "/availability/preview/"
WEEK = {f"{day}-0-{edge}": time for day in range(5) for edge, time in (("from", "09:00"), ("until", "17:00"))}


def typed(worker: StaffBrowser, **said: object) -> HttpResponse:
    return worker.post(PREVIEW, htmx=True, **said)


def words(response: HttpResponse) -> str:
    """Return what a part of the page says, as one line of text."""
    return client_browser.words(HttpResponse(b"<main>" + response.content + b"</main>"))


def days(response: HttpResponse) -> dict[str, str]:
    """Return what stands beside each date, by date."""
    html = response.content.decode()
    found = re.findall(r"<h3>([^<]*)<span[^>]*>([^<]*)</span></h3>", html)
    return {unescape(name): unescape(said) for name, said in found}


def first_day(response: HttpResponse) -> str:
    return next(iter(days(response)))


def open_on(response: HttpResponse, date: str) -> list[str]:
    return re.findall(r'<span class="time open">([^<]*)</span>', _part(response, date))


def why(response: HttpResponse, date: str) -> dict[str, str]:
    """Return what is said of each time of a date that is not open."""
    part = _part(response, date)
    sentences = dict(re.findall(r'<span id="(why-[^"]*)">([^<]*)</span>', part))
    chips = re.findall(r'<button [^>]*aria-describedby="([^"]*)">([^<]*)<', part)
    return {time: unescape(sentences[reason]) for reason, time in chips}


def _part(response: HttpResponse, date: str) -> str:
    html = response.content.decode()
    found = re.search(rf"<h3>{re.escape(date)}<.*?(?=<h3>|preview-foot)", html, re.DOTALL)
    assert found, f"{date} is not shown"
    return found.group()


def count(response: HttpResponse) -> str:
    found = re.search(r"<p class=\"preview-count\" data-count>([^<]*)</p>", response.content.decode())
    assert found
    return unescape(found.group(1))


def held(cast: Cast, start: datetime, *, until: datetime) -> None:
    Hold.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.maya,
        starts_at=start,
        ends_at=start + 50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=NOW,
        expires_at=until,
    )


def busy(cast: Cast, start: datetime, end: datetime, *, name: str = "Work") -> None:
    reading = as_read(Span(start, end))
    verb = partial(import_busy_time, cast.okafor.pk, name=name, reading=reading, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def away(cast: Cast, start: datetime, end: datetime) -> None:
    verb = partial(block_time, cast.okafor.pk, span=Span(start, end), now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def turns(response: HttpResponse) -> list[str]:
    return re.findall(r'name="preview" value="([^"]*)"', response.content.decode())


CHANGING = (
    "Africa/Cairo",  # jumps over midnight
    "Atlantic/Azores",  # repeats the hour after midnight
    "America/Santiago",  # jumps over midnight, turns back at 24:00
    "Australia/Lord_Howe",  # changes by half an hour
    "Antarctica/Troll",  # changes by two hours
    "America/New_York",
)
HOURS = (
    [{"start": "00:00", "end": "24:00"}],
    [{"start": "20:00", "end": "02:00"}],
    [{"start": "00:30", "end": "03:30"}, {"start": "23:00", "end": "01:15"}],
)


def _changes(zone: ZoneInfo) -> list[datetime]:
    """The days of 2027 on which a zone's clock changes."""
    days = [datetime(2027, 1, 1, tzinfo=UTC) + number * A_DAY for number in range(365)]
    return [
        day for day in days if day.astimezone(zone).utcoffset() != (day + A_DAY).astimezone(zone).utcoffset()
    ]


def test_two_weeks_stand_day_by_day_with_every_time_around_the_hours(cast: Cast) -> None:
    page = okafor().get("/availability/")
    assert count(page) == "133 open times in the next 14 days"
    assert list(days(page).items())[:7] == [
        ("Mon, Nov 16", "None open"),
        ("Tue, Nov 17", "13 open"),
        ("Wed, Nov 18", "15 open"),
        ("Thu, Nov 19", "15 open"),
        ("Fri, Nov 20", "15 open"),
        ("Sat, Nov 21", "Not working"),
        ("Sun, Nov 22", "Not working"),
    ]
    assert len(days(page)) == 14
    wednesday = open_on(page, "Wed, Nov 18")
    assert (wednesday[0], wednesday[-1], len(wednesday)) == ("9:00 AM", "4:00 PM", 15)
    assert why(page, "Wed, Nov 18") == {
        "8:00 AM": "Outside working hours (Wednesday 9:00 AM–5:00 PM).",
        "8:30 AM": "Outside working hours (Wednesday 9:00 AM–5:00 PM).",
        "4:30 PM": "A session of 50 minutes does not fit before working hours end at 5:00 PM.",
        "5:00 PM": "Outside working hours (Wednesday 9:00 AM–5:00 PM).",
        "5:30 PM": "Outside working hours (Wednesday 9:00 AM–5:00 PM).",
    }


def test_every_kind_of_taken_time_is_named(cast: Cast) -> None:
    AppointmentType.objects.filter(pk=cast.follow_up.pk).update(buffer_after=15 * MINUTES)
    cast.booked(new_york(18, 14))
    busy(cast, new_york(18, 9), new_york(18, 10))
    held(cast, new_york(18, 12), until=NOW + 5 * MINUTES)
    away(cast, new_york(18, 16, 30), new_york(18, 17))
    page = okafor().get("/availability/")
    assert open_on(page, "Wed, Nov 18") == ["10:00 AM", "10:30 AM", "3:30 PM"]
    assert {clock: said for clock, said in why(page, "Wed, Nov 18").items() if "hours" not in said} == {
        "9:00 AM": "Busy in the calendar “Work”, 9:00 AM–10:00 AM.",
        "9:30 AM": "Busy in the calendar “Work”, 9:00 AM–10:00 AM.",
        "11:00 AM": "Buffer of 15 minutes before a held time, 12:00 PM–12:50 PM.",
        "11:30 AM": "Held for Maya Chen until 10:05 AM.",
        "12:00 PM": "Held for Maya Chen until 10:05 AM.",
        "12:30 PM": "Held for Maya Chen until 10:05 AM.",
        "1:00 PM": "Buffer of 15 minutes before the appointment with Riley Brooks at 2:00 PM.",
        "1:30 PM": "Appointment with Riley Brooks at 2:00 PM.",
        "2:00 PM": "Appointment with Riley Brooks at 2:00 PM.",
        "2:30 PM": "Appointment with Riley Brooks at 2:00 PM.",
        "3:00 PM": "Buffer of 15 minutes after the appointment with Riley Brooks at 2:00 PM.",
        "4:00 PM": "Out of office, 4:30 PM–5:00 PM.",
    }


def test_notice_is_named_with_its_length_and_what_is_over_is_left_out(cast: Cast) -> None:
    said = why(okafor().get("/availability/"), "Mon, Nov 16")
    notice = "Too soon: the minimum notice is 24 hours. Times from Tue, Nov 17, 10:00 AM on can be booked."
    assert (next(iter(said.items())), len(said)) == (("10:00 AM", notice), 16)
    evening = okafor(new_york(16, 20)).get("/availability/")
    assert days(evening)["Mon, Nov 16"] == "Over for today"


def test_what_is_typed_is_shown_and_kept_nowhere(cast: Cast) -> None:
    shown = typed(okafor(), **{"1-0-from": "13:00", "1-0-until": "15:00"})
    assert (shown.status_code, count(shown)) == (200, "6 open times in the next 14 days")
    assert open_on(shown, "Tue, Nov 17") == ["1:00 PM", "1:30 PM", "2:00 PM"]
    assert days(shown)["Wed, Nov 18"] == "Not working"
    assert Provider.objects.get(pk=cast.okafor.pk).availability == OFFICE_HOURS


def test_what_is_odd_about_typed_hours_comes_along(cast: Cast) -> None:
    cast.booked(new_york(18, 14))
    shown = typed(okafor(), **{"1-0-from": "13:00", "1-0-until": "13:10"})
    assert '<div id="hours-warnings" hx-swap-oob="true">' in shown.content.decode()
    said = words(shown)
    assert "These hours lead to no open times in the next 14 days." in said
    assert "One booked appointment does not fit these hours any more." in said
    assert "Add hours, or free some time; until then no client can be asked to choose." in said


def test_a_half_typed_form_leaves_the_preview_with_a_word_about_it(cast: Cast) -> None:
    unread = typed(okafor(), **{"1-0-from": "13:00", "1-0-until": ""})
    assert (unread.status_code, unread["HX-Retarget"], unread["HX-Reswap"], words(unread)) == (
        200,
        "#preview-unread",
        "outerHTML",
        "Finish typing to see the open times.",
    )


def test_type_and_place_are_chosen_and_hours_of_another_place_are_named(cast: Cast) -> None:
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    said = {"1-0-from": "09:00", "1-0-until": "11:00", "1-0-place": str(room.ref)}
    there = typed(okafor(), **said, **{"preview-type": str(cast.intake.ref), "preview-place": str(room.ref)})
    online = typed(okafor(), **said, **{"preview-place": str(cast.telehealth.ref)})
    assert (open_on(there, "Tue, Nov 24"), open_on(online, "Tue, Nov 24")) == (["9:00 AM", "9:30 AM"], [])
    assert why(online, "Tue, Nov 24")["9:00 AM"] == "No working hours at this place on this Tuesday."
    assert f'<option value="{cast.intake.ref}" selected>Intake · 80 min</option>' in there.content.decode()
    assert f'<option value="{room.ref}" selected>Room 2</option>' in there.content.decode()


def test_types_and_places_of_others_are_not_chosen(cast: Cast) -> None:
    foreign = AppointmentType.objects.filter(practice=cast.elsewhere).latest("pk")
    shown = typed(okafor(), **WEEK, **{"preview-type": str(foreign.ref), "preview-place": "nonsense"})
    assert f'<option value="{cast.follow_up.ref}" selected>' in shown.content.decode()
    assert count(shown) == "133 open times in the next 14 days"


def test_the_next_two_weeks_follow_up_to_the_horizon(cast: Cast) -> None:
    me = okafor()
    second = typed(me, **WEEK, preview="2026-11-30")
    last = typed(me, **WEEK, preview="2030-01-01")
    assert (first_day(second), turns(second)) == ("Mon, Nov 30", ["2026-11-16", "2026-12-14"])
    assert count(second) == "150 open times from Mon, Nov 30 to Sun, Dec 13"
    assert (list(days(last)), turns(last)) == (["Fri, Jan 15"], ["2027-01-01"])
    assert next(said for said in why(last, "Fri, Jan 15").values() if "far" in said) == (
        "Too far ahead: times are offered for 60 days, up to Fri, Jan 15, 10:00 AM."
    )
    assert first_day(typed(me, **WEEK, preview="2020-01-01")) == "Mon, Nov 16"


def test_typing_on_stays_in_the_weeks_that_are_shown(cast: Cast) -> None:
    shown = typed(okafor(), **WEEK, **{"preview-from": "2026-11-30"})
    assert first_day(shown) == "Mon, Nov 30"


def test_without_a_script_the_same_buttons_show_the_page_with_what_was_typed(cast: Cast) -> None:
    page = okafor().post(
        "/availability/", **{"1-0-from": "13:00", "1-0-until": "15:00"}, preview="2026-11-30"
    )
    assert (page.status_code, first_day(page)) == (200, "Mon, Nov 30")
    assert open_on(page, "Tue, Dec 1") == ["1:00 PM", "1:30 PM", "2:00 PM"]
    assert "12:00 PM, 12:30 PM, 3:00 PM, 3:30 PM Outside working hours (Tuesday 1:00 PM–3:00 PM)." in words(
        page
    )


def test_another_step_and_zone_are_shown_as_typed(cast: Cast) -> None:
    zone = {"zone": "America/Chicago", "step": "60", "1-0-from": "09:00", "1-0-until": "12:00"}
    shown = typed(okafor(), **zone)
    assert open_on(shown, "Tue, Nov 17") == ["9:00 AM", "10:00 AM", "11:00 AM"]


def test_the_number_of_queries_is_the_same_whatever_is_taken(cast: Cast) -> None:
    me = okafor()

    def made() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert typed(me, **WEEK).status_code == 200
        return len(queries)

    cast.booked(new_york(17, 9))
    before = made()
    for hour in range(9, 15):
        cast.booked(new_york(18, hour), client=cast.maya)
        busy(cast, new_york(19, hour), new_york(19, hour, 30), name=f"Calendar {hour}")
    assert made() == before


@pytest.mark.parametrize("name", CHANGING)
def test_at_every_clock_change_open_times_stand_under_the_date_of_their_clock(name: str) -> None:
    zone = zone_named(name)
    for change, hours in product(_changes(zone), HOURS):
        now = change - timedelta(days=1, minutes=17)
        dates = [wall(now, zone=zone).date() + number * A_DAY for number in range(4)]
        question = Question(
            zone=zone,
            availability=availability_from(
                {"weekly": [{"weekday": day, **window} for day in range(7) for window in hours]}
            ),
            within=Span(now, start_at(datetime.combine(dates[-1] + A_DAY, time.min), zone=zone)),
            length=50 * MINUTES,
            step=30 * MINUTES,
            busy=(Span(change, change + 40 * MINUTES),),
        )
        shown = days_shown(question, dates)
        found = [(day.date, one.start) for day in shown for one in day.times if one.why is None]
        assert found == [(wall(start, zone=zone).date(), start) for start in open_slots(question)]


def test_a_manager_previews_every_provider_and_nobody_else_does(cast: Cast) -> None:
    cast.booked(new_york(18, 14))
    fischer, vance = (f"{PREVIEW}?provider={row.ref}" for row in (cast.fischer, cast.mallory))
    assert "Riley" not in words(manager(cast).post(fischer, **WEEK))
    assert "Appointment with Riley Brooks" in words(manager(cast).post(PREVIEW, **WEEK))
    answers = [
        okafor().post(fischer).status_code,
        manager(cast).post(vance).status_code,
        StaffBrowser("riley@clients.example").post(PREVIEW).status_code,
        okafor().get(PREVIEW).status_code,
    ]
    assert answers == [404, 404, 404, 405]


def test_a_practice_without_types_is_told_so(cast: Cast) -> None:
    AppointmentType.objects.update(offered=False)
    assert "The practice offers no type of appointment yet." in words(typed(okafor(), **WEEK))
