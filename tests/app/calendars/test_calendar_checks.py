"""Calendars that are read again and again: real servers, real jobs, and a last good copy that nothing empties."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.cast import NEW_YORK, NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.notifications.test_worker import in_worker
from tests.app.staff_browser import okafor, section
from tests.integrations.web_server import Said, WebServer, web_server

from raincheck import clock
from raincheck.actions.availability import set_availability
from raincheck.actions.calendars.checks import begin_check
from raincheck.actions.calendars.sources import Brought, connect_calendars, keep_titles, remove_calendar
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.people import Provider
from raincheck.data.schedule import schedule_of
from raincheck.data.tasks import Task
from raincheck.domain.calendars.checks import CalendarKind, Source
from raincheck.domain.people import SYSTEM
from raincheck.integrations.calendar_checks import check, queue_due_checks, read_source
from raincheck.queries.calendars.sources import due_calendars

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE
ROUNDS = ("UID:rounds", "SUMMARY:Rounds", "DTSTART:20261201T150000Z", "DTEND:20261201T160000Z")
LUNCH = ("UID:lunch", "SUMMARY:Lunch with Sam", "DTSTART:20261202T170000Z", "DTEND:20261202T180000Z")
OVER_RILEY = ("UID:court", "SUMMARY:Court", "DTSTART:20261124T160000Z", "DTEND:20261124T163000Z")


def ics(*events: tuple[str, ...]) -> bytes:
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def site(settings: LazySettings) -> Iterator[WebServer]:
    """A server on this machine, which these tests may reach as the demo may."""
    settings.CALENDARS_ON_LOOPBACK = True
    with web_server() as site:
        yield site


def acted(verb: Callable[[], Answer], *, now: datetime = NOW) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def shows(site: WebServer, *events: tuple[str, ...], etag: str = "") -> None:
    site.pages["/work.ics"] = Said(headers={"ETag": etag} if etag else {}, body=ics(*events))


def connected(
    cast: Cast, site: WebServer, *events: tuple[str, ...], titles: bool = False, now: datetime = NOW
) -> BusyCalendar:
    """Return Dr. Okafor's calendar "Work", subscribed to as it shows these events."""
    shows(site, *events, etag='"first"')
    source = Source(CalendarKind.SUBSCRIPTION, "127.0.0.1", site.address("/work.ics"))
    kept = read_source(source, zone=NEW_YORK, now=now)
    assert kept is not None
    brought = Brought("Work", kept, source, keeps_titles=titles)
    answer = acted(partial(connect_calendars, cast.okafor.pk, calendars=[brought], now=now), now=now)
    return BusyCalendar.objects.get(ref=answer["calendar"])


def busy() -> list[tuple[str, str]]:
    rows = BusyTime.objects.order_by("starts_at").values_list("starts_at", "title")
    return [(f"{start:%m-%d %H:%M}", title) for start, title in rows]


def state(calendar: BusyCalendar) -> tuple[str, datetime | None, datetime | None]:
    calendar.refresh_from_db()
    return calendar.fault, calendar.failing_since, calendar.next_check_at


def tasks(kind: str) -> list[bool]:
    """Return of each task of a kind whether it is still open."""
    rows = Task.objects.filter(kind=kind).order_by("pk").values_list("done_at", flat=True)
    return [done is None for done in rows]


def test_a_calendar_is_due_again_after_a_quarter_of_an_hour(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    assert (busy(), state(calendar)) == ([("12-01 15:00", "")], ("", None, NOW + QUARTER))
    assert due_calendars(now=NOW + QUARTER - MINUTE, limit=9) == []
    assert due_calendars(now=NOW + QUARTER, limit=9) == [calendar.pk]


def test_a_calendar_that_did_not_change_is_checked_and_left_alone(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    site.pages["/work.ics"] = Said(304)
    before = list(BusyTime.objects.values())
    assert check(calendar.pk, now=NOW + QUARTER) == ""
    calendar.refresh_from_db()
    assert (calendar.read_at, calendar.checked_at, calendar.next_check_at) == (
        NOW,
        NOW + QUARTER,
        NOW + 2 * QUARTER,
    )
    assert (site.asked[-1][2]["if-none-match"], list(BusyTime.objects.values())) == ('"first"', before)


def test_only_what_changed_is_written(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    (kept,) = BusyTime.objects.all()
    shows(site, ROUNDS, LUNCH, etag='"second"')
    check(calendar.pk, now=NOW + QUARTER)
    first, second = BusyTime.objects.order_by("starts_at")
    calendar.refresh_from_db()
    assert (first.pk, first.appeared_at, second.appeared_at) == (kept.pk, NOW, NOW + QUARTER)
    assert (calendar.read_at, calendar.etag) == (NOW + QUARTER, '"second"')


def test_what_nobody_touched_leaves_who_last_saw_to_the_hours(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    shows(site, LUNCH)
    check(calendar.pk, now=NOW + QUARTER)
    assert Provider.objects.get(pk=cast.okafor.pk).availability_changed_at == NOW


def test_once_a_day_a_calendar_is_read_whole_so_that_its_window_moves_on(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    check(calendar.pk, now=NOW + DAY)
    calendar.refresh_from_db()
    assert "if-none-match" not in site.asked[-1][2]
    assert calendar.read_until == NOW + 401 * DAY


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(401), "calendar_wants_password"),
        (Said(403), "calendar_forbidden"),
        (Said(404), "calendar_not_there"),
        (Said(500), "calendar_server_trouble"),
        (Said(200, {"Content-Type": "text/calendar"}, b"<!doctype html>Sign in"), "calendar_is_a_page"),
        (Said(200, {"Content-Type": "text/calendar"}, b'{"error": 1}'), "calendar_is_a_message"),
        (Said(200, {"Content-Type": "text/calendar"}, b""), "calendar_is_nothing"),
        (Said(200, {"Content-Type": "text/calendar"}, b"gone fishing"), "not_a_calendar"),
        (Said(body=ics(LUNCH)[:60]), "calendar_cut_off"),
        (Said(body=ics(("SUMMARY:No start",))), "calendar_unreadable"),
        (Said(302, {"Location": "http://10.0.0.1/"}), "calendar_detour"),
    ],
)
def test_a_calendar_that_cannot_be_read_keeps_its_last_good_copy(
    cast: Cast, site: WebServer, said: Said, code: str
) -> None:
    calendar = connected(cast, site, ROUNDS)
    site.pages["/work.ics"] = said
    before = list(BusyTime.objects.values())
    at = NOW + QUARTER
    assert check(calendar.pk, now=at) == code
    assert (state(calendar), list(BusyTime.objects.values())) == ((code, at, at + QUARTER), before)


def test_a_server_that_is_away_keeps_the_last_good_copy_too(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    with web_server() as other:
        address = other.address("/work.ics")
    gone = Source(CalendarKind.SUBSCRIPTION, "127.0.0.1", address)
    kept = read_source(
        Source(CalendarKind.SUBSCRIPTION, "", site.address("/work.ics")), zone=NEW_YORK, now=NOW
    )
    assert kept is not None
    acted(partial(connect_calendars, cast.okafor.pk, calendars=[Brought("Work", kept, gone)], now=NOW))
    assert (check(calendar.pk, now=NOW + QUARTER), busy()) == ("calendar_unreachable", [("12-01 15:00", "")])


def test_an_empty_calendar_is_a_calendar(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    shows(site)
    assert (check(calendar.pk, now=NOW + QUARTER), busy()) == ("", [])


def test_a_failing_calendar_is_tried_again_and_forgives(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    good, site.pages["/work.ics"] = site.pages["/work.ics"], Said(503)
    first = NOW + QUARTER
    for at in (first, first + QUARTER, first + 2 * QUARTER):
        check(calendar.pk, now=at)
    assert state(calendar) == ("calendar_server_trouble", first, first + 4 * QUARTER)
    site.pages["/work.ics"] = good
    check(calendar.pk, now=first + 4 * QUARTER)
    assert state(calendar) == ("", None, first + 5 * QUARTER)


def test_failing_for_a_day_is_a_task_until_it_can_be_read_again(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    good, site.pages["/work.ics"] = site.pages["/work.ics"], Said(401)
    first = NOW + QUARTER
    check(calendar.pk, now=first)
    assert tasks("calendar_failing") == []
    for at in (first + DAY, first + DAY + 4 * HOUR):
        check(calendar.pk, now=at)
    assert tasks("calendar_failing") == [True]
    assert section(okafor(first + DAY).get("/home/"), "Tasks") == (
        "Tasks 1 to look at “Work”: Could not read since Mon, Nov 16 · 10:15 AM: the address wants a password."
        " Times read before are still kept busy. See the calendars Done"
    )
    site.pages["/work.ics"] = good
    check(calendar.pk, now=first + 3 * DAY)
    assert tasks("calendar_failing") == [False]


def test_a_removed_calendar_needs_nobody_any_more(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    site.pages["/work.ics"] = Said(401)
    for at in (NOW + QUARTER, NOW + 2 * DAY):
        check(calendar.pk, now=at)
    acted(partial(remove_calendar, calendar.ref, provider_id=cast.okafor.pk, now=NOW + 2 * DAY))
    assert (tasks("calendar_failing"), busy(), BusyCalendar.objects.count()) == ([False], [], 0)
    assert check(calendar.pk, now=NOW + 3 * DAY) == ""


def test_a_key_that_was_lost_asks_for_the_address_again(
    cast: Cast, site: WebServer, settings: LazySettings
) -> None:
    calendar = connected(cast, site, ROUNDS)
    settings.SECRET_KEY = "another key " * 4
    assert check(calendar.pk, now=NOW + QUARTER) == "calendar_secret_lost"
    assert busy() == [("12-01 15:00", "")]


def test_a_mark_that_no_database_can_hold_is_none(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ROUNDS)
    shows(site, LUNCH, etag='"second\x00"')
    assert (check(calendar.pk, now=NOW + QUARTER), busy()) == ("", [("12-02 17:00", "")])
    calendar.refresh_from_db()
    assert calendar.etag == ""


def test_a_check_begun_before_a_calendar_was_connected_anew_says_nothing(cast: Cast, site: WebServer) -> None:
    calendar, at = connected(cast, site, ROUNDS), NOW + QUARTER
    shows(site, ROUNDS, OVER_RILEY, etag='"second"')
    old, good = site.pages["/work.ics"], ics(LUNCH)

    def sends(handler: BaseHTTPRequestHandler) -> None:
        """While the old address is being read, the calendar comes from a new one."""
        site.pages["/new.ics"] = Said(body=good)
        source = Source(CalendarKind.SUBSCRIPTION, "127.0.0.1", site.address("/new.ics"))
        kept = read_source(source, zone=NEW_YORK, now=at)
        assert kept is not None
        brought = [Brought("Work", kept, source)]
        acted(partial(connect_calendars, cast.okafor.pk, calendars=brought, now=at), now=at)
        connection.close()
        handler.wfile.write(old.body)

    site.pages["/work.ics"] = Said(headers=old.headers | {"Connection": "close"}, sends=sends)
    check(calendar.pk, now=at)
    calendar.refresh_from_db()
    assert (busy(), calendar.etag, calendar.fault) == ([("12-02 17:00", "")], "", "")


def test_in_another_zone_a_calendar_is_read_again_whole(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, ("UID:day", "DTSTART:20261201T090000", "DTEND:20261201T100000"))
    assert busy() == [("12-01 14:00", "")]
    hours = schedule_of(Provider.objects.get(pk=cast.okafor.pk)).availability
    moved = partial(
        set_availability, cast.okafor.pk, availability=hours, zone=ZoneInfo("America/Los_Angeles")
    )
    acted(partial(moved, zone_confirmed=True, by=cast.by_okafor, now=NOW + MINUTE))
    check(calendar.pk, now=NOW + MINUTE)
    assert (busy(), "if-none-match" in site.asked[-1][2]) == ([("12-01 17:00", "")], False)


def test_whoever_takes_a_calendar_has_it_for_a_while(cast: Cast, site: WebServer) -> None:
    calendar, at = connected(cast, site, ROUNDS), NOW + QUARTER
    taken = [acted(partial(begin_check, calendar.pk, now=at)) for _worker in range(2)]
    assert [bool(answer) for answer in taken] == [True, False]
    assert due_calendars(now=at + 4 * MINUTE, limit=9) == []
    assert due_calendars(now=at + 5 * MINUTE, limit=9) == [calendar.pk]


def test_events_of_another_program_never_change_an_appointment(cast: Cast, site: WebServer) -> None:
    cast.booked()
    before = list(Appointment.objects.values())
    calendar = connected(cast, site, OVER_RILEY)
    for number, events in enumerate([(), (OVER_RILEY,), (ROUNDS,)], start=1):
        shows(site, *events)
        check(calendar.pk, now=NOW + number * QUARTER)
    assert list(Appointment.objects.values()) == before


def test_an_event_over_an_appointment_is_one_task_that_ends_with_it(cast: Cast, site: WebServer) -> None:
    cast.booked()
    calendar = connected(cast, site, ROUNDS)
    assert tasks("conflict") == []
    shows(site, ROUNDS, OVER_RILEY, etag='"second"')
    for number in (1, 2):
        check(calendar.pk, now=NOW + number * QUARTER)
    assert tasks("conflict") == [True]
    shows(site, ROUNDS, etag='"third"')
    check(calendar.pk, now=NOW + 3 * QUARTER)
    assert sweep(now=NOW + 3 * QUARTER)["conflict over"] == 1
    assert tasks("conflict") == [False]
    shows(site, OVER_RILEY)
    check(calendar.pk, now=NOW + 4 * QUARTER)
    assert tasks("conflict") == [False, True]


def conflicted(cast: Cast, site: WebServer) -> Appointment:
    appointment = cast.booked()
    calendar = connected(cast, site, ROUNDS)
    shows(site, ROUNDS, OVER_RILEY)
    check(calendar.pk, now=NOW + QUARTER)
    return appointment


def test_a_conflict_ends_by_itself_when_the_client_is_asked_or_the_time_has_come(
    cast: Cast, site: WebServer
) -> None:
    appointment = conflicted(cast, site)
    assert sweep(now=NOW + QUARTER)["conflict over"] == 0
    assert sweep(now=appointment.starts_at)["conflict over"] == 1
    Task.objects.update(done_at=None)
    cast.asked(appointment, now=NOW + QUARTER)
    assert sweep(now=NOW + QUARTER)["conflict over"] == 1


def test_home_shows_a_conflict_once_and_whoever_is_done_with_it_has_decided(
    cast: Cast, site: WebServer
) -> None:
    conflicted(cast, site)
    me = okafor(NOW + QUARTER)
    shown = (
        "Conflicts Nothing was moved by itself Riley Brooks , Tue, Nov 24 · 11:00 AM"
        " The calendar “Work” is busy at that time. Ask Riley to reschedule See the appointment Done"
    )
    page = me.get("/home/")
    assert section(page, "Conflicts") == shown
    assert "Court" not in page.content.decode()
    assert me.post(f"/tasks/{Task.objects.get().ref}/done/").status_code == 302
    assert "Conflicts" not in me.get("/home/").content.decode()
    check(BusyCalendar.objects.get().pk, now=NOW + 2 * QUARTER)
    assert (tasks("conflict"), "Conflicts" in me.get("/home/").content.decode()) == ([False], False)


def test_our_own_appointments_are_no_busy_time_when_they_come_back(cast: Cast, site: WebServer) -> None:
    own = cast.booked()
    others = cast.booked(TUESDAY_AT_ELEVEN + DAY, provider=cast.fischer)
    times = ("DTSTART:20261124T160000Z", "DTEND:20261124T165000Z")
    events = (f"UID:{own.ical_uid}", *times), (f"UID:{others.ical_uid}", *times)
    connected(cast, site, *events, now=NOW + MINUTE)
    assert (busy(), tasks("conflict")) == ([("11-24 16:00", "")], [True])
    shows(site, (f"UID:{own.ical_uid}", *times))
    check(BusyCalendar.objects.get().pk, now=NOW + 2 * QUARTER)
    assert busy() == []


def test_titles_are_kept_only_when_asked_for_and_erased_at_once(cast: Cast, site: WebServer) -> None:
    calendar = connected(cast, site, LUNCH)
    assert busy() == [("12-02 17:00", "")]
    keep = partial(keep_titles, calendar.ref, provider_id=cast.okafor.pk)
    acted(partial(keep, keep=True, now=NOW + MINUTE))
    check(calendar.pk, now=NOW + MINUTE)
    assert busy() == [("12-02 17:00", "Lunch with Sam")]
    assert "if-none-match" not in site.asked[-1][2]
    acted(partial(keep, keep=False, now=NOW + 2 * MINUTE))
    assert busy() == [("12-02 17:00", "")]


def test_the_worker_finds_due_calendars_and_reads_them(cast: Cast, site: WebServer) -> None:
    now = clock.now().replace(microsecond=0) - HOUR  # the worker reads the clock
    calendar = connected(cast, site, ROUNDS, now=now)
    shows(site, LUNCH)
    assert [queue_due_checks(now=clock.now(), limit=9) for _twice in range(2)] == [1, 0]
    job = ProcrastinateJob.objects.get(task_name="check_calendar")
    assert job.args == {"calendar": calendar.pk}
    in_worker()
    job.refresh_from_db()
    calendar.refresh_from_db()
    assert (job.status, calendar.fault, [start for start, _ in busy()]) == ("succeeded", "", ["12-02 17:00"])
    assert calendar.next_check_at is not None
    assert calendar.next_check_at > clock.now()


def test_nothing_of_a_calendar_reaches_the_log(
    cast: Cast, site: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        calendar = connected(cast, site, LUNCH, titles=True)
        site.pages["/work.ics"] = Said(401)
        check(calendar.pk, now=NOW + QUARTER)
    assert not [secret for secret in ("Sam", "work.ics", "127.0.0.1:") if secret in caplog.text]


def test_a_calendar_of_an_account_is_read_when_its_state_changes(
    cast: Cast, settings: LazySettings, tmp_path: Path
) -> None:
    from tests.integrations.radicale_server import PASSWORD, USER, radicale_server

    settings.CALENDARS_ON_LOOPBACK = True
    with radicale_server(tmp_path) as server:
        address = server.make("work", name="Work")
        server.put("work", "rounds", *ROUNDS[1:])
        source = Source(CalendarKind.CALDAV, "127.0.0.1", address, USER, PASSWORD)
        kept = read_source(source, zone=NEW_YORK, now=NOW)
        assert kept is not None
        acted(partial(connect_calendars, cast.okafor.pk, calendars=[Brought("Work", kept, source)], now=NOW))
        calendar = BusyCalendar.objects.get()
        assert (busy(), calendar.sync_token != "") == ([("12-01 15:00", "")], True)
        check(calendar.pk, now=NOW + QUARTER)
        calendar.refresh_from_db()
        assert (calendar.read_at, calendar.checked_at) == (NOW, NOW + QUARTER)
        server.delete("work", "rounds")
        server.put("work", "lunch", *LUNCH[1:])
        check(calendar.pk, now=NOW + 2 * QUARTER)
        assert [start for start, _title in busy()] == ["12-02 17:00"]
    assert check(calendar.pk, now=NOW + 3 * QUARTER) == "calendar_unreachable"
    assert [start for start, _title in busy()] == ["12-02 17:00"]
