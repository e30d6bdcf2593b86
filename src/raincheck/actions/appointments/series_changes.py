"""Changing and canceling of several occurrences of a series at once: this and all that follow, or all that are ahead."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from raincheck.actions.appointments.booking import Cancellation, Details, sound_cancellation, type_and_place
from raincheck.actions.appointments.claims import claim_holds_anew, claim_together
from raincheck.actions.appointments.moving import (
    cancel,
    cancel_details,
    must_be_scheduled,
    offer_to_rebook,
    set_time,
)
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import Shown, close_tasks_of_need, history_row, show_cards
from raincheck.actions.reschedule.ending import end_requests
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.undo import Before, as_before, keep_until
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    AppointmentType,
    Place,
    RescheduleRequest,
    Series,
)
from raincheck.domain.appointments.lifecycle import (
    AlreadyStarted,
    AppointmentGone,
    CancelledWhy,
    ChangedMeanwhile,
    History,
    NothingChanged,
    StartsInThePast,
    Status,
    cancelled_why,
)
from raincheck.domain.appointments.series import OccurrencesTaken, Scope
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.conversations import Card, plain_text
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import Event, State
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall, zone_named
from raincheck.notifications.formats import short_day
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject

# A case for each row in each column, as `bulk_update` writes it, took three quarters of the time of a change.
SAVE_CHANGED = """
UPDATE raincheck_appointment AS row SET
    starts_at = said.starts_at, ends_at = said.ends_at, starts_wall = said.starts_wall, utc_offset = said.utc_offset,
    buffer_before = said.buffer_before, buffer_after = said.buffer_after, recurrence_id = said.recurrence_id,
    ical_sequence = said.ical_sequence, zone = %s, type_id = %s, place_id = %s, join_url = %s, series_id = %s
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamp[], %s::interval[], %s::interval[], %s::interval[],
    %s::timestamp[], %s::integer[]) AS said
    (id, starts_at, ends_at, starts_wall, utc_offset, buffer_before, buffer_after, recurrence_id, ical_sequence)
