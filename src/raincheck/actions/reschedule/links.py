"""Links in messages: each minted with the attempt that carries it, the first sign of life from its page, and "Not you?"."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from raincheck.actions.appointments.remind import look_again_at_reminders
from raincheck.actions.clients.history import change_between, record_change
from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task
from raincheck.actions.reschedule.delivered import note_seen
from raincheck.data.clients.merges import record_now
from raincheck.data.models import (
    Appointment,
    Client,
    DeliveryAttempt,
    Link,
    RebookOffer,
    Recipient,
    RescheduleBatch,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import Actor, NotInThisPractice
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named
from raincheck.notifications.links import TOKEN_BYTES, link_address
from raincheck.notifications.wording import opens_a_page


def mint_links(attempts: Sequence[DeliveryAttempt], *, now: datetime) -> list[str]:
    """Mint a link for each attempt whose message opens something by itself. A step, not a verb.

    Returns the addresses in the order of the attempts, empty where there is none.
    """
    addresses, links = [], []
    for attempt in attempts:
        row, token = attempt.notification, secrets.token_urlsafe(TOKEN_BYTES)
        lets_in = row.recipient is not None and opens_a_page(row)
        opens = lets_in or row.conversation is not None
        addresses.append(link_address(token) if opens else "")
        if opens:
            links.append(
                Link(
                    practice_id=row.practice_id,
                    # Only the hash is kept: who reads the table can open nobody's page.
                    hash=hashlib.sha256(token.encode()).digest(),
                    recipient=row.recipient,
                    client_id=(row.recipient or row.conversation).client_id,
                    batch_id=row.batch_id,
                    rebook_offer_id=row.rebook_offer_id,
                    appointment_id=row.appointment_id,
                    conversation_id=row.conversation_id,
                    attempt=attempt,
                    channel=row.channel,
                    address=row.address,
                    made_at=now,
                )
            )
    Link.objects.bulk_create(links)
    return addresses


def mark_opened(batch: RescheduleBatch, *, now: datetime) -> Answer:
    """Remember the first POST from a client's page; a GET proves nothing, since mail scanners follow links.

    Whoever has the page before them was asked, also where no message about it was taken over.
    """
    refuse_what_is_not_theirs(batch)
    note_seen([batch.pk], now=now)
    RescheduleBatch.objects.filter(pk=batch.pk, opened_at__isnull=True).update(opened_at=now)
    return {"batch": str(batch.ref)}


def revoke_links(link: Link, *, now: datetime) -> Answer:
    """Somebody says that a link is not theirs: every link of that recipient ends, in mails and texts, and providers are told.

    What was sent may have come to the wrong person, so a prompt that nobody else took over counts as never handed over:
    nothing more about it is sent by itself, and silence cancels nothing.
    """
    refuse_what_is_not_theirs(link)
    recipient = link.recipient_id
    # One to a provider has no recipient: "every link without one" would be those of all providers.
    if recipient is None:
        raise NotInThisPractice
    theirs = Link.objects.filter(recipient=recipient)
    batches = set(theirs.exclude(batch=None).values_list("batch", flat=True))
    requests = list(
        RescheduleRequest.objects.filter(OPEN, batch__in=batches).values_list("pk", "appointment")
    )
    locked = lock(appointments=[row[1] for row in requests], requests=[row[0] for row in requests])
    # Read again: they may have ended until the lock was there.
    waiting = [request for request in locked.requests.values() if request.is_open]
    # All of them, not only those of this address: nobody can tell which of them are in whose hands.
    theirs.filter(revoked_at__isnull=True).update(revoked_at=now)
    offer: RebookOffer | None = link.rebook_offer
    about: Appointment | None = offer.appointment if offer is not None else link.appointment
    if about is not None:
        make_task(TaskKind.LINK_NOT_THEIRS, appointment=about, now=now)
    told = {request.batch_id for request in waiting} | ({link.batch_id} if link.batch_id else set())
    for batch in sorted(told):
        request = RescheduleRequest.objects.filter(batch=batch).earliest("asked_starts_at", "pk")
        make_task(TaskKind.LINK_NOT_THEIRS, request=request, now=now)
    live = Link.objects.filter(revoked_at__isnull=True, attempt__outcome=Outcome.ACCEPTED.value)
    reached = set(live.filter(batch__in=batches).values_list("batch", flat=True))
    astray = [request.pk for request in waiting if request.batch_id not in reached]
    RescheduleRequest.objects.filter(pk__in=astray).update(handed_over_at=None)
    return {"link": str(link.ref)}


def choose_zone(client: Client, *, zone: str, by: Actor, now: datetime) -> Answer:
    """Show this client's times in another zone from now on, in messages too. Raises UnknownZone.

    What the client says here is later and their own, so it replaces a zone that their profile or address had.
    """
    chosen, number = zone_named(zone).key, record_now(client.pk)
    row = lock(clients=[number]).clients[number]
    if change := change_between({"zone": row.zone or row.confirmed_zone}, {"zone": chosen}):
        record_change(row, ClientEvent.CHANGED, change, by=by, now=now)
        look_again_at_reminders(number, now=now)
    row.confirmed_zone = chosen
    row.zone = row.zone and chosen  # a profile without a zone goes on following what was confirmed
    row.save(update_fields=["confirmed_zone", "zone"])
    Recipient.objects.filter(client=row, is_client=True).exclude(zone="").update(zone=chosen)
    return {"zone": chosen}
