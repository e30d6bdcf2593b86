"""Appointments as the rows of a file name them, and what is wrong with a row."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.imports.cells import first_listed, plain, says_yes
from raincheck.domain.imports.clients import Cells
from raincheck.domain.imports.columns import Field
from raincheck.domain.imports.dates import (
    Dates,
    Written,
    clock_range,
    clock_time,
    length_of,
    written,
)
from raincheck.domain.imports.faults import NoNameColumn, NoStartColumn
from raincheck.domain.imports.names import Providers, in_order, same_name
from raincheck.domain.imports.problems import Problem, ProblemCode, Wrong
from raincheck.domain.imports.reaching import email_address
from raincheck.domain.imports.repeating import Repeats, days_written
from raincheck.domain.imports.saying import how_often, repeating_as_said
from raincheck.domain.imports.tables import Table
from raincheck.domain.zones import is_skipped


class RowStatus(StrEnum):
    """What became of an appointment, as far as a file tells."""

    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    CLIENT_NO_SHOW = "client_no_show"
    CANCELLED = "cancelled"


# Beginnings and whole words in small letters without accents, in the order in which they count: "late cancel, no show fee".
SAYING = (
    (
        RowStatus.CANCELLED,
        "cancel, canceled, cancelled, late cancel, rescheduled, declined, deleted, void, abgesagt, storniert, annul, cancel,"
        " anulad, geannuleerd, afgezegd, reporte, odwolan",
    ),
    (
        RowStatus.CLIENT_NO_SHOW,
        "no show, no-show, noshow, did not arrive, did not attend, dna, missed, didn't come, nicht erschienen, absent,"
        " no asistio, no se presento, faltou, non presentato, niet verschenen, not shown",
    ),
    (
        RowStatus.COMPLETED,
        "complete, arrived, attended, show, shown, seen, kept, checked in, checked out, check-in, done, fulfilled, billed, paid,"
        " took place, erschienen, abgeschlossen, stattgefunden, termine, honore, present, completad, asistio, concluid,"
        " realizad, completat, voltooid",
    ),
)
APPOINTMENT_NAMING = (Field.CLIENT, Field.CLIENT_FIRST_NAME, Field.CLIENT_LAST_NAME)
STARTING = (Field.STARTS_AT, Field.START_TIME, Field.DATE)
ENDING = (Field.ENDS_AT, Field.END_TIME, Field.DURATION)
END_OF_DAY = "24:00"


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment that a row names; the instants are in UTC."""

    row: int
    client: str
    client_email: str
    provider: str
    starts_at: datetime
    ends_at: datetime
    type: str = ""
    place: str = ""
    status: RowStatus = RowStatus.SCHEDULED
    client_id: int | None = None
    """Known where somebody, or the event of a calendar, has said who it is."""
    repeats: Repeats | None = None
    """Of a series, whose first time ahead it starts and ends with."""

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        """When it is, a series once for each of its times."""
        if self.repeats is None:
            return [(self.starts_at, self.ends_at)]
        return [(one.span.start, one.span.end) for one in self.repeats.times]

    def coming(self, now: datetime) -> "AppointmentRow":
        """Return the same without the times of a series that are over."""
        return self if self.repeats is None else self.repeated(self.repeats.after(now))

    def repeated(self, repeats: Repeats) -> "AppointmentRow":
        """Return the same with what is left of its series; with one last time it is a single appointment."""
        if not repeats.times:
            return replace(self, repeats=repeats)
        first = repeats.times[0].span
        single = len(repeats.times) == 1 and not repeats.pattern.is_open_ended
        return replace(self, starts_at=first.start, ends_at=first.end, repeats=None if single else repeats)


