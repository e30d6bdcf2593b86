"""Notices of what happened: who is told, by which channel and when; written in the transaction of what they report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import (
    Conversation,
    EmergencyAccess,
    Membership,
    Notification,
    NotificationAppointment,
    RebookOffer,
    Recipient,
    RescheduleBatch,
    User,
)
from raincheck.domain.notifications import (
    GATHERED_FOR,
    RETRIED_FOR,
    Channel,
    DeliveryState,
    NotificationType,
    sms_due_at,
)
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.domain.zones import zone_named
from raincheck.notifications.catalogue import CATALOGUE, Opens
from raincheck.notifications.context import emergency_values
from raincheck.notifications.facts import kept, listed
from raincheck.notifications.outbox import queue
from raincheck.notifications.quiet_hours import is_urgent
from raincheck.notifications.render import rendered, words_for
from raincheck.notifications.subjects import Audience, NoticeSubject


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One kind of notice with what it is about. `batch` is the client's link.

    `unsent_to_client` writes down what the client's side would read and sends none of it: a person tells them. What is
    told leaves from `release_at` on, or at once.
    `email_only` leaves texts out; `client_too` and `provider_too` are whether that side is told what the catalogue says.
    """

    kind: NotificationType
    subjects: Sequence[NoticeSubject]
    batch: RescheduleBatch | None = None
    email_only: bool = False
    client_too: bool = True
    provider_too: bool = True
    unsent_to_client: bool = False
    release_at: datetime | None = None


def notify(
    kind: NotificationType,
    *subjects: NoticeSubject,
    by: Actor,
    now: datetime,
    batch: RescheduleBatch | None = None,
    release_at: datetime | None = None,
) -> None:
    """Write the notifications of one kind to everyone it concerns, and wake the workers that deliver them."""
    notify_many([Dispatch(kind, subjects, batch, release_at=release_at)], by=by, now=now)


def notify_many(dispatches: Sequence[Dispatch], *, by: Actor, now: datetime, queued: bool = True) -> None:
    """The same for many at once, in a constant number of statements.

    What is not `queued` leaves after everything that somebody waits for, and not before the sweep that tells it is
    through: messages take no time from endings which are due as well.
    """
    clients = {
        subject.appointment.client_id: subject.appointment.practice_id
        for dispatch in dispatches
        for subject in dispatch.subjects
    }
    recipients = recipients_of(clients)
    drafts = [
        (row, dispatch) for dispatch in dispatches for row in _drafts(dispatch, recipients, by=by, now=now)
    ]
    for row, _dispatch in drafts:
        row.after_others = not queued
    Notification.objects.bulk_create([row for row, _dispatch in drafts])
    NotificationAppointment.objects.bulk_create(
        NotificationAppointment(
            practice_id=row.practice_id,
            notification=row,
            appointment=subject.appointment,
            request=subject.request,
            # Of this event: a mail that leaves late must not outrank a later change in the client's calendar.
            sequence=subject.appointment.ical_sequence,
            facts=kept(listed(subject).facts),
        )
        for row, dispatch in drafts
        for subject in dispatch.subjects
    )
    if queued:
        queue([row for row, _dispatch in drafts if row.state == DeliveryState.WAITING], now=now)


def recipients_of(practices: Mapping[int, int]) -> dict[int, list[Recipient]]:
    """Return the recipients of each client; `practices` has the clients' practices by client.

    A client who has none gets the row that every client has, without an address: so what they can't be told is written
    all the same, and shown to a person as failed.
    """
    found = _recipients(practices)
    missing = [client for client, recipients in found.items() if not recipients]
    if missing:
        Recipient.objects.bulk_create(
            [Recipient(practice_id=practices[client], client_id=client) for client in missing],
            # Another transaction may add the same row at this moment; whoever was first, it is read below.
            ignore_conflicts=True,
        )
        found |= _recipients(missing)
    return found


def _recipients(clients: Iterable[int]) -> dict[int, list[Recipient]]:
    found: dict[int, list[Recipient]] = {client: [] for client in clients}
    match list(found):
        case [client]:
            rows = RECIPIENTS_OF_ONE(client=client)
        case several:
            rows = list(Recipient.objects.filter(client__in=several).order_by("pk"))
    for recipient in rows:
        found[recipient.client_id].append(recipient)
    return found


# Nearly every verb tells of one client; making the question's SQL anew takes longer than its answer.
RECIPIENTS_OF_ONE = Compiled(lambda client: Recipient.objects.filter(client=client).order_by("pk"))


