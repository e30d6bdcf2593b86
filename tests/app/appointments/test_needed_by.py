"""A day by which a session is needed: who may set it and see why, what is offered first, what silence does, what is a task."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, new_york
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.notifications.test_series_entries import weekly
from tests.app.sent_notifications import latest, told
from tests.app.staff_browser import errors, okafor, scheduler, section

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.appointments.needed_by import set_needed_by
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.appointments.self_service import cancel_own_appointment, move_own_appointment
from raincheck.actions.appointments.series_changes import change_series
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.actions.reschedule.choice import change_choice
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.series import Scope
from raincheck.domain.people import SYSTEM

HOUR = timedelta(hours=1)
WEDNESDAY = date(2026, 11, 25)
"""The day after that of Riley's session."""


def needed(appointment: Appointment, day: date = WEDNESDAY, why: str | None = None) -> Appointment:
    Appointment.objects.filter(pk=appointment.pk).update(needed_by=day, needed_for=why)
    appointment.refresh_from_db()
    return appointment


def kept(appointment: Appointment) -> tuple[date | None, str | None]:
    appointment.refresh_from_db()
    return appointment.needed_by, appointment.needed_for


def address(appointment: Appointment) -> str:
    return f"/appointments/{appointment.ref}/needed-by/"


def tasks() -> list[str]:
    return [task.kind for task in Task.objects.filter(done_at__isnull=True)]


def test_a_provider_says_by_when_a_session_is_needed_and_nobody_is_written_to(cast: Cast) -> None:
    appointment, since = cast.booked(), latest()
    me = okafor()
    assert "Needed by no day set · Set a day" in words(me.get(f"/appointments/{appointment.ref}/"))
    sent = me.post(address(appointment), needed_by="2026-11-25", needed_for="refill")
    assert sent.status_code == 302
    assert "Saved: Riley Brooks, Tue, Nov 24 · 11:00 – 11:50 AM. Nobody was written to." in words(
        me.get(sent["Location"])
    )
    assert (kept(appointment), told(since)) == ((WEDNESDAY, "refill"), [])
    details = words(me.get(f"/appointments/{appointment.ref}/"))
    assert "Needed by Wednesday, November 25 · Refill of medicine · Change the day" in details
    assert "You changed the day by which it is needed." in details
    history = AppointmentHistory.objects.filter(event="needed_by")
    assert [row.details for row in history] == [{"needed_by": "2026-11-25"}]


def test_schedulers_set_the_day_without_seeing_why_and_leave_that_as_it_is(cast: Cast) -> None:
    appointment = needed(cast.booked(), why="court")
    pia = scheduler(cast)
    shown = words(pia.get(address(appointment)))
    assert ("Why" in shown, "Court date" in words(pia.get(f"/appointments/{appointment.ref}/"))) == (
        False,
        False,
    )
    assert pia.post(address(appointment), needed_by="2026-11-27").status_code == 302
    assert kept(appointment) == (date(2026, 11, 27), "court")
    assert pia.post(address(appointment), needed_by="").status_code == 302
    assert kept(appointment) == (None, None)


@pytest.mark.parametrize(
    ("day", "why", "sentence"),
    [
        ("2026-11-15", "", "This day is over. Nothing was changed; please choose today or a later day."),
        (
            "",
            "court",
            "There is a reason but no day. Nothing was changed; please choose the day, or take the reason out, too.",
        ),
        ("soon", "court", "We can't read this date. Please write it like 2026-11-24."),
    ],
)
def test_a_day_that_makes_no_sense_is_said_at_its_field(
    cast: Cast, day: str, why: str, sentence: str
) -> None:
    appointment, me = cast.booked(), okafor()
    refused = me.post(address(appointment), needed_by=day, needed_for=why)
    assert refused.status_code == 422
    assert errors(refused) == [sentence]
    assert kept(appointment) == (None, None)


def test_times_on_or_before_the_day_are_shown_first(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))

    def nearest() -> list[str]:
        return choosable(Visitor(request.batch).get(page_of(request)))[:5]

    free = nearest()
    assert sorted({name[:11] for name in free}) == ["Mon, Nov 23", "Tue, Nov 24"]
    needed(request.appointment, date(2026, 11, 23))
    assert [name[:11] for name in nearest()] == ["Mon, Nov 23"] * 5
    # Where nothing is open by then, the rest is shown as ever.
    needed(request.appointment, date(2026, 11, 16))
    assert nearest() == free


def test_silence_cancels_nothing_of_what_is_needed(cast: Cast) -> None:
    request = handed_over(cast.asked(needed(cast.booked())))
    assert request.spared
    sweep(now=request.deadline_at + 2 * HOUR)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "spared")


