"""Appointments pushed into a provider's own calendar, on a real Radicale: written, followed, removed, and never anybody else's."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from icalendar import Calendar
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.appointments.test_appointments import cancel
from tests.app.calendars.test_calendar_feeds import asked_for, of_okafor
from tests.app.cast import FRIDAY_AT_NINE, NEW_YORK, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, manager, okafor, section
from tests.integrations.calendar_cases import calendar, event
from tests.integrations.radicale_server import PASSWORD, USER, Radicale, radicale_server
from tests.integrations.test_calendar_accounts import multistatus, response
from tests.integrations.web_server import Said, WebServer, guard, web_server

from raincheck import clock
from raincheck.actions.calendars.pushes import begin_event, begin_run, push_into, take_over
from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.calendars.pushes import CalendarPush, PushedEvent
from raincheck.data.people import Provider, User
from raincheck.data.tasks import Task
from raincheck.domain.calendars.busy import CalendarGone
from raincheck.domain.calendars.checks import CalendarKind, Source, StoredReading
from raincheck.domain.calendars.pushes import CalendarStillWrittenTo, NotAnAccount, Result, WritesElsewhere
from raincheck.domain.people import SYSTEM
from raincheck.domain.spans import Span
from raincheck.integrations.caldav import push as calendar_pushes
from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.caldav.push import RemoteCalendar, push_appointments
from raincheck.integrations.calendar_checks import check, stored
from raincheck.integrations.http.safe_http import Login
from raincheck.integrations.ics.reading import read_busy
from raincheck.notifications.calendar_feeds import object_of
from raincheck.queries.calendars.feeds import entry_to_push
from raincheck.queries.calendars.pushes import pushes_due
from raincheck.worker.scheduler import tick

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CALENDARS = "/availability/calendars/"
MINE = "Your appointments written into a calendar"
WINDOW = Span(NOW - 30 * DAY, NOW + 400 * DAY)
ROUNDS = ("SUMMARY:Rounds", "DTSTART:20261127T130000Z", "DTEND:20261127T140000Z")
# An entry of another program; nobody but Raincheck makes the UIDs of its appointments.
STRANGERS = calendar(event("UID:rounds", "DTSTAMP:20261101T000000Z", *ROUNDS)).decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale_server(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def work(cast: Cast, server: Radicale, settings: LazySettings) -> Work:
    """Dr. Okafor's calendar, connected as an account."""
    settings.CALENDARS_ON_LOOPBACK = True
    path = uuid4().hex
    return Work(server, path, connected(cast.okafor, server.make(path, name="Work")))


class Work:
    """A calendar as its owner sees it in another program."""

    def __init__(self, server: Radicale, path: str, row: BusyCalendar) -> None:
        self.server, self.path, self.row = server, path, row
        self.account = server.account(f"{USER}/{path}/")

    def entries(self) -> list[tuple[str, int, datetime]]:
        """Return each entry's UID, version and start, soonest first."""
        found = [
            (str(one["UID"]), int(one.get("SEQUENCE", 0)), one.decoded("DTSTART").astimezone(UTC))
            for one in Calendar.from_ical(self.account.events(within=WINDOW), multiple=True)
            for one in one.walk("VEVENT")
        ]
        return sorted(found, key=lambda one: (one[2], one[0]))

    def put(self, uid: str, text: str) -> None:
        answer = self.account.send(
            "PUT", self.address(uid), body=text.encode(), headers={"Content-Type": "text/calendar"}
        )
        assert answer.status in (201, 204)

    def text(self, uid: str) -> str:
        answer = self.account.send("GET", self.address(uid))
        assert answer.status == 200
        return answer.body.decode()

    def address(self, uid: str) -> str:
        return f"{self.account.address}{uid}.ics"


def done(verb: Any, *, now: datetime = NOW) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def connected(
    provider: Provider, address: str, *, name: str = "Work", password: str = PASSWORD
) -> BusyCalendar:
    source = Source(CalendarKind.CALDAV, "127.0.0.1", address, USER, password)
    reading = StoredReading((), (), WINDOW.end)
    made = done(partial(import_busy_time, provider.pk, name=name, reading=reading, source=source, now=NOW))
    return BusyCalendar.objects.get(ref=made["calendar"])


