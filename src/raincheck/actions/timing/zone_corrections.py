"""Steps that give appointments the instant which keeps their wall time, with claims, open requests, history and messages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from raincheck.actions.appointments.claims import claim, free
from raincheck.actions.engine.side_effects import history_row, make_task, make_tasks
from raincheck.data.models import Appointment, AppointmentHistory, Claim, RescheduleBatch, RescheduleRequest
from raincheck.domain.appointments.lifecycle import ClientElsewhere, History, SlotTaken
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.reminders import next_reminder
from raincheck.domain.reschedule.deadlines import latest_deadline, moved_for_zone_rules
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind
from raincheck.domain.timing.zone_rules import version_in_use
from raincheck.domain.zones import local_time, zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

WRITTEN_AT_ONCE = 500

APPOINTMENT_FIELDS = ["starts_at", "ends_at", "starts_wall", "utc_offset", "ical_sequence"]


@dataclass(slots=True)
class Correction:
    """A locked appointment, the time it had, and the time that keeps its wall time; it `clashes` when that is taken."""

    appointment: Appointment
    former: Span
    wanted: Span
    request: RescheduleRequest | None = None
    clashes: bool = False


def correct(corrections: Sequence[Correction], *, now: datetime) -> None:
    """Do everything that belongs to corrections of locked appointments; those that clash are marked so."""
    _claim_together(corrections, now=now)
    rows: list[AppointmentHistory] = []
    rules: dict[str, str | int] = {"rules": version_in_use()}
    for one in corrections:
        row = one.appointment
        shown = local_time(row.starts_at, zone=zone_named(row.zone))
        row.utc_offset = shown.offset
        # What stays at its instant has a new wall time: nobody moves it a second time.
        row.starts_wall = shown.wall if one.clashes else row.starts_wall
        row.ical_sequence += 1  # the instant in people's calendars changed, though the clock shows the same
        rows.append(
            history_row(
                row,
                History.ZONE_CLASH if one.clashes else History.ZONE_CORRECTED,
                by=SYSTEM,
                now=now,
                request=one.request,
                former=None if one.clashes else one.former,
                details=rules | {"wanted": one.wanted.start.isoformat()} if one.clashes else rules,
            )
        )
    Appointment.objects.bulk_update(
        [one.appointment for one in corrections], APPOINTMENT_FIELDS, batch_size=WRITTEN_AT_ONCE
    )
    # Before the requests', so that the history tells the cause before what follows from it.
    AppointmentHistory.objects.bulk_create(rows)
    for one in corrections:
        if one.clashes:
            make_task(TaskKind.ZONE_CLASH, now=now, appointment=one.appointment)
    _write_requests([one for one in corrections if one.request and not one.clashes], now=now)
    _tell(corrections, now=now)


def _claim_together(corrections: Sequence[Correction], *, now: datetime) -> None:
    """Give all their claims at once, so that a calendar that shifts as a whole does not meet itself.

    Whose time is taken goes back to the time it had; since another may have been given that by now, all start over.
    A wall time that is past by the new rules is not taken up either.
    """
    for one in corrections:
        one.clashes = one.wanted.start <= now
    ids = [one.appointment.pk for one in corrections]
    # Those that shared a room before others had to keep out of it go on to do so: they shift together.
    shared = Claim.objects.filter(appointment__in=ids, room_lane__startswith__isnull=False)
    sharing = set(shared.values_list("appointment", flat=True))
    refused = True
    while refused:
        refused = False
        Claim.objects.filter(appointment__in=ids).delete()
        # Those that stay come first: the time they had is surely free.
        for one in sorted(corrections, key=lambda one: not one.clashes):
            row, span = one.appointment, one.former if one.clashes else one.wanted
            row.starts_at, row.ends_at = span.start, span.end
            try:
                claim(row, now=now, shares_room=row.pk in sharing)
            except (SlotTaken, ClientElsewhere):
                assert not one.clashes, "nobody else got the time it had"
                free(row)  # of its two claims one may have been written
                one.clashes = refused = True


def _write_requests(asked: Sequence[Correction], *, now: datetime) -> None:
    """Let the open requests follow their appointments; one without room for its deadline waits for a person."""
    moved, without_room = [], []
    for one in asked:
        assert one.request is not None, "only what was asked about comes here"
        former = one.request.deadline_at
        if not _follow(one.request, one, now=now):
            without_room.append(one)
        elif one.request.deadline_at != former:
            moved.append(one)
    RescheduleRequest.objects.bulk_update(
        [one.request for one in asked if one.request],
        [
            "asked_starts_at",
            "asked_ends_at",
            "deadline_at",
            "remind_at",
            "needs_provider",
            "needs_provider_at",
        ],
    )
    AppointmentHistory.objects.bulk_create(
        [
            *(_request_row(one, History.DEADLINE_MOVED, now=now) for one in moved),
            *(_request_row(one, History.NEEDS_PROVIDER, now=now) for one in without_room),
        ]
    )
    make_tasks(TaskKind.NEEDS_PROVIDER, [one.request for one in without_room if one.request], now=now)


def _follow(request: RescheduleRequest, one: Correction, *, now: datetime) -> bool:
    """Bring a request in line with its appointment's new instant; return False when that leaves its deadline no room."""
    row = one.appointment
    policy = row.practice.rules
    request.asked_starts_at, request.asked_ends_at = row.starts_at, row.ends_at
    if request.needs_provider is not None:
        request.deadline_at = _before_start(request.deadline_at, row, now=now)
        return True
    deadline = moved_for_zone_rules(
        request.deadline_at,
        asked_at=request.asked_at,
        former_start=one.former.start,
        starts_at=row.starts_at,
        policy=policy,
    )
    if deadline is None:
        request.deadline_at = _before_start(request.deadline_at, row, now=now)
        request.needs_provider, request.needs_provider_at = NeedsProvider.NO_ROOM_AFTER_ZONE_CHANGE, now
        request.remind_at = None
        return False
    request.deadline_at = deadline
    request.remind_at = next_reminder(
        now,
        deadline=deadline,
        prompted_at=request.prompted_at,
        zone=zone_named(row.client.zone_in(row.practice)),
        policy=policy,
    )
    return True


