"""Clients' links: the first sign of life from a page, and "Not you?"."""

from datetime import datetime

from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import make_task
from raincheck.data.models import Client, Link, RebookOffer, Recipient, RescheduleBatch, RescheduleRequest
from raincheck.data.reschedule import OPEN
from raincheck.domain.notifications import Outcome
from raincheck.domain.tasks import TaskKind
from raincheck.domain.zones import zone_named


def mark_opened(batch: RescheduleBatch, *, now: datetime) -> Answer:
    """Remember the first POST from a client's page; a GET proves nothing, since mail scanners follow links."""
    refuse_what_is_not_theirs(batch)
    RescheduleBatch.objects.filter(pk=batch.pk, opened_at__isnull=True).update(opened_at=now)
    return {"batch": str(batch.ref)}


def revoke_links(link: Link, *, now: datetime) -> Answer:
    """Somebody says that the link is not theirs: every link sent to that address for the same matter ends, the provider is told.

    A prompt that nobody else took over came to the wrong person, so it counts as never handed over: nothing more is
    sent there by itself, and silence cancels nothing.
    """
    refuse_what_is_not_theirs(link)
    requests = list(
        RescheduleRequest.objects.filter(OPEN, batch=link.batch_id).values_list("pk", "appointment")
    )
    locked = lock(appointments=[row[1] for row in requests], requests=[row[0] for row in requests])
    same = Link.objects.filter(
        recipient=link.recipient_id,
        batch=link.batch_id,
        rebook_offer=link.rebook_offer_id,
        address=link.address,
    )
    # Every link to that address, not only this one: whoever reads that mail has them all.
    same.filter(revoked_at__isnull=True).update(revoked_at=now)
    offer: RebookOffer | None = link.rebook_offer
    if offer is not None:
        make_task(TaskKind.LINK_NOT_THEIRS, appointment=offer.appointment, now=now)
    else:
        request = RescheduleRequest.objects.filter(batch=link.batch_id).earliest("asked_starts_at", "pk")
        make_task(TaskKind.LINK_NOT_THEIRS, request=request, now=now)
        others = Link.objects.filter(batch=link.batch_id, revoked_at__isnull=True)
        if not others.filter(attempt__outcome=Outcome.ACCEPTED.value).exists():
            astray = [request.pk for request in locked.requests.values() if request.is_open]
            RescheduleRequest.objects.filter(pk__in=astray).update(handed_over_at=None)
    return {"link": str(link.ref)}


def choose_zone(client: Client, *, zone: str) -> Answer:
    """Show this client's times in another zone from now on, in messages too. Raises UnknownZone.

    What the client says here is later and their own, so it replaces a zone that their profile or address had.
    """
    chosen = zone_named(zone).key
    row = lock(clients=[client.pk]).clients[client.pk]
    row.confirmed_zone = chosen
    row.zone = row.zone and chosen  # a profile without a zone goes on following what was confirmed
    row.save(update_fields=["confirmed_zone", "zone"])
    Recipient.objects.filter(client=row, is_client=True).exclude(zone="").update(zone=chosen)
    return {"zone": chosen}
