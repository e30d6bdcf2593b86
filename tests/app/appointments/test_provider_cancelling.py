"""The cancel flow: its reasons, the ask it offers once, what counts as late, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import Cast, client_in, new_york
from tests.app.client_browser import words
from tests.app.sent_notifications import latest, said_in
from tests.app.staff_browser import StaffBrowser, errors, key_in, links, mallory, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.data.reschedule.rebooking import RebookOffer

OFFER = "Would Riley like another time instead?"


def cancel(who: StaffBrowser, appointment: Appointment, *, key: str = "", **said: Any) -> HttpResponse:
    body = {"reason": "clinically_necessary", "sequence": str(appointment.ical_sequence), **said}
    return who.post(f"/appointments/{appointment.ref}/cancel/", key=key, **body)


def fresh(appointment: Appointment) -> Appointment:
    return Appointment.objects.get(pk=appointment.pk)


def test_the_page_says_what_canceling_costs_and_offers_the_other_way(cast: Cast) -> None:
    appointment = cast.booked()
    page = okafor().get(f"/appointments/{appointment.ref}/cancel/")
    assert (
        "Canceling ends the appointment; if this is about your availability, you can ask instead."
        " Ask Riley to reschedule" in words(page)
    )
    assert links(page)["Ask Riley to reschedule"] == f"/appointments/{appointment.ref}/ask/"
    assert "Clinically necessary Client asked No longer needed Provider unavailable Other" in words(page)


def test_a_cancellation_keeps_its_note_in_the_practice_and_tells_the_client(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    answer = cancel(work, appointment, note="A crisis elsewhere.")
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-24")
    assert "Canceled: Riley Brooks, Tue, Nov 24 · 11:00 – 11:50 AM. Riley is told." in words(
        work.get(answer["Location"])
    )
    row = fresh(appointment)
    assert (row.status, row.cancelled_by, row.cancelled_why, row.cancel_note) == (
        "cancelled",
        "provider",
        "provider_clinical",
        "A crisis elsewhere.",
    )
    told = said_in(Notification.objects.get(kind="cancelled", recipient__isnull=False)).words
    assert "crisis" not in told.text + told.html
    assert RebookOffer.objects.count() == 0


def test_a_link_to_book_again_comes_along_when_it_is_ticked(cast: Cast) -> None:
    appointment = cast.booked()
    cancel(okafor(), appointment, rebook_link="on")
    assert RebookOffer.objects.get().appointment_id == appointment.pk


def test_a_missing_reason_keeps_everything_else(cast: Cast) -> None:
    appointment, key = cast.booked(), str(uuid4())
    refused = cancel(okafor(), appointment, key=key, reason="", note="Half a thought", rebook_link="on")
    assert refused.status_code == 422
    assert errors(refused) == [
        "Please choose a reason. The appointment still stands, and what you wrote is still here."
    ]
    assert "Half a thought</textarea>" in refused.content.decode()
    assert (
        'name="rebook_link" aria-describedby="id_rebook_link_helptext" id="id_rebook_link" checked'
        in refused.content.decode()
    )
    assert key_in(refused) == key
    assert fresh(appointment).status == "scheduled"


def test_a_note_too_long_is_said_with_both_numbers(cast: Cast) -> None:
    refused = cancel(okafor(), cast.booked(), note="x" * 501)
    assert refused.status_code == 422
    assert errors(refused) == [
        "Your note has 501 characters; 500 fit. The appointment still stands; please shorten the note."
    ]


def test_provider_unavailable_offers_the_ask_once_and_then_cancels(cast: Cast) -> None:
    appointment, work, key = cast.booked(), okafor(), str(uuid4())
    offered = cancel(work, appointment, key=key, reason="provider_unavailable", note="Conference")
    assert offered.status_code == 200
    assert OFFER in words(offered)
    assert fresh(appointment).status == "scheduled"
    assert "Conference</textarea>" in offered.content.decode()
    assert '<input type="hidden" name="offered" value="on">' in offered.content.decode()
    done = cancel(work, appointment, key=key, reason="provider_unavailable", note="Conference", offered="on")
    assert done.status_code == 302
    assert fresh(appointment).cancelled_why == "provider_unavailable"


def test_a_first_session_offers_the_ask_whatever_the_reason(cast: Cast) -> None:
    appointment = cast.booked(kind=cast.intake)
    assert "This is a first session." in words(cancel(okafor(), appointment, reason="client_asked"))
    assert fresh(appointment).status == "scheduled"


def test_the_ask_is_not_offered_where_it_is_not_possible(cast: Cast) -> None:
    soon = cast.booked(new_york(16, 15))
    assert cancel(okafor(), soon, reason="provider_unavailable").status_code == 302
    asked = cast.booked()
    cast.asked(asked)
    assert cancel(okafor(), asked, reason="provider_unavailable").status_code == 302


def test_the_practices_own_figure_is_told_once_there_are_thirty(cast: Cast) -> None:
    for number in range(30):
        client = client_in(cast.practice, f"Client{number}", "Crowd")
        request = cast.asked(cast.booked(new_york(18 + number // 8, 8 + number % 8), client=client))
        cast.decline(request)
        if number == 28:
            assert "people asked so far" not in _offer(cast)
    assert "Here, 0% of the 30 people asked so far chose a new time." in _offer(cast)


def _offer(cast: Cast) -> str:
    free = new_york(24, 11)
    known = Appointment.objects.filter(starts_at=free, status="scheduled").first()
    return words(cancel(okafor(), known or cast.booked(free), reason="provider_unavailable"))


@pytest.mark.parametrize(
    ("hours", "waived", "why", "fee"),
    [(25, "", "client", False), (23, "", "client_late", True), (23, "on", "client", False)],
)
def test_client_asked_inside_the_cut_off_is_late_unless_waived(
    cast: Cast, hours: int, waived: str, why: str, fee: bool
) -> None:
    appointment = cast.booked()
    work = okafor(appointment.starts_at - timedelta(hours=hours))
    page = work.get(f"/appointments/{appointment.ref}/cancel/")
    assert ("Waive the late cancellation" in words(page)) is (hours < 24)
    cancel(work, appointment, reason="client_asked", waive=waived)
    row = fresh(appointment)
    assert (row.cancelled_why, row.fee_allowed) == (why, fee)


def test_a_late_cancellation_costs_nothing_where_the_payer_forbids_it(cast: Cast) -> None:
    appointment = cast.booked()
    Client.objects.filter(pk=cast.riley.pk).update(payer_forbids_fees=True)
    work = okafor(appointment.starts_at - timedelta(hours=23))
    page = work.get(f"/appointments/{appointment.ref}/cancel/")
    assert "counts as a late cancellation. No fee is allowed, since the payer forbids it." in words(page)
    since = latest()
    cancel(work, appointment, reason="client_asked")
    row = fresh(appointment)
    assert (row.cancelled_why, row.fee_allowed) == ("client_late", False)
    written = said_in(Notification.objects.get(pk__gt=since, channel="email")).words.text
    assert "There is no charge." in written


def test_an_open_request_ends_with_the_appointment(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    page = okafor().get(f"/appointments/{appointment.ref}/cancel/")
    assert "The open request ends with it." in words(page)
    cancel(okafor(), appointment)
    request.refresh_from_db()
    assert request.state == "superseded"


def test_the_same_cancellation_sent_twice_acts_once(cast: Cast) -> None:
    appointment, work, key = cast.booked(), okafor(), str(uuid4())
    assert [cancel(work, appointment, key=key).status_code for _twice in range(2)] == [302, 302]
    assert Notification.objects.filter(kind="cancelled", recipient__isnull=False).count() == 1


def test_a_form_about_a_former_time_cancels_nothing(cast: Cast) -> None:
    appointment = cast.booked()
    cast.pick(cast.asked(appointment))
    refused = cancel(okafor(), appointment)
    assert refused.status_code == 409
    assert "This appointment has changed since you opened the form" in words(refused)
    assert "Fri, Nov 27 · 9:00 – 9:50 AM" in words(refused)
    assert fresh(appointment).status == "scheduled"


def test_what_has_begun_or_ended_cannot_be_canceled(cast: Cast) -> None:
    appointment = cast.booked()
    late = okafor(appointment.starts_at + timedelta(minutes=1))
    assert "Not possible: its time has come or gone." in words(
        late.get(f"/appointments/{appointment.ref}/cancel/")
    )
    refused = cancel(late, appointment)
    assert refused.status_code == 409
    assert "it can't be changed any more. Nothing was changed." in words(refused)


def test_an_appointment_of_somebody_else_is_not_there(cast: Cast) -> None:
    appointment = cast.booked()
    for stranger in (mallory(), StaffBrowser("fischer@harbor.example")):
        assert stranger.get(f"/appointments/{appointment.ref}/cancel/").status_code == 404
        assert cancel(stranger, appointment).status_code == 404
    assert fresh(appointment).status == "scheduled"
