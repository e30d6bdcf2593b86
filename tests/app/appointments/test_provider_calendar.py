"""The calendar's feed: everything in a stretch of days, in wall times of the provider."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from tests.app.cast import NOW, Cast, new_york, time_off
from tests.app.staff_browser import StaffBrowser, crowd, mallory, manager, okafor

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.claims import Hold
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.people import Client, Provider

WEEK = {"from": "2026-11-23", "to": "2026-11-28"}


def events(who: StaffBrowser, **query: str) -> list[dict[str, Any]]:
    response = who.get("/appointments/calendar.json", **{**WEEK, **query})
    assert response.status_code == 200
    return response.json()["events"]


def test_every_kind_of_taken_time_is_told_in_wall_times(cast: Cast) -> None:
    follow_up = cast.booked(new_york(23, 9), client=cast.maya)
    intake = cast.booked(new_york(23, 11), client=cast.maya, kind=cast.intake)
    asked = cast.booked()
    cast.asked(asked)
    block = time_off(cast.okafor, new_york(25, 12), new_york(25, 17))
    holiday = time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True, note="Thanksgiving")
    busy = _busy(cast)
    hold = Hold.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.riley,
        starts_at=new_york(27, 9),
        ends_at=new_york(27, 10),
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
        began_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
    )
    answer = okafor().get("/appointments/calendar.json", **WEEK).json()
    assert answer["now"] == "2026-11-16T10:00:00"
    days = [f"2026-11-{day}" for day in range(23, 28)]
    assert answer["open"] == [{"start": f"{day}T09:00:00", "end": f"{day}T17:00:00"} for day in days]
    assert answer["heads"] == {
        "2026-11-23": "2 sessions",
        "2026-11-24": "1 session, 1 asked",
        "2026-11-25": "off from 12 PM",
        "2026-11-26": "off",
    }
    assert answer["asked"] == ["2026-11-24"]
    assert answer["events"] == [
        {
            "id": str(block.ref),
            "kind": "out_of_office",
            "title": "Out of office",
            "detail": "12:00 – 5:00 PM",
            "label": "Out of office, Wednesday, November 25, 12:00 – 5:00 PM",
            "start": "2026-11-25T12:00:00",
            "end": "2026-11-25T17:00:00",
            "all_day": False,
            "time": "",
            "url": f"/time-off/{block.ref}/",
            "asks": False,
            "outcome": "",
            "place": "",
            "video": False,
            "unread": 0,
            "phone": "",
        },
        {
            "id": str(holiday.ref),
            "kind": "out_of_office",
            "title": "Out of office",
            "detail": "Thanksgiving",
            "label": "Out of office, Thursday, November 26, all day, Thanksgiving",
            "start": "2026-11-26",
            "end": "2026-11-27",
            "all_day": True,
            "time": "",
            "url": f"/time-off/{holiday.ref}/",
            "asks": False,
            "outcome": "",
            "place": "",
            "video": False,
            "unread": 0,
            "phone": "",
        },
        {
            "id": f"busy-{busy.pk}",
            "kind": "busy",
            "title": "Busy",
            "detail": "Google Calendar",
            "label": "Busy, Google Calendar, Tuesday, November 24, 9:00 – 10:00 AM",
            "start": "2026-11-24T09:00:00",
            "end": "2026-11-24T10:00:00",
            "all_day": False,
            "time": "",
            "url": "",
            "asks": False,
            "outcome": "",
            "place": "",
            "video": False,
            "unread": 0,
            "phone": "",
        },
        {
            "id": str(hold.ref),
            "kind": "hold",
            "title": "Held for Riley",
            "detail": "9:00 – 10:00 AM",
            "label": "Held for Riley, Friday, November 27, 9:00 – 10:00 AM",
            "start": "2026-11-27T09:00:00",
            "end": "2026-11-27T10:00:00",
            "all_day": False,
            "time": "",
            "url": "",
            "asks": False,
            "outcome": "",
            "place": "",
            "video": False,
            "unread": 0,
            "phone": "",
        },
        {
            "id": str(follow_up.ref),
            "kind": "appointment",
            "title": "Maya Chen",
            "detail": "9:00 · Follow-up",
            "label": "Maya Chen, Monday, November 23, 9:00 AM, Follow-up, Telehealth",
            "start": "2026-11-23T09:00:00",
            "end": "2026-11-23T09:50:00",
            "all_day": False,
            "time": "9:00",
            "url": f"/appointments/{follow_up.ref}/",
            "asks": False,
            "outcome": "",
            "place": "Telehealth",
            "video": True,
            "unread": 0,
            "phone": "",
        },
        {
            "id": str(intake.ref),
            "kind": "intake",
            "title": "Maya Chen",
            "detail": "11:00 · Intake",
            "label": "Maya Chen, Monday, November 23, 11:00 AM, Intake, Telehealth",
            "start": "2026-11-23T11:00:00",
            "end": "2026-11-23T12:20:00",
            "all_day": False,
            "time": "11:00",
            "url": f"/appointments/{intake.ref}/",
            "asks": False,
            "outcome": "",
            "place": "Telehealth",
            "video": True,
            "unread": 0,
            "phone": "",
        },
        {
            "id": str(asked.ref),
            "kind": "asked",
            "title": "Riley Brooks",
            "detail": "Asked · 48 h left",
            "label": "Riley Brooks, Tuesday, November 24, 11:00 AM, Follow-up, asked to reschedule, 48 hours left, Telehealth",
            "start": "2026-11-24T11:00:00",
            "end": "2026-11-24T11:50:00",
            "all_day": False,
            "time": "11:00",
            "url": f"/appointments/{asked.ref}/",
            "asks": False,
            "outcome": "",
            "place": "Telehealth",
            "video": True,
            "unread": 0,
            "phone": "",
        },
    ]


def test_cancelled_appointments_and_removed_blocks_are_gone(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked()))
    time_off(cast.okafor, new_york(25, 12), new_york(25, 17), removed_at=NOW)
    assert events(okafor()) == []


def test_what_was_cancelled_is_shown_on_demand_with_why(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked()))
    (event,) = events(okafor(), canceled="yes")
    assert (event["kind"], event["outcome"], event["detail"]) == (
        "canceled",
        "cancelled",
        "Canceled: the client canceled instead of choosing a new time",
    )
    answer = okafor().get("/appointments/calendar.json", **WEEK, canceled="yes").json()
    assert answer["heads"] == {}


def test_unread_words_stand_at_the_next_appointment_for_who_may_read_them(cast: Cast) -> None:
    cast.booked(new_york(23, 9))
    cast.booked(new_york(26, 9))
    words = "Is there parking?"
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words=words, by=cast.by_riley, now=NOW)
    version = okafor().get("/appointments/calendar.json", **WEEK).json()["version"]
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    assert poll(okafor(), version)[0] == 200
    assert [(one["start"][8:10], one["unread"]) for one in events(okafor())] == [("23", 1), ("26", 0)]
    assert events(okafor())[0]["label"].endswith("Telehealth, 1 unread message")
    assert [one["unread"] for one in events(manager(cast), provider=str(cast.okafor.ref))] == [0, 0]
    # Once the first is over, the next one carries it.
    assert [one["unread"] for one in events(okafor(new_york(24, 9)))] == [0, 1]


def test_a_day_that_is_over_says_what_became_of_it_and_what_still_asks(cast: Cast) -> None:
    rows = [cast.booked(new_york(23, 9)), cast.booked(new_york(23, 11), client=cast.maya)]
    today, later = okafor(new_york(23, 12)), okafor(new_york(24, 9))

    def said(who: StaffBrowser) -> tuple[dict[str, str], list[tuple[object, ...]]]:
        answer = who.get("/appointments/calendar.json", **WEEK).json()
        shown = [(one["asks"], one["outcome"], one["detail"]) for one in answer["events"]]
        return answer["heads"], shown

    asks, took_place = (True, "", "What happened?"), (False, "completed", "Took place")
    assert said(today) == ({"2026-11-23": "2 sessions, 2 ask what happened"}, [asks, asks])
    assert said(later) == ({"2026-11-23": "2 ask what happened"}, [asks, asks])
    for row in rows:
        later.post(f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled")
    assert said(later) == ({"2026-11-23": "2 took place"}, [took_place, took_place])


def test_the_times_are_the_providers_whoever_looks(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    cast.booked(provider=Provider.objects.get(pk=cast.fischer.pk))
    (event,) = events(manager(cast), provider=str(cast.fischer.ref))
    assert (event["start"], event["detail"]) == ("2026-11-24T10:00:00", "10:00 · Follow-up")


def test_an_appointment_over_a_repeated_hour_keeps_its_length(cast: Cast) -> None:
    # 1:30 AM of the first pass; fifty minutes later the clock shows 1:20 AM again.
    cast.booked(datetime(2027, 11, 7, 5, 30, tzinfo=UTC))
    (event,) = events(okafor(), **{"from": "2027-11-07", "to": "2027-11-08"})
    assert (event["start"], event["end"]) == ("2027-11-07T01:30:00", "2027-11-07T02:20:00")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-28", "to": "2026-11-23"},
        {"from": "nonsense", "to": "2026-11-23"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "9999-12-31", "to": "9999-12-31"},
    ],
)
def test_a_stretch_that_is_none_is_answered_with_a_sentence(cast: Cast, query: dict[str, str]) -> None:
    answer = okafor().get("/appointments/calendar.json", **query)
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "The calendar needs two dates at most two months apart: from and to, like 2026-11-24."
    }


def test_nobody_reads_the_calendar_of_another_practice(cast: Cast) -> None:
    cast.booked()
    assert events(mallory()) == []
    strange = {**WEEK, "provider": str(cast.okafor.ref)}
    assert mallory().get("/appointments/calendar.json", **strange).status_code == 404


def test_the_feed_makes_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    address = "/appointments/calendar.json?from=2026-11-16&to=2026-11-30"
    crowd(cast, range(1))
    few = okafor().queries(address)
    crowd(cast, range(1, 30))
    assert okafor().queries(address) == few


def _busy(cast: Cast) -> BusyTime:
    calendar = BusyCalendar.objects.create(
        practice=cast.practice, provider=cast.okafor, name="Google Calendar", read_at=NOW, read_until=NOW
    )
    return BusyTime.objects.create(
        practice=cast.practice,
        calendar=calendar,
        provider=cast.okafor,
        starts_at=new_york(24, 9),
        ends_at=new_york(24, 10),
        appeared_at=NOW,
    )


@pytest.mark.parametrize("shown", ["", "&span=day", "&span=week"])
def test_the_page_brings_its_first_week_as_the_feed_would_answer(cast: Cast, shown: str) -> None:
    cast.booked(new_york(22, 9))
    cast.booked(new_york(25, 9), client=cast.maya)
    cast.booked(new_york(29, 9))
    for who in (okafor(), manager(cast)):
        page = who.get(f"/appointments/?view=calendar&date=2026-11-25{shown}").content.decode()
        found = re.search(r'<script id="first-week" type="application/json">(.+?)</script>', page)
        assert found is not None
        week = {"from": "2026-11-22", "to": "2026-11-29"}
        assert json.loads(found[1]) == week | who.get("/appointments/calendar.json", **week).json()


def test_a_month_asks_for_its_days_itself(cast: Cast) -> None:
    cast.booked(new_york(25, 9))
    page = okafor().get("/appointments/?view=calendar&span=month&date=2026-11-25").content.decode()
    assert "first-week" not in page


def poll(who: StaffBrowser, version: str) -> tuple[int, str]:
    """Return what an open calendar hears that has this version: the status, and the version there is now."""
    answer = who.get("/appointments/calendar.json", **WEEK, headers={"If-None-Match": version})
    assert (answer.content == b"") == (answer.status_code == 304)
    return answer.status_code, answer["ETag"]


def test_a_calendar_that_is_followed_hears_of_every_change_and_only_of_changes(cast: Cast) -> None:
    booked, busy = cast.booked(), _busy(cast)
    version = okafor().get("/appointments/calendar.json", **WEEK).json()["version"]
    assert poll(okafor(), version) == (304, version)
    # What lies elsewhere, or is another provider's, is no news.
    cast.booked(new_york(30, 9), client=cast.maya)
    cast.booked(new_york(25, 15), client=cast.maya, provider=cast.fischer)
    assert poll(okafor(), version) == (304, version)
    changes: list[Callable[[], object]] = [
        lambda: cast.booked(new_york(25, 9), client=cast.maya),
        lambda: cast.asked(booked),
        lambda: time_off(cast.okafor, new_york(26, 12), new_york(26, 17)),
        lambda: BusyTime.objects.filter(pk=busy.pk).update(title="Dentist"),
        lambda: Client.objects.filter(pk=cast.riley.pk).update(last_name="Brook"),
        lambda: Provider.objects.filter(pk=cast.okafor.pk).update(zone="America/Chicago"),
        lambda: BusyTime.objects.filter(pk=busy.pk).delete(),
    ]
    for change in changes:
        change()
        status, newer = poll(okafor(), version)
        assert (status, newer != version) == (200, True)
        assert poll(okafor(), newer) == (304, newer)
        version = newer


def test_what_one_person_has_is_no_answer_for_another(cast: Cast) -> None:
    version = okafor().get("/appointments/calendar.json", **WEEK).json()["version"]
    provider = str(cast.okafor.ref)
    assert (
        manager(cast).get("/appointments/calendar.json", **WEEK, provider=provider).json()["version"]
        != version
    )


def test_following_reads_one_question_and_writes_nothing(cast: Cast) -> None:
    crowd(cast, range(30))
    address, who = "/appointments/calendar.json", okafor()
    version = who.get(address, **WEEK).json()["version"]
    asked: list[str] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql.lstrip().split()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        assert who.get(address, headers={"If-None-Match": version}, **WEEK).status_code == 304
    # The session, who asks, and whether something changed.
    assert asked == ["SELECT", "SELECT", "SELECT"]
