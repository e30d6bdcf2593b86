"""Appointments as a list, as a calendar's frame, and one in detail: what the practice reads and who may read it."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york, time_off
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, crowd, links, mallory, manager, okafor

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Actor, ActorKind


def part_of(response: HttpResponse) -> str:
    """Return what a part of a page says, as one line of text."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def details(who: StaffBrowser, appointment: Appointment) -> str:
    response = who.browser.get(
        f"/appointments/{appointment.ref}/", headers={"HX-Request": "true"}, **who._arrival()
    )
    assert response.status_code == 200
    return part_of(response).replace("&#x27;", "'")


def test_the_list_shows_what_is_ahead_by_day_with_its_status(cast: Cast) -> None:
    cast.booked(new_york(17, 9), client=cast.maya, kind=cast.intake)
    cast.asked(cast.booked())
    said = words(okafor().get("/appointments/", view="list"))
    assert said.endswith(
        "Client Time Type Where Phone Status"
        " Tuesday, November 17 Maya Chen 9:00 – 10:20 AM Intake · 80 min Telehealth Scheduled"
        " Tuesday, November 24 Riley Brooks 11:00 – 11:50 AM Follow-up · 50 min Telehealth Scheduled Asked · 48 h left"
    )


def test_the_list_of_past_ones_starts_with_the_latest(cast: Cast) -> None:
    cast.booked(new_york(10, 9), now=NOW - timedelta(days=20))
    cast.booked(new_york(12, 9), now=NOW - timedelta(days=20))
    said = words(okafor().get("/appointments/", view="list", when="past"))
    assert re.findall(r"November \d+", said) == ["November 12", "November 10"]


def test_an_empty_list_says_what_to_do_next(cast: Cast) -> None:
    page = okafor().get("/appointments/", view="list")
    assert "No appointments ahead Book one, and it appears here and in the calendar." in words(page)
    assert links(page)["New appointment"] == "/appointments/new/"


def test_time_off_ahead_stands_in_the_list(cast: Cast) -> None:
    block = time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True, note="Thanksgiving")
    page = okafor().get("/appointments/", view="list")
    assert words(page).endswith("Out of office Thu, Nov 26 Thanksgiving Change")
    assert links(page)["Change"] == f"/time-off/{block.ref}/"


def test_the_calendar_is_what_opens_first_and_both_views_are_buttons(cast: Cast) -> None:
    html = okafor().get("/appointments/").content.decode()
    assert '<button name="view" value="list" aria-pressed="false">List View</button>' in html
    assert '<button name="view" value="calendar" aria-pressed="true">Calendar View</button>' in html
    assert 'data-now="2026-11-16T10:00:00" data-view="work-week" data-date="2026-11-16"' in html
    assert 'data-slot-min="09:00" data-slot-max="17:00"' in html


def test_the_address_says_which_days_the_calendar_shows(cast: Cast) -> None:
    html = okafor().get("/appointments/", view="calendar", date="2026-12-01", span="month").content.decode()
    assert 'data-view="month" data-date="2026-12-01"' in html


@pytest.mark.parametrize("address", ["/appointments/", "/appointments/?view=list"])
def test_a_chosen_appointment_stands_open_beside_either_view(cast: Cast, address: str) -> None:
    appointment = cast.booked()
    page = okafor().get(address + ("&" if "?" in address else "?") + f"appointment={appointment.ref}")
    html = page.content.decode()
    assert re.search(
        r'<section id="details"[^>]*aria-label="Appointment details"[^>]*data-addresses="[^"]*">', html
    )
    assert "Riley Brooks they/them" in words(page)


def test_the_details_say_everything_about_an_open_request(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment, note="I have to be in court.", private_note="Told the front desk.")
    RescheduleRequest.objects.update(handed_over_at=NOW)
    assert details(okafor(NOW + timedelta(hours=7)), appointment) == (
        "RB Riley Brooks they/them · client since Mar 2025 · Client page"
        " When Tue, Nov 24 · 11:00 – 11:50 AM New York time · 8:00 AM for Riley (Los Angeles)"
        " Type Follow-up · 50 min Where Telehealth · Join link Needed by no day set · Set a day"
        " Status Scheduled Asked · 41 h left Riley can choose a new time until Wed, 10:00 AM . Reason: Scheduling conflict"
        " Note to Riley: “I have to be in court.” Private note: “Told the front desk.” Pick with Riley Suggest times Withdraw"
        " Edit Appointment Message"
        " Change appointment details You and Riley already agreed on a new time, or the type or place changes."
        " Ask Riley to reschedule Not possible: Riley has already been asked."
        " Cancel appointment Clinically necessary, or not about availability."
        " History You asked Riley to choose a new time. Mon, Nov 16 · 10:00 AM"
        " You booked it for Tue, Nov 24 · 11:00 AM. Mon, Nov 16 · 10:00 AM"
    )


def test_the_details_are_a_page_of_their_own_without_a_script(cast: Cast) -> None:
    appointment = cast.booked()
    page = okafor().get(f"/appointments/{appointment.ref}/")
    assert words(page).startswith("Appointments Riley Brooks Appointment RB Riley Brooks they/them")
    assert links(page)[
        "Ask Riley to reschedule Something came up on your side. Riley picks a new time within 48 hours."
    ] == (f"/appointments/{appointment.ref}/ask/")


