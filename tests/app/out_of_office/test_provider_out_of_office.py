"""Out of office on its pages: blocking, changing and opening a stretch, and naming the appointments inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, Cast, new_york, time_off
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, crowd, errors, key_in, mallory, manager, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Provider

WEDNESDAY = {
    "first_day": "2026-11-25",
    "first_time": "12:00",
    "last_day": "2026-11-25",
    "last_time": "17:00",
    "note": "",
}


def block(
    who: StaffBrowser, *, address: str = "/appointments/block/", key: str = "", **other: Any
) -> HttpResponse:
    return who.post(address, key=key, **{**WEDNESDAY, **other})


def made(cast: Cast, **other: Any) -> OutOfOffice:
    values = {"starts_at": new_york(25, 12), "ends_at": new_york(25, 17), **other}
    return time_off(cast.okafor, **values)


def spans() -> list[tuple[datetime, datetime, bool, str]]:
    return list(OutOfOffice.objects.order_by("pk").values_list("starts_at", "ends_at", "all_day", "note"))


def test_a_stretch_is_blocked_with_its_note(cast: Cast) -> None:
    work = okafor()
    answer = block(work, note="Dentist")
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-25")
    assert spans() == [(new_york(25, 12), new_york(25, 17), False, "Dentist")]
    assert "Blocked: Wed, Nov 25 · 12:00 – 5:00 PM." in words(work.get(answer["Location"]))


def test_whole_days_end_with_their_last_day(cast: Cast) -> None:
    block(okafor(), all_day="on", last_day="2026-11-27", first_time="", last_time="")
    assert spans() == [(new_york(25, 0), new_york(28, 0), True, "")]


def test_a_whole_day_with_a_clock_change_lasts_as_long_as_the_day(cast: Cast) -> None:
    block(okafor(), all_day="on", first_day="2027-03-14", last_day="2027-03-14")
    assert spans()[0][:2] == (datetime(2027, 3, 14, 5, tzinfo=UTC), datetime(2027, 3, 15, 4, tzinfo=UTC))


def test_a_stretch_of_the_calendar_is_filled_in_with_what_lies_inside(cast: Cast) -> None:
    cast.booked()
    page = okafor().get("/appointments/block/", start="2026-11-24T09:00", end="2026-11-24T17:00")
    html = page.content.decode()
    assert 'name="first_time" value="09:00"' in html
    assert 'name="last_time" value="17:00"' in html
    assert (
        "One appointment is inside this time. It stays as it is: Riley Brooks, Tue, Nov 24 · 11:00 – 11:50 AM"
        in words(page)
    )


def test_whole_days_of_the_month_are_filled_in_without_the_day_after(cast: Cast) -> None:
    html = okafor().get("/appointments/block/", start="2026-11-25", end="2026-11-28").content.decode()
    assert 'name="first_day" value="2026-11-25"' in html
    assert 'name="last_day" value="2026-11-27"' in html
    assert 'id="id_all_day" checked' in html


def test_appointments_inside_are_named_before_the_time_is_blocked(cast: Cast) -> None:
    appointment, work, key = cast.booked(new_york(25, 13)), okafor(), str(uuid4())
    named = block(work, key=key)
    assert named.status_code == 422
    assert "Riley Brooks, Wed, Nov 25 · 1:00 – 1:50 PM" in words(named)
    assert key_in(named) == key
    assert spans() == []
    assert block(work, key=key, seen=str(appointment.ref)).status_code == 302
    assert Appointment.objects.get(pk=appointment.pk).status == "scheduled"


def test_what_has_begun_or_touches_only_is_not_inside(cast: Cast) -> None:
    cast.booked(new_york(25, 11, 10))
    cast.booked(new_york(25, 17), client=cast.maya)
    assert block(okafor()).status_code == 302


def test_another_appointment_inside_is_named_although_one_was_seen(cast: Cast) -> None:
    seen = cast.booked(new_york(25, 13))
    cast.booked(new_york(25, 15), client=cast.maya)
    named = block(okafor(), seen=str(seen.ref))
    assert "2 appointments are inside this time. They stay as they are:" in words(named)
    assert spans() == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"last_time": "11:00"}, "This ends before it begins. Please check the end."),
        ({"last_day": "2029-11-26"}, "This is longer than two years. Please check the end."),
        ({"last_time": ""}, "Please choose a time."),
        ({"first_day": ""}, "Please choose a date."),
        ({"all_day": "on", "last_day": "2026-11-24"}, "This ends before it begins. Please check the end."),
        (
            {"first_day": "2027-03-14", "first_time": "02:30", "last_day": "2027-03-14"},
            "The clocks jump over 2:30 AM on that day, so it never comes. Please choose another time.",
        ),
        (
            {"first_day": "2026-11-15", "last_day": "2026-11-15"},
            "That time is already past. Nothing was changed; please choose a time that is still ahead.",
        ),
        (
            {"note": "x" * 501},
            "The note is too long; 500 characters fit. Nothing was blocked yet; please shorten it.",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_blocked(
    cast: Cast, said: dict[str, str], sentence: str
) -> None:
    refused = block(okafor(), **{"note": "Kept", **said})
    assert (refused.status_code, errors(refused)) == (422, [sentence])
    assert f'value="{said.get("note", "Kept")}"' in refused.content.decode()
    assert spans() == []


def test_the_clock_is_the_providers(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    block(manager(cast), address=f"/appointments/block/?provider={cast.fischer.ref}")
    assert spans()[0][:2] == (new_york(25, 13), new_york(25, 18))


def test_a_block_is_shown_as_it_is_and_changed(cast: Cast) -> None:
    row, work = made(cast, note="Dentist"), okafor()
    page = work.get(f"/time-off/{row.ref}/")
    assert 'name="note" value="Dentist"' in page.content.decode()
    answer = block(work, address=f"/time-off/{row.ref}/", last_time="15:00", note="Dentist, early")
    assert answer.status_code == 302
    assert spans() == [(new_york(25, 12), new_york(25, 15), False, "Dentist, early")]


def test_whole_days_stay_whole_days_when_they_are_changed(cast: Cast) -> None:
    row = made(cast, starts_at=new_york(26, 0), ends_at=new_york(27, 0), all_day=True)
    html = okafor().get(f"/time-off/{row.ref}/").content.decode()
    assert 'name="last_day" value="2026-11-26"' in html
    block(
        okafor(), address=f"/time-off/{row.ref}/", all_day="on", first_day="2026-11-26", last_day="2026-11-27"
    )
    assert spans() == [(new_york(26, 0), new_york(28, 0), True, "")]


def test_a_removed_block_can_be_booked_again_and_says_so(cast: Cast) -> None:
    row, work, key = made(cast), okafor(), str(uuid4())
    answers = [work.post(f"/time-off/{row.ref}/", key=key, remove="on") for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert "Removed: Wed, Nov 25 · 12:00 – 5:00 PM can be booked again." in words(
        work.get(answers[0]["Location"])
    )
    row.refresh_from_db()
    assert row.removed_at == NOW
    assert "This time off was removed" in words(work.get(f"/time-off/{row.ref}/"))
    assert block(work, address=f"/time-off/{row.ref}/").status_code == 404


def test_time_off_of_somebody_else_is_not_there(cast: Cast) -> None:
    row = made(cast)
    for stranger in (mallory(), StaffBrowser("fischer@harbor.example")):
        assert stranger.get(f"/time-off/{row.ref}/").status_code == 404
        assert block(stranger, address=f"/time-off/{row.ref}/", note="Mine now").status_code == 404
        assert stranger.post(f"/time-off/{row.ref}/", remove="on").status_code == 404
    assert spans() == [(new_york(25, 12), new_york(25, 17), False, "")]


def test_the_page_makes_as_many_queries_for_thirty_inside_as_for_one(cast: Cast) -> None:
    row = made(cast, starts_at=new_york(16, 11), ends_at=new_york(30, 0))
    crowd(cast, range(1))
    few = okafor().queries(f"/time-off/{row.ref}/")
    crowd(cast, range(1, 30))
    assert okafor().queries(f"/time-off/{row.ref}/") == few
