"""Scenarios: questions for slots, written down in a JSON file that people and tests can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from raincheck.cli.refusal import CommandRefused
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.refusals import Refusal
from raincheck.domain.slot_explanations.reasons import Known, NotOffered
from raincheck.domain.slots import Question
from raincheck.domain.spans import Span
from raincheck.domain.zones import whole_days, zone_named

Part = TypeVar("Part")

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

    def entry(self, name: str) -> Entry:
        return _entry(self.required(name), where=f"{self.where}: {name}")

    def each(self, name: str, read: Callable[[Entry], Part]) -> list[Part]:
        """Return what `read` makes of each object of a list; a missing list is an empty one."""
        items = self.fields.get(name, [])
        if not isinstance(items, list):
            raise self.refused(name, "must be a list")
        return [
            read(_entry(item, where=f"{self.where}: {name}[{number}]")) for number, item in enumerate(items)
        ]


def scenarios_in(path: Path) -> list[Scenario]:
    """Return the scenarios of a file: one object, or `{"scenarios": [...]}`.

    Raises CommandRefused with a sentence that names the scenario and the field.
    """
    content = _entry(_json(path), where=str(path))
    if "scenarios" in content.fields:
        return content.each("scenarios", _scenario)
    return [_scenario(content)]


def _json(path: Path) -> object:
    try:
        content: object = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror}.") from error
    # Brackets within brackets, a thousand deep, exhaust the reader's stack.
    except (ValueError, RecursionError) as error:
        raise CommandRefused(f"{path} is not a JSON file: {error}.") from error
    return content


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
    busy = [(span, name) for span, name in entry.each("busy", _busy) if span is not None]
    return Question(
        zone=zone,
        availability=availability_from(
            {
                "weekly": entry.fields.get("weekly_hours", []),
                "overrides": entry.each("date_overrides", _override),
            }
        ),
        within=_range(entry.entry("range")),
        length=entry.whole("duration_min", least=1, most=7 * DAY_MINUTES),
        step=entry.whole("step_min", least=1, most=DAY_MINUTES),
        buffer_before=entry.whole("buffer_before_min", least=0, most=7 * DAY_MINUTES, default=0),
        buffer_after=entry.whole("buffer_after_min", least=0, most=7 * DAY_MINUTES, default=0),
        earliest_at=entry.instant("now") + notice,
        out_of_office=tuple(entry.each("out_of_office", lambda days: _days(days, zone=zone))),
        busy=tuple(span for span, _name in busy),
        known=Known({(NotOffered.BUSY, span): name for span, name in busy}, notice=notice),
    )


def _override(entry: Entry) -> dict[str, object]:
    return {"date": entry.required("date"), "windows": entry.required("intervals")}


def _range(entry: Entry) -> Span:
    span = _span(entry)
    if span is None or span.length > LONGEST_RANGE:
        raise CommandRefused(
            f"{entry.where} must be longer than nothing and at most {LONGEST_RANGE.days} days."
        )
    if span.start.year < FIRST_YEAR or span.end.year > LAST_YEAR:
        raise CommandRefused(f"{entry.where} must lie in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return span


def _busy(entry: Entry) -> tuple[Span | None, str]:
    """Return a stretch of busy time and the name of its calendar, which may be left out."""
    name = entry.fields.get("name", "")
    if not isinstance(name, str):
        raise entry.refused("name", "must be a text")
    return _span(entry), name


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
