"""Reminders of an open request, and of an appointment: when they go out, by the client's day and well after the last word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from raincheck.domain.notifications import QUIET_FROM, is_quiet
from raincheck.domain.policy import DAYS_BEFORE, Policy

REMINDER_KEEPS_OFF = timedelta(hours=4)
"""A reminder due before, or this soon after, the prompt is dropped; one of an appointment after its time was told."""
EVENING = time(20)  # an hour before quiet begins: late enough to be at home, early enough to answer
LONGEST_NIGHT = timedelta(hours=13)
"""From 20:00 to the end of the quiet hours at 8:00, and an hour more where clocks are set back in it."""
FIRST_LOOK = DAYS_BEFORE + LONGEST_NIGHT
"""How long before its start an appointment is looked at first: no reminder of it is due any sooner."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """When a reminder goes out. At night it goes by e-mail only."""

    at: datetime
    email_only: bool


def reminders(deadline: datetime, *, prompted_at: datetime, zone: tzinfo, policy: Policy) -> list[Reminder]:
    """Return the reminders a request will get, soonest first.

    One due between 21:00 and 8:00 on the client's clock goes at 20:00 before, when that is still 4 h after the prompt;
    else at its own time by e-mail only. Two that would go at the same instant are one.
    """
    return _by_day(deadline, policy.reminders, soonest=prompted_at + REMINDER_KEEPS_OFF, zone=zone)


def appointment_reminders(
    start: datetime, before: Sequence[timedelta], *, told_at: datetime, looked_at: datetime, zone: tzinfo
) -> list[Reminder]:
    """Return the reminders so long `before` a start, soonest first, by the same day as those of a request.

    `told_at` is when its client last heard of the time: whoever has booked or moved it just now needs no reminder.
    An evening before `looked_at`, from when on the plan counts, is over: what a client's new zone puts there goes at its
    own time, by e-mail only.
    """
    soonest = told_at + REMINDER_KEEPS_OFF
    return _by_day(start, before, soonest=soonest, zone=zone, evenings_from=max(soonest, looked_at))


def _by_day(
    end: datetime,
    before: Iterable[timedelta],
    *,
    soonest: datetime,
    zone: tzinfo,
    evenings_from: datetime | None = None,
) -> list[Reminder]:
    planned = {}
    for left in before:
        # In UTC: within one zone Python subtracts by the wall clock, and over a clock change 24 h would be 23 or 25.
        at, email_only = end.astimezone(UTC) - left, False
        if is_quiet(at, zone=zone):
            local = at.astimezone(zone)
            evening = local.date() if local.time() >= QUIET_FROM else local.date() - timedelta(days=1)
            earlier = datetime.combine(evening, EVENING, tzinfo=zone).astimezone(UTC)
            # When no evening is left after the prompt: mail at night wakes nobody.
            email_only = earlier < (evenings_from or soonest)
            at = at if email_only else earlier
        if at >= soonest:
            # By instant: two that were put forward to the same evening are one.
            planned[at] = Reminder(at, email_only=email_only)
    return [planned[at] for at in sorted(planned)]


def first_reminder(
    deadline: datetime, *, prompted_at: datetime, zone: tzinfo, policy: Policy
) -> datetime | None:
    """Return when the first reminder is due, None when there is none."""
    planned = reminders(deadline, prompted_at=prompted_at, zone=zone, policy=policy)
    return planned[0].at if planned else None


def next_reminder(
    after: datetime, *, deadline: datetime, prompted_at: datetime, zone: tzinfo, policy: Policy
) -> datetime | None:
    """Return when the next reminder after an instant is due, None when that was the last."""
    planned = reminders(deadline, prompted_at=prompted_at, zone=zone, policy=policy)
    return next((reminder.at for reminder in planned if reminder.at > after), None)
