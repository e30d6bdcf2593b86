"""Tells people what happened: who, by which channel and when; written in the transaction of what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Notification, NotificationAppointment
from raincheck.data.people import Membership, Provider, Recipient, User
from raincheck.data.reschedule import RebookOffer, RescheduleBatch
from raincheck.domain.notifications import RETRIED_FOR, Channel, DeliveryState, NotificationType, sms_due_at
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.domain.zones import zone_named
from raincheck.notifications.invitations import invitations
from raincheck.notifications.outbox import queue
from raincheck.notifications.quiet_hours import is_urgent
from raincheck.notifications.recipients import recipients_of
from raincheck.notifications.render import message_words, words_for
from raincheck.notifications.subjects import Audience, NoticeSubject, Words

CLIENT_CHANNELS: dict[NotificationType, tuple[Channel, ...]] = {
    NotificationType.BOOKED: (Channel.EMAIL,),
    NotificationType.DETAILS_CHANGED: (Channel.EMAIL,),
    NotificationType.ASKED: (Channel.EMAIL, Channel.SMS),
    NotificationType.REQUEST_REMINDER: (Channel.EMAIL, Channel.SMS),
    NotificationType.DEADLINE_MOVED: (Channel.EMAIL,),
    NotificationType.OUTAGE: (Channel.EMAIL,),
    NotificationType.ZONE_CORRECTED: (Channel.EMAIL,),
    NotificationType.MOVED: (Channel.EMAIL,),
    NotificationType.DECLINED: (Channel.EMAIL,),
    NotificationType.CANCELLED: (Channel.EMAIL, Channel.SMS),
    NotificationType.LAPSED: (Channel.EMAIL, Channel.SMS),
    NotificationType.WITHDRAWN: (Channel.EMAIL, Channel.SMS),
}
PROVIDER_CHANNELS: dict[NotificationType, tuple[Channel, ...]] = {
    NotificationType.BOOKED: (Channel.IN_APP,),
    NotificationType.DETAILS_CHANGED: (Channel.IN_APP,),
    NotificationType.ASKED: (Channel.IN_APP,),
    NotificationType.REQUEST_REMINDER: (Channel.IN_APP,),
    NotificationType.MOVED: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.DECLINED: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.CANCELLED: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.LAPSED: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.NONE_WORK: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.WITHDRAWN: (Channel.IN_APP,),
    NotificationType.OUTAGE: (Channel.EMAIL, Channel.IN_APP),
    NotificationType.ZONE_CORRECTED: (Channel.IN_APP,),
}
"""Section 8 of the product's law. What is missing here is told to nobody on that side."""

ANSWERS = frozenset({NotificationType.MOVED, NotificationType.DECLINED, NotificationType.NONE_WORK})
"""What a manager who asked for a provider is told by e-mail as well; in the app they see the practice's news anyway."""

