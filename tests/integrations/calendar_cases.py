"""What the tests of calendar files share: a window, a zone, and files made of a few lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.spans import Span
from raincheck.integrations.ics.reading import read_busy

OURS = Path(__file__).parents[1] / "data" / "calendars"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "calendars"

AUTUMN = Span(datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
NEW_YORK = ZoneInfo("America/New_York")


def calendar(*components: str) -> bytes:
    """A calendar file of components that are written as lines."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Made up for tests//EN",
        *components,
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(line for component in lines for line in component.split("\n")).encode()


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def read(*components: str) -> CalendarReading:
    return read_busy(calendar(*components), window=AUTUMN, zone=NEW_YORK)


def busy(*components: str) -> list[str]:
    """The busy times of a file that has no problems, each as `from - to`, UTC."""
    reading = read(*components)
    assert reading.problems == ()
    return times(reading)


def times(reading: CalendarReading) -> list[str]:
    return [f"{event.span.start:%m-%d %H:%M} - {event.span.end:%m-%d %H:%M}" for event in reading.events]


def sentences(reading: CalendarReading) -> list[str]:
    return [problem.sentence for problem in reading.problems]
