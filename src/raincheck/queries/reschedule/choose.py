"""The times to choose from: how each request of a batch stands, and which times are open for those that wait."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from raincheck.data.compiled import NO_ROW, Compiled, numbered
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Hold,
    Place,
    RebookOffer,
    RescheduleBatch,
    RescheduleRequest,
)
from raincheck.data.reschedule.by_video import may_be_kept, video_place
from raincheck.data.reschedule.request import OPEN
from raincheck.data.reschedule.suggestions import held_in, suggested_in, to_choose
from raincheck.data.slots import Row, Session, reschedule_question, rooms_of, taken_time
from raincheck.domain.appointments.lifecycle import History, Status, TypeKind
from raincheck.domain.clients.never_works import times_of_week
from raincheck.domain.ranking import UsualTime, nearest_good_times, usual_time
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.slots import comes_that_day, last_start, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.queries.appointments.whereabouts import Whereabouts, whereabouts_of

SECOND = timedelta(seconds=1)
# So many of a client's latest sessions say when they usually come: half a year of weekly ones.
USUAL_FROM = 26


@dataclass(frozen=True, slots=True)
class Choice:
    """An open request with the times that can be chosen for it: all of them, what its provider suggests, and the best others.

    `next_at` is the next occurrence of the appointment's series, None without one; `by_video` is whether the client may
    keep the time it has, by video.
    """

    request: RescheduleRequest
    starts: Sequence[datetime]
    suggested: Sequence[datetime]
    nearest: Sequence[datetime]
    usual: UsualTime | None
    next_at: datetime | None
    by_video: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that has had its ending, with the rebook offer that came of it.

    `asked_again` says that a later request about the same appointment is open.
    """

    request: RescheduleRequest
    offer: RebookOffer | None
    asked_again: bool
    nobody_came_at: datetime | None = None
    """When the client said that nobody came."""
    region: str = ""
    """Where the client said that they will be."""


def batch_named(ref: UUID) -> RescheduleBatch | None:
    """Return the batch of a ref with the people it concerns."""
    return next(iter(_batches(ref=ref)), None)


@Compiled
def _batches(ref: UUID) -> QuerySet[RescheduleBatch]:
    return RescheduleBatch.objects.filter(ref=ref).select_related("practice", "provider", "client")


@Compiled
def requests_of(batch: int) -> QuerySet[RescheduleRequest]:
    """The requests of a batch with their appointments, soonest deadline first."""
    rows = RescheduleRequest.objects.filter(batch=batch).order_by("deadline_at", "asked_starts_at", "pk")
    return rows.select_related("appointment__place", "appointment__type")


def choices(
    batch: RescheduleBatch,
    requests: Iterable[RescheduleRequest],
    *,
    zone: str,
    now: datetime,
    chosen: Mapping[UUID, datetime] | None = None,
) -> list[Choice]:
    """Return those of a batch's requests that wait for an answer, with their open times, in a constant number of queries.

    `zone` is where whoever reads them has their clock. What is `chosen` for one request, but not sent yet, is not offered
    for the others.
    """
    waiting = [request for request in requests if waits(request, now=now)]
    if not waiting:
        return []
    for request in waiting:
        # What the question of open times reads of an appointment, without asking for each again.
        request.appointment.practice = batch.practice
        request.appointment.provider = batch.provider
        request.appointment.client = batch.client
    asked = [request.appointment.starts_at for request in waiting]
    latest_at = max(last_start(now=now, policy=batch.practice.rules, asked_at=at) for at in asked)
    # A span ends before its end, and the last start is one that can be chosen.
    within = Span(now, latest_at + SECOND)
    rooms = rooms_of(Session.of(request.appointment) for request in waiting)
    taken = taken_time(batch.provider_id, client_id=batch.client_id, rooms=rooms, within=within, now=now)
    usual = usual_time(
        kept_starts(provider=batch.provider_id, client=batch.client_id, now=now),
        zone=zone_named(batch.provider.zone),
    )
    series = {request.appointment.series_id for request in waiting} - {None}
    first = min(request.asked_starts_at for request in waiting)
    following = _occurrences_after(first=first, **numbered("series", series))
    planned = _planned(waiting, chosen or {})
    offered = any(request.video_offered for request in waiting)
    place = video_place(batch.practice_id) if offered else None
    held = held_in(batch=batch.pk, now=now)
    return [
        _choice(
            request,
            [*taken, *(row for ref, row in planned.items() if ref != request.ref)],
            usual,
            following,
            held,
            place=place,
            zone=zone,
            now=now,
        )
        for request in waiting
    ]