def test_a_day_that_is_set_while_a_client_is_asked_spares_them_and_says_so(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    prompt = Notification.objects.get(kind="asked", channel="email")
    run_command(partial(begin_attempt, prompt.pk, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
    since, me = latest(), okafor(NOW + HOUR)
    sent = me.post(address(request.appointment), needed_by="2026-11-25", needed_for="")
    assert "Riley is told that an open request no longer cancels anything by itself." in words(
        me.get(sent["Location"])
    )
    request.refresh_from_db()
    assert (request.spared, told(since)) == (True, ["spared to client by email: waiting"])


def test_a_later_pick_and_a_cancellation_by_the_client_are_tasks(cast: Cast) -> None:
    late = handed_over(cast.asked(needed(cast.booked())))
    Visitor(late.batch).pick(form_of(late), FRIDAY_AT_NINE)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE
    assert tasks() == ["needed_by"]
    said = section(okafor(NOW + HOUR).get("/home/"), "Tasks")
    assert "Riley chose a later day: this session was needed by Wednesday, November 25." in said
    declined = handed_over(cast.asked(needed(cast.booked(new_york(24, 14), client=cast.maya))))
    cast.decline(declined)
    assert tasks() == ["needed_by", "needed_by"]
    said = section(okafor(NOW + HOUR).get("/home/"), "Tasks")
    assert "Maya canceled a session that was needed by Wednesday, November 25." in said


def test_a_pick_in_time_and_one_by_the_practice_are_no_task(cast: Cast) -> None:
    in_time = handed_over(cast.asked(needed(cast.booked())))
    Visitor(in_time.batch).pick(form_of(in_time), new_york(25, 9))
    by_phone = cast.asked(needed(cast.booked(new_york(24, 14), client=cast.maya)))
    pick = partial(pick_new_time, by_phone.ref, start=FRIDAY_AT_NINE, by=cast.by_okafor, now=NOW)
    run_command(pick, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert sorted(RescheduleRequest.objects.values_list("state", flat=True)) == ["moved", "moved"]
    assert tasks() == []


def test_a_choice_that_is_changed_to_a_later_day_is_a_task(cast: Cast) -> None:
    request = handed_over(cast.asked(needed(cast.booked())))
    cast.pick(request, new_york(25, 9))
    assert tasks() == []
    change = partial(
        change_choice, request.ref, start=FRIDAY_AT_NINE, sequence=1, by=cast.by_riley, now=NOW + HOUR
    )
    run_command(change, key=None, body={}, by=cast.by_riley, now=NOW + HOUR)
    assert tasks() == ["needed_by"]


def test_what_clients_move_and_cancel_by_themselves_is_looked_at_alike(cast: Cast) -> None:
    appointment, now = needed(cast.booked()), NOW + HOUR
    move = partial(
        move_own_appointment, appointment.ref, start=FRIDAY_AT_NINE, sequence=0, by=cast.by_riley, now=now
    )
    run_command(move, key=None, body={}, by=cast.by_riley, now=now)
    assert tasks() == ["needed_by"]
    okafor(now).post(address(appointment), needed_by="2026-11-27")
    assert tasks() == []
    cancel = partial(cancel_own_appointment, appointment.ref, sequence=1, by=cast.by_riley, now=now)
    run_command(cancel, key=None, body={}, by=cast.by_riley, now=now)
    assert tasks() == ["needed_by"]


def put_back(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    cast.decline(request)
    return partial(reinstate, request.appointment.ref)


def moved_by_staff(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    cast.pick(request)
    row = request.appointment
    details = Details(new_york(25, 9), row.type_id, row.place_id, row.join_url)
    return partial(change_appointment_details, row.ref, details=details)


def agreed_while_asked_again(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    again = moved_by_staff(cast, request)
    cast.asked(Appointment.objects.get(pk=request.appointment_id), repeat_confirmed=True)
    return again


def chosen_anew(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    cast.pick(request)
    return partial(change_choice, request.ref, start=new_york(25, 9), sequence=1)


@pytest.mark.parametrize("how", [put_back, moved_by_staff, agreed_while_asked_again, chosen_anew])
def test_what_is_early_enough_again_needs_nobody_to_look(
    cast: Cast, how: Callable[[Cast, RescheduleRequest], partial[Answer]]
) -> None:
    request = handed_over(cast.asked(needed(cast.booked())))
    verb = how(cast, request)
    assert tasks() == ["needed_by"]
    by, now = (cast.by_riley if how is chosen_anew else cast.by_okafor), NOW + HOUR
    run_command(partial(verb, by=by, now=now), key=None, body={}, by=by, now=now)
    assert tasks() == []


def done(cast: Cast, verb: Callable[..., Answer], *, client: bool = False) -> None:
    by = cast.by_riley if client else cast.by_okafor
    run_command(partial(verb, by=by, now=NOW), key=None, body={}, by=by, now=NOW)


def test_what_moves_early_enough_with_its_series_needs_nobody_to_look(cast: Cast) -> None:
    row = needed(weekly(cast, count=2)[0])
    done(cast, partial(move_own_appointment, row.ref, start=FRIDAY_AT_NINE, sequence=0), client=True)
    assert tasks() == ["needed_by"]
    details = Details(new_york(25, 9), row.type_id, row.place_id, row.join_url)
    done(cast, partial(change_series, row.ref, scope=Scope.FOLLOWING, details=details))
    assert tasks() == []


def test_what_an_undo_puts_back_early_enough_needs_nobody_to_look(cast: Cast) -> None:
    cast.choose()
    row = needed(cast.booked())
    done(cast, partial(move_own_appointment, row.ref, start=FRIDAY_AT_NINE, sequence=0), client=True)
    details = Details(new_york(30, 9), row.type_id, row.place_id, row.join_url)
    done(cast, partial(change_appointment_details, row.ref, details=details))
    done(cast, partial(set_needed_by, row.ref, needed_by=date(2026, 11, 27), needed_for=None))
    assert tasks() == ["needed_by"]
    done(cast, partial(undo_change, row.ref, sequence=2))
    assert tasks() == []
