"""Where "What happened?" is asked, what its answers say, and where they lead."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape

from django.contrib.messages import get_messages
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, key_in, mallory, manager, okafor, scheduler, section

from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.rebooking import RebookOffer

AT_NOON = TUESDAY_AT_ELEVEN + 60 * MINUTES
DAYS = timedelta(days=1)


def question(who: StaffBrowser, row: Appointment) -> list[tuple[str, str, str]]:
    """Return the buttons of an appointment's question: name, whether pressed, and what stands under it."""
    html = who.get(f"/appointments/{row.ref}/").content.decode()
    found = re.findall(r'<button name="outcome"(.*?)aria-label="(.*?)">(.*?)</button>', html)
    return [
        (
            unescape(name),
            (re.search(r'aria-pressed="(\w+)"', about) or [""])[1],
            unescape(" ".join(re.findall(r"<span[^>]*>(.*?)</span>", said))),
        )
        for about, name, said in found
    ]


def told(response: HttpResponse) -> list[str]:
    return [str(one) for one in get_messages(response.wsgi_request)]


def status(row: Appointment) -> str:
    return Appointment.objects.get(pk=row.pk).status


def test_from_its_start_a_session_asks_what_happened(cast: Cast) -> None:
    row = cast.booked()
    assert question(okafor(TUESDAY_AT_ELEVEN - MINUTES), row) == []
    assert question(okafor(TUESDAY_AT_ELEVEN), row) == [
        ("Took place", "false", ""),
        ("Client didn't come", "false", "A fee is allowed."),
        ("We couldn't", "false", "No fee. You can send a link to book another time."),
        ("Canceled late", "false", "By the client, inside 24 hours. Riley is told."),
    ]


def test_an_answer_shows_who_gave_it_and_until_when_it_may_be_corrected(cast: Cast) -> None:
    row = cast.booked()
    sent = manager(cast, AT_NOON).post(
        f"/appointments/{row.ref}/outcome/", outcome="client_absent", seen="scheduled"
    )
    assert (sent.status_code, sent["Location"]) == (302, f"/appointments/{row.ref}/")
    assert told(sent) == ["Noted for Riley Brooks: Client didn't come."]
    assert [pressed for _name, pressed, _said in question(okafor(AT_NOON), row)] == [
        "false",
        "true",
        "false",
        "false",
    ]
    page = words(okafor(AT_NOON).get(f"/appointments/{row.ref}/"))
    assert (
        "Sasha Lindqvist said so on Tue, Nov 24 · 12:00 PM. You can correct this until Tue, Dec 8 · 12:00 PM."
        in page
    )
    later = words(okafor(AT_NOON + 14 * DAYS).get(f"/appointments/{row.ref}/"))
    assert "said so on" in later
    assert "You can correct this" not in later
    assert question(okafor(AT_NOON + 14 * DAYS), row) == []


def test_a_second_answer_is_shown_what_was_said_meanwhile(cast: Cast) -> None:
    row = cast.booked()
    address = f"/appointments/{row.ref}/outcome/"
    okafor(AT_NOON).post(address, outcome="took_place", seen="scheduled")
    sent = manager(cast, AT_NOON).post(address, outcome="provider_absent", seen="scheduled")
    assert told(sent) == [
        "Somebody has said meanwhile what happened, so nothing was changed now. It is shown here; you can correct it."
    ]
    assert status(row) == "completed"


def test_home_closes_a_day_in_one_press_and_corrects_it_in_another(cast: Cast) -> None:
    rows = [cast.booked(new_york(24, hour), client=cast.maya) for hour in (9, 10)] + [cast.booked()]
    ahead = cast.booked(new_york(24, 15))
    at_home = okafor(AT_NOON)
    page = at_home.get("/home/").content.decode()
    assert "All 3 sessions until now took place" in unescape(page)
    sent = at_home.post("/appointments/took-place/", back="home", appointment=[str(row.ref) for row in rows])
    assert (sent["Location"], told(sent)) == ("/home/", ["3 sessions took place."])
    assert [status(row) for row in (*rows, ahead)] == ["completed"] * 3 + ["scheduled"]
    assert "until now took place" not in at_home.get("/home/").content.decode()
    assert section(at_home.get("/home/"), "Today").count("Took place") == 3


def test_what_was_asked_about_is_answered_by_itself(cast: Cast) -> None:
    asked, usual = cast.booked(), cast.booked(new_york(24, 9), client=cast.maya)
    cast.asked(asked)
    page = okafor(AT_NOON).get("/home/").content.decode()
    assert "The one session until now took place" in unescape(page)
    assert f'name="appointment" value="{usual.ref}"' in page
    assert f'name="appointment" value="{asked.ref}"' not in page


