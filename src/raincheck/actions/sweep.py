"""What the passing of time brings, done in batches and safe to do twice: the clock decides, never the job that notices."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from raincheck.actions.claims import free_holds
from raincheck.actions.conflicts import end_conflicts
from raincheck.actions.lapsing import settle_what_time_ended
from raincheck.actions.locks import lock_due
from raincheck.actions.open_times import look_again
from raincheck.actions.records import make_tasks
from raincheck.actions.reminding import send_due_reminders
from raincheck.actions.runner import act
from raincheck.data.acts import Act
from raincheck.data.appointments import Appointment, Claim, Hold
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import CLAIMS_KEPT_AFTER_END, HAND_OVER_LIMIT, KEYS_KEPT
from raincheck.domain.reschedule import State
from raincheck.domain.tasks import TaskKind

BATCH = 200
"""Rows of one transaction: large enough to be quick, small enough to keep nobody waiting."""
LOOKS_BATCHES = 10
"""How many batches of open times one sweep looks at; the next one goes on."""

Done = Counter[str]
"""How many of each thing a sweep did, by a word for it; empty when there was nothing to look at."""


def sweep(*, now: datetime) -> Done:
    """Do everything that is due at `now` once. Any number of workers may sweep at the same time."""
    total: Done = Counter()
    for step in (
        settle_what_time_ended,  # first, since it is promised: whatever stops a reminder stops no ending
        send_due_reminders,
        _tell_of_slow_hand_overs,
        end_conflicts,
        _end_holds,
        _prune_claims,
        _forget_keys,
    ):
        total += _until_nothing_is_left(step, now=now)
    # Last, and a share at a time: a whole practice whose rules have changed must not keep the next sweep waiting.
    _until_nothing_is_left(look_again, now=now, batches=LOOKS_BATCHES)
    return total


def _until_nothing_is_left(step: Callable[..., Done], *, now: datetime, batches: int = sys.maxsize) -> Done:
    total: Done = Counter()
    for _batch in range(batches):
        done: Done = Counter()

        def verb(into: Done = done) -> dict[str, str]:
            into.clear()  # a second try starts counting again
            into.update(step(now=now, limit=BATCH))
            return {}

        act(verb, key=None, body={}, by=SYSTEM, now=now)
        total += done
        if not done:  # a short batch is no sign of the end: it leaves out what others work on
            break
    return total


def _tell_of_slow_hand_overs(*, now: datetime, limit: int) -> Done:
    """A prompt that nobody took over for a quarter of an hour is a person's business, while retries go on."""
    told = Task.objects.filter(
        Q(request=OuterRef("pk"), kind=TaskKind.NOT_DELIVERED)
        | Q(request__batch=OuterRef("batch"), kind=TaskKind.LINK_NOT_THEIRS)
    )
    slow = RescheduleRequest.objects.filter(
        ~Exists(told), state=State.OPEN, handed_over_at__isnull=True, asked_at__lte=now - HAND_OVER_LIMIT
    )
    locked = lock_due(slow, limit=limit).requests.values()
    still = [request for request in locked if request.is_open and request.handed_over_at is None]
    make_tasks(TaskKind.NOT_DELIVERED, still, now=now)
    return Counter({"prompt not handed over": len(still)} if still else {})


def _end_holds(*, now: datetime, limit: int) -> Done:
    """Holds end under their provider's lock, as everywhere: two orders of locks would meet head-on."""
    ended = Hold.objects.filter(expires_at__lte=now).select_related("provider").order_by("provider", "pk")
    free = ended.select_for_update(skip_locked=True, no_key=True, of=("provider",))
    found = [hold.pk for hold in free.only("provider", "provider__id")[:limit]]
    ids = list(ended.filter(pk__in=found).values_list("pk", flat=True))
    free_holds(ids)
    return Counter({"hold ended": len(ids)} if ids else {})


def _prune_claims(*, now: datetime, limit: int) -> Done:
    """Claims exist to keep others out; 30 days after its end an appointment needs them no more."""
    over = Appointment.objects.select_for_update(skip_locked=True, no_key=True).filter(
        claims_pruned_at__isnull=True, ends_at__lt=now - CLAIMS_KEPT_AFTER_END
    )
    ids = list(over.order_by("pk").values_list("pk", flat=True)[:limit])
    Appointment.objects.filter(pk__in=ids).update(claims_pruned_at=now)
    Claim.objects.filter(appointment__in=ids).delete()
    return Counter({"claim pruned": len(ids)} if ids else {})


def _forget_keys(*, now: datetime, limit: int) -> Done:
    old = (
        Act.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(acted_at__lt=now - KEYS_KEPT)
        .order_by("pk")
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    Act.objects.filter(pk__in=ids).delete()
    return Counter({"key forgotten": len(ids)} if ids else {})
