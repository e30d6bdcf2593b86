"""Delivery attempts: the message that each hands over, and the last look whether it still may."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.html import escape
from django.utils.translation import gettext as _

from raincheck.data.encryption import CODES, INVITATIONS, DecryptionFailed, unseal
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import CATALOGUE, Holds
from raincheck.notifications.context import plain
from raincheck.notifications.links import CODE, invitation_address, stop_address, with_link


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, ready to go. `ref` stays the same over every repeat; `sender` is the practice's discreet name.

    `stop_address` is where whoever wants no more such messages says so by one POST; empty where they can't be stopped.
    """

    ref: UUID
    channel: Channel
    address: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    calendar: str
    link: str
    made_at: datetime
    attempt: int = 0
    stop_address: str = ""
    kind: NotificationType = NotificationType.ASKED


# An outcome, or a notification that waits no more, means that somebody else took it over while this one stood still.
STANDS = """
SELECT 1 FROM raincheck_deliveryattempt t JOIN raincheck_notification n ON n.id = t.notification_id
WHERE t.id = %(attempt)s AND t.outcome IS NULL AND n.state = 'waiting'
"""
LISTS_AN_OPEN_REQUEST = """
AND EXISTS (SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_reschedulerequest r ON r.id = l.request_id
    WHERE l.notification_id = n.id AND r.state = 'open' {and_more})
"""
IN_WHICH_TIMES_ARE_SUGGESTED = """AND EXISTS (SELECT 1 FROM raincheck_hold h
        JOIN raincheck_reschedulerequest o ON o.id = h.request_id WHERE o.batch_id = r.batch_id AND h.suggested)"""
STANDS_AS_TOLD = """
AND EXISTS (SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_appointment a ON a.id = l.appointment_id
    JOIN raincheck_provider p ON p.id = a.provider_id JOIN raincheck_recipient c ON c.id = n.recipient_id
    WHERE l.notification_id = n.id AND a.status = 'scheduled' AND a.starts_at > %(now)s
    AND a.starts_at = (l.facts->>'starts_at')::timestamptz AND p.left_at IS NULL AND c.reminders_off_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM raincheck_reschedulerequest r WHERE r.appointment_id = a.id AND r.state = 'open'))
"""
# Made once: the last look is asked while the mail server waits for the words.
MAY_GO = {
    Holds.ALWAYS: STANDS,
    Holds.WHILE_OPEN: STANDS + LISTS_AN_OPEN_REQUEST.format(and_more=""),
    Holds.WHILE_SUGGESTED: STANDS + LISTS_AN_OPEN_REQUEST.format(and_more=IN_WHICH_TIMES_ARE_SUGGESTED),
    Holds.UNTIL_THE_DEADLINE: STANDS + LISTS_AN_OPEN_REQUEST.format(and_more="AND r.deadline_at > %(now)s"),
    Holds.WHILE_IT_WAITS: STANDS + LISTS_AN_OPEN_REQUEST.format(and_more="AND r.needs_provider IS NOT NULL"),
    Holds.WHILE_IT_STANDS: STANDS + STANDS_AS_TOLD,
    Holds.UNTIL_GIVEN_UP: STANDS + "AND n.give_up_at > %(now)s",
}


def may_be_handed_over(attempt: int, *, kind: NotificationType, now: datetime) -> bool:
    """Return whether an attempt still stands, as committed right now: nobody took it over, and its message has a point.

    Asked immediately before each hand-over, so it is one query by hand and not three by the mapper.
    """
    with connection.cursor() as cursor:
        cursor.execute(MAY_GO[CATALOGUE[kind].holds], {"attempt": attempt, "now": now})
        return cursor.fetchone() is not None


def parcels(attempts: Collection[int], *, links: dict[int, str]) -> Sequence[Parcel]:
    """Return what attempts hand over, in their order; whether each may is asked last, by `may_be_handed_over`.

    `links` has the address minted for an attempt; without one, words that hold a link lead to the front page.
    """
    rows = DeliveryAttempt.objects.filter(pk__in=attempts).select_related("notification__practice")
    return [_parcel(row, link=links.get(row.pk, "")) for row in rows.order_by("pk")]


def _code(notification: Notification) -> str:
    sealed = notification.facts.get("code")
    if sealed is None:
        return CODE
    try:
        return unseal(sealed.encode(), purpose=CODES).decode()
    except DecryptionFailed:
        # The key was changed in the ten minutes that a code lives.
        return _("(please ask for a new one)")


def _invitation(notification: Notification) -> str:
    """Return the address of the invitation that a mail carries; empty for any other, and once its key is gone."""
    sealed = notification.facts.get("token")
    if sealed is None:
        return ""
    try:
        return invitation_address(unseal(sealed.encode(), purpose=INVITATIONS).decode())
    except DecryptionFailed:
        return ""


def _parcel(row: DeliveryAttempt, *, link: str) -> Parcel:
    notification, practice = row.notification, row.notification.practice
    kind = NotificationType(notification.kind)
    # The words are kept without link and code, so that whoever reads the record can use neither; here they come back.
    link = link or _invitation(notification)
    address, code = link or f"{settings.BASE_URL}/", _code(notification)
    return Parcel(
        ref=notification.ref,
        channel=Channel(notification.channel),
        address=row.address,
        sender=plain(practice.sender_name),
        reply_to=practice.reply_to,
        subject=row.subject,
        text=with_link(row.text, address).replace(CODE, code),
        html=with_link(row.html, escape(address)).replace(CODE, escape(code)),
        calendar=row.calendar,
        link=link,
        made_at=notification.made_at,
        attempt=row.pk,
        stop_address=stop_address(link) if link and CATALOGUE[kind].may_be_stopped else "",
        kind=kind,
    )
