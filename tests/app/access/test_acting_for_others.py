"""Who acts for whom: staff in a client's place, managers in a provider's; each is written down, and the others are told."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, new_york
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import none_work, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import Reason


@pytest.fixture
def by_sasha(cast: Cast) -> Actor:
    """The practice's manager."""
    user = User.objects.create_user("sasha@harbor.example", name="Sasha Lindqvist")
    manager = Membership.objects.create(practice=cast.practice, user=user, role="manager")
    return Actor(ActorKind.MANAGER, manager.pk)


def picked(request: RescheduleRequest, *, by: Actor) -> Answer:
    verb = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=by, now=NOW)
    return run_command(verb, key=None, body={}, by=by, now=NOW)


def agreed(appointment: Appointment, *, by: Actor) -> Answer:
    """Give an appointment a new time by Change appointment details."""
    details = Details(
        FRIDAY_AT_NINE, appointment.type_id, appointment.place_id, join_url=appointment.join_url
    )
    verb = partial(change_appointment_details, appointment.ref, details=details, by=by, now=NOW)
    return run_command(verb, key=None, body={}, by=by, now=NOW)


def last_row(appointment: Appointment) -> tuple[str, str, int | None, int | None]:
    row = AppointmentHistory.objects.filter(appointment=appointment).latest("pk")
    return row.event, row.actor_kind, row.actor, row.for_client


def test_a_pick_by_phone_is_by_the_provider_for_the_client(cast: Cast) -> None:
    appointment = cast.booked()
    picked(cast.asked(appointment), by=cast.by_okafor)
    assert last_row(appointment) == ("moved", "provider", cast.okafor.pk, cast.riley.pk)


def test_a_new_time_by_the_details_form_is_by_the_provider_for_the_client_as_well(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment)
    agreed(appointment, by=cast.by_okafor)
    assert last_row(appointment) == ("moved", "provider", cast.okafor.pk, cast.riley.pk)


def test_a_new_time_that_nobody_was_asked_for_is_the_providers_own_act(cast: Cast) -> None:
    appointment = cast.booked()
    agreed(appointment, by=cast.by_okafor)
    assert last_row(appointment) == ("details_changed", "provider", cast.okafor.pk, None)


def test_a_client_picks_for_themselves(cast: Cast) -> None:
    appointment = cast.booked()
    cast.pick(cast.asked(appointment))
    assert last_row(appointment) == ("moved", "client_by_link", cast.riley.pk, None)


def test_a_manager_picks_for_the_client_too(cast: Cast, by_sasha: Actor) -> None:
    appointment = cast.booked()
    picked(cast.asked(appointment), by=by_sasha)
    assert last_row(appointment) == ("moved", "manager", by_sasha.who, cast.riley.pk)


def asked(cast: Cast, *appointments: Appointment, by: Actor) -> RescheduleRequest:
    ask = Ask([row.ref for row in appointments], Reason.TRAVEL)
    verb = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=by, now=NOW)
    run_command(verb, key=None, body={}, by=by, now=NOW)
    return RescheduleRequest.objects.get(appointment=appointments[0], state="open")


def test_a_managers_ask_tells_the_provider(cast: Cast, by_sasha: Actor) -> None:
    appointment = cast.booked()
    since = latest()
    asked(cast, appointment, by=by_sasha)
    assert told(since) == ["asked to client by email: waiting", "asked to provider by in_app: handed_over"]
    assert Notification.objects.get(kind="asked", channel="in_app").seen_at is None


def test_a_providers_own_ask_is_no_news_to_them(cast: Cast) -> None:
    asked(cast, cast.booked(), by=cast.by_okafor)
    assert Notification.objects.get(kind="asked", channel="in_app").seen_at == NOW


MOVED = [
    "moved to client by email: waiting",
    "moved to provider by email: waiting",
    "moved to provider by in_app: handed_over",
]


