"""A provider who is a manager or scheduler besides: their own things by default, everyone's by choosing, each act as who they are there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponse
from tests.app.cast import Cast, new_york, time_off
from tests.app.staff_browser import StaffBrowser, okafor, section

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.availability import AvailabilityHistory
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Membership, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Role
from raincheck.web.staff.shell import Staff


@pytest.fixture(params=[Role.MANAGER, Role.SCHEDULER])
def second(cast: Cast, request: pytest.FixtureRequest) -> Membership:
    """What Dr. Okafor is besides a provider."""
    user = User.objects.get(email="okafor@harbor.example")
    return Membership.objects.create(practice=cast.practice, user=user, role=request.param)


@pytest.fixture
def theirs(cast: Cast) -> Appointment:
    """Maya's appointment with Dr. Fischer."""
    return cast.booked(new_york(24, 14), client=cast.maya, provider=cast.fischer)


def test_lists_hold_one_s_own_and_by_choosing_everyone_s(
    cast: Cast, second: Membership, theirs: Appointment
) -> None:
    mine = cast.booked()
    cast.asked(mine)
    browser = okafor()
    for address in ("/clients/", "/requests/"):
        html = browser.get(address).content.decode()
        assert ("Riley Brooks" in html, "Maya Chen" in html) == (True, False), address
    everyone = browser.get("/clients/", whose="everyone").content.decode()
    assert ("Riley Brooks" in everyone, "Maya Chen" in everyone) == (True, True)
    on_the_day = okafor(now=new_york(24, 8))
    assert "Maya Chen" not in section(on_the_day.get("/home/"), "Today")
    today = section(on_the_day.get("/home/", whose="everyone"), "Today")
    assert ("Maya Chen" in today, re.findall(r"Dr\. \w+", today)) == (True, ["Dr. Okafor", "Dr. Fischer"])


def test_whoever_acts_for_nobody_else_finds_no_choice(cast: Cast) -> None:
    html = okafor().get("/clients/", whose="everyone").content.decode()
    assert "Everyone's" not in html
    assert "Maya Chen" not in html


def _book(browser: StaffBrowser, cast: Cast, row: Appointment) -> HttpResponse:
    said = {"client": str(row.client.ref), "type": str(cast.follow_up.ref), "place": str(cast.telehealth.ref)}
    return browser.post(
        f"/appointments/new/?provider={row.provider.ref}", **said, day="2026-11-25", time="10:00"
    )


def _change(browser: StaffBrowser, cast: Cast, row: Appointment) -> HttpResponse:
    said = {"type": str(cast.follow_up.ref), "place": str(cast.telehealth.ref), "join_url": ""}
    return browser.post(f"/appointments/{row.ref}/change/", **said, day="2026-11-25", time="10:00")


def _ask(browser: StaffBrowser, _cast: Cast, row: Appointment) -> HttpResponse:
    return browser.post(f"/appointments/{row.ref}/ask/", appointments=str(row.ref), reason="travel")


def _cancel(browser: StaffBrowser, _cast: Cast, row: Appointment) -> HttpResponse:
    return browser.post(f"/appointments/{row.ref}/cancel/", reason=CancelReason.CLINICAL.value, offered="on")


def _pick(browser: StaffBrowser, cast: Cast, row: Appointment) -> HttpResponse:
    asked = _asked(browser, cast, row)
    return browser.post(f"/requests/{asked.ref}/pick/", start=new_york(25, 10).isoformat())


def _withdraw(browser: StaffBrowser, cast: Cast, row: Appointment) -> HttpResponse:
    return browser.post(f"/requests/{_asked(browser, cast, row).ref}/withdraw/")


def _asked(browser: StaffBrowser, cast: Cast, row: Appointment) -> RescheduleRequest:
    assert _ask(browser, cast, row).status_code == 302
    return RescheduleRequest.objects.get(appointment=row)


ACTS = [_book, _change, _ask, _cancel, _pick, _withdraw]
Act = Callable[[StaffBrowser, Cast, Appointment], HttpResponse]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_each_act_names_the_provider_in_their_own_calendar_and_else_the_other_role(
    cast: Cast, second: Membership, theirs: Appointment, act: Act
) -> None:
    mine = cast.booked()
    for row, by in ((theirs, (second.role, second.pk)), (mine, ("provider", cast.okafor.pk))):
        assert act(okafor(), cast, row).status_code == 302
        latest = AppointmentHistory.objects.filter(appointment__provider=row.provider).latest("pk")
        assert (latest.actor_kind, latest.actor) == by


def test_time_off_and_hours_of_a_colleague_are_theirs_to_change(cast: Cast, second: Membership) -> None:
    browser, whose = okafor(), f"?provider={cast.fischer.ref}"
    block = time_off(cast.fischer, new_york(25, 9), new_york(25, 12))
    day = "2026-11-25"
    said = {"first_day": day, "first_time": "10:00", "last_day": day, "last_time": "12:00"}
    assert browser.post(f"/time-off/{block.ref}/", **said).status_code == 302
    assert (
        browser.post(
            f"/appointments/block/{whose}", **(said | {"first_time": "14:00", "last_time": "15:00"})
        ).status_code
        == 302
    )
    assert OutOfOffice.objects.filter(provider=cast.fischer).count() == 2
    page = browser.get(f"/availability/{whose}").content.decode()
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.split("<main", 1)[1]))
    fields |= {"step": "30", "zone": cast.fischer.zone}
    assert browser.post(f"/availability/{whose}", **fields).status_code == 302
    saved = AvailabilityHistory.objects.get(provider=cast.fischer)
    assert (saved.actor_kind, saved.actor) == (second.role, second.pk)


def test_conversations_stay_each_provider_s_own(cast: Cast, second: Membership, theirs: Appointment) -> None:
    cast.booked()
    browser = okafor()
    assert [
        browser.get(f"/clients/{client.ref}/message/").status_code for client in (cast.riley, cast.maya)
    ] == [302, 404]
    assert [
        "/message/" in browser.get(f"/clients/{client.ref}/").content.decode()
        for client in (cast.riley, cast.maya)
    ] == [True, False]


def test_templates_ask_a_reader_only_what_a_reader_can_answer() -> None:
    known = {name for name in dir(Staff) if not name.startswith("_")}
    asked = {
        (path.name, word)
        for path in Path("src/raincheck/templates").rglob("*.html")
        for word in re.findall(r"\bstaff\.(\w+)", path.read_text())
    }
    assert {one for one in asked if one[1] not in known} == set()
