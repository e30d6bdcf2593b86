"""The extension and the reminder that are possible now, and why not in the refusals' own words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from raincheck.actions.reschedule.urge import in_words
from raincheck.data.models import RescheduleRequest
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.urging import EXTENSIONS, NoRoomToExtend, extended, refuse_to_remind
from raincheck.web.submission import sentence_of


def why_no_extension(asked: RescheduleRequest, *, now: datetime) -> str:
    """Return why the deadline of an open request can't be moved; nothing where it can, by the shortest length at least."""
    policy = asked.practice.rules
    return _why_not(asked, partial(extended, asked.urged, EXTENSIONS[0], now=now, policy=policy), now=now)


def why_no_reminder(asked: RescheduleRequest, *, now: datetime) -> str:
    """Return why an open request can't be reminded of by hand; nothing where it can."""
    return _why_not(asked, partial(refuse_to_remind, asked.urged, now=now), now=now)


def deadline_after(asked: RescheduleRequest, length: timedelta, *, now: datetime) -> datetime | None:
    """Return the deadline that an extension brings; None where there is no room for it."""
    try:
        return extended(asked.urged, length, now=now, policy=asked.practice.rules)
    except NoRoomToExtend:
        return None


def _why_not(asked: RescheduleRequest, rule: Callable[[], object], *, now: datetime) -> str:
    try:
        with in_words(asked, now=now):
            rule()
    except Refusal as refusal:
        return sentence_of(refusal)
    return ""
