"""Questions about a calendar that was staged: whose its events are, what is here already, and what of it comes in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from raincheck.data.imports.known_calendar import KnownClient, clients_for, clients_to_match
from raincheck.data.models import Appointment, Import, ImportRow
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.imports.calendar_files import AHEAD, START, TITLE, people_in
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.repeating import Kept, Repeats, Singly, repeats_from

LINES = 100
"""So many lines of what comes in are shown, and so many that differ."""
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Event:
    """An event of a calendar with its times ahead: the row of its first one, and how many there are."""

    number: int
    starts: str
    count: int = 0

    @property
    def starts_at(self) -> datetime | None:
        return start_in(self.starts)


@dataclass(slots=True)
class Question:
    """All events of one title: whose are they? `client` is whose they are taken for now, `waits` how many times ask."""

    number: int
    title: str
    people: str
    starts: str
    count: int = 0
    waits: int = 0
    left_out: int = 0
    clients: set[str] = field(default_factory=set)
    events: dict[str, Event] = field(default_factory=dict)
    likely: tuple[KnownClient, ...] = ()

    @property
    def client(self) -> str:
        """The name of the one client whose all of them are."""
        return next(iter(self.clients)) if len(self.clients) == 1 and not self.waits else ""

    @property
    def starts_at(self) -> datetime | None:
        return start_in(self.starts)

    @property
    def is_none(self) -> bool:
        return self.left_out == self.count


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """Times of one client that come in, of one kind: how many, and the first of them. A series is a line of its own."""

    client: str
    type: str
    place: str
    minutes: int
    usual_minutes: int
    count: int
    starts_at: datetime
    repeats: Repeats | None = None


@dataclass(frozen=True, slots=True)
class Differing:
    """A time that is here at another time than the file has it."""

    appointment: Appointment
    starts_at: datetime
    ends_at: datetime


def start_in(text: str) -> datetime | None:
    """Return the start that a row's cell says; None where somebody has written it in another way."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo is not None else None


def questions_of(file: Import) -> list[Question]:
    """Return the titles of a calendar, those first that nobody can tell whose they are, the most frequent first."""
    found: dict[str, Question] = {}
    rows = ImportRow.objects.filter(file=file, event_fault="", earlier__isnull=True).order_by("number")
    for row in rows.iterator(2000):
        title = row.cells.get(TITLE, "")
        event = row.uid or str(row.event)
        key = same_name(title) or f"\n{event}"
        said = found.get(key)
        if said is None:
            people = ", ".join(one.name or one.email for one in people_in(row.cells))
            said = found[key] = Question(row.number, title, people, row.cells.get(START, ""))
        series = said.events.setdefault(event, Event(row.number, row.cells.get(START, "")))
        times = times_of(row.repeats)
        for counted in (said, series):
            counted.count += times
            counted.starts = min(counted.starts, row.cells.get(START, ""))
        said.left_out += times * row.left_out
        waits = row.problem and row.problem["code"] == ProblemCode.WHOSE and not row.left_out
        said.waits += times * bool(waits)
        if row.read:
            said.clients.add(row.read["client"])
    return sorted(found.values(), key=lambda one: (not one.waits, -one.count, one.number))


def with_likely(file: Import, questions: Iterable[Question]) -> list[KnownClient]:
    """Add to each question who is likely, and return everybody whom it may be about."""
    known = clients_for(file)
    by_pk, people = {one.pk: one for one in known}, clients_to_match(known)
    for one in questions:
        if one.waits:
            row = ImportRow.objects.get(file=file, number=one.number)
            likely = people.of(one.title, people_in(row.cells)).likely
            one.likely = tuple(by_pk[client] for client in likely)
    return known


def waiting_for_whose(file: Import) -> int:
    """Return how many times wait for somebody to say whose they are."""
    rows = ImportRow.objects.filter(file=file, left_out=False, problem__code=ProblemCode.WHOSE)
    return sum(map(times_of, rows.values_list("repeats", flat=True)))