@dataclass(frozen=True, slots=True)
class AppointmentsRead:
    """What a file of appointments holds: rows that can come in, and rows that can't with one problem each."""

    good: tuple[AppointmentRow, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a person said for a whole file where its rows do not: whose appointments they are, and how long each type lasts.

    `lengths` are by the type's name as `same_name` has it; the empty name stands for every other type.
    """

    provider: str = ""
    lengths: Mapping[str, timedelta] | None = None


class Taken:
    """The times of the earlier rows of each provider; those never overlap, so a look at the neighbors is enough."""

    def __init__(self) -> None:
        self.by_provider: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)

    def row_at(self, provider: str, start: datetime, end: datetime) -> int | None:
        """Return the first row whose time a session of a provider overlaps."""
        taken = self.by_provider[provider]
        at = bisect_left(taken, (start,))
        if at and taken[at - 1][1] > start:
            at -= 1
        rows = []
        while at < len(taken) and taken[at][0] < end:
            rows.append(taken[at][2])
            at += 1
        return min(rows, default=None)

    def refuse_overlap(self, appointment: AppointmentRow, cells: Cells) -> None:
        """Raise Wrong where an appointment, or a date of a series, overlaps an earlier row or the series itself."""
        met = [self.row_at(appointment.provider, *span) for span in appointment.spans]
        other = min((row for row in met if row is not None), default=None)
        if appointment.repeats is None:
            if other is not None:
                raise cells.wrong(ProblemCode.OVERLAP, *STARTING, other=other)
            return
        times = zip(appointment.repeats.times, met, strict=True)
        days = {one.recurrence_id.date() for one, row in times if row is not None}
        if days := days | appointment.repeats.meeting_itself():
            raise Wrong(
                ProblemCode.DATES_TAKEN,
                column=cells.wrong(ProblemCode.DATES_TAKEN, *STARTING).column,
                value=days_written(days),
                other=other,
            )

    def add(self, appointment: AppointmentRow) -> None:
        for start, end in appointment.spans:
            insort(self.by_provider[appointment.provider], (start, end, appointment.row))


def read_appointments(
    table: Table,
    *,
    dates: Dates,
    zone: ZoneInfo,
    providers: Providers,
    assumed: Assumed | None = None,
    repeats: Mapping[int, Repeats] | None = None,
    dates_out: Mapping[int, Collection[date]] | None = None,
) -> AppointmentsRead:
    """Return what the rows of a table of appointments mean. Wall times are read in `zone`, of a repeated hour the first.

    `repeats` are rows of which is known already how they repeat; `dates_out` are days of series that a person left out. Raises
    NoNameColumn or NoStartColumn.
    """
    assumed = assumed or Assumed()
    if not any(table.names_of(field) for field in APPOINTMENT_NAMING):
        raise NoNameColumn
    if not any(table.names_of(field) for field in STARTING):
        raise NoStartColumn
    reader = RowReader(table, dates=dates, zone=zone, providers=providers, assumed=assumed)
    good, problems = [], []
    taken = Taken()
    earlier: dict[tuple[str, str, str, datetime], int] = {}
    for row in table.rows:
        try:
            appointment = reader.read(cells := Cells(table, row))
            if known := (repeats or {}).get(row.number) or reader.repeats(cells, appointment):
                length = appointment.ends_at - appointment.starts_at
                known = known.without((dates_out or {}).get(row.number, ()))
                appointment = appointment.repeated(known.lasting(length))
            key = (
                same_name(appointment.client),
                appointment.client_email,
                appointment.provider,
                appointment.starts_at,
            )
            if key in earlier:
                raise cells.wrong(ProblemCode.DUPLICATE, *STARTING, other=earlier[key])
            if appointment.status is not RowStatus.CANCELLED:
                taken.refuse_overlap(appointment, cells)
        except Wrong as wrong:
            problems.append(wrong.at(row.number))
            continue
        earlier.setdefault(key, appointment.row)
        if appointment.status is not RowStatus.CANCELLED:
            taken.add(appointment)
        good.append(appointment)
    return AppointmentsRead(tuple(good), tuple(problems))


class RowReader:
    """Reads one row after another by the same rules."""

    def __init__(
        self, table: Table, *, dates: Dates, zone: ZoneInfo, providers: Providers, assumed: Assumed
    ) -> None:
        self.dates, self.zone, self.providers, self.assumed = dates, zone, providers, assumed
        # "Duration (hours)" with a 1 in it means sixty minutes.
        self.in_hours = any(
            "hour" in name.casefold() or "stunden" in name.casefold()
            for name in table.names_of(Field.DURATION)
        )

    def read(self, cells: Cells) -> AppointmentRow:
        client = self._client(cells)
        provider = self._provider(cells)
        kind = first_listed(cells.text(Field.TYPE))
        starts_at, ends_at = self._times(cells, kind)
        try:
            email = email_address(cells.text(Field.EMAIL))
        except Wrong as wrong:
            raise cells.wrong(wrong.code, Field.EMAIL) from wrong
        return AppointmentRow(
            row=cells.row.number,
            client=client,
            client_email=email,
            provider=provider,
            starts_at=starts_at,
            ends_at=ends_at,
            type=kind,
            place=cells.text(Field.PLACE),
            status=_status(cells),
        )

    def repeats(self, cells: Cells, row: AppointmentRow) -> Repeats | None:
        """Return how a row says that it repeats, with its times from today on; None for a single appointment."""
        said, until = cells.text(Field.REPEATS), cells.text(Field.REPEATS_UNTIL)
        if row.status is RowStatus.CANCELLED or not (said or until):
            return None
        try:
            often = how_often(said, self.dates, until=until)
            if often is None:
                if not said:
                    raise Wrong(ProblemCode.MISSING_REPEATS)
                return None
            length = row.ends_at - row.starts_at
            return repeating_as_said(often, row.starts_at, length, zone=self.zone, today=self.dates.today)
        except Wrong as wrong:
            about_how = wrong.code in (ProblemCode.BAD_REPEATS, ProblemCode.MISSING_UNTIL) or not until
            field = Field.REPEATS if about_how else Field.REPEATS_UNTIL
            raise cells.wrong(wrong.code, field) from wrong

    def _client(self, cells: Cells) -> str:
        whole, first, last = (" ".join(cells.text(field).split()) for field in APPOINTMENT_NAMING)
        name = in_order(whole) if whole else f"{first} {last}".strip()
        if not name:
            raise cells.wrong(ProblemCode.MISSING_CLIENT, *APPOINTMENT_NAMING)
        return name

    def _provider(self, cells: Cells) -> str:
        said = cells.text(Field.PROVIDER) or self.assumed.provider
        provider = self.providers.found(said) if said else None
        if not provider:
            raise cells.wrong(ProblemCode.UNKNOWN_PROVIDER, Field.PROVIDER, *STARTING)
        return provider

    def _times(self, cells: Cells, kind: str) -> tuple[datetime, datetime]:
        start = self._start(cells)
        starts_at = self._instant(start, start.clock)
        wall = datetime.combine(start.day, start.clock or time.min)
        if start.offset is None and is_skipped(wall, zone=self.zone):
            raise cells.wrong(ProblemCode.SKIPPED_HOUR, *STARTING)
        ends_at = self._end(cells, start, starts_at, kind)
        if ends_at <= starts_at:
            raise cells.wrong(ProblemCode.END_BEFORE_START, *ENDING, *STARTING)
        if ends_at - starts_at > timedelta(days=1):
            raise cells.wrong(ProblemCode.BAD_TIME, *ENDING, *STARTING)
        return starts_at, ends_at

    def _start(self, cells: Cells) -> Written:
        """Return the day and the time of day an appointment begins at, from one cell or two."""
        whole = cells.text(Field.STARTS_AT)
        field = Field.STARTS_AT if whole or not cells.table.names_of(Field.DATE) else Field.DATE
        try:
            start = written(cells.text(field), self.dates)
            if field is Field.DATE and cells.text(Field.START_TIME):
                field = Field.START_TIME
                clock, end = clock_range(_without_day(cells.text(field)))
                start = Written(start.day, clock, end=end)
        except Wrong as wrong:
            raise cells.wrong(wrong.code, field) from wrong
        if start.clock is None:
            raise cells.wrong(
                ProblemCode.BAD_TIME, *((Field.START_TIME,) if field is Field.DATE else ()), field
            )
        return start

    def _end(self, cells: Cells, start: Written, starts_at: datetime, kind: str) -> datetime:
        """Return when an appointment ends: as its end says, else by its length, else by the length of its type."""
        for field in ENDING:
            said = cells.text(field)
            if not said:
                continue
            try:
                if field is Field.DURATION:
                    return starts_at + length_of(said, in_hours=self.in_hours)
                return self._end_written(said, start, whole=field is Field.ENDS_AT)
            except Wrong as wrong:
                raise cells.wrong(wrong.code, field) from wrong
        if start.end is not None:
            return self._instant(start, start.end)
        lengths = self.assumed.lengths or {}
        length = lengths.get(same_name(kind)) or lengths.get("")
        if length is None:
            raise cells.wrong(ProblemCode.MISSING_END, *ENDING, *STARTING)
        return starts_at + length

    def _end_written(self, said: str, start: Written, *, whole: bool) -> datetime:
        if not whole:
            said = _without_day(said)
        if said == END_OF_DAY:
            return self._instant(Written(start.day + timedelta(days=1), time.min), time.min)
        try:
            return self._instant(start, clock_time(said))
        except Wrong:
            if not whole:
                raise
        end = written(said, self.dates)
        if end.clock is None:
            raise Wrong(ProblemCode.BAD_TIME)
        return self._instant(end, end.clock)

    def _instant(self, day: Written, clock: time | None) -> datetime:
        """Return the instant of a wall time: the first of a repeated one, elapsed time beyond a jump."""
        wall = datetime.combine(day.day, clock or time.min, tzinfo=day.offset or self.zone)
        return wall.astimezone(UTC)


def _without_day(text: str) -> str:
    """Return a time of day as a spreadsheet may hand it over, with a day before it that means nothing (1899-12-30)."""
    day, blank, clock = text.partition(" ")
    return clock if blank and day[:4].isdigit() and "-" in day else text


def _status(cells: Cells) -> RowStatus:
    if says_yes(cells.text(Field.CANCELLED)):
        return RowStatus.CANCELLED
    if says_yes(cells.text(Field.NO_SHOW)):
        return RowStatus.CLIENT_NO_SHOW
    said = plain(" ".join(cells.text(Field.STATUS).replace("_", " ").split()))
    for status, words in SAYING:
        if any(said.startswith(word.strip()) for word in words.split(",")):
            return status
    if said and "cancel" in said:  # "Client canceled", "Provider cancelled", "Late cancelled"
        return RowStatus.CANCELLED
    return RowStatus.CLIENT_NO_SHOW if "no show" in said or "no-show" in said else RowStatus.SCHEDULED
