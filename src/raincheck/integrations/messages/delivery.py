"""Deliveries: claims what is due in batches, hands each message over outside any transaction, writes down what came of it.

Whoever dies between a hand-over and the writing leaves an attempt without an outcome: the message goes out again,
under the same Message-ID. At least once, never silently not at all.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from raincheck import monotonic
from raincheck.actions.deliveries import (
    Result,
    begin_attempt,
    begin_attempts,
    drop_attempt,
    end_attempts,
    give_back,
    hold_on,
    put_off,
)
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.people import Recipient
from raincheck.data.postgresql.faults import fault_of
from raincheck.domain.notifications import Channel, Outcome, attempt_takes
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule.lifecycle import TookTooLong
from raincheck.integrations.messages import email, sms
from raincheck.integrations.messages.outcomes import Report
from raincheck.notifications.outbox import due_notifications
from raincheck.queries.deliveries import Parcel, may_be_handed_over, parcels

WRITING_TRIES = 3
TOO_OLD_AFTER = 1 / 2
"""The part of its time after which an attempt hands nothing over any more: the other side may take as long to answer."""
TOO_OLD = "too slow"
"""What stands in the record of an attempt that was held up until its time was over."""
SLOW = 5.0
"""Seconds after which a hand-over counts as slow: the others of its batch are given back, so that none of them grows old."""
AT_ONCE, MOST_AT_ONCE = 20, 50
"""Messages of a first batch, and of those that follow when it is done in a second: claiming costs each the less."""
FEWEST_AT_ONCE, QUICK = 5, 1.0
"""A batch that takes more seconds than this is followed by a smaller one, so that other lanes find something to do."""
WRITTEN_TOGETHER, SECONDS_UNWRITTEN = 20, 1.0
"""So many outcomes are written in one transaction, none of them later than this: a process that dies repeats what is unwritten."""

Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


def deliver(notification: int, *, now: datetime) -> Outcome | None:
    """Try to hand one notification over and return the outcome; None when there was nothing to hand over.

    One that cannot be read or put into words is put off like one whose server is busy, and ends as a person's task.
    """
    since = monotonic.seconds()
    try:
        begun = _run(partial(begin_attempt, notification, takes=_takes(), now=now), now=now)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with this message, a person must get to see it
        why = _why_not_made(error)
        _run(partial(put_off, notification, why=why, now=now), now=now)
        return Outcome.DEFERRED
    if "attempt" not in begun:
        return None
    return carry_out(int(begun["attempt"]), link=begun["link"], since=since, now=now)


def carry_out(attempt: int, *, link: str, now: datetime, since: float | None = None) -> Outcome | None:
    """Hand over what a begun attempt is for and write down the outcome; None when its time was over before that.

    `since` is when it began, in `monotonic.seconds`. Whoever was held up for too long, or finds that somebody else has
    taken the attempt over, hands nothing over any more.
    """
    with closing(Lane(now=lambda: now)) as lane:
        began = monotonic.seconds() if since is None else since
        outcomes = lane.hand_over({attempt: link}, since=began)
    return next(iter(outcomes), None)


def deliver_due(now: datetime, *, limit: int = 200) -> Counter[Outcome]:
    """Try every notification that is due, texts first and about `limit` at most; return how many came to what."""
    total: Counter[Outcome] = Counter()
    with closing(Lane(now=lambda: now)) as lane:
        for channel in (Channel.SMS, Channel.EMAIL):
            while total.total() < limit and due_notifications(now=now, limit=1, channels=[channel]):
                total += lane.deliver(channel)
    return total


class Lane:
    """One way out, for one message after the other, over a line to the mail server that is kept as long as there are more.

    `now` reads the clock whenever it is asked. A message is kept from others while an attempt `takes`, and longer while
    somebody calls `hold_on` again and again. `on_backlog` is told how many seconds each hand-over took while there is
    more than one batch to do; `before_waiting` is called whenever the other side is waited for and no database is needed.
    When the lane `must_stop`, it gives back what it has not begun. Whoever is done with a lane closes it.
    """

    def __init__(
        self,
        *,
        now: Clock,
        takes: timedelta | None = None,
        on_backlog: Callable[[float], object] = lambda _seconds: None,
        before_waiting: Callable[[], object] = lambda: None,
        must_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._now, self._on_backlog, self._before_waiting = now, on_backlog, before_waiting
        self._must_stop, self._takes = must_stop, takes or _takes()
        self._batch: _Batch | None = None
        self._at_once = AT_ONCE
        self._line: email.MailLine | None = None

    def deliver(self, channel: Channel, *, before_others_only: bool = False) -> Counter[Outcome]:
        """Hand over one batch of what is due by a channel and return how many came to what; empty when nothing is due."""
        now, since = self._now(), monotonic.seconds()
        begin = partial(
            begin_attempts,
            channel,
            now=now,
            takes=self._takes,
            limit=self._at_once,
            before_others_only=before_others_only,
        )
        try:
            begun = _run(begin, now=now)
        except Exception as error:  # noqa: BLE001  # one of them cannot be made: each for itself, so that it shows which
            _why_not_made(error)
            due = due_notifications(now=now, limit=self._at_once, channels=[channel])
            return Counter(filter(None, (deliver(number, now=now) for number in due)))
        links = {int(attempt): link for attempt, link in begun.items()}
        outcomes = self.hand_over(links, since=since)
        quick = monotonic.seconds() - since < QUICK
        if not quick:
            self._at_once = max(self._at_once // 2, FEWEST_AT_ONCE)
        elif len(links) >= self._at_once:
            self._at_once = min(self._at_once * 2, MOST_AT_ONCE)
        return Counter(outcomes)

    def hand_over(self, links: Mapping[int, str], *, since: float) -> Sequence[Outcome]:
        """Hand over what begun attempts are for, each with its link, and write down the outcomes of those that were made."""
        batch = self._batch = _Batch(set(links), since=since, takes=self._takes, now=self._now)
        waiting = list(parcels(links, links=dict(links)) if links else ())
        try:
            while waiting:
                ready, began = waiting.pop(0), monotonic.seconds()
                batch.note(ready, self._report(ready, batch))
                took = monotonic.seconds() - began
                if waiting and (took > SLOW or self._must_stop()):
                    verb = partial(give_back, [one.attempt for one in waiting], now=self._now())
                    _run(verb, now=self._now())
                    break
                if len(links) >= self._at_once:
                    self._on_backlog(took)
        finally:
            batch.write_down()
            self._batch = None
        return batch.outcomes

    def hold_on(self) -> None:
        """Keep what is under way from others for longer; called from another thread, as long as this process lives."""
        if (batch := self._batch) is not None:
            batch.hold_on()

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()

    def _report(self, ready: Parcel, batch: _Batch) -> Report | None:
        try:
            self._before_waiting()
            report = self._handed_over(ready, may_go=partial(self._may_go, ready, batch))
        except Exception as error:  # noqa: BLE001  # as above
            return Report(Outcome.DEFERRED, _why_not_made(error))
        if report is None and batch.is_too_old:
            return Report(Outcome.DEFERRED, TOO_OLD)
        return report

    def _may_go(self, ready: Parcel, batch: _Batch) -> bool:
        """Ask the last time before the words leave."""
        goes = may_be_handed_over(ready.attempt, kind=ready.kind, now=self._now())
        self._before_waiting()
        # Looked at last, since a process may stand still at any time.
        return goes and not batch.is_too_old

    def _handed_over(self, ready: Parcel, *, may_go: Callable[[], bool]) -> Report | None:
        """Hand one message to the mail server, the gateway or the demo's mailbox; None when it may not go any more."""
        if ready.channel is Channel.EMAIL and settings.EMAIL_URL:
            try:
                message = email.mail(ready, sender_address=settings.EMAIL_FROM)
            except ValueError as error:
                # An address no mail can be written to, or a line break where none may be.
                return Report(Outcome.REFUSED, f"{type(error).__name__}: {error}")
            return self._to_mail_server().send(message, may_go=may_go)
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

    def _to_mail_server(self) -> email.MailLine:
        if self._line is None:
            self._line = email.MailLine(
                email.mail_server(settings.EMAIL_URL),
                introduced_as=urlsplit(settings.BASE_URL).hostname or "localhost",
                timeout=settings.DELIVERY_TIMEOUT,
                in_all=_hand_over_takes(),
            )
        return self._line


