"""Changing how a client is reached, and whether silence may cancel their appointments."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from raincheck.actions.clients.history import change_between, record_change
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import asked_together
from raincheck.data.models import (
    Client,
    DeliveryAttempt,
    Link,
    Membership,
    Notification,
    Recipient,
    RescheduleRequest,
    Task,
    User,
)
from raincheck.data.reschedule import OPEN
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.notifications import Channel, DeliveryState, NotificationType
from raincheck.domain.people import Actor, Contact, Role
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.outbox import queue
from raincheck.notifications.subjects import NoticeSubject


def change_contact(client_id: int, *, contact: Contact, by: Actor, now: datetime) -> Answer:
    """Write down how a client is reached.

    The links sent to an address that changed end, and so does signing in by it. Open requests are sent to the new
    address, since their old links are dead.
    """
    client = lock(clients=[client_id]).clients[client_id]
    recipient, _made = Recipient.objects.get_or_create(
        client=client, is_client=True, defaults={"practice_id": client.practice_id}
    )
    former = Contact(recipient.email, recipient.phone, recipient.gets_sms)
    if change := change_between(asdict(former), asdict(contact)):
        record_change(client, ClientEvent.CHANGED, change, by=by, now=now)
    client.phone = contact.phone
    client.save(update_fields=["phone"])
    recipient.email, recipient.phone = contact.email, contact.phone
    if not contact.texts:
        recipient.sms_agreed_at = recipient.sms_agreed_by_kind = recipient.sms_agreed_by = None
    # Agreed to for one number; another one is agreed to anew.
    elif not former.texts or contact.phone != former.phone:
        recipient.sms_agreed_at, recipient.sms_agreed_by_kind, recipient.sms_agreed_by = now, by.kind, by.who
    recipient.save(update_fields=["email", "phone", "sms_agreed_at", "sms_agreed_by_kind", "sms_agreed_by"])
    live = Link.objects.filter(recipient=recipient, revoked_at__isnull=True)
    if contact.email != former.email:
        live.filter(channel=Channel.EMAIL).exclude(address=contact.email).update(revoked_at=now)
    if contact.phone != former.phone:
        live.filter(channel=Channel.SMS).exclude(address=contact.phone).update(revoked_at=now)
    # Accounts go by the address in small letters: another spelling of it is the same account.
    email = contact.email.lower()
    if email != former.email.lower():
        Membership.objects.filter(client=client, role=Role.CLIENT).delete()
        if email:
            # Two practices may write down the same new address at once: whoever is second finds the first one's user.
            user = User(email=email, name=client.known_as)
            user.set_unusable_password()
            User.objects.bulk_create([user], ignore_conflicts=True)
            user = User.objects.get(email=email)
            # Who shares an address with another client of the practice has links alone.
            mine = Membership(practice_id=client.practice_id, user=user, role=Role.CLIENT, client=client)
            Membership.objects.bulk_create([mine], ignore_conflicts=True)
    newly = (contact.email and contact.email != former.email) or (
        contact.texts and (contact.phone, True) != (former.phone, former.texts)
    )
    if _confirmed(client, recipient, contact, now=now) or newly:
        _send_open_requests(client, recipient, contact, former=former, by=by, now=now)
    return {"client": str(client.ref)}


def _confirmed(client: Client, recipient: Recipient, contact: Contact, *, now: datetime) -> bool:
    """Return whether somebody had said of a link "Not you?", and the practice has asked and writes there all the same.

    Messages go there again, by links of their own; those that ended stay so.
    """
    asked = Task.objects.filter(client=client, kind=TaskKind.LINK_NOT_THEIRS, done_at__isnull=True)
    if not asked.update(done_at=now):
        return False
    ended = Link.objects.filter(recipient=recipient, revoked_at__isnull=False)
    return bool(ended.filter(address__in={contact.email, contact.phone} - {""}).update(address=""))


def mark_do_not_auto_cancel(client_id: int, *, marked: bool, by: Actor, now: datetime) -> Answer:
    """Say whether a request to this client waits for a person at its deadline instead of canceling the appointment.

    Open requests are spared from now on and the client is told so; taking the mark away takes that back from nobody.
    """
    waiting = RescheduleRequest.objects.filter(OPEN, client=client_id, spared=False)
    found = list(waiting.values_list("pk", "appointment")) if marked else []
    locked = lock(
        clients=[client_id], appointments=[row[1] for row in found], requests=[row[0] for row in found]
    )
    client = locked.clients[client_id]
    mark = "do_not_auto_cancel"
    if change := change_between({mark: client.do_not_auto_cancel}, {mark: marked}):
        record_change(client, ClientEvent.CHANGED, change, by=by, now=now)
    client.do_not_auto_cancel = marked
    client.save(update_fields=["do_not_auto_cancel"])
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
    told = spare([row for row in locked.requests.values() if row.is_open], by=by, now=now)
    return {"client": str(client.ref), "told": str(told)}


def spare(requests: Sequence[RescheduleRequest], *, by: Actor, now: datetime) -> int:
    """Let silence cancel nothing of these open requests any more; tell whom was told that it would. A step, not a verb.

    Returns how many requests somebody is told of.
    """
    RescheduleRequest.objects.filter(pk__in=[request.pk for request in requests]).update(spared=True)
    tried = DeliveryAttempt.objects.filter(notification__kind=NotificationType.ASKED)
    # What has not left yet says by itself what is true when it does; who waits for a person was told of that.
    left = set(
        tried.filter(notification__batch__in={row.batch_id for row in requests}).values_list(
            "notification__batch", flat=True
        )
    )
    told = [
        request
        for request in requests
        if request.batch_id in left and not request.needs_provider and request.deadline_at > now
    ]
    for request in told:
        request.spared = True
    dispatches = [
        Dispatch(
            NotificationType.SPARED,
            [NoticeSubject(row.appointment, row) for row in together],
            batch=together[0].batch,
        )
        for together in asked_together(sorted(told, key=lambda row: row.asked_starts_at))
    ]
    notify_many(dispatches, by=by, now=now)
    return len(told)


def _send_open_requests(
    client: Client, recipient: Recipient, contact: Contact, *, former: Contact, by: Actor, now: datetime
) -> None:
    """Send what is open to the new address: prompts under way go there at once, the others are sent again."""
    waiting = Notification.objects.filter(
        recipient=recipient, kind=NotificationType.ASKED, state=DeliveryState.WAITING
    )
    waiting.filter(due_at__gt=now, channel=Channel.EMAIL).update(due_at=now)
    queue(list(waiting), now=now)
    # A text that waits for the morning keeps nobody from reading their mail tonight, and goes out once.
    texted = set(waiting.filter(channel=Channel.SMS).values_list("batch", flat=True))
    under_way = set(waiting.filter(channel=Channel.EMAIL).values_list("batch", flat=True))
    if contact.email in ("", former.email):
        under_way |= texted
    about = ("appointment__practice", "appointment__provider", "appointment__client")
    requests = RescheduleRequest.objects.filter(OPEN, client=client, deadline_at__gt=now)
    requests = requests.select_related(*about, "appointment__type", "appointment__place", "batch")
    told = []
    for together in asked_together(requests.exclude(batch__in=under_way).order_by("asked_starts_at")):
        # A prompt that never arrived is sent anew, so that its hand-over counts; one that did is reminded of.
        arrived = any(request.handed_over_at for request in together)
        told.append(
            Dispatch(
                NotificationType.REQUEST_REMINDER if arrived else NotificationType.ASKED,
                [NoticeSubject(request.appointment, request) for request in together],
                batch=together[0].batch,
                email_only=together[0].batch_id in texted,
                provider_too=False,
            )
        )
    notify_many(told, by=by, now=now)
