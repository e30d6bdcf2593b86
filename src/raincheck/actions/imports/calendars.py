"""Staging a calendar: its times are kept as rows, and people say whose each event is, once for all its times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.calendar_rows import BATCH, calendar_outcomes
from raincheck.actions.imports.staging import LONGEST_FILE_NAME, read_again, refuse_others_file, staged
from raincheck.data.imports.known_calendar import came_before
from raincheck.data.models import AppointmentType, Import, ImportRow, Place, Practice, Provider
from raincheck.domain.imports.calendar_files import COLUMNS, MAPPING, TITLE, CalendarFile, FileFormat, rows_of
from raincheck.domain.imports.cells import clean
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.importing import NoTimesAhead
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.repeating import Singly, as_kept
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice
from raincheck.domain.zones import zone_named


@dataclass(frozen=True, slots=True)
class StagedCalendar:
    """A calendar that somebody chose, what it holds, and whose it is; type and place where nothing better is known."""

    name: str
    zone: str
    calendar: CalendarFile
    provider_id: int
    type_id: int | None = None
    place_id: int | None = None


def stage_calendar(practice_id: int, *, file: StagedCalendar, by: Actor, now: datetime) -> Answer:
    """Keep the times of a calendar that lie ahead with what they were read as. Nobody is written to.

    A provider brings in their own calendar only. Raises NoTimesAhead.
    """
    kept = new_calendar(Practice.objects.get(pk=practice_id), file, by=by, now=now)
    refuse_others_file(kept)
    rows = new_rows(kept, file.calendar)
    if not rows:
        raise NoTimesAhead
    kept.save(force_insert=True)
    outcomes = calendar_outcomes(kept, rows, now=now)
    for row in rows:
        row.problem, row.read = outcomes.get(row.number, (None, None))
    ImportRow.objects.bulk_create(rows, batch_size=BATCH)
    return {"import": str(kept.ref)}


def new_calendar(practice: Practice, file: StagedCalendar, *, by: Actor, now: datetime) -> Import:
    """Return the file as it would be kept. A step, not a verb. Raises NotInThisPractice."""
    theirs = {"practice": practice, "pk": file.provider_id, "left_at__isnull": True}
    own = by.kind is not ActorKind.PROVIDER or by.who == file.provider_id
    if not own or not Provider.objects.filter(**theirs).exists():
        raise NotInThisPractice
    for model, number in ((AppointmentType, file.type_id), (Place, file.place_id)):
        if number is not None and not model.objects.filter(practice=practice, pk=number).exists():
            raise NotInThisPractice
    found = file.calendar
    return Import(
        practice=practice,
        file_name=clean(file.name)[:LONGEST_FILE_NAME],
        kind=Kind.APPOINTMENTS,
        format=FileFormat.CALENDAR,
        zone=zone_named(file.zone).key,
        header=1,
        columns=list(COLUMNS),
        mapping={name: field.value for name, field in MAPPING.items()},
        order=DateOrder.YMD,
        assumed={"provider": file.provider_id, "type": file.type_id, "place": file.place_id},
        found={
            "over": found.over,
            "free": found.free,
            "notes": [[one.kind.value, one.number, one.text, one.zone] for one in found.notes],
            "singly": [[number, why.value] for number, why in found.singly.items()],
        },
        made_at=now,
        actor_kind=by.kind,
        actor=by.who,
    )


def new_rows(kept: Import, calendar: CalendarFile) -> list[ImportRow]:
    """Return a calendar's series and other times as rows of a file.

    Of an event that is here in part its times are compared one by one, and those that are new come in so.
    """
    uids = {number: calendar.events[number].uid for number in calendar.series}
    before = came_before(kept.practice_id, kept.assumed["provider"], list(uids.values()))
    apart = {
        number
        for number, one in calendar.series.items()
        if any((uids[number], known) in before for known in one.recurrence_ids)
    }
    kept.found["singly"] += [[number, Singly.HERE.value] for number in sorted(apart)]
    return [
        ImportRow(
            practice=kept.practice,
            file=kept,
            number=row.number,
            cells=dict(row.cells),
            event=row.event,
            uid=row.uid,
            recurrence_id=row.recurrence_id,
            starts_at=row.span.start if row.span else None,
            ends_at=row.span.end if row.span else None,
            event_fault=row.fault or "",
            repeats=as_kept(row.repeats),
        )
        for row in rows_of(calendar, zone=zone_named(kept.zone), apart=apart)
    ]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says of a row and of all like it: whose they are, or that they are no appointments.

    Like it are all of its title, or with `this_series` only those of its event.
    """

    number: int
    client: UUID | None = None
    is_none: bool = False
    this_series: bool = False


def say_whose(
    ref: UUID,
    *,
    practice_id: int,
    decisions: Sequence[Decision],
    now: datetime,
) -> Answer:
    """Decide about events, each once for all its times; every row is read again. Later decisions count before earlier ones."""
    kept = staged(ref, practice_id=practice_id)
    rows = list(ImportRow.objects.filter(file=kept).order_by("number"))
    by_number = {row.number: row for row in rows}
    changed = set()
    for decision in decisions:
        if (named := by_number.get(decision.number)) is None:
            continue
        for row in rows:
            if _is_like(row, named, this_series=decision.this_series):
                row.whose, row.left_out = decision.client, decision.is_none
                changed.add(row)
    ImportRow.objects.bulk_update(changed, ["whose", "left_out"], batch_size=BATCH)
    read_again(kept, now=now)
    return {"import": str(kept.ref)}


def _is_like(row: ImportRow, named: ImportRow, *, this_series: bool) -> bool:
    if this_series:
        return (row.uid or row.event) == (named.uid or named.event)
    return title_key(row) == title_key(named)


def title_key(row: ImportRow) -> str:
    """Return what rows are decided about together by: their title; those without one by their event."""
    return same_name(row.cells.get(TITLE, "")) or f"\n{row.uid or row.event}"