CARRIES_BATCH_LINK = frozenset(
    {
        NotificationType.ASKED,
        NotificationType.REQUEST_REMINDER,
        NotificationType.DEADLINE_MOVED,
        NotificationType.OUTAGE,
        NotificationType.ZONE_CORRECTED,
        NotificationType.MOVED,
        NotificationType.WITHDRAWN,
        NotificationType.DECLINED,
        NotificationType.LAPSED,
    }
)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One moment with what it is about. `batch` is the client's link.

    `email_only` leaves texts out; `client_too` and `provider_too` are whether that side is told what its table says.
    """

    moment: NotificationType
    matters: Sequence[NoticeSubject]
    batch: RescheduleBatch | None = None
    email_only: bool = False
    client_too: bool = True
    provider_too: bool = True


def notify(
    moment: NotificationType,
    *matters: NoticeSubject,
    by: Actor,
    now: datetime,
    batch: RescheduleBatch | None = None,
) -> None:
    """Write the notifications of one moment to everyone it concerns, and queue their delivery."""
    notify_many([Dispatch(moment, matters, batch)], by=by, now=now)


def notify_many(tellings: Sequence[Dispatch], *, by: Actor, now: datetime, queued: bool = True) -> None:
    """The same for many at once, in a constant number of statements.

    What is not `queued` the worker's tick finds waiting: the sweep leaves it to the tick that it is part of, so that
    messages take no time from endings which are due as well.
    """
    recipients = _recipients(tellings)
    drafts = [draft for telling in tellings for draft in _drafts(telling, recipients, by=by, now=now)]
    _write(drafts)
    if queued:
        queue([draft.row for draft in drafts if draft.row.state == DeliveryState.WAITING], now=now)


@dataclass(frozen=True, slots=True)
class Draft:
    row: Notification
    matters: Sequence[NoticeSubject]


def _recipients(tellings: Iterable[Dispatch]) -> dict[int, list[Recipient]]:
    appointments = (matter.appointment for telling in tellings for matter in telling.matters)
    return recipients_of({row.client_id: row.practice_id for row in appointments})


def _drafts(
    telling: Dispatch, recipients: dict[int, list[Recipient]], *, by: Actor, now: datetime
) -> Iterator[Draft]:
    first = telling.matters[0].appointment
    for recipient in recipients[first.client_id] if telling.client_too else ():
        for channel in _client_channels(telling, recipient):
            yield _to_recipient(telling, recipient, channel, now=now)
    for channel in PROVIDER_CHANNELS.get(telling.moment, ()) if telling.provider_too else ():
        own = by.kind is ActorKind.PROVIDER and by.who == first.provider_id
        if not own or (channel is Channel.IN_APP and telling.moment is not NotificationType.WITHDRAWN):
            yield _to_staff(telling, channel, own=own, now=now)
    manager = _manager_who_asked(telling, by=by)
    if manager is not None:
        yield _to_staff(telling, Channel.EMAIL, manager=manager, now=now)


def _client_channels(telling: Dispatch, recipient: Recipient) -> Iterator[Channel]:
    """E-mail is the rule, even without an address: a message that reaches nobody is shown to a person as failed.

    Whom only texts reach is told of everything by text, and of nothing that may go by e-mail only.
    """
    usual = CLIENT_CHANNELS.get(telling.moment, ())
    only_texts = recipient.gets_sms and not recipient.email
    if usual and not only_texts:
        yield Channel.EMAIL
    if recipient.gets_sms and not telling.email_only and (Channel.SMS in usual or (usual and only_texts)):
        yield Channel.SMS


def _to_recipient(telling: Dispatch, recipient: Recipient, channel: Channel, *, now: datetime) -> Draft:
    appointment = telling.matters[0].appointment
    zone = recipient.zone or appointment.client.zone_in(appointment.practice)
    batch, offer = _opened_by_link(telling)
    urgent = is_urgent(telling.moment, telling.matters, now=now)
    due_at = sms_due_at(now, zone=zone_named(zone), urgent=urgent) if channel is Channel.SMS else now
    words = words_for(
        telling.moment,
        telling.matters,
        audience=Audience.CLIENT,
        channel=channel,
        zone=zone,
        now=now,
        has_link=batch is not None or offer is not None,
    )
    row = Notification(
        practice_id=appointment.practice_id,
        recipient=recipient,
        channel=channel,
        moment=telling.moment,
        batch=batch,
        rebook_offer=offer,
        made_at=now,
        due_at=due_at,
        give_up_at=due_at + RETRIED_FOR,
        subject=words.subject,
        text=words.text,
        html=words.html,
        calendar=invitations(telling.moment, telling.matters, attendee=recipient.email, zone=zone, now=now)
        if channel is Channel.EMAIL
        else "",
    )
    return Draft(row, telling.matters)


def _opened_by_link(telling: Dispatch) -> tuple[RescheduleBatch | None, RebookOffer | None]:
    """Return what the client's link in this message opens: the batch's page, else the rebook offer, else there is none."""
    if telling.batch is not None and telling.moment in CARRIES_BATCH_LINK:
        return telling.batch, None
    return None, next((matter.offer for matter in telling.matters if matter.offer is not None), None)


def _manager_who_asked(telling: Dispatch, *, by: Actor) -> User | None:
    """Return the manager whose ask this answers; None when a provider asked, or when it is the manager's own act."""
    batch = telling.batch
    if batch is None or telling.moment not in ANSWERS or batch.asked_by_kind != ActorKind.MANAGER:
        return None
    if by.kind is ActorKind.MANAGER and by.who == batch.asked_by:
        return None
    members = Membership.objects.filter(
        practice=batch.practice_id, role=Role.MANAGER, pk__in=[batch.asked_by]
    )
    return User.objects.filter(memberships__in=members, is_active=True).first()


