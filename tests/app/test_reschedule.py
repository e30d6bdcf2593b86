"""The life of a request, from the ask to each of its endings."""

from __future__ import annotations

from datetime import datetime

from tests.app.cast import FRIDAY_AT_NINE, TUESDAY_AT_ELEVEN, Cast

from raincheck.data.appointments import Appointment


def test_a_pick_moves_the_appointment(cast: Cast, now: datetime) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    assert cast.pick(request) == {"request": str(request.ref), "state": "moved"}
    moved = Appointment.objects.get(pk=appointment.pk)
    assert (moved.status, moved.starts_at, moved.ical_uid, moved.ical_sequence) == (
        "scheduled",
        FRIDAY_AT_NINE,
        appointment.ical_uid,
        1,
    )
    assert appointment.starts_at == TUESDAY_AT_ELEVEN
