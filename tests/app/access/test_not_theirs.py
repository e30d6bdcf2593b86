"""What a form may name, but what is not of the same practice or person: the verb says that it is not there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast

from raincheck.actions.appointments.booking import Booking, Details, book, change_appointment_details
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.links import revoke_links
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Link
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice


@pytest.mark.parametrize("foreign", ["type_id", "place_id"])
def test_p17_nothing_is_booked_with_a_type_or_place_of_another_practice(cast: Cast, foreign: str) -> None:
    theirs = {
        "type_id": AppointmentType.objects.filter(practice=cast.elsewhere).first(),
        "place_id": Place.objects.filter(practice=cast.elsewhere).first(),
    }[foreign]
    assert theirs is not None
    booking = Booking(cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    verb = partial(book, replace(booking, **{foreign: theirs.pk}), by=cast.by_okafor, now=NOW)
    with pytest.raises(NotInThisPractice):
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("foreign", ["type_id", "place_id"])
def test_p17_nothing_is_changed_to_a_type_or_place_of_another_practice(cast: Cast, foreign: str) -> None:
    theirs = {
        "type_id": AppointmentType.objects.filter(practice=cast.elsewhere).first(),
        "place_id": Place.objects.filter(practice=cast.elsewhere).first(),
    }[foreign]
    assert theirs is not None
    row = cast.booked()
    details = replace(
        Details(FRIDAY_AT_NINE, row.type_id, row.place_id, row.join_url), **{foreign: theirs.pk}
    )
    verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    with pytest.raises(NotInThisPractice):
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert Appointment.objects.get().starts_at == row.starts_at


def test_a_link_to_a_new_booking_is_ended_by_nobody_else(cast: Cast) -> None:
    """No request is open behind such a link, so there is no row to lock: the verb looks at the link itself."""
    cast.decline(cast.asked(cast.booked()))
    link = Link.objects.create(
        practice=cast.practice,
        client=cast.riley,
        recipient=cast.riley.recipients.get(),
        rebook_offer=RebookOffer.objects.get(),
        hash=b"x" * 32,
        channel="email",
        address="riley@clients.example",
        made_at=NOW,
    )
    for stranger in (
        Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk, practice=cast.practice.pk),
        Actor(ActorKind.CLIENT_BY_LINK, cast.eve.pk, practice=cast.elsewhere.pk),
    ):
        with pytest.raises(NotInThisPractice):
            run_command(partial(revoke_links, link, now=NOW), key=None, body={}, by=stranger, now=NOW)
    assert Link.objects.get(pk=link.pk).revoked_at is None


def test_giving_up_a_link_that_has_no_recipient_ends_no_other(cast: Cast) -> None:
    """Links to providers have none, so that "every link of that recipient" would be those of all of them."""
    cast.booked()
    thread = Conversation.objects.get()
    links = [
        Link.objects.create(
            practice=cast.practice,
            client=cast.riley,
            conversation=thread,
            hash=letter * 32,
            channel="email",
            address="okafor@harbor.example",
            made_at=NOW,
        )
        for letter in (b"x", b"y")
    ]
    with pytest.raises(NotInThisPractice):
        run_command(partial(revoke_links, links[0], now=NOW), key=None, body={}, by=cast.by_okafor, now=NOW)
    assert list(Link.objects.values_list("revoked_at", flat=True)) == [None, None]
