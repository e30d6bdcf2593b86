"""Links of clients: what each opens and how long, and who else may open it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from raincheck.data.compiled import Compiled
from raincheck.data.models import (
    Appointment,
    Link,
    Membership,
    RebookOffer,
    RescheduleBatch,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.notifications import Channel
from raincheck.domain.people import Role
from raincheck.domain.policy import LINK_LIVES_AFTER_SETTLING


class Standing(StrEnum):
    """How it stands with a link. A revoked one says nothing about its client; one that ended names the practice."""

    LIVE = "live"
    REVOKED = "revoked"
    ENDED = "ended"


def link_behind(token: str) -> Link | None:
    """Return the link whose token hashes to what is kept, with its practice and what it opens; None when there is none."""
    # A plain hash will do: nobody can go through 128 random bits as one goes through passwords. Of older links, which have
    # 256, the same is kept.
    digest = hashlib.sha256(token.encode()).digest()
    return _links().filter(hash=digest).first()


def links_to_batch(batch: RescheduleBatch, refs: Iterable[UUID]) -> list[Link]:
    """Return those links among `refs` that open a batch, newest first."""
    links = _to_batch(batch=batch.pk, client=batch.client_id, **_one_by_one(refs))
    for link in links:
        link.batch, link.practice = batch, batch.practice  # at hand already
    return links


def links_to_offer(offer: RebookOffer, refs: Iterable[UUID]) -> list[Link]:
    """Return those links among `refs` that open a rebook offer, newest first: its own, and those to the batch it came of."""
    canceled, client = offer.appointment_id, offer.client_id
    return _to_offer(offer=offer.pk, appointment=canceled, client=client, **_one_by_one(refs))


def links_to_appointment(appointment: Appointment, refs: Iterable[UUID]) -> list[Link]:
    """Return those links among `refs` that open an appointment, newest first."""
    client = appointment.client_id
    return _to_appointment(appointment=appointment.pk, client=client, **_one_by_one(refs))


def standing(link: Link, *, now: datetime) -> Standing:
    """Return whether a link opens its page: not once it was revoked or its address changed, nor long after the last ending."""
    offer = link.rebook_offer
    if link.revoked_at is not None:
        return Standing.REVOKED
    if link.recipient is None:
        address_now = link.conversation.provider.email
    else:
        address_now = link.recipient.phone if link.channel == Channel.SMS else link.recipient.email
    # A changed address ends what was sent to the former one: somebody else may read there by now.
    if link.address not in ("", address_now):
        return Standing.REVOKED
    last: datetime | None = link.last_settled_at  # type: ignore[attr-defined]  # by _with_endings
    still_open: bool = link.still_open  # type: ignore[attr-defined]  # as above
    ends_at = None
    if offer is not None:
        # Who has booked goes on seeing the booking until it is over, and whose appointment was put back that it stands.
        stands = offer.appointment.status == Status.SCHEDULED
        seen = [offer.booked, offer.appointment if stands else None]
        ends_at = max([offer.expires_at, *(row.ends_at for row in seen if row is not None)])
    elif link.appointment is not None:
        row = link.appointment
        ends_at = max(row.ends_at, row.cancelled_at or row.ends_at) + LINK_LIVES_AFTER_SETTLING
    elif link.conversation is not None:
        ends_at = link.made_at + LINK_LIVES_AFTER_SETTLING
    elif last is not None and not still_open:
        ends_at = last + LINK_LIVES_AFTER_SETTLING
    return Standing.ENDED if ends_at is not None and ends_at <= now else Standing.LIVE


def addressee(refs: Iterable[UUID], *, now: datetime) -> str:
    """Return to which e-mail address the newest of some links went that still lives; empty without one.

    Of a text nobody learns the address of the client's mail: somebody else may have the phone by now.
    """
    links = _links().filter(ref__in=refs, channel=Channel.EMAIL).order_by("-pk")
    live = (link.address for link in links if standing(link, now=now) is Standing.LIVE)
    return next(filter(None, live), "")


def is_signed_in_client(user: int, client: int) -> bool:
    """Return whether a user's account belongs to a client."""
    return Membership.objects.filter(user=user, role=Role.CLIENT, client=client).exists()


def _one_by_one(refs: Iterable[UUID]) -> dict[str, UUID]:
    """Return refs each under a name: a compiled question takes no lists, and has another SQL for another number of them."""
    return {f"ref_{number}": ref for number, ref in enumerate(refs)}


@Compiled
def _to_batch(batch: int, client: int, **refs: UUID) -> QuerySet[Link]:
    asked = RescheduleRequest.objects.filter(batch=batch).values("appointment")
    # A reminder of what is asked about now leads to the question, too.
    opening = Q(batch=batch) | Q(appointment__in=asked)
    rows = _with_endings().filter(opening, ref__in=refs.values(), client=client)
    return rows.select_related(
        "recipient", "appointment", "rebook_offer__booked", "rebook_offer__appointment"
    ).order_by("-pk")


@Compiled
def _to_offer(offer: int, appointment: int, client: int, **refs: UUID) -> QuerySet[Link]:
    batches = RescheduleRequest.objects.filter(appointment=appointment).values("batch")
    opening = Q(rebook_offer=offer) | Q(batch__in=batches) | Q(appointment=appointment)
    return _links().filter(opening, ref__in=refs.values(), client=client).order_by("-pk")


@Compiled
def _to_appointment(appointment: int, client: int, **refs: UUID) -> QuerySet[Link]:
    return _links().filter(appointment=appointment, ref__in=refs.values(), client=client).order_by("-pk")


def _links() -> QuerySet[Link]:
    opens = (
        "batch",
        "rebook_offer__booked",
        "rebook_offer__appointment",
        "appointment",
        "conversation__provider",
    )
    return _with_endings().select_related("practice", "recipient", *opens)


def _with_endings() -> QuerySet[Link]:
    """Return links with what `standing` asks of each: when its batch's last request was settled, and whether one is open."""
    requests = RescheduleRequest.objects.filter(batch=OuterRef("batch"))
    # NULLs last: PostgreSQL puts them first when it goes down, and an open request has no ending.
    last = requests.order_by(F("settled_at").desc(nulls_last=True)).values("settled_at")[:1]
    return Link.objects.annotate(last_settled_at=Subquery(last), still_open=Exists(requests.filter(OPEN)))
