"""The calendar view: everything that stands in a provider's calendar over some days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from raincheck.data.appointments.appointment import REAL
from raincheck.data.compiled import Compiled
from raincheck.data.models import (
    Appointment,
    BusyTime,
    Hold,
    OutOfOffice,
    Practice,
    Provider,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.data.slots import LONGEST_SESSION
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.spans import Span
from raincheck.queries.appointments.listing import Listed, with_open_requests

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Days:
    """Everything that lies in a stretch or reaches into it, each kind soonest first."""

    appointments: list[Listed]
    blocks: list[OutOfOffice]
    busy: list[BusyTime]
    holds: list[Hold]


def days(provider: Provider, *, within: Span, now: datetime, cancelled: bool = False) -> Days:
    """Return what to show of a provider's time: no removed block, no expired hold, what was `cancelled` only if wanted."""
    whose = {"practice": None, "provider": provider.pk}
    return _found(whose, within=within, now=now, cancelled=cancelled)


def days_by_provider(
    practice: Practice, *, within: Span, now: datetime, cancelled: bool = False
) -> Mapping[int, Days]:
    """Return the same for everybody of a practice, by provider; in as many questions as for one."""
    found = _found({"practice": practice.pk, "provider": None}, within=within, now=now, cancelled=cancelled)
    theirs: defaultdict[int, Days] = defaultdict(lambda: Days([], [], [], []))
    for listed in found.appointments:
        theirs[listed.appointment.provider_id].appointments.append(listed)
    for block in found.blocks:
        theirs[block.provider_id].blocks.append(block)
    for busy in found.busy:
        theirs[busy.provider_id].busy.append(busy)
    for hold in found.holds:
        theirs[hold.provider_id].holds.append(hold)
    return theirs


def _found(whose: dict[str, int | None], *, within: Span, now: datetime, cancelled: bool) -> Days:
    inside = whose | {"starts_before": within.end, "ends_after": within.start}
    sessions = _with_cancelled if cancelled else _appointments
    return Days(
        # Bounded below for the index by start; blocks and busy times may be of any length.
        with_open_requests(sessions(**inside, starts_after=within.start - LONGEST_SESSION)),
        _blocks(**inside),
        _busy(**inside),
        _holds(**inside, live_at=now),
    )


def _of(
    rows: QuerySet[Row],
    practice: int | None,
    provider: int | None,
    starts_before: datetime,
    ends_after: datetime,
) -> QuerySet[Row]:
    inside = rows.filter(starts_at__lt=starts_before, ends_at__gt=ends_after)
    if provider is not None:
        return inside.filter(provider=provider)
    # By provider in any case: each one's days are quick to find, those of a practice lie among all it ever had.
    return inside.filter(provider__in=Provider.objects.filter(practice=practice))


@Compiled
def _with_cancelled(
    practice: int | None,
    provider: int | None,
    starts_before: datetime,
    ends_after: datetime,
    starts_after: datetime,
) -> QuerySet[Appointment]:
    rows = _of(Appointment.objects.filter(REAL), practice, provider, starts_before, ends_after)
    rows = rows.filter(starts_at__gt=starts_after)
    return rows.select_related("client", "type", "place").order_by("starts_at", "pk")


@Compiled
def _appointments(
    practice: int | None,
    provider: int | None,
    starts_before: datetime,
    ends_after: datetime,
    starts_after: datetime,
) -> QuerySet[Appointment]:
    rows = Appointment.objects.exclude(status=Status.CANCELLED)
    rows = _of(rows, practice, provider, starts_before, ends_after).filter(starts_at__gt=starts_after)
    return rows.select_related("client", "type", "place").order_by("starts_at", "pk")


@Compiled
def _blocks(
    practice: int | None, provider: int | None, starts_before: datetime, ends_after: datetime
) -> QuerySet[OutOfOffice]:
    rows = OutOfOffice.objects.filter(removed_at__isnull=True)
    return _of(rows, practice, provider, starts_before, ends_after).order_by("starts_at", "pk")


@Compiled
def _busy(
    practice: int | None, provider: int | None, starts_before: datetime, ends_after: datetime
) -> QuerySet[BusyTime]:
    rows = BusyTime.objects.select_related("calendar")
    return _of(rows, practice, provider, starts_before, ends_after).order_by("starts_at", "pk")


