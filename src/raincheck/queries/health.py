"""The figures of `/health/` and `/metrics`: a few queries, each answered by an index over what is open or waits."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from raincheck.data.models import Heartbeat, Hold, Notification, Outage, RescheduleRequest
from raincheck.data.reschedule.request import COUNTED, OPEN
from raincheck.domain.health import SILENT_AFTER, UNNAMED_PROXY_TOLD_FOR, Health, ProcessKind
from raincheck.domain.notifications import DeliveryState
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.timing.clock_sanity import ClockFault
from raincheck.queries.clocks import database_is_ahead

DAY = timedelta(days=1)


def health(*, now: datetime, real_clock: Callable[[], datetime], disk_is_full: bool) -> Health:
    """Return the figures at `now`, business time; `real_clock` tells the machine's, before and after the database's."""
    ahead = database_is_ahead(real_clock)
    real_now = real_clock()
    alive = Heartbeat.objects.filter(beat_at__gte=real_now - SILENT_AFTER, started_at__lte=real_now)
    faults = sorted(filter(None, alive.values_list("clock_fault", flat=True).distinct()))
    # Without what a clock wrote that was ahead.
    sane = Heartbeat.objects.filter(started_at__lte=real_now).order_by()
    beats = dict(sane.values_list("kind").annotate(Max("beat_at")))
    waiting = Notification.objects.filter(state=DeliveryState.WAITING).aggregate(
        count=Count("pk"), failing=Count("pk", filter=Q(attempts__gt=0)), oldest=Min("due_at")
    )
    failed = Notification.objects.filter(state=DeliveryState.FAILED, ended_at__gt=now - DAY)
    return Health(
        web_beat_age=_age(beats.get(ProcessKind.WEB), real_now),
        worker_beat_age=_age(beats.get(ProcessKind.WORKER), real_now),
        sweep_age=_age(beats.get(ProcessKind.SWEEP), real_now),
        processes=dict(alive.values_list("kind").annotate(Count("pk"))),
        clock_fault=ClockFault(faults[0]) if faults else None,
        clock_difference=ahead,
        queue_age=_overdue(waiting["oldest"], now),
        waiting=waiting["count"],
        failing=waiting["failing"],
        failed_today=failed.count(),
        open_requests=RescheduleRequest.objects.filter(OPEN, COUNTED).count(),
        waiting_for_people=RescheduleRequest.objects.filter(
            OPEN, COUNTED, needs_provider__isnull=False
        ).count(),
        request_age=_overdue(_oldest_due(now=now), now),
        outages=Outage.objects.count(),
        disk_is_full=disk_is_full,
        unnamed_proxy=unnamed_proxy_seen(real_now=real_now),
    )


def unnamed_proxy_seen(*, real_now: datetime) -> bool:
    """Return whether a proxy that TRUSTED_PROXIES does not name forwarded to us lately."""
    lately = Heartbeat.objects.filter(unnamed_proxy_at__gte=real_now - UNNAMED_PROXY_TOLD_FOR)
    return settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0 and lately.exists()


def _oldest_due(*, now: datetime) -> datetime | None:
    """Return when the longest overdue request should have ended.

    That is at its start at the latest, else the grace after its deadline, or after the hold that kept it.
    """
    # As the sweep has it: only a hold that began before the deadline keeps a request from lapsing.
    kept = Hold.objects.filter(request=OuterRef("pk"), suggested=False, began_at__lt=OuterRef("deadline_at"))
    until = Subquery(kept.order_by("-expires_at").values("expires_at")[:1])
    # Without such a hold it is the deadline: GREATEST passes by NULL in PostgreSQL. Who waits for a person is not overdue.
    ripe = RescheduleRequest.objects.filter(
        OPEN, needs_provider__isnull=True, deadline_at__lte=now - LAPSE_GRACE
    ).annotate(kept_until=Greatest("deadline_at", until))
    silent: datetime | None = ripe.aggregate(first=Min("kept_until"))["first"]
    begun: datetime | None = RescheduleRequest.objects.filter(OPEN, asked_starts_at__lte=now).aggregate(
        first=Min("asked_starts_at")
    )["first"]
    return min(filter(None, (silent and silent + LAPSE_GRACE, begun)), default=None)


def _age(at: datetime | None, now: datetime) -> timedelta | None:
    return None if at is None else max(now - at, timedelta(0))


def _overdue(since: datetime | None, now: datetime) -> timedelta | None:
    return None if since is None or since > now else now - since
