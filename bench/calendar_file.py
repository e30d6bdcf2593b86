"""A calendar of five thousand events as a busy office writes it: the same text in every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

EVENTS = 5_000
FIRST_YEAR = 4
"""The oldest events began so many years before the day the calendar is read."""
ZONES = ("America/New_York", "America/Chicago", "Europe/London")
RULES = (
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=DAILY;COUNT=60",
    "FREQ=YEARLY",
)
ENDS = ("", ";COUNT=10", ";COUNT=30", ";COUNT=52")
"""One series in four has no end (but for the daily ones); the others came to theirs, or will."""

TIME_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:20071104T020000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20070311T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
END:VTIMEZONE"""


def busy_office(today: datetime) -> bytes:
    """Return the file: one event in six repeats, one of those in four has a time struck out or moved."""
    chance = Random(5_000)  # the same numbers in every run are the point
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Made up//Busy office//EN"]
    lines.append(TIME_ZONE.format(name="America/New_York", summer="-0400", winter="-0500"))
    count = 0
    while count < EVENTS:
        for event in _entries(count, chance, today=today):
            lines.extend(event)
            count += 1
    lines.append("END:VCALENDAR")
    return "\r\n".join("\n".join(lines).splitlines()).encode() + b"\r\n"


def _entries(number: int, chance: Random, *, today: datetime) -> Iterator[list[str]]:
    start = _midnight(today) - timedelta(days=chance.randrange(-365, FIRST_YEAR * 365))
    start += timedelta(minutes=15 * chance.randrange(8 * 4, 18 * 4))
    length = timedelta(minutes=chance.choice((15, 30, 50, 60, 90)))
    zone = chance.choice(ZONES)
    if chance.random() > 1 / 6:
        yield _event(number, start, length, zone, _all_day(chance))
        return
    rule, end = chance.choice(RULES), chance.choice(ENDS)
    rule = rule if "COUNT" in rule else rule + end
    extra = [f"RRULE:{rule}"]
    strange = chance.random()
    if strange < 1 / 8:
        extra.append(f"EXDATE;TZID={zone}:{_written(start + timedelta(days=7))}")
    yield _event(number, start, length, zone, extra)
    if strange > 7 / 8:
        replaced = f"RECURRENCE-ID;TZID={zone}:{_written(start + timedelta(days=14))}"
        yield _event(number, start + timedelta(days=14, hours=2), length, zone, [replaced])


def _all_day(chance: Random) -> list[str]:
    return ["TRANSP:TRANSPARENT"] if chance.random() < 0.1 else []


def _event(number: int, start: datetime, length: timedelta, zone: str, extra: list[str]) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:event-{number}@busy-office.example",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART;TZID={zone}:{_written(start)}",
        f"DTEND;TZID={zone}:{_written(start + length)}",
        f"SUMMARY:Meeting {number}",
        "DESCRIPTION:Please bring the figures of the last quarter\\, and a pen.",
        "LOCATION:Room 4",
        *extra,
        "END:VEVENT",
    ]


def _written(wall: datetime) -> str:
    return f"{wall:%Y%m%dT%H%M%S}"


def _midnight(day: datetime) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
