"""Home of a provider or manager: the counts beside the navigation, and the lists of what waits.

Every list answers in a constant number of queries.
"""

from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery, UUIDField

from raincheck.data.calendars.conflicts import conflicting
from raincheck.data.compiled import Compiled
from raincheck.data.models import (
    Appointment,
    Notification,
    NotificationAppointment,
    Provider,
    RescheduleRequest,
    Task,
)
from raincheck.data.notifications import knowing_failures
from raincheck.domain.appointments.lifecycle import PlaceKind, Status
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import wall, whole_days, zone_named
from raincheck.notifications.catalogue import CATALOGUE, Holds
from raincheck.queries.appointments.listing import Listed, with_open_requests

Row = TypeVar("Row", bound=Model)

# So many tasks, requests and conflicts are listed at most; finishing one makes room for the next.
SHOWN = 50
NEWS_SHOWN = 20
# News is addressed to providers, who clear it themselves; a manager simply sees the last day of the practice.
MANAGERS_SEE_NEWS_OF = timedelta(days=1)
OF_AN_OPEN_REQUEST = [NotificationType.NONE_WORK] + [
    kind for kind, notice in CATALOGUE.items() if notice.holds in (Holds.WHILE_OPEN, Holds.WHILE_SUGGESTED)
]
OF_THE_TIME_TO_ANSWER = [
    kind for kind, notice in CATALOGUE.items() if notice.holds is Holds.UNTIL_THE_DEADLINE
]


ABOUT = (
    "client",
    "provider",
    "appointment__type",
    "request__appointment__type",
    "request__practice",
    "notification",
    "calendar",
)
"""What a task is told with."""


class Counts(NamedTuple):
    """Open tasks, open requests and unread conversations."""

    tasks: int
    requests: int
    unread: int


# One statement, since every page asks it. The casts: a parameter that is only compared with NULL has no type that the server
# could tell. The thread's own latest time comes first, so that a thread without anything new is told without its messages.
COUNTS = """
SELECT
    (SELECT count(*) FROM raincheck_task WHERE practice_id = %(practice)s AND done_at IS NULL
        AND CASE WHEN %(provider)s::bigint IS NULL THEN for_managers_at <= %(now)s ELSE provider_id = %(provider)s END)
    + CASE WHEN %(manages)s AND %(provider)s::bigint IS NOT NULL THEN (SELECT count(*) FROM raincheck_task
        WHERE provider_id IN (SELECT id FROM raincheck_provider WHERE practice_id = %(practice)s AND left_at IS NOT NULL)
        AND done_at IS NULL AND for_managers_at <= %(now)s) ELSE 0 END,
    (SELECT count(*) FROM raincheck_reschedulerequest WHERE practice_id = %(practice)s AND state = 'open' AND settled_at IS NULL
        AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)),
    (SELECT count(*) FROM raincheck_conversation c WHERE practice_id = %(practice)s AND provider_id = %(provider)s
        AND c.latest_at > coalesce(c.provider_read_at, '-infinity') AND EXISTS (SELECT 1 FROM raincheck_message m WHERE m.conversation_id = c.id
            AND m.author_kind IN ('client', 'client_by_link') AND m.at > coalesce(c.provider_read_at, '-infinity'))
        AND NOT EXISTS (SELECT 1 FROM raincheck_client k WHERE k.id = c.client_id AND k.rehearsal AND k.archived_at IS NOT NULL))
"""


def counts(*, practice_id: int, provider_id: int | None, now: datetime, manages: bool = False) -> Counts:
    """Return what waits for one provider, or for the managers of a practice when there is none; in one query.

    A provider who `manages` besides also has the tasks of those who left.
    """
    with connection.cursor() as cursor:
        said = {"practice": practice_id, "provider": provider_id, "manages": manages, "now": now}
        cursor.execute(COUNTS, said)
        return Counts(*cursor.fetchone())


class Reader(NamedTuple):
    """Whose Home it is, by ids: a provider sees what is theirs; a manager, without provider, what is the practice's."""

    practice: int
    provider: int | None

    def whose(self) -> dict[str, int | None]:
        """Return what tells the rows: of a provider's the practice too would lead the database to read all of it."""
        return {"practice": self.practice if self.provider is None else None, "provider": self.provider}


def _own(rows: QuerySet[Row], practice: int | None, provider: int | None) -> QuerySet[Row]:
    return rows.filter(practice=practice) if provider is None else rows.filter(provider=provider)


def _own_calendars(practice: int | None, provider: int | None) -> QuerySet[Appointment]:
    # By provider in any case: their calendars' present is quick to find, that of a practice lies among all it ever had.
    if provider is not None:
        return Appointment.objects.filter(provider=provider)
    return Appointment.objects.filter(provider__in=Provider.objects.filter(practice=practice))


@Compiled
def _today(
    practice: int | None, provider: int | None, begins_at: datetime, ends_at: datetime
) -> QuerySet[Appointment]:
    rows = _own_calendars(practice, provider)
    rows = rows.filter(starts_at__gte=begins_at, starts_at__lt=ends_at)
    rows = rows.exclude(status=Status.CANCELLED)
    return rows.select_related("client", "provider", "type", "place").order_by("starts_at", "pk")


def appointments_today(reader: Reader, *, zone: str, now: datetime) -> list[Listed]:
    """Return what begins on the reader's present day, soonest first, without what was cancelled, with open requests."""
    today = wall(now, zone=zone_named(zone)).date()
    day = whole_days(today, today, zone=zone_named(zone))
    return with_open_requests(_today(**reader.whose(), begins_at=day.start, ends_at=day.end))