def _drafts(
    dispatch: Dispatch, recipients: dict[int, list[Recipient]], *, by: Actor, now: datetime
) -> Iterator[Notification]:
    notice, first = CATALOGUE[dispatch.kind], dispatch.subjects[0].appointment
    for recipient in recipients[first.client_id] if dispatch.client_too else ():
        if notice.may_be_stopped and not recipient.gets_reminders:
            continue
        channels = notice.client_channels(
            gets_email=bool(recipient.email),
            gets_texts=recipient.gets_sms,
            email_only=dispatch.email_only,
        )
        for channel in channels:
            row = _to_recipient(dispatch, recipient, channel, now=now)
            if dispatch.unsent_to_client:
                row.state, row.ended_at = DeliveryState.OBSOLETE, now
            yield row
    for channel in notice.provider if dispatch.provider_too else ():
        # Nobody gets a mail about what they did themselves.
        own = by.kind is ActorKind.PROVIDER and by.who == first.provider_id
        if channel is Channel.EMAIL and first.provider.left_at is not None:
            continue  # what stands in the app is the managers' to read
        if not own or (channel is Channel.IN_APP and notice.own_act_in_app):
            yield _to_staff(dispatch, channel, own=own, now=now)
    if notice.all_managers or (first.provider.left_at is not None and Channel.EMAIL in notice.provider):
        for user in _managers(first.practice_id):
            yield _to_staff(dispatch, Channel.EMAIL, manager=user, now=now)
    # The manager whose ask this answers is told too, unless it is their own act.
    batch = dispatch.batch
    if (
        notice.answers_the_ask
        and batch is not None
        and batch.asked_by_kind == ActorKind.MANAGER
        and not (by.kind is ActorKind.MANAGER and by.who == batch.asked_by)
    ):
        members = Membership.objects.filter(
            practice=batch.practice_id, role=Role.MANAGER, pk__in=[batch.asked_by], ended_at__isnull=True
        )
        # Who has left the practice meanwhile gets no more of its mail.
        manager = User.objects.filter(memberships__in=members, is_active=True).first()
        if manager is not None:
            yield _to_staff(dispatch, Channel.EMAIL, manager=manager, now=now)


def _to_recipient(
    dispatch: Dispatch, recipient: Recipient, channel: Channel, *, now: datetime
) -> Notification:
    appointment, opens = dispatch.subjects[0].appointment, CATALOGUE[dispatch.kind].opens
    due_at = dispatch.release_at or now
    if channel is Channel.SMS:
        zone = recipient.zone or appointment.client.zone_in(appointment.practice)
        urgent = is_urgent(dispatch.kind, dispatch.subjects, now=due_at)
        due_at = sms_due_at(due_at, zone=zone_named(zone), urgent=urgent)
    # A link opens the page of a batch or that of a rebook offer, never both.
    batch = dispatch.batch if opens is Opens.BATCH else None
    offers: Iterator[RebookOffer | None] = (subject.offer for subject in dispatch.subjects)
    to_page = opens in (Opens.FRONT_PAGE, Opens.APPOINTMENT)
    offer = next(filter(None, offers), None) if batch is None and not to_page else None
    return Notification(
        practice_id=appointment.practice_id,
        recipient=recipient,
        channel=channel,
        kind=dispatch.kind,
        batch=batch,
        rebook_offer=offer,
        appointment=appointment if opens is Opens.APPOINTMENT else None,
        made_at=now,
        due_at=due_at,
        # From when it may leave: a text that waits for the morning has its whole day of attempts, too.
        give_up_at=due_at + RETRIED_FOR,
    )


def _to_staff(
    dispatch: Dispatch, channel: Channel, *, now: datetime, own: bool = False, manager: User | None = None
) -> Notification:
    """Return the message to the provider, or to a manager in the same words. What stands in the app is worded at once."""
    provider = dispatch.subjects[0].appointment.provider
    due_at = dispatch.release_at or now
    row = Notification(
        practice_id=provider.practice_id,
        provider=None if manager else provider,
        user=manager,
        channel=channel,
        kind=dispatch.kind,
        made_at=now,
        due_at=due_at,
        give_up_at=due_at + RETRIED_FOR,
        # Their own act is no news to them.
        seen_at=now if own else None,
    )
    # Nothing is left to hand over in the app: it stands there once this commits and its time has come.
    if channel is Channel.IN_APP:
        words = words_for(
            dispatch.kind,
            [listed(subject) for subject in dispatch.subjects],
            audience=Audience.PROVIDER,
            channel=channel,
            zone=provider.zone,
            now=now,
            has_link=False,
        )
        row.subject, row.text = words.subject, words.text
        row.state, row.ended_at = DeliveryState.HANDED_OVER, now
    return row


