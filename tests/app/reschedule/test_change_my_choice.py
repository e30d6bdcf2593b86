"""Change my choice: for a day after they chose, and until 2 h before it, a client moves the appointment once more, free."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, a_key, new_york
from tests.app.client_browser import Visitor, choosable, form_of, words
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.people import ActorKind

HOURS = timedelta(hours=1)
BUTTON = "Change my choice"
FRIDAY_AT_TEN = FRIDAY_AT_NINE + HOURS


@pytest.fixture
def request_of_riley(cast: Cast) -> RescheduleRequest:
    request = cast.asked(cast.booked())
    cast.pick(request)
    return RescheduleRequest.objects.get(pk=request.pk)


def page(request: RescheduleRequest) -> str:
    return f"{form_of(request)}change/"


def at(request: RescheduleRequest) -> datetime:
    return Appointment.objects.get(pk=request.appointment_id).starts_at


def test_a_client_moves_again_and_both_are_told(request_of_riley: RescheduleRequest) -> None:
    request, me, since = request_of_riley, Visitor(request_of_riley.batch), latest()
    done = me.get(form_of(request))
    assert BUTTON in words(done)
    assert f'action="{page(request)}"' in done.content.decode()
    choosing = me.get(page(request))
    assert words(choosing).startswith(
        "Move your appointment It is set for Friday, November 27 at 6:00 AM . You can move it until Tuesday, November 17 at 7:00 AM;"
    )
    # Neither the time it has nor the one that the provider could not make.
    assert {"Fri, Nov 27 6:00 AM", "Tue, Nov 24 8:00 AM"}.isdisjoint(choosable(choosing))
    for _time in range(2):
        response = me.pick(page(request), FRIDAY_AT_TEN, sequence="1")
        assert (response.status_code, response["Location"]) == (302, form_of(request))
    after = words(me.get(form_of(request)))
    assert "You're all set, Riley Before: Tuesday, November 24 at 8:00 AM Now:" in after
    assert ("Friday, November 27 at 7:00 AM" in after, BUTTON in after) == (True, True)
    assert told(since) == [
        "moved to client by email: waiting",
        "moved to provider by email: waiting",
        "moved to provider by in_app: handed_over",
    ]
    settled = RescheduleRequest.objects.get(pk=request.pk)
    assert (settled.state, settled.moved_to, at(request)) == ("moved", FRIDAY_AT_NINE, FRIDAY_AT_TEN)
    assert list(AppointmentHistory.objects.order_by("pk").values_list("event", "request")) == [
        ("booked", None),
        ("asked", request.pk),
        ("moved", request.pk),
        ("moved", None),
    ]


@pytest.mark.parametrize(
    ("after", "offered"), [(24 * HOURS, False), (24 * HOURS - timedelta(seconds=1), True)]
)
def test_a_choice_changes_for_a_day(
    request_of_riley: RescheduleRequest, after: timedelta, *, offered: bool
) -> None:
    me = Visitor(request_of_riley.batch, now=NOW + after)
    assert (BUTTON in words(me.get(form_of(request_of_riley)))) is offered
    me.pick(page(request_of_riley), FRIDAY_AT_TEN, sequence="1")
    assert at(request_of_riley) == (FRIDAY_AT_TEN if offered else FRIDAY_AT_NINE)


def test_a_choice_changes_until_two_hours_before_the_new_time(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    soon = new_york(17, 9)
    cast.pick(request, soon)
    settled = RescheduleRequest.objects.get(pk=request.pk)
    early, late = (
        Visitor(request.batch, now=soon - 2 * HOURS - timedelta(seconds=1)),
        Visitor(request.batch, now=soon - 2 * HOURS),
    )
    assert [BUTTON in words(who.get(form_of(settled))) for who in (early, late)] == [True, False]
    refused = late.pick(page(settled), FRIDAY_AT_TEN, sequence="1")
    assert refused.status_code == 409
    assert "It is too late to change your choice here, so your appointment stands as it was." in words(
        refused
    )


def test_what_a_client_chose_on_the_phone_changes_like_their_own_pick(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    verb = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    settled = RescheduleRequest.objects.get()
    assert settled.settled_by == ActorKind.PROVIDER
    visitor = Visitor(request.batch)
    assert BUTTON in words(visitor.get(form_of(request)))
    visitor.pick(page(settled), FRIDAY_AT_TEN, sequence="1")
    assert Appointment.objects.get().starts_at == FRIDAY_AT_TEN
    late = Visitor(request.batch, now=NOW + timedelta(hours=24))
    assert BUTTON not in words(late.get(form_of(request)))


def test_what_the_practice_has_changed_since_is_no_choice_any_more(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    row = Appointment.objects.get(pk=request_of_riley.appointment_id)
    details = Details(FRIDAY_AT_TEN, row.type_id, row.place_id, row.join_url)
    verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    me = Visitor(request_of_riley.batch)
    assert BUTTON not in words(me.get(form_of(request_of_riley)))
    assert me.pick(page(request_of_riley), FRIDAY_AT_NINE, sequence="2").status_code == 409


def test_a_time_that_was_just_taken_is_told_kindly(cast: Cast, request_of_riley: RescheduleRequest) -> None:
    me = Visitor(request_of_riley.batch)
    me.get(page(request_of_riley))
    cast.booked(FRIDAY_AT_TEN, client=cast.maya)
    refused = me.pick(page(request_of_riley), FRIDAY_AT_TEN, sequence="1")
    assert refused.status_code == 409
    assert "was just taken. Your appointment stands as it was." in words(refused)
    assert at(request_of_riley) == FRIDAY_AT_NINE


def test_nobody_goes_back_to_the_time_that_the_provider_cannot_make(
    request_of_riley: RescheduleRequest,
) -> None:
    me = Visitor(request_of_riley.batch)
    assert me.pick(page(request_of_riley), TUESDAY_AT_ELEVEN, sequence="1").status_code == 409
    assert at(request_of_riley) == FRIDAY_AT_NINE


def test_while_they_are_asked_again_the_new_question_is_what_counts(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    row = Appointment.objects.get(pk=request_of_riley.appointment_id)
    cast.asked(row, repeat_confirmed=True)
    me = Visitor(request_of_riley.batch)
    assert BUTTON not in words(me.get(form_of(request_of_riley)))
    refused = me.pick(page(request_of_riley), FRIDAY_AT_TEN, sequence="1")
    assert (refused.status_code, at(request_of_riley)) == (409, FRIDAY_AT_NINE)


def test_what_was_not_chosen_yet_is_chosen_on_its_own_page(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    me = Visitor(request.batch)
    for answer in (me.get(page(request)), me.pick(page(request), FRIDAY_AT_TEN, sequence="0")):
        assert (answer.status_code, answer["Location"]) == (
            302,
            f"/choose/{request.batch.ref}/#request-{request.ref}",
        )
    assert at(request) == TUESDAY_AT_ELEVEN


def test_a_changed_choice_changes_again_whatever_else_the_practice_has_changed(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    me = Visitor(request_of_riley.batch)
    me.pick(page(request_of_riley), FRIDAY_AT_TEN, sequence="1")
    row = Appointment.objects.get(pk=request_of_riley.appointment_id)
    details = Details(FRIDAY_AT_TEN, row.type_id, row.place_id, "https://meet.example/other")
    verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    assert BUTTON in words(me.get(form_of(request_of_riley)))
    again = Visitor(request_of_riley.batch)
    assert again.pick(page(request_of_riley), FRIDAY_AT_NINE, sequence="3").status_code == 302
    assert at(request_of_riley) == FRIDAY_AT_NINE
