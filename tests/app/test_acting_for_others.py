"""Who acts for whom: staff in a client's place, managers in a provider's; each is written down, and the others are told."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast

from raincheck.actions.answers import pick_new_time
from raincheck.actions.appointments import Details, change_appointment_details
from raincheck.actions.runner import Answer, act
from raincheck.data.appointments import Appointment, AppointmentHistory
from raincheck.data.people import Membership
from raincheck.data.reschedule import RescheduleRequest
from raincheck.domain.people import Actor, ActorKind


@pytest.fixture
def by_sasha(cast: Cast) -> Actor:
    """The practice's manager."""
    user = Membership.objects.get(provider=cast.fischer).user
    manager = Membership.objects.create(practice=cast.practice, user=user, role="manager")
    return Actor(ActorKind.MANAGER, manager.pk)


def picked(request: RescheduleRequest, *, by: Actor) -> Answer:
    verb = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=by, now=NOW)
    return act(verb, key=None, body={}, by=by, now=NOW)


def agreed(appointment: Appointment, *, by: Actor) -> Answer:
    """Give an appointment a new time by Change appointment details."""
    details = Details(
        FRIDAY_AT_NINE, appointment.type_id, appointment.place_id, join_url=appointment.join_url
    )
    verb = partial(change_appointment_details, appointment.ref, details=details, by=by, now=NOW)
    return act(verb, key=None, body={}, by=by, now=NOW)


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
