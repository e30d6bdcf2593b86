"""Why an appointment was cancelled, and whether that may cost anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from raincheck.domain.appointments.lifecycle import (
    CancelledWhy,
    CancelReason,
    Status,
    cancelled_why,
    fee_allowed,
)

START = datetime(2026, 11, 24, 16, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (CancelReason.CLINICAL, CancelledWhy.PROVIDER_CLINICAL),
        (CancelReason.NO_LONGER_NEEDED, CancelledWhy.NO_LONGER_NEEDED),
        (CancelReason.UNAVAILABLE, CancelledWhy.PROVIDER_UNAVAILABLE),
        (CancelReason.OTHER, CancelledWhy.PROVIDER_OTHER),
    ],
)
@pytest.mark.parametrize("ahead", [INSTANT, 100 * HOUR])
@pytest.mark.parametrize("waived", [True, False])
def test_a_reason_of_the_practice_is_the_same_however_late(
    reason: CancelReason, why: CancelledWhy, ahead: timedelta, waived: bool
) -> None:
    assert cancelled_why(reason, start=START, now=START - ahead, cut_off=24 * HOUR, waived=waived) is why


@pytest.mark.parametrize(
    ("ahead", "cut_off", "waived", "why"),
    [
        (24 * HOUR, 24 * HOUR, False, CancelledWhy.CLIENT),
        (24 * HOUR - INSTANT, 24 * HOUR, False, CancelledWhy.CLIENT_LATE),
        (24 * HOUR - INSTANT, 24 * HOUR, True, CancelledWhy.CLIENT),
        (INSTANT, 24 * HOUR, False, CancelledWhy.CLIENT_LATE),
        (INSTANT, 0 * HOUR, False, CancelledWhy.CLIENT),
        (71 * HOUR, 72 * HOUR, False, CancelledWhy.CLIENT_LATE),
    ],
)
def test_a_client_who_asks_inside_the_cut_off_is_late_unless_it_is_waived(
    ahead: timedelta, cut_off: timedelta, waived: bool, why: CancelledWhy
) -> None:
    said = cancelled_why(
        CancelReason.CLIENT_ASKED, start=START, now=START - ahead, cut_off=cut_off, waived=waived
    )
    assert said is why


CHARGED = {
    (Status.CANCELLED, CancelledWhy.CLIENT_LATE, False),
    (Status.CLIENT_NO_SHOW, None, False),
}
"""Of everything that can be, only these may cost a fee: not a time that was asked about, nor where the payer forbids it."""


@pytest.mark.parametrize(
    ("status", "why", "asked_about"),
    [
        *((Status.CANCELLED, why, asked) for why, asked in product(CancelledWhy, (True, False))),
        *((status, None, asked) for status, asked in product(Status, (True, False)) if status != "cancelled"),
    ],
)
def test_a_fee_is_allowed_for_a_late_cancellation_and_a_no_show_only(
    status: Status, why: CancelledWhy | None, asked_about: bool
) -> None:
    may, forbidden = (
        fee_allowed(status=status, why=why, time_was_asked_about=asked_about, payer_forbids_fees=forbids)
        for forbids in (False, True)
    )
    assert (may, forbidden) == ((status, why, asked_about) in CHARGED, False)