def times_of(repeats: Kept | None) -> int:
    """Return how many times a row of a calendar has."""
    return len(repeats["starts"]) if repeats else 1


def one_by_one(file: Import) -> list[tuple[Singly, str]]:
    """Return the events that repeat but come in one by one, with why, by what they are called."""
    why = {number: Singly(code) for number, code in file.found.get("singly", [])}
    rows = ImportRow.objects.filter(file=file, event__in=why, left_out=False, read__isnull=False)
    found: dict[int, str] = {}
    for event, cells in rows.order_by("number").values_list("event", "cells"):
        found.setdefault(event or 0, cells.get(TITLE, ""))
    return [(why[event], title) for event, title in found.items()][:LINES]


def ready_lines(file: Import) -> list[ReadyLine]:
    """Return what comes in, series first, then all other times of a client of one kind together, by when the first is."""
    series: list[ReadyLine] = []
    found: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
    rows = ImportRow.objects.filter(file=file, left_out=False, read__isnull=False)
    for row in rows.only("read").iterator(2000):
        read: dict[str, Any] = row.read or {}
        starts_at = datetime.fromisoformat(read["starts_at"])
        minutes = int((datetime.fromisoformat(read["ends_at"]) - starts_at) / MINUTE)
        key = (
            read["client_id"],
            read["client"],
            read["type_name"],
            read["place_name"],
            minutes,
            read["type_minutes"],
        )
        if repeats := repeats_from(read.get("repeats")):
            series.append(_ready_line(key, [one.start for one in repeats.times], repeats))
        else:
            found[key].append(starts_at)
    lines = [*series, *(_ready_line(key, starts) for key, starts in found.items())]
    return sorted(
        lines, key=lambda one: (one.minutes == one.usual_minutes, one.repeats is None, one.starts_at)
    )


def _ready_line(key: tuple[object, ...], starts: list[datetime], repeats: Repeats | None = None) -> ReadyLine:
    _pk, client, kind, place, minutes, usual = key
    return ReadyLine(
        str(client),
        str(kind),
        str(place),
        int(str(minutes)),
        int(str(usual)),
        len(starts),
        min(starts),
        repeats,
    )


def unreadable_events(file: Import) -> list[int]:
    """Return the rows of events that can't come in as they are, and are not left out yet."""
    rows = ImportRow.objects.filter(file=file, left_out=False).exclude(event_fault="")
    return list(rows.order_by("number").values_list("number", flat=True))


def differing(file: Import) -> list[Differing]:
    """Return the times that are here at another time than the file has them."""
    rows = ImportRow.objects.filter(file=file, differs=True, left_out=False, starts_at__isnull=False)
    whole = rows.select_related("earlier__client", "earlier__provider", "earlier__practice").order_by(
        "starts_at"
    )
    return [Differing(row.earlier, row.starts_at, row.ends_at) for row in whole[:LINES]]  # type: ignore[arg-type]


def gone_from(file: Import, *, now: datetime) -> list[Appointment]:
    """Return appointments ahead that came in with the same calendar before and are not in this file any more.

    A file is of the same calendar when it shares an event with this one.
    """
    here = ImportRow.objects.filter(file=file, earlier__isnull=False)
    files = (
        ImportRow.objects.filter(practice=file.practice_id, appointment__in=here.values("earlier"))
        .exclude(file__state=ImportState.UNDONE)
        .values("file")
    )
    came = ImportRow.objects.filter(file__in=files, appointment__isnull=False)
    ahead = Q(starts_at__gt=now, starts_at__lt=file.made_at + AHEAD, status=Status.SCHEDULED)
    rows = Appointment.objects.filter(ahead, pk__in=came.values("appointment"))
    rows = rows.exclude(pk__in=here.values("earlier")).select_related("client", "provider", "practice")
    return list(rows.order_by("starts_at", "pk")[:LINES])