def test_near_the_start_the_menu_names_the_instant_the_answer_ends(cast: Cast) -> None:
    appointment = cast.booked(new_york(17, 11))
    assert "Riley picks a new time by Tue, 9:00 AM." in details(okafor(), appointment)


def test_too_late_to_ask_is_said_in_the_menu(cast: Cast) -> None:
    appointment = cast.booked(new_york(16, 15))
    said = details(okafor(), appointment)
    assert (
        "Ask Riley to reschedule Too late to ask: Riley would have less than 4 hours to answer between 8:00 AM and"
        " 9:00 PM, Los Angeles time." in said
    )


def test_the_history_tells_who_did_what_newest_first(cast: Cast) -> None:
    appointment = cast.booked(now=NOW - timedelta(days=30))
    request = cast.asked(appointment)
    cast.pick(request, new_york(27, 9), now=NOW + timedelta(hours=1))
    _cancel(cast, appointment)
    said = details(okafor(NOW + timedelta(hours=2)), appointment)
    assert said.split("History ")[1] == (
        "You canceled it: clinically necessary. Mon, Nov 16 · 12:00 PM"
        " Riley moved it from Tue, Nov 24 · 11:00 AM to Fri, Nov 27 · 9:00 AM. Mon, Nov 16 · 11:00 AM"
        " You asked Riley to choose a new time. Mon, Nov 16 · 10:00 AM"
        " You booked it for Tue, Nov 24 · 11:00 AM. Sat, Oct 17 · 11:00 AM"
    )
    assert "Status Canceled clinically necessary “A crisis elsewhere.”" in said
    assert "Cancel appointment Not possible: this appointment was canceled." in said


def test_a_manager_reads_the_providers_name_and_opens_no_conversation(cast: Cast) -> None:
    appointment = cast.booked()
    said = details(manager(cast), appointment)
    assert "Dr. Okafor booked it for Tue, Nov 24 · 11:00 AM." in said
    assert "Message" not in said


def test_a_manager_chooses_whose_appointments_to_see(cast: Cast) -> None:
    cast.booked(provider=cast.fischer)
    sasha = manager(cast)
    assert "Riley Brooks" not in words(sasha.get("/appointments/", view="list"))
    assert "Riley Brooks" in words(sasha.get("/appointments/", view="list", provider=str(cast.fischer.ref)))


def test_a_chosen_appointment_decides_whose_calendar_a_manager_sees(cast: Cast) -> None:
    appointment = cast.booked(provider=cast.fischer)
    page = manager(cast).get("/appointments/", appointment=str(appointment.ref))
    assert f'<option value="{cast.fischer.ref}" selected>Dr. Lena Fischer</option>' in page.content.decode()


def test_nobody_sees_what_is_not_theirs(cast: Cast) -> None:
    appointment = cast.booked()
    fischer = StaffBrowser("fischer@harbor.example")
    for stranger in (mallory(), fischer):
        assert stranger.get(f"/appointments/{appointment.ref}/").status_code == 404
        assert stranger.get("/appointments/", appointment=str(appointment.ref)).status_code == 404
        assert stranger.get("/appointments/", provider=str(cast.okafor.ref)).status_code == 404
    assert manager(cast).get("/appointments/", provider=str(cast.mallory.ref)).status_code == 404
    assert okafor().get("/appointments/", provider="nonsense").status_code == 404


def test_the_pages_make_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    crowd(cast, range(1))
    work = okafor()
    pages = ["/appointments/?view=list", "/appointments/", "/appointments/?view=list&when=past"]
    few = [work.queries(page) for page in pages]
    crowd(cast, range(1, 30))
    assert [work.queries(page) for page in pages] == few


def test_the_details_make_as_many_queries_for_a_long_history(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    cast.withdraw(cast.asked(appointment))
    few = work.queries(f"/appointments/{appointment.ref}/")
    for _time in range(10):
        cast.withdraw(cast.asked(appointment, repeat_confirmed=True))
    assert work.queries(f"/appointments/{appointment.ref}/") == few


def test_the_list_is_turned_page_by_page(cast: Cast) -> None:
    for day in range(31):
        cast.booked(TUESDAY_AT_ELEVEN + timedelta(days=day))
    first, second = (okafor().get("/appointments/", view="list", page=str(page)) for page in (1, 2))
    assert [len(re.findall(r"Riley Brooks", words(page))) for page in (first, second)] == [30, 1]
    assert links(first)["Later"] == "?view=list&page=2"


def _cancel(cast: Cast, appointment: Appointment) -> None:
    by, at = Actor(ActorKind.PROVIDER, cast.okafor.pk), NOW + timedelta(hours=2)
    cancellation = Cancellation(CancelReason.CLINICAL, note="A crisis elsewhere.")
    verb = partial(cancel_appointment, appointment.ref, cancellation=cancellation, by=by, now=at)
    run_command(verb, key=None, body={}, by=by, now=at)
