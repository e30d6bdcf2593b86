"""Reschedule requests: the list, the story of one, taking it back, and picking with the client on the phone."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york
from tests.app.client_browser import choosable, words
from tests.app.staff_browser import (
    StaffBrowser,
    crowd,
    errors,
    key_in,
    links,
    mallory,
    manager,
    okafor,
    scheduler,
    section,
)

from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import change_block
from raincheck.actions.reschedule.answer import none_work
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.links import mark_opened
from raincheck.actions.timing.sweep import sweep
from raincheck.data.access.read_log import ReadLog
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.conversations import Message
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span

HOUR = timedelta(hours=1)
ITS_TIME = Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOUR)


def rows(response: HttpResponse) -> list[str]:
    """Return what each row of the table says, as one line of text."""
    html = response.content.decode()
    assert '<table class="table reflow requests" aria-label="Reschedule requests">' in html
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    found = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in found]


def handed_over(request: RescheduleRequest) -> RescheduleRequest:
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=request.asked_at + MINUTES)
    return request


def edited(cast: Cast, request: RescheduleRequest) -> OutOfOffice:
    block = OutOfOffice.objects.get(batch=request.batch_id)
    verb = partial(
        change_block,
        block.ref,
        practice_id=cast.practice.pk,
        span=Span(ITS_TIME.start, ITS_TIME.end + HOUR),
        note="",
        now=NOW + MINUTES,
    )
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW + MINUTES)
    return block


def test_open_requests_stand_by_deadline_before_the_settled_ones(cast: Cast) -> None:
    cast.withdraw(
        cast.asked(cast.booked(new_york(25, 11), client=cast.maya), now=NOW - 3 * HOUR), now=NOW - HOUR
    )
    cast.pick(cast.asked(cast.booked(new_york(26, 11), client=cast.maya), repeat_confirmed=True))
    request = handed_over(cast.asked(cast.booked()))
    run_command(
        partial(mark_opened, request.batch, now=NOW + 30 * MINUTES),
        key=None,
        body={},
        by=cast.by_riley,
        now=NOW + 30 * MINUTES,
    )
    cast.asked(cast.booked(new_york(17, 14), client=cast.maya), repeat_confirmed=True)
    assert rows(okafor(NOW + HOUR).get("/requests/")) == [
        "Open, the nearest deadline first",
        "Maya Chen Tue, Nov 17 · 2:00 PM Follow-up Sent Mon, Nov 16 · 10:00 AM Not delivered yet Not opened yet"
        " Not answered yet Open Not delivered, the clock is not running Correct the address Pick with Maya Withdraw Suggest times Message",
        "Riley Brooks they/them Tue, Nov 24 · 11:00 AM Follow-up Sent Mon, Nov 16 · 10:00 AM"
        " Delivered Mon, Nov 16 · 10:01 AM Opened Mon, Nov 16 · 10:30 AM Not answered yet"
        " Open 47 hours left until Wed, Nov 18 · 10:00 AM Pick with Riley Withdraw Remind Extend Suggest times Message",
        "Settled, the latest first",
        "Maya Chen Thu, Nov 26 · 11:00 AM Answered Mon, Nov 16 · 10:00 AM Moved to Fri, Nov 27 · 9:00 AM Message",
        "Maya Chen Wed, Nov 25 · 11:00 AM Ended Mon, Nov 16 · 9:00 AM Withdrawn Message",
    ]


def names(response: HttpResponse) -> list[str]:
    """Return whose requests a list shows, in its order."""
    return re.findall(r'id="request-[0-9]+"><a[^>]*>([^<]*)</a>', response.content.decode())


@pytest.fixture
def four(cast: Cast) -> None:
    """An open request of Riley's that arrived, one of Zoé's that did not, one of Maya's that she wrote about, one settled."""
    handed_over(cast.asked(cast.booked()))
    maya = handed_over(cast.asked(cast.booked(new_york(25, 9), client=cast.maya)))
    by = Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk)
    wrote = partial(none_work, maya.batch, words="Evenings only.", by=by, now=NOW + HOUR)
    run_command(wrote, key=None, body={}, by=by, now=NOW + HOUR)
    cast.asked(cast.booked(new_york(25, 13), client=client_in(cast.practice, "Zoé", "Núñez")))
    done = client_in(cast.practice, "Ada", "Lind")
    cast.withdraw(cast.asked(cast.booked(new_york(25, 15), client=done)), now=NOW + HOUR)


