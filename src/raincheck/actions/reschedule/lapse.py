"""Silence: requests whose time is over lapse, wait for a person, or become void; a batch at a time.

When that is so says `domain/reschedule/silence.py`; what a lapse brings, `domain/reschedule/endings.py`.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet

from raincheck.actions.engine.locks import EVERY_REQUEST, lock_due
from raincheck.actions.engine.side_effects import history_row, make_tasks
from raincheck.actions.reschedule.ending import end_requests
from raincheck.data.models import AppointmentHistory, Hold, RescheduleRequest
from raincheck.data.reschedule.request import as_it_stands
from raincheck.data.timing.outages import has_its_time
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.reschedule.lifecycle import Event, NeedsProvider
from raincheck.domain.reschedule.silence import Due, due
from raincheck.domain.tasks import TaskKind


@dataclass(frozen=True, slots=True)
class DueRequest:
    """A locked request, with its appointment, whose time has brought something."""

    request: RescheduleRequest
    brings: Due
    why: NeedsProvider | None


def due_requests(*, now: datetime, reachable_until: datetime | None = None) -> QuerySet[RescheduleRequest]:
    """Return open requests that time may have brought something for; looked up without locking.

    A deadline after `reachable_until` waits: nobody knows yet whether the client's page could be opened until then. So does
    one whose request still has to get back what an outage took. A start that has come waits for nothing: nobody is canceled.
    """
    over = RescheduleRequest.objects.filter(ends_at__lte=now)
    passed = min(now - LAPSE_GRACE, reachable_until or now)
    silent = Q(deadline_at__lte=passed, needs_provider__isnull=True) & has_its_time()
    return over.filter(Q(asked_starts_at__lte=now) | silent)


def settle_due(
    *, now: datetime, limit: int, reachable_until: datetime | None = None, among: Q = EVERY_REQUEST
) -> Counter[str]:
    """Lapse, void or hand to a person about `limit` requests whose time has come; returns how many of each."""
    over = due_requests(now=now, reachable_until=reachable_until).filter(among)
    by_due: dict[Due, list[DueRequest]] = defaultdict(list)
    for one in _judged(over, now=now, limit=limit, reachable_until=reachable_until):
        by_due[one.brings].append(one)
    for brings, event in ((Due.LAPSE, Event.LAPSE), (Due.VOID, Event.VOID)):
        # Not queued: words to people take no time from other endings that are promised as well.
        ended = [one.request for one in by_due[brings]]
        end_requests(event, ended, by=SYSTEM, now=now, queued=False)
    by_why: dict[NeedsProvider | None, list[RescheduleRequest]] = defaultdict(list)
    for one in by_due[Due.WAIT_FOR_PROVIDER]:
        by_why[one.why].append(one.request)
    for why, requests in by_why.items():
        RescheduleRequest.objects.filter(pk__in=[request.pk for request in requests]).update(
            needs_provider=why, needs_provider_at=now, remind_at=None
        )
        details: dict[str, str | int] = {"why": str(why)}
        AppointmentHistory.objects.bulk_create(
            history_row(
                row.appointment, History.NEEDS_PROVIDER, by=SYSTEM, now=now, request=row, details=details
            )
            for row in requests
        )
    make_tasks(TaskKind.NEEDS_PROVIDER, [one.request for one in by_due[Due.WAIT_FOR_PROVIDER]], now=now)
    words = {
        Due.LAPSE: "request lapsed",
        Due.VOID: "request void",
        Due.WAIT_FOR_PROVIDER: "request waits for provider",
    }
    return Counter({words[brings]: len(ones) for brings, ones in by_due.items() if ones and brings in words})


def _judged(
    over: QuerySet[RescheduleRequest], *, now: datetime, limit: int, reachable_until: datetime | None
) -> list[DueRequest]:
    """Lock requests that something may be due for, and return what it is; others may have been first."""
    locked = lock_due(over, limit=limit)
    # A time that was chosen before the deadline keeps its request until the latest such hold ends.
    kept = Hold.objects.filter(
        request__in=list(locked.requests), suggested=False, began_at__lt=F("request__deadline_at")
    )
    holds = dict(kept.values_list("request").annotate(Max("expires_at")))
    judged = []
    for request in locked.requests.values():
        if not request.is_open:
            continue  # answered between the look-up and the lock
        appointment = request.appointment = locked.appointments[request.appointment_id]
        facts = as_it_stands(request, appointment, kept_until=holds.get(request.pk))
        brings = due(facts, now=now, policy=appointment.practice.rules, reachable_until=reachable_until)
        judged.append(DueRequest(request, *brings))
    return judged