def _planned(waiting: Iterable[RescheduleRequest], chosen: Mapping[UUID, datetime]) -> dict[UUID, Row]:
    """Return as taken what a client has chosen for several appointments; of two that meet only the first."""
    planned: dict[UUID, Row] = {}
    for request in waiting:
        if request.ref not in chosen:
            continue
        row, start = request.appointment, chosen[request.ref]
        end = start + (row.ends_at - row.starts_at)
        if not any(Span(start, end).overlaps(other.span) for other in planned.values()):
            planned[request.ref] = Row(
                "appointment", NO_ROW, row.client_id, start, end, row.buffer_before, row.buffer_after
            )
    return planned


def waits(request: RescheduleRequest, *, now: datetime) -> bool:
    """Return whether a request can still be answered: it is open and its appointment has not begun."""
    return request.is_open and request.asked_starts_at > now


def waiting_in(batch: RescheduleBatch, *, now: datetime) -> QuerySet[RescheduleRequest]:
    """Return the requests of a batch that can still be answered, soonest deadline first."""
    return RescheduleRequest.objects.filter(OPEN, batch=batch, asked_starts_at__gt=now).order_by(
        "deadline_at"
    )


def open_in(request: RescheduleRequest) -> QuerySet[RescheduleRequest]:
    """Return the other requests of a batch that wait for an answer, with their appointments, soonest asked time first."""
    rows = RescheduleRequest.objects.filter(OPEN, batch=request.batch_id).exclude(pk=request.pk)
    return rows.select_related("appointment__place", "appointment__type").order_by("asked_starts_at", "pk")


def settled(requests: Iterable[RescheduleRequest], *, now: datetime) -> list[Settled]:
    """Return those requests that have had their ending, or whose start has come."""
    over = [request for request in requests if not waits(request, now=now)]
    appointments = [request.appointment_id for request in over]
    if not over:
        return []
    offers = {
        offer.appointment_id: offer for offer in RebookOffer.objects.filter(appointment__in=appointments)
    }
    # Nobody says so of a session that was settled, so that most pages ask nothing here.
    over_unsettled = [request.pk for request in over if request.state in (State.VOID, State.OPEN)]
    came = AppointmentHistory.objects.filter(request__in=over_unsettled, event=History.NOBODY_CAME)
    said = dict(came.values_list("request", "at")) if over_unsettled else {}
    chosen = [request.appointment_id for request in over if request.state in (State.MOVED, State.KEPT)]
    where = whereabouts_of(chosen) if chosen else {}
    later = RescheduleRequest.objects.filter(OPEN, appointment__in=appointments)
    # Not among these: one whose start has come may still be open, until the sweep makes it void.
    again = set(later.exclude(pk__in=[request.pk for request in over]).values_list("appointment", flat=True))
    return [
        Settled(
            request,
            offers.get(request.appointment_id),
            request.appointment_id in again,
            said.get(request.pk),
            where.get(request.appointment_id, Whereabouts()).region,
        )
        for request in over
    ]


@Compiled
def kept_starts(provider: int, client: int, now: datetime) -> QuerySet[Appointment, datetime]:
    """When the latest sessions that a client kept with a provider started: those that are over and were not missed."""
    kept = Appointment.objects.filter(
        client=client, provider=provider, status__in=[Status.SCHEDULED, Status.COMPLETED], starts_at__lt=now
    )
    return kept.order_by("-starts_at").values_list("starts_at", flat=True)[:USUAL_FROM]


@Compiled
def _occurrences_after(first: datetime, **series: int) -> QuerySet[Appointment, tuple[int, datetime]]:
    """The upcoming occurrences of some series, soonest first."""
    rows = Appointment.objects.filter(
        series__in=series.values(), status=Status.SCHEDULED, starts_at__gt=first
    )
    return rows.order_by("starts_at").values_list("series", "starts_at")


