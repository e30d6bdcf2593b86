"""Availability: weekly hours as a form, the open times they lead to, and calendar files as busy time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.at_work import AtWork, a_file, errors, key_in, mallory, manager, okafor, section
from tests.app.cast import NEW_YORK, NOW, OFFICE_HOURS, Cast
from tests.app.visiting import Visitor, words

from raincheck.data.appointments import Place
from raincheck.data.calendars import BusyCalendar, BusyTime
from raincheck.data.people import Provider
from raincheck.domain.spans import Span

OURS = Path(__file__).parents[1] / "data" / "calendars"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "calendars"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EXPECTED = (
    json.loads((SHARED / "expected_busy.json").read_text(encoding="utf-8"))["files"]
    if SHARED.exists()
    else {}
)
AROUND_THE_CLOCK = {
    "weekly": [{"weekday": day, "start": "00:00", "end": "24:00", "places": []} for day in range(7)],
    "overrides": [],
}
SESSION = timedelta(minutes=50)


def an_event(start: str, end: str) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        "SUMMARY:Private",
        "END:VEVENT",
    ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def hours_of(cast: Cast) -> dict[str, object]:
    stored: dict[str, object] = Provider.objects.get(pk=cast.okafor.pk).availability
    return stored


def fields(response: HttpResponse) -> dict[str, str]:
    """Return the times that stand in the form, by field."""
    return dict(re.findall(r'<input type="time" name="([^"]+)" value="([^"]*)"', response.content.decode()))


def busy(cast: Cast) -> list[tuple[datetime, datetime]]:
    return list(
        BusyTime.objects.filter(provider=cast.okafor)
        .order_by("starts_at")
        .values_list("starts_at", "ends_at")
    )


def bring(me: AtWork, data: bytes, *, name: str = "Rounds", **said: str) -> HttpResponse:
    return me.post("/availability/calendars/", name=name, file=a_file(data), **said)


def test_weekly_hours_stand_in_the_form_day_by_day(cast: Cast) -> None:
    page = okafor().get("/availability/")
    assert fields(page) == {
        f"{day}-0-{edge}": time for day in range(5) for edge, time in (("from", "09:00"), ("until", "17:00"))
    }
    assert "Times in New York · sessions can start every 30 minutes" in words(page)
    assert "Saturday Not working Add hours on Saturday" in words(page)


def test_saved_hours_are_what_was_typed_with_several_windows_a_day(cast: Cast) -> None:
    sent = okafor(NOW + HOUR).post(
        "/availability/",
        **{
            "0-0-from": "09:00",
            "0-0-until": "12:00",
            "0-3-from": "13:30",
            "0-3-until": "00:00",
            "6-0-from": "",
            "6-0-until": "",
        },
    )
    provider = Provider.objects.get(pk=cast.okafor.pk)
    assert (sent["Location"], provider.availability, provider.availability_changed_at) == (
        "/availability/",
        {
            "weekly": [
                {"weekday": 0, "start": "09:00", "end": "12:00", "places": []},
                {"weekday": 0, "start": "13:30", "end": "24:00", "places": []},
            ],
            "overrides": [],
        },
        NOW + HOUR,
    )
    again = okafor().get("/availability/")
    assert fields(again) == {
        "0-0-from": "09:00",
        "0-0-until": "12:00",
        "0-1-from": "13:30",
        "0-1-until": "00:00",
    }


def test_saving_keeps_places_and_days_with_other_hours(cast: Cast) -> None:
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    overrides = [{"date": "2026-11-26", "windows": []}]
    weekly = [{"weekday": 0, "start": "09:00", "end": "17:00", "places": [str(room.ref)]}]
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": weekly, "overrides": overrides})
    me = okafor()
    page = me.get("/availability/")
    assert f'value="{room.ref}" checked' in page.content.decode()
    assert "Days with other hours Thu, Nov 26: not working" in words(page)
    me.post(
        "/availability/",
        **{"0-0-from": "10:00", "0-0-until": "17:00", "0-0-place": [str(room.ref), str(uuid4())]},
    )
    assert hours_of(cast) == {
        "weekly": [{"weekday": 0, "start": "10:00", "end": "17:00", "places": [str(room.ref)]}],
        "overrides": overrides,
    }


def test_adding_and_removing_a_row_keeps_what_was_typed_and_saves_nothing(cast: Cast) -> None:
    me, typed = (
        okafor(),
        {"0-0-from": "08:15", "0-0-until": "12:00", "1-0-from": "09:00", "1-0-until": "10:00"},
    )
    more = me.post("/availability/", **typed, add="0")
    less = me.post("/availability/", **typed, remove="1-0")
    assert [(page.status_code, fields(page)) for page in (more, less)] == [
        (
            200,
            {
                "0-0-from": "08:15",
                "0-0-until": "12:00",
                "0-1-from": "",
                "0-1-until": "",
                "1-0-from": "09:00",
                "1-0-until": "10:00",
            },
        ),
        (200, {"0-0-from": "08:15", "0-0-until": "12:00"}),
    ]
    assert hours_of(cast) == OFFICE_HOURS


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("09:00", "", "Please give both times, or clear both to take these hours away. Nothing was changed yet."),
        ("soon", "10:00", "“soon” is not a time of day. Nothing was changed; please write it like 09:00. 24:00 is the end of the day."),
        ("24:00", "02:00", "Working hours can't start at 24:00. Nothing was changed; use 00:00 of the next day instead."),
    ],
    ids=["half", "no time", "end of day"],
)  # fmt: skip
def test_hours_that_cannot_be_read_stay_with_their_sentence(
    cast: Cast, start: str, end: str, sentence: str
) -> None:
    me = okafor()
    key = key_in(me.get("/availability/"))
    said = {"0-0-from": "08:00", "0-0-until": "09:00", "2-0-from": start, "2-0-until": end}
    refused = me.post("/availability/", key=key, **said)
    assert (refused.status_code, errors(refused), fields(refused), key_in(refused), hours_of(cast)) == (
        422,
        [sentence],
        said,
        key,
        OFFICE_HOURS,
    )


def test_hours_past_midnight_are_named(cast: Cast) -> None:
    okafor().post("/availability/", **{"4-0-from": "20:00", "4-0-until": "02:00"})
    assert "the next day Remove Friday, hours 1" in words(okafor().get("/availability/"))


def test_the_hours_lead_to_open_times(cast: Cast) -> None:
    assert section(okafor().get("/availability/"), "Your next open times").startswith(
        "Your next open times 135 open times in the next 14 days fit a session of 50 minutes (Follow-up)."
        " Tue, Nov 17 10:00 AM, 10:30 AM, 11:00 AM, 11:30 AM, 12:00 PM, 12:30 PM and 7 more"
        " Wed, Nov 18 9:00 AM, 9:30 AM, 10:00 AM, 10:30 AM, 11:00 AM, 11:30 AM and 9 more"
    )


def test_no_open_times_say_what_to_do(cast: Cast) -> None:
    me = okafor()
    me.post("/availability/", **{"6-0-from": "09:00", "6-0-until": "09:30"})
    assert "No open times in the next 14 days. Add hours, or free some time;" in section(
        me.get("/availability/"), "Your next open times"
    )


def test_a_calendar_file_becomes_busy_time_without_its_titles(cast: Cast) -> None:
    me = okafor()
    sent = bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    calendar = BusyCalendar.objects.get()
    assert (sent["Location"], busy(cast), calendar.read_at, calendar.read_until, calendar.problems) == (
        f"/availability/#calendar-{calendar.ref}",
        [(datetime(2026, 11, 24, 15, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC))],
        NOW,
        NOW + 400 * DAY,
        [],
    )
    page = me.get("/availability/")
    assert section(page, "Your other calendars").startswith(
        "Your other calendars Times you are busy elsewhere are never offered to a client. Rounds Remove"
        " Read Mon, Nov 16 · 10:00 AM, as far as Dec 21, 2027. 1 busy time ahead. Add a calendar file"
    )
    assert "Private" not in page.content.decode()


def test_a_calendar_of_the_same_name_is_read_anew(cast: Cast) -> None:
    me = okafor()
    bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    bring(me, an_event("20261125T150000Z", "20261125T160000Z"), name=" Rounds ")
    assert (BusyCalendar.objects.count(), [start.day for start, _end in busy(cast)]) == (1, [25])


def test_what_could_not_be_read_is_told_in_sentences(cast: Cast) -> None:
    me = okafor(datetime(2026, 8, 28, tzinfo=UTC))
    bring(me, (OURS / "broken.ics").read_bytes())
    told = section(me.get("/availability/"), "Your other calendars")
    assert "7 things could not be read as they stand: " in told
    assert "Event 1 is left out: its start “soon” is not a time." in told
    assert "Event 6 has no start, so it is left out." in told


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<!doctype html><title>Sign in</title>", "This is not a calendar file. It may be a web page or a sign-in page."),
        (an_event("20261124T150000Z", "20261124T160000Z")[:60], "This calendar file stops in the middle. Nothing has changed;"),
        (an_event("soon", "later"), "Nothing in this calendar could be read, so nothing has changed."),
        (b"", "Please choose a calendar file that is not empty. Nothing was read yet."),
        (b"x" * (5 * 1024 * 1024 + 1), "This calendar holds more than Raincheck can read at once."),
        (b"x" * (6 * 1024 * 1024 + 1), "This calendar holds more than Raincheck can read at once."),
    ],
    ids=["page", "cut off", "nothing sound", "empty", "large", "larger than taken at all"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(
    cast: Cast, data: bytes, sentence: str
) -> None:
    me = okafor()
    bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    before, key = busy(cast), key_in(me.get("/availability/"))
    refused = bring(me, data, name="Rounds & more", key=key)
    assert (refused.status_code, busy(cast), BusyCalendar.objects.count()) == (422, before, 1)
    assert [said.startswith(sentence) for said in errors(refused)] == [True]
    assert 'value="Rounds &amp; more"' in refused.content.decode()
    assert key_in(refused) == key


def test_a_large_calendar_is_read_like_any_other(cast: Cast) -> None:
    long = b"DESCRIPTION:" + b"x" * (3 * 1024 * 1024) + b"\r\nSUMMARY"
    data = an_event("20261124T150000Z", "20261124T160000Z").replace(b"SUMMARY", long)
    assert (bring(okafor(), data).status_code, len(busy(cast))) == (302, 1)


def test_what_was_wrong_with_each_event_is_told_when_nothing_was_sound(cast: Cast) -> None:
    refused = bring(okafor(), an_event("soon", "later"))
    assert "Event 1 is left out: its start “soon” is not a time." in words(refused)


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07"])
def test_a_calendar_needs_a_name(cast: Cast, name: str) -> None:
    refused = bring(okafor(), an_event("20261124T150000Z", "20261124T160000Z"), name=name)
    assert (refused.status_code, errors(refused), busy(cast)) == (
        422,
        ["Please give this calendar a name, so that you know it again. Nothing was read yet."],
        [],
    )


def test_a_form_without_a_file_says_so(cast: Cast) -> None:
    refused = okafor().post("/availability/calendars/", name="Rounds")
    assert errors(refused) == ["Please choose a calendar file that is not empty. Nothing was read yet."]
    assert okafor().get("/availability/calendars/")["Location"] == "/availability/"


def test_another_file_under_the_same_key_is_not_taken_for_the_first(cast: Cast) -> None:
    me = okafor()
    key = key_in(me.get("/availability/"))
    first, second = (
        an_event("20261124T150000Z", "20261124T160000Z"),
        an_event("20261125T150000Z", "20261125T160000Z"),
    )
    answers = [bring(me, data, key=key).status_code for data in (first, first, second)]
    assert (answers, [start.day for start, _end in busy(cast)]) == ([302, 302, 409], [24])


def test_a_calendar_is_removed_with_its_busy_time(cast: Cast) -> None:
    me = okafor()
    bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    calendar = BusyCalendar.objects.get()
    address = f"/availability/calendars/{calendar.ref}/remove/"
    others = [
        who.post(address).status_code
        for who in (mallory(), AtWork("fischer@harbor.example"), AtWork("riley@clients.example"))
    ]
    assert (others, me.get(address).status_code, BusyCalendar.objects.count()) == ([404] * 3, 405, 1)
    keyless = me.post(address, key="none")
    assert (keyless.status_code, BusyCalendar.objects.count()) == (422, 1)
    assert "This form was incomplete, so nothing was changed." in words(keyless)
    assert me.post(address)["Location"] == "/availability/"
    assert (BusyCalendar.objects.count(), busy(cast)) == (0, [])


def test_a_manager_looks_after_the_hours_of_every_provider(cast: Cast) -> None:
    boss, fischer = manager(cast), f"/availability/?provider={cast.fischer.ref}"
    assert "Availability of Dr. Jo Okafor" in words(boss.get("/availability/"))
    assert "Availability of Dr. Lena Fischer" in words(boss.get(fischer))
    assert boss.post(fischer, **{"0-0-from": "09:00", "0-0-until": "10:00"})["Location"] == fischer
    data = a_file(an_event("20261124T150000Z", "20261124T160000Z"))
    boss.post(f"/availability/calendars/?provider={cast.fischer.ref}", name="Rounds", file=data)
    assert (hours_of(cast), len(Provider.objects.get(pk=cast.fischer.pk).availability["weekly"])) == (
        OFFICE_HOURS,
        1,
    )
    assert BusyCalendar.objects.get().provider == cast.fischer


@pytest.mark.parametrize("page", ["/availability/", "/availability/calendars/"])
def test_nobody_reaches_the_hours_of_others(cast: Cast, page: str) -> None:
    fischer, vance = f"{page}?provider={cast.fischer.ref}", f"{page}?provider={cast.mallory.ref}"
    answers = [
        okafor().post(fischer).status_code,
        manager(cast).post(vance).status_code,
        manager(cast).post(f"{page}?provider=nonsense").status_code,
        AtWork("riley@clients.example").post(page).status_code,
        AtWork("riley@clients.example").get(page).status_code,
    ]
    assert answers == [404] * 5


def test_availability_makes_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    me = okafor()
    bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    me.get("/availability/")  # takes the word of success off the page
    once = me.queries("/availability/")
    BusyCalendar.objects.bulk_create(
        BusyCalendar(
            practice=cast.practice, provider=cast.okafor, name=f"{number}", read_at=NOW, read_until=NOW
        )
        for number in range(29)
    )
    BusyTime.objects.bulk_create(
        BusyTime(
            practice=cast.practice,
            provider=cast.okafor,
            calendar=calendar,
            starts_at=NOW + HOUR,
            ends_at=NOW + 2 * HOUR,
        )
        for calendar in BusyCalendar.objects.all()
    )
    assert me.queries("/availability/") == once


def offered_around(cast: Cast, *, now: datetime, data: bytes | None) -> list[Span]:
    """Return the sessions that an asked client may choose on their page, with a provider who works around the clock."""
    Provider.objects.filter(pk=cast.okafor.pk).update(availability=AROUND_THE_CLOCK)
    cast.okafor.refresh_from_db()
    if data is not None:
        assert bring(okafor(now), data).status_code == 302
    start = (now + 5 * DAY).astimezone(NEW_YORK).replace(hour=3, minute=0, second=0, microsecond=0)
    request = cast.asked(cast.booked(start.astimezone(UTC), now=now), now=now)
    page = Visitor(request.batch, now=now).get(f"/choose/{request.batch.ref}/").content.decode()
    found = {unescape(value) for value in re.findall(r'name="start"[^>]* value="([^"]+)"', page)}
    starts = sorted(datetime.fromisoformat(value) for value in found)
    return [Span(start, start + SESSION) for start in starts]


def test_no_slot_offered_to_a_client_touches_an_imported_calendar(cast: Cast) -> None:
    now = datetime(2026, 8, 28, 12, tzinfo=UTC)
    offered = offered_around(cast, now=now, data=(OURS / "everyday.ics").read_bytes())
    taken = [Span(*stretch) for stretch in busy(cast)]
    assert [f"{span.start:%m-%d %H:%M} {span.end:%m-%d %H:%M}" for span in taken] == [
        "09-01 15:00 09-01 16:00",
        "09-07 04:00 09-08 04:00",
        "09-09 13:00 09-09 13:45",
        "09-10 13:00 09-10 14:00",
        "09-17 13:00 09-17 14:00",
        "09-17 15:00 09-17 16:00",
    ]
    assert offered
    assert [span for span in offered if any(span.overlaps(stretch) for stretch in taken)] == []


def test_without_the_calendar_the_same_times_would_be_offered(cast: Cast) -> None:
    offered = offered_around(cast, now=datetime(2026, 8, 28, 12, tzinfo=UTC), data=None)
    event = Span(datetime(2026, 9, 10, 13, tzinfo=UTC), datetime(2026, 9, 10, 14, tzinfo=UTC))
    assert any(span.overlaps(event) for span in offered)


@pytest.mark.shared
@pytest.mark.skipif(
    not EXPECTED, reason="The collected calendar files are not beside this checkout (../shared)."
)
@pytest.mark.parametrize("name", [name for name, file in EXPECTED.items() if file["busy"]])
def test_no_slot_offered_to_a_client_touches_a_real_calendar(cast: Cast, name: str) -> None:
    expected = [
        Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in EXPECTED[name]["busy"]
    ]
    now = expected[0].start - 2 * DAY
    offered = offered_around(cast, now=now, data=(SHARED / name).read_bytes())
    assert offered
    assert [span for span in offered if any(span.overlaps(stretch) for stretch in expected)] == []
