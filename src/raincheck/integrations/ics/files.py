"""Calendar files are read in a process of their own that cannot take much time or memory."""

import codecs
from datetime import datetime
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.faults import CalendarTakesTooLong, CalendarUnreadable
from raincheck.domain.imports.calendar_files import CalendarFile, window_of
from raincheck.domain.spans import Span
from raincheck.integrations.ics.child_process import (
    calendar_from,
    question,
    question_of_times,
    reading_from,
)
from raincheck.integrations.ics.occurrences import BESIDES
from raincheck.integrations.ics.past import slimmed
from raincheck.integrations.limited_process import EndedBadly, TookTooLong, answer_of

READER = "raincheck.integrations.ics.child_process"
# A small file that takes long was made to; a large one may take its time. Both of the processor's time.
SECONDS = 2
SECONDS_PER_MEBIBYTE = 1


def read_busy_safely(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset()
) -> CalendarReading:
    """Return what a stranger's file says about the window, as `read_busy` does, within bounds.

    Raises a fault of reading. Whatever is raised, nothing was learned: keep what an earlier reading said.
    """
    data = slimmed(data, before=window.start)
    seconds = seconds_for(data)
    return reading_from(
        asked(question(data, window=window, zone=zone, owners=owners, seconds=seconds), seconds=seconds)
    )


def read_occurrences_safely(data: bytes, *, now: datetime, zone: ZoneInfo) -> CalendarFile:
    """Return what the events of a stranger's file say, and when they are, as `read_occurrences` does, within bounds.

    Raises a fault of reading. Whatever is raised, nothing was learned.
    """
    data = slimmed(data, before=window_of(now).start, besides=BESIDES)
    seconds = seconds_for(data)
    return calendar_from(asked(question_of_times(data, now=now, zone=zone, seconds=seconds), seconds=seconds))


def is_calendar(data: bytes, *, name: str) -> bool:
    """Return whether a file is to be read as a calendar, by how it begins, or by what it is called."""
    begins = data.removeprefix(codecs.BOM_UTF8)[:100].lstrip().upper()
    return begins.startswith(b"BEGIN:VCALENDAR") or name.lower().endswith((".ics", ".ical", ".icalendar"))


def seconds_for(data: bytes) -> int:
    return SECONDS + len(data) // (1024 * 1024) * SECONDS_PER_MEBIBYTE


def asked(question: bytes, *, seconds: int) -> bytes:
    """Return what the process answers. Raises a fault of reading where it does not."""
    try:
        return answer_of(READER, question, seconds=seconds)
    except TookTooLong as late:
        raise CalendarTakesTooLong from late
    except EndedBadly as ended:
        raise CalendarUnreadable from ended