@Compiled
def _holds(
    practice: int | None,
    provider: int | None,
    starts_before: datetime,
    ends_after: datetime,
    live_at: datetime,
) -> QuerySet[Hold]:
    rows = Hold.objects.filter(expires_at__gt=live_at).select_related("client")
    return _of(rows, practice, provider, starts_before, ends_after).order_by("starts_at", "pk")


# Counted as beside the navigation. The thread's own latest time comes first: one without anything new is told without its messages.
UNREAD = """
SELECT c.client_id, count(m.id)
FROM raincheck_conversation c
JOIN raincheck_message m ON m.conversation_id = c.id AND m.author_kind IN ('client', 'client_by_link')
    AND m.at > coalesce(c.provider_read_at, '-infinity')
WHERE c.provider_id = %s AND c.latest_at > coalesce(c.provider_read_at, '-infinity')
GROUP BY c.client_id
"""


def unread_by_client(provider: Provider) -> Mapping[int, int]:
    """Return by client how many of their messages to this provider are unread; nothing for those who have none."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [provider.pk])
        return dict(cursor.fetchall())


def asked_starts(providers: Iterable[Provider]) -> list[datetime]:
    """Return when the appointments begin that these providers' clients are asked about right now, soonest first."""
    ids = [one.pk for one in providers]
    # Open is what has no ending; said so, the index over endings is used.
    rows = RescheduleRequest.objects.filter(OPEN, settled_at__isnull=True, provider__in=ids)
    return list(rows.order_by("asked_starts_at").values_list("asked_starts_at", flat=True))


# So many days are shown at once at most: a month's view needs six weeks.
LONGEST_STRETCH = timedelta(days=62)

# `xmin` is the transaction that wrote a row last: it tells that something changed without reading what.
VERSION = """
SELECT md5(string_agg(mark, ',' ORDER BY mark)) FROM (
    SELECT concat_ws('-', 'p', p.id, p.xmin) AS mark FROM raincheck_provider p WHERE p.id = ANY(%(providers)s)
    UNION ALL
    SELECT concat_ws('-', 'a', a.id, a.xmin, c.xmin, t.xmin, l.xmin, r.id, r.xmin, k.xmin)
    FROM raincheck_appointment a
    JOIN raincheck_client c ON c.id = a.client_id
    JOIN raincheck_appointmenttype t ON t.id = a.type_id
    JOIN raincheck_place l ON l.id = a.place_id
    LEFT JOIN raincheck_reschedulerequest r ON r.appointment_id = a.id AND r.state = 'open'
    LEFT JOIN raincheck_conversation k ON k.provider_id = a.provider_id AND k.client_id = a.client_id
    WHERE a.provider_id = ANY(%(providers)s) AND a.starts_at > %(earliest)s AND a.starts_at < %(end)s
        AND a.ends_at > %(start)s AND (%(cancelled)s::boolean OR a.status <> 'cancelled')
    UNION ALL
    SELECT concat_ws('-', 'r', id) FROM raincheck_reschedulerequest
    WHERE provider_id = ANY(%(providers)s) AND state = 'open' AND settled_at IS NULL
    UNION ALL
    SELECT concat_ws('-', 'o', id, xmin) FROM raincheck_outofoffice
    WHERE provider_id = ANY(%(providers)s) AND starts_at < %(end)s AND ends_at > %(start)s AND removed_at IS NULL
    UNION ALL
    SELECT concat_ws('-', 'b', b.id, b.xmin, k.name) FROM raincheck_busytime b
    JOIN raincheck_busycalendar k ON k.id = b.calendar_id
    WHERE b.provider_id = ANY(%(providers)s) AND b.starts_at < %(end)s AND b.ends_at > %(start)s
    UNION ALL
    SELECT concat_ws('-', 'h', id, xmin) FROM raincheck_hold
    WHERE provider_id = ANY(%(providers)s) AND starts_at < %(end)s AND ends_at > %(start)s AND expires_at > %(now)s
) AS marks
"""


def version_of(providers: Iterable[Provider], *, within: Span, now: datetime, cancelled: bool = False) -> str:
    """Return a name for all that `days` finds of these in the stretch, another one after any change to it; in one question."""
    stretch = {"start": within.start, "end": within.end, "earliest": within.start - LONGEST_SESSION}
    ids = [one.pk for one in providers]
    with connection.cursor() as cursor:
        cursor.execute(VERSION, {"providers": ids, "now": now, "cancelled": cancelled, **stretch})
        return str(cursor.fetchone()[0])
