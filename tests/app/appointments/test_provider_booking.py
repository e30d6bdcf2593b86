"""A new appointment from the calendar: whom the provider may book, and which times are warned of or refused."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, client_in, new_york, time_off
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, errors, manager, okafor

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.data.appointments.appointment import Appointment


def book(
    who: StaffBrowser, cast: Cast, *, address: str = "/appointments/new/", key: str = "", **other: Any
) -> HttpResponse:
    said = {
        "client": str(cast.riley.ref),
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "day": "2026-11-27",
        "time": "09:00",
        **other,
    }
    return who.post(address, key=key, **said)


def test_the_calendar_fills_in_its_start(cast: Cast) -> None:
    html = (
        okafor().get("/appointments/new/", start="2026-11-27T09:00", end="2026-11-27T10:00").content.decode()
    )
    assert 'name="day" value="2026-11-27"' in html
    assert 'name="time" value="09:00"' in html


def test_a_provider_chooses_among_their_own_clients(cast: Cast) -> None:
    cast.booked()
    assert "Choose a client Brooks, Riley Find or add somebody" in words(okafor().get("/appointments/new/"))


def test_a_manager_chooses_among_all_clients_of_the_practice(cast: Cast) -> None:
    page = manager(cast).get("/appointments/new/", provider=str(cast.fischer.ref))
    assert "Choose a client Brooks, Riley Chen, Maya Find or add somebody" in words(page)
    assert "Marlow" not in words(page)


def test_a_booking_is_told_and_shown_in_the_calendar(cast: Cast) -> None:
    cast.booked()
    work = okafor()
    answer = book(work, cast)
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-27")
    assert "Booked: Riley Brooks, Fri, Nov 27 · 9:00 – 9:50 AM. Riley is told." in words(
        work.get(answer["Location"])
    )
    assert Appointment.objects.filter(starts_at=FRIDAY_AT_NINE, provider=cast.okafor).count() == 1


def test_a_manager_books_for_the_provider_they_chose(cast: Cast) -> None:
    address = f"/appointments/new/?provider={cast.fischer.ref}"
    answer = book(manager(cast), cast, address=address)
    assert answer["Location"] == f"/appointments/?view=calendar&date=2026-11-27&provider={cast.fischer.ref}"
    assert Appointment.objects.get().provider_id == cast.fischer.pk


def test_the_same_booking_sent_twice_books_once(cast: Cast) -> None:
    cast.booked()
    work, key = okafor(), str(uuid4())
    assert [book(work, cast, key=key).status_code for _twice in range(2)] == [302, 302]
    assert Appointment.objects.filter(starts_at=FRIDAY_AT_NINE).count() == 1


def test_a_taken_time_is_refused_and_the_form_keeps_everything(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(27, 9), client=cast.maya)
    refused = book(okafor(), cast, time="09:50")
    assert refused.status_code == 409
    assert errors(refused) == [
        "Maya Chen has an appointment with Dr. Okafor at 9:00 AM, and they would overlap. "
        "Nothing was changed; please choose another time."
    ]
    assert f'<option value="{cast.riley.ref}" selected>Brooks, Riley</option>' in refused.content.decode()


def test_a_time_that_is_suggested_to_somebody_says_to_whom(cast: Cast) -> None:
    cast.booked()
    cast.asked(cast.booked(new_york(25, 11), client=cast.maya), suggestions=[FRIDAY_AT_NINE])
    refused = book(okafor(), cast, time="09:30")
    assert (refused.status_code, errors(refused)) == (
        409,
        [
            "9:00 AM is suggested to Maya Chen and kept for them. Nothing was changed; please choose another "
            "time, or take the suggestion back in their request first."
        ],
    )


def test_a_time_that_a_client_is_choosing_says_who_and_how_long(cast: Cast) -> None:
    cast.booked()
    asked = cast.asked(cast.booked(new_york(25, 11), client=cast.maya))
    hold = partial(hold_time, asked.ref, start=FRIDAY_AT_NINE, now=NOW)
    run_command(hold, key=None, body={}, by=cast.by_riley, now=NOW)
    refused = book(okafor(), cast, time="09:30")
    assert (refused.status_code, errors(refused)) == (
        409,
        [
            "9:00 AM is held until 10:05 AM for Maya Chen, who is choosing a time. Nothing was changed; "
            "please choose another time, or try again then."
        ],
    )


def test_a_time_outside_the_hours_is_booked_once_it_was_seen(cast: Cast) -> None:
    cast.booked()
    warned = book(okafor(), cast, time="07:00")
    assert warned.status_code == 422
    assert "This is outside the working hours of Dr. Okafor. Book this time anyway" in words(warned)
    assert book(okafor(), cast, time="07:00", anyway=new_york(27, 7).isoformat()).status_code == 302


def test_every_missing_choice_is_named(cast: Cast) -> None:
    refused = book(okafor(), cast, client="", day="", time="")
    assert refused.status_code == 422
    assert errors(refused) == ["Please choose a client.", "Please choose a date.", "Please choose a time."]


def test_a_client_of_another_practice_or_colleague_cannot_be_booked(cast: Cast) -> None:
    cast.booked(client=cast.maya, provider=cast.fischer)
    for stranger in (cast.eve, cast.maya):
        refused = book(okafor(), cast, client=str(stranger.ref))
        assert (refused.status_code, errors(refused)) == (422, ["Please choose a client."])


def test_the_page_makes_as_many_queries_for_thirty_clients_as_for_one(cast: Cast) -> None:
    sasha = manager(cast)
    few = sasha.queries("/appointments/new/")
    for number in range(30):
        client_in(cast.practice, f"Client{number}", "Crowd")
    assert sasha.queries("/appointments/new/") == few


def open_beside(page: HttpResponse) -> dict[str, list[str]]:
    """Return the open times that stand beside a form, by day."""
    part = page.content.decode().split('id="times-beside"')[1].split("</section>")[0]
    days = re.findall(r"<h3[^>]*>(.*?)</h3><ul[^>]*>(.*?)</ul>", part, re.DOTALL)
    return {name: re.findall(r"</span>([^<]+)</a>", times) for name, times in days}


def test_open_times_of_a_week_stand_beside_a_new_appointment(cast: Cast) -> None:
    for hour in (9, 11, 13, 15):
        cast.booked(new_york(27, hour), client=cast.maya)
    time_off(cast.okafor, new_york(30, 0), new_york(30, 0, month=12), all_day=True)
    cast.booked(client=cast.riley)
    page = okafor().get("/appointments/new/", start="2026-11-27")
    assert open_beside(page) == {
        "Friday, November 27": ["10:00 AM", "12:00 PM", "2:00 PM", "4:00 PM"],
    }
    # The intake is longer, and its places are others' gaps.
    page = okafor().get("/appointments/new/", start="2026-11-27", type=str(cast.intake.ref))
    assert open_beside(page) == {}
    assert "Nothing is open in these days. You may still enter any time that is free." in words(page)


def test_a_link_beside_the_form_fills_it_and_loses_nothing(cast: Cast) -> None:
    cast.booked()
    who = okafor()
    chosen = {"client": str(cast.riley.ref), "type": str(cast.intake.ref), "place": str(cast.telehealth.ref)}
    page = who.get("/appointments/new/", start="2026-11-27", **chosen).content.decode()
    [link] = re.findall(r'href="([^"]+)" data-fills-day="2026-11-27" data-fills-time="10:00"', page)
    filled = who.get("/appointments/new/" + unescape(link)).content.decode()
    assert 'name="day" value="2026-11-27"' in filled
    assert 'name="time" value="10:00"' in filled
    for ref in chosen.values():
        assert f'<option value="{ref}" selected>' in filled


def test_open_times_are_asked_for_alone_when_the_form_changes(cast: Cast) -> None:
    cast.booked()
    query = {"day": "2026-11-27", "time": "", "client": str(cast.riley.ref), "type": "", "place": ""}
    part = okafor().get("/appointments/new/", headers={"HX-Request": "true"}, **query)
    assert part.content.decode().lstrip().startswith("<section")
    assert next(iter(open_beside(part))) == "Friday, November 27"


def test_an_appointment_that_moves_is_not_in_its_own_way(cast: Cast) -> None:
    row = cast.booked(new_york(27, 10))
    cast.booked(new_york(27, 15), client=cast.maya)
    page = okafor().get(f"/appointments/{row.ref}/change/")
    times = open_beside(page)["Friday, November 27"]
    assert "10:30 AM" in times
    assert "3:00 PM" not in times
    # Riley can't be in two places.
    cast.booked(new_york(27, 12), provider=cast.fischer)
    assert (
        "12:00 PM" not in open_beside(okafor().get(f"/appointments/{row.ref}/change/"))["Friday, November 27"]
    )