@pytest.mark.usefixtures("four")
def test_the_list_shows_the_open_the_settled_or_what_needs_somebody() -> None:
    me = okafor(NOW + HOUR)
    shown = {
        which: sorted(names(me.get("/requests/", show=which))) for which in ("open", "settled", "needs-you")
    }
    assert shown == {
        "open": ["Maya Chen", "Riley Brooks", "Zoé Núñez"],
        "settled": ["Ada Lind"],
        "needs-you": ["Maya Chen", "Zoé Núñez"],
    }
    assert sorted(names(me.get("/requests/", show="nonsense"))) == sorted([*shown["open"], *shown["settled"]])
    # An ask is not undelivered before it could have arrived.
    assert names(okafor(NOW + 4 * MINUTES).get("/requests/", show="needs-you")) == ["Maya Chen"]
    said = words(me.get("/requests/", show="needs-you"))
    assert "All Open Needs you Settled" in said


@pytest.mark.usefixtures("four")
def test_the_list_is_searched_by_name_whatever_the_accents() -> None:
    me = okafor(NOW + HOUR)
    assert [names(me.get("/requests/", q=said)) for said in ("nunez", "ZOE n", "maya chen", "nobody")] == [
        ["Zoé Núñez"],
        ["Zoé Núñez"],
        ["Maya Chen"],
        [],
    ]
    both = me.get("/requests/", q="lind", show="open")
    assert "No client of these requests has “lind” in their name." in words(both)
    # A filter keeps the words, and a search the filter.
    assert links(both)["Settled"] == "?show=settled&q=lind"
    assert '<input type="hidden" name="show" value="open">' in both.content.decode()
    # Nobody is found in another practice.
    assert names(mallory().get("/requests/", q="nunez")) == []


def test_further_pages_keep_the_search_and_the_filter(cast: Cast) -> None:
    crowd(cast, range(26))
    page = okafor().get("/requests/", show="open", q="crowd")
    assert links(page)["Older"] == "?show=open&q=crowd&page=2"


def test_marks_say_in_words_who_is_needed(cast: Cast) -> None:
    request = cast.asked(cast.booked(new_york(17, 8)), last_minute_confirmed=True)
    by = cast.by_riley
    run_command(
        partial(none_work, request.batch, words="No.", by=by, now=NOW), key=None, body={}, by=by, now=NOW
    )
    sweep(now=NOW + 21 * HOUR)
    [_head, row] = rows(okafor(NOW + 21 * HOUR).get("/requests/"))
    assert "Open Waits for you Client wrote Last-minute The deadline has passed Tue, Nov 17 · 6:00 AM" in row


def test_without_requests_the_page_says_where_they_come_from(cast: Cast) -> None:
    said = words(okafor().get("/requests/"))
    assert "No requests yet When something comes up on your side, open the appointment" in said


def test_the_list_goes_on_on_further_pages(cast: Cast) -> None:
    crowd(cast, range(26))
    me = okafor()
    first, second, beyond = (len(rows(me.get("/requests/", page=page))) for page in ("1", "2", "nonsense"))
    assert (first, second, beyond) == (1 + 25, 1 + 1, 1 + 25)


def test_a_manager_reads_whose_request_it_is_and_is_offered_no_conversation(cast: Cast) -> None:
    cast.asked(cast.booked())
    [_head, row] = rows(manager(cast).get("/requests/"))
    assert row.startswith("Riley Brooks they/them Tue, Nov 24 · 11:00 AM Follow-up · Dr. Okafor Sent")
    assert row.endswith("Pick with Riley Withdraw Extend Suggest times")


