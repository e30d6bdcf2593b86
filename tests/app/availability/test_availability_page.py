"""Availability: weekly hours as a form, and the open times they lead to."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, OFFICE_HOURS, Cast
from tests.app.client_browser import words
from tests.app.engine.test_promises import refused, sql
from tests.app.staff_browser import StaffBrowser, errors, key_in, manager, okafor, section

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.availability import AvailabilityHistory
from raincheck.data.people import Provider

HOUR = timedelta(hours=1)


def hours_of(cast: Cast) -> dict[str, object]:
    stored: dict[str, object] = Provider.objects.get(pk=cast.okafor.pk).availability
    return stored


def fields(response: HttpResponse) -> dict[str, str]:
    """Return the times that stand in the form, by field."""
    return dict(re.findall(r'<input type="time" name="([^"]+)" value="([^"]*)"', response.content.decode()))


def test_weekly_hours_stand_in_the_form_day_by_day(cast: Cast) -> None:
    page = okafor().get("/availability/")
    assert fields(page) == {
        f"{day}-0-{edge}": time for day in range(5) for edge, time in (("from", "09:00"), ("until", "17:00"))
    }
    assert "Times in New York · sessions can start every 30 minutes" in words(page)
    assert "Saturday Not working Add hours on Saturday" in words(page)


def test_saved_hours_are_what_was_typed_with_several_windows_a_day(cast: Cast) -> None:
    sent = okafor(NOW + HOUR).post(
        "/availability/",
        **{
            "0-0-from": "09:00",
            "0-0-until": "12:00",
            "0-3-from": "13:30",
            "0-3-until": "00:00",
            "6-0-from": "",
            "6-0-until": "",
        },
    )
    provider = Provider.objects.get(pk=cast.okafor.pk)
    assert (sent["Location"], provider.availability, provider.availability_changed_at) == (
        "/availability/",
        {
            "weekly": [
                {"weekday": 0, "start": "09:00", "end": "12:00", "places": []},
                {"weekday": 0, "start": "13:30", "end": "24:00", "places": []},
            ],
            "overrides": [],
        },
        NOW + HOUR,
    )
    again = okafor().get("/availability/")
    assert fields(again) == {
        "0-0-from": "09:00",
        "0-0-until": "12:00",
        "0-1-from": "13:30",
        "0-1-until": "00:00",
    }


def test_saving_keeps_places_and_days_with_other_hours(cast: Cast) -> None:
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    overrides = [{"date": "2026-11-26", "windows": []}]
    weekly = [{"weekday": 0, "start": "09:00", "end": "17:00", "places": [str(room.ref)]}]
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": weekly, "overrides": overrides})
    me = okafor()
    page = me.get("/availability/")
    assert f'value="{room.ref}" checked' in page.content.decode()
    assert 'name="other-0-first" value="2026-11-26"' in page.content.decode()
    me.post(
        "/availability/",
        **{"0-0-from": "10:00", "0-0-until": "17:00", "0-0-place": [str(room.ref), str(uuid4())]},
    )
    assert hours_of(cast) == {
        "weekly": [{"weekday": 0, "start": "10:00", "end": "17:00", "places": [str(room.ref)]}],
        "overrides": overrides,
    }


def test_adding_and_removing_a_row_keeps_what_was_typed_and_saves_nothing(cast: Cast) -> None:
    me, typed = (
        okafor(),
        {"0-0-from": "08:15", "0-0-until": "12:00", "1-0-from": "09:00", "1-0-until": "10:00"},
    )
    more = me.post("/availability/", **typed, add="0")
    less = me.post("/availability/", **typed, remove="1-0")
    assert [(page.status_code, fields(page)) for page in (more, less)] == [
        (
            200,
            {
                "0-0-from": "08:15",
                "0-0-until": "12:00",
                "0-1-from": "",
                "0-1-until": "",
                "1-0-from": "09:00",
                "1-0-until": "10:00",
            },
        ),
        (200, {"0-0-from": "08:15", "0-0-until": "12:00"}),
    ]
    assert hours_of(cast) == OFFICE_HOURS


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("09:00", "", "Please give both times, or clear both to take these hours away. Nothing was changed yet."),
        ("soon", "10:00", "“soon” is not a time of day. Nothing was changed; please write it like 09:00 or 9:00 PM. 24:00 is the end of the day."),
        ("24:00", "02:00", "Working hours can't start at 24:00. Nothing was changed; use 00:00 of the next day instead."),
    ],
    ids=["half", "no time", "end of day"],
)  # fmt: skip
def test_hours_that_cannot_be_read_stay_with_their_sentence(
    cast: Cast, start: str, end: str, sentence: str
) -> None:
    me = okafor()
    key = key_in(me.get("/availability/"))
    said = {"0-0-from": "08:00", "0-0-until": "09:00", "2-0-from": start, "2-0-until": end}
    refused = me.post("/availability/", key=key, **said)
    assert (refused.status_code, errors(refused), fields(refused), key_in(refused), hours_of(cast)) == (
        422,
        [sentence],
        said,
        key,
        OFFICE_HOURS,
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9:00 PM", "21:00"), ("9:00 pm", "21:00"), ("9 p.m.", "21:00"), ("9pm", "21:00"), ("09:30:00", "09:30"),
        ("9:30", "09:30"), ("12 AM", "00:00"), ("12:15 am", "00:15"), ("12:00 PM", "12:00"), ("11:59 PM", "23:59"),
        (" 10:05  am ", "10:05"),
    ],
)  # fmt: skip
def test_times_typed_without_the_widget_are_read_as_people_write_them(
    cast: Cast, typed: str, kept: str
) -> None:
    end = "23:59" if kept != "23:59" else "24:00"
    said = {"0-0-from": typed, "0-0-until": end, "0-0-night": f"{kept}-{end}"}
    response = okafor().post("/availability/", **said)
    assert (response.status_code, hours_of(cast)["weekly"]) == (
        302,
        [{"weekday": 0, "start": kept, "end": end, "places": []}],
    )


@pytest.mark.parametrize(
    "typed", ["13:00 PM", "0:30 am", "25:00", "9:75 PM", "9", "half past nine", "9:00 PM or so"]
)
def test_a_time_that_nobody_can_read_comes_back_whole(cast: Cast, typed: str) -> None:
    refused = okafor().post("/availability/", **{"0-0-from": typed, "0-0-until": "23:00"})
    assert (fields(refused)["0-0-from"], errors(refused), hours_of(cast)) == (
        typed,
        [
            f"“{typed}” is not a time of day. Nothing was changed; please write it like 09:00 or 9:00 PM. 24:00 is the end of the day."
        ],
        OFFICE_HOURS,
    )


NIGHT = (
    "These hours end on the next day, at 8 AM. Nothing was saved. If you mean the night, tick the box. "
    "Otherwise correct the times."
)


def test_hours_past_midnight_are_taken_only_once_the_night_is_meant(cast: Cast) -> None:
    me, said = okafor(), {"0-0-from": "09:00", "0-0-until": "08:00"}
    refused = me.post("/availability/", **said)
    assert (refused.status_code, errors(refused), hours_of(cast)) == (422, [NIGHT], OFFICE_HOURS)
    assert "This opens Monday night until 8 AM" in words(refused)
    assert 'name="0-0-night" value="09:00-08:00">' in refused.content.decode()
    # A tick that was given for other times says nothing about these.
    assert errors(me.post("/availability/", **said, **{"0-0-night": "09:00-07:00"})) == [NIGHT]
    assert me.post("/availability/", **said, **{"0-0-night": "09:00-08:00"}).status_code == 302
    assert hours_of(cast)["weekly"] == [{"weekday": 0, "start": "09:00", "end": "08:00", "places": []}]
    # Who saved it has said so, and is not asked again.
    kept = me.get("/availability/")
    assert 'name="0-0-night" value="09:00-08:00" checked>' in kept.content.decode()
    assert "Remove Monday, hours 1 This opens Monday night until 8 AM" in words(kept)


def test_a_night_on_another_day_is_asked_about_too_and_midnight_is_none(cast: Cast) -> None:
    me, date = okafor(), {"overrides": "typed", "other-0-first": "2026-11-27", "other-0-works": "yes"}
    refused = me.post("/availability/", **date, **{"other-0-0-from": "20:00", "other-0-0-until": "02:30"})
    assert errors(refused) == [NIGHT.replace("8 AM", "2:30 AM")]
    assert "This opens the night that follows, until 2:30 AM" in words(refused)
    midnight = {"other-0-0-from": "20:00", "other-0-0-until": "00:00"}
    assert me.post("/availability/", **date, **midnight).status_code == 302


def test_a_preview_shows_a_night_before_anybody_said_that_it_is_meant(cast: Cast) -> None:
    part = okafor().post("/availability/preview/", htmx=True, **{"0-0-from": "09:00", "0-0-until": "08:00"})
    assert (part.status_code, part.headers.get("HX-Retarget")) == (200, None)


def test_hours_without_a_ticked_place_read_every_place(cast: Cast) -> None:
    office = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    me = okafor()
    row = {"0-0-from": "09:00", "0-0-until": "17:00"}
    for places, hidden in (({}, ""), ({"0-0-place": str(office.ref)}, " hidden")):
        me.post("/availability/", **row, **places)
        said = f'data-every-place role="status"{hidden}>every place</span>'
        assert said in me.get("/availability/").content.decode()


def test_no_open_times_say_what_to_do(cast: Cast) -> None:
    me = okafor()
    me.post("/availability/", **{"6-0-from": "09:00", "6-0-until": "09:30"})
    assert "0 open times in the next 14 days For Follow-up · 50 min" in section(
        me.get("/availability/"), "Your next open times"
    )


def test_a_manager_looks_after_the_hours_of_every_provider(cast: Cast) -> None:
    boss, fischer = manager(cast), f"/availability/?provider={cast.fischer.ref}"
    assert "Availability of Dr. Jo Okafor" in words(boss.get("/availability/"))
    assert "Availability of Dr. Lena Fischer" in words(boss.get(fischer))
    assert boss.post(fischer, **{"0-0-from": "09:00", "0-0-until": "10:00"})["Location"] == fischer
    assert (hours_of(cast), len(Provider.objects.get(pk=cast.fischer.pk).availability["weekly"])) == (
        OFFICE_HOURS,
        1,
    )


@pytest.mark.parametrize("page", ["/availability/", "/availability/calendars/"])
def test_nobody_reaches_the_hours_of_others(cast: Cast, page: str) -> None:
    fischer, vance = f"{page}?provider={cast.fischer.ref}", f"{page}?provider={cast.mallory.ref}"
    answers = [
        okafor().post(fischer).status_code,
        manager(cast).post(vance).status_code,
        manager(cast).post(f"{page}?provider=nonsense").status_code,
        StaffBrowser("riley@clients.example").post(page).status_code,
        StaffBrowser("riley@clients.example").get(page).status_code,
    ]
    assert answers == [404] * 5


def test_a_days_hours_are_copied_as_typed_and_nothing_is_saved(cast: Cast) -> None:
    me = okafor()
    typed = {"0-4-from": "08:00", "0-4-until": "12:00", "0-5-from": "", "0-5-until": ""}
    typed |= {"1-0-from": "09:00", "1-0-until": "17:00", "5-0-from": "10:00", "5-0-until": "11:00"}
    morning = {
        f"{day}-0-{edge}": time for day in (1, 5) for edge, time in (("from", "08:00"), ("until", "12:00"))
    }
    ticked = me.post("/availability/", **typed, **{"copy-0": ["1", "5", "soon"], "copy": "0-ticked"})
    assert fields(ticked) == typed | morning
    assert "Copied to Tuesday and Saturday. Nothing is saved until you save." in words(ticked)
    weekdays = fields(me.post("/availability/", **typed, copy="0-weekdays"))
    assert {name[0] for name, time in weekdays.items() if time == "08:00"} == set("01234")
    every = fields(me.post("/availability/", **typed, copy="0-every"))
    assert {name[0] for name, time in every.items() if time == "08:00"} == set("0123456")
    assert hours_of(cast) == OFFICE_HOURS


def test_copying_to_no_day_says_what_to_do(cast: Cast) -> None:
    typed = {"0-0-from": "08:00", "0-0-until": "12:00"}
    page = okafor().post("/availability/", **typed, **{"copy-0": ["0"], "copy": "0-ticked"})
    assert (page.status_code, fields(page), errors(page)) == (
        200,
        typed,
        ["Please tick the days that these hours should be copied to."],
    )


@pytest.mark.parametrize("named", ["9-every", "", "0", "nonsense-weekdays"])
def test_copying_what_is_not_there_changes_nothing(cast: Cast, named: str) -> None:
    typed = {"0-0-from": "08:00", "0-0-until": "12:00"}
    page = okafor().post("/availability/", **typed, copy=named)
    assert (page.status_code, fields(page)) == (200, typed)


def test_the_grid_step_is_saved_with_the_hours(cast: Cast) -> None:
    typed = {"0-0-from": "08:00", "0-0-until": "12:00"}
    me = okafor()
    me.post("/availability/", **typed, step="15")
    assert Provider.objects.get(pk=cast.okafor.pk).grid_step == timedelta(minutes=15)
    page = me.get("/availability/")
    assert "sessions can start every 15 minutes" in words(page)
    assert '<option value="15" selected>15 minutes</option>' in page.content.decode()
    refused = me.post("/availability/", **typed, step="20")
    assert (refused.status_code, errors(refused)) == (
        422,
        [
            "Sessions can start every 15, 30 or 60 minutes. Nothing was changed yet; please choose one of them."
        ],
    )


def test_another_zone_is_asked_about_and_moves_no_appointment(cast: Cast) -> None:
    appointment = cast.booked()
    me, typed = okafor(NOW + HOUR), {"0-0-from": "08:00", "0-0-until": "12:00", "zone": "America/Chicago"}
    asked = me.post("/availability/", **typed)
    assert (asked.status_code, errors(asked)) == (
        422,
        [
            "You chose another time zone. Nothing was changed yet; please read what it means and tick the box below it."
        ],
    )
    assert '<option value="America/Chicago" selected>Chicago</option>' in asked.content.decode()
    assert "Booked appointments and time off stay at the same moment" in words(asked)
    assert (Provider.objects.get(pk=cast.okafor.pk).zone, hours_of(cast)) == (
        "America/New_York",
        OFFICE_HOURS,
    )
    assert me.post("/availability/", **typed, **{"zone-confirmed": "yes"}).status_code == 302
    provider, row = Provider.objects.get(pk=cast.okafor.pk), Appointment.objects.get(pk=appointment.pk)
    assert (provider.zone, provider.availability["weekly"][0]["start"]) == ("America/Chicago", "08:00")
    assert (row.starts_at, row.ends_at) == (appointment.starts_at, appointment.ends_at)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd"])
def test_an_unknown_zone_is_refused_at_its_field(cast: Cast, zone: str) -> None:
    refused = okafor().post("/availability/", zone=zone, **{"zone-confirmed": "yes"})
    assert (refused.status_code, errors(refused)) == (
        422,
        [
            f"“{zone}” is not a time zone we know. Nothing was changed; please choose one like America/New_York."
        ],
    )
    assert hours_of(cast) == OFFICE_HOURS


def test_a_second_tab_does_not_save_over_the_first(cast: Cast) -> None:
    me = okafor()
    page = me.get("/availability/").content.decode()
    (made_from,) = re.findall(r'name="made-from" value="([^"]+)"', page)
    first = {"0-0-from": "08:00", "0-0-until": "12:00", "made-from": made_from}
    assert me.post("/availability/", **first).status_code == 302
    kept = hours_of(cast)
    second = {"1-0-from": "08:00", "1-0-until": "12:00", "made-from": made_from}
    stale = me.post("/availability/", **second)
    assert (stale.status_code, fields(stale), hours_of(cast)) == (
        409,
        {"1-0-from": "08:00", "1-0-until": "12:00"},
        kept,
    )
    assert "These hours were saved somewhere else since you opened this page" in words(stale)
    assert "Last saved by you, Mon, Nov 16 · 10:00 AM" in words(stale)
    (newer,) = re.findall(r'name="made-from" value="([^"]+)"', stale.content.decode())
    assert newer != made_from
    assert me.post("/availability/", **second | {"made-from": newer}, key=key_in(stale)).status_code == 302
    assert hours_of(cast) != kept


def test_open_times_of_typed_hours_are_shown_before_they_are_saved(cast: Cast) -> None:
    page = okafor().post("/availability/", **{"6-0-from": "09:00", "6-0-until": "10:00"}, preview="yes")
    assert section(page, "Your next open times").startswith("Your next open times 2 open times")
    assert hours_of(cast) == OFFICE_HOURS


def test_who_saved_the_hours_is_recorded_with_what_was_kept_before_and_said(cast: Cast) -> None:
    boss, hours = manager(cast, NOW + HOUR), f"/availability/?provider={cast.okafor.ref}"
    assert "Last saved" not in words(boss.get(hours))
    boss.post(hours, **{"0-0-from": "09:00", "0-0-until": "12:00"}, step="60")
    row = AvailabilityHistory.objects.get(provider=cast.okafor)
    assert (row.actor_kind, row.at, row.former_availability, row.former_grid_step, row.former_zone) == (
        "manager",
        NOW + HOUR,
        OFFICE_HOURS,
        timedelta(minutes=30),
        "America/New_York",
    )
    said = "Last saved by Sasha Lindqvist, Mon, Nov 16 · 11:00 AM"
    assert said.replace("Sasha Lindqvist", "you") in words(boss.get(hours))
    me = okafor(NOW + 2 * HOUR)
    assert said in words(me.get("/availability/"))
    me.post("/availability/", **{"0-0-from": "09:00", "0-0-until": "12:00"})
    assert "Last saved by you, Mon, Nov 16 · 12:00 PM" in words(me.get("/availability/"))
    assert "Last saved by Dr. Jo Okafor, Mon, Nov 16 · 12:00 PM" in words(boss.get(hours))


@pytest.mark.parametrize("crime", ["UPDATE raincheck_availabilityhistory SET at = at", "DELETE FROM raincheck_availabilityhistory"])  # fmt: skip
def test_p15_the_history_of_hours_is_append_only(cast: Cast, crime: str) -> None:
    okafor().post("/availability/", **{"0-0-from": "09:00", "0-0-until": "12:00"})
    with refused("the_history_is_append_only"):
        sql(crime)