def test_the_list_of_past_sessions_asks_beside_each(cast: Cast) -> None:
    row = cast.booked()
    page = okafor(AT_NOON).get("/appointments/", view="list", when="past")
    assert "What happened? Took place Client didn't come We couldn't Canceled late" in words(page)
    sent = okafor(AT_NOON).post(
        f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled", back="list"
    )
    assert sent["Location"] == f"/appointments/?view=list&when=past&provider={cast.okafor.ref}"
    page = words(okafor(AT_NOON).get("/appointments/", view="list", when="past"))
    assert page.endswith("Telehealth Took place")


def test_the_calendar_says_that_it_asks(cast: Cast) -> None:
    row = cast.booked()

    def event(now: datetime) -> tuple[str, str, bool]:
        feed = okafor(now).get(
            "/appointments/calendar.json",
            **{"from": "2026-11-23", "to": "2026-11-30"},
        )
        [found] = [one for one in feed.json()["events"] if one["id"] == str(row.ref)]
        return found["detail"], found["label"], found["asks"]

    label = "Riley Brooks, Tuesday, November 24, 11:00 AM, Follow-up"
    before = event(TUESDAY_AT_ELEVEN - MINUTES)
    assert before == ("11:00 · Follow-up", f"{label}, Telehealth", False)
    assert event(AT_NOON) == ("What happened?", f"{label}, What happened?, Telehealth", True)
    okafor(AT_NOON).post(f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled")
    assert event(AT_NOON) == ("Took place", f"{label}, Took place, Telehealth", False)


def test_nobody_else_answers_for_a_session(cast: Cast) -> None:
    row = cast.booked()
    for who in (mallory(AT_NOON), StaffBrowser("fischer@harbor.example", now=AT_NOON)):
        sent = who.post(f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled")
        assert sent.status_code == 404
        sent = who.post("/appointments/took-place/", appointment=[str(row.ref)])
        assert told(sent) == ["There is nothing left to say about these sessions."]
    assert status(row) == "scheduled"
    scheduler(cast, AT_NOON).post(f"/appointments/{row.ref}/outcome/", outcome="took_place", seen="scheduled")
    assert status(row) == "completed"


def test_lists_and_home_ask_in_a_fixed_number_of_queries(cast: Cast) -> None:
    cast.booked(new_york(24, 9), client=cast.maya)
    who = okafor(AT_NOON)
    few = [who.queries(page) for page in ("/home/", "/appointments/?view=list&when=past")]
    for day in (17, 18, 19, 20):
        cast.booked(new_york(day, 9), client=cast.maya)
    cast.booked()
    assert [who.queries(page) for page in ("/home/", "/appointments/?view=list&when=past")] == few


def test_whom_we_could_not_see_is_offered_another_time_by_one_press(cast: Cast) -> None:
    row, me = cast.booked(), okafor(TUESDAY_AT_ELEVEN + 60 * MINUTES)
    home = me.post(
        f"/appointments/{row.ref}/outcome/", outcome="provider_absent", seen="scheduled", back="home"
    )
    assert told(home) == [
        f'Noted for Riley Brooks: We couldn&#x27;t. <a href="/appointments/{row.ref}/">Offer another time</a>'
    ]
    assert "Offer another time" in me.get("/home/").content.decode()
    there = me.post(f"/appointments/{row.ref}/outcome/", outcome="provider_absent", seen="provider_no_show")
    assert told(there) == ["Noted for Riley Brooks: We couldn't."]
    address = f"/appointments/{row.ref}/"
    assert "Send Riley a rebook link New appointment" in words(me.get(address))
    sent = me.post(f"{address}rebook-link/", key=key_in(me.get(address)))
    assert (sent["Location"], told(sent)) == (
        address,
        ["Riley is sent a link to book another time. It works for 30 days."],
    )
    page = words(me.get(address))
    assert "Riley has a link to book another time until Thu, Dec 24 · 12:00 PM." in page
    assert "Send Riley a rebook link" not in page
    again = me.post(f"{address}rebook-link/")
    assert told(again) == [
        "A link to book a new time was sent already. It was used or still works, so nothing more was sent."
    ]


def test_who_books_by_the_link_is_shown_with_the_new_time(cast: Cast) -> None:
    row, me = cast.booked(), okafor(TUESDAY_AT_ELEVEN + 60 * MINUTES)
    me.post(f"/appointments/{row.ref}/outcome/", outcome="provider_absent", seen="scheduled")
    me.post(f"/appointments/{row.ref}/rebook-link/")
    offer = RebookOffer.objects.get()
    answer = partial(rebook, offer.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=me.now)
    run_command(answer, key=None, body={}, by=cast.by_riley, now=me.now)
    page = words(me.get(f"/appointments/{row.ref}/"))
    assert "Riley booked another time with the link: Fri, Nov 27 · 9:00 AM." in page
