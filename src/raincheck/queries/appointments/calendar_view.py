"""The calendar view: everything that stands in a provider's calendar over some days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, BusyTime, Hold, OutOfOffice, Provider
from raincheck.data.slots import LONGEST_SESSION
from raincheck.domain.appointments import Status
from raincheck.domain.spans import Span
from raincheck.queries.appointments.listing import Listed, with_open_requests


@dataclass(frozen=True, slots=True)
class Days:
    """Everything that lies in a stretch or reaches into it, each kind soonest first."""

    appointments: list[Listed]
    blocks: list[OutOfOffice]
    busy: list[BusyTime]
    holds: list[Hold]


def days(provider: Provider, *, within: Span, now: datetime) -> Days:
    """Return what to show of a provider's time: no cancelled appointment, no removed block, no expired hold."""
    inside = {"provider": provider.pk, "starts_at__lt": within.end, "ends_at__gt": within.start}
    return Days(
        # Bounded below for the index by start; blocks and busy times may be of any length.
        with_open_requests(_appointments(**inside, starts_at__gt=within.start - LONGEST_SESSION)),
        _blocks(**inside),
        _busy(**inside),
        _holds(**inside, expires_at__gt=now),
    )


@Compiled
def _appointments(**inside: Any) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(**inside).exclude(status=Status.CANCELLED)
    return rows.select_related("client", "type", "place").order_by("starts_at", "pk")


@Compiled
def _blocks(**inside: Any) -> QuerySet[OutOfOffice]:
    return OutOfOffice.objects.filter(**inside, removed_at__isnull=True).order_by("starts_at", "pk")


@Compiled
def _busy(**inside: Any) -> QuerySet[BusyTime]:
    return BusyTime.objects.filter(**inside).select_related("calendar").order_by("starts_at", "pk")


@Compiled
def _holds(**inside: Any) -> QuerySet[Hold]:
    return Hold.objects.filter(**inside).select_related("client").order_by("starts_at", "pk")


# So many days are shown at once at most: a month's view needs six weeks.
LONGEST_STRETCH = timedelta(days=62)

# `xmin` is the transaction that wrote a row last: it tells that something changed without reading what.
VERSION = """
SELECT md5(string_agg(mark, ',' ORDER BY mark)) FROM (
    SELECT concat_ws('-', 'p', p.id, p.xmin) AS mark FROM raincheck_provider p WHERE p.id = %(provider)s
    UNION ALL
    SELECT concat_ws('-', 'a', a.id, a.xmin, c.xmin, t.xmin, l.xmin, r.id, r.xmin)
    FROM raincheck_appointment a
    JOIN raincheck_client c ON c.id = a.client_id
    JOIN raincheck_appointmenttype t ON t.id = a.type_id
    JOIN raincheck_place l ON l.id = a.place_id
    LEFT JOIN raincheck_reschedulerequest r ON r.appointment_id = a.id AND r.state = 'open'
    WHERE a.provider_id = %(provider)s AND a.starts_at > %(earliest)s AND a.starts_at < %(end)s
        AND a.ends_at > %(start)s AND a.status <> 'cancelled'
    UNION ALL
    SELECT concat_ws('-', 'o', id, xmin) FROM raincheck_outofoffice
    WHERE provider_id = %(provider)s AND starts_at < %(end)s AND ends_at > %(start)s AND removed_at IS NULL
    UNION ALL
    SELECT concat_ws('-', 'b', b.id, b.xmin, k.name) FROM raincheck_busytime b
    JOIN raincheck_busycalendar k ON k.id = b.calendar_id
    WHERE b.provider_id = %(provider)s AND b.starts_at < %(end)s AND b.ends_at > %(start)s
    UNION ALL
    SELECT concat_ws('-', 'h', id, xmin) FROM raincheck_hold
    WHERE provider_id = %(provider)s AND starts_at < %(end)s AND ends_at > %(start)s AND expires_at > %(now)s
) AS marks
"""


def version_of(provider: Provider, *, within: Span, now: datetime) -> str:
    """Return a name for all that `days` finds in the stretch, another one after any change to it; in one question."""
    stretch = {"start": within.start, "end": within.end, "earliest": within.start - LONGEST_SESSION}
    with connection.cursor() as cursor:
        cursor.execute(VERSION, {"provider": provider.pk, "now": now, **stretch})
        return str(cursor.fetchone()[0])
