"""The team's day: a column for each provider on the reader's clock, for those who act for everybody."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, Cast, client_in, new_york, provider_in, time_off
from tests.app.form_fields import fields
from tests.app.read_log_rows import rows
from tests.app.staff_browser import mallory, manager, okafor, scheduler

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Membership, Provider, User
from raincheck.domain.people import Role
from raincheck.domain.spans import Span
from raincheck.queries.appointments.placing import Wanted, open_times, open_times_of_several
from raincheck.web.staff.appointments.team import Placed, _in_lanes

PAGE = "/appointments/?view=calendar&provider=team&date=2026-11-24"
PART = "/appointments/team/"


def columns(response: HttpResponse) -> dict[str, tuple[str, list[str]]]:
    """Return what stands under each provider's name, and the names of their appointments in order."""
    html = response.content.decode()
    found = {}
    for column in html.split('<section class="team-column"')[1:]:
        name, words = re.findall(r"<h3[^>]*><a[^>]*>(.*?)</a></h3><p>(.*?)</p>", column)[0]
        shown = re.findall(r'<b aria-hidden="true">(.*?)</b><span aria-hidden="true">(.*?)</span>', column)
        found[unescape(name)] = (unescape(words), [unescape(": ".join(one)) for one in shown])
    return found


def test_each_provider_has_a_column_and_says_their_own_time_where_it_differs(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    cast.asked(cast.booked())
    cast.booked(new_york(24, 13), client=cast.maya, provider=Provider.objects.get(pk=cast.fischer.pk))
    time_off(cast.okafor, new_york(24, 14), new_york(24, 17))
    cast.booked(new_york(25, 9), client=cast.maya)
    assert columns(manager(cast).get(PAGE)) == {
        "Dr. Okafor": (
            "1 session, 1 asked, off from 2 PM",
            ["Riley Brooks: Asked · 48 h left", "Out of office: 2:00 – 5:00 PM"],
        ),
        "Dr. Fischer": ("1 session · Chicago, 1 h earlier", ["Maya Chen: 1:00 (12:00) · Follow-up"]),
    }


def test_who_neither_works_nor_has_anything_that_day_is_named_below(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(availability={"weekly": [], "overrides": []})
    page = manager(cast).get(PAGE)
    assert list(columns(page)) == ["Dr. Okafor"]
    assert "Not working this day: Dr. Fischer" in page.content.decode()


@pytest.mark.parametrize("who", [manager, scheduler])
def test_managers_and_schedulers_choose_the_team_and_open_details_over_it(cast: Cast, who: object) -> None:
    row, reader = cast.booked(), who(cast)  # type: ignore[operator]
    page = reader.get(f"{PAGE}&appointment={row.ref}").content.decode()
    assert '<option value="team" selected>Team</option>' in page
    details = page.split('id="details"')[1]
    assert "Riley Brooks" in details
    assert (
        'href="/appointments/?view=calendar&amp;provider=team&amp;date=2026-11-24" data-close-details'
        in details
    )
    # A list has one provider's lines.
    assert reader.get("/appointments/?view=list&provider=team")["Location"] == "/appointments/?view=list"


def test_the_team_is_nothing_for_a_provider_and_stays_inside_its_practice(cast: Cast) -> None:
    cast.booked()
    assert okafor().get(PAGE).status_code == 404
    assert okafor().get(PART).status_code == 404
    assert "Team</option>" not in okafor().get("/appointments/").content.decode()
    provider_in(cast.elsewhere, "Dr. Ines Moss", "Dr. Moss")
    assert mallory().get(PAGE).status_code == 404


def test_notes_that_a_scheduler_may_not_read_are_not_in_the_team_either(cast: Cast) -> None:
    time_off(cast.okafor, new_york(24, 14), new_york(24, 17), note="Surgery")
    assert "Surgery" in manager(cast).get(PAGE).content.decode()
    assert "Surgery" not in scheduler(cast).get(PAGE).content.decode()


def open_in(response: HttpResponse) -> list[tuple[str, str]]:
    """Return what the open stretches of a day are called, and where each leads."""
    found = re.findall(
        r'<a class="calendar-event open behind" href="(.*?)".*?<span class="visually-hidden">(.*?)</span>',
        response.content.decode(),
    )
    return [(unescape(name), unescape(address)) for address, name in found]


def test_open_stretches_lead_to_a_new_appointment_at_the_providers_own_time(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    cast.booked()
    time_off(cast.okafor, new_york(24, 14), new_york(24, 17))
    chosen = f"open={cast.follow_up.ref}&place={cast.telehealth.ref}"
    booked = f"type={cast.follow_up.ref}&place={cast.telehealth.ref}"
    new = "/appointments/new/?provider="
    reader = manager(cast)
    assert open_in(reader.get(f"{PAGE}&{chosen}")) == [
        (
            "Open for Dr. Okafor, 9:00 – 10:50 AM. New appointment",
            f"{new}{cast.okafor.ref}&start=2026-11-24T09:00&{booked}",
        ),
        (
            "Open for Dr. Okafor, 12:00 – 1:50 PM. New appointment",
            f"{new}{cast.okafor.ref}&start=2026-11-24T12:00&{booked}",
        ),
        (
            "Open for Dr. Fischer, 10:00 AM – 5:50 PM. New appointment",
            f"{new}{cast.fischer.ref}&start=2026-11-24T09:00&{booked}",
        ),
    ]
    form = fields(reader.get(f"{new}{cast.okafor.ref}&{booked}"))
    assert (form["type"], form["place"]) == (str(cast.follow_up.ref), str(cast.telehealth.ref))
    for nothing in ("", "&open=no", f"&open={cast.telehealth.ref}", "&open=" + "0" * 32):
        assert open_in(reader.get(PAGE + nothing)) == []


def test_open_stretches_of_everybody_are_those_that_each_ones_own_calendar_shows(cast: Cast) -> None:
    for number, provider in enumerate((cast.okafor, cast.fischer)):
        for day in (23, 24, 25):
            client = client_in(cast.practice, f"Client{number}-{day}", "Crowd")
            cast.booked(new_york(day, 9 + number), client=client, provider=provider)
    day = Span(new_york(24, 0), new_york(25, 0))
    wanted = Wanted(cast.follow_up, None)
    asked = {"practice": cast.practice, "within": day, "now": NOW}
    both = [cast.okafor, cast.fischer]
    each = {one.pk: list(open_times(one, wanted, **asked)) for one in both}  # type: ignore[arg-type]
    found = open_times_of_several(both, wanted, **asked)  # type: ignore[arg-type]
    assert {one: list(starts) for one, starts in found.items()} == each
    assert all(each.values())


def test_what_was_canceled_is_shown_on_demand_and_kept_from_day_to_day(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked()))
    reader = manager(cast)
    assert columns(reader.get(PAGE))["Dr. Okafor"][1] == []
    page = reader.get(f"{PAGE}&canceled=yes")
    assert columns(page) == {
        "Dr. Okafor": ("", ["Riley Brooks: Canceled: the client canceled instead of choosing a new time"]),
        "Dr. Fischer": ("", []),
    }
    html = page.content.decode()
    assert 'date=2026-11-25" data-go="next"' in html
    assert "provider=team&amp;canceled=yes&amp;date=2026-11-25" in html
    assert f'data-part="{PART}?date=2026-11-24&amp;canceled=yes"' in html
    plain, shown = (reader.get(f"{PART}?date=2026-11-24{more}") for more in ("", "&canceled=yes"))
    assert plain["ETag"] != shown["ETag"]
    assert "Riley Brooks" not in plain.content.decode()
    assert "Riley Brooks" in shown.content.decode()


def test_forty_providers_cost_as_many_questions_as_two(cast: Cast) -> None:
    cast.asked(cast.booked())
    reader = manager(cast)
    more = f"&canceled=yes&open={cast.follow_up.ref}"
    reader.get(PAGE)  # the first look at the team is remembered
    few = reader.queries(PAGE + more), reader.queries(f"{PART}?date=2026-11-24{more}")
    for number in range(38):
        provider = provider_in(cast.practice, f"Dr. Ada Number{number}", f"Dr. {number}")
        client = client_in(cast.practice, f"Client{number}", "Crowd")
        cast.booked(new_york(24, 9), client=client, provider=provider)
        time_off(provider, new_york(24, 14), new_york(24, 17))
    assert len(columns(reader.get(PAGE))) == 40
    assert (reader.queries(PAGE + more), reader.queries(f"{PART}?date=2026-11-24{more}")) == few


def test_an_open_team_day_hears_of_changes_and_only_of_changes(cast: Cast) -> None:
    reader = manager(cast)

    def poll(version: str) -> tuple[int, str]:
        answer = reader.get(PART, date="2026-11-24", headers={"If-None-Match": version})
        return answer.status_code, answer["ETag"]

    _, version = poll("")
    assert poll(version) == (304, version)
    cast.booked(new_york(25, 9))
    assert poll(version) == (304, version)
    cast.booked(client=cast.maya, provider=cast.fischer)
    status, newer = poll(version)
    assert (status, newer != version) == (200, True)


def test_what_overlaps_lies_beside_each_other_and_the_next_is_whole_again() -> None:
    def placed(start: int, length: int) -> Placed:
        return Placed(None, "", start, length)  # type: ignore[arg-type]  # the words play no part

    laid = [
        (one.start, one.lane, one.lanes)
        for one in _in_lanes([placed(60, 60), placed(0, 50), placed(30, 60), placed(50, 10), placed(120, 30)])
    ]
    assert laid == [(0, 0, 2), (30, 1, 2), (50, 0, 2), (60, 0, 2), (120, 0, 1)]


def test_before_and_after_lead_over_days_of_any_length(cast: Cast) -> None:
    page = manager(cast).get("/appointments/?view=calendar&provider=team&date=2026-11-01").content.decode()
    assert 'date=2026-10-31" data-go="prev"' in page
    assert 'date=2026-11-02" data-go="next"' in page


def test_what_is_over_says_what_became_of_it(cast: Cast) -> None:
    row = cast.booked()
    later = manager(cast, NOW + timedelta(days=10))
    assert columns(later.get(PAGE))["Dr. Okafor"] == (
        "1 asks what happened",
        ["Riley Brooks: What happened?"],
    )
    later.post(f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled")
    assert Appointment.objects.get(pk=row.pk).status == "completed"
    assert columns(later.get(PAGE))["Dr. Okafor"] == ("1 took place", ["Riley Brooks: Took place"])


def test_the_team_is_read_as_a_manager_and_following_it_leaves_no_row(cast: Cast) -> None:
    cast.booked()
    Membership.objects.create(
        practice=cast.practice, user=User.objects.get(email="okafor@harbor.example"), role=Role.MANAGER
    )
    both = okafor()
    first = both.get(PART, date="2026-11-24")
    assert both.get(PART, date="2026-11-24", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert [(row[0], *row[2:4]) for row in rows()] == [("manager", "team-day", [cast.riley.pk])]


def test_who_has_no_calendar_comes_back_to_the_team_until_they_choose_somebody(cast: Cast) -> None:
    sasha = manager(cast)
    shown = "data-team"
    assert shown not in sasha.get("/appointments/").content.decode()
    sasha.get(PAGE)
    assert shown in sasha.get("/appointments/").content.decode()
    sasha.get("/appointments/", provider=str(cast.fischer.ref))
    assert shown not in sasha.get("/appointments/").content.decode()
