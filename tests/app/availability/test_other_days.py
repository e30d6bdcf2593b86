"""Days with other hours on the availability form: dates and ranges, added, changed, removed; and what is wrong at its entry."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from tests.app.cast import NOW, OFFICE_HOURS, Cast
from tests.app.client_browser import words
from tests.app.staff_browser import errors, key_in, links, okafor

from raincheck.data.people import Provider
from raincheck.data.schedule import schedule_of
from raincheck.domain.availability.hours import Availability
from raincheck.domain.availability.schedule import Schedule
from raincheck.domain.zones import zone_named
from raincheck.web.staff.availability.schedule_form import typed_availability

HOURS = {"start": "09:00", "end": "12:00", "places": []}
MONDAY_ONLY = {"0-0-from": "09:00", "0-0-until": "17:00"}
THANKSGIVING = {"other-0-first": "2026-11-26", "other-0-last": "2026-11-27", "other-0-works": "no"}
LATE = {
    "other-3-first": "2026-12-05",
    "other-3-last": "",
    "other-3-works": "yes",
    "other-3-0-from": "10:00",
    "other-3-0-until": "14:00",
}


def form(*parts: dict[str, str], **said: str) -> dict[str, str]:
    """Return what the form posts: weekly hours, and entries under their marker."""
    typed = {**MONDAY_ONLY, "overrides": "typed"}
    for part in parts:
        typed |= part
    return typed | said


def overrides_of(cast: Cast) -> object:
    return Provider.objects.get(pk=cast.okafor.pk).availability["overrides"]


def fields(response: HttpResponse) -> dict[str, str]:
    """Return what stands in the entries of the form: texts, and the ticked choices."""
    html = response.content.decode()
    texts = re.findall(r'<input type="(?:date|time)"[^>]* name="(other-[^"]+)" value="([^"]*)"', html)
    ticked = re.findall(r'<input type="radio" name="(other-[^"]+)" value="([^"]*)" checked', html)
    return dict(texts) | dict(ticked)


def test_a_range_off_and_a_date_with_other_hours_are_kept_date_by_date(cast: Cast) -> None:
    me = okafor()
    me.post("/availability/", **form(THANKSGIVING, LATE))
    assert overrides_of(cast) == [
        {"date": "2026-11-26", "windows": []},
        {"date": "2026-11-27", "windows": []},
        {"date": "2026-12-05", "windows": [{"start": "10:00", "end": "14:00", "places": []}]},
    ]
    assert fields(me.get("/availability/")) == {
        **THANKSGIVING,
        "other-0-0-from": "",
        "other-0-0-until": "",
        **{name.replace("other-3", "other-1"): value for name, value in LATE.items()},
    }


def test_an_entry_is_changed_and_another_removed_and_the_past_stays(cast: Cast) -> None:
    past = {"date": "2026-11-11", "windows": []}
    hours = OFFICE_HOURS | {"overrides": [past, {"date": "2026-11-26", "windows": []}]}
    Provider.objects.filter(pk=cast.okafor.pk).update(availability=hours)
    me = okafor()
    assert fields(me.get("/availability/"))["other-0-first"] == "2026-11-26"
    me.post("/availability/", **form(THANKSGIVING | {"other-0-last": "", "other-0-first": "2026-11-28"}))
    assert overrides_of(cast) == [past, {"date": "2026-11-28", "windows": []}]
    me.post("/availability/", **form())
    assert overrides_of(cast) == [past]


def test_adding_and_removing_entries_and_their_hours_saves_nothing(cast: Cast) -> None:
    me = okafor()
    entry = me.post("/availability/", **form(LATE), add="other")
    assert fields(entry) == LATE | {
        "other-4-first": "",
        "other-4-last": "",
        "other-4-works": "no",
        "other-4-0-from": "",
        "other-4-0-until": "",
    }
    longer = me.post("/availability/", **form(LATE), add="other-3")
    assert fields(longer) == LATE | {"other-3-1-from": "", "other-3-1-until": ""}
    shorter = me.post("/availability/", **form(LATE), remove="other-3-0")
    assert fields(shorter) == LATE | {"other-3-0-from": "", "other-3-0-until": ""}
    assert fields(me.post("/availability/", **form(THANKSGIVING, LATE), remove="other-3")) == {
        **THANKSGIVING,
        "other-0-0-from": "",
        "other-0-0-until": "",
    }
    assert Provider.objects.get(pk=cast.okafor.pk).availability == OFFICE_HOURS


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"other-3-first": ""}, "Please choose the date, or remove this entry. Nothing was changed yet."),
        ({"other-3-first": "soon"}, "“soon” is not a date. Nothing was changed; please write it like 2026-11-27."),
        ({"other-3-first": "2026-11-15"}, "Sunday, November 15, 2026 is in the past. Nothing was changed yet; please choose today or a later date."),
        ({"other-3-last": "2029-01-01"}, "Monday, January 1, 2029 is more than two years ahead. Nothing was changed yet; please check the year, or choose an earlier date."),
        ({"other-3-last": "2026-12-04"}, "The last date is before the first. Nothing was changed yet; please swap them, or leave the last date empty for one day."),
        ({"other-3-first": "2026-11-27"}, "Friday, November 27, 2026 has other hours twice. Nothing was changed; please keep one entry for each date."),
        ({"other-3-0-until": ""}, "Please give both times, or clear both to take these hours away. Nothing was changed yet."),
        ({"other-3-0-from": "", "other-3-0-until": ""}, "Please enter the hours of this date, or choose “Not working”. Nothing was changed yet."),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_entry_and_what_was_typed_stays(
    cast: Cast, said: dict[str, str], sentence: str
) -> None:
    me = okafor()
    key = key_in(me.get("/availability/"))
    typed = THANKSGIVING | LATE | said
    refused = me.post("/availability/", key=key, **form(typed))
    assert (refused.status_code, errors(refused), key_in(refused)) == (422, [sentence], key)
    assert fields(refused) == {"other-0-0-from": "", "other-0-0-until": "", **typed}
    assert Provider.objects.get(pk=cast.okafor.pk).availability == OFFICE_HOURS


def test_two_things_that_are_wrong_with_one_date_both_stand_at_it(cast: Cast) -> None:
    wrong = {"other-3-first": "", "other-3-0-from": "", "other-3-0-until": ""}
    assert errors(okafor().post("/availability/", **form(LATE | wrong))) == [
        "Please choose the date, or remove this entry. Nothing was changed yet."
        " Please enter the hours of this date, or choose “Not working”. Nothing was changed yet."
    ]


def test_everything_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    refused = okafor().post(
        "/availability/", **form({"0-0-until": "", "other-0-first": "", "other-1-first": "2020-01-01"})
    )
    assert len(errors(refused)) == 3
    both, missing, past = (
        "Please give both times, or clear both to take these hours away. Nothing was changed yet.",
        "Please choose the date, or remove this entry. Nothing was changed yet.",
        "Wednesday, January 1, 2020 is in the past. Nothing was changed yet; please choose today or a later date.",
    )
    found = {words: address for words, address in links(refused).items() if address.startswith("#")}
    assert found == {
        f"Monday, hours 1: {both}": "#row-0-0",
        f"New date: {missing}": "#other-0",
        f"Wed, Jan 1: {past}": "#other-1",
    }


def test_hours_of_a_day_that_is_off_stay_typed_and_are_not_saved(cast: Cast) -> None:
    okafor().post("/availability/", **form(LATE, **{"other-3-works": "no", "other-3-0-until": ""}))
    assert overrides_of(cast) == [{"date": "2026-12-05", "windows": []}]


def test_what_is_typed_can_be_read_without_saving_it(cast: Cast) -> None:
    kept = schedule_of(cast.okafor)
    post = RequestFactory().post("/", form(LATE, step="15", zone="America/Chicago")).POST
    typed = typed_availability(post, kept=kept, places=[], now=NOW)
    assert (typed.step.seconds, typed.zone) == (900, zone_named("America/Chicago"))
    assert [len(windows) for windows in typed.availability.weekly] == [1, 0, 0, 0, 0, 0, 0]
    assert len(typed.availability.overrides) == 1
    empty = typed_availability(RequestFactory().post("/", {}).POST, kept=kept, places=[], now=NOW)
    assert empty == Schedule(Availability(), kept.step, kept.zone)


def test_a_date_that_was_only_just_added_keeps_nothing_from_being_shown(cast: Cast) -> None:
    kept = schedule_of(cast.okafor)
    undated = {"other-5-first": "", "other-5-last": "", "other-5-works": "no"}
    with_one, without = (
        typed_availability(RequestFactory().post("/", said).POST, kept=kept, places=[], now=NOW)
        for said in (form(LATE, undated), form(LATE))
    )
    assert with_one == without
    shown = okafor().post("/availability/", **form(LATE, undated), preview="yes")
    assert "15 open times in the next 14 days" in words(shown)


def test_every_second_day_of_two_years_may_have_hours_of_its_own(cast: Cast) -> None:
    days = [date(2026, 11, 17) + timedelta(days=2 * number) for number in range(364)]
    dates = [{"date": day.isoformat(), "windows": [HOURS]} for day in days]
    typed = {"overrides": "typed"}
    for number, day in enumerate(days):
        typed |= {
            f"other-{number}-first": day.isoformat(),
            f"other-{number}-last": "",
            f"other-{number}-works": "yes",
        }
        typed |= {f"other-{number}-0-from": "09:00", f"other-{number}-0-until": "12:00"}
    assert okafor().post("/availability/", **typed).status_code == 302
    assert overrides_of(cast) == dates
