"""Calendars as appointments, held to models: each time ahead once and at its time on the clock, names however they are written, and nothing that breaks."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from tests.integrations.calendar_cases import NEW_YORK, OURS, calendar, event
from tests.integrations.test_calendar_fuzz import damaged, strange_events
from tests.sampling import examples

from raincheck.domain.calendars.faults import READING_FAULTS
from raincheck.domain.imports.appointments import Assumed
from raincheck.domain.imports.calendar_files import AHEAD, BEHIND, CalendarFile, Person, rows_of
from raincheck.domain.imports.calendar_reading import CalendarSettings, KnownPeople, read_calendar
from raincheck.domain.imports.importing import NoTimesAhead
from raincheck.domain.imports.whose import Clients
from raincheck.domain.refusals import Refusal
from raincheck.integrations.ics.files import read_occurrences_safely
from raincheck.integrations.ics.occurrences import read_occurrences

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Sydney",
    "Asia/Kolkata",
)
SESSION = timedelta(minutes=50)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
AUTUMN = datetime(2026, 8, 20, 15, tzinfo=UTC)
HOSTILE = sorted((OURS / "hostile").glob("*.ics"))


@dataclass(frozen=True, slots=True)
class Series:
    """A series on the clock of its zone, and one time of it that was moved; `times` and `moved` are wall times."""

    zone: str
    rule: str
    times: tuple[datetime, ...] = field(repr=False)
    left_out: frozenset[datetime]
    moved: tuple[datetime, datetime] | None

    def file(self) -> bytes:
        out = [f"EXDATE{self.at(one)}" for one in sorted(self.left_out)]
        events = [event("UID:a", *self.lines(self.times[0]), self.rule, *out)]
        if self.moved:
            was, becomes = self.moved
            events.append(event("UID:a", *self.lines(becomes), f"RECURRENCE-ID{self.at(was)}"))
        return calendar(*events)

    def lines(self, start: datetime) -> list[str]:
        return [f"DTSTART{self.at(start)}", f"DTEND{self.at(start + SESSION)}", "SUMMARY:Riley Brooks"]

    def at(self, wall: datetime) -> str:
        return f";TZID={self.zone}:{wall:%Y%m%dT%H%M%S}"

    def expected(self) -> dict[datetime, datetime]:
        """Return each time that is there by the start its series knows it by, in UTC."""
        there = {one: one for one in self.times if one not in self.left_out}
        if self.moved:
            there[self.moved[0]] = self.moved[1]
        return {self.instant(was): self.instant(start) for was, start in there.items()}

    def instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@st.composite
def series(draw: st.DrawFn) -> Series:
    """Return one by brute force: every day of three years is looked at by itself."""
    # From the hours that no clock skips or repeats.
    first = datetime(2026, 1, 1) + timedelta(  # noqa: DTZ001  # on the clock of its zone
        days=draw(st.integers(0, 500)), hours=draw(st.integers(5, 22))
    )
    every = draw(st.integers(1, 3))
    weekdays = {first.weekday(), *draw(st.sets(st.integers(0, 6), max_size=2))}
    days = [first + timedelta(days=day) for day in range(1100)]
    if draw(st.booleans()):
        monday = first.date() - timedelta(days=first.weekday())
        times = [
            one for one in days if one.weekday() in weekdays and (one.date() - monday).days // 7 % every == 0
        ]
        rule = f"RRULE:FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(DAYS[day] for day in sorted(weekdays))}"
    else:
        times, rule = days[::every], f"RRULE:FREQ=DAILY;INTERVAL={every}"
    if draw(st.booleans()):
        count = draw(st.integers(1, 60))
        times, rule = times[:count], f"{rule};COUNT={count}"
    some = st.sampled_from(times[:200])
    left_out = frozenset(draw(st.sets(some, max_size=3)))
    was = draw(some)
    becomes = was + timedelta(days=draw(st.integers(-2, 2)), minutes=draw(st.sampled_from([17, -23])))
    moved = (was, becomes) if was not in left_out and draw(st.booleans()) else None
    return Series(draw(st.sampled_from(ZONES)), rule, tuple(times), left_out, moved)


@pytest.mark.sampled
@settings(max_examples=examples(300, sampled=40), deadline=None)
@given(
    one=series(),
    now=st.integers(0, 24 * 500).map(lambda hours: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)),
)
def test_each_time_of_26_weeks_is_there_once_at_its_time_on_the_clock(one: Series, now: datetime) -> None:
    there = one.expected()
    read = read_occurrences(one.file(), now=now, zone=NEW_YORK)
    ahead = {was: start for was, start in there.items() if now < start < now + AHEAD}
    assert Counter((time.recurrence_id, time.start, time.end, time.fault) for time in read.times) == Counter(
        (f"{was:%Y%m%dT%H%M%SZ}", start, start + SESSION, None) for was, start in ahead.items()
    )
    assert read.over == sum(now - BEHIND - SESSION < start <= now for start in there.values())
    # Whatever the clocks do meanwhile: all that was not moved is at one time of day.
    on_the_clock = {
        start.astimezone(ZoneInfo(one.zone)).time() for was, start in ahead.items() if was == start
    }
    assert on_the_clock <= {one.times[0].time()}


@pytest.mark.sampled
@settings(max_examples=examples(100, sampled=20), deadline=None)
@given(one=series())
def test_of_a_file_that_was_here_nothing_comes_in_and_nothing_is_asked(one: Series) -> None:
    read = read_occurrences(one.file(), now=AUTUMN, zone=NEW_YORK)
    rows = rows_of(read, zone=NEW_YORK)
    # What was moved onto a neighbor is a row to decide about.
    meet = sum(
        after - before < SESSION for before, after in pairwise(sorted(time.start for time in read.times))
    )
    first = CalendarSettings("Dr. Jo Okafor", NEW_YORK, AUTUMN.date(), Assumed(), riley())
    came = read_calendar(rows, first).rows.good
    here = frozenset((row.uid, row.recurrence_id) for row in rows)
    again = read_calendar(rows, replace(first, here=here)).rows
    assert (len(came) + meet, len(here), again.good, again.problems) == (len(rows), len(rows), (), ())


def riley() -> KnownPeople:
    clients = Clients()
    clients.add(1, names=[("Riley", "Brooks")], emails=["riley@clients.example"])
    return KnownPeople(clients, {1: "Riley Brooks"}, {})


FIRST = st.sampled_from(
    ["Riley", "Zoë", "José María", "Anne-Marie", "Łukasz", "D'Arcy", "Søren", "Li", "İpek", "Ann"]
)
LAST = st.sampled_from(
    ["Brooks", "O’Neil", "van der Berg", "Muñoz", "Straße", "Nguyễn", "Lee", "Fernández-Gil"]
)
AROUND = st.sampled_from(
    ["{}", "{} – weekly", "Session: {}", "{} (telehealth)", "Intake, {}!", "50 min / {}"]
)


def without_accents(text: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )


WRITTEN = st.sampled_from(
    [
        str,
        str.upper,
        str.lower,
        str.title,
        without_accents,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("’", "'"),
        lambda text: text.replace(" ", "  "),
    ]
)


@settings(max_examples=examples(400, sampled=120), deadline=None)
@given(
    people=st.lists(st.tuples(FIRST, LAST), min_size=1, max_size=6, unique=True),
    around=AROUND,
    written=WRITTEN,
    order=st.sampled_from(["{0} {1}", "{1} {0}", "{1}, {0}"]),
)
def test_a_name_is_found_however_it_is_written(
    people: list[tuple[str, str]], around: str, written: object, order: str
) -> None:
    assert callable(written)
    clients = Clients()
    for number, name in enumerate(people):
        clients.add(number, names=[name], emails=[])
    title = around.format(written(order.format(*people[0])))
    assert clients.of(title, []).client == 0
    # An invitation's name is read in the same way, and an address in any case.
    assert clients.of("Session", [Person(written(order.format(*people[0])), "")]).client == 0


def ended(data: bytes) -> CalendarFile | type[Refusal]:
    try:
        return read_occurrences(data, now=AUTUMN, zone=NEW_YORK)
    except (*READING_FAULTS, NoTimesAhead) as refusal:
        return type(refusal)


def check(result: CalendarFile | type[Refusal]) -> None:
    """Fail where what was read can't be shown, kept and read on as rows."""
    if not isinstance(result, CalendarFile):
        return
    rows = rows_of(result, zone=NEW_YORK)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(cell.isprintable() for row in rows for name, cell in row.cells.items() if name != "ATTENDEE")
    assert all(AUTUMN < row.span.start < AUTUMN + AHEAD for row in rows if row.span)
    read = read_calendar(
        rows, CalendarSettings("Dr. Jo Okafor", NEW_YORK, date(2026, 8, 20), Assumed(), riley())
    )
    said = [*(one.row for one in read.rows.good), *(one.row for one in read.rows.problems)]
    assert Counter(said) == Counter(row.number for row in rows)


@pytest.mark.sampled
@settings(max_examples=examples(250, sampled=40), deadline=None)
@given(damaged() | strange_events())
def test_a_damaged_calendar_becomes_rows_or_is_refused(data: bytes) -> None:
    check(ended(data))


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_a_hostile_calendar_becomes_rows_or_is_refused(path: object) -> None:
    try:
        check(read_occurrences_safely(path.read_bytes(), now=AUTUMN, zone=NEW_YORK))  # type: ignore[attr-defined]
    except READING_FAULTS:
        return