WHERE row.id = said.id
"""
OF_EACH = (
    "pk",
    "starts_at",
    "ends_at",
    "starts_wall",
    "utc_offset",
    "buffer_before",
    "buffer_after",
    "recurrence_id",
    "ical_sequence",
)


def occurrences_ahead(row: Appointment, scope: Scope, *, now: datetime) -> QuerySet[Appointment]:
    """Return the occurrences that a change of this scope is about, in the order of their series."""
    rows = Appointment.objects.filter(series=row.series_id, status=Status.SCHEDULED, starts_at__gt=now)
    if scope is Scope.FOLLOWING:
        rows = rows.filter(recurrence_id__gte=row.recurrence_id)
    return rows.order_by("recurrence_id")


@dataclass(slots=True)
class Several:
    """Occurrences of one series that change together, locked, in its order; `chosen` is the one that was opened."""

    series: Series
    chosen: Appointment
    rows: list[Appointment]
    requests: dict[int, RescheduleRequest]
    """Open requests, by their appointment."""


def _locked(
    ref: UUID, *, scope: Scope, sequence: int | None, now: datetime, places: Collection[int] = ()
) -> Several:
    found = Appointment.objects.filter(ref=ref).first()
    if found is None or found.series_id is None:
        raise AppointmentGone
    ids, open_ones = _about(found, scope, now=now)
    locked = lock(
        providers=[found.provider_id],
        clients=[found.client_id],
        appointments=[*ids, found.pk],
        requests=open_ones,
        places=places,
    )
    chosen = locked.appointments[found.pk]
    if chosen.series_id != found.series_id or _about(chosen, scope, now=now) != (ids, open_ones):
        raise ReadAgain  # somebody asked, booked or moved one between the look-up and the lock
    must_be_scheduled(chosen)
    if sequence not in (None, chosen.ical_sequence):
        raise ChangedMeanwhile
    if chosen.starts_at <= now:
        raise AlreadyStarted
    rows = [locked.appointments[number] for number in ids]
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
    # Under the lock of its provider, which everybody has who changes a series.
    series = Series.objects.get(pk=found.series_id)
    return Several(series, chosen, rows, {one.appointment_id: one for one in locked.requests.values()})


def _about(row: Appointment, scope: Scope, *, now: datetime) -> tuple[list[int], list[int]]:
    """Return the numbers of the occurrences and of the open requests about them, looked up without locking."""
    ids = list(occurrences_ahead(row, scope, now=now).values_list("pk", flat=True))
    asked = RescheduleRequest.objects.filter(appointment__in=ids, state=State.OPEN).order_by("pk")
    return ids, list(asked.values_list("pk", flat=True))


def cancel_series(ref: UUID, *, scope: Scope, cancellation: Cancellation, by: Actor, now: datetime) -> Answer:
    """Cancel several occurrences of a series for one reason; it ends before the first of them.

    Open requests about them are superseded; the client gets one message. The note stays with the appointment that was
    opened, and a link to book a new time is for one appointment.
    """
    reason = sound_cancellation(cancellation)
    several = _locked(ref, scope=scope, sequence=cancellation.sequence, now=now)
    rows, chosen = several.rows, several.chosen
    before = [(row, as_before(row, several.series)) for row in rows]
    # Before the cancellation: no open request may be about a canceled appointment, even for a moment.
    end_requests(Event.SUPERSEDE, list(several.requests.values()), by=by, now=now)
    asked_about = set(
        RescheduleRequest.objects.filter(appointment__in=rows).values_list("appointment", "asked_starts_at")
    )
    alike: dict[tuple[CancelledWhy, bool], list[Appointment]] = {}
    for row in rows:
        why = cancelled_why(
            reason,
            start=row.starts_at,
            now=now,
            cut_off=row.practice.rules.self_service_cut_off,
            waived=cancellation.waived,
        )
        alike.setdefault((why, (row.pk, row.starts_at) in asked_about), []).append(row)
    for (why, asked), together in alike.items():
        cancel(together, why=why, by=by, now=now, asked_about=asked)
    if cancellation.note:
        chosen.cancel_note = plain_text(cancellation.note)
        chosen.save(update_fields=["cancel_note"])
    offers = offer_to_rebook([chosen] if cancellation.rebook_link else [], now=now)
    _end_before(several.series, rows[0])
    release_at = _hold_back(several, before, by=by, now=now)
    AppointmentHistory.objects.bulk_create(
        history_row(
            row,
            History.CANCELLED,
            by=by,
            now=now,
            request=several.requests.get(row.pk),
            details=cancel_details(row),
        )
        for row in rows
    )
    _show(several, Card.CANCELLED, by=by, now=now, release_at=release_at)
    subjects = [
        NoticeSubject(
            row,
            several.requests.get(row.pk),
            offer=offers.get(row.pk),
            whole_series=True,
        )
        for row in rows
    ]
    notify(NotificationType.CANCELLED, *subjects, by=by, now=now, release_at=release_at)
    look_soon([chosen.provider_id])
    return {"appointment": str(chosen.ref), "cancelled": str(len(rows))}


def change_series(ref: UUID, *, scope: Scope, details: Details, by: Actor, now: datetime) -> Answer:
    """Save what was agreed about several occurrences of a series: they begin a new one, and the old one ends before them.

    A new time moves each that was at the time of its series; what was moved by itself stays where it is. An open request
    about one that moves, or whose type changes, is superseded. Raises OccurrencesTaken when any would meet something else.
    """
    several = _locked(ref, scope=scope, sequence=details.sequence, now=now, places=[details.place_id])
    chosen, old = several.chosen, several.series
    kind, place = type_and_place(chosen, details.type_id, details.place_id)
    zone = zone_named(old.zone)
    moves, type_changes = details.start != chosen.starts_at, kind.pk != chosen.type_id
    if not (moves or type_changes) and (place.pk, details.join_url) == (chosen.place_id, chosen.join_url):
        raise NothingChanged
    assert chosen.recurrence_id is not None, "an occurrence knows its first start"
    shown = wall(details.start, zone=zone).replace(tzinfo=None, fold=0)
    shift = shown - chosen.recurrence_id if moves else timedelta(0)
    before = [(row, as_before(row, old)) for row in several.rows]
    former = {row.pk: row.span for row in several.rows}
    former_place = {row.pk: row.place_id for row in several.rows}
    starts = {row.pk: _new_start(row, several, details, shift=shift) for row in several.rows}
    if min(starts.values()) <= now:
        raise StartsInThePast
    # An occurrence may have had another type than the chosen one, by a change of its own.
    superseded = [
        request
        for number, request in several.requests.items()
        if request.appointment.type_id != kind.pk or starts[number] != former[number].start
    ]
    end_requests(Event.SUPERSEDE, superseded, by=by, now=now)
    series = _new_series(several, kind, place, details, shift=shift, new_length=type_changes)
    for row in several.rows:
        assert row.recurrence_id is not None, "an occurrence knows its first start"
        length = kind.length if row.type_id != kind.pk else row.ends_at - row.starts_at
        if row.type_id != kind.pk:
            row.buffer_before, row.buffer_after = kind.buffer_before, kind.buffer_after
        row.type, row.place, row.join_url = kind, place, details.join_url
        row.series, row.recurrence_id = series, row.recurrence_id + shift
        set_time(row, start=starts[row.pk], length=length)
        row.ical_sequence += 1
    _save(several.rows)
    if lost := claim_together([row.pk for row in several.rows], now=now):
        days = [
            short_day(row.starts_at, row.provider.zone, now=now) for row in several.rows if row.pk in lost
        ]
        raise OccurrencesTaken(dates="; ".join(days))
    for row in several.rows:
        close_tasks_of_need(row, now=now)
    for request in several.requests.values():
        # Those that stay open: what is held for them is for the new place.
        if request.is_open and place.pk != former_place.get(request.appointment_id):
            claim_holds_anew(request, now=now)
    _end_before(old, several.rows[0], shift=shift)
    # A place alone is told at once, as that of a single appointment.
    release_at = _hold_back(several, before, by=by, now=now) if moves else None
    _tell_changed(several, former, superseded, old=old, by=by, now=now, release_at=release_at)
    return {"appointment": str(chosen.ref), "changed": str(len(several.rows))}


def _hold_back(
    several: Several, before: Sequence[tuple[Appointment, Before]], *, by: Actor, now: datetime
) -> datetime | None:
    """Keep how the occurrences were for as long as their change can be undone; return from when it leaves, None: at once."""
    # What may have ended a request can't be undone, so that nobody waits for it.
    if several.requests or not by.is_staff:
        return None
    starts = [datetime.fromisoformat(str(kept["starts_at"])) for _row, kept in before]
    soonest = min(*starts, *(row.starts_at for row in several.rows))
    release_at = released_at(soonest, policy=several.chosen.practice.rules, now=now)
    if release_at <= now:
        return None
    keep_until(before, release_at=release_at)
    return release_at


def _save(rows: Sequence[Appointment]) -> None:
    """Write what a change makes of occurrences of one series, in one statement."""
    first = rows[0]
    alike = (first.zone, first.type_id, first.place_id, first.join_url, first.series_id)
    with connection.cursor() as cursor:
        cursor.execute(SAVE_CHANGED, [*alike, *([getattr(row, name) for row in rows] for name in OF_EACH)])


def _new_start(row: Appointment, several: Several, details: Details, *, shift: timedelta) -> datetime:
    """Return when an occurrence begins after a change; what was moved by itself stays where it is."""
    assert row.recurrence_id is not None, "an occurrence knows its first start"
    zone = zone_named(several.series.zone)
    if row.pk == several.chosen.pk:
        return details.start
    as_said = row.starts_at == start_at(row.recurrence_id, zone=zone)
    return start_at(row.recurrence_id + shift, zone=zone) if as_said and shift else row.starts_at


def _new_series(
    several: Several,
    kind: AppointmentType,
    place: Place,
    details: Details,
    *,
    shift: timedelta,
    new_length: bool,
) -> Series:
    """Write the series that the changed occurrences begin: as the old one from there on, moved by `shift`."""
    old, first = several.series, several.rows[0].recurrence_id
    assert first is not None, "an occurrence knows its first start"
    passed = (first - old.pattern.first) // timedelta(weeks=old.every_weeks)
    begins = first + shift
    days = begins.date() - first.date()
    series = Series(
        practice=several.chosen.practice,
        provider=several.chosen.provider,
        client=several.chosen.client,
        type=kind,
        place=place,
        every_weeks=old.every_weeks,
        begins_on=begins.date(),
        wall_time=begins.time(),
        zone=old.zone,
        length=kind.length if new_length else several.chosen.ends_at - several.chosen.starts_at,
        join_url=details.join_url,
        count=old.count - passed if old.count else None,
        ends_on=old.ends_on + days if old.ends_on else None,
        made_until=old.made_until + days,
    )
    series.save(force_insert=True)
    return series


def _end_before(series: Series, row: Appointment, *, shift: timedelta = timedelta(0)) -> None:
    """End a series on the day before one of its occurrences, which may have been given to another one already."""
    assert row.recurrence_id is not None, "an occurrence knows its first start"
    series.ends_on = (row.recurrence_id - shift).date() - timedelta(days=1)
    series.ical_sequence += 1
    series.save(update_fields=["ends_on", "ical_sequence"])


def _show(several: Several, card: Card, *, by: Actor, now: datetime, release_at: datetime | None) -> None:
    """Show one card for the series, and one for each occurrence whose request has ended with it."""
    shown = [
        Shown(row, several.requests.get(row.pk))
        for row in several.rows
        if row is several.chosen or row.pk in several.requests
    ]
    show_cards(card, shown, by=by, now=now, release_at=release_at)


def _tell_changed(
    several: Several,
    former: dict[int, Span],
    superseded: Sequence[RescheduleRequest],
    *,
    old: Series,
    by: Actor,
    now: datetime,
    release_at: datetime | None,
) -> None:
    ended = {request.appointment_id: request for request in superseded}
    before = {row.pk: span for row in several.rows if (span := former[row.pk]).start != row.starts_at}
    AppointmentHistory.objects.bulk_create(
        history_row(
            row,
            History.DETAILS_CHANGED,
            by=by,
            now=now,
            request=ended.get(row.pk),
            former=before.get(row.pk),
        )
        for row in several.rows
    )
    chosen = several.chosen
    if chosen.pk in before:
        moved = Shown(chosen, ended.get(chosen.pk), before[chosen.pk])
        show_cards(Card.MOVED, [moved], by=by, now=now, release_at=release_at)
    others = [
        Shown(row, ended[row.pk], before.get(row.pk))
        for row in several.rows
        if row.pk in ended and not (row is chosen and chosen.pk in before)
    ]
    if others:
        show_cards(Card.SUPERSEDED, others, by=by, now=now)
    subjects = [
        NoticeSubject(
            row,
            ended.get(row.pk),
            former=before.get(row.pk),
            whole_series=True,
            former_series=old.pk,
        )
        for row in several.rows
    ]
    kind = NotificationType.MOVED if before else NotificationType.DETAILS_CHANGED
    notify(kind, *subjects, by=by, now=now, release_at=release_at)
    look_soon([chosen.provider_id])