def _to_staff(
    telling: Dispatch, channel: Channel, *, now: datetime, own: bool = False, manager: User | None = None
) -> Draft:
    """Return the message to the provider, or to a manager in the same words."""
    provider: Provider = telling.matters[0].appointment.provider
    words = words_for(
        telling.moment,
        telling.matters,
        audience=Audience.PROVIDER,
        channel=channel,
        zone=provider.zone,
        now=now,
        has_link=False,
    )
    in_app = channel is Channel.IN_APP
    row = Notification(
        practice_id=provider.practice_id,
        provider=None if manager else provider,
        user=manager,
        channel=channel,
        moment=telling.moment,
        made_at=now,
        due_at=now,
        give_up_at=now + RETRIED_FOR,
        state=DeliveryState.HANDED_OVER if in_app else DeliveryState.WAITING,
        ended_at=now if in_app else None,
        seen_at=now if own else None,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )
    return Draft(row, telling.matters)


def _write(drafts: Sequence[Draft]) -> None:
    Notification.objects.bulk_create([draft.row for draft in drafts])
    NotificationAppointment.objects.bulk_create(
        NotificationAppointment(
            practice_id=draft.row.practice_id,
            notification=draft.row,
            appointment=matter.appointment,
            request=matter.request,
            sequence=matter.appointment.ical_sequence,
        )
        for draft in drafts
        for matter in draft.matters
    )


def notify_of_message(thread: Conversation, *, by: Actor, now: datetime) -> None:
    """Tell the other side that there is a message, without its text: a client by e-mail (else SMS), a provider by e-mail."""
    rows = [_message_to_provider(thread, now=now)] if by.is_client else _message_to_client(thread, now=now)
    Notification.objects.bulk_create(rows)
    queue(rows, now=now)


def _message_to_provider(thread: Conversation, *, now: datetime) -> Notification:
    words = _words_of(thread, Audience.PROVIDER, Channel.EMAIL)
    return _message_row(thread, words, Channel.EMAIL, due_at=now, now=now, provider=thread.provider)


def _message_to_client(thread: Conversation, *, now: datetime) -> list[Notification]:
    rows = []
    for recipient in recipients_of({thread.client_id: thread.practice_id})[thread.client_id]:
        channel = Channel.SMS if not recipient.email and recipient.gets_sms else Channel.EMAIL
        zone = recipient.zone or thread.client.zone_in(thread.practice)
        due_at = sms_due_at(now, zone=zone_named(zone), urgent=False) if channel is Channel.SMS else now
        words = _words_of(thread, Audience.CLIENT, channel)
        rows.append(_message_row(thread, words, channel, due_at=due_at, now=now, recipient=recipient))
    return rows


def _words_of(thread: Conversation, audience: Audience, channel: Channel) -> Words:
    return message_words(
        practice=thread.practice,
        provider=thread.provider,
        client=thread.client,
        audience=audience,
        channel=channel,
    )


def _message_row(
    thread: Conversation,
    words: Words,
    channel: Channel,
    *,
    due_at: datetime,
    now: datetime,
    provider: Provider | None = None,
    recipient: Recipient | None = None,
) -> Notification:
    return Notification(
        practice_id=thread.practice_id,
        conversation=thread,
        provider=provider,
        recipient=recipient,
        channel=channel,
        moment=NotificationType.MESSAGE,
        made_at=now,
        due_at=due_at,
        give_up_at=due_at + RETRIED_FOR,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )
