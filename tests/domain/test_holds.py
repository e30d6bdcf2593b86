"""The rules of holds: how many at once, how often renewed, and never begun after the deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.holds import (
    Held,
    HeldAsLongAsCanBe,
    HoldEnded,
    HoldingIsOver,
    TooManyHeld,
    may_renew,
    refuse_to_hold,
    refuse_to_renew,
)

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DEADLINE = NOW + 3600 * SECOND


@pytest.mark.parametrize(
    ("others", "now", "refused"),
    [
        (0, NOW, None),
        (1, DEADLINE - SECOND, None),
        (2, NOW, TooManyHeld),
        (0, DEADLINE, HoldingIsOver),
        (2, DEADLINE, HoldingIsOver),
    ],
)
def test_a_client_holds_two_times_and_none_from_the_deadline_on(
    others: int, now: datetime, refused: type[Refusal] | None
) -> None:
    def look() -> None:
        refuse_to_hold(others=others, deadline_at=DEADLINE, now=now)

    if refused is None:
        look()
    else:
        with pytest.raises(refused):
            look()


@pytest.mark.parametrize(
    ("held", "now", "refused"),
    [
        (Held(NOW + SECOND, 0), NOW, None),
        (Held(NOW + SECOND, 9), NOW, None),
        (Held(NOW + SECOND, 10), NOW, HeldAsLongAsCanBe),
        (Held(NOW, 0), NOW, HoldEnded),
        (None, NOW, HoldEnded),
        (Held(DEADLINE + SECOND, 0), DEADLINE - SECOND, None),
        (Held(DEADLINE + SECOND, 0), DEADLINE, HoldingIsOver),
    ],
)
def test_a_live_hold_is_renewed_ten_times_and_not_after_the_deadline(
    held: Held | None, now: datetime, refused: type[Refusal] | None
) -> None:
    def look() -> None:
        refuse_to_renew(held, deadline_at=DEADLINE, now=now)

    if refused is None:
        look()
    else:
        with pytest.raises(refused):
            look()
    if held is not None:
        assert may_renew(held, deadline_at=DEADLINE, now=now) is (refused is None)
