"""The sweep: all that the passing of time brings, in batches and safe to do twice. The clock decides, never the job."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from raincheck.actions.access.emergency import forget_reasons
from raincheck.actions.access.log_retention import cut_read_log, forget_cut_rows
from raincheck.actions.access.record_keys import key_to_go_over_to, seal_anew
from raincheck.actions.access.sessions import forget_old_sessions
from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.appointments.remind import appointments_to_remind_of, send_due_appointment_reminders
from raincheck.actions.appointments.series_ahead import go_on_with_series, series_to_go_on_with
from raincheck.actions.appointments.shared_rooms import end_shared_rooms
from raincheck.actions.calendars.conflicts import end_conflicts
from raincheck.actions.clients.unmerging import forget_merges
from raincheck.actions.engine.locks import EVERY_REQUEST, lock_due
from raincheck.actions.engine.side_effects import make_tasks
from raincheck.actions.imports.staging import forget_files
from raincheck.actions.kept_pages import forget_old_pages
from raincheck.actions.limits import forget_limits
from raincheck.actions.reschedule.lapse import due_requests, settle_due
from raincheck.actions.reschedule.open_times import look_again, requests_to_look_at
from raincheck.actions.reschedule.remind import requests_to_remind_of, send_due_reminders
from raincheck.actions.reschedule.waiting import requests_that_still_wait, tell_of_waiting
from raincheck.actions.timing.outages import credit_outages, note_outages
from raincheck.actions.timing.quarantine import Done, SweepStep, run_command_in_time, run_isolating_failures
from raincheck.data.models import (
    Appointment,
    Claim,
    Hold,
    IdempotencyKey,
    Notification,
    RescheduleRequest,
    Task,
)
from raincheck.data.timing.heartbeats import latest_sign_of_life
from raincheck.data.timing.outages import requests_without_their_time
from raincheck.domain.health import OUTAGE_AFTER
from raincheck.domain.notifications import DeliveryState, NotificationType
from raincheck.domain.policy import CLAIMS_KEPT_AFTER_END, HAND_OVER_LIMIT, KEYS_KEPT, LAPSE_GRACE
from raincheck.domain.reschedule.lifecycle import State
from raincheck.domain.tasks import TaskKind
from raincheck.domain.timing.quarantine import Step

# Rows of one transaction: 20,000 lapses took 73 s one by one and a tenth of it so; more would keep picks waiting.
BATCH = 200
# Batches of open times that one sweep looks at; the next one goes on, so that endings never wait for looks.
LOOKS_BATCHES = 10

CREDITING = SweepStep(Step.CREDIT, requests_without_their_time, credit_outages, by="provider")
LOOKING = SweepStep(Step.LOOK_AT_OPEN_TIMES, requests_to_look_at, look_again, by="provider")


REMINDING = SweepStep(
    Step.REMIND_OF_APPOINTMENTS,
    appointments_to_remind_of,
    send_due_appointment_reminders,
    by="appointment",
    order=("remind_at", "pk"),
)
GOING_ON = SweepStep(
    Step.GO_ON_WITH_SERIES,
    series_to_go_on_with,
    go_on_with_series,
    by="provider",
    order=("provider", "made_until", "pk"),
)


class SweepFailed(ExceptionGroup[Exception]):
    """Steps of a sweep that failed, each with its error; `done` is what all the others did."""

    done: Done


def sweep(
    *, now: datetime, real_now: datetime | None = None, still_fresh: Callable[[], bool] = lambda: True
) -> Done:
    """Do everything that is due at `now` once. Any number of workers may sweep at the same time.

    With `real_now`, the machine's time at that instant, clients first get back what an outage took, and nothing of theirs
    ends unless web processes give signs of life. Without it the caller vouches that pages could be opened until `now`, as
    when the demo's clock is moved.

    A step that fails keeps no other waiting; a row that makes a step fail becomes a person's task, and the others are
    done. `still_fresh` says whether `now` still says what is due, and is asked before each commit: a worker that stood still
    changes nothing by an old time. Raises SweepFailed at the end.
    """
    # What must hold before anything may end is asked here, outside the steps: what it raises keeps all of them waiting.
    total: Done = Counter()
    reachable_until: datetime | None = now
    if real_now is not None:
        # Read before outages are noted: a sign of life that comes in between must not vouch for a silence nobody noted.
        latest = latest_sign_of_life(real_now=real_now)
        note_outages(now=now, real_now=real_now)
        # As business time; nobody knows it while an outage may be under way.
        reachable_until = None
        if latest is not None and real_now - latest <= OUTAGE_AFTER:
            reachable_until = now - (real_now - latest)
        total += run_isolating_failures(CREDITING, now=now, limit=BATCH, still_fresh=still_fresh)
    failed: list[Exception] = []
    steps = _steps(reachable_until)
    if real_now is not None:
        # Sessions are dated by real time: the demo's clock signs nobody out.
        steps.append(partial(_until_nothing_is_left, partial(_forget_sessions, real_now=real_now)))
    for step in steps:
        try:
            total += step(now=now, still_fresh=still_fresh)
        except Exception as error:  # noqa: BLE001  # raised below, once the others had their turn
            failed.append(error)
    # What was looked at is nothing anybody needs to read of; what could not be is.
    del total["provider looked at"], total["appointment looked at"]
    if failed:
        group = SweepFailed(f"{len(failed)} steps of the sweep failed", failed)
        group.done = total
        raise group
    return total


def _steps(reachable_until: datetime | None) -> list[Callable[..., Done]]:
    """Return what a sweep does, in its order: the endings first, since they are promised.

    What comes of a client's time to answer is left out while nobody knows until when pages could be opened (None).
    """
    telling = SweepStep(Step.TELL_OF_SLOW_HAND_OVER, _prompts_on_their_way_too_long, _tell_of_slow_hand_overs)
    waiting = SweepStep(Step.TELL_OF_WAITING, requests_that_still_wait, tell_of_waiting)
    clients_time = (
        (Step.SETTLE, due_requests, settle_due),
        (Step.REMIND, requests_to_remind_of, send_due_reminders),
    )
    steps = [
        SweepStep(
            step, partial(due, reachable_until=reachable_until), partial(do, reachable_until=reachable_until)
        )
        for step, due, do in (clients_time if reachable_until is not None else ())
    ]
    return [
        *(
            partial(run_isolating_failures, step, limit=BATCH)
            for step in (*steps, telling, waiting, REMINDING)
        ),
        partial(_until_nothing_is_left, end_conflicts),
        partial(_until_nothing_is_left, end_shared_rooms),
        partial(run_isolating_failures, GOING_ON, limit=BATCH),
        _seal_words,
        partial(_until_nothing_is_left, _end_holds),
        partial(_until_nothing_is_left, _prune_claims),
        partial(_until_nothing_is_left, _forget_keys),
        partial(_until_nothing_is_left, forget_limits),
        partial(_until_nothing_is_left, forget_old_pages),
        partial(_until_nothing_is_left, forget_merges),
        partial(_until_nothing_is_left, forget_old_sessions),
        partial(_until_nothing_is_left, forget_files),
        partial(_until_nothing_is_left, forget_reasons),
        partial(_until_nothing_is_left, cut_read_log),
        partial(_until_nothing_is_left, forget_cut_rows),
        # Last, and a share at a time: a whole practice whose rules have changed must not keep the next sweep waiting.
        partial(run_isolating_failures, LOOKING, limit=BATCH, batches=LOOKS_BATCHES),
    ]


def _until_nothing_is_left(
    step: Callable[..., Done], *, now: datetime, still_fresh: Callable[[], bool]
) -> Done:
    """Do a step that compares columns only, in batches: no row can make it fail for the others."""
    total: Done = Counter()
    while True:
        done: Done = Counter()

        def verb(into: Done = done) -> dict[str, str]:
            into.clear()  # a second try starts counting again
            into.update(step(now=now, limit=BATCH))
            return {}

        run_command_in_time(verb, now=now, still_fresh=still_fresh)
        total += done
        if not done:  # a short batch is no sign of the end: it leaves out what others work on
            return total


def _prompts_on_their_way_too_long(*, now: datetime) -> QuerySet[RescheduleRequest]:
    told = Task.objects.filter(
        Q(request=OuterRef("pk"), kind=TaskKind.NOT_DELIVERED)
        | Q(request__batch=OuterRef("batch"), kind=TaskKind.LINK_NOT_THEIRS)
    )
    prompts = Notification.objects.filter(
        batch=OuterRef("batch"), kind=NotificationType.ASKED, recipient__isnull=False
    )
    waits_for_morning = Q(state=DeliveryState.WAITING, attempts=0, due_at__gt=now - HAND_OVER_LIMIT)
    # A client whom only texts reach is not written to at night: until then nothing has gone wrong.
    only_by_text = Exists(prompts.filter(waits_for_morning)) & ~Exists(prompts.exclude(waits_for_morning))
    return RescheduleRequest.objects.filter(
        ~Exists(told),
        ~only_by_text,
        state=State.OPEN,
        handed_over_at__isnull=True,
        asked_at__lte=now - HAND_OVER_LIMIT,
    )


def _tell_of_slow_hand_overs(*, now: datetime, limit: int, among: Q = EVERY_REQUEST) -> Done:
    """A prompt that nobody took over for a quarter of an hour is a person's business, while retries go on."""
    slow = _prompts_on_their_way_too_long(now=now).filter(among)
    locked = lock_due(slow, limit=limit).requests.values()
    still = [request for request in locked if request.is_open and request.handed_over_at is None]
    make_tasks(TaskKind.NOT_DELIVERED, still, now=now)
    return Counter({"prompt not handed over": len(still)} if still else {})


