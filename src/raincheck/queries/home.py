"""What waits for a provider or manager: the counts beside the navigation, and the lists of Home.

Every list takes the rows its reader may see and answers in a constant number of queries.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField

from raincheck.data.appointments import Appointment
from raincheck.data.calendars.conflicts import conflicting
from raincheck.data.notifications import Notification, NotificationAppointment
from raincheck.data.reschedule import OPEN, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments import Status
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.reschedule import State
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import wall, whole_days, zone_named

SHOWN = 50
"""So many tasks, requests and conflicts are listed at most; finishing one makes room for the next."""
NEWS_SHOWN = 20
MANAGERS_SEE_NEWS_OF = timedelta(days=1)
"""News is addressed to providers, who clear it themselves; a manager simply sees the last day of the practice."""


class Counts(NamedTuple):
    """Open tasks, open requests and unread conversations."""

    tasks: int
    requests: int
    unread: int


COUNTS = """
SELECT
    (SELECT count(*) FROM raincheck_task WHERE practice_id = %(practice)s AND done_at IS NULL
        AND CASE WHEN %(provider)s::bigint IS NULL THEN for_managers_at <= %(now)s ELSE provider_id = %(provider)s END),
    (SELECT count(*) FROM raincheck_reschedulerequest WHERE practice_id = %(practice)s AND state = 'open' AND settled_at IS NULL
        AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)),
    (SELECT count(*) FROM raincheck_conversation c WHERE practice_id = %(practice)s AND provider_id = %(provider)s
        AND c.latest_at > coalesce(c.provider_read_at, '-infinity') AND EXISTS (SELECT 1 FROM raincheck_message m WHERE m.conversation_id = c.id
            AND m.author_kind IN ('client', 'client_by_link') AND m.at > coalesce(c.provider_read_at, '-infinity')))
"""


def counts(*, practice_id: int, provider_id: int | None, now: datetime) -> Counts:
    """Return what waits for one provider, or for the managers of a practice when there is none; in one query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"practice": practice_id, "provider": provider_id, "now": now})
        return Counts(*cursor.fetchone())


def appointments_today(
    appointments: QuerySet[Appointment], *, zone: str, now: datetime
) -> QuerySet[Appointment]:
    """Return what begins on the reader's present day, soonest first, without what was cancelled; `deadline_at` while asked."""
    today = wall(now, zone=zone_named(zone)).date()
    day = whole_days(today, today, zone=zone_named(zone))
    asked = RescheduleRequest.objects.filter(OPEN, appointment=OuterRef("pk")).values("deadline_at")[:1]
    rows = appointments.filter(starts_at__gte=day.start, starts_at__lt=day.end)
    rows = rows.exclude(status=Status.CANCELLED).annotate(deadline_at=Subquery(asked))
    return rows.select_related("client", "provider", "type", "place").order_by("starts_at", "pk")


def open_tasks(tasks: QuerySet[Task], *, for_managers: bool, now: datetime) -> QuerySet[Task]:
    """Return what somebody must look at, the longest waiting first; managers get what waited for their provider.

    Conflicts have a list of their own.
    """
    waiting = tasks.filter(done_at__isnull=True).exclude(kind=TaskKind.CONFLICT)
    if for_managers:
        waiting = waiting.filter(for_managers_at__lte=now)
    about = (
        "client",
        "provider",
        "appointment__type",
        "request__appointment__type",
        "notification",
        "calendar",
    )
    return waiting.select_related(*about).order_by("made_at", "pk")[:SHOWN]


def requests_by_deadline(requests: QuerySet[RescheduleRequest]) -> QuerySet[RescheduleRequest]:
    """Return the open requests whose time runs out first."""
    # No ending is what an open request has anyway; said so, the index over endings has them in this order.
    waiting = requests.filter(OPEN, settled_at__isnull=True).select_related("client", "provider", "batch")
    return waiting.order_by(F("settled_at").desc(nulls_first=True), "deadline_at", "pk")[:SHOWN]


def conflicts(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return appointments ahead whose time was taken by busy time or time off that appeared after they got it.

    `task` is the ref of the task about it, while it is open. Whoever is done with that has decided: it is left out until
    other busy time appears.
    """
    tasks = Task.objects.filter(kind=TaskKind.CONFLICT, appointment=OuterRef("pk"))
    decided = tasks.filter(done_at__isnull=False, made_at__gte=OuterRef("busy_since"))
    found = conflicting(appointments, now=now).annotate(
        task=Subquery(tasks.filter(done_at__isnull=True).values("ref")[:1], output_field=UUIDField(null=True))
    )
    undecided = found.filter(Q(blocked=True) | Q(task__isnull=False) | ~Exists(decided))
    # Names are looked up for what was found: joined, the database would read everybody's before it knows that nothing was.
    return undecided.prefetch_related("client", "provider", "type").order_by("starts_at", "pk")[:SHOWN]


def news_for_provider(provider_id: int) -> QuerySet[Notification]:
    """Return what happened and a provider has not seen, newest first; no reminder whose request waits no longer."""
    return _news(Notification.objects.filter(provider=provider_id, seen_at__isnull=True).order_by("-pk"))


def news_for_managers(practice_id: int, *, now: datetime) -> QuerySet[Notification]:
    """Return what the providers of a practice were told in the last day, newest first."""
    recent = Notification.objects.filter(practice=practice_id, made_at__gt=now - MANAGERS_SEE_NEWS_OF)
    return _news(recent.order_by("-made_at", "-pk"))


def _news(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    in_app = notifications.filter(channel=Channel.IN_APP, provider__isnull=False).select_related("provider")
    true_still = in_app.filter(
        ~Q(moment=NotificationType.REQUEST_REMINDER) | Exists(_waiting_for_the_client())
    )
    linked = true_still.prefetch_related("appointments__appointment", "appointments__request")
    return linked[:NEWS_SHOWN]


def _waiting_for_the_client() -> QuerySet[NotificationAppointment]:
    """What a notification speaks of whose request the client can still answer before its deadline."""
    still_open = Q(request__state=State.OPEN, request__needs_provider__isnull=True)
    return NotificationAppointment.objects.filter(still_open, notification=OuterRef("pk"))
