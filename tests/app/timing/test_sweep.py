"""The sweep as a whole: what it does first, and that it may run at any time, as often as it likes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.app.appointments.test_appointments import hold
from tests.app.cast import NOW, Cast, new_york
from tests.app.engine.test_acting_once import everything
from tests.app.queued_looks import look_as_queued

from raincheck.actions.timing.quarantine import StoodStill
from raincheck.actions.timing.sweep import SweepFailed, sweep
from raincheck.data.appointments.claims import Hold
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + timedelta(minutes=1)


def test_a_reminder_that_cannot_be_written_stops_no_ending(cast: Cast) -> None:
    """Riley's zone has become unknown, so that no message can name a time; Maya's silence counts all the same."""
    cast.asked(cast.booked(client=cast.maya))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    asked_at = NOW + 30 * HOURS
    rileys = cast.asked(cast.booked(new_york(24, 14), now=asked_at), now=asked_at)
    RescheduleRequest.objects.filter(pk=rileys.pk).update(handed_over_at=asked_at, remind_at=RIPE)
    cast.riley.zone = "Mars/Base"
    cast.riley.save(update_fields=["zone"])
    assert sweep(now=RIPE) == {"request lapsed": 1, "set aside for a person": 1}
    assert list(RescheduleRequest.objects.order_by("pk").values_list("state", flat=True)) == [
        "lapsed",
        "open",
    ]


def test_p7_an_answer_has_the_same_grace_after_a_hold_as_after_a_deadline(
    cast: Cast,
) -> None:
    """However often sweeps come meanwhile: what was picked in the hold's last second may still be on its way."""
    request = cast.asked(cast.booked())
    end = request.deadline_at + timedelta(minutes=4)
    RescheduleRequest.objects.update(handed_over_at=NOW)
    hold(cast, new_york(27, 9), expires_at=end, request=request)
    grace = timedelta(minutes=1)
    swept = [sweep(now=end), sweep(now=end + grace / 2), sweep(now=end + grace), sweep(now=end + grace)]
    assert swept == [{}, {}, {"request lapsed": 1}, {}]
    assert not Hold.objects.exists()


def test_a_sweep_that_stood_still_changes_nothing_by_its_old_time(cast: Cast) -> None:
    cast.asked(cast.booked())
    cast.asked(cast.booked(new_york(25, 11), client=cast.maya))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    Client.objects.update(zone="Mars/Base")  # not even to set a row aside
    before = everything()
    with pytest.raises(SweepFailed) as failed:
        sweep(now=RIPE, real_now=None, still_fresh=lambda: False)
    assert {type(error) for error in failed.value.exceptions} == {StoodStill}
    assert everything() == before


def test_a_sweep_that_finds_nothing_changes_nothing(cast: Cast) -> None:
    cast.asked(cast.booked())
    look_as_queued(now=NOW)
    before = everything()
    assert (sweep(now=NOW), everything()) == ({}, before)


def test_a_second_sweep_at_the_same_time_changes_nothing(cast: Cast) -> None:
    cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    assert sweep(now=RIPE) == {"request lapsed": 2}
    before = everything()
    assert (sweep(now=RIPE), everything()) == ({}, before)
