"""P14: forms that have acted get their first answer again, whatever their own checks would say of them by then."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from tests.app.cast import Cast, new_york, time_off
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleRequest

WEDNESDAY = {"first_day": "2026-11-25", "first_time": "12:00", "last_day": "2026-11-25", "last_time": "17:00"}


class Form:
    """A form that can be sent again as it was."""

    def __init__(self, address: str, *, by: StaffBrowser | None = None, **said: Any) -> None:
        self.address, self.said, self.by = address, said, by or okafor()
        self.key = str(uuid4())

    def sent(self) -> tuple[int, str]:
        answer = self.answer()
        return answer.status_code, answer.headers.get("Location", "")

    def answer(self) -> HttpResponse:
        return self.by.post(self.address, key=self.key, **self.said)


def changing(cast: Cast, appointment: Appointment, **other: str) -> dict[str, str]:
    return {
        "day": "2026-11-24",
        "time": "11:00",
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "sequence": str(Appointment.objects.get(pk=appointment.pk).ical_sequence),
        **other,
    }


def test_p14_an_ask_for_all_until_a_day_has_none_left_to_ask_about(cast: Cast) -> None:
    first = cast.booked()
    cast.booked(new_york(1, 11, month=12))
    said = {"appointments": [str(first.ref)], "reason": "travel", "until": "2026-12-08"}
    form = Form(f"/appointments/{first.ref}/ask/", **said)
    done = (302, "/appointments/?view=calendar&date=2026-11-24")
    assert [form.sent(), form.sent()] == [done, done]
    assert "Riley is asked to choose new times for 2 appointments." in words(form.by.get(done[1]))
    assert RescheduleRequest.objects.count() == 2


def test_p14_an_ask_that_blocked_its_time_is_asked_nothing_of_what_came_inside(cast: Cast) -> None:
    appointment = cast.booked()
    block = {
        "block": "on",
        "first_day": "2026-11-24",
        "first_time": "11:00",
        "last_day": "2026-11-24",
        "last_time": "15:00",
    }
    said = {"appointments": [str(appointment.ref)], "reason": "travel", **block}
    form = Form(f"/appointments/{appointment.ref}/ask/", **said)
    first = form.sent()
    OutOfOffice.objects.all().delete()  # opened again, and booked
    cast.booked(new_york(24, 13), client=cast.maya)
    assert (first[0], form.sent(), RescheduleRequest.objects.count()) == (302, first, 1)


def test_p14_a_saved_change_is_asked_nothing_of_its_time_since(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    to_friday = changing(cast, appointment, day="2026-11-27", time="09:00")
    form = Form(f"/appointments/{appointment.ref}/change/", **to_friday)
    assert form.sent() == (302, "/appointments/?view=calendar&date=2026-11-27")
    back = Form(f"/appointments/{appointment.ref}/change/", by=work, **changing(cast, appointment))
    assert back.sent()[0] == 302
    time_off(cast.okafor, starts_at=new_york(27, 8), ends_at=new_york(27, 17))
    assert form.sent() == (302, "/appointments/?view=calendar&date=2026-11-24")
    assert Appointment.objects.get(pk=appointment.pk).starts_at == appointment.starts_at


def test_p14_a_cancellation_is_offered_no_ask_once_it_has_acted(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment)
    said = {"reason": "provider_unavailable", "sequence": str(appointment.ical_sequence)}
    form = Form(f"/appointments/{appointment.ref}/cancel/", **said)
    done = (302, "/appointments/?view=calendar&date=2026-11-24")
    assert form.sent() == done
    sequence = Appointment.objects.get(pk=appointment.pk).ical_sequence
    back = Form(f"/appointments/{appointment.ref}/reinstate/", sequence=str(sequence))
    assert back.sent()[0] == 302
    assert form.sent() == done
    assert Appointment.objects.get(pk=appointment.pk).status == "scheduled"


def test_p14_time_that_was_blocked_is_asked_nothing_of_what_came_inside(cast: Cast) -> None:
    form = Form("/appointments/block/", **WEDNESDAY)
    first = form.sent()
    cast.booked(new_york(25, 13), client=cast.maya)
    assert (first[0], form.sent(), OutOfOffice.objects.count()) == (302, first, 1)


def test_p14_a_changed_block_is_asked_nothing_of_what_came_inside(cast: Cast) -> None:
    row = time_off(cast.okafor, starts_at=new_york(25, 12), ends_at=new_york(25, 13))
    form = Form(f"/time-off/{row.ref}/", **WEDNESDAY)
    first = form.sent()
    cast.booked(new_york(25, 14), client=cast.maya)
    assert (first[0], form.sent()) == (302, first)
