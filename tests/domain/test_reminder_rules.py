"""When a client is reminded of a request: before the deadline, by their day, and well after the prompt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from raincheck.domain.policy import Policy
from raincheck.domain.reminders import Reminder, first_reminder, next_reminder, reminders

HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)
NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
POLICY = Policy()


def at_los_angeles(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOS_ANGELES).astimezone(UTC)


def planned(
    deadline: datetime, *, prompted_at: datetime, zone: tzinfo = LOS_ANGELES
) -> list[tuple[datetime, bool]]:
    found = reminders(deadline, prompted_at=prompted_at, zone=zone, policy=POLICY)
    return [(reminder.at, reminder.email_only) for reminder in found]


LONG_AGO = at_los_angeles(1, 12)


@pytest.mark.parametrize(
    ("deadline", "prompted_at", "expected"),
    [
        # By day both go at their time.
        (
            at_los_angeles(18, 12),
            at_los_angeles(16, 12),
            [(at_los_angeles(17, 12), False), (at_los_angeles(18, 8), False)],
        ),
        # Due at night they go at 20:00 before.
        (
            at_los_angeles(18, 7),
            at_los_angeles(16, 7),
            [(at_los_angeles(16, 20), False), (at_los_angeles(17, 20), False)],
        ),
        # The edges of the night: 8:00 and 20:59 are day, 7:59 and 21:00 are night.
        (
            at_los_angeles(18, 8),
            LONG_AGO,
            [(at_los_angeles(17, 8), False), (at_los_angeles(17, 20), False)],
        ),
        (
            at_los_angeles(18, 7, 59),
            LONG_AGO,
            [(at_los_angeles(16, 20), False), (at_los_angeles(17, 20), False)],
        ),
        (
            at_los_angeles(18, 20, 59),
            LONG_AGO,
            [(at_los_angeles(17, 20, 59), False), (at_los_angeles(18, 16, 59), False)],
        ),
        (
            at_los_angeles(18, 21),
            LONG_AGO,
            [(at_los_angeles(17, 20), False), (at_los_angeles(18, 17), False)],
        ),
        # 20:00 before must be four hours after the prompt; else the reminder goes by e-mail at its own time.
        (
            at_los_angeles(18, 6),
            at_los_angeles(16, 16),
            [(at_los_angeles(16, 20), False), (at_los_angeles(17, 20), False)],
        ),
        (
            at_los_angeles(18, 6),
            at_los_angeles(16, 16) + INSTANT,
            [(at_los_angeles(17, 6), True), (at_los_angeles(17, 20), False)],
        ),
        # Due before the prompt, or less than four hours after it, they are dropped.
        (
            at_los_angeles(18, 12),
            at_los_angeles(17, 8),
            [(at_los_angeles(17, 12), False), (at_los_angeles(18, 8), False)],
        ),
        (at_los_angeles(18, 12), at_los_angeles(17, 8) + INSTANT, [(at_los_angeles(18, 8), False)]),
        (at_los_angeles(18, 12), at_los_angeles(17, 13), [(at_los_angeles(18, 8), False)]),
        (at_los_angeles(18, 12), at_los_angeles(18, 4), [(at_los_angeles(18, 8), False)]),
        (at_los_angeles(18, 12), at_los_angeles(18, 4) + INSTANT, []),
    ],
)
def test_reminders_are_due_24_and_4_hours_before_the_deadline_but_by_day(
    deadline: datetime, prompted_at: datetime, expected: list[tuple[datetime, bool]]
) -> None:
    assert planned(deadline, prompted_at=prompted_at) == expected


def test_hours_before_a_deadline_are_elapsed_when_the_clocks_change() -> None:
    """The clocks in Los Angeles go back on November 1: 24 hours before 15:00 it was 16:00 there."""
    deadline = at_los_angeles(1, 15)
    expected = [(deadline - 24 * HOUR, False), (deadline - 4 * HOUR, False)]
    assert deadline - 24 * HOUR == datetime(2026, 10, 31, 16, tzinfo=LOS_ANGELES)
    for instant in (deadline, deadline.astimezone(LOS_ANGELES)):
        assert planned(instant, prompted_at=deadline - 48 * HOUR) == expected


def test_the_evening_before_is_the_readers_own() -> None:
    """Midnight in New York is 9 PM in Los Angeles and noon of the next day in Seoul."""
    deadline = datetime(2026, 11, 19, 0, tzinfo=NEW_YORK).astimezone(UTC)
    first = {
        zone: planned(deadline, prompted_at=LONG_AGO, zone=ZoneInfo(zone))[0][0]
        for zone in ("America/Los_Angeles", "America/New_York", "Asia/Seoul")
    }
    assert first == {
        "America/Los_Angeles": at_los_angeles(17, 20),
        "America/New_York": datetime(2026, 11, 17, 20, tzinfo=NEW_YORK),
        "Asia/Seoul": deadline - 24 * HOUR,
    }


def test_the_first_and_the_next_reminder_are_those_of_the_plan() -> None:
    deadline, prompted_at = at_los_angeles(18, 12), at_los_angeles(16, 12)
    about = {"prompted_at": prompted_at, "zone": LOS_ANGELES, "policy": POLICY}
    [first, second] = reminders(deadline, **about)  # type: ignore[arg-type]
    assert first == Reminder(at_los_angeles(17, 12), email_only=False)
    assert first_reminder(deadline, **about) == first.at  # type: ignore[arg-type]

    def after(instant: datetime) -> datetime | None:
        return next_reminder(instant, deadline=deadline, **about)  # type: ignore[arg-type]

    assert [after(first.at - INSTANT), after(first.at), after(second.at - INSTANT), after(second.at)] == [
        first.at,
        second.at,
        second.at,
        None,
    ]
    assert first_reminder(prompted_at + 4 * HOUR, **about) is None  # type: ignore[arg-type]
