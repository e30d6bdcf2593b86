"""Home: what the day brings, what waits for somebody, what stands in the way, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client as Browser
from tests.app.cast import MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, as_read, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import StaffBrowser, crowd, key_in, links, mallory, manager, okafor, section

from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.out_of_office import block_time
from raincheck.actions.reschedule.answer import none_work
from raincheck.actions.reschedule.links import revoke_links
from raincheck.actions.reschedule.open_times import look_at_open_times
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.spans import Span

HOUR = timedelta(hours=1)


def done(cast: Cast, verb: Callable[[], Answer]) -> None:
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def handed_over(request: RescheduleRequest) -> RescheduleRequest:
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=request.asked_at)
    return request


def busy(cast: Cast, span: Span, *, now: datetime) -> None:
    done(
        cast,
        lambda: import_busy_time(cast.okafor.pk, name="Rounds", reading=as_read(span), now=now),
    )


def test_today_lists_the_day_of_the_providers_zone_without_what_was_canceled(cast: Cast) -> None:
    cast.booked(new_york(16, 15), client=cast.maya)
    cast.booked(new_york(16, 23, 30))
    cast.booked(new_york(17, 0, 30), client=cast.maya)
    cast.decline(cast.asked(cast.booked(new_york(16, 18), client=cast.maya), last_minute_confirmed=True))
    cast.booked(new_york(16, 13), provider=cast.fischer)
    assert section(okafor().get("/home/"), "Today") == (
        "Today All appointments 3:00 PM Maya Chen Follow-up · Telehealth Join Maya Chen"
        " 11:30 PM Riley Brooks Follow-up · Telehealth Join Riley Brooks"
    )


def test_an_asked_appointment_of_today_says_how_much_time_is_left(cast: Cast) -> None:
    cast.asked(cast.booked(new_york(16, 20)), last_minute_confirmed=True)
    assert "8:00 PM Riley Brooks Follow-up · Telehealth Asked · 8 h left" in section(
        okafor().get("/home/"), "Today"
    )


def test_open_requests_stand_by_deadline(cast: Cast) -> None:
    cast.asked(cast.booked())
    cast.asked(cast.booked(new_york(17, 14), client=cast.maya))
    assert section(okafor().get("/home/"), "Waiting for an answer") == (
        "Waiting for an answer All requests Maya Chen Tue, Nov 17 · 2:00 PM 26 h left"
        " Riley Brooks Tue, Nov 24 · 11:00 AM 48 h left"
    )


def test_an_empty_home_says_what_will_stand_there(cast: Cast) -> None:
    home = okafor().get("/home/")
    assert [section(home, heading) for heading in ("Today", "Tasks", "Waiting for an answer", "Updates")] == [
        "Today All appointments No appointments today.",
        "Tasks Nothing waits for you. When something needs a person, it stands here.",
        "Waiting for an answer All requests Nobody is being asked right now. You can ask from any appointment.",
        "Updates Nothing new. Answers from clients and other news stand here.",
    ]


def a_word(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    done(cast, partial(none_work, request.batch, words="I can't.", by=cast.by_riley, now=NOW))


def an_undelivered_prompt(cast: Cast) -> None:
    cast.asked(cast.booked())
    sweep(now=NOW + 16 * MINUTES)


def a_deadline_for_a_person(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(do_not_auto_cancel=True, phone="+12135550142")
    handed_over(cast.asked(cast.booked()))
    sweep(now=NOW + 49 * HOUR)


def a_lapsed_intake(cast: Cast) -> None:
    handed_over(cast.asked(cast.booked(kind=cast.intake)))
    sweep(now=NOW + 49 * HOUR)


def a_start_that_came(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(do_not_auto_cancel=True)
    handed_over(cast.asked(cast.booked()))
    sweep(now=TUESDAY_AT_ELEVEN)


def a_stranger(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    link = Link.objects.create(
        practice=cast.practice, hash=b"1", recipient=cast.riley.recipients.get(), client=cast.riley,
        batch=request.batch, channel="email", address="riley@clients.example", made_at=NOW,
    )  # fmt: skip
    done(cast, partial(revoke_links, link, now=NOW))


def no_times_left(cast: Cast) -> None:
    handed_over(cast.asked(cast.booked()))
    done(cast, partial(block_time, cast.okafor.pk, span=Span(NOW, NOW + 2000 * HOUR), now=NOW))
    # What the worker does as soon as the block is committed.
    done(cast, partial(look_at_open_times, cast.okafor.pk, now=NOW))


ABOUT_RILEY = "Riley Brooks · Follow-up, Tue, Nov 24 · 11:00 AM"
CASES = [
    (
        a_word,
        f"Riley wrote while choosing a new time. {ABOUT_RILEY} Message Pick with Riley Open more times Done",
    ),
    (
        an_undelivered_prompt,
        f"Urgent The request to choose a new time has not reached Riley yet. We keep trying. {ABOUT_RILEY}"
        " Check e-mail and phone Pick with Riley Done",
    ),
    (
        a_deadline_for_a_person,
        "Urgent Riley did not answer in time. Riley is marked “do not auto-cancel”, so the appointment still stands."
        f" {ABOUT_RILEY} Pick with Riley Extend Withdraw Cancel appointment Call (213) 555-0142 Done",
    ),
    (
        a_lapsed_intake,
        "The time to answer was over, so Riley's first appointment was canceled. A call may help."
        " Riley Brooks · Intake, Tue, Nov 24 · 11:00 AM Message See the appointment Done",
    ),
    (
        a_start_that_came,
        "The appointment started before Riley answered. What happened?"
        f" {ABOUT_RILEY} See the appointment Message Done",
    ),
    (
        a_stranger,
        "Somebody said that the link we sent is not theirs. Riley's links have ended. Please check how Riley is reached"
        f" and save it: then messages go there again. {ABOUT_RILEY} Check e-mail and phone Pick with Riley Done",
    ),
    (
        no_times_left,
        f"Riley has no open times left to choose from. {ABOUT_RILEY} Open more times Pick with Riley Withdraw Done",
    ),
]


@pytest.mark.parametrize(("happens", "said"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_task_says_what_happened_what_it_is_about_and_what_to_do(
    cast: Cast, happens: Callable[[Cast], None], said: str
) -> None:
    happens(cast)
    tasks = section(okafor(NOW + 50 * HOUR).get("/home/"), "Tasks")
    assert said in tasks


def test_every_way_out_of_a_task_leads_somewhere(cast: Cast) -> None:
    a_deadline_for_a_person(cast)
    request, me = RescheduleRequest.objects.get(), okafor(NOW + 50 * HOUR)
    found = links(me.get("/home/"))
    assert [
        found[words] for words in ("Pick with Riley", "Withdraw", "Cancel appointment", "Call (213) 555-0142")
    ] == [
        f"/requests/{request.ref}/pick/",
        f"/requests/{request.ref}/withdraw/",
        f"/appointments/{request.appointment.ref}/cancel/",
        "tel:+12135550142",
    ]


def test_done_takes_a_task_off_the_list_and_twice_is_once(cast: Cast) -> None:
    an_undelivered_prompt(cast)
    task, me = Task.objects.get(), okafor(NOW + HOUR)
    key = key_in(me.get("/home/"))
    first = me.post(f"/tasks/{task.ref}/done/", key=key)
    again = me.post(f"/tasks/{task.ref}/done/", key=key)
    assert (first.status_code, first["Location"], again.status_code, Task.objects.get().done_at) == (
        302,
        "/home/",
        302,
        NOW + HOUR,
    )
    assert "Nothing waits for you." in section(me.get("/home/"), "Tasks")


def test_a_form_without_its_key_is_refused_in_words(cast: Cast) -> None:
    an_undelivered_prompt(cast)
    refused = okafor().post(f"/tasks/{Task.objects.get().ref}/done/", key="not a key")
    assert (refused.status_code, Task.objects.get().done_at) == (422, None)
    assert "This form was incomplete, so nothing was changed." in words(refused)


def test_looking_at_the_address_of_done_does_nothing(cast: Cast) -> None:
    an_undelivered_prompt(cast)
    assert okafor().get(f"/tasks/{Task.objects.get().ref}/done/").status_code == 405
    assert Task.objects.get().done_at is None


@pytest.mark.parametrize(
    "who", [mallory, lambda: StaffBrowser("fischer@harbor.example")], ids=["elsewhere", "colleague"]
)
def test_somebody_elses_task_is_not_there(cast: Cast, who: Callable[[], StaffBrowser]) -> None:
    an_undelivered_prompt(cast)
    them = who()
    assert them.post(f"/tasks/{Task.objects.get().ref}/done/").status_code == 404
    assert "Riley" not in them.get("/home/").content.decode()


def test_a_manager_sees_the_whole_practice_and_tasks_after_an_hour(cast: Cast) -> None:
    an_undelivered_prompt(cast)
    made = Task.objects.get().made_at
    early, late = manager(cast, now=made + 59 * MINUTES), manager(cast, now=made + 60 * MINUTES)
    assert "Nothing waits for you." in section(early.get("/home/"), "Tasks")
    shown = late.get("/home/")
    assert f"We keep trying. {ABOUT_RILEY} · Dr. Okafor Check e-mail and phone" in section(shown, "Tasks")
    assert section(shown, "Waiting for an answer") == (
        "Waiting for an answer All requests Riley Brooks Tue, Nov 24 · 11:00 AM · Dr. Okafor Not delivered, the clock is not running"
    )


def test_a_manager_is_offered_no_conversation_and_the_providers_own_hours(cast: Cast) -> None:
    a_word(cast)
    home = manager(cast, now=NOW + 2 * HOUR).get("/home/")
    assert "Message" not in section(home, "Tasks")
    assert links(home)["Open more times"] == f"/availability/?provider={cast.okafor.ref}"


def test_busy_time_that_appears_later_is_a_conflict(cast: Cast) -> None:
    cast.booked()
    busy(cast, Span(TUESDAY_AT_ELEVEN + 30 * MINUTES, TUESDAY_AT_ELEVEN + HOUR), now=NOW + HOUR)
    home = okafor(NOW + 2 * HOUR).get("/home/")
    assert section(home, "Conflicts") == (
        "Conflicts Nothing was moved by itself Riley Brooks , Tue, Nov 24 · 11:00 AM"
        " The calendar “Rounds” is busy at that time. Ask Riley to reschedule See the appointment Done"
    )


def test_time_off_that_appears_later_is_a_conflict(cast: Cast) -> None:
    cast.booked()
    span = Span(TUESDAY_AT_ELEVEN - HOUR, TUESDAY_AT_ELEVEN + MINUTES)
    done(cast, partial(block_time, cast.okafor.pk, span=span, now=NOW + HOUR))
    home = okafor(NOW + 2 * HOUR).get("/home/")
    assert "This time was marked out of office after it was booked." in section(home, "Conflicts")


def no_conflict_when_only_touching(cast: Cast) -> None:
    cast.booked()
    busy(cast, Span(TUESDAY_AT_ELEVEN - HOUR, TUESDAY_AT_ELEVEN), now=NOW + HOUR)


def no_conflict_when_booked_knowingly(cast: Cast) -> None:
    busy(cast, Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOUR), now=NOW - HOUR)
    cast.booked()


def no_conflict_while_asked(cast: Cast) -> None:
    cast.asked(cast.booked())
    busy(cast, Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOUR), now=NOW + HOUR)


def no_conflict_once_moved_away(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    busy(cast, Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOUR), now=NOW + HOUR)
    cast.pick(request, now=NOW + 2 * HOUR)


def no_conflict_of_a_colleague(cast: Cast) -> None:
    cast.booked(provider=cast.fischer)
    busy(cast, Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOUR), now=NOW + HOUR)


@pytest.mark.parametrize(
    "happens",
    [
        no_conflict_when_only_touching,
        no_conflict_when_booked_knowingly,
        no_conflict_while_asked,
        no_conflict_once_moved_away,
        no_conflict_of_a_colleague,
    ],
)
def test_what_stands_in_nobodys_way_is_no_conflict(cast: Cast, happens: Callable[[Cast], None]) -> None:
    happens(cast)
    assert "Conflicts" not in okafor(NOW + 3 * HOUR).get("/home/").content.decode()


def test_news_stands_until_it_is_cleared_and_later_news_stays(cast: Cast) -> None:
    cast.pick(cast.asked(cast.booked()))
    me = okafor(NOW + HOUR)
    home = me.get("/home/")
    assert section(home, "Updates") == (
        "Updates Clear updates Riley B. has a new time Before: Tuesday, November 24 at 11:00 AM"
        " (New York time). Now: Friday, November 27 at 9:00 AM (New York time)."
        " Mon, Nov 16 · 10:00 AM · See the request"
    )
    newest = Notification.objects.filter(channel="in_app", seen_at=None).latest("pk")
    cast.decline(cast.asked(cast.booked(new_york(25, 11), client=cast.maya)))
    assert me.post("/home/news/", up_to=str(newest.ref))["Location"] == "/home/"
    assert section(me.get("/home/"), "Updates").startswith("Updates Clear updates Maya C. canceled")


def test_nobody_clears_a_providers_news_for_them(cast: Cast) -> None:
    cast.pick(cast.asked(cast.booked()))
    newest = Notification.objects.filter(channel="in_app", seen_at=None).latest("pk")
    answers = [
        who.post("/home/news/", up_to=up_to).status_code
        for who, up_to in (
            (manager(cast), str(newest.ref)),
            (mallory(), str(newest.ref)),
            (StaffBrowser("fischer@harbor.example"), str(newest.ref)),
            (okafor(), str(uuid4())),
            (okafor(), "nothing"),
        )
    ]
    assert (answers, Notification.objects.get(pk=newest.pk).seen_at) == ([404] * 5, None)


def test_a_manager_sees_what_the_providers_were_told_in_the_last_day(cast: Cast) -> None:
    cast.pick(cast.asked(cast.booked(), now=NOW - 30 * HOUR), now=NOW - HOUR)
    told = section(manager(cast).get("/home/"), "Updates")
    assert "Riley B. has a new time" in told
    assert "was asked" not in told
    assert "Dr. Okafor · See the request" in told


def test_the_front_door_leads_everybody_to_where_their_day_begins(cast: Cast) -> None:
    assert [
        Browser().get("/")["Location"],
        okafor().get("/")["Location"],
        manager(cast).get("/")["Location"],
        StaffBrowser("riley@clients.example").get("/")["Location"],
    ] == ["/sign-in/", "/home/", "/home/", "/portal/"]


def test_strangers_sign_in_first_and_clients_find_nothing_here(cast: Cast) -> None:
    stranger = Browser().get("/home/")
    assert (stranger.status_code, stranger["Location"]) == (302, "/sign-in/?next=/home/")
    assert StaffBrowser("riley@clients.example").get("/home/").status_code == 404


def test_home_makes_as_many_queries_for_thirty_as_for_one(cast: Cast) -> None:
    first = cast.booked(new_york(16, 15), client=cast.maya)
    crowd(cast, range(1))
    busy(cast, Span(first.starts_at, first.ends_at), now=NOW + MINUTES)
    me, boss = okafor(NOW + HOUR), manager(cast, now=NOW + 2 * HOUR)
    once = (me.queries("/home/"), boss.queries("/home/"))
    crowd_again(cast)
    assert (me.queries("/home/"), boss.queries("/home/")) == once


def crowd_again(cast: Cast) -> None:
    for number in range(6):
        cast.booked(new_york(16, 16 + number), client=cast.riley)
    for row in Appointment.objects.filter(client=cast.riley):
        busy(cast, row.span, now=NOW + MINUTES)
    crowd(cast, range(1, 30))
    by = cast.by_riley
    done(cast, partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hello", by=by, now=NOW))