def test_the_story_of_a_request_is_told_in_order(cast: Cast) -> None:
    request = handed_over(
        cast.asked(cast.booked(), reason=Reason.TRAVEL, note="So sorry!", private_note="Court.")
    )
    by = cast.by_riley
    for verb, now in (
        (partial(mark_opened, request.batch), NOW + 2 * MINUTES),
        (partial(none_work, request.batch, words="I can't.", by=by), NOW + 40 * HOUR),
    ):
        run_command(partial(verb, now=now), key=None, body={}, by=by, now=now)
    cast.pick(request, now=NOW + 41 * HOUR)
    me = okafor(NOW + 42 * HOUR)
    page = me.get(f"/requests/{request.ref}/")
    assert section(page, "What happened") == (
        "What happened"
        " You asked Riley to choose a new time. Mon, Nov 16 · 10:00 AM"
        " The message to Riley was delivered. Mon, Nov 16 · 10:01 AM"
        " Riley opened the page. Mon, Nov 16 · 10:02 AM"
        " The deadline moved to Thu, Nov 19 · 2:00 AM. Wed, Nov 18 · 2:00 AM"
        " Riley wrote that none of the times work. Wed, Nov 18 · 2:00 AM"
        " Riley moved the appointment to Fri, Nov 27 · 9:00 AM. Wed, Nov 18 · 3:00 AM"
    )
    assert (
        "Moved Appointment Tuesday, November 24 at 11:00 AM (New York time) Tue, 8:00 AM for Riley (Los Angeles)"
        " Follow-up · Telehealth Moved to Friday, November 27 at 9:00 AM Reason Travel"
        " Riley reads: “Dr. Okafor can't make this time and would like to find another with you.” Note to Riley So sorry! Private note Court."
    ) in words(page)