def test_answers_to_a_managers_ask_go_to_both(cast: Cast, by_sasha: Actor) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    request = asked(cast, first, second, by=by_sasha)
    since = latest()
    said = partial(none_work, request.batch, words="Only evenings.", by=cast.by_riley, now=NOW)
    run_command(said, key=None, body={}, by=cast.by_riley, now=NOW)
    assert told(since) == [
        "none_work to provider by email: waiting",
        "none_work to provider by in_app: handed_over",
        "none_work to manager by email: waiting",
    ]
    since = latest()
    cast.pick(request)
    assert told(since) == [*MOVED, "moved to manager by email: waiting"]
    since = latest()
    cast.decline(RescheduleRequest.objects.get(appointment=second))
    assert told(since)[-1] == "declined to manager by email: waiting"
    assert {row.user.email for row in Notification.objects.filter(user__isnull=False)} == {
        "sasha@harbor.example"
    }


def test_a_manager_is_not_mailed_about_their_own_pick(cast: Cast, by_sasha: Actor) -> None:
    request = asked(cast, cast.booked(), by=by_sasha)
    since = latest()
    picked(request, by=by_sasha)
    assert told(since) == MOVED


def test_a_provider_who_answers_a_managers_ask_tells_the_manager(cast: Cast, by_sasha: Actor) -> None:
    request = asked(cast, cast.booked(), by=by_sasha)
    since = latest()
    picked(request, by=cast.by_okafor)
    assert told(since) == [
        "moved to client by email: waiting",
        "moved to provider by in_app: handed_over",
        "moved to manager by email: waiting",
    ]


def test_answers_to_a_providers_ask_stay_with_the_provider(cast: Cast, by_sasha: Actor) -> None:
    request = asked(cast, cast.booked(), by=cast.by_okafor)
    since = latest()
    cast.pick(request)
    assert told(since) == MOVED


def test_a_manager_who_left_is_told_nothing(cast: Cast, by_sasha: Actor) -> None:
    request = asked(cast, cast.booked(), by=by_sasha)
    user = User.objects.create_user("noor@harbor.example", name="Noor Lead")
    Membership.objects.create(practice=cast.practice, user=user, role="manager")
    Membership.objects.filter(pk=by_sasha.who).update(ended_at=NOW)
    since = latest()
    cast.pick(request)
    assert told(since) == MOVED


def test_nobody_is_mailed_about_their_own_act_and_everybody_about_a_managers(
    cast: Cast, by_sasha: Actor
) -> None:
    wanted = {
        cast.by_okafor.kind: [
            "cancelled to client by email: waiting",
            "cancelled to provider by in_app: handed_over",
        ],
        by_sasha.kind: [
            "cancelled to client by email: waiting",
            "cancelled to provider by email: waiting",
            "cancelled to provider by in_app: handed_over",
        ],
    }
    for by in (cast.by_okafor, by_sasha):
        appointment = cast.booked()
        since = latest()
        said = Cancellation(CancelReason.CLINICAL)
        verb = partial(cancel_appointment, appointment.ref, cancellation=said, by=by, now=NOW)
        run_command(verb, key=None, body={}, by=by, now=NOW)
        assert told(since) == wanted[by.kind]


def test_a_new_time_that_a_manager_agreed_on_is_mailed_to_the_provider(cast: Cast, by_sasha: Actor) -> None:
    appointment = cast.booked()
    since = latest()
    agreed(appointment, by=by_sasha)
    assert told(since) == MOVED


def test_a_request_that_a_manager_takes_back_is_news_to_the_provider(cast: Cast, by_sasha: Actor) -> None:
    to_client, to_provider = (
        "withdrawn to client by email: waiting",
        "withdrawn to provider by in_app: handed_over",
    )
    appointment = cast.booked()
    for by, lines in ((cast.by_okafor, [to_client]), (by_sasha, [to_client, to_provider])):
        request = cast.asked(appointment, repeat_confirmed=True)
        since = latest()
        verb = partial(withdraw, request.ref, by=by, now=NOW)
        run_command(verb, key=None, body={}, by=by, now=NOW)
        assert told(since) == lines