@dataclass(slots=True)
class _Batch:
    """Attempts in the hands of this process, theirs since they began or it held on, and what is known and not yet written."""

    held: set[int]
    since: float
    takes: timedelta
    now: Clock
    outcomes: list[Outcome] = field(default_factory=list)
    unwritten: list[Result] = field(default_factory=list)
    oldest: float = 0.0

    @property
    def is_too_old(self) -> bool:
        """Whether so much of their time is over that the other side might answer only when somebody else is at it."""
        return monotonic.seconds() - self.since > self.takes.total_seconds() * TOO_OLD_AFTER

    def hold_on(self) -> None:
        held, since, now = tuple(self.held), monotonic.seconds(), self.now()
        if held:
            _run(partial(hold_on, held, takes=self.takes, now=now), now=now)
            self.since = since

    def note(self, ready: Parcel, report: Report | None) -> None:
        now = self.now()
        self.held.discard(ready.attempt)
        if report is None:
            _run(partial(drop_attempt, ready.attempt, now=now), now=now)
            return
        logger.info("delivery", extra={"notification": str(ready.ref), "event": report.outcome})
        self.outcomes.append(report.outcome)
        self.oldest = self.oldest if self.unwritten else monotonic.seconds()
        self.unwritten.append(Result(ready.attempt, report.outcome, report.answer, at=now))
        if len(self.unwritten) >= WRITTEN_TOGETHER or monotonic.seconds() - self.oldest > SECONDS_UNWRITTEN:
            self.write_down()

    def write_down(self) -> None:
        """Record the outcomes: what is not written down is sent again.

        Where nobody can work out what follows from one, a person is told, and it is recorded all the same.
        """
        results, self.unwritten = self.unwritten, []
        if not results:
            return
        now = self.now()
        try:
            _patiently(partial(end_attempts, results, now=now), now=now)
        except Exception as error:  # noqa: BLE001  # they were handed over: to forget that would send them again and again
            _why_not_made(error)
            for one in results:
                verb = partial(end_attempts, [one], now=now)
                try:
                    _patiently(verb, now=now)
                except Exception as fault:  # noqa: BLE001  # as above
                    _why_not_made(fault)
                    _patiently(partial(verb, what_follows=False), now=now)


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


def _takes() -> timedelta:
    return attempt_takes(answer_within=timedelta(seconds=settings.DELIVERY_TIMEOUT))


def _hand_over_takes() -> float:
    """Return the most seconds that a hand-over may last, however slowly the other side drips.

    One that began in the first half of its attempt ends before anybody else may begin another.
    """
    return _takes().total_seconds() / 2


def _why_not_made(error: Exception) -> str:
    """Return the kind of what went wrong with one message, after logging it. Raises what is the database's fault."""
    if isinstance(error, TookTooLong) or fault_of(error) is not None:
        raise error  # the lane tries again
    logger.error("a message could not be made: %s", type(error).__name__)
    return type(error).__name__


def _patiently(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    for _try in range(WRITING_TRIES - 1):
        with suppress(TookTooLong):
            return _run(verb, now=now)
    return _run(verb, now=now)


def _run(verb: Callable[[], Answer], *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)