def begin(work: Work, *, now: datetime = NOW) -> CalendarPush:
    verb = partial(push_into, work.row.ref, provider_id=work.row.provider_id, now=now)
    return CalendarPush.objects.get(ref=done(verb, now=now)["push"])


def pass_time(now: datetime) -> list[dict[str, int]]:
    """Do as the worker does until nothing is due, and return what each run did."""
    runs = []
    while due := pushes_due(now=now):
        runs += [dict(push_appointments(number, now=now)) for number in due]
        assert len(runs) < 20
    return runs


def of(row: Appointment) -> tuple[str, int, datetime]:
    row.refresh_from_db()
    return row.ical_uid, row.ical_sequence, row.starts_at


def test_what_is_ahead_is_written_once_and_what_is_past_is_left_alone(cast: Cast, work: Work) -> None:
    over = cast.booked(NOW + HOUR, now=NOW - DAY)
    first, second = cast.booked(), cast.booked(new_york(25, 9), client=cast.maya)
    now = over.ends_at + MINUTE
    begin(work, now=now)
    assert pass_time(now) == [{"pushed: done": 2}]
    assert work.entries() == [of(first), of(second)]
    state = work.account.state()
    assert (pass_time(now + HOUR), work.account.state()) == ([], state)
    assert pushes_due(now=first.ends_at + 30 * DAY) == []


def test_an_entry_names_nobody_and_is_a_plain_object_of_a_calendar(cast: Cast, work: Work) -> None:
    row = cast.booked()
    begin(work)
    pass_time(NOW)
    text = work.text(row.ical_uid)
    event = Calendar.from_ical(text).walk("VEVENT")[0]
    told = {name: str(event[name]) for name in ("SUMMARY", "CLASS", "STATUS", "LOCATION", "X-RAINCHECK-COPY")}
    assert told == {
        "SUMMARY": "Appointment",
        "CLASS": "PRIVATE",
        "STATUS": "CONFIRMED",
        "LOCATION": "https://meet.example/room",
        "X-RAINCHECK-COPY": "1",
    }
    assert [word for word in ("METHOD", "ORGANIZER", "ATTENDEE", "Riley", "Brooks") if word in text] == []


def test_an_entry_moves_with_its_appointment_and_goes_with_it(cast: Cast, work: Work) -> None:
    row = cast.booked()
    begin(work)
    pass_time(NOW)
    cast.pick(cast.asked(row))
    assert (pass_time(NOW + MINUTE), work.entries()) == (
        [{"pushed: done": 1}],
        [(row.ical_uid, 1, FRIDAY_AT_NINE)],
    )
    row.refresh_from_db()
    cancel(cast, row)
    assert (pass_time(NOW + 2 * MINUTE), work.entries()) == ([{"removed: done": 1}], [])
    assert PushedEvent.objects.count() == 0


def test_a_run_that_died_is_repeated_and_leaves_the_same_entry(cast: Cast, work: Work) -> None:
    row = cast.booked()
    push = begin(work)
    until = done(partial(begin_run, push.pk, now=NOW))["until"]
    done(partial(begin_event, push.pk, row.pk, until=until, now=NOW))
    text = object_of(entry_to_push(row, provider=cast.okafor))
    RemoteCalendar(work.account).put(row.ical_uid, text, etag="")
    written = work.text(row.ical_uid)  # and here it dies, before anything was written down
    assert pushes_due(now=NOW + 4 * MINUTE) == []
    assert pass_time(NOW + 5 * MINUTE) == [{"pushed: done": 1}]
    assert (work.entries(), work.text(row.ical_uid)) == ([of(row)], written)


