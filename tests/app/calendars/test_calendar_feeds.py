"""Calendar feeds: what a program reads under a private address, and who can make, change and end one."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar
from tests.app.appointments.test_appointments import cancel
from tests.app.cast import NEW_YORK, NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, manager, okafor, section

from raincheck import clock
from raincheck.cli import busy
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.places import Place
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.people import Client, Practice, Provider, User
from raincheck.domain.spans import Span
from raincheck.integrations.ics.reading import read_busy
from raincheck.logs import JsonLines
from raincheck.web.requests import Arrival

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SESSION = 50 * MINUTE
CALENDARS = "/availability/calendars/"
MINE = "Your appointments in your own calendar"
ADDRESS = re.compile(r'id="feed-address"[^>]*value="([^"]+)"')


def riley() -> StaffBrowser:
    return StaffBrowser("riley@clients.example")


def address_on(page: HttpResponse) -> str:
    """Return the path of the address that a page shows."""
    found = ADDRESS.search(page.content.decode())
    assert found, "the page shows an address"
    return "/feeds/" + unescape(found.group(1)).partition("/feeds/")[2]


def of_okafor(titles: str = "neutral", *, now: datetime = NOW) -> str:
    return address_on(okafor(now).post(f"{CALENDARS}address/", titles=titles))


def of_riley(cast: Cast) -> str:
    return address_on(riley().post(f"/portal/calendar/{cast.riley.ref}/"))


def asked_for(address: str, *, now: datetime = NOW, method: str = "get", **headers: str) -> HttpResponse:
    """Ask as a calendar program does: without a cookie."""
    arrival: dict[str, Any] = {"raincheck.arrival": Arrival(now, clock.monotonic())}
    return getattr(Browser(), method)(address, headers=headers, **arrival)  # type: ignore[no-any-return]


def read(address: str, *, now: datetime = NOW) -> str:
    response = asked_for(address, now=now)
    assert response.status_code == 200
    return response.content.decode()


def events(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def kept(text: str) -> list[tuple[str, int, str, datetime]]:
    """Return each entry's name, version, state and start."""
    return [
        (str(one["UID"]), int(one["SEQUENCE"]), str(one["STATUS"]), one.decoded("DTSTART").astimezone(UTC))
        for one in events(text)
    ]


def test_a_feed_is_this_to_the_letter(cast: Cast) -> None:
    appointment = cast.booked()
    assert (
        read(of_okafor()).replace("\r\n", "\n")
        == f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Raincheck//Raincheck//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Appointments
X-WR-CALNAME:Appointments
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:20251102T020000
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260308T020000
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261101T020000
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20270314T020000
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Appointment
DTSTART;TZID=America/New_York:20261124T110000
DTEND;TZID=America/New_York:20261124T115000
DTSTAMP:20261116T150000Z
UID:{appointment.ical_uid}
SEQUENCE:0
CLASS:PRIVATE
LAST-MODIFIED:20261116T150000Z
LOCATION:https://meet.example/room
ORGANIZER;CN=Harbor:mailto:front@harbor.example
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""
    )


def test_the_same_appointments_give_the_same_bytes_and_no_second_download(cast: Cast) -> None:
    appointment = cast.booked()
    address = of_okafor()
    first = asked_for(address)
    later = asked_for(address, now=NOW + 3 * HOUR)
    assert (later.content, later["ETag"]) == (first.content, first["ETag"])
    assert re.fullmatch(r'"[0-9a-f]{64}"', first["ETag"])
    unchanged = asked_for(address, if_none_match=first["ETag"])
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", first["ETag"])
    cast.pick(cast.asked(appointment))
    changed = asked_for(address, if_none_match=first["ETag"])
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Practice, {"sender_name": "Harbor Front Desk"}),
        (Provider, {"zone": "America/Chicago"}),
        (Place, {"name": "Room 3", "kind": "room", "zone": "America/Chicago"}),
        (CalendarFeed, {"titles": "initials"}),
    ],
    ids=["sender", "zone", "place", "titles"],
)
def test_whatever_changes_the_words_is_downloaded_again(
    cast: Cast, model: type[Model], change: dict[str, str]
) -> None:
    cast.booked()
    address = of_okafor()
    first = asked_for(address)
    model.objects.update(**change)  # type: ignore[attr-defined]  # every model has objects
    changed = asked_for(address, if_none_match=first["ETag"])
    assert (changed.status_code, changed.content == first.content) == (200, False)


def test_a_packed_calendar_is_recognized_too(cast: Cast) -> None:
    cast.booked()
    address = of_okafor()
    packed = asked_for(address, accept_encoding="gzip")
    assert (packed["Content-Encoding"], packed["ETag"][:3]) == ("gzip", 'W/"')
    assert asked_for(address, accept_encoding="gzip", if_none_match=packed["ETag"]).status_code == 304


