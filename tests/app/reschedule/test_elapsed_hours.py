"""P16: 48 hours are elapsed hours, from the ask to the sweep, over both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.app.cast import NEW_YORK, Cast

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest

HOURS = timedelta(hours=1)
GRACE = timedelta(minutes=1)
CHANGES = {
    "spring": (datetime(2027, 3, 12, 12, tzinfo=NEW_YORK), "2027-03-14 13:00"),
    "autumn": (datetime(2026, 10, 30, 12, tzinfo=NEW_YORK), "2026-11-01 11:00"),
}
"""An ask on Friday noon before the night in which the clocks change, and what they show 48 hours later."""


@pytest.mark.parametrize("zone", [UTC, NEW_YORK], ids=["in UTC", "in New York"])
@pytest.mark.parametrize(("asked_at", "shown"), list(CHANGES.values()), ids=list(CHANGES))
def test_p16_silence_cancels_after_48_elapsed_hours(
    cast: Cast, asked_at: datetime, shown: str, zone: object
) -> None:
    asked_at = asked_at.astimezone(zone)  # type: ignore[arg-type]
    in_utc = asked_at.astimezone(UTC)
    appointment = cast.booked(in_utc + 11 * 24 * HOURS, now=in_utc)
    request = cast.asked(appointment, now=asked_at)
    RescheduleRequest.objects.update(handed_over_at=in_utc)
    assert request.deadline_at == in_utc + 48 * HOURS
    assert f"{request.deadline_at.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == shown
    almost = in_utc + 48 * HOURS + GRACE - timedelta(microseconds=1)
    assert sweep(now=almost)["request lapsed"] == 0
    assert sweep(now=in_utc + 48 * HOURS + GRACE)["request lapsed"] == 1
    assert Appointment.objects.get().cancelled_why == "reschedule_unanswered"
