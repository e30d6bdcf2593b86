"""The client's page after every ending, the other answers, several appointments at once, and what was settled meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.sent_notifications import said_in

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.web.client.thread import entries

HOURS = timedelta(hours=1)
WRITE = "Write to Dr. Okafor"
JOIN = "Join by video"
TUESDAY = "Tuesday, November 24 at 8:00 AM"
WHERE = "Los Angeles time · Telehealth with Dr. Okafor, 50 minutes"
SETTLED = "This was settled before your answer came in. This is how things stand now."


def change(cast: Cast, appointment: Appointment, **changes: object) -> None:
    now_so = {
        "start": appointment.starts_at,
        "type_id": appointment.type_id,
        "place_id": appointment.place_id,
        "join_url": appointment.join_url,
    }
    details = Details(**(now_so | changes))  # type: ignore[arg-type]  # names as in the dictionary above
    verb = partial(change_appointment_details, appointment.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def cancel(
    cast: Cast, appointment: Appointment, reason: CancelReason, *, now: datetime = NOW, **said: bool
) -> None:
    cancellation = Cancellation(reason, **said)
    verb = partial(cancel_appointment, appointment.ref, cancellation=cancellation, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def lapsed(cast: Cast) -> RescheduleRequest:
    request = handed_over(cast.asked(cast.booked()))
    sweep(now=request.deadline_at + timedelta(minutes=1))
    return request


def test_after_declining_the_link_says_so_and_offers_a_new_booking(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    visitor = Visitor(request.batch)
    response = visitor.post(f"{form_of(request)}cancel/", reason=" I found another way. ")
    assert (response.status_code, response["Location"]) == (302, form_of(request))
    page = visitor.get(page_of(request))
    assert words(page) == (
        f"This appointment was canceled {TUESDAY} {WHERE} You canceled it, and there is no charge."
        f" Book a new time {WRITE}"
    )
    assert f'href="/book/{RebookOffer.objects.get().ref}/"' in page.content.decode()
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancel_note) == ("cancelled", "I found another way.")


def test_silence_is_told_with_its_instant(cast: Cast) -> None:
    request = lapsed(cast)
    visitor = Visitor(request.batch, now=NOW + 49 * HOURS)
    assert words(visitor.get(page_of(request))) == (
        f"This appointment was canceled {TUESDAY} {WHERE} We hadn't heard from you by Wednesday, November 18 at"
        f" 7:00 AM. There is no charge. Book a new time {WRITE}"
    )


def test_only_who_has_other_appointments_reads_on_every_page_that_they_stand(cast: Cast) -> None:
    """One that is asked about, too, is not said to stand."""
    request = handed_over(cast.asked(cast.booked(), cast.booked(new_york(2, 11, month=12))))
    visitor = Visitor(request.batch)
    pages = [page_of(request), f"{form_of(request)}cancel/"]
    stands = "Your other appointments stand."
    assert [stands in words(visitor.get(page)) for page in pages] == [False, False]
    other = cast.booked(new_york(9, 11, month=12))
    assert [stands in words(visitor.get(page)) for page in pages] == [True, True]
    sweep(now=request.deadline_at + timedelta(minutes=1))
    visitor.now = NOW + 49 * HOURS
    assert words(visitor.get(form_of(request))).count(stands) == 1
    cancel(cast, other, CancelReason.OTHER)
    assert stands not in words(visitor.get(form_of(request)))


def test_a_lapse_after_a_word_says_that_no_time_was_found(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    visitor = Visitor(request.batch)
    visitor.post(f"{page_of(request)}write/", words="None of these work.")
    sweep(now=request.deadline_at + timedelta(minutes=1))
    visitor.now = NOW + 49 * HOURS
    assert (
        "We are sorry: no time was found by Wednesday, November 18 at 7:00 AM. There is no charge."
        in words(visitor.get(page_of(request)))
    )


def test_a_withdrawal_lets_the_original_time_stand(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    assert words(Visitor(request.batch).get(page_of(request))) == (
        f"Your original time stands {TUESDAY} {WHERE} You don't need to choose a new time any more. If it no longer"
        f" suits you, please write to us. Moving or canceling is free until 2 hours before the start. {JOIN} {WRITE}"
    )


@pytest.mark.parametrize("reason", [reason for reason in CancelReason if reason != "client_asked"])
def test_a_cancellation_by_the_practice_says_who_and_whether_it_costs_never_why(
    cast: Cast, reason: CancelReason
) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    cancel(cast, appointment, reason, rebook_link=True)
    assert words(Visitor(request.batch).get(page_of(request))) == (
        f"This appointment was canceled {TUESDAY} {WHERE} Dr. Okafor has canceled this appointment. There is no charge."
        f" Book a new time {WRITE}"
    )
    mail = Notification.objects.get(kind="cancelled", channel="email", recipient__isnull=False)
    assert said_in(mail).words.text.split("\n\n")[2:5] == [
        "Dr. Okafor has canceled this appointment:",
        "- Tuesday, November 24 at 8:00 AM (Los Angeles time)",
        "There is no charge.",
    ]


@pytest.mark.parametrize(
    ("hours_before", "asked_about", "fee"),
    [
        (30, False, "There is no charge."),
        (3, True, "There is no charge."),
        (3, False, "A fee for canceling on short notice may apply. If you have questions, please call us."),
    ],
    ids=["early", "asked about", "late"],
)
def test_a_cancellation_at_the_clients_wish_says_so(
    cast: Cast, hours_before: int, asked_about: bool, fee: str
) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment) if asked_about else None
    at = TUESDAY_AT_ELEVEN - hours_before * HOURS
    if request is not None:
        RescheduleRequest.objects.filter(pk=request.pk).update(
            needs_provider="outage", needs_provider_at=NOW, remind_at=None
        )
    cancel(cast, appointment, CancelReason.CLIENT_ASKED, rebook_link=True, now=at)
    mail = Notification.objects.get(kind="cancelled", channel="email", recipient__isnull=False)
    assert said_in(mail).words.text.split("\n\n")[2:5] == [
        "This appointment with Dr. Okafor was canceled, as you asked:",
        "- Tuesday, November 24 at 8:00 AM (Los Angeles time)",
        fee,
    ]
    card = Message.objects.get(card="cancelled")
    [entry] = entries([card], thread=card.conversation, zone="America/Los_Angeles")
    assert entry.words == "The appointment was canceled, as you asked"
    if request is not None:
        page = words(Visitor(request.batch, now=at).get(page_of(request)))
        assert "It was canceled as you asked. There is no charge." in page
        assert "Dr. Okafor has canceled" not in page


def test_another_type_supersedes_and_the_link_shows_the_present_time(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    change(cast, appointment, type_id=cast.intake.pk, start=FRIDAY_AT_NINE)
    assert words(Visitor(request.batch).get(page_of(request))) == (
        f"Your appointment was changed Before: {TUESDAY} Now: Friday, November 27 at 6:00 AM {WHERE.replace('50', '80')} Dr. Okafor changed it."
        f" You don't need to choose a new time any more. Add to my calendar {JOIN} {WRITE}"
    )


def test_what_the_practice_does_after_the_pick_is_shown_as_it_is_now(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    cast.pick(request)
    visitor = Visitor(request.batch)
    appointment.refresh_from_db()
    change(cast, appointment, start=new_york(27, 10))
    assert words(visitor.get(page_of(request))).startswith(
        f"Your appointment was changed Before: {TUESDAY} Now: Friday, November 27 at 7:00 AM {WHERE} You don't need"
    )
    cancel(cast, appointment, CancelReason.OTHER)
    assert words(visitor.get(page_of(request))) == (
        f"This appointment was canceled Friday, November 27 at 7:00 AM {WHERE} Dr. Okafor has canceled this"
        f" appointment. There is no charge. You can call Harbor Counseling at +1 212 555 0100 . {WRITE}"
    )


@pytest.mark.parametrize("swept", [True, False])
def test_once_the_start_has_come_nothing_can_be_answered(cast: Cast, swept: bool) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    visitor = Visitor(request.batch, now=TUESDAY_AT_ELEVEN)
    if swept:
        sweep(now=TUESDAY_AT_ELEVEN)
    void = (
        f"Your appointment was set for {TUESDAY} {WHERE} It was neither moved nor canceled."
        f" You can call Harbor Counseling at +1 212 555 0100 . {JOIN} {WRITE}"
    )
    assert words(visitor.get(page_of(request))) == void
    for refused in (
        visitor.pick(form_of(request), FRIDAY_AT_NINE),
        visitor.post(f"{form_of(request)}cancel/"),
    ):
        assert (refused.status_code, words(refused).endswith(void)) == (409, True)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_a_newer_question_about_the_appointment_is_pointed_out(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    cast.withdraw(request)
    cast.asked(appointment, repeat_confirmed=True)
    assert "There is a newer question about this appointment." in words(
        Visitor(request.batch).get(page_of(request))
    )


@pytest.mark.parametrize("way", ["pick", "confirm", "cancel"])
def test_a_form_opened_before_the_state_changed_learns_how_things_stand(cast: Cast, way: str) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    assert visitor.get(page_of(request)).status_code == 200
    cast.withdraw(request)
    if way == "pick":
        response = visitor.pick(form_of(request), FRIDAY_AT_NINE)
    elif way == "confirm":
        response = visitor.post(form_of(request), start="2026-11-27T14:00Z")
    else:
        response = visitor.post(f"{form_of(request)}cancel/")
    assert (response.status_code, words(response).split(" Tuesday,")[0]) == (
        409,
        f"{SETTLED} Your original time stands",
    )
    assert words(visitor.get(f"{form_of(request)}cancel/")).startswith("Your original time stands")


def test_the_calendar_file_keeps_the_appointments_uid_and_tells_nothing(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment, note="Court")
    visitor = Visitor(request.batch)
    cast.pick(request)
    response = visitor.get(f"{form_of(request)}appointment.ics")
    lines = response.content.decode().split("\r\n")
    assert response["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert response["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    told_by_it = [line for line in lines if line.startswith(("UID", "SEQ", "METH", "SUMM", "DTSTART;"))]
    assert sorted(told_by_it) == [
        "DTSTART;TZID=America/Los_Angeles:20261127T060000",
        "METHOD:PUBLISH",
        "SEQUENCE:1",
        "SUMMARY:Appointment",
        f"UID:{appointment.ical_uid}",
    ]
    assert not [line for line in lines if "Okafor" in line or "Riley" in line or "Court" in line]


def test_there_is_no_calendar_file_of_a_cancelled_appointment(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.decline(request)
    visitor = Visitor(request.batch)
    assert visitor.get(f"{form_of(request)}appointment.ics").status_code == 404
    assert choosable(visitor.get(page_of(request))) == []


def test_a_time_chosen_before_a_lapse_can_still_be_booked_where_it_is_free(cast: Cast) -> None:
    request = lapsed(cast)
    offer = RebookOffer.objects.get()
    visitor = Visitor(request.batch, now=NOW + 49 * HOURS)
    free = (
        "Fri 6:00 AM is still free. Book it? You had picked Friday, November 27 at 6:00 AM , Telehealth with Dr. Okafor, 50 minutes."
        " Nobody has taken it. Book Fri, Nov 27 at 6:00 AM This appointment was canceled "
    )
    late = visitor.pick(form_of(request), FRIDAY_AT_NINE)
    assert (late.status_code, words(late).startswith(free)) == (409, True)
    for address in (page_of(request), form_of(request)):
        page = visitor.get(address, start="2026-11-27T14:00Z")
        assert (page.status_code, words(page).startswith(free)) == (200, True)
        assert f'action="/book/{offer.ref}/"' in page.content.decode()
    booked = visitor.pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE, key="11111111-1111-4111-8111-111111111111")
    assert (booked.status_code, booked["Location"]) == (302, f"/book/{offer.ref}/")
    assert Appointment.objects.get(status="scheduled").starts_at == FRIDAY_AT_NINE
    # Once booked, nothing is offered a second time.
    assert "still free" not in words(visitor.get(page_of(request), start="2026-11-27T15:00Z"))


def test_a_time_chosen_before_a_lapse_that_is_taken_by_now_is_said_calmly(cast: Cast) -> None:
    request = lapsed(cast)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    visitor = Visitor(request.batch, now=NOW + 49 * HOURS)
    for response in (
        visitor.pick(form_of(request), FRIDAY_AT_NINE),
        visitor.get(page_of(request), start="2026-11-27T14:00Z"),
    ):
        assert words(response).startswith(
            "Fri, Nov 27 at 6:00 AM is no longer free. This appointment was canceled "
        )
        assert "error-summary" not in response.content.decode().replace("data-error-summary", "")


@pytest.mark.parametrize("start", ["soon", "2026-11-27T14:10Z", "2026-11-16T15:00Z"])
def test_what_could_never_be_booked_is_not_offered_late(cast: Cast, start: str) -> None:
    request = lapsed(cast)
    page = Visitor(request.batch, now=NOW + 49 * HOURS).get(page_of(request), start=start)
    assert (page.status_code, "still free" in words(page)) == (200, False)


@pytest.mark.parametrize("ended", ["pick", "withdraw", "decline", "lapse"])
def test_whoever_comes_late_or_second_reads_the_truth_calmly(cast: Cast, ended: str) -> None:
    request = handed_over(cast.asked(cast.booked()))
    if ended == "lapse":
        sweep(now=request.deadline_at + timedelta(minutes=1))
    else:
        getattr(cast, ended)(request)
    response = Visitor(request.batch, now=NOW + 49 * HOURS).pick(form_of(request), new_york(26, 9))
    html = response.content.decode()
    assert (response.status_code, 'class="error-summary"' in html) == (409, False)
    assert "already ended" not in words(response)