# Derived and not done: by undo, Reinstate or another change it is by video once more.
MOOT = Q(kind=TaskKind.CHECK_LICENSE) & (
    Q(appointment__status=Status.CANCELLED) | Q(appointment__place__kind=PlaceKind.ROOM)
)
"""Licenses of sessions that are not held by video any more."""


@Compiled
def _open_tasks(practice: int | None, provider: int | None, waiting_since: datetime | None) -> QuerySet[Task]:
    waiting = _own(Task.objects.all(), practice, provider).filter(done_at__isnull=True)
    waiting = waiting.exclude(kind=TaskKind.CONFLICT).exclude(MOOT)
    if waiting_since is not None:
        waiting = waiting.filter(for_managers_at__lte=waiting_since)
    return waiting.select_related(*ABOUT).order_by("made_at", "pk")[:SHOWN]


def open_tasks(reader: Reader, *, now: datetime) -> list[Task]:
    """Return what somebody must look at, the longest waiting first; managers get what waited for their provider.

    Conflicts have a list of their own.
    """
    return _open_tasks(**reader.whose(), waiting_since=now if reader.provider is None else None)


def tasks_of_who_left(practice_id: int, *, now: datetime) -> list[Task]:
    """Return the tasks whose provider left, for a manager who has a calendar besides: nobody else sees to them."""
    left = Provider.objects.filter(practice=practice_id, left_at__isnull=False)
    waiting = Task.objects.filter(provider__in=left, done_at__isnull=True, for_managers_at__lte=now)
    waiting = waiting.exclude(kind=TaskKind.CONFLICT).exclude(MOOT)
    return list(waiting.select_related(*ABOUT).order_by("made_at", "pk")[:SHOWN])


@Compiled
def _requests(practice: int | None, provider: int | None) -> QuerySet[RescheduleRequest]:
    # Open is what has no ending (a constraint says so). Said so, the index over endings has them in this order; said twice,
    # the planner would expect too few to read it so.
    waiting = _own(RescheduleRequest.objects.filter(settled_at__isnull=True), practice, provider)
    in_order = waiting.order_by(F("settled_at").desc(nulls_first=True), "deadline_at", "pk")
    return knowing_failures(in_order.select_related("client", "provider", "batch"))[:SHOWN]


def requests_by_deadline(reader: Reader) -> list[RescheduleRequest]:
    """Return the open requests whose time runs out first."""
    return _requests(**reader.whose())


@Compiled
def _conflicts(practice: int | None, provider: int | None, now: datetime) -> QuerySet[Appointment]:
    tasks = Task.objects.filter(kind=TaskKind.CONFLICT, appointment=OuterRef("pk"))
    # Busy time that appeared after somebody was done with the task is another conflict.
    decided = tasks.filter(done_at__isnull=False, made_at__gte=OuterRef("busy_since"))
    found = conflicting(_own_calendars(practice, provider), now=now).annotate(
        task=Subquery(tasks.filter(done_at__isnull=True).values("ref")[:1], output_field=UUIDField(null=True))
    )
    undecided = found.filter(Q(blocked=True) | Q(task__isnull=False) | ~Exists(decided))
    # Names are looked up for what was found: joined, the database would read everybody's before it knows that nothing was.
    return undecided.prefetch_related("client", "provider", "type").order_by("starts_at", "pk")[:SHOWN]


def conflicts(reader: Reader, *, now: datetime) -> list[Appointment]:
    """Return appointments ahead whose time was taken by busy time or time off that appeared after they got it.

    `task` is the ref of the task about it, while it is open. Whoever is done with that has decided: it is left out until
    other busy time appears.
    """
    return _conflicts(**reader.whose(), now=now)


@Compiled
def _news(
    practice: int | None, provider: int | None, made_after: datetime | None, now: datetime
) -> QuerySet[Notification]:
    told = _own(Notification.objects.all(), practice, provider)
    unseen = told.filter(made_at__gt=made_after) if made_after else told.filter(seen_at__isnull=True)
    # What can still be undone is no news yet.
    in_app = unseen.filter(channel=Channel.IN_APP, provider__isnull=False, due_at__lte=now)
    in_app = in_app.select_related("provider", "conversation")
    spoken_of = NotificationAppointment.objects.filter(notification=OuterRef("pk"))
    is_open, waits_for_client = Q(request__state=State.OPEN), Q(request__needs_provider__isnull=True)
    # What became of an appointment is news until something else does, of which there is news then; the rest as long as the
    # request is open, and the client's time to answer is no news once it is over.
    true_still = in_app.filter(
        Q(kind__in=OF_AN_OPEN_REQUEST) & Exists(spoken_of.filter(is_open))
        | Q(kind__in=OF_THE_TIME_TO_ANSWER) & Exists(spoken_of.filter(is_open & waits_for_client))
        | Q(kind=NotificationType.EMERGENCY_ACCESS)
        | ~Q(kind__in=[*OF_AN_OPEN_REQUEST, *OF_THE_TIME_TO_ANSWER])
        & Exists(spoken_of.filter(sequence=F("appointment__ical_sequence")))
    )
    listed = NotificationAppointment.objects.select_related("appointment", "request")
    # Each in the order of its index (`in_app_of_a_practice`, `unseen_of_a_provider`), which is left after the first twenty.
    newest_first = true_still.order_by("-made_at", "-pk") if made_after else true_still.order_by("-pk")
    return newest_first.prefetch_related(Prefetch("appointments", listed))[:NEWS_SHOWN]


def news(reader: Reader, *, now: datetime) -> list[Notification]:
    """Return what happened and still holds, newest first.

    For a provider what they have not seen, for managers what the providers of the practice were told in the last day.
    """
    made_after = now - MANAGERS_SEE_NEWS_OF if reader.provider is None else None
    return _news(**reader.whose(), made_after=made_after, now=now)
