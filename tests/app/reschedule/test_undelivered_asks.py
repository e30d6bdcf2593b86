"""An ask that did not arrive looks so wherever it stands, says what mends it, and cancels nothing meanwhile."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from tests.app.cast import MINUTES, NOW, Cast
from tests.app.client_browser import words
from tests.app.smtp_server import mail_server
from tests.app.staff_browser import links, okafor, section

from raincheck.actions.timing.sweep import sweep
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.reschedule.deadlines import clock_stands
from raincheck.integrations.messages.delivery import deliver_due

SAID = "Not delivered, the clock is not running"
MENDS = (
    f"{SAID} This request has not come to Riley yet. Until it does, silence cancels nothing."
    " Save a correct address and it is sent there, or choose a new time together by phone."
    " Correct the address Call (555) 010-2030"
)
WEEK = {"from": "2026-11-23", "to": "2026-11-28"}


def everywhere(request: RescheduleRequest, *, now: datetime) -> dict[str, bool]:
    """Return by place whether it says there that the ask was not delivered, or else how much time is left."""
    me, said = okafor(now), {}
    pages = {
        "list": me.get("/requests/"),
        "page": me.get(f"/requests/{request.ref}/"),
        "drawer": me.get(f"/appointments/{request.appointment.ref}/"),
        "appointments": me.get("/appointments/", view="list"),
        "client": me.get(f"/clients/{request.client.ref}/"),
    }
    said = {place: words(page) for place, page in pages.items()}
    said["Home"] = section(me.get("/home/"), "Waiting for an answer")
    [event] = me.get("/appointments/calendar.json", **WEEK).json()["events"]
    said["calendar"], said["calendar, aloud"] = event["detail"], event["label"].replace("not d", "Not d")
    undelivered = {place: SAID in text for place, text in said.items()}
    for place, text in said.items():
        # Never both: an ask that nobody got has no hours left.
        assert bool(re.search(r"[0-9] (?:h|hours) left", text)) is not undelivered[place], (place, text)
    return undelivered


@pytest.fixture
def request_(cast: Cast) -> RescheduleRequest:
    Client.objects.filter(pk=cast.riley.pk).update(phone="(555) 010-2030")
    return cast.asked(cast.booked())


def test_an_ask_that_nobody_took_over_says_so_everywhere(request_: RescheduleRequest) -> None:
    # Up to five minutes are no delay, and the time to answer runs.
    assert set(everywhere(request_, now=NOW + 5 * MINUTES).values()) == {False}
    assert set(everywhere(request_, now=NOW + 6 * MINUTES).values()) == {True}


def test_an_address_that_is_refused_says_so_at_once(
    request_: RescheduleRequest, settings: LazySettings
) -> None:
    with mail_server(rcpt="550 5.1.1 no such user") as room:
        settings.EMAIL_URL = room.url
        deliver_due(NOW)
    assert set(everywhere(request_, now=NOW + timedelta(seconds=1)).values()) == {True}


def test_page_and_drawer_offer_what_mends_it(request_: RescheduleRequest) -> None:
    me = okafor(NOW + 6 * MINUTES)
    contact = f"/clients/{request_.client.ref}/edit/"
    for address in (f"/requests/{request_.ref}/", f"/appointments/{request_.appointment.ref}/"):
        page = me.get(address)
        assert MENDS in words(page)
        offered = links(page)
        assert (offered["Correct the address"], offered["Call (555) 010-2030"]) == (contact, "tel:5550102030")
        assert offered["Pick with Riley"] == f"/requests/{request_.ref}/pick/"
    assert links(me.get("/requests/"))["Correct the address"] == contact


def test_what_it_says_is_what_the_sweep_does(request_: RescheduleRequest) -> None:
    sweep(now=request_.deadline_at + 3 * MINUTES)
    request_.refresh_from_db()
    assert (request_.state, request_.needs_provider) == ("open", "not_handed_over")


def test_once_it_has_arrived_the_clock_runs(request_: RescheduleRequest, settings: LazySettings) -> None:
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        deliver_due(NOW + 60 * MINUTES)
    assert set(everywhere(request_, now=NOW + 61 * MINUTES).values()) == {False}
    # The hour without it is given back.
    assert "47 hours left" in words(okafor(NOW + 61 * MINUTES).get("/requests/"))


@pytest.mark.parametrize(
    ("minutes", "arrived", "failed", "stands"),
    [
        (5, False, False, False),
        (6, False, False, True),
        (0, False, True, True),
        (600, True, False, False),
        (600, True, True, False),
    ],
)
def test_the_clock_stands_while_nobody_took_the_message_over(
    minutes: int, arrived: bool, failed: bool, stands: bool
) -> None:
    handed_over_at = NOW if arrived else None
    now = NOW + minutes * MINUTES
    assert clock_stands(asked_at=NOW, handed_over_at=handed_over_at, failed=failed, now=now) is stands
