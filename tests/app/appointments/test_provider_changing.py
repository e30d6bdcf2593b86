"""Change appointment details: what is saved, what is refused and stays in the form, and what it does to a request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, TUESDAY_AT_ELEVEN, Cast, new_york, time_off
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, errors, mallory, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.notifications import Notification
from raincheck.domain.appointments.lifecycle import ClientElsewhere


def form(cast: Cast, appointment: Appointment, **other: Any) -> dict[str, Any]:
    """The form as it would be sent unchanged, with what is given instead."""
    return {
        "day": "2026-11-24",
        "time": "11:00",
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "join_url": "https://meet.example/room",
        "sequence": str(appointment.ical_sequence),
        **other,
    }


def change(
    who: StaffBrowser, cast: Cast, appointment: Appointment, *, key: str = "", **other: Any
) -> HttpResponse:
    return who.post(f"/appointments/{appointment.ref}/change/", key=key, **form(cast, appointment, **other))


def fresh(appointment: Appointment) -> Appointment:
    return Appointment.objects.get(pk=appointment.pk)


def test_the_form_starts_with_what_was_agreed(cast: Cast) -> None:
    appointment = cast.booked()
    page = okafor().get(f"/appointments/{appointment.ref}/change/")
    html = page.content.decode()
    assert 'name="day" value="2026-11-24"' in html
    assert 'name="time" value="11:00"' in html
    assert 'value="https://meet.example/room"' in html
    assert f'<option value="{cast.follow_up.ref}" selected>Follow-up · 50 min</option>' in html
    assert "Riley is told and gets an updated calendar entry." in words(page)
    assert "anyway" not in html


def test_a_drag_fills_in_its_start_and_says_what_speaks_against_it(cast: Cast) -> None:
    appointment = cast.booked()
    page = okafor().get(f"/appointments/{appointment.ref}/change/", start="2026-11-25T18:00")
    html = page.content.decode()
    assert 'name="day" value="2026-11-25"' in html
    assert 'name="time" value="18:00"' in html
    assert "This is outside the working hours of Dr. Okafor." in words(page)
    assert fresh(appointment).starts_at == TUESDAY_AT_ELEVEN


def test_a_new_time_is_saved_and_the_calendar_opens_on_its_day(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    answer = change(work, cast, appointment, day="2026-11-27", time="09:00")
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-27")
    assert fresh(appointment).starts_at == FRIDAY_AT_NINE
    assert "Saved: Riley Brooks, Fri, Nov 27 · 9:00 – 9:50 AM. Riley is told." in words(
        work.get(answer["Location"])
    )
    assert Notification.objects.filter(kind="moved", recipient__isnull=False).count() == 1


def test_the_same_form_sent_twice_acts_once(cast: Cast) -> None:
    appointment, work, key = cast.booked(), okafor(), str(uuid4())
    answers = [
        change(work, cast, appointment, key=key, day="2026-11-27", time="09:00") for _twice in range(2)
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Notification.objects.filter(kind="moved", recipient__isnull=False).count() == 1


def test_another_place_leaves_an_open_request_open(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    assert change(okafor(), cast, appointment, place=str(room.ref)).status_code == 302
    request.refresh_from_db()
    assert (request.state, fresh(appointment).place_id) == ("open", room.pk)


def test_a_new_time_answers_an_open_request_for_the_client(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    page = okafor().get(f"/appointments/{appointment.ref}/change/")
    assert "the request ends as moved, picked by you for Riley." in words(page)
    change(okafor(), cast, appointment, day="2026-11-27", time="09:00")
    request.refresh_from_db()
    assert (request.state, request.moved_to) == ("moved", FRIDAY_AT_NINE)


def test_nothing_changed_is_said_above_the_form(cast: Cast) -> None:
    refused = change(okafor(), cast, cast.booked())
    assert refused.status_code == 422
    assert "Everything is as it was, so there is nothing to save." in words(refused)


def test_a_taken_time_names_who_has_it_and_keeps_what_was_typed(cast: Cast) -> None:
    appointment, key = cast.booked(), str(uuid4())
    cast.booked(new_york(27, 9), client=cast.maya)
    refused = change(
        okafor(),
        cast,
        appointment,
        key=key,
        day="2026-11-27",
        time="09:30",
        join_url="https://other.example/",
    )
    assert refused.status_code == 409
    assert errors(refused) == [
        "Maya Chen has an appointment with Dr. Okafor at 9:00 AM, and they would overlap. "
        "Nothing was changed; please choose another time."
    ]
    html = refused.content.decode()
    assert 'name="time" value="09:30"' in html
    assert 'value="https://other.example/"' in html
    assert f'name="key" value="{key}"' in html
    assert fresh(appointment).starts_at == TUESDAY_AT_ELEVEN


def test_the_clients_other_appointment_at_that_time_is_said(cast: Cast) -> None:
    appointment = cast.booked()
    cast.booked(new_york(27, 9), provider=cast.fischer)
    refused = change(okafor(), cast, appointment, day="2026-11-27", time="09:00")
    assert refused.status_code == 409
    assert errors(refused) == [ClientElsewhere.sentence]


def test_outside_the_hours_is_warned_of_once_and_then_allowed(cast: Cast) -> None:
    appointment, work, key = cast.booked(), okafor(), str(uuid4())
    warned = change(work, cast, appointment, key=key, time="18:00")
    assert warned.status_code == 422
    assert "This is outside the working hours of Dr. Okafor. Use this time anyway" in words(warned)
    assert fresh(appointment).starts_at == TUESDAY_AT_ELEVEN
    anyway = new_york(24, 18).isoformat()
    assert f'name="anyway" value="{anyway}"' in warned.content.decode()
    assert change(work, cast, appointment, key=key, time="18:00", anyway=anyway).status_code == 302
    assert fresh(appointment).starts_at == new_york(24, 18)


def test_having_seen_one_warning_does_not_allow_another_time(cast: Cast) -> None:
    appointment = cast.booked()
    seen = new_york(24, 18).isoformat()
    assert change(okafor(), cast, appointment, time="19:00", anyway=seen).status_code == 422
    assert fresh(appointment).starts_at == TUESDAY_AT_ELEVEN


def test_time_off_is_warned_of(cast: Cast) -> None:
    appointment = cast.booked()
    time_off(cast.okafor, new_york(25, 9), new_york(25, 12))
    warned = change(okafor(), cast, appointment, day="2026-11-25", time="10:00")
    assert "Dr. Okafor is out of office then." in words(warned)


def test_a_time_that_the_clocks_jump_over_is_refused_kindly(cast: Cast) -> None:
    refused = change(okafor(), cast, cast.booked(), day="2027-03-14", time="02:30")
    assert refused.status_code == 422
    assert errors(refused) == [
        "The clocks jump over 2:30 AM on that day, so it never comes. Please choose another time."
    ]


def test_a_time_that_the_clocks_show_twice_is_the_first_and_said_so(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    first = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    answer = change(work, cast, appointment, day="2027-11-07", time="01:30", anyway=first.isoformat())
    assert fresh(appointment).starts_at == first
    assert "The clocks show 1:30 AM twice on that day; the first one is meant." in words(
        work.get(answer["Location"])
    )


def test_an_appointment_in_the_second_of_two_hours_stays_when_its_place_changes(
    cast: Cast,
) -> None:
    second = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    appointment = cast.booked(second)
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    change(
        okafor(),
        cast,
        appointment,
        day="2027-11-07",
        time="01:30",
        place=str(room.ref),
        anyway=second.isoformat(),
    )
    assert (fresh(appointment).starts_at, fresh(appointment).place_id) == (second, room.pk)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"day": ""}, "Please choose a date."),
        ({"day": "soon"}, "We can't read this date. Please write it like 2026-11-24."),
        ({"day": "0001-01-01"}, "Please check the year of this date."),
        ({"time": "late"}, "We can't read this time. Please write it like 14:30 or 2:30 PM."),
        ({"type": "nonsense"}, "Please choose a type."),
        ({"place": ""}, "Please choose a place."),
        (
            {"join_url": "javascript:alert(1)"},
            "This does not look like a web address. Please copy it whole, from https:// on.",
        ),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(cast: Cast, said: dict[str, str], sentence: str) -> None:
    refused = change(okafor(), cast, cast.booked(), **said)
    assert (refused.status_code, errors(refused)) == (422, [sentence])


def test_a_past_time_is_refused(cast: Cast) -> None:
    refused = change(okafor(), cast, cast.booked(), day="2026-11-16", time="09:00")
    assert refused.status_code == 422
    assert errors(refused) == [
        "That time is already past. Nothing was changed; please choose a time that is still ahead."
    ]


def test_a_form_about_a_former_time_changes_nothing(cast: Cast) -> None:
    appointment = cast.booked()
    cast.pick(cast.asked(appointment), FRIDAY_AT_NINE)
    refused = change(okafor(), cast, appointment, join_url="https://other.example/")
    assert refused.status_code == 409
    assert "This appointment has changed since you opened the form, so nothing was changed now." in words(
        refused
    )
    assert "As it is now Fri, Nov 27 · 9:00 – 9:50 AM" in words(refused)
    assert 'name="sequence" value="1"' in refused.content.decode()
    assert fresh(appointment).starts_at == FRIDAY_AT_NINE


def test_a_cancelled_appointment_says_so_instead_of_a_form(cast: Cast) -> None:
    appointment = cast.booked()
    cast.decline(cast.asked(appointment))
    page = okafor().get(f"/appointments/{appointment.ref}/change/")
    assert "Not possible: this appointment was canceled." in words(page)
    assert "Save and tell Riley" not in words(page)
    assert change(okafor(), cast, appointment, day="2026-11-27").status_code == 409


def test_an_appointment_of_somebody_else_is_not_there(cast: Cast) -> None:
    appointment = cast.booked()
    for stranger in (mallory(), StaffBrowser("fischer@harbor.example")):
        assert stranger.get(f"/appointments/{appointment.ref}/change/").status_code == 404
        assert change(stranger, cast, appointment, day="2026-11-27").status_code == 404
    assert fresh(appointment).starts_at == TUESDAY_AT_ELEVEN