def test_a_program_gets_headers_that_keep_the_calendar_private_and_no_cookie(cast: Cast) -> None:
    cast.booked()
    address = of_okafor()
    response, head = asked_for(address), asked_for(address, method="head")
    assert (response["Content-Type"], response["Cache-Control"], response["Content-Disposition"]) == (
        "text/calendar; charset=utf-8",
        "private, no-cache",
        'inline; filename="appointments.ics"',
    )
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", response["ETag"])
    assert asked_for(address, method="post").status_code == 405


def test_a_feed_read_back_as_busy_time_is_the_appointments(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weeks around both clock changes included: the same instants for icalendar and for our own reader."""
    starts = [new_york(17, 9), new_york(24, 11), new_york(30, 8, month=12)]
    starts += [datetime(2027, 3, day, 9, tzinfo=NEW_YORK).astimezone(UTC) for day in (11, 12, 15, 16)]
    starts += [datetime(2027, 11, day, 9, tzinfo=NEW_YORK).astimezone(UTC) for day in (5, 8)]
    for start in starts:
        cast.booked(start)
    text = read(of_okafor())
    spans = [Span(start, start + SESSION) for start in starts]
    window = Span(NOW, NOW + 400 * DAY)
    assert read_busy(text.encode(), window=window, zone=ZoneInfo("Asia/Tokyo")).busy == spans
    times = [
        Span(one.decoded("DTSTART").astimezone(UTC), one.decoded("DTEND").astimezone(UTC))
        for one in events(text)
    ]
    assert times == spans
    file = tmp_path / "feed.ics"
    file.write_text(text, encoding="utf-8", newline="")
    assert busy.run(file, "2026-11-16T00:00:00Z", "2027-12-31T00:00:00Z", "Asia/Tokyo") == 0
    said = json.loads(capsys.readouterr().out)
    written = [[f"{end:%Y-%m-%dT%H:%M:%SZ}" for end in (span.start, span.end)] for span in spans]
    assert said == {"busy": written, "problems": []}


def test_a_time_in_the_repeated_hour_is_the_right_one_of_the_two(cast: Cast) -> None:
    second = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)  # 1:30 AM in New York, for the second time
    cast.booked(second)
    text = read(of_okafor())
    assert "DTSTART:20271107T063000Z" in text
    window = Span(second - DAY, second + DAY)
    assert read_busy(text.encode(), window=window, zone=NEW_YORK).busy == [Span(second, second + SESSION)]


def test_a_moved_appointment_keeps_its_name_and_counts_up(cast: Cast) -> None:
    appointment = cast.booked()
    address = of_okafor()
    before = kept(read(address))
    cast.pick(cast.asked(appointment), now=NOW + HOUR)
    friday = new_york(27, 9)
    text = read(address, now=NOW + HOUR)
    assert (before, kept(text)) == (
        [(appointment.ical_uid, 0, "CONFIRMED", TUESDAY_AT_ELEVEN)],
        [(appointment.ical_uid, 1, "CONFIRMED", friday)],
    )
    assert "DTSTAMP:20261116T160000Z" in text
    assert "LAST-MODIFIED:20261116T160000Z" in text


def test_asking_changes_nothing_in_a_calendar(cast: Cast) -> None:
    appointment = cast.booked()
    address = of_okafor()
    before = read(address)
    cast.asked(appointment, now=NOW + HOUR)
    assert read(address, now=NOW + HOUR) == before


def test_what_was_canceled_says_so_for_30_days_and_then_goes(cast: Cast) -> None:
    appointment = cast.booked()
    address = of_okafor()
    cancel(cast, appointment)
    text = read(address, now=NOW + 30 * DAY - MINUTE)
    assert kept(text) == [(appointment.ical_uid, 1, "CANCELLED", TUESDAY_AT_ELEVEN)]
    assert "TRANSP:TRANSPARENT" in text
    assert kept(read(address, now=NOW + 30 * DAY)) == []


def test_the_past_stays_for_30_days_and_the_future_has_no_end(cast: Cast) -> None:
    over, far = cast.booked(), cast.booked(NOW + 390 * DAY)
    address = of_okafor()
    ended = over.ends_at
    assert [name for name, *_rest in kept(read(address, now=ended + 30 * DAY - MINUTE))] == [
        over.ical_uid,
        far.ical_uid,
    ]
    assert [name for name, *_rest in kept(read(address, now=ended + 30 * DAY))] == [far.ical_uid]


def test_a_calendar_without_appointments_is_still_a_calendar(cast: Cast) -> None:
    text = read(of_okafor())
    assert [part.name for part in Calendar.from_ical(text).subcomponents] == ["VTIMEZONE"]
    assert read_busy(text.encode(), window=Span(NOW, NOW + DAY), zone=NEW_YORK).problems == ()


def test_a_room_shows_clock_and_name_to_the_provider_its_address_to_the_client(
    cast: Cast,
) -> None:
    Place.objects.filter(pk=cast.telehealth.pk).update(
        name="Room 2", kind="room", zone="America/Chicago", address="12 Pier Street"
    )
    cast.booked()
    told = [
        (str(one["LOCATION"]), str(one["DTSTART"].params["TZID"]))
        for address in (of_okafor(), of_riley(cast))
        for one in events(read(address))
    ]
    assert told == [("Room 2", "America/Chicago"), ("12 Pier Street", "America/Chicago")]


def test_a_client_reads_their_own_appointments_and_no_name(cast: Cast) -> None:
    mine = cast.booked()
    cast.booked(new_york(25, 9), client=cast.maya)
    text = read(of_riley(cast))
    assert kept(text) == [(mine.ical_uid, 0, "CONFIRMED", TUESDAY_AT_ELEVEN)]
    assert "DTSTART;TZID=America/Los_Angeles:20261124T080000" in text
    assert [one["SUMMARY"] for one in events(text)] == ["Appointment"]


def test_neutral_wording_keeps_the_place_out_of_a_clients_calendar(cast: Cast) -> None:
    cast.booked()
    Client.objects.filter(pk=cast.riley.pk).update(neutral_wording=True)
    assert "LOCATION" not in read(of_riley(cast))


def test_nothing_private_stands_in_either_calendar(cast: Cast) -> None:
    Provider.objects.update(name="Dr. Jo Okafor, Psychologist")
    cast.asked(cast.booked(), note="Bring the questionnaire.", private_note="Anxious.")
    cancel(cast, cast.booked(new_york(25, 9)))
    both = read(of_okafor("initials")) + read(of_riley(cast))
    for word in (
        "Riley",
        "Brooks",
        "Okafor",
        "Psych",
        "Follow",
        "question",
        "Anxious",
        "conflict",
        "clinical",
    ):
        assert word.lower() not in both.lower()


def test_a_provider_may_choose_initials_and_nothing_else(cast: Cast) -> None:
    cast.booked()
    client = client_in(cast.practice, "élodie", "")
    cast.booked(new_york(25, 9), client=client)
    address = of_okafor("initials")
    assert [str(one["SUMMARY"]) for one in events(read(address))] == ["R. B.", "É."]
    me = okafor()
    me.post(f"{CALENDARS}address/titles/", titles="neutral")
    assert [str(one["SUMMARY"]) for one in events(read(address))] == ["Appointment", "Appointment"]
    me.post(f"{CALENDARS}address/titles/", titles="full names")
    assert CalendarFeed.objects.get().titles == "neutral"


def test_a_new_address_ends_the_former_at_once_and_keeps_the_titles(cast: Cast) -> None:
    former = of_okafor("initials")
    page = okafor().get(CALENDARS)
    assert 'name="titles" value="initials"' in page.content.decode()
    fresh = of_okafor("initials")
    assert (asked_for(former).status_code, asked_for(fresh).status_code) == (404, 200)


def test_a_stopped_address_says_so_in_one_sentence(cast: Cast) -> None:
    address, me = of_riley(cast), riley()
    feed = CalendarFeed.objects.get()
    sent = me.post(f"/portal/calendar/{feed.ref}/stop/")
    gone = asked_for(address)
    assert (sent["Location"], gone.status_code, gone["Content-Type"], gone.content.decode()) == (
        "/portal/#feed",
        404,
        "text/plain; charset=utf-8",
        "There is no calendar at this address. It may have been stopped or replaced by a new one.\n",
    )
    assert "The address has ended." in words(me.get("/portal/"))
    me.post(f"/portal/calendar/{feed.ref}/stop/")
    assert "That calendar address had already ended." in words(me.get("/portal/"))


def test_an_address_ends_with_the_account_it_was_made_from(cast: Cast) -> None:
    address = of_okafor()
    User.objects.filter(email="okafor@harbor.example").update(is_active=False)
    assert asked_for(address).status_code == 404


def test_only_the_hash_of_an_address_is_kept_and_it_is_shown_once(cast: Cast) -> None:
    me, key = okafor(), str(uuid4())
    first = me.post(f"{CALENDARS}address/", key=key, titles="neutral")
    token = address_on(first).removeprefix("/feeds/").removesuffix(".ics")
    assert len(token) == 43
    assert f'href="webcal://127.0.0.1:8000/feeds/{token}.ics"' in first.content.decode()
    repeated = me.post(f"{CALENDARS}address/", key=key, titles="neutral")
    assert "it can be shown only once" in words(repeated)
    assert CalendarFeed.objects.count() == 1
    assert token not in repeated.content.decode() + me.get(CALENDARS).content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f::text FROM raincheck_calendarfeed f UNION ALL SELECT a::text FROM raincheck_idempotencykey a"
        )
        assert not any(token in row for (row,) in cursor.fetchall())


def test_the_page_says_when_a_program_last_asked(cast: Cast) -> None:
    address = of_okafor()
    assert "Made Mon, Nov 16 · 10:00 AM. Not used yet." in section(okafor().get(CALENDARS), MINE)
    read(address, now=NOW + HOUR)
    told = [
        section(okafor(NOW + HOUR + ago).get(CALENDARS), MINE)
        for ago in (20 * timedelta(seconds=1), 3 * MINUTE, 30 * HOUR)
    ]
    assert [line.split("AM. ")[1].split(" Each")[0] for line in told] == [
        "Used just now by a calendar program.",
        "Last used 3 min ago by a calendar program.",
        "Last used 30 h ago by a calendar program.",
    ]


def test_use_is_noted_once_in_five_minutes(cast: Cast) -> None:
    address = of_okafor()
    noted = []
    for later in (0, 1, 4, 5, 6):
        read(address, now=NOW + later * MINUTE)
        noted.append(CalendarFeed.objects.get().last_used_at)
    assert noted == [NOW, NOW, NOW, NOW + 5 * MINUTE, NOW + 5 * MINUTE]


def test_a_manager_can_stop_an_address_but_neither_make_nor_read_one(cast: Cast) -> None:
    sasha = manager(cast)
    assert sasha.post(f"{CALENDARS}address/?provider={cast.okafor.ref}").status_code == 404
    address = of_okafor()
    here = f"{CALENDARS}?provider={cast.okafor.ref}"
    page = sasha.get(here)
    said = section(page, "Dr. Okafor's calendar address")
    assert "Only they can make one; you can stop it, as for a lost phone." in said
    assert ("Make a new address" in said, "Each entry is called" in said) == (False, False)
    sent = sasha.post(f"{CALENDARS}address/{CalendarFeed.objects.get().ref}/stop/")
    assert (sent["Location"], asked_for(address).status_code) == (f"{here}#feed", 404)


def test_a_feed_takes_as_many_queries_for_500_appointments_as_for_one(cast: Cast) -> None:
    first = cast.booked()
    address = of_okafor()

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert asked_for(address, now=NOW + len(rows) * HOUR).status_code == 200
        return len(made)

    rows: list[Appointment] = []
    one = queries()
    rows = [copy_of(first, number) for number in range(1, 501)]
    assert (queries(), len(events(read(address)))) == (one, 501)
    assert one == 6  # the feed; its last use, begun and committed; the appointments; the row of the read log


def copy_of(row: Appointment, number: int) -> Appointment:
    """Return the same appointment, days later, past by now for whoever may be double-booked."""
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.fields if not field.primary_key
    }
    fields |= {
        "ref": (ref := uuid4()),
        "ical_uid": f"{ref}@raincheck",
        "starts_at": row.starts_at + number * HOUR,
        "ends_at": row.ends_at + number * HOUR,
        "claims_pruned_at": NOW,
    }
    return Appointment.objects.create(**fields)


def test_a_row_without_history_counts_as_booked_when_it_was_booked(cast: Cast) -> None:
    copied = copy_of(cast.booked(), 1)
    assert not AppointmentHistory.objects.filter(appointment=copied).exists()
    assert read(of_okafor()).count("DTSTAMP:20261116T150000Z") == 2


@pytest.mark.parametrize("ended", [False, True])
def test_no_line_of_the_log_holds_the_token(
    cast: Cast, caplog: pytest.LogCaptureFixture, ended: bool
) -> None:
    cast.booked()
    address = of_okafor()
    if ended:
        CalendarFeed.objects.update(ended_at=NOW)
    with caplog.at_level(logging.DEBUG):
        asked_for(address)
    ours = [record for record in caplog.records if not record.name.startswith("django.db")]
    lines = [JsonLines().format(record) for record in ours]
    assert [line for line in lines if "/feeds/" in line or address.removeprefix("/feeds/")[:43] in line] == []
    assert any('"route": "feed"' in line for line in lines)


def test_a_client_of_two_practices_has_an_address_in_each(cast: Cast) -> None:
    elsewhere = client_in(cast.elsewhere, "Riley", "Brooks")
    me = riley()
    here = address_on(me.post(f"/portal/calendar/{cast.riley.ref}/"))
    there = address_on(me.post(f"/portal/calendar/{elsewhere.ref}/"))
    mine = cast.booked()
    assert (len(kept(read(here))), kept(read(there))) == (1, [])
    assert kept(read(here))[0][0] == mine.ical_uid
    assert words(me.get("/portal/")).count("Make a new address") == 2