def _before_start(deadline: datetime, row: Appointment, *, now: datetime) -> datetime:
    """Return a deadline that no longer cancels anything: as it was, unless it would lie after the start."""
    if deadline < row.starts_at:
        return deadline
    return max(latest_deadline(row.starts_at, policy=row.practice.rules), now)


def _request_row(one: Correction, event: History, *, now: datetime) -> AppointmentHistory:
    assert one.request is not None, "only what was asked about comes here"
    details: dict[str, str | int] = {"why": str(NeedsProvider.NO_ROOM_AFTER_ZONE_CHANGE)}
    if event is History.DEADLINE_MOVED:
        details = {"to": one.request.deadline_at.isoformat(), "why": "zone_rules"}
    return history_row(one.appointment, event, by=SYSTEM, now=now, request=one.request, details=details)


def _tell(corrections: Sequence[Correction], *, now: datetime) -> None:
    """One message to each client and prompt, and one to each provider that counts them all."""
    to_clients: dict[tuple[int, int, int], list[NoticeSubject]] = defaultdict(list)
    to_providers: dict[int, list[NoticeSubject]] = defaultdict(list)
    batches: dict[int, RescheduleBatch] = {}
    for one in corrections:
        row, request = one.appointment, one.request
        subject = NoticeSubject(row, request, former=None if one.clashes else one.former)
        batch = request.batch_id if request else 0
        if request is not None:
            batches[batch] = request.batch
        to_clients[row.provider_id, row.client_id, batch].append(subject)
        to_providers[row.provider_id].append(subject)
    kind = NotificationType.ZONE_CORRECTED
    notify_many(
        [
            *(
                Dispatch(kind, subjects, batch=batches.get(batch), provider_too=False)
                for (_provider, _client, batch), subjects in to_clients.items()
            ),
            *(Dispatch(kind, subjects, client_too=False) for subjects in to_providers.values()),
        ],
        by=SYSTEM,
        now=now,
    )
