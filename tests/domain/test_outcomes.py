"""What may be said of a session, when, and until when it may be corrected."""

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.appointments.outcomes import (
    CORRECTABLE_FOR,
    NotBegun,
    Outcome,
    OverForGood,
    SaidMeanwhile,
    TooLateToCorrect,
    must_be_sayable,
    outcome_of,
)
from raincheck.domain.refusals import Refusal

START = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
SAID = START + timedelta(hours=1)


def refusal_of(
    outcome: Outcome, status: Status, seen: Status, first: datetime | None, now: datetime
) -> type[Refusal] | None:
    try:
        must_be_sayable(outcome, status=status, seen=seen, starts_at=START, first_said_at=first, now=now)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("outcome", "status", "seen", "first", "now", "refused"),
    [
        (Outcome.TOOK_PLACE, Status.SCHEDULED, Status.SCHEDULED, None, START, None),
        (Outcome.TOOK_PLACE, Status.SCHEDULED, Status.SCHEDULED, None, START - INSTANT, NotBegun),
        # Months later nobody has answered: the question stays.
        (Outcome.TOOK_PLACE, Status.SCHEDULED, Status.SCHEDULED, None, START + timedelta(days=200), None),
        # Two people say the same: there is nothing to object to. Two say different things: the second one hears of it.
        (Outcome.TOOK_PLACE, Status.COMPLETED, Status.SCHEDULED, SAID, SAID, None),
        (Outcome.CLIENT_ABSENT, Status.COMPLETED, Status.SCHEDULED, SAID, SAID, SaidMeanwhile),
        (Outcome.CLIENT_ABSENT, Status.COMPLETED, Status.COMPLETED, SAID, SAID, None),
        (Outcome.TOOK_PLACE, Status.CANCELLED, Status.CANCELLED, SAID, SAID, None),
        (Outcome.TOOK_PLACE, Status.CANCELLED, Status.SCHEDULED, None, SAID, OverForGood),
        (Outcome.CLIENT_ABSENT, Status.COMPLETED, Status.COMPLETED, SAID, SAID + CORRECTABLE_FOR - INSTANT, None),
        (Outcome.CLIENT_ABSENT, Status.COMPLETED, Status.COMPLETED, SAID, SAID + CORRECTABLE_FOR, TooLateToCorrect),
    ],
)  # fmt: skip
def test_what_may_be_said_of_a_session_and_when(
    outcome: Outcome,
    status: Status,
    seen: Status,
    first: datetime | None,
    now: datetime,
    refused: type[Refusal] | None,
) -> None:
    assert refusal_of(outcome, status, seen, first, now) is refused


def test_a_status_tells_what_was_said_once_somebody_has() -> None:
    assert [outcome_of(status, said=True) for status in Status if status is not Status.SCHEDULED] == [
        Outcome.TOOK_PLACE,
        Outcome.CLIENT_ABSENT,
        Outcome.PROVIDER_ABSENT,
        Outcome.CANCELLED_LATE,
    ]
    assert [outcome_of(status, said=False) for status in Status] == [None] * len(Status)
