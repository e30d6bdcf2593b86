"""Delivers notifications: claims one, hands it over outside any transaction, writes down what came of it.

Whoever dies between the hand-over and the writing leaves an attempt without an outcome: the message goes out again,
under the same Message-ID. At least once, never silently not at all.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from raincheck.actions.deliveries import begin_attempt, drop_attempt, end_attempt
from raincheck.actions.runner import Answer, act
from raincheck.data.people import Recipient
from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule import TookTooLong
from raincheck.integrations import email, sms
from raincheck.integrations.outcomes import Report
from raincheck.notifications.outbox import due_notifications
from raincheck.queries.deliveries import Parcel, parcel

WRITING_TRIES = 3

logger = logging.getLogger(__name__)


def deliver(notification: int, *, now: datetime) -> Outcome | None:
    """Try to hand one notification over and return the outcome; None when there was nothing to hand over."""
    begun = _act(partial(begin_attempt, notification, now=now), now=now)
    if "attempt" not in begun:
        return None
    return carry_out(int(begun["attempt"]), link=begun["link"], now=now)


def carry_out(attempt: int, *, link: str, now: datetime) -> Outcome | None:
    """Hand over what a begun attempt is for and write down the outcome; None when its time was over before that."""
    ready = parcel(attempt, link=link, now=now)
    if ready is None:
        _act(partial(drop_attempt, attempt, now=now), now=now)
        return None
    report = hand_over(ready)
    _write_down(report, attempt, now=now)
    logger.info("delivery", extra={"notification": str(ready.ref), "event": report.outcome})
    return report.outcome


def deliver_due(now: datetime, *, limit: int = 200) -> Counter[Outcome]:
    """Try every notification that is due, one after the other and at most `limit`; return how many came to what."""
    outcomes = (deliver(number, now=now) for number in due_notifications(now=now, limit=limit))
    return Counter(outcome for outcome in outcomes if outcome is not None)


def warnings() -> list[str]:
    """Return a sentence for each channel that somebody needs and nothing is set up for, for health pages and the log."""
    if settings.RAINCHECK_DEMO:
        return []
    found = []
    if not settings.EMAIL_URL:
        found.append(_("EMAIL_URL is not set, so no e-mail leaves; every message becomes a task."))
    if not settings.SMS_URL and Recipient.objects.filter(sms_agreed_at__isnull=False).exists():
        found.append(_("SMS_URL is not set, but some clients agreed to texts; every text becomes a task."))
    return found


def hand_over(ready: Parcel) -> Report:
    """Hand one message to the mail server, the gateway or the demo's mailbox."""
    if ready.channel is Channel.EMAIL and settings.EMAIL_URL:
        return _by_email(ready)
    if ready.channel is Channel.SMS and settings.SMS_URL:
        return sms.send(ready, gateway=settings.SMS_URL, timeout=settings.DELIVERY_TIMEOUT)
    if settings.RAINCHECK_DEMO:
        # Nothing leaves the demo: its mailbox shows the words, with the link that this attempt would have carried.
        # Words without a link are kept as well, since a code to sign in is erased once it was handed over.
        return Report(Outcome.ACCEPTED, ready.link or ready.text)
    setting = "EMAIL_URL" if ready.channel is Channel.EMAIL else "SMS_URL"
    return Report(Outcome.REFUSED, f"{setting} is not set")


def _by_email(ready: Parcel) -> Report:
    try:
        message = email.mail(ready, sender_address=settings.EMAIL_FROM)
    except ValueError as error:
        # An address no mail can be written to, or a line break where none may be.
        return Report(Outcome.REFUSED, f"{type(error).__name__}: {error}")
    return email.send(
        message,
        server=email.mail_server(settings.EMAIL_URL),
        introduced_as=urlsplit(settings.BASE_URL).hostname or "localhost",
        timeout=settings.DELIVERY_TIMEOUT,
    )


def _write_down(report: Report, attempt: int, *, now: datetime) -> None:
    """Record the outcome, patiently: what is not written down is sent again."""
    verb = partial(end_attempt, attempt, outcome=report.outcome, answer=report.answer, now=now)
    for _try in range(WRITING_TRIES - 1):
        with suppress(TookTooLong):
            _act(verb, now=now)
            return
    _act(verb, now=now)


def _act(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return act(verb, key=None, body={}, by=SYSTEM, now=now)