def test_a_strangers_entry_is_never_replaced_and_the_place_is_tried_again_next_day(
    cast: Cast, work: Work, server: Radicale
) -> None:
    row = cast.booked()
    work.put(row.ical_uid, STRANGERS)
    begin(work)
    before = work.text(row.ical_uid)
    assert (pass_time(NOW), work.text(row.ical_uid)) == ([{"pushed: taken": 1}], before)
    assert "1 appointment is left out: an entry that is not ours stands in its place." in page()
    server.delete(work.path, row.ical_uid)
    assert pass_time(NOW + 23 * HOUR) == []
    assert (pass_time(NOW + 24 * HOUR), work.entries()) == ([{"pushed: done": 1}], [of(row)])


def test_an_entry_of_the_same_name_elsewhere_in_the_calendar_is_respected(cast: Cast, work: Work) -> None:
    row = cast.booked()
    text = object_of(entry_to_push(row, provider=cast.okafor))
    work.put("imported-by-hand", text)
    begin(work)
    assert (pass_time(NOW), work.entries()) == ([{"pushed: taken": 1}], [of(row)])


def test_what_the_provider_does_to_an_entry_changes_no_appointment(
    cast: Cast, work: Work, server: Radicale
) -> None:
    moved, deleted = cast.booked(), cast.booked(new_york(25, 9), client=cast.maya)
    begin(work)
    pass_time(NOW)
    text = work.text(moved.ical_uid)
    work.put(moved.ical_uid, text.replace("20261124T11", "20261124T15"))
    server.delete(work.path, deleted.ical_uid)
    assert (pass_time(NOW + HOUR), [start for _uid, _seq, start in work.entries()]) == (
        [],
        [new_york(24, 15)],
    )
    assert (of(moved)[2], of(deleted)[2]) == (TUESDAY_AT_ELEVEN, new_york(25, 9))
    cast.pick(cast.asked(moved), now=NOW + HOUR)
    cancel(cast, deleted)
    pass_time(NOW + HOUR)
    assert work.entries() == [(moved.ical_uid, 1, FRIDAY_AT_NINE)]


def test_a_deleted_entry_comes_back_when_its_appointment_changes(
    cast: Cast, work: Work, server: Radicale
) -> None:
    row = cast.booked()
    begin(work)
    pass_time(NOW)
    server.delete(work.path, row.ical_uid)
    cast.pick(cast.asked(row))
    pass_time(NOW)
    assert work.entries() == [(row.ical_uid, 1, FRIDAY_AT_NINE)]


def test_an_entry_that_somebody_made_their_own_is_left_to_them(
    cast: Cast, work: Work, server: Radicale
) -> None:
    row = cast.booked()
    begin(work)
    pass_time(NOW)
    server.delete(work.path, row.ical_uid)
    work.put(row.ical_uid, STRANGERS)
    theirs = work.text(row.ical_uid)
    cast.pick(cast.asked(row))
    pass_time(NOW)
    row.refresh_from_db()
    cancel(cast, row)
    pass_time(NOW + DAY)
    assert (work.text(row.ical_uid), PushedEvent.objects.count()) == (theirs, 0)


def test_our_own_entries_are_never_read_back_as_busy_time(cast: Cast, work: Work, server: Radicale) -> None:
    """Neither from the calendar they were written into, nor from the provider's own feed."""
    cast.booked()
    cast.booked(new_york(25, 9), client=cast.maya)
    begin(work)
    pass_time(NOW)
    server.put(work.path, "rounds", *ROUNDS)
    BusyCalendar.objects.filter(pk=work.row.pk).update(next_check_at=NOW)
    assert check(work.row.pk, now=NOW) == ""
    reading = read_busy(asked_for(of_okafor()).content, window=WINDOW, zone=NEW_YORK)
    assert len(reading.busy) == 2
    reading = stored(reading, window=WINDOW)
    done(partial(import_busy_time, cast.okafor.pk, name="Feed", reading=reading, now=NOW))
    rounds = datetime(2026, 11, 27, 13, tzinfo=UTC)
    assert list(BusyTime.objects.values_list("calendar__name", "starts_at")) == [("Work", rounds)]


