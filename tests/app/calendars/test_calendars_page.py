"""Calendars: files of a provider's own calendar, taken in as busy time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from tests.app.cast import NEW_YORK, NOW, Cast
from tests.app.client_browser import Visitor, words
from tests.app.staff_browser import StaffBrowser, a_file, errors, key_in, mallory, manager, okafor, section
from tests.sampling import examples, sample

from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.people import Provider
from raincheck.domain.spans import Span

OURS = Path(__file__).parents[2] / "data" / "calendars"
SHARED = Path(__file__).parents[4] / "shared" / "data" / "calendars"
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


def test_a_manager_brings_a_calendar_for_any_provider(cast: Cast) -> None:
    data = a_file(an_event("20261124T150000Z", "20261124T160000Z"))
    manager(cast).post(f"/availability/calendars/?provider={cast.fischer.ref}", name="Rounds", file=data)
    assert BusyCalendar.objects.get().provider == cast.fischer


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


def busy(cast: Cast) -> list[tuple[datetime, datetime]]:
    return list(
        BusyTime.objects.filter(provider=cast.okafor)
        .order_by("starts_at")
        .values_list("starts_at", "ends_at")
    )


def bring(me: StaffBrowser, data: bytes, *, name: str = "Rounds", **said: str) -> HttpResponse:
    return me.post("/availability/calendars/", name=name, file=a_file(data), **said)


def test_a_calendar_file_becomes_busy_time_without_its_titles(cast: Cast) -> None:
    me = okafor()
    sent = bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    calendar = BusyCalendar.objects.get()
    assert (sent["Location"], busy(cast), calendar.read_at, calendar.read_until, calendar.problems) == (
        f"/availability/calendars/#calendar-{calendar.ref}",
        [(datetime(2026, 11, 24, 15, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC))],
        NOW,
        NOW + 400 * DAY,
        [],
    )
    page = me.get("/availability/calendars/")
    assert section(page, "Your other calendars") == (
        "Your other calendars Times you are busy elsewhere are never offered to a client. Rounds"
        " Read Mon, Nov 16 · 10:00 AM, as far as Dec 21, 2027. 1 busy time ahead. Remove"
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
    told = section(me.get("/availability/calendars/"), "Your other calendars")
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
    before, key = busy(cast), key_in(me.get("/availability/calendars/"))
    refused = bring(me, data, name="Rounds & more", key=key)
    assert (refused.status_code, busy(cast), BusyCalendar.objects.count()) == (422, before, 1)
    assert [said.startswith(sentence) for said in errors(refused)] == [True]
    assert 'value="Rounds &amp; more"' in refused.content.decode()
    assert f'value="{key}"' in refused.content.decode()


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


def test_another_file_under_the_same_key_is_not_taken_for_the_first(cast: Cast) -> None:
    me = okafor()
    key = key_in(me.get("/availability/calendars/"))
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
        for who in (mallory(), StaffBrowser("fischer@harbor.example"), StaffBrowser("riley@clients.example"))
    ]
    assert (others, me.get(address).status_code, BusyCalendar.objects.count()) == ([404] * 3, 405, 1)
    keyless = me.post(address, key="none")
    assert (keyless.status_code, BusyCalendar.objects.count()) == (422, 1)
    assert "This form was incomplete, so nothing was changed." in words(keyless)
    key = key_in(me.get("/availability/calendars/"))
    assert me.post(address, key=key)["Location"] == "/availability/calendars/"
    assert (BusyCalendar.objects.count(), busy(cast)) == (0, [])
    assert me.post(address, key=key)["Location"] == "/home/"
    assert "This was done already, when you sent it for the first time." in words(me.get("/home/"))
    assert me.post(address).status_code == 404


def test_calendars_make_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    me = okafor()
    bring(me, an_event("20261124T150000Z", "20261124T160000Z"))
    me.get("/availability/calendars/")  # takes the word of success off the page
    once = me.queries("/availability/calendars/")
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
            appeared_at=NOW,
        )
        for calendar in BusyCalendar.objects.all()
    )
    assert me.queries("/availability/calendars/") == once


def offered_around(
    cast: Cast, *, now: datetime, data: bytes | None, near: list[Span] | None = None
) -> list[Span]:
    """Return the sessions that an asked client may choose on their page, with a provider who works around the clock.

    Three weeks are looked through, or of them only the days that are `near` something.
    """
    Provider.objects.filter(pk=cast.okafor.pk).update(availability=AROUND_THE_CLOCK)
    cast.okafor.refresh_from_db()
    if data is not None:
        assert bring(okafor(now), data).status_code == 302
    start = (now + 5 * DAY).astimezone(NEW_YORK).replace(hour=3, minute=0, second=0, microsecond=0)
    request = cast.asked(cast.booked(start.astimezone(UTC), now=now), now=now)
    visitor, here = Visitor(request.batch, now=now), f"/choose/{request.batch.ref}/"
    # The page holds the times of one day, from three in the morning back to midnight and on to the next.
    days = [start + number * DAY for number in range(-4, 21)]
    if near is not None:
        met = [day for day in days if any(Span(day - 4 * HOUR, day + DAY).overlaps(span) for span in near)]
        days = met[: examples(len(met), sampled=4)]
    pages = [visitor.get(f"{here}?day={day:%Y-%m-%d}").content.decode() for day in days]
    found = {
        unescape(value) for page in pages for value in re.findall(r'name="start"[^>]* value="([^"]+)"', page)
    }
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


@pytest.mark.verify
def test_without_the_calendar_the_same_times_would_be_offered(cast: Cast) -> None:
    offered = offered_around(cast, now=datetime(2026, 8, 28, 12, tzinfo=UTC), data=None)
    event = Span(datetime(2026, 9, 10, 13, tzinfo=UTC), datetime(2026, 9, 10, 14, tzinfo=UTC))
    assert any(span.overlaps(event) for span in offered)


@pytest.mark.shared
@pytest.mark.sampled
@pytest.mark.skipif(
    not EXPECTED, reason="The collected calendar files are not beside this checkout (../shared)."
)
@pytest.mark.parametrize("name", sample([name for name, file in EXPECTED.items() if file["busy"]], every=3))
def test_no_slot_offered_to_a_client_touches_a_real_calendar(cast: Cast, name: str) -> None:
    expected = [
        Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in EXPECTED[name]["busy"]
    ]
    now = expected[0].start - 2 * DAY
    offered = offered_around(cast, now=now, data=(SHARED / name).read_bytes(), near=expected)
    assert offered
    assert [span for span in offered if any(span.overlaps(stretch) for stretch in expected)] == []
