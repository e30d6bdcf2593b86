"""Availability: weekly hours as a form, and the open times they lead to."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.at_work import AtWork, errors, key_in, manager, okafor, section
from tests.app.cast import NOW, OFFICE_HOURS, Cast
from tests.app.visiting import words

from raincheck.data.appointments import Place
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
        ("soon", "10:00", "“soon” is not a time of day. Nothing was changed; please write it like 09:00. 24:00 is the end of the day."),
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


def test_hours_past_midnight_are_named(cast: Cast) -> None:
    okafor().post("/availability/", **{"4-0-from": "20:00", "4-0-until": "02:00"})
    assert "the next day Remove Friday, hours 1" in words(okafor().get("/availability/"))


def test_the_hours_lead_to_open_times(cast: Cast) -> None:
    assert section(okafor().get("/availability/"), "Your next open times").startswith(
        "Your next open times 135 open times in the next 14 days fit a session of 50 minutes (Follow-up)."
        " Tue, Nov 17 10:00 AM, 10:30 AM, 11:00 AM, 11:30 AM, 12:00 PM, 12:30 PM and 7 more"
        " Wed, Nov 18 9:00 AM, 9:30 AM, 10:00 AM, 10:30 AM, 11:00 AM, 11:30 AM and 9 more"
    )


def test_no_open_times_say_what_to_do(cast: Cast) -> None:
    me = okafor()
    me.post("/availability/", **{"6-0-from": "09:00", "6-0-until": "09:30"})
    assert "No open times in the next 14 days. Add hours, or free some time;" in section(
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
        AtWork("riley@clients.example").post(page).status_code,
        AtWork("riley@clients.example").get(page).status_code,
    ]
    assert answers == [404] * 5
