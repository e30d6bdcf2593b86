"""The rows of a calendar that was staged: read against the practice as it is now, and what of them is here already."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from raincheck.actions.imports.outcomes import Outcomes, outcomes_of
from raincheck.data.imports.known import assumed_for
from raincheck.data.imports.known_appointments import known_in
from raincheck.data.imports.known_calendar import (
    Came,
    KnownClient,
    booked_ahead,
    came_before,
    clients_for,
    clients_to_match,
)
from raincheck.data.models import Import, ImportRow, Provider
from raincheck.domain.imports.appointments import AppointmentsRead
from raincheck.domain.imports.calendar_files import CalendarRow
from raincheck.domain.imports.calendar_reading import CalendarSettings, KnownPeople, read_calendar
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.imports.reading import Reading
from raincheck.domain.imports.repeating import repeats_from
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall, zone_named

BATCH = 1000


def calendar_outcomes(kept: Import, rows: Sequence[ImportRow], *, now: datetime) -> Outcomes:
    """Return what the rows of a calendar come to, and note on each what it is here as already."""
    reading, here = calendar_reading(kept, [as_read(row) for row in rows if not row.left_out], now=now)
    known = known_in(kept.practice_id, now=now)
    provider = Provider.objects.get(pk=kept.assumed["provider"])
    # Two providers of a practice may have one name; the file is one's.
    known = replace(
        known,
        providers={provider.name: provider.pk},
        usual_type=kept.assumed.get("type"),
        usual_place=kept.assumed.get("place"),
    )
    for row in rows:
        came = here.get(row.number)
        row.earlier_id = came.appointment if came else None
        row.differs = came is not None and _span(row) not in came.spans
    return outcomes_of(reading, known, now=now)


def calendar_reading(
    kept: Import, rows: Sequence[CalendarRow], *, now: datetime
) -> tuple[Reading, dict[int, Came]]:
    """Return what rows mean, and by row number what is here already: such a row is neither good nor wrong."""
    practice, zone = kept.practice, zone_named(kept.zone)
    provider = Provider.objects.get(pk=kept.assumed["provider"])
    before = came_before(practice.pk, provider.pk, [row.uid for row in rows])
    settings = CalendarSettings(
        provider=provider.name,
        zone=zone,
        today=wall(now, zone=zone_named(practice.zone)).date(),
        assumed=assumed_for(practice, kind=kept.assumed.get("type")),
        people=people_among(clients_for(kept)),
        here=frozenset(before),
    )
    reading = read_calendar(rows, settings)
    here = {
        row.number: before[key] for row in rows if row.uid and (key := (row.uid, row.recurrence_id)) in before
    }
    booked = booked_ahead(provider.pk, now=now)
    assert isinstance(reading.rows, AppointmentsRead)
    good = []
    for one in reading.rows.good:
        met = {span: booked.get((one.client_id or 0, Span(*span))) for span in one.spans}
        first = met.get((one.starts_at, one.ends_at))
        if met and all(met.values()):
            assert first is not None
            here[one.row] = Came(first, frozenset({Span(one.starts_at, one.ends_at)}))
        elif one.repeats is None:
            good.append(one)
        else:
            # Dates that were booked here by hand stay as they are, and the series comes in around them.
            times = zip(one.repeats.times, one.spans, strict=True)
            good.append(one.repeated(one.repeats.with_times(time for time, span in times if not met[span])))
    return replace(reading, rows=AppointmentsRead(tuple(good), reading.rows.problems)), here


def people_among(clients: Iterable[KnownClient]) -> KnownPeople:
    """Return clients as a calendar's reading wants them."""
    known = list(clients)
    return KnownPeople(
        clients_to_match(known), {one.pk: one.name for one in known}, {one.ref: one.pk for one in known}
    )


def as_read(row: ImportRow) -> CalendarRow:
    """Return a kept row as it is read."""
    return CalendarRow(
        row.number,
        row.event or 0,
        row.uid,
        row.recurrence_id,
        row.cells,
        ProblemCode(row.event_fault) if row.event_fault else None,
        _span(row),
        str(row.whose) if row.whose else "",
        repeats_from(row.repeats),
        frozenset(date.fromisoformat(day) for day in row.dates_out),
    )


def _span(row: ImportRow) -> Span | None:
    return Span(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else None
