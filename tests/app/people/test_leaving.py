"""A client leaves care: what ends with it, who is told which words, the archive, and the way back."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, series_of
from tests.app.client_browser import Visitor, mint, page_of, words
from tests.app.sent_notifications import latest, said_in, told
from tests.app.staff_browser import errors, mallory, manager, okafor, scheduler

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.clients.leaving import Discharge, archive, bring_back, discharge
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.clients.history import ClientHistory
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.clients.leaving import (
    AlreadyDischarged,
    AlreadyInCare,
    AppointmentsAhead,
    NotInCare,
    OthersSeeThem,
    Told,
)
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice

HOUR = timedelta(hours=1)
BY_SASHA = Actor(ActorKind.MANAGER, 1)


def left(cast: Cast, told_by: Told = Told.STANDARD, words: str = "", *, by: Actor = BY_SASHA) -> Answer:
    said = Discharge(told_by, words)
    verb = partial(discharge, cast.riley.pk, said=said, by=by, now=NOW)
    return run_command(verb, key=None, body={}, by=by, now=NOW)


def with_everything(cast: Cast) -> RescheduleRequest:
    """Riley has an open request, a session with Dr. Fischer, a series, and an offer to book anew."""
    cast.decline(cast.asked(cast.booked(new_york(30, 9))))
    request = cast.asked(cast.booked(), repeat_confirmed=True)
    cast.booked(new_york(25, 14), provider=cast.fischer)
    series_of(cast, begins_on=date(2026, 9, 1))
    return request


def test_a_discharge_ends_everything_that_was_ahead(cast: Cast) -> None:
    request, since = with_everything(cast), latest()
    left(cast)
    request.refresh_from_db()
    rows = Appointment.objects.filter(client=cast.riley, cancelled_why="discharged").order_by("starts_at")
    assert [(row.starts_at, row.cancelled_by, row.fee_allowed) for row in rows] == [
        (TUESDAY_AT_ELEVEN, "manager", False),
        (new_york(25, 14), "manager", False),
    ]
    assert (request.state, Series.objects.get().ends_on, RebookOffer.objects.get().expires_at) == (
        "superseded",
        date(2026, 11, 16),
        NOW,
    )
    assert (
        list(AppointmentHistory.objects.filter(event="cancelled").values_list("details", flat=True))
        == [{"why": "discharged", "fee_allowed": False}] * 2
    )
    assert (
        told(since)
        == [
            "cancelled to client by email: waiting",
            "cancelled to provider by email: waiting",
            "cancelled to provider by in_app: handed_over",
        ]
        * 2
    )
    assert ClientHistory.objects.get(event="discharged").details == {"canceled": [2]}
    assert Client.objects.get(pk=cast.riley.pk).discharged_at == NOW


def test_the_clients_page_has_phone_and_urgent_help_and_no_way_to_book(cast: Cast) -> None:
    request = with_everything(cast)
    visitor = Visitor(request.batch, RebookOffer.objects.get())
    left(cast)
    page = visitor.get(page_of(request))
    assert "This appointment was canceled" in words(page)
    assert "+1 212 555 0100" in words(page)
    assert "988" in page.content.decode()
    assert "Book a new time" not in words(page)
    offer = RebookOffer.objects.get()
    answer = visitor.get(f"/book/{offer.ref}/")
    assert "Book" not in words(answer) or answer.status_code == 410


def test_the_standard_words_offer_no_rebooking(cast: Cast) -> None:
    with_everything(cast)
    left(cast)
    mail = Notification.objects.filter(kind="cancelled", channel="email", recipient__isnull=False).first()
    assert mail is not None
    said = said_in(mail).words
    assert (said.subject, "Book" in said.text, "988" in said.text) == (
        "Your appointment was canceled",
        False,
        True,
    )


def test_p9_nothing_is_sent_when_somebody_tells_the_client_themselves(cast: Cast) -> None:
    with_everything(cast)
    since = latest()
    left(cast, Told.NOTHING)
    assert [line for line in told(since) if "client" in line] == [
        "cancelled to client by email: obsolete"
    ] * 2
    assert not Message.objects.filter(card=None).exists()


def test_words_take_appointments_out_of_the_clients_calendar_and_the_page_says_so(cast: Cast) -> None:
    address = f"/clients/{cast.riley.ref}/discharge/"
    sentence = (
        "Both kinds of words also take the appointments out of Riley's calendar. With nothing by message, entries that"
        " were mailed stay there until Riley deletes them; only a calendar that follows our address drops them by itself."
    )
    assert sentence not in words(manager(cast).get(address))
    with_everything(cast)
    assert sentence in words(manager(cast).get(address))
    since = latest()
    left(cast)
    mails = Notification.objects.filter(pk__gt=since, kind="cancelled", recipient__isnull=False)
    assert [said_in(row).calendar.count("METHOD:CANCEL") for row in mails] == [1, 1]


def test_somebodys_own_words_are_read_in_the_conversation_and_stand_in_no_mail(cast: Cast) -> None:
    with_everything(cast)
    since = latest()
    left(cast, Told.OWN_WORDS, "Thank you for your trust.")
    message = Message.objects.get(card=None)
    assert (message.body, message.author_kind, message.conversation.provider_id) == (
        "Thank you for your trust.",
        "manager",
        cast.okafor.pk,
    )
    assert "message to client by email: waiting" in told(since)
    for row in Notification.objects.filter(pk__gt=since, channel="email", recipient__isnull=False):
        assert "trust" not in said_in(row).words.text


def test_nothing_is_booked_until_somebody_brings_them_back(cast: Cast) -> None:
    left(cast)
    booking = Booking(cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    verb = partial(book, booking, by=BY_SASHA, now=NOW)
    with pytest.raises(NotInCare):
        run_command(verb, key=None, body={}, by=BY_SASHA, now=NOW)
    with pytest.raises(AlreadyDischarged):
        left(cast)
    back = partial(bring_back, cast.riley.pk, by=BY_SASHA, now=NOW)
    run_command(back, key=None, body={}, by=BY_SASHA, now=NOW)
    with pytest.raises(AlreadyInCare):
        run_command(back, key=None, body={}, by=BY_SASHA, now=NOW)
    run_command(verb, key=None, body={}, by=BY_SASHA, now=NOW)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


def test_a_provider_ends_no_care_that_others_give(cast: Cast) -> None:
    with_everything(cast)
    with pytest.raises(OthersSeeThem):
        left(cast, by=Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk))
    Appointment.objects.filter(provider=cast.fischer)
    assert not Appointment.objects.filter(cancelled_why="discharged").exists()


def test_only_a_record_without_appointments_ahead_is_put_away(cast: Cast) -> None:
    row = cast.booked()
    verb = partial(archive, cast.riley.pk, by=BY_SASHA, now=NOW)
    with pytest.raises(AppointmentsAhead):
        run_command(verb, key=None, body={}, by=BY_SASHA, now=NOW)
    left(cast)
    run_command(verb, key=None, body={}, by=BY_SASHA, now=NOW)
    assert Client.objects.get(pk=cast.riley.pk).archived_at == NOW
    row.refresh_from_db()
    assert row.status == "cancelled"


def test_an_archived_record_is_found_by_who_looks_among_the_archived(cast: Cast) -> None:
    cast.booked(client=cast.maya)
    me = manager(cast)
    assert "No archived clients Records that are put away stand here." in words(
        me.get("/clients/", archived="yes")
    )
    assert me.post(f"/clients/{cast.riley.ref}/archive/")["Location"] == f"/clients/{cast.riley.ref}/"
    listed = words(me.get("/clients/"))
    assert ("Riley Brooks" in listed, "Maya Chen" in listed) == (False, True)
    assert "Riley" not in words(me.get("/clients/", q="riley")).replace("riley", "")
    archived = words(me.get("/clients/", archived="yes"))
    assert ("Riley Brooks" in archived, "Maya Chen" in archived) == (True, False)
    page = words(me.get(f"/clients/{cast.riley.ref}/"))
    assert "Archived on November 16, 2026. Nothing is booked until somebody brings them back." in page
    assert "New appointment" not in page
    me.post(f"/clients/{cast.riley.ref}/bring-back/")
    assert "Riley Brooks" in words(me.get("/clients/"))


def test_the_page_names_what_ends_and_wants_a_choice(cast: Cast) -> None:
    with_everything(cast)
    me = manager(cast)
    address = f"/clients/{cast.riley.ref}/discharge/"
    page = words(me.get(address))
    assert "Tue, Nov 24 · 11:00 AM Follow-up with Dr. Okafor" in page
    assert "Wed, Nov 25 · 2:00 PM Follow-up with Dr. Fischer" in page
    refused = me.post(address)
    assert (refused.status_code, errors(refused)) == (
        422,
        ["Please choose what Riley reads. Nothing was changed yet."],
    )
    empty = me.post(address, told="own_words", words=" ")
    assert (empty.status_code, errors(empty)) == (
        422,
        ["Please write a few words first. Nothing was sent yet."],
    )
    assert me.post(address, told="standard")["Location"] == f"/clients/{cast.riley.ref}/"
    after = words(me.get(f"/clients/{cast.riley.ref}/"))
    assert "Discharged on November 16, 2026. Nothing is booked until somebody brings them back." in after
    assert "Discharged. 2 appointments were canceled." in after


def test_schedulers_and_others_end_nobodys_care(cast: Cast) -> None:
    cast.booked()
    for somebody in (scheduler(cast), mallory()):
        assert somebody.get(f"/clients/{cast.riley.ref}/discharge/").status_code == 404
        assert somebody.post(f"/clients/{cast.riley.ref}/discharge/", told="standard").status_code == 404
    assert okafor().get(f"/clients/{cast.riley.ref}/discharge/").status_code == 200


@pytest.mark.parametrize("verb", [partial(discharge, said=Discharge(Told.STANDARD)), archive, bring_back])
def test_p17_a_client_of_another_practice_is_not_here(cast: Cast, verb: object) -> None:
    by = Actor(ActorKind.MANAGER, 1, practice=cast.practice.pk)
    with pytest.raises(NotInThisPractice):
        run_command(partial(verb, cast.eve.pk, by=by, now=NOW), key=None, body={}, by=by, now=NOW)  # type: ignore[arg-type]
    assert mint is not None
