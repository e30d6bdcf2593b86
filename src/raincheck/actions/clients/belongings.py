"""Rows that belong to a client: they go over to another record when two become one, and come back when that is undone."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from django.db.models import F, Max, Model
from django.db.models.functions import Greatest
from psycopg.types.range import Range

from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.models import (
    Appointment,
    CalendarFeed,
    Claim,
    Client,
    Conversation,
    Hold,
    Link,
    Message,
    Notification,
    RebookOffer,
    Recipient,
    RescheduleBatch,
    RescheduleRequest,
    Series,
    Task,
)
from raincheck.domain.people import ActorKind

Numbers = list[int]

WHOSE: dict[str, tuple[type[Model], str]] = {
    "series": (Series, "client"),
    "appointments": (Appointment, "client"),
    "holds": (Hold, "client"),
    "batches": (RescheduleBatch, "client"),
    "requests": (RescheduleRequest, "client"),
    "offers": (RebookOffer, "client"),
    "tasks": (Task, "client"),
    "links": (Link, "client"),
    # Whoever was merged into the record that goes is part of the other one from now on.
    "merged": (Client, "merged_into"),
}
"""Tables whose rows name their client, by the word under which a merge remembers what went over."""
SENT: dict[str, type[Model]] = {"notifications": Notification, "words": Message}
"""Tables whose rows name to whom of a client's people something goes, or who of them wrote. A link stays with the address it went to."""
TALKED: dict[str, type[Model]] = {"said": Message, "notices": Notification, "ways_in": Link}
"""Tables whose rows name their conversation."""


class Thread(TypedDict):
    """Two conversations with one provider that became one: what went over, and how the other stood before."""

    gone: int
    kept: int
    rows: dict[str, Numbers]
    latest_at: str
    provider_read_at: str | None
    client_read_at: str | None


def hand_over(kept: Client, gone: Client) -> dict[str, Numbers]:
    """Make everything of `gone` belong to `kept`; return the numbers of the rows by the words of `WHOSE` and `SENT`."""
    moved = {word: _hand_over(model, field, gone, kept) for word, (model, field) in WHOSE.items()}
    contacts = Recipient.objects.filter(client=gone, is_client=False)
    moved["contacts"] = list(contacts.order_by("pk").values_list("pk", flat=True))
    contacts.update(client=kept)
    own, theirs = own_rows(kept, gone)
    for word, model in SENT.items():
        moved[word] = _hand_over(model, "recipient", theirs, own) if theirs else []
    # A form that was sent before and comes again now finds its first answer still.
    for kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK):
        keys = IdempotencyKey.objects.filter(actor=f"{kind}:{gone.pk}")
        moved[f"keys_{kind}"] = list(keys.order_by("pk").values_list("pk", flat=True))
        keys.update(actor=f"{kind}:{kept.pk}")
    return moved


def own_rows(kept: Client, gone: Client) -> tuple[Recipient, Recipient | None]:
    """Return how each of the two themselves is reached; made for the first where there is no row yet."""
    own, _made = Recipient.objects.get_or_create(
        client=kept, is_client=True, defaults={"practice_id": kept.practice_id}
    )
    return own, Recipient.objects.filter(client=gone, is_client=True).first()


def claimed_anew(claims: Sequence[Claim], whose: Client) -> None:
    """Let claims be of another client. All are given back first: half of an appointment's would meet its other half."""
    Claim.objects.filter(pk__in=[row.pk for row in claims]).delete()
    Claim.objects.bulk_create(
        Claim(
            practice_id=row.practice_id,
            provider_id=row.provider_id,
            client=whose,
            appointment_id=row.appointment_id,
            hold_id=row.hold_id,
            part=row.part,
            span=row.span,
            lane=Range(whose.pk, whose.pk + 1) if row.part == "buffered" else row.lane,
            room_id=row.room_id,
            room_lane=row.room_lane,
        )
        for row in claims
    )


def join_conversations(kept: Client, gone: Client) -> tuple[Numbers, list[Thread]]:
    """Let conversations go over; where both talk with a provider, what was said becomes one thread.

    Returns the numbers of those that went over as they are, and of each two that became one what has to be known to part
    them again.
    """
    mine = {row.provider_id: row for row in Conversation.objects.filter(client=kept)}
    whole, joined = [], []
    for row in Conversation.objects.filter(client=gone).order_by("pk"):
        other = mine.get(row.provider_id)
        if other is None:
            whole.append(row.pk)
            continue
        joined.append(
            Thread(
                gone=row.pk,
                kept=other.pk,
                rows={word: _hand_over(model, "conversation", row, other) for word, model in TALKED.items()},
                latest_at=other.latest_at.isoformat(),
                provider_read_at=other.provider_read_at.isoformat() if other.provider_read_at else None,
                client_read_at=other.client_read_at.isoformat() if other.client_read_at else None,
            )
        )
        # What either side has not read in one of the two is not read: rather shown twice than never.
        Conversation.objects.filter(pk=other.pk).update(
            latest_at=Greatest(F("latest_at"), row.latest_at),
            provider_read_at=_earlier(other.provider_read_at, row.provider_read_at),
            client_read_at=_earlier(other.client_read_at, row.client_read_at),
        )
    Conversation.objects.filter(pk__in=whole).update(client=kept)
    return whole, joined


def end_second_feed(kept: Client, gone: Client, *, now: object) -> tuple[Numbers, Numbers]:
    """Let private calendar addresses go over; a person has one that is live. Returns all that went over, and what ended."""
    live = CalendarFeed.objects.filter(client=gone, ended_at__isnull=True)
    ended = []
    if CalendarFeed.objects.filter(client=kept, ended_at__isnull=True).exists():
        ended = list(live.values_list("pk", flat=True))
        live.update(ended_at=now)
    return _hand_over(CalendarFeed, "client", gone, kept), ended


def give_back(model: type[Model], field: str, numbers: Iterable[int], *, to: Model) -> None:
    """Let rows belong again to whom they belonged."""
    model._default_manager.filter(pk__in=list(numbers)).update(**{field: to})


def latest(model: type[Model], **of: object) -> int:
    """Return the number of the newest of some rows, to know later what came after; 0 where there is none."""
    return model._default_manager.filter(**of).aggregate(latest=Max("pk"))["latest"] or 0


def _hand_over(model: type[Model], field: str, of: Model, to: Model) -> Numbers:
    numbers = list(model._default_manager.filter(**{field: of}).order_by("pk").values_list("pk", flat=True))
    give_back(model, field, numbers, to=to)
    return numbers


def _earlier(one: object, other: object) -> object:
    return None if one is None or other is None else min(one, other)  # type: ignore[call-overload]  # both are instants