def test_stopping_takes_back_what_was_written_and_nothing_else(
    cast: Cast, work: Work, server: Radicale
) -> None:
    row = cast.booked()
    server.put(work.path, "rounds", *ROUNDS)
    push = begin(work)
    pass_time(NOW)
    me = okafor(NOW)
    me.post(f"{CALENDARS}push/{push.ref}/stop/", entries="take_back")
    assert "Stopped. 1 entry is still to be taken back from “Work”." in page()
    assert pass_time(NOW) == [{"removed: done": 1}]
    assert [uid for uid, *_rest in work.entries()] == ["rounds"]
    assert (CalendarPush.objects.count(), PushedEvent.objects.count()) == (0, 0)
    assert of(row)[2] == TUESDAY_AT_ELEVEN


def test_stopping_can_leave_what_was_written(cast: Cast, work: Work) -> None:
    row = cast.booked()
    push = begin(work)
    pass_time(NOW)
    okafor().post(f"{CALENDARS}push/{push.ref}/stop/", entries="leave")
    assert (pass_time(NOW), work.entries(), CalendarPush.objects.count()) == ([], [of(row)], 0)


def test_starting_again_finds_what_was_left_there(cast: Cast, work: Work) -> None:
    row = cast.booked()
    push = begin(work)
    pass_time(NOW)
    okafor().post(f"{CALENDARS}push/{push.ref}/stop/", entries="leave")
    begin(work)
    assert (pass_time(NOW), work.entries()) == ([{"pushed: done": 1}], [of(row)])


def test_a_server_that_is_away_is_tried_after_growing_pauses_and_becomes_a_task(
    cast: Cast, work: Work, tmp_path: Any
) -> None:
    row = cast.booked()
    with radicale_server(tmp_path) as other:
        other.make("office", name="Work")
        away = connected(cast.fischer, f"{other.url}{USER}/office/")
    appointment = cast.booked(new_york(25, 9), provider=cast.fischer, client=cast.maya)
    done(partial(push_into, away.ref, provider_id=cast.fischer.pk, now=NOW))
    now, pauses = NOW, []
    while now < NOW + DAY + HOUR:
        [number] = pushes_due(now=now)
        push_appointments(number, now=now)
        push = CalendarPush.objects.get()
        pauses.append((push.next_try_at - now) // MINUTE)
        assert pushes_due(now=push.next_try_at - MINUTE / 2) == []
        now = push.next_try_at
    assert pauses == [1, 1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240, 240, 240][: len(pauses)]
    assert (push.failing_since, push.fault) == (NOW, "calendar_unreachable")
    assert list(Task.objects.values_list("kind", "provider", "calendar")) == [
        ("calendar_not_written", cast.fischer.pk, away.pk)
    ]
    said = section(StaffBrowser("fischer@harbor.example", now=now).get(CALENDARS), MINE)
    assert "Could not write since Mon, Nov 16 · 10:00 AM: its server does not answer. We keep trying." in said
    assert [uid for uid, *_rest in work.entries()] == []
    BusyCalendar.objects.filter(pk=away.pk).update(sealed_address=work.row.sealed_address)
    pass_time(now)
    assert [entry for entry in work.entries() if entry[0] != row.ical_uid] == [of(appointment)]
    push.refresh_from_db()
    assert (push.failing_since, push.fault, Task.objects.filter(done_at=None).count()) == (None, "", 0)


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ({"sealed_password": "not sealed"}, "its address or password has to be entered again"),
        ({"username": "somebody"}, "the address wants a password"),
    ],
)
def test_a_password_that_opens_nothing_is_told(
    cast: Cast, work: Work, lost: dict[str, str], why: str
) -> None:
    cast.booked()
    begin(work)
    BusyCalendar.objects.filter(pk=work.row.pk).update(**lost)
    [number] = pushes_due(now=NOW)
    push_appointments(number, now=NOW)
    assert f"Could not write since Mon, Nov 16 · 10:00 AM: {why}. We keep trying." in page()


def page(now: datetime = NOW) -> str:
    return section(okafor(now).get(CALENDARS), MINE)


def test_a_provider_switches_it_on_and_sees_how_it_goes(cast: Cast, work: Work) -> None:
    cast.booked()
    me = okafor()
    assert "Write them into “Work”" in page()
    sent = me.post(f"{CALENDARS}push/", calendar=str(work.row.ref))
    assert (sent.status_code, sent["Location"]) == (302, f"{CALENDARS}#push")
    assert "1 appointment is on its way into “Work”." in page()
    pass_time(NOW)
    assert "“Work” is up to date. The last change was written 3 minutes ago." in page(NOW + 3 * MINUTE)


