"""Reminders of appointments: found by the time at which each is looked at next, and written in the transaction that notes it."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial

from django.db import connection
from django.db.models import F, Max, Q, QuerySet

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.undo import undone_since
from raincheck.data.reschedule.request import OPEN, RescheduleRequest
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import DAYS_BEFORE, Policy
from raincheck.domain.reminders import FIRST_LOOK, Reminder, appointment_reminders
from raincheck.domain.zones import zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

EVERY_APPOINTMENT = Q()
"""No condition: any appointment may be due."""
EVERY_REMINDER = Policy().appointment_reminders
LOOK_AGAIN = """
UPDATE raincheck_appointment a SET remind_at = planned.at
FROM unnest(%s::bigint[], %s::timestamptz[]) planned (id, at) WHERE a.id = planned.id
"""


def appointments_to_remind_of(*, now: datetime) -> QuerySet[Appointment]:
    """Return the appointments whose next look is due; looked up without locking."""
    return Appointment.objects.filter(remind_at__lte=now)


def send_due_appointment_reminders(
    *, now: datetime, limit: int, among: Q = EVERY_APPOINTMENT
) -> Counter[str]:
    """Look at `limit` appointments whose time to do so has come, and remind the clients of those that stand.

    The first look finds nothing to send: it says when the first reminder is due on the client's clock. Those that somebody
    works on right now are left for the next time. What is overtaken is passed by, and not told late.
    """
    free = appointments_to_remind_of(now=now).filter(among).order_by("remind_at", "pk")
    locked = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    rows = list(locked.select_related("practice", "provider", "client", "place")[:limit])
    if not rows:
        return Counter()
    asked = set(
        RescheduleRequest.objects.filter(OPEN, appointment__in=rows).values_list("appointment", flat=True)
    )
    told_at = _times_told(rows)
    told: list[Dispatch] = []
    looks: list[datetime | None] = []
    for row in rows:
        assert row.remind_at is not None, "it was found by it"
        planned = partial(
            appointment_reminders,
            row.starts_at,
            told_at=told_at[row.pk],
            looked_at=row.remind_at,
            zone=zone_named(row.client.zone_in(row.practice)),
        )
        # Also those that the practice does not send today: it may say otherwise until then.
        looks.append(next((one.at for one in planned(EVERY_REMINDER) if one.at > now), None))
        due = _due(row, planned(row.practice.rules.appointment_reminders), asked, now=now)
        if due is not None:
            subject = NoticeSubject(row)
            told.append(Dispatch(NotificationType.APPOINTMENT_REMINDER, [subject], email_only=due.email_only))
    with connection.cursor() as cursor:
        cursor.execute(LOOK_AGAIN, [[row.pk for row in rows], looks])
    # Not queued, as the reminders of requests.
    notify_many(told, by=SYSTEM, now=now, queued=False)
    return Counter({"appointment looked at": len(rows), "appointment reminded of": len(told)})


def look_again_at_reminders(client_id: int, *, now: datetime) -> None:
    """Have the next sweep look at what a locked client is reminded of: in another zone it is due at another time. A step.

    What was told two days before its start is left as it is: by the clock of the new zone that may lie ahead once more.
    """
    looked_at = Appointment.objects.filter(
        client=client_id, remind_at__gt=now, starts_at__lt=now + FIRST_LOOK, starts_at__gt=now
    )
    told = Q(remind_at__gt=F("starts_at") - DAYS_BEFORE, starts_at__gt=now + DAYS_BEFORE)
    looked_at.exclude(told).update(remind_at=now)


def _due(
    row: Appointment, planned: Iterable[Reminder], asked: Collection[int], *, now: datetime
) -> Reminder | None:
    """Return the latest reminder that came due since the last look, None where nobody is to be reminded."""
    # Whoever is asked has other reminders, and nothing goes out by itself in the name of somebody who left.
    if row.pk in asked or row.starts_at <= now or row.provider.left_at is not None:
        return None
    assert row.remind_at is not None
    since = [reminder for reminder in planned if row.remind_at <= reminder.at <= now]
    return since[-1] if since else None


def _times_told(rows: Iterable[Appointment]) -> dict[int, datetime]:
    """Return when the client of each was last told its time: when it was booked, or moved since."""
    told_at = {row.pk: row.booked_at for row in rows}
    # Its number goes up with every change, so that most rows ask nothing here.
    changed = [row.pk for row in rows if row.ical_sequence]
    again = Q(from_starts_at__isnull=False) & ~Q(from_starts_at=F("to_starts_at"))
    history = AppointmentHistory.objects.filter(again | Q(event=History.REINSTATED), appointment__in=changed)
    # Of a move that was undone the client knows nothing.
    history = history.exclude(event=History.UNDONE).filter(~undone_since())
    latest = history.order_by().values("appointment").annotate(at=Max("at"))
    return told_at | dict(latest.values_list("appointment", "at"))