def _end_holds(*, now: datetime, limit: int) -> Done:
    """Holds end under their provider's lock, as everywhere: two orders of locks would meet head-on.

    One that keeps a request stays until the grace after it is over: without its row nobody would know of that grace.
    """
    # Only a chosen time keeps its request. A suggested one is held for it and ends with it: until then an outage, once it is
    # noticed, may move its end; expired it stands in nobody's way.
    keeps = Q(request__state=State.OPEN, suggested=False, expires_at__gt=F("request__deadline_at"))
    waits = Q(request__state=State.OPEN, suggested=True)
    over = Q(expires_at__lte=now - LAPSE_GRACE) | ~keeps
    ended = Hold.objects.filter(over & ~waits, expires_at__lte=now)
    ended = ended.select_related("provider").order_by("provider", "pk")
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
    # In the order of the index over those that still have claims: by number, a walk over all that ever were would find none.
    ids = list(over.order_by("ends_at", "pk").values_list("pk", flat=True)[:limit])
    Appointment.objects.filter(pk__in=ids).update(claims_pruned_at=now)
    Claim.objects.filter(appointment__in=ids).delete()
    return Counter({"claim pruned": len(ids)} if ids else {})


def _forget_sessions(*, now: datetime, limit: int, real_now: datetime) -> Done:  # noqa: ARG001  # every step is given it
    old = (
        Session.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(expire_date__lt=real_now)
        .order_by("expire_date")
    )
    keys = list(old.values_list("pk", flat=True)[:limit])
    Session.objects.filter(pk__in=keys).delete()
    return Counter({"session forgotten": len(keys)} if keys else {})


def _forget_keys(*, now: datetime, limit: int) -> Done:
    old = (
        IdempotencyKey.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(acted_at__lt=now - KEYS_KEPT)
        .order_by("acted_at", "pk")  # as their index has them
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    IdempotencyKey.objects.filter(pk__in=ids).delete()
    return Counter({"key forgotten": len(ids)} if ids else {})


def _seal_words(*, now: datetime, still_fresh: Callable[[], bool]) -> Done:
    """Go on where words are being gone over to a new key, or lie open from before there were keys; else nothing."""
    done: Done = Counter()
    key = key_to_go_over_to()
    if key is not None:
        for _batch, sealed in zip(range(LOOKS_BATCHES), seal_anew(key, now=now), strict=False):
            done["words sealed anew"] += sealed
            if not still_fresh():
                break
    return done