def _managers(practice_id: int) -> QuerySet[User]:
    members = Membership.objects.filter(practice=practice_id, role=Role.MANAGER, ended_at__isnull=True)
    return User.objects.filter(memberships__in=members, is_active=True).order_by("pk")


def notify_of_message(thread: Conversation, *, by: Actor, now: datetime) -> None:
    """Tell the other side that there is a message, without its text: a client by e-mail (else SMS), a provider by e-mail.

    In place of a provider who left every manager is told.

    Several messages are told of together: one notice of a conversation in a quarter of an hour.
    """
    notice, rows = CATALOGUE[NotificationType.MESSAGE], []
    if by.is_client and thread.provider.left_at is not None:
        rows = [
            _about_message(thread, Channel.EMAIL, due_at=now, now=now, user=user)
            for user in _managers(thread.practice_id)
        ]
    elif by.is_client:
        rows = [
            _about_message(thread, channel, due_at=now, now=now, provider=thread.provider)
            for channel in notice.provider
        ]
    else:
        for recipient in recipients_of({thread.client_id: thread.practice_id})[thread.client_id]:
            zone = zone_named(recipient.zone or thread.client.zone_in(thread.practice))
            channels = notice.client_channels(
                gets_email=bool(recipient.email), gets_texts=recipient.gets_sms, email_only=False
            )
            for channel in channels:
                # Only prompts, withdrawals and cancellations may wake somebody.
                due_at = sms_due_at(now, zone=zone, urgent=False) if channel is Channel.SMS else now
                rows.append(_about_message(thread, channel, due_at=due_at, now=now, recipient=recipient))
    gathered = [row for row in rows if _waits_its_turn(row, now=now)]
    Notification.objects.bulk_create(gathered)
    queue(gathered, now=now)


def notify_of_emergency(access: EmergencyAccess, *, now: datetime) -> None:
    """Tell the provider of a conversation and the other managers that a manager opened it: never why, nor anything of it."""
    thread, kind = access.conversation, NotificationType.EMERGENCY_ACCESS
    managers = Membership.objects.filter(
        practice=access.practice_id, role=Role.MANAGER, ended_at__isnull=True
    ).exclude(pk=access.manager_id)
    others = User.objects.filter(memberships__in=managers, is_active=True).exclude(
        memberships__provider=thread.provider_id
    )
    rows = [
        Notification(
            practice_id=access.practice_id,
            channel=channel,
            kind=kind,
            made_at=now,
            due_at=now,
            give_up_at=now + RETRIED_FOR,
            facts={"access": access.pk},
            **addressee,
        )
        for channel, addressee in [
            *(
                (channel, {"provider": thread.provider, "conversation": thread})
                for channel in CATALOGUE[kind].provider
            ),
            # Their mail has no link to the conversation, which is closed to them too.
            *((Channel.EMAIL, {"user": user}) for user in others.order_by("pk")),
        ]
    ]
    for row in rows:
        if row.channel == Channel.IN_APP:
            words = rendered(kind, Audience.PROVIDER, Channel.IN_APP, emergency_values(access))
            row.subject, row.text = words.subject, words.text
            row.state, row.ended_at, row.facts = DeliveryState.HANDED_OVER, now, {}
    Notification.objects.bulk_create(rows)
    queue([row for row in rows if row.state == DeliveryState.WAITING], now=now)


def _waits_its_turn(row: Notification, *, now: datetime) -> bool:
    """Put a notice of a message off until one may leave again; return False when one is planned that will tell of it too."""
    same = Notification.objects.filter(
        conversation=row.conversation_id, kind=NotificationType.MESSAGE, channel=row.channel
    ).filter(provider=row.provider_id, recipient=row.recipient_id, user=row.user_id)
    latest = same.aggregate(latest=Max("give_up_at"))["latest"]
    if latest is None:
        return True
    # Its first planned time: `due_at` moves with every attempt.
    planned = latest - RETRIED_FOR
    if planned > now:
        return False
    row.due_at = max(row.due_at, planned + GATHERED_FOR)
    row.give_up_at = row.due_at + RETRIED_FOR
    return True


def _about_message(
    thread: Conversation, channel: Channel, *, due_at: datetime, now: datetime, **addressee: object
) -> Notification:
    return Notification(
        practice_id=thread.practice_id,
        conversation=thread,
        channel=channel,
        kind=NotificationType.MESSAGE,
        made_at=now,
        due_at=due_at,
        give_up_at=due_at + RETRIED_FOR,
        **addressee,
    )