def test_a_calendar_that_is_written_into_is_not_removed(cast: Cast, work: Work) -> None:
    begin(work)
    me = okafor()
    me.post(f"{CALENDARS}{work.row.ref}/remove/")
    assert BusyCalendar.objects.count() == 1
    sent = me.post(f"{CALENDARS}{work.row.ref}/remove/")
    assert "Stop that first, and then remove it; nothing was changed." in words(sent)


def test_a_manager_starts_nothing_for_a_provider_but_can_stop_it(cast: Cast, work: Work) -> None:
    sasha = manager(cast)
    here = f"?provider={cast.okafor.ref}"
    assert sasha.post(f"{CALENDARS}push/{here}", calendar=str(work.row.ref)).status_code == 404
    push = begin(work)
    assert "Dr. Okafor's appointments written into a calendar" in words(sasha.get(f"{CALENDARS}{here}"))
    key = str(uuid4())
    sent = [sasha.post(f"{CALENDARS}push/{push.ref}/stop/", key=key)["Location"] for _twice in range(2)]
    assert (sent, CalendarPush.objects.count()) == ([f"{CALENDARS}{here}#push", "/home/"], 0)


def test_only_ones_own_account_can_be_written_into_and_only_one(
    cast: Cast, work: Work, server: Radicale
) -> None:
    reading = StoredReading((), (), WINDOW.end)
    file = done(partial(import_busy_time, cast.okafor.pk, name="File", reading=reading, now=NOW))["calendar"]
    other = connected(cast.okafor, server.make(uuid4().hex, name="Home"), name="Home")
    begin(work)
    for ref, provider, refused in (
        (UUID(file), cast.okafor, NotAnAccount),
        (work.row.ref, cast.mallory, CalendarGone),
        (other.ref, cast.okafor, WritesElsewhere),
    ):
        with pytest.raises(refused):
            done(partial(push_into, ref, provider_id=provider.pk, now=NOW))


def test_no_other_calendar_takes_the_place_of_one_that_is_written_to(cast: Cast, work: Work) -> None:
    begin(work)
    reading = StoredReading((), (), WINDOW.end)
    with pytest.raises(CalendarStillWrittenTo):
        done(partial(import_busy_time, cast.okafor.pk, name=work.row.name, reading=reading, now=NOW))
    assert connected(cast.okafor, work.account.address, name=work.row.name).pk == work.row.pk


def test_nothing_goes_into_the_calendar_of_who_left(cast: Cast, work: Work) -> None:
    cast.booked()
    begin(work)
    User.objects.filter(email="okafor@harbor.example").update(is_active=False)
    assert (pass_time(NOW), work.entries()) == ([], [])


def test_a_tick_queues_one_job_for_a_calendar_that_lacks_something(cast: Cast, work: Work) -> None:
    now = clock.now()
    cast.booked(now.replace(minute=0, second=0, microsecond=0) + 2 * DAY, now=now)
    begin(work)
    for _twice in range(2):
        tick()
    jobs = ProcrastinateJob.objects.filter(task_name="push_appointments")
    assert list(jobs.values_list("status", "args__push")) == [("todo", CalendarPush.objects.get().pk)]


