"""Appointments that hours leave out are listed, never moved; and what is odd about hours is said before and after saving."""

from __future__ import annotations

from datetime import timedelta

from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import links, manager, okafor, section

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.people import Provider

HOUR = timedelta(hours=1)
NOTHING_FITS = {"0-0-from": "09:00", "0-0-until": "09:30"}
MORNINGS = {
    f"{day}-0-{edge}": time for day in range(5) for edge, time in (("from", "09:00"), ("until", "12:00"))
}
OUTSIDE = "Appointments outside your hours"
CHECK = "Please check"


def test_an_appointment_that_no_longer_fits_is_named_before_and_listed_after_saving(cast: Cast) -> None:
    stays = cast.booked(new_york(24, 11))
    leaves = cast.booked(new_york(25, 14), client=cast.maya)
    me = okafor()
    typed = me.post("/availability/", **MORNINGS, preview="yes")
    assert section(typed, CHECK) == (
        "Please check One booked appointment does not fit these hours any more. Saving moves and cancels nothing."
        " Maya Chen · Wed, Nov 25 · 2:00 – 2:50 PM"
    )
    assert me.post("/availability/", **MORNINGS)["Location"] == "/availability/"
    page = me.get("/availability/")
    assert (
        "Your hours are saved. One appointment does not fit them any more; it stays as it is booked and is listed below."
        in words(page)
    )
    assert section(page, OUTSIDE).endswith(
        "Maya Chen New Wed, Nov 25 · 2:00 – 2:50 PM Follow-up, Telehealth"
        " Ask Maya to reschedule , Wed, Nov 25 · 2:00 – 2:50 PM"
    )
    assert links(page)["Maya Chen"] == f"/appointments/{leaves.ref}/"
    assert (
        links(page)["Ask Maya to reschedule , Wed, Nov 25 · 2:00 – 2:50 PM"]
        == f"/appointments/{leaves.ref}/ask/"
    )
    for row in (stays, leaves):
        now = Appointment.objects.get(pk=row.pk)
        assert (now.status, now.starts_at, now.ical_sequence) == ("scheduled", row.starts_at, 0)
    again = me.get("/availability/")
    assert "New" not in section(again, OUTSIDE).split()
    assert CHECK not in words(again)


def test_an_appointment_that_was_outside_before_is_listed_and_not_said_to_be_new(cast: Cast) -> None:
    cast.booked(new_york(24, 19))
    me = okafor()
    assert "Tue, Nov 24 · 7:00 – 7:50 PM" in section(me.get("/availability/"), OUTSIDE)
    assert me.post("/availability/", **MORNINGS)["Location"] == "/availability/"
    assert "New" not in section(me.get("/availability/"), OUTSIDE).split()


def test_an_asked_appointment_says_so_and_offers_no_second_ask(cast: Cast) -> None:
    cast.asked(cast.booked(new_york(24, 19)))
    listed = section(okafor().get("/availability/"), OUTSIDE)
    assert "Riley Brooks Asked · 48 h left Tue, Nov 24" in listed
    assert "Not possible: Riley has already been asked." in listed


def test_hours_at_another_place_leave_an_appointment_out(cast: Cast) -> None:
    cast.booked(TUESDAY_AT_ELEVEN)
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    me = okafor()
    me.post("/availability/", **{"1-0-from": "09:00", "1-0-until": "17:00", "1-0-place": [str(room.ref)]})
    assert "Riley Brooks New Tue, Nov 24" in section(me.get("/availability/"), OUTSIDE)


def test_a_day_that_is_off_and_another_zone_leave_appointments_out(cast: Cast) -> None:
    cast.booked(TUESDAY_AT_ELEVEN)
    cast.booked(new_york(25, 9), client=cast.maya)
    week = {
        f"{day}-0-{edge}": time for day in range(5) for edge, time in (("from", "09:00"), ("until", "17:00"))
    }
    day_off = {"overrides": "typed", "other-0-first": "2026-11-24", "other-0-works": "no"}
    page = okafor().post("/availability/", **week, **day_off, zone="America/Chicago", preview="yes")
    assert section(page, CHECK) == (
        "Please check 2 booked appointments do not fit these hours any more. Saving moves and cancels nothing."
        " Riley Brooks · Tue, Nov 24 · 10:00 – 10:50 AM Maya Chen · Wed, Nov 25 · 8:00 – 8:50 AM"
    )


