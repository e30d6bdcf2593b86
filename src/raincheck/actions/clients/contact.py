"""The step that writes down how a client is reached: links to a former address end, and open requests go to the new one."""

from collections.abc import Sequence
from datetime import datetime

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
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.notifications import Channel, DeliveryState, NotificationType
from raincheck.domain.people import Actor, Contact, Role
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.outbox import queue
from raincheck.notifications.subjects import NoticeSubject


def reached_by(recipient: Recipient) -> Contact:
    """Return how a recipient is reached now."""
    return Contact(recipient.email, recipient.phone, recipient.gets_sms)


def write_contact(
    client: Client,
    recipient: Recipient,
    contact: Contact,
    *,
    agreed_at: datetime | None,
    confirmed: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Write down how a locked client is reached from now on; the rows are saved.

    `agreed_at` is when they agreed to texts at their number; a new agreement was taken by whoever acts.
    The links sent to an address that changed end, and so does signing in by it. Open requests are sent to the new
    address, since their old links are dead; with `confirmed` also to one that stays, of which somebody had said "Not you?".
    """
    former, agreed_before = reached_by(recipient), recipient.sms_agreed_at
    client.phone = recipient.phone = contact.phone
    recipient.email = contact.email
    if agreed_at != agreed_before or contact.phone != former.phone:
        recipient.sms_agreed_at = agreed_at
        recipient.sms_agreed_by_kind, recipient.sms_agreed_by = (
            (by.kind, by.who) if agreed_at else (None, None)
        )
    client.save(update_fields=["phone"])
    recipient.save(update_fields=["email", "phone", "sms_agreed_at", "sms_agreed_by_kind", "sms_agreed_by"])
    live = Link.objects.filter(recipient=recipient, revoked_at__isnull=True)
    if contact.email != former.email:
        live.filter(channel=Channel.EMAIL).exclude(address=contact.email).update(revoked_at=now)
    if contact.phone != former.phone:
        live.filter(channel=Channel.SMS).exclude(address=contact.phone).update(revoked_at=now)
    if contact.email.lower() != former.email.lower():
        Membership.objects.filter(client=client, role=Role.CLIENT).delete()
        let_sign_in(client, contact.email)
    newly = (contact.email and contact.email != former.email) or (
        contact.texts and (contact.phone, True) != (former.phone, former.texts)
    )
    looked_into = confirmed or contact != former
    if (looked_into and _confirmed(client, recipient, contact, now=now)) or newly:
        _send_open_requests(client, recipient, contact, former=former, by=by, now=now)


def let_sign_in(client: Client, email: str) -> None:
    """Let a client sign in by an address; who shares it with another client of the practice has links alone."""
    # Accounts go by the address in small letters: another spelling of it is the same account.
    email = email.lower()
    if not email:
        return
    # Two practices may write down the same new address at once: whoever is second finds the first one's user.
    user = User(email=email, name=client.known_as)
    user.set_unusable_password()
    User.objects.bulk_create([user], ignore_conflicts=True)
    user = User.objects.get(email=email)
    mine = Membership(practice_id=client.practice_id, user=user, role=Role.CLIENT, client=client)
    Membership.objects.bulk_create([mine], ignore_conflicts=True)


def _confirmed(client: Client, recipient: Recipient, contact: Contact, *, now: datetime) -> bool:
    """Return whether somebody had said of a link "Not you?", and the practice has asked and writes there all the same.

    Messages go there again, by links of their own; those that ended stay so.
    """
    asked = Task.objects.filter(client=client, kind=TaskKind.LINK_NOT_THEIRS, done_at__isnull=True)
    if not asked.update(done_at=now):
        return False
    ended = Link.objects.filter(recipient=recipient, revoked_at__isnull=False)
    return bool(ended.filter(address__in={contact.email, contact.phone} - {""}).update(address=""))


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