def test_an_answer_nobody_thought_of_is_a_fault_and_no_silence(
    cast: Cast, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.booked()
    begin(work)
    monkeypatch.setattr(Dying, "left", 1)
    monkeypatch.setattr(Dying, "by", ZeroDivisionError)
    monkeypatch.setattr(calendar_pushes, "CalendarAccount", Dying)
    [number] = pushes_due(now=NOW)
    push_appointments(number, now=NOW)
    assert "something went wrong. We keep trying." in page()
    assert pass_time(NOW + MINUTE) == [{"pushed: done": 1}]
    assert "We keep trying" not in page(NOW + MINUTE)


class Shelf:
    """A small CalDAV server that keeps what is put there, with the habits that a test gives it."""

    def __init__(self, site: WebServer, *, etags: str = "strong", marks: bool = False) -> None:
        self.entries: dict[str, tuple[int, bytes]] = {}
        self.etags, self.marks, self.versions = etags, marks, 0
        self.account = CalendarAccount(site.address("/work/"), Login(USER, PASSWORD), guard=guard())
        site.says = self.says

    def etag(self, path: str) -> str:
        version = f'"{self.entries[path][0]}"'
        return {"strong": version, "weak": f"W/{version}"}.get(self.etags, "")

    def says(self, asked: BaseHTTPRequestHandler, body: bytes) -> Said:
        path, there = asked.path, asked.path in self.entries
        if asked.command == "PROPFIND":
            properties = f"<d:getetag>{self.etag(path)}</d:getetag>" if there and self.etags != "none" else ""
            return multistatus(response(path, properties)) if there else Said(404)
        if asked.command == "GET":
            return Said(200, {}, self.entries[path][1]) if there else Said(404)
        wanted = asked.headers.get("If-Match")
        fits = there and wanted in (self.etag(path) if self.etags == "strong" else "", "*")
        if not (fits if wanted is not None else not there):
            return Said(412)
        if asked.command == "DELETE":
            del self.entries[path]
            return Said(204, body=b"")
        self.versions += 1
        lines = [line for line in body.splitlines(keepends=True) if self.marks or not line.startswith(b"X-")]
        self.entries[path] = (self.versions, b"".join(lines))
        headers = {"ETag": self.etag(path)} if self.etags != "none" else {}
        return Said(204 if there else 201, headers, b"")


@pytest.mark.parametrize("etags", ["strong", "weak", "none"])
@pytest.mark.parametrize("marks", [True, False], ids=["marks kept", "marks dropped"])
def test_our_own_entry_is_known_on_a_server_without_etags_or_marks(
    cast: Cast, etags: str, marks: bool
) -> None:
    row = cast.booked()
    first = object_of(entry_to_push(row, provider=cast.okafor))
    later = first.replace("20261124T11", "20261124T15")
    with web_server() as site:
        shelf = Shelf(site, etags=etags, marks=marks)
        remote, path = RemoteCalendar(shelf.account), f"/work/{row.ical_uid}.ics"
        result, etag = remote.put(row.ical_uid, first, etag="")
        assert (result, etag) == (Result.DONE, '"1"' if etags == "strong" else "")
        # As after a run that died before it heard the answer.
        for known in (etag, "", '"old"'):
            assert remote.put(row.ical_uid, later, etag=known)[0] == Result.DONE
        assert b"20261124T15" in shelf.entries[path][1]
        assert (remote.remove(row.ical_uid, etag=""), shelf.entries) == (Result.DONE, {})


@pytest.mark.parametrize("etags", ["strong", "weak", "none"])
def test_anothers_entry_is_never_replaced_on_a_server_without_etags(cast: Cast, etags: str) -> None:
    row = cast.booked()
    with web_server() as site:
        shelf = Shelf(site, etags=etags)
        path = f"/work/{row.ical_uid}.ics"
        shelf.entries[path] = (0, STRANGERS.encode())
        remote = RemoteCalendar(shelf.account)
        assert remote.put(row.ical_uid, "ours", etag="")[0] == Result.TAKEN
        assert (remote.remove(row.ical_uid, etag=""), shelf.entries[path]) == (
            Result.DONE,
            (0, STRANGERS.encode()),
        )


class Died(BaseException):
    """The worker was killed."""


class Dying(CalendarAccount):
    """An account whose worker dies at its nth request: before the server gets it, or before anybody hears the answer."""

    left: ClassVar[int] = 0
    after: ClassVar[bool] = False
    by: ClassVar[type[BaseException]] = Died

    def send(self, method: str, address: str, **said: Any) -> Any:
        Dying.left -= 1
        if Dying.left == 0 and not Dying.after:
            raise Dying.by
        answer = super().send(method, address, **said)
        if Dying.left == 0:
            raise Dying.by
        return answer


class StandingStill(CalendarAccount):
    """An account whose worker stands still before its first change, while something happens meanwhile."""

    meanwhile: ClassVar[Callable[[], object] | None] = None

    def send(self, method: str, address: str, **said: Any) -> Any:
        happens = StandingStill.meanwhile
        if method == "PUT" and happens is not None:
            StandingStill.meanwhile = None
            happens()
        return super().send(method, address, **said)


def test_a_worker_that_stood_still_puts_no_former_version_over_anothers(
    cast: Cast, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own version is refused by the server; it must not look what is there now and write over that."""
    row = cast.booked()
    push = begin(work)
    pass_time(NOW)
    request = cast.asked(row)
    Appointment.objects.filter(pk=row.pk).update(ical_sequence=1)

    def another_takes_over() -> None:
        cast.pick(request)
        done(partial(take_over, push.pk, now=NOW + MINUTE), now=NOW + MINUTE)
        assert push_appointments(push.pk, now=NOW + MINUTE) == {"pushed: done": 1}

    monkeypatch.setattr(StandingStill, "meanwhile", another_takes_over)
    monkeypatch.setattr(calendar_pushes, "CalendarAccount", StandingStill)
    assert push_appointments(push.pk, now=NOW) == {}
    assert work.entries() == [(row.ical_uid, 2, FRIDAY_AT_NINE)]
    assert (PushedEvent.objects.get().sequence, pass_time(NOW + 2 * MINUTE)) == (2, [])


def test_one_appointment_that_cannot_be_read_keeps_no_other_from_being_written(
    cast: Cast, work: Work
) -> None:
    broken, sound = cast.booked(), cast.booked(new_york(25, 9), client=cast.maya)
    begin(work)
    room = Place.objects.create(practice=cast.practice, name="Room", kind="room", zone="Mars/Base")
    Appointment.objects.filter(pk=broken.pk).update(place=room)
    assert pass_time(NOW) == [{"pushed: refused": 1, "pushed: done": 1}]
    assert work.entries() == [of(sound)]


@pytest.mark.parametrize("seed", [1, 3])
def test_however_runs_die_the_calendar_ends_as_it_should(
    cast: Cast, work: Work, server: Radicale, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Appointments come, move and go, the owner moves and deletes entries, and workers are killed at any request."""
    cast.choose(undo=0, one_a_day="no_rule")  # they come and move as they like
    chance = random.Random(seed)  # the same story for the same seed
    monkeypatch.setattr(calendar_pushes, "CalendarAccount", Dying)
    server.put(work.path, "rounds", *ROUNDS)
    begin(work)
    rows: list[Appointment] = []
    deleted: set[str] = set()
    now = NOW
    starts = [new_york(day, hour) for day in range(23, 28) for hour in range(9, 17)]
    chance.shuffle(starts)
    for step in range(14):
        now += 6 * MINUTE  # longer than a dead worker keeps others away
        if step % 3 == 0:
            rows.append(cast.booked(starts.pop(), now=now))
        change = chance.choice(rows)
        change.refresh_from_db()
        if change.status == "scheduled" and chance.random() < 0.8:
            if chance.random() < 0.8:
                cast.pick(cast.asked(change, now=now, repeat_confirmed=True), starts.pop(), now=now)
            else:
                cancel(cast, change)
        Dying.left, Dying.after = chance.randint(1, 3), chance.random() < 0.7
        with suppress(Died):
            pass_time(now)
        if chance.random() < 0.3 and (mine := [uid for uid, *_rest in work.entries() if uid != "rounds"]):
            deleted.add(gone := chance.choice(mine))
            server.delete(work.path, gone)
    Dying.left = 0
    pass_time(now + 6 * MINUTE)
    expected = {of(row) for row in rows if Appointment.objects.get(pk=row.pk).status == "scheduled"}
    there = {entry for entry in work.entries() if entry[0] != "rounds"}
    # What its owner deleted and what has not changed since stays away; nothing else may be missing or too much.
    assert there <= expected
    assert {uid for uid, *_rest in expected - there} <= deleted
    assert "rounds" in {uid for uid, *_rest in work.entries()}
