"""The process in which strangers' calendar files are read: it limits itself, answers one question and ends.

Run as `python -m raincheck.integrations.ics.child_process`: one line of JSON and then the file on standard input, one JSON
document on standard output. It starts no framework, writes no file and opens no connection.
"""

import json
import sys
from dataclasses import astuple
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import BusyEvent, CalendarReading, Problem, ProblemKind
from raincheck.domain.calendars.faults import READING_FAULTS, CalendarTooLarge, CalendarUnreadable
from raincheck.domain.imports.calendar_files import (
    CalendarEvent,
    CalendarFile,
    EventSeries,
    EventTime,
    Person,
)
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.repeating import Singly, as_kept, repeats_from
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.integrations.ics.occurrences import read_occurrences
from raincheck.integrations.ics.reading import read_busy
from raincheck.integrations.limited_process import limit_this_process

# Bytes of address space for the whole process, its libraries included.
MEMORY = 256 * 1024 * 1024


def question(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset(), seconds: int
) -> bytes:
    """Return what to write to the process; `seconds` is the processor time it allows itself."""
    head = {
        "from": window.start.isoformat(),
        "to": window.end.isoformat(),
        "zone": zone.key,
        "owners": sorted(owners),
        "seconds": seconds,
    }
    return json.dumps(head).encode() + b"\n" + data


def question_of_times(data: bytes, *, now: datetime, zone: ZoneInfo, seconds: int) -> bytes:
    """The same for what the events of a file say, and when each takes place around `now`."""
    head = {"now": now.isoformat(), "zone": zone.key, "seconds": seconds}
    return json.dumps(head).encode() + b"\n" + data


def said_in(answer: bytes) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return what the process wrote, and the problems in it. Raises the refusal that it wrote instead, if so."""
    said: dict[str, Any] = json.loads(answer)
    problems = tuple(Problem(ProblemKind(kind), *rest) for kind, *rest in said["problems"])
    if "refusal" in said:
        # Only a fault of reading: the process has read a stranger's file and is not believed anything else.
        refusal = next(one for one in READING_FAULTS if one.code == said["refusal"])
        raise CalendarUnreadable(problems=problems) if refusal is CalendarUnreadable else refusal()
    return said, problems


def reading_from(answer: bytes) -> CalendarReading:
    """Return the reading that the process wrote. Raises the refusal that it wrote instead, if so."""
    said, problems = said_in(answer)
    events = tuple(
        BusyEvent(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)), *rest)
        for start, end, *rest in said["events"]
    )
    return CalendarReading(events, problems, said["entries_read"])


def calendar_from(answer: bytes) -> CalendarFile:
    """Return the events and times that the process wrote. Raises the refusal that it wrote instead, if so."""
    said, notes = said_in(answer)
    events = [
        CalendarEvent(number, uid, title, place, tuple(Person(*one) for one in people))
        for number, uid, title, place, people in said["events"]
    ]
    times = [
        EventTime(
            event,
            recurrence_id,
            start=datetime.fromisoformat(start) if start else None,
            end=datetime.fromisoformat(end) if end else None,
            fault=ProblemCode(fault) if fault else None,
            quoted=quoted,
        )
        for event, recurrence_id, start, end, fault, quoted in said["times"]
    ]
    series = {
        number: EventSeries(repeats, tuple(inside))
        for number, kept, inside in said["series"]
        if (repeats := repeats_from(kept))
    }
    singly = {number: Singly(why) for number, why in said["singly"]}
    return CalendarFile(
        {one.number: one for one in events}, times, said["over"], said["free"], notes, series, singly
    )


def answer_to(data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset()) -> bytes:
    """Return what the process writes: the reading, or the refusal of it, as JSON."""
    return json.dumps(reading_or_refusal(data, window=window, zone=zone, owners=owners)).encode()


def reading_or_refusal(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str]
) -> dict[str, object]:
    """Return what is written as JSON: plain lists, since nothing that could run is taken back from this process."""
    try:
        reading = read_busy(data, window=window, zone=zone, owners=owners)
    except (Refusal, MemoryError) as fault:
        return refused(fault)
    return {
        "events": [
            [event.span.start.isoformat(), event.span.end.isoformat(), event.title, event.all_day, event.uid]
            for event in reading.events
        ],
        "problems": [astuple(problem) for problem in reading.problems],
        "entries_read": reading.entries_read,
    }


def times_or_refusal(data: bytes, *, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    """Return as JSON takes it what the events of a file say and when they are, or the refusal of the file."""
    try:
        file = read_occurrences(data, now=now, zone=zone)
    except (Refusal, MemoryError) as fault:
        return refused(fault)
    return {
        "events": [list(astuple(event)) for event in file.events.values()],
        "times": [
            [
                one.event,
                one.recurrence_id,
                one.start.isoformat() if one.start else None,
                one.end.isoformat() if one.end else None,
                one.fault,
                one.quoted,
            ]
            for one in file.times
        ],
        "series": [[number, as_kept(one.repeats), list(one.events)] for number, one in file.series.items()],
        "singly": [[number, why.value] for number, why in file.singly.items()],
        "over": file.over,
        "free": file.free,
        "problems": [astuple(note) for note in file.notes],
    }


def refused(fault: Refusal | MemoryError) -> dict[str, object]:
    if isinstance(fault, MemoryError):
        return {"refusal": CalendarTooLarge.code, "problems": []}
    problems = fault.problems if isinstance(fault, CalendarUnreadable) else ()
    return {"refusal": fault.code, "problems": [astuple(problem) for problem in problems]}


def main() -> None:
    head = json.loads(sys.stdin.buffer.readline())
    # Before the first byte of the file is read. Whatever it does to the reader, it cannot lift them again.
    limit_this_process(memory=MEMORY, seconds=head["seconds"])
    zone = ZoneInfo(head["zone"])
    if "now" in head:
        now = datetime.fromisoformat(head["now"])
        answer = times_or_refusal(sys.stdin.buffer.read(), now=now, zone=zone)
        sys.stdout.buffer.write(json.dumps(answer).encode())
        return
    window = Span(datetime.fromisoformat(head["from"]), datetime.fromisoformat(head["to"]))
    owners = frozenset(head["owners"])
    sys.stdout.buffer.write(answer_to(sys.stdin.buffer.read(), window=window, zone=zone, owners=owners))


if __name__ == "__main__":
    main()
