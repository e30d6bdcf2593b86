"""Taking an import back within a day, while nobody has worked with what came in."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from raincheck.actions.appointments.moving import cancel_many
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import record_all, settled_by
from raincheck.actions.imports.staging import locked_import
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.imports.touched import rows_in_the_way
from raincheck.data.models import (
    Appointment,
    Client,
    Import,
    ImportRow,
    Membership,
    Notification,
    NotificationAppointment,
    Recipient,
    Series,
    Task,
    User,
)
from raincheck.domain.appointments.lifecycle import NEVER_REAL, History, Status
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import (
    UNDO_WITHIN,
    ImportNotOpen,
    ImportState,
    TooLateToUndo,
    WorkedWithSince,
)
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

# Nothing is read of them: whoever picks a time waits meanwhile.
LOCK = "SELECT 1 FROM raincheck_appointment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def undo_import(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Take back what came in with a file: all of it or nothing.

    Clients go. Appointments are canceled as never real; who was told that they came in is told that they are canceled, and
    nobody else is. Raises WorkedWithSince while a row stands in the way.
    """
    kept = locked_import(ref, practice_id=practice_id)
    if kept.state != ImportState.IMPORTED or kept.imported_at is None:
        raise ImportNotOpen
    if now - kept.imported_at > UNDO_WITHIN:
        raise TooLateToUndo
    kept.state, kept.undone_at = ImportState.UNDONE, now
    kept.save(update_fields=["state", "undone_at"])
    taken_back = (
        _cancel_appointments(kept, by=by, now=now)
        if kept.kind == Kind.APPOINTMENTS
        else _forget_clients(kept, now=now)
    )
    return {"import": str(kept.ref), "rows": str(taken_back)}


def _refuse_if_worked_with(kept: Import, *, now: datetime) -> None:
    if count := rows_in_the_way(kept, now=now).count():
        raise WorkedWithSince(count=str(count))


def _cancel_appointments(kept: Import, *, by: Actor, now: datetime) -> int:
    ids = _came_in(kept, "appointment")
    came_in = Appointment.objects.filter(pk__in=ids)
    locked = lock(providers=came_in.values_list("provider", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
    _refuse_if_worked_with(kept, now=now)
    cancel_many(ids, why=NEVER_REAL, by=by, now=now)
    _end_series(ids)
    record_all(ids, History.IMPORT_UNDONE, by=by, now=now, details={"import": str(kept.ref)})
    Task.objects.filter(appointment__in=ids, done_at__isnull=True).update(done_at=now)
    # Whoever seemed to have booked again needs their call after all, unless they have since.
    calls = Task.objects.filter(kind=TaskKind.INTAKE_LAPSED, done_at=kept.imported_at)
    since = Appointment.objects.filter(status=Status.SCHEDULED, booked_at__gte=OuterRef("made_at"))
    calls.filter(settled_by(came_in), ~settled_by(since)).update(done_at=None)
    _tell_who_was_told(ids, by=by, now=now)
    look_soon(locked.providers)
    return len(ids)


def _end_series(ids: Sequence[int]) -> None:
    """End the series of some appointments before they began, so that the sweep goes on with none of them."""
    series = Series.objects.filter(pk__in=Appointment.objects.filter(pk__in=ids).values("series"))
    for one in series:
        one.ends_on = one.begins_on - timedelta(days=1)
        one.ical_sequence += 1
    Series.objects.bulk_update(series, ["ends_on", "ical_sequence"])


def _tell_who_was_told(ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    """Tell both sides of each appointment that anybody was told of, one message for each pair."""
    told = NotificationAppointment.objects.filter(appointment__in=ids)
    about = Appointment.objects.filter(pk__in=told.values("appointment")).select_related(
        "practice", "provider", "client", "type", "place"
    )
    of_pair: dict[tuple[int, int], list[NoticeSubject]] = defaultdict(list)
    for row in about.order_by("starts_at", "pk"):
        subject = NoticeSubject(row, whole_series=row.series_id is not None)
        of_pair[row.provider_id, row.client_id].append(subject)
    if of_pair:
        dispatches = [Dispatch(NotificationType.CANCELLED, subjects) for subjects in of_pair.values()]
        notify_many(dispatches, by=by, now=now)


def _forget_clients(kept: Import, *, now: datetime) -> int:
    """Delete clients that nobody has worked with; the log of readings keeps the numbers of those that were looked at."""
    came_in = Client.objects.filter(pk__in=_came_in(kept, "client"))
    # Locked in the order of all verbs: whoever books for one of them waits, and then finds nobody.
    ids = list(came_in.select_for_update(no_key=False).order_by("pk").values_list("pk", flat=True))
    _refuse_if_worked_with(kept, now=now)
    ImportRow.objects.filter(file=kept).update(client=None)
    theirs = User.objects.filter(memberships__client__in=ids)
    # Whoever writes to one of them in this instant is waited for.
    users = list(
        theirs.select_for_update(no_key=False, of=("self",)).order_by("pk").values_list("pk", flat=True)
    )
    Membership.objects.filter(client__in=ids).delete()
    # Whoever belongs to nobody now came with this file. What somebody wrote to them, another practice too, is not taken along.
    mails = Notification.objects.filter(user=OuterRef("pk"))
    nobodys = User.objects.filter(pk__in=users, memberships__isnull=True, last_login__isnull=True)
    nobodys.exclude(Exists(mails)).delete()
    Recipient.objects.filter(client__in=ids).delete()
    Client.objects.filter(pk__in=ids).delete()
    return len(ids)


def _came_in(kept: Import, column: str) -> list[int]:
    rows = ImportRow.objects.filter(file=kept, **{f"{column}__isnull": False})
    return list(rows.values_list(column, flat=True))
