"""Delivers notifications: claims one, hands it over outside any transaction, writes down what came of it.

Whoever dies between the hand-over and the writing leaves an attempt without an outcome: the message goes out again,
under the same Message-ID. At least once, never silently not at all.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import get_ident
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from raincheck import monotonic
from raincheck.actions.deliveries import begin_attempt, drop_attempt, end_attempt, put_off
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.database_faults import fault_of
from raincheck.data.people import Recipient
from raincheck.domain.notifications import Channel, Outcome, attempt_takes
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule import TookTooLong
from raincheck.integrations.messages import email, sms
from raincheck.integrations.messages.outcomes import Report
from raincheck.notifications.outbox import due_notifications
from raincheck.queries.deliveries import Parcel, channel_of, may_be_handed_over, parcel

WRITING_TRIES = 3
TOO_OLD = "too slow"
"""What stands in the record of an attempt that was held up until its time was over."""
SLOW = 5.0
"""Seconds after which a hand-over to the mail server counts as slow."""
MOST_SLOW = 3
"""So many slow ones at once, and a worker of four jobs begins no more."""

_at_the_mail_server: dict[int, float] = {}
"""Since when each thread of this process waits for the mail server, in `elapsed.seconds`."""

logger = logging.getLogger(__name__)


def deliver(notification: int, *, now: datetime) -> Outcome | None:
    """Try to hand one notification over and return the outcome; None when there was nothing to hand over.

    One that cannot be read or put into words is put off like one whose server is busy, and ends as a person's task. An
    e-mail is not begun while the mail server keeps others waiting already: it stays due, and the next tick queues it again.
    """
    if _mail_is_jammed() and channel_of(notification) == Channel.EMAIL:
        return None
    since = monotonic.seconds()
    try:
        begun = _act(partial(begin_attempt, notification, takes=_takes(), now=now), now=now)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with this message, a person must get to see it
        why = _why_not_made(error)
        _act(partial(put_off, notification, why=why, now=now), now=now)
        return Outcome.DEFERRED
    if "attempt" not in begun:
        return None
    return carry_out(int(begun["attempt"]), link=begun["link"], since=since, now=now)


def carry_out(attempt: int, *, link: str, now: datetime, since: float | None = None) -> Outcome | None:
    """Hand over what a begun attempt is for and write down the outcome; None when its time was over before that.

    `since` is when it began, in `elapsed.seconds`. Whoever was held up for too long, or finds that somebody else has
    taken the attempt over, hands nothing over any more.
    """
    mine = Attempt(attempt, since=monotonic.seconds() if since is None else since, now=now)
    try:
        report = hand_over(parcel(attempt, link=link), may_go=mine.may_go)
    except Exception as error:  # noqa: BLE001  # as above
        report = Report(Outcome.DEFERRED, _why_not_made(error))
    if report is None and mine.is_too_old:
        report = Report(Outcome.DEFERRED, TOO_OLD)
    if report is None:
        _act(partial(drop_attempt, attempt, now=now), now=now)
        return None
    _write_down(report, attempt, now=now)
    return report.outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt in the hands of this process, begun at `since`."""

    number: int
    since: float
    now: datetime

    @property
    def is_too_old(self) -> bool:
        """Whether so much of its time is over that the other side might answer only when somebody else is at it."""
        return monotonic.seconds() - self.since > _takes().total_seconds() / 2

    def may_go(self) -> bool:
        """Ask the last time before the words leave. Its age is looked at last: this process may stand still at any time."""
        return may_be_handed_over(self.number, now=self.now) and not self.is_too_old


def _takes() -> timedelta:
    return attempt_takes(answer_within=timedelta(seconds=settings.DELIVERY_TIMEOUT))


def _hand_over_takes() -> float:
    """Return the most seconds that a hand-over may last, however slowly the other side drips.

    One that began in the first half of its attempt ends before anybody else may begin another.
    """
    return _takes().total_seconds() / 2


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


def hand_over(ready: Parcel, *, may_go: Callable[[], bool]) -> Report | None:
    """Hand one message to the mail server, the gateway or the demo's mailbox; None when it may not go any more."""
    if ready.channel is Channel.EMAIL and settings.EMAIL_URL:
        return _by_email(ready, may_go=may_go)
    if not may_go():
        return None
    if ready.channel is Channel.SMS and settings.SMS_URL:
        return sms.send(
            ready, gateway=settings.SMS_URL, timeout=settings.DELIVERY_TIMEOUT, in_all=_hand_over_takes()
        )
    if settings.RAINCHECK_DEMO:
        # Nothing leaves the demo: its mailbox shows the words, with the link that this attempt would have carried.
        # Words without a link are kept as well, since a code to sign in is erased once it was handed over.
        return Report(Outcome.ACCEPTED, ready.link or ready.text)
    setting = "EMAIL_URL" if ready.channel is Channel.EMAIL else "SMS_URL"
    return Report(Outcome.REFUSED, f"{setting} is not set")


def _mail_is_jammed() -> bool:
    """Whether the mail server lets so many wait in this process that one more would leave nobody for texts and the rest."""
    long_ago = monotonic.seconds() - SLOW
    return sum(began <= long_ago for began in tuple(_at_the_mail_server.values())) >= MOST_SLOW


def _by_email(ready: Parcel, *, may_go: Callable[[], bool]) -> Report | None:
    _at_the_mail_server[get_ident()] = monotonic.seconds()
    try:
        return _mailed(ready, may_go=may_go)
    finally:
        del _at_the_mail_server[get_ident()]


def _mailed(ready: Parcel, *, may_go: Callable[[], bool]) -> Report | None:
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
        in_all=_hand_over_takes(),
        may_go=may_go,
    )


def _write_down(report: Report, attempt: int, *, now: datetime) -> None:
    """Record the outcome: what is not written down is sent again.

    Where nobody can work out what follows from it, a person is told, and it is recorded all the same.
    """
    verb = partial(end_attempt, attempt, outcome=report.outcome, answer=report.answer, now=now)
    try:
        ended = _patiently(verb, now=now)
    except Exception as error:  # noqa: BLE001  # it was handed over: to forget that would send it again and again
        _why_not_made(error)
        ended = _patiently(partial(verb, what_follows=False), now=now)
    logger.info("delivery", extra={"notification": ended["notification"], "event": report.outcome})


def _why_not_made(error: Exception) -> str:
    """Return the kind of what went wrong with one message, after logging it. Raises what is the database's fault."""
    if isinstance(error, TookTooLong) or fault_of(error) is not None:
        raise error  # the job is tried again
    logger.error("a message could not be made: %s", type(error).__name__)
    return type(error).__name__


def _patiently(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    for _try in range(WRITING_TRIES - 1):
        with suppress(TookTooLong):
            return _act(verb, now=now)
    return _act(verb, now=now)


def _act(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)
