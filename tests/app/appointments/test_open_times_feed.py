"""The open times laid behind the calendar: the starts a client could choose, in the provider's wall times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york, time_off
from tests.app.staff_browser import StaffBrowser, mallory, manager, okafor

from raincheck.data.appointments.claims import Hold
from raincheck.data.appointments.places import Place
from raincheck.data.people import Provider

ADDRESS = "/appointments/open-times.json"
TUESDAY = {"from": "2026-11-24", "to": "2026-11-25"}


def answer(who: StaffBrowser, cast: Cast, **query: str) -> dict[str, Any]:
    response = who.get(ADDRESS, **{"type": str(cast.follow_up.ref), **TUESDAY, **query})
    assert response.status_code == 200
    return response.json()


def at(*clocks: str) -> list[str]:
    return [f"2026-11-24T{clock}:00-05:00" for clock in clocks]


def test_the_open_starts_of_a_day_leave_out_what_is_taken(cast: Cast) -> None:
    cast.booked(new_york(24, 11))
    time_off(cast.okafor, new_york(24, 13), new_york(24, 16))
    # A follow-up takes 50 minutes and 10 of buffer after it.
    assert answer(okafor(), cast) == {
        "zone": "America/New_York",
        "minutes": 50,
        "starts": at("09:00", "09:30", "10:00", "12:00", "16:00"),
    }


def test_a_longer_type_has_fewer_open_starts(cast: Cast) -> None:
    cast.booked(new_york(24, 11))
    found = answer(okafor(), cast, type=str(cast.intake.ref))
    assert (found["minutes"], found["starts"]) == (
        80,
        at("09:00", "09:30", "12:00", "12:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30"),
    )


def test_a_live_hold_takes_its_time_and_an_expired_one_does_not(cast: Cast) -> None:
    for hour, minutes in ((9, 5), (15, -5)):
        Hold.objects.create(
            practice=cast.practice,
            provider=cast.okafor,
            client=cast.riley,
            starts_at=new_york(24, hour),
            ends_at=new_york(24, hour, 50),
            buffer_before=timedelta(0),
            buffer_after=timedelta(minutes=10),
            began_at=NOW - timedelta(hours=1),
            expires_at=NOW + timedelta(minutes=minutes),
        )
    starts = answer(okafor(), cast)["starts"]
    assert (starts[0], at("15:00")[0] in starts) == (at("10:00")[0], True)


def test_only_hours_at_the_place_asked_about_count(cast: Cast) -> None:
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room")
    cast.okafor.availability = {
        "weekly": [
            {"weekday": 1, "start": "09:00", "end": "10:00", "places": [str(room.ref)]},
            {"weekday": 1, "start": "14:00", "end": "15:00", "places": [str(cast.telehealth.ref)]},
        ],
        "overrides": [],
    }
    cast.okafor.save(update_fields=["availability"])
    assert answer(okafor(), cast, place=str(room.ref))["starts"] == at("09:00")
    assert answer(okafor(), cast, place=str(cast.telehealth.ref))["starts"] == at("14:00")
    assert answer(okafor(), cast)["starts"] == at("09:00", "14:00")


def test_the_practices_notice_and_horizon_count_as_for_a_client(cast: Cast) -> None:
    tomorrow = answer(okafor(), cast, **{"from": "2026-11-16", "to": "2026-11-18"})
    assert tomorrow["starts"][0] == "2026-11-17T10:00:00-05:00"
    far = answer(okafor(), cast, **{"from": "2027-01-14", "to": "2027-01-20"})
    assert far["starts"][-1] == "2027-01-15T10:00:00-05:00"


def test_times_are_the_providers_whoever_looks(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    found = answer(manager(cast), cast, provider=str(cast.fischer.ref))
    assert (found["zone"], found["starts"][0]) == ("America/Chicago", "2026-11-24T09:00:00-06:00")


def test_the_question_itself_takes_two_queries_however_much_is_taken(cast: Cast) -> None:
    address = f"{ADDRESS}?type={cast.follow_up.ref}&place={cast.telehealth.ref}&from=2026-11-16&to=2026-12-14"
    for taken in (0, 40):
        for number in range(taken):
            cast.booked(new_york(17 + number // 8, 9 + number % 8), client=cast.maya)
        visitor = okafor()
        with CaptureQueriesContext(connection) as made:
            assert visitor.get(address).status_code == 200
        who = ("django_session", "raincheck_user", "raincheck_membership")
        question = [one["sql"] for one in made if not any(name in one["sql"] for name in who)]
        assert (len(question), len(made)) == (2, 4)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-28", "to": "2026-11-23"},
        {"from": "nonsense"},
        {"from": "2026-01-01", "to": "2026-03-05"},
    ],
)
def test_a_stretch_that_is_none_is_answered_with_a_sentence(cast: Cast, query: dict[str, str]) -> None:
    response = okafor().get(ADDRESS, **{**TUESDAY, "type": str(cast.follow_up.ref), **query})
    assert (response.status_code, response.json()) == (
        400,
        {"detail": "The calendar needs two dates at most two months apart: from and to, like 2026-11-24."},
    )


def test_what_belongs_to_another_practice_is_not_there(cast: Cast) -> None:
    own = {**TUESDAY, "type": str(cast.follow_up.ref)}
    theirs = Place.objects.get(practice=cast.elsewhere)
    for query in (
        {**own, "provider": str(cast.mallory.ref)},
        {**own, "provider": str(cast.fischer.ref)},
        {**own, "place": str(theirs.ref)},
        {**own, "place": "nowhere"},
        TUESDAY,
    ):
        assert okafor().get(ADDRESS, **query).status_code == 404
    assert mallory().get(ADDRESS, **own).status_code == 404
