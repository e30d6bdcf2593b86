"""Reschedule requests: the list, and the story of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raincheck.data.models import AppointmentHistory, RescheduleRequest
from raincheck.data.notifications import knowing_failures
from raincheck.data.reschedule.request import sent
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import ActorKind
from raincheck.domain.policy import HAND_OVER_SLACK
from raincheck.domain.reschedule.lifecycle import MANY_ASKS, REPEAT_WINDOW, State


class Shown(StrEnum):
    """Which requests a list shows."""

    ALL = "all"
    OPEN = "open"
    NEEDS_YOU = "needs-you"
    SETTLED = "settled"
    MANY_ASKS = "many-asks"
    """For managers: the third request of one provider to one client within 90 days, and each further one."""


def with_ask_numbers(requests: QuerySet[RescheduleRequest]) -> QuerySet[RescheduleRequest]:
    """Return the requests with `asks`: how many of the provider's sendings to the client within 90 days there were with theirs."""
    since = ExpressionWrapper(OuterRef("asked_at") - REPEAT_WINDOW, DateTimeField())
    earlier = sent().filter(
        provider=OuterRef("provider"),
        client=OuterRef("client"),
        asked_at__lte=OuterRef("asked_at"),
        asked_at__gt=since,
    )
    counted = earlier.order_by().values("client").annotate(count=Count("pk")).values("count")
    return requests.annotate(asks=Coalesce(Subquery(counted), 0))


def ask_numbers(requests: Sequence[RescheduleRequest]) -> dict[int, int]:
    """Return of these requests which asks they were, as `with_ask_numbers` counts; a page of a list at a time."""
    rows = RescheduleRequest.objects.filter(pk__in=[request.pk for request in requests])
    return {row.pk: row.asks for row in with_ask_numbers(rows)}  # type: ignore[attr-defined]  # annotated


def listed(
    requests: QuerySet[RescheduleRequest], shown: Shown = Shown.ALL, *, now: datetime | None = None
) -> QuerySet[RescheduleRequest]:
    """Return the open requests, the nearest deadline first, then the settled ones, the latest ending first.

    `NEEDS_YOU` are the open ones that wait for a person at `now`: for an answer to the client's words, for a decision, or
    for an address that works.
    """
    requests = knowing_failures(requests)
    # Open is what has no ending; said so, the index over endings has them in the order of the list.
    if shown is Shown.MANY_ASKS and now is not None:
        requests = with_ask_numbers(requests.filter(asked_at__gt=now - REPEAT_WINDOW))
        requests = requests.filter(Q(asks__gte=MANY_ASKS)).exclude(state=State.UNDONE)
    elif shown is not Shown.ALL:
        requests = requests.filter(settled_at__isnull=shown is not Shown.SETTLED)
    if shown is Shown.NEEDS_YOU and now is not None:
        undelivered = Q(handed_over_at__isnull=True) & (
            Q(asked_at__lt=now - HAND_OVER_SLACK) | Q(prompt_failed=True)
        )
        requests = requests.filter(
            Q(needs_provider__isnull=False) | Q(client_wrote_at__isnull=False) | undelivered
        )
    rows = requests.select_related("client", "provider", "batch", "appointment__type")
    # Open ones have no ending. The order of an index, so that a page of the list is read and nothing else.
    return rows.order_by(F("settled_at").desc(nulls_first=True), "deadline_at", "pk")


def sent_together(request: RescheduleRequest) -> QuerySet[RescheduleRequest]:
    """Return the other requests of the same prompt, soonest asked time first."""
    rows = RescheduleRequest.objects.filter(batch=request.batch_id).exclude(pk=request.pk)
    return rows.order_by("asked_starts_at", "pk")


class Step(StrEnum):
    """What a request's story tells beside the appointment's history."""

    DELIVERED = "delivered"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a request's story. `to` is a new deadline, or the time the appointment moved to.

    `for_client` says that the practice answered in the client's place, as by phone.
    """

    at: datetime
    what: History | Step
    actor_kind: ActorKind
    actor: int | None
    to: datetime | None = None
    for_client: bool = False
    why: str = ""
    """Why it waits for a person, where not its deadline brought that."""


def story(request: RescheduleRequest) -> list[Happened]:
    """Return everything that happened to a request, in order; the request needs its batch at hand."""
    told = []
    for row in AppointmentHistory.objects.filter(request=request).order_by("pk"):
        # A new deadline stands in the details, a new time in columns; a booking has no time before and moved nowhere.
        moved_to = row.to_starts_at if row.from_starts_at else None
        to = datetime.fromisoformat(row.details["to"]) if row.details.get("to") else moved_to
        what, actor_kind, for_client = (
            History(row.event),
            ActorKind(row.actor_kind),
            row.for_client is not None,
        )
        told.append(Happened(row.at, what, actor_kind, row.actor, to, for_client, row.details.get("why", "")))
    if request.handed_over_at is not None:
        told.append(Happened(request.handed_over_at, Step.DELIVERED, ActorKind.SYSTEM, None))
    if request.batch.opened_at is not None:
        told.append(
            Happened(request.batch.opened_at, Step.OPENED, ActorKind.CLIENT_BY_LINK, request.client_id)
        )
    # That a client wrote is left out where the same word already says that no time works.
    none_work = {one.at for one in told if one.what is History.NONE_WORK}
    once = [one for one in told if not (one.what is History.CLIENT_WROTE and one.at in none_work)]
    # Sorting keeps what has the same time in the order of the history.
    return sorted(once, key=lambda one: one.at)
