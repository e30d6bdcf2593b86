"""Emergency access: opening a conversation that is closed to managers, and being done with it."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from raincheck.actions.access.read_log import record_event
from raincheck.actions.access.rights import refuse_former_manager
from raincheck.actions.clients.history import record_change
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Conversation, EmergencyAccess, EmergencyReason
from raincheck.domain.access.emergency import LASTS, ConversationGone, emergency_reason
from raincheck.domain.access.events import Event
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.clients.retention import FROM_EIGHTEEN, RETENTION
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice
from raincheck.notifications.notify import notify_of_emergency


def open_in_emergency(ref: UUID, *, practice_id: int, reason: str, by: Actor, now: datetime) -> Answer:
    """Open a conversation to a manager for a while, and tell its provider and the other managers at once.

    Opened again while it is, nothing is added: who was told once is not told of the same thing twice. Raises
    ReasonTooShort, ReasonTooLong and ConversationGone.
    """
    words = emergency_reason(reason)
    found = Conversation.objects.filter(practice=practice_id, ref=ref).first()
    if found is None:
        raise ConversationGone
    locked = lock(
        practices=[practice_id], providers=[found.provider_id], clients=[found.client_id], even_merged=True
    )
    if by.kind is not ActorKind.MANAGER or by.who is None:
        raise NotInThisPractice
    refuse_former_manager(locked.practices[practice_id], by=by)
    running = EmergencyAccess.objects.filter(conversation=found, manager=by.who, ends_at__gt=now).first()
    if running is not None:
        return {"access": str(running.ref)}
    why = EmergencyReason(practice_id=practice_id, body=words)
    why.save(force_insert=True)
    access = EmergencyAccess(
        practice_id=practice_id,
        conversation=found,
        manager_id=by.who,
        reason=why,
        opened_at=now,
        ends_at=now + LASTS,
    )
    access.save(force_insert=True)
    record_change(locked.clients[found.client_id], ClientEvent.OPENED_IN_EMERGENCY, {}, by=by, now=now)
    _log(Event.EMERGENCY_BEGAN, access, by=by, now=now)
    notify_of_emergency(access, now=now)
    return {"access": str(access.ref)}


def end_emergency(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Close a conversation again to the manager who opened it; doing it twice changes nothing. Raises NotInThisPractice."""
    lock(practices=[practice_id])
    access = EmergencyAccess.objects.filter(practice=practice_id, manager=by.who or 0, ref=ref).first()
    if by.kind is not ActorKind.MANAGER or access is None:
        raise NotInThisPractice
    if access.ends_at > now:
        access.ends_at = max(now, access.opened_at)
        access.save(update_fields=["ends_at"])
        _log(Event.EMERGENCY_ENDED, access, by=by, now=now)
    return {"access": str(ref)}


def forget_reasons(*, now: datetime, limit: int) -> Counter[str]:
    """Erase the words of reasons that are seven years old, a minor's from eighteen on; the log keeps their numbers. A step of the sweep."""
    grown_up = Q(conversation__client__date_of_birth__isnull=True) | Q(
        conversation__client__date_of_birth__lte=(now - FROM_EIGHTEEN).date()
    )
    old = EmergencyAccess.objects.filter(grown_up, opened_at__lt=now - RETENTION).exclude(reason__body="")
    free = old.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("opened_at", "pk")
    ids = [access.reason_id for access in free.only("reason")[:limit]]
    EmergencyReason.objects.filter(pk__in=ids).update(body="")
    return Counter({"reason erased": len(ids)} if ids else {})


def _log(what: Event, access: EmergencyAccess, *, by: Actor, now: datetime) -> None:
    clients = [access.conversation.client_id]
    record_event(what, by=by, clients=clients, detail=access.why(), now=now)