def test_a_manager_reads_the_providers_name_in_the_story(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    page = manager(cast).get(f"/requests/{request.ref}/")
    assert "Dr. Okafor asked Riley to choose a new time." in section(page, "What happened")


def test_opening_a_request_is_written_into_the_read_log(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    okafor(NOW + HOUR).get(f"/requests/{request.ref}/")
    found = ReadLog.objects.values_list("clients", "what", "actor_kind", "actor", "at")
    assert list(found) == [([cast.riley.pk], "request", "provider", cast.okafor.pk, NOW + HOUR)]


def test_requests_sent_together_lead_to_each_other(cast: Cast) -> None:
    one, other = cast.booked(), cast.booked(new_york(25, 11))
    request = cast.asked(one, other)
    second = RescheduleRequest.objects.get(appointment=other)
    assert (
        links(okafor().get(f"/requests/{request.ref}/"))["Wed, Nov 25 · 11:00 AM"]
        == f"/requests/{second.ref}/"
    )


def test_withdrawing_says_first_what_the_client_is_told(cast: Cast) -> None:
    request = cast.asked(cast.booked(), block=ITS_TIME)
    assert (
        "Withdraw the request to Riley The appointment stays on Tuesday, November 24 at 11:00 AM (New York time)."
        " Riley is told: “Your original time stands: Tuesday, November 24 at 8:00 AM (Los Angeles time).”"
        " By e-mail, at once."
    ) in words(okafor().get(f"/requests/{request.ref}/withdraw/"))
    assert RescheduleRequest.objects.get().state == "open"


def test_withdrawing_lets_the_time_stand_takes_the_block_back_and_shows_the_note(cast: Cast) -> None:
    request = cast.asked(cast.booked(), block=ITS_TIME)
    me = okafor(NOW + HOUR)
    sent = me.post(f"/requests/{request.ref}/withdraw/", note="The training was called off.")
    request.refresh_from_db()
    assert (
        sent.status_code,
        sent["Location"],
        request.state,
        request.settled_by,
        OutOfOffice.objects.get().removed_at,
        Message.objects.get(card="withdrawn").body,
    ) == (
        302,
        f"/requests/{request.ref}/",
        "withdrawn",
        "provider",
        NOW + HOUR,
        "The training was called off.",
    )
    assert "Withdrawn. Riley is told that the original time stands." in words(me.get(sent["Location"]))


def test_a_note_that_is_too_long_stays_and_says_so_at_the_field(cast: Cast) -> None:
    request, note = cast.asked(cast.booked()), "x" * 501
    me = okafor()
    key = key_in(me.get(f"/requests/{request.ref}/withdraw/"))
    refused = me.post(f"/requests/{request.ref}/withdraw/", key=key, note=note)
    assert (refused.status_code, errors(refused), key_in(refused), note in refused.content.decode()) == (
        422,
        ["Your note has 501 characters; 500 fit. Nothing was sent yet; please shorten it."],
        key,
        True,
    )
    assert RescheduleRequest.objects.get().state == "open"


def test_a_note_with_a_null_character_is_refused_in_words(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    assert okafor().post(f"/requests/{request.ref}/withdraw/", note="a\x00b").status_code == 422


def test_an_edited_block_is_asked_about_and_the_note_stays(cast: Cast) -> None:
    request = cast.asked(cast.booked(), block=ITS_TIME)
    edited(cast, request)
    me = okafor(NOW + HOUR)
    address = f"/requests/{request.ref}/withdraw/"
    asked = words(me.get(address))
    refused = me.post(address, note="It's off.")
    assert (
        "It was made with this request and edited since: Tue, Nov 24 · 11:00 AM to Tue, Nov 24 · 1:00 PM."
        in asked
    )
    assert (refused.status_code, errors(refused), "It&#x27;s off." in refused.content.decode()) == (
        422,
        [
            "The time off that was blocked with this request has been edited since. Please say whether to keep or"
            " remove it. Nothing was changed yet."
        ],
        True,
    )


@pytest.mark.parametrize(("choice", "removed_at"), [("keep", None), ("remove", NOW + HOUR)])
def test_an_edited_block_is_kept_or_removed_as_said(cast: Cast, choice: str, removed_at: object) -> None:
    request = cast.asked(cast.booked(), block=ITS_TIME)
    block = edited(cast, request)
    okafor(NOW + HOUR).post(f"/requests/{request.ref}/withdraw/", edited_block=choice)
    block.refresh_from_db()
    assert (block.removed_at, RescheduleRequest.objects.get().state) == (removed_at, "withdrawn")


def test_times_to_pick_stand_in_the_providers_zone_with_the_clients_beside(cast: Cast) -> None:
    request = cast.asked(cast.booked(new_york(18, 11)))
    page = okafor().get(f"/requests/{request.ref}/pick/")
    # Below the nearest, of which the first test of them speaks.
    assert choosable(page)[5:8] == [
        "Monday, November 16, 10:00 AM, 7:00 AM for Riley",
        "Monday, November 16, 10:30 AM, 7:30 AM for Riley",
        "Monday, November 16, 11:00 AM, 8:00 AM for Riley",
    ]
    assert "Follow-up on Wednesday, November 18 at 11:00 AM . Choosing here ends the request." in words(page)


def test_a_client_of_the_same_zone_needs_no_time_beside(cast: Cast) -> None:
    request = cast.asked(cast.booked(client=cast.maya))
    page = okafor().get(f"/requests/{request.ref}/pick/")
    assert choosable(page)[5] == "Tuesday, November 17, 9:00 AM"


def test_picking_opens_near_the_asked_time_with_the_nearest_and_the_phone_number(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(phone="(555) 010-2030")
    request, me = cast.asked(cast.booked()), okafor()
    page = me.get(f"/requests/{request.ref}/pick/")
    assert choosable(page)[:5] == [
        "Mon, Nov 23, 4:00 PM, 1:00 PM for Riley",
        "Tue, Nov 24, 10:00 AM, 7:00 AM for Riley",
        "Tue, Nov 24, 12:00 PM, 9:00 AM for Riley",
        "Tue, Nov 24, 1:30 PM, 10:30 AM for Riley",
        "Tue, Nov 24, 3:00 PM, 12:00 PM for Riley",
    ]
    html = page.content.decode()
    assert re.findall(r"data-near><h3[^>]*>([^<]*)</h3>", html) == ["Tuesday, November 24"]
    assert links(page)["Call (555) 010-2030"] == "tel:5550102030"
    # Leafing through the weeks shows the days alone, and the nearest of them to the asked one.
    later = me.get(f"/requests/{request.ref}/pick/", **{"from": "2026-12-01"})
    assert choosable(later)[0].startswith("Tuesday, December 1, 9:00 AM")
    assert re.findall(r"data-near><h3[^>]*>([^<]*)</h3>", later.content.decode()) == ["Tuesday, December 1"]


def test_a_refused_pick_keeps_its_choice_checked_once(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    sent = okafor().post(f"/requests/{request.ref}/pick/", key="none", start="2026-11-25T16:00Z")
    checked = re.findall(r'value="([^"]+)" data-when="[^"]*" checked', sent.content.decode())
    assert (sent.status_code, checked) == (422, ["2026-11-25T16:00Z"])


def test_pages_of_two_weeks_lead_to_all_open_times(cast: Cast) -> None:
    request, me = cast.asked(cast.booked()), okafor()
    address = f"/requests/{request.ref}/pick/"
    found, seen = links(me.get(address)), list[str]()
    assert found["Earlier weeks"] == "?from=2026-11-03"
    page = me.get(address, **{"from": "2026-11-16"})
    while True:
        seen += choosable(page)
        later = links(page).get("Later weeks")
        if later is None:
            break
        page = me.get(address + later)
    assert (len(seen), len(set(seen)), seen[-1]) == (
        len(seen),
        len(seen),
        "Friday, January 15, 10:00 AM, 7:00 AM for Riley",
    )
    assert len(choosable(me.get(address, **{"from": "nonsense"}))) > 0
    assert len(choosable(me.get(address, **{"from": "2199-01-01"}))) > 0


def test_picking_on_the_phone_moves_the_appointment_for_the_client(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    me = okafor(NOW + HOUR)
    sent = me.post(f"/requests/{request.ref}/pick/", start="2026-11-27T14:00Z")
    request.refresh_from_db()
    history = AppointmentHistory.objects.get(event="moved")
    assert (
        sent["Location"],
        request.state,
        request.settled_by,
        request.moved_to,
        Appointment.objects.get().starts_at,
        (history.actor_kind, history.actor, history.for_client),
    ) == (
        f"/requests/{request.ref}/",
        "moved",
        "provider",
        FRIDAY_AT_NINE,
        FRIDAY_AT_NINE,
        ("provider", cast.okafor.pk, cast.riley.pk),
    )
    page = me.get(sent["Location"])
    assert "Moved to Friday, November 27 at 9:00 AM. Riley gets a confirmation." in words(page)
    assert "You moved the appointment to Fri, Nov 27 · 9:00 AM for Riley." in section(page, "What happened")


def test_the_same_form_sent_twice_moves_once(cast: Cast) -> None:
    request, me = cast.asked(cast.booked()), okafor()
    key = key_in(me.get(f"/requests/{request.ref}/pick/"))
    answers = [
        me.post(f"/requests/{request.ref}/pick/", key=key, start="2026-11-27T14:00Z").status_code
        for _ in range(2)
    ]
    assert (answers, AppointmentHistory.objects.filter(event="moved").count()) == ([302, 302], 1)


@pytest.mark.parametrize(
    ("start", "status", "sentence"),
    [
        ("", 422, "Please choose a time first. Nothing was changed."),
        ("soon", 409, "That time isn't open."),
        ("2026-11-27T14:07Z", 409, "That time isn't open."),
        ("2026-11-24T16:00Z", 409, "That time isn't open."),
        ("2026-11-25T16:00Z", 409, "That time was just taken. The appointment stands as it was;"),
    ],
    ids=["nothing", "no time", "off the grid", "the asked time", "taken"],
)
def test_a_time_that_cannot_be_had_leaves_the_request_open_and_shows_the_rest(
    cast: Cast, start: str, status: int, sentence: str
) -> None:
    request = cast.asked(cast.booked())
    cast.booked(new_york(25, 11), client=cast.maya)
    refused = okafor().post(f"/requests/{request.ref}/pick/", start=start)
    assert (refused.status_code, RescheduleRequest.objects.get().state) == (status, "open")
    assert sentence in words(refused)
    assert "Friday, November 27, 9:00 AM, 6:00 AM for Riley" in choosable(refused)


@pytest.mark.parametrize("what", ["withdraw", "pick"])
def test_a_form_opened_before_the_ending_shows_how_things_stand_now(cast: Cast, what: str) -> None:
    request = cast.asked(cast.booked())
    cast.pick(request)
    me = okafor(NOW + HOUR)
    refused = me.post(f"/requests/{request.ref}/{what}/", start="2026-11-30T14:00Z")
    assert refused.status_code == 409
    assert (
        "This request has already ended. Nothing was changed; this page shows how things stand now."
        in words(refused)
    )
    assert "Moved to Friday, November 27 at 9:00 AM" in words(refused)
    assert me.get(f"/requests/{request.ref}/{what}/")["Location"] == f"/requests/{request.ref}/"


def test_a_manager_withdraws_and_picks_for_every_provider(cast: Cast) -> None:
    request, second = cast.asked(cast.booked()), cast.asked(cast.booked(new_york(25, 9), client=cast.maya))
    boss = manager(cast)
    answers = [
        boss.post(f"/requests/{request.ref}/withdraw/").status_code,
        boss.post(f"/requests/{second.ref}/pick/", start="2026-11-27T14:00Z").status_code,
    ]
    found = RescheduleRequest.objects.order_by("pk").values_list("state", "settled_by")
    assert (answers, list(found)) == ([302, 302], [("withdrawn", "manager"), ("moved", "manager")])


@pytest.mark.parametrize("page", ["", "withdraw/", "pick/"])
def test_somebody_elses_request_is_not_there(cast: Cast, page: str) -> None:
    request = cast.asked(cast.booked())
    visitors = [mallory(), StaffBrowser("fischer@harbor.example"), StaffBrowser("riley@clients.example")]
    found = [visitor.get(f"/requests/{request.ref}/{page}").status_code for visitor in visitors]
    posted = [
        visitor.post(f"/requests/{request.ref}/{page}", start="2026-11-27T14:00Z").status_code
        for visitor in visitors
    ]
    unknown = okafor().get(f"/requests/{uuid4()}/{page}").status_code
    assert (found, posted, unknown, RescheduleRequest.objects.get().state) == (
        [404] * 3,
        [404] * 3,
        404,
        "open",
    )


def test_the_pages_of_requests_make_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    crowd(cast, range(1))
    request, me = RescheduleRequest.objects.get(), okafor(NOW + HOUR)
    pages = ["/requests/", *(f"/requests/{request.ref}/{page}" for page in ("", "withdraw/", "pick/"))]
    once = [me.queries(page) for page in pages]
    crowd(cast, range(1, 30))
    assert [me.queries(page) for page in pages] == once


def test_a_manager_narrows_the_list_to_one_provider_and_keeps_that(cast: Cast) -> None:
    cast.asked(cast.booked())
    theirs = cast.booked(client=cast.maya, provider=cast.fischer)
    by = Actor(ActorKind.PROVIDER, cast.fischer.pk)
    ask = Ask([theirs.ref], Reason.SCHEDULING_CONFLICT)
    verb = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=by, now=NOW)
    run_command(verb, key=None, body={}, by=by, now=NOW)
    sasha, whose = manager(cast), str(cast.fischer.ref)
    assert sorted(names(sasha.get("/requests/"))) == ["Maya Chen", "Riley Brooks"]
    narrowed = sasha.get("/requests/", provider=whose)
    assert names(narrowed) == ["Maya Chen"]
    assert f'<option value="{whose}" selected>Dr. Lena Fischer</option>' in narrowed.content.decode()
    assert links(narrowed)["Open"] == f"?show=open&provider={whose}"
    assert names(sasha.get("/requests/", provider=str(cast.okafor.ref), q="maya")) == []
    # Whom nobody of this practice is, is not there; a provider has nobody to choose.
    assert sasha.get("/requests/", provider=str(cast.mallory.ref)).status_code == 404
    assert "All providers" not in okafor().get("/requests/").content.decode()
    assert names(okafor().get("/requests/", provider=whose)) == ["Riley Brooks"]


def test_managers_see_from_the_third_ask_on_how_often_somebody_was_asked(cast: Cast) -> None:
    for number in range(3):
        day = timedelta(days=number)
        request = cast.asked(cast.booked(new_york(24, 9 + number)), now=NOW + day, repeat_confirmed=True)
        cast.withdraw(request, now=NOW + day + HOUR)
    cast.asked(cast.booked(new_york(26, 9), client=cast.maya))
    later = NOW + timedelta(days=3)
    said, sasha = "Asked 3 times in 90 days", manager(cast, later)
    assert [said in row for row in rows(sasha.get("/requests/")) if "Riley" in row] == [True, False, False]
    assert names(sasha.get("/requests/", show="many-asks")) == ["Riley Brooks"]
    assert said in words(sasha.get(f"/requests/{request.ref}/"))
    # The provider was told in the form, and whoever keeps the calendar has no part in it.
    for reader in (okafor(later), scheduler(cast, later)):
        assert said not in words(reader.get("/requests/"))
        assert said not in words(reader.get(f"/requests/{request.ref}/"))
        assert "Third ask or more" not in words(reader.get("/requests/"))
        assert len(names(reader.get("/requests/", show="many-asks"))) == 4
    # After 90 days the first one counts no more.
    RescheduleBatch.objects.filter(asked_at=NOW, client=cast.riley).update(asked_at=NOW - timedelta(days=90))
    assert names(sasha.get("/requests/", show="many-asks")) == []


def test_a_managers_list_makes_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    crowd(cast, range(1))
    sasha = manager(cast, NOW + HOUR)
    addresses = ["/requests/", "/requests/?show=many-asks", f"/requests/?provider={cast.okafor.ref}"]
    once = [sasha.queries(one) for one in addresses]
    crowd(cast, range(1, 30))
    assert [sasha.queries(one) for one in addresses] == once
