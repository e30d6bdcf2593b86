"""Refusals of constraints: what each says to a person when the tables refuse."""

import psycopg
from django.db import IntegrityError

from raincheck.domain.access.passkeys import LastSecondFactorStays, PasskeyKnown
from raincheck.domain.access.people import LastManagerStays
from raincheck.domain.appointments.lifecycle import ClientElsewhere, NotScheduled, RoomTaken, SlotTaken
from raincheck.domain.practice import PlaceNameTaken, TypeNameTaken
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import AlreadyAsked, AlreadySettled

REFUSALS: dict[str, type[Refusal]] = {
    "a_provider_is_never_double_booked": SlotTaken,
    "a_client_is_never_in_two_places": ClientElsewhere,
    "a_room_holds_one_session_at_a_time": RoomTaken,
    "an_appointment_has_one_open_request": AlreadyAsked,
    "a_settled_request_stays_as_it_is": AlreadySettled,
    "an_open_request_is_about_a_live_appointment": NotScheduled,
    "an_appointment_type_has_a_name_of_its_own": TypeNameTaken,
    "a_practice_keeps_a_manager": LastManagerStays,
    "whoever_has_a_second_factor_keeps_one": LastSecondFactorStays,
    "a_passkey_is_added_once": PasskeyKnown,
    "a_place_has_a_name_of_its_own": PlaceNameTaken,
}
"""Constraints that people can run into by acting at the same moment. All others guard against our own mistakes."""


def refusal_for(error: IntegrityError) -> Refusal | None:
    """Return the refusal behind a constraint's name, None when it can only be our own mistake."""
    cause = error.__cause__
    # By name, never by the words of the error: those come in the server's language.
    name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    refusal = REFUSALS.get(name or "")
    return refusal(name="") if refusal else None