def _choice(
    request: RescheduleRequest,
    taken: Sequence[Row],
    usual: UsualTime | None,
    following: Sequence[tuple[int, datetime]],
    held: Sequence[Hold],
    *,
    place: Place | None,
    zone: str,
    now: datetime,
) -> Choice:
    appointment, rules = request.appointment, request.appointment.practice.rules
    suggested, own = (
        to_choose(
            [
                one
                for one in held
                if one.suggested is by_provider and (by_provider or one.request_id == request.pk)
            ],
            appointment,
            taken,
            now=now,
            notice=rules.suggestion_notice,
        )
        for by_provider in (True, False)
    )
    question = reschedule_question(appointment, now=now, notice=rules.pick_notice, taken=taken)
    own = [start for start in own if not comes_that_day(question, start)]
    # What is suggested stands by itself, and is never repeated among the nearest ones.
    starts = sorted({*open_slots(question), *own} - set(suggested))
    next_at = next(
        (at for series, at in following if series == appointment.series_id and at > request.asked_starts_at),
        None,
    )
    # Whoever comes for the first time has no usual day, whatever they came for before.
    usual = None if appointment.type.kind == TypeKind.INTAKE else usual
    # Times after the next occurrence of the series are no near ones: the page shows them apart.
    soon = [start for start in starts if next_at is None or start < next_at]
    nearest = nearest_good_times(
        soon or starts,
        asked_at=request.asked_starts_at,
        usual=usual,
        zone=zone_named(appointment.provider.zone),
        client_zone=zone_named(zone),
        never_works=times_of_week(appointment.client.never_works),
        needed_by=appointment.needed_by,
    )
    same_time = may_be_kept(request, place)
    return Choice(request, sorted([*starts, *suggested]), suggested, nearest, usual, next_at, same_time)


def sessions_ahead(client_id: int, *, now: datetime, but: Container[int] = ()) -> list[Appointment]:
    """Return a client's appointments ahead with whichever provider, soonest first, `but` for those with some numbers."""
    return [row for row in _ahead(client=client_id, now=now) if row.pk not in but]


@Compiled
def _ahead(client: int, now: datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(client=client, status=Status.SCHEDULED, starts_at__gt=now)
    return rows.select_related("provider", "place").order_by("starts_at")


def nearest_for_staff(
    request: RescheduleRequest, starts: Sequence[datetime], *, now: datetime
) -> list[datetime]:
    """Return the nearest good times among those that staff may pick, as the client's own page would choose them."""
    row = request.appointment
    provider_zone = zone_named(row.provider.zone)
    usual = None
    if row.type.kind != TypeKind.INTAKE:
        kept = kept_starts(provider=row.provider_id, client=row.client_id, now=now)
        usual = usual_time(kept, zone=provider_zone)
    series = numbered("series", [row.series_id] if row.series_id else [])
    following = _occurrences_after(first=request.asked_starts_at, **series)
    next_at = next((at for _series, at in following), None)
    soon = [start for start in starts if next_at is None or start < next_at]
    return nearest_good_times(
        soon or starts,
        asked_at=request.asked_starts_at,
        usual=usual,
        zone=provider_zone,
        client_zone=zone_named(row.client.zone_in(row.practice)),
        never_works=times_of_week(row.client.never_works),
        needed_by=row.needed_by,
    )


def times_for_staff(appointment: Appointment, *, batch: int, now: datetime) -> list[datetime]:
    """Return the starts (UTC) that staff may pick in a client's place, soonest first: without any notice, and what is suggested.

    The appointment needs its practice, provider and place at hand; one query for all taken time.
    """
    latest_at = last_start(now=now, policy=appointment.practice.rules, asked_at=appointment.starts_at)
    within = Span(now, latest_at + SECOND)
    rooms = rooms_of([Session.of(appointment)])
    taken = taken_time(
        appointment.provider_id, client_id=appointment.client_id, rooms=rooms, within=within, now=now
    )
    question = reschedule_question(appointment, now=now, notice=timedelta(0), within=within, taken=taken)
    kept = to_choose(suggested_in(batch=batch), appointment, taken, now=now, notice=SECOND)
    return sorted({*open_slots(question), *kept})
