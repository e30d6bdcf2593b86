"""Scenarios: questions for slots, written down in a JSON file that people and tests can read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from raincheck.cli.refusal import CommandRefused
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.refusals import Refusal
from raincheck.domain.slot_explanations.reasons import Known, NotOffered
from raincheck.domain.slots import Question
from raincheck.domain.spans import Span
from raincheck.domain.zones import whole_days, zone_named

DAY_MINUTES = 24 * 60
FIRST_YEAR, LAST_YEAR = 1900, 2200
LONGEST_RANGE = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class Scenario:
    id: str | int | None
    question: Question


@dataclass(frozen=True, slots=True)
class Entry:
    """One JSON object of the file and where it stands, so that a refusal can point at the very field."""

    fields: Mapping[str, object]
    where: str

    def refused(self, name: str, what: str) -> CommandRefused:
        return CommandRefused(f"{self.where}: {name} {what}.")

    def required(self, name: str) -> object:
        if name not in self.fields:
            raise self.refused(name, "is missing")
        return self.fields[name]

    def whole(self, name: str, *, least: int, most: int, default: int | None = None) -> timedelta:
        """Return a field that counts whole minutes."""
        value = self.required(name) if default is None else self.fields.get(name, default)
        # In Python true is a whole number too; here it is a slip.
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refused(name, f"must be a whole number of minutes from {least} to {most}")
        return timedelta(minutes=value)

    def instant(self, name: str) -> datetime:
        value = self.required(name)
        try:
            instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise self.refused(name, "must be an instant like 2027-03-02T14:00:00Z")
        return instant

    def date(self, name: str) -> date:
        value = self.required(name)
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is None:
            raise self.refused(name, "must be a date like 2027-03-02")
        return day

    def flag(self, name: str) -> bool:
        """Return a field that is true or false; missing it is false."""
        value = self.fields.get(name, False)
        if not isinstance(value, bool):
            raise self.refused(name, "must be true or false")
        return value

    def entry(self, name: str) -> Entry:
        return _entry(self.required(name), where=f"{self.where}: {name}")

    def each(self, name: str) -> Iterator[Entry]:
        """Yield the objects of a list; a missing list is an empty one."""
        items = self.fields.get(name, [])
        if not isinstance(items, list):
            raise self.refused(name, "must be a list")
        for number, item in enumerate(items):
            yield _entry(item, where=f"{self.where}: {name}[{number}]")


def scenarios_in(path: Path) -> list[Scenario]:
    """Return the scenarios of a file: one object, or `{"scenarios": [...]}`.

    Raises CommandRefused with a sentence that names the scenario and the field.
    """
    try:
        content: object = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror}.") from error
    # Brackets within brackets, a thousand deep, exhaust the reader's stack.
    except (ValueError, RecursionError) as error:
        raise CommandRefused(f"{path} is not a JSON file: {error}.") from error
    whole = _entry(content, where=str(path))
    if "scenarios" in whole.fields:
        return [_scenario(entry) for entry in whole.each("scenarios")]
    return [_scenario(whole)]


def _entry(value: object, *, where: str) -> Entry:
    if not isinstance(value, dict):
        raise CommandRefused(f"{where} must be a JSON object.")
    return Entry(value, where)


def _scenario(entry: Entry) -> Scenario:
    name = entry.fields.get("id")
    if not isinstance(name, str | int | None):
        raise entry.refused("id", "must be a text or a number")
    named = Entry(entry.fields, entry.where if name is None else f"scenario “{name}”")
    try:
        return Scenario(name, _question(named))
    except Refusal as refusal:
        raise CommandRefused(f"{named.where}: {refusal.sentence.format(**refusal.values)}") from refusal
    except OverflowError as error:
        raise CommandRefused(f"{named.where}: a date lies too far away to reckon with.") from error


def _question(entry: Entry) -> Question:
    zone = zone_named(entry.required("timezone"))
    notice = entry.whole("min_notice_min", least=0, most=3_660 * DAY_MINUTES, default=0)
    busy: list[Span] = []
    names: dict[tuple[NotOffered, Span], str] = {}
    for one in entry.each("busy"):
        name = one.fields.get("name", "")
        if not isinstance(name, str):
            raise one.refused("name", "must be a text")
        if (span := _span(one)) is not None:
            busy.append(span)
            names[NotOffered.BUSY, span] = name
    sessions = _spans(entry, "client_sessions")
    overrides = [
        {"date": day.required("date"), "windows": day.required("intervals")}
        for day in entry.each("date_overrides")
    ]
    availability = availability_from({"weekly": entry.fields.get("weekly_hours", []), "overrides": overrides})

    asked = entry.entry("range")
    within = _span(asked)
    if within is None or within.length > LONGEST_RANGE:
        raise CommandRefused(
            f"{asked.where} must be longer than nothing and at most {LONGEST_RANGE.days} days."
        )
    if within.start.year < FIRST_YEAR or within.end.year > LAST_YEAR:
        raise CommandRefused(f"{asked.where} must lie in the years {FIRST_YEAR} to {LAST_YEAR}.")

    return Question(
        zone=zone,
        availability=availability,
        within=within,
        length=entry.whole("duration_min", least=1, most=7 * DAY_MINUTES),
        step=entry.whole("step_min", least=1, most=DAY_MINUTES),
        buffer_before=entry.whole("buffer_before_min", least=0, most=7 * DAY_MINUTES, default=0),
        buffer_after=entry.whole("buffer_after_min", least=0, most=7 * DAY_MINUTES, default=0),
        earliest_at=entry.instant("now") + notice,
        out_of_office=tuple(_days(days, zone=zone) for days in entry.each("out_of_office")),
        busy=tuple(busy),
        client_appointments=sessions,
        room=_spans(entry, "room_sessions"),
        same_day_as=sessions if entry.flag("one_session_a_day") else (),
        known=Known(names, notice=notice),
    )


def _spans(entry: Entry, name: str) -> tuple[Span, ...]:
    """Return the stretches of a list, which is empty when the file does not state it."""
    return tuple(span for one in entry.each(name) if (span := _span(one)) is not None)


def _span(entry: Entry) -> Span | None:
    """Return the stretch from start to end, or None for one without length, which takes no time."""
    start, end = entry.instant("start"), entry.instant("end")
    if end < start:
        raise entry.refused("end", "is before start")
    return Span(start, end) if start < end else None


def _days(entry: Entry, *, zone: ZoneInfo) -> Span:
    first, last = entry.date("start_date"), entry.date("end_date")
    if last < first:
        raise entry.refused("end_date", "is before start_date")
    try:
        return whole_days(first, last, zone=zone)
    except ValueError as error:
        raise entry.refused("start_date", "is a day that the zone skipped") from error