def test_hours_of_fitting_appointments_list_nothing(cast: Cast) -> None:
    cast.booked(TUESDAY_AT_ELEVEN)
    cast.booked(new_york(16, 7), now=NOW - 5 * HOUR)
    page = words(okafor().get("/availability/"))
    assert OUTSIDE not in page
    assert CHECK not in page


def test_the_list_is_the_providers_own(cast: Cast) -> None:
    cast.booked(new_york(24, 19), client=cast.maya, provider=cast.fischer)
    assert OUTSIDE not in words(okafor().get("/availability/"))
    boss = manager(cast).get(f"/availability/?provider={cast.fischer.ref}")
    assert "Maya Chen" in section(boss, OUTSIDE)


def test_odd_hours_are_named_in_whole_sentences(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.okafor.pk).update(grid_step=HOUR)
    typed = NOTHING_FITS | {
        "1-0-from": "13:15",
        "1-0-until": "14:30",
        "2-0-from": "09:00",
        "2-0-until": "09:30",
        "2-1-from": "09:15",
        "2-1-until": "09:45",
        "overrides": "typed",
        "other-0-first": "2026-11-26",
        "other-0-last": "2026-11-27",
        "other-0-works": "yes",
        "other-0-0-from": "23:45",
        "other-0-0-until": "00:00",
    }
    found = section(okafor().post("/availability/", **typed, preview="yes"), CHECK)
    assert found == (
        "Please check These hours lead to no open times in the next 14 days."
        " Monday, 9:00 AM – 9:30 AM, is too short for any of your appointment types."
        " Tuesday, 1:15 PM – 2:30 PM, fits no appointment, because sessions start 1 hour apart."
        " Wednesday, 9:00 AM – 9:30 AM, is too short for any of your appointment types."
        " Wednesday, 9:15 AM – 9:45 AM, is too short for any of your appointment types."
        " Wednesday: 9:00 AM – 9:30 AM and 9:15 AM – 9:45 AM overlap. They count as one stretch."
        " Thu, Nov 26 – Fri, Nov 27, 11:45 PM – 12:00 AM, is too short for any of your appointment types."
    )


def test_a_save_says_what_is_odd_and_saves_all_the_same(cast: Cast) -> None:
    me = okafor()
    assert me.post("/availability/", **NOTHING_FITS).status_code == 302
    assert "Monday, 9:00 AM – 9:30 AM, is too short" in section(me.get("/availability/"), CHECK)


def test_more_appointments_make_no_more_queries(cast: Cast) -> None:
    me = okafor()
    cast.booked(new_york(24, 19))
    once = me.queries("/availability/")
    for day in (25, 26, 27):
        cast.asked(cast.booked(new_york(day, 19)), repeat_confirmed=True)
    assert me.queries("/availability/") == once


def test_hours_at_a_place_that_is_offered_no_more_keep_it_and_say_so(cast: Cast) -> None:
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    closed = Place.objects.create(
        practice=cast.practice, name="Attic", kind="room", zone="America/New_York", offered=False
    )
    typed = {"0-0-from": "09:00", "0-0-until": "12:00", "0-0-place": [str(closed.ref)]}
    typed |= {"1-0-from": "09:00", "1-0-until": "12:00", "1-0-place": [str(room.ref)]}
    page = okafor().post("/availability/", **typed, preview="yes")
    assert page.content.decode().count("Attic") == 1
    assert "Monday, 9:00 AM – 12:00 PM, is only for places that your practice offers no more." in section(
        page, CHECK
    )
    assert "Tuesday" not in section(page, CHECK)
