"""Reinstate: a canceled appointment stands again while it is ahead and its time free; both are told, the rebook link ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york, room_of
from tests.app.client_browser import Visitor, form_of, handed_over, words
from tests.app.sent_notifications import latest, said_in, told
from tests.app.staff_browser import errors, manager, okafor

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.appointments.reinstating import NewTimeNotConfirmed, NotGoneOutYet, NotToPutBack
from raincheck.domain.appointments.undo import TimeTakenSince
from raincheck.domain.clients.leaving import NotInCare
from raincheck.domain.people import Actor, ActorKind

LATER = NOW + timedelta(hours=60)


def cancel(cast: Cast, row: Appointment, *, now: datetime = NOW) -> None:
    said = Cancellation(CancelReason.CLIENT_ASKED, note="Called.", rebook_link=True)
    verb = partial(cancel_appointment, row.ref, cancellation=said, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def put_back(cast: Cast, row: Appointment, *, now: datetime = NOW, **said: bool) -> Answer:
    verb = partial(reinstate, row.ref, by=cast.by_okafor, now=now, **said)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def lapsed(cast: Cast) -> tuple[Appointment, RescheduleRequest]:
    row = cast.booked()
    request = handed_over(cast.asked(row))
    sweep(now=request.deadline_at + timedelta(minutes=1))
    request.refresh_from_db()
    return row, request


def stands(row: Appointment) -> tuple[object, ...]:
    row = Appointment.objects.get(pk=row.pk)
    return (row.status, row.starts_at, row.cancelled_why, row.cancel_note, row.fee_allowed)


def test_a_lapsed_appointment_stands_again_and_both_are_told(cast: Cast) -> None:
    row, request = lapsed(cast)
    since = latest()
    put_back(cast, row, now=LATER)
    assert stands(row) == ("scheduled", TUESDAY_AT_ELEVEN, None, "", False)
    assert told(since) == [
        "reinstated to client by email: waiting",
        "reinstated to provider by in_app: handed_over",
    ]
    assert (request.state, RescheduleRequest.objects.get().settled_at) == ("lapsed", request.settled_at)
    assert not RebookOffer.objects.filter(expires_at__gt=LATER).exists()
    assert list(AppointmentHistory.objects.order_by("pk").values_list("event", "sequence")) == [
        ("booked", 0),
        ("asked", 0),
        ("lapsed", 1),
        ("reinstated", 2),
    ]
    assert Message.objects.latest("pk").card == "reinstated"


def test_the_calendar_entry_comes_back_with_a_higher_number(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    put_back(cast, row)
    mail = said_in(Notification.objects.get(kind="reinstated", recipient__isnull=False))
    assert ("METHOD:REQUEST" in mail.calendar, "SEQUENCE:2" in mail.calendar) == (True, True)
    assert "STATUS:CONFIRMED" in mail.calendar


def test_the_clients_page_says_that_the_time_stands(cast: Cast) -> None:
    row, request = lapsed(cast)
    put_back(cast, row, now=LATER)
    page = words(Visitor(request.batch, now=LATER).get(form_of(request)))
    assert page.startswith("Your original time stands Tuesday, November 24 at 8:00 AM")
    assert "It was canceled, and Harbor Counseling has put it back." in page


def test_what_was_put_back_can_be_asked_about_and_lapse_again(cast: Cast) -> None:
    row, _request = lapsed(cast)
    put_back(cast, row, now=LATER)
    again = handed_over(cast.asked(Appointment.objects.get(pk=row.pk), now=LATER, repeat_confirmed=True))
    sweep(now=again.deadline_at + timedelta(minutes=1))
    assert (stands(row)[0], RebookOffer.objects.filter(expires_at__gt=again.deadline_at).count()) == (
        "cancelled",
        1,
    )


def test_by_the_mailed_link_to_book_anew_a_client_reads_that_the_appointment_stands(cast: Cast) -> None:
    row, _request = lapsed(cast)
    offer = RebookOffer.objects.get()
    visitor, address = Visitor(offer, now=LATER + timedelta(hours=1)), f"/book/{offer.ref}/"
    put_back(cast, row, now=LATER)
    assert words(visitor.get(address)).startswith("Your appointment stands Tuesday, November 24 at 8:00 AM")
    # Until it is over: then nothing stands that they could read of here.
    visitor.now = row.ends_at
    assert visitor.get(address).status_code == 410


def test_a_time_that_is_taken_is_not_given_back(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    cast.booked(client=cast.maya)
    with pytest.raises(TimeTakenSince):
        put_back(cast, row)
    assert stands(row)[0] == "cancelled"


def test_a_new_time_that_was_booked_instead_has_to_be_confirmed(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    new = partial(rebook, RebookOffer.objects.get().ref, start=new_york(20, 9), by=cast.by_riley, now=NOW)
    run_command(new, key=None, body={}, by=cast.by_riley, now=NOW)
    with pytest.raises(NewTimeNotConfirmed):
        put_back(cast, row)
    work = okafor()
    page = work.get(f"/appointments/{row.ref}/reinstate/")
    assert "Riley has booked a new time instead: Friday, November 20 at 9:00 AM ." in words(page)
    refused = work.post(f"/appointments/{row.ref}/reinstate/", sequence="1")
    assert (refused.status_code, errors(refused)) == (
        422,
        [
            "Riley has booked a new time instead. Please tick the box if both appointments shall stand. Nothing was changed yet."
        ],
    )
    assert work.post(f"/appointments/{row.ref}/reinstate/", sequence="1", new_time="on").status_code == 302
    assert Appointment.objects.filter(status="scheduled").count() == 2


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=1)])
def test_what_has_begun_or_stands_is_not_put_back(cast: Cast, after: timedelta) -> None:
    row = cast.booked()
    with pytest.raises(NotToPutBack):
        put_back(cast, row)
    cancel(cast, row)
    with pytest.raises(NotToPutBack):
        put_back(cast, row, now=TUESDAY_AT_ELEVEN + after)


def test_nothing_is_put_back_for_whom_care_has_ended(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    Client.objects.filter(pk=cast.riley.pk).update(discharged_at=NOW)
    with pytest.raises(NotInCare):
        put_back(cast, row)


def test_a_manager_puts_it_back_from_its_details(cast: Cast) -> None:
    row, here = cast.booked(), ""
    boss = manager(cast)
    here = f"/appointments/{row.ref}/"
    assert "Reinstate" not in words(boss.get(here))
    cancel(cast, row)
    assert f'action="{here}reinstate/"' in boss.get(here).content.decode()
    page = boss.get(f"{here}reinstate/")
    assert "Reinstate the appointment Tue, Nov 24 · 11:00 – 11:50 AM" in words(page)
    done = boss.post(f"{here}reinstate/", sequence="1")
    assert done.status_code == 302
    assert "Put back. The appointment of Riley stands, and Riley is told." in words(
        boss.get(done["Location"])
    )
    assert stands(row)[0] == "scheduled"


def test_a_request_that_canceled_leads_to_putting_it_back(cast: Cast) -> None:
    row, request = lapsed(cast)
    work, here = okafor(LATER), f"/appointments/{row.ref}/reinstate/"
    pages = ("/requests/", f"/requests/{request.ref}/")
    assert [f'href="{here}"' in work.get(page).content.decode() for page in pages] == [True, True]
    put_back(cast, row, now=LATER)
    assert [f'href="{here}"' in work.get(page).content.decode() for page in pages] == [False, False]


def test_a_cancellation_that_can_be_undone_is_not_put_back(cast: Cast) -> None:
    cast.choose()
    row = cast.booked()
    cancel(cast, row)
    with pytest.raises(NotGoneOutYet):
        put_back(cast, row)
    assert (
        f"/appointments/{row.ref}/reinstate/"
        not in okafor().get(f"/appointments/{row.ref}/").content.decode()
    )
    put_back(cast, row, now=NOW + timedelta(minutes=1))
    assert stands(row)[0] == "scheduled"


def test_what_is_canceled_again_can_be_booked_anew_at_the_address_it_had(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    first = RebookOffer.objects.get()
    put_back(cast, row)
    assert RebookOffer.objects.get().expires_at == NOW
    cancel(cast, row)
    again = RebookOffer.objects.get()
    assert (again.pk, again.ref, again.expires_at > NOW) == (first.pk, first.ref, True)
    booked = partial(rebook, first.ref, start=new_york(20, 9), by=cast.by_riley, now=NOW)
    answer = run_command(booked, key=None, body={}, by=cast.by_riley, now=NOW)
    assert answer["offer"] == str(first.ref)


@pytest.mark.parametrize("how", ["room", "held", "suggested"])
def test_what_stands_in_the_way_of_an_appointment_keeps_it_canceled(cast: Cast, how: str) -> None:
    """Its room with another provider, another client who is just choosing its time, or one to whom it is suggested."""
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    row = cast.booked(place=room)
    cast.decline(cast.asked(row))
    other = cast.booked(new_york(25, 11), client=cast.maya)
    if how == "room":
        cast.booked(TUESDAY_AT_ELEVEN, client=cast.maya, provider=cast.fischer, place=room)
    elif how == "suggested":
        cast.asked(other, suggestions=(TUESDAY_AT_ELEVEN,))
    else:
        by_maya = Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk)
        hold = partial(hold_time, cast.asked(other).ref, start=TUESDAY_AT_ELEVEN, now=NOW)
        run_command(hold, key=None, body={}, by=by_maya, now=NOW)
    with pytest.raises(TimeTakenSince):
        put_back(cast, row)
    assert stands(row)[0] == "cancelled"
