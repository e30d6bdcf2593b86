"""More time for an open request, and reminders by hand: their pages, what the client is told, and what silence brings then."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.client_browser import Visitor, handed_over, page_of, words
from tests.app.sent_notifications import latest, said_in, told
from tests.app.staff_browser import errors, key_in, okafor, section

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.urge import extend, remind_by_hand
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.reschedule.lifecycle import AlreadySettled

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DEADLINE = NOW + 48 * HOUR
"""Wednesday at 10:00 AM in New York."""


@pytest.fixture
def request_(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked()))


def state(request: RescheduleRequest) -> str:
    request.refresh_from_db()
    return request.state


def given_more_time(cast: Cast, request: RescheduleRequest, hours: int, *, after: timedelta) -> None:
    now = NOW + after
    verb = partial(extend, request.ref, by_length=hours * HOUR, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)
    request.refresh_from_db()


def test_the_page_offers_three_lengths_and_says_where_there_is_no_room(
    cast: Cast, request_: RescheduleRequest
) -> None:
    later = okafor(DEADLINE - HOUR)
    form = words(later.get(f"/requests/{request_.ref}/extend/"))
    assert form == (
        "Reschedule requests Riley Brooks Extend Give Riley more time"
        " The deadline now is Wednesday, November 18 at 10:00 AM (New York time). It can be extended once."
        " How much more time?"
        " 12 hours more until Wednesday, November 18 at 10:00 PM · Wed, 7:00 PM for Riley (Los Angeles)"
        " 24 hours more until Thursday, November 19 at 10:00 AM · Thu, 7:00 AM for Riley (Los Angeles)"
        " 48 hours more until Friday, November 20 at 10:00 AM · Fri, 7:00 AM for Riley (Los Angeles)"
        " Riley is told: “You now have more time to choose a new time”, with the new deadline and what happens without an answer."
        " By e-mail, at once. Extend the deadline Back"
    )


def test_extending_moves_the_deadline_once_and_tells_the_client_what_silence_brings(
    cast: Cast, request_: RescheduleRequest
) -> None:
    me, since = okafor(NOW + 47 * HOUR), latest()
    page = me.post(f"/requests/{request_.ref}/extend/", by="24")
    assert (page.status_code, page["Location"]) == (302, f"/requests/{request_.ref}/")
    request_.refresh_from_db()
    assert (request_.deadline_at, request_.extended_at) == (DEADLINE + 24 * HOUR, NOW + 47 * HOUR)
    assert told(since) == ["deadline_moved to client by email: waiting"]
    said = said_in(Notification.objects.latest("pk"), now=NOW + 47 * HOUR).words
    assert [said.subject, *re.findall("^(?:You have until|If you don't).*", said.text, re.MULTILINE)] == [
        "You have more time to choose",
        "You have until Thursday, November 19 at 7:00 AM (Los Angeles time).",
        "If you don't choose by then, this appointment is canceled. There is no charge.",
    ]
    assert sweep(now=DEADLINE + 2 * MINUTE)["request lapsed"] == 0
    assert sweep(now=DEADLINE + 24 * HOUR + 2 * MINUTE)["request lapsed"] == 1
    assert state(request_) == "lapsed"


def test_the_client_reads_the_new_deadline(cast: Cast, request_: RescheduleRequest) -> None:
    given_more_time(cast, request_, 12, after=HOUR)
    said = words(Visitor(request_.batch, now=NOW + 2 * HOUR).get(page_of(request_)))
    assert "until Wednesday, November 18 at 7:00 PM" in said


def test_the_story_says_who_gave_more_time_and_who_reminded(cast: Cast, request_: RescheduleRequest) -> None:
    given_more_time(cast, request_, 12, after=HOUR)
    okafor(NOW + 2 * HOUR).post(f"/requests/{request_.ref}/remind/")
    page = okafor(NOW + 3 * HOUR).get(f"/requests/{request_.ref}/")
    assert section(page, "What happened") == (
        "What happened You asked Riley to choose a new time. Mon, Nov 16 · 10:00 AM"
        " The message to Riley was delivered. Mon, Nov 16 · 10:00 AM"
        " You gave Riley more time, until Wed, Nov 18 · 10:00 PM. Mon, Nov 16 · 11:00 AM"
        " You reminded Riley. Mon, Nov 16 · 12:00 PM"
    )
    history = okafor(NOW + 3 * HOUR).get(f"/appointments/{request_.appointment.ref}/")
    assert "You gave Riley more time to answer, until Wednesday, November 18 at 10:00 PM." in words(history)
    assert "You reminded Riley of the open request." in words(history)


def test_a_request_that_waits_for_a_person_runs_again(cast: Cast) -> None:
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    request = handed_over(cast.asked(cast.booked()))
    sweep(now=DEADLINE + 2 * MINUTE)
    assert list(Task.objects.filter(done_at__isnull=True).values_list("kind", flat=True)) == [
        "needs_provider"
    ]
    given_more_time(cast, request, 24, after=50 * HOUR)
    assert (request.needs_provider, request.deadline_at) == (None, NOW + 74 * HOUR)
    assert not Task.objects.filter(done_at__isnull=True).exists()
    sweep(now=NOW + 74 * HOUR + 2 * MINUTE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "do_not_auto_cancel")
    assert list(Task.objects.filter(done_at__isnull=True).values_list("kind", flat=True)) == [
        "needs_provider"
    ]


def test_reminders_by_the_clock_follow_the_new_deadline(cast: Cast, request_: RescheduleRequest) -> None:
    given_more_time(cast, request_, 48, after=47 * HOUR)
    # A day before Friday at 7:00 AM in Los Angeles is night there: the evening before.
    assert request_.remind_at == DEADLINE + 48 * HOUR - 35 * HOUR


def test_a_second_extension_is_refused_and_the_page_says_why(cast: Cast, request_: RescheduleRequest) -> None:
    me = okafor(NOW + HOUR)
    opened = me.get(f"/requests/{request_.ref}/extend/")
    given_more_time(cast, request_, 12, after=HOUR)
    refused = me.post(f"/requests/{request_.ref}/extend/", key=key_in(opened), by="24")
    sentence = "The deadline was extended before, which is possible once. It stays as it is."
    assert (refused.status_code, words(refused).count(sentence)) == (409, 2)
    request_.refresh_from_db()
    assert request_.deadline_at == DEADLINE + 12 * HOUR
    assert f"Extend {sentence}" in words(me.get(f"/requests/{request_.ref}/"))
    assert me.get(f"/requests/{request_.ref}/extend/")["Location"] == f"/requests/{request_.ref}/"


def test_nothing_chosen_is_said_at_the_question(cast: Cast, request_: RescheduleRequest) -> None:
    page = f"/requests/{request_.ref}/extend/"
    for said, sentence in (
        ({}, "Please choose how much more time Riley gets. Nothing was changed yet."),
        ({"by": "99"}, "Select a valid choice. 99 is not one of the available choices."),
    ):
        refused = okafor(NOW + HOUR).post(page, **said)
        assert (refused.status_code, errors(refused)) == (422, [sentence])


def test_without_room_before_the_start_nothing_is_offered(cast: Cast) -> None:
    asked_at = TUESDAY_AT_ELEVEN - 48 * HOUR
    request = cast.asked(cast.booked(), now=asked_at)
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=asked_at)
    sentence = "There is no room for that: a deadline is never later than 2 hours before the start. It stays as it is."
    assert f"Extend {sentence}" in words(okafor(asked_at + HOUR).get(f"/requests/{request.ref}/"))


def test_a_reminder_by_hand_goes_to_the_client_alone(cast: Cast, request_: RescheduleRequest) -> None:
    since = latest()
    page = okafor(NOW + 20 * HOUR).post(f"/requests/{request_.ref}/remind/", back="list")
    assert (page.status_code, page["Location"]) == (302, "/requests/")
    assert told(since) == ["request_reminder to client by email: waiting"]
    request_.refresh_from_db()
    assert (request_.reminded_by_hand, request_.reminded_by_hand_at) == (1, NOW + 20 * HOUR)


def test_two_reminders_by_hand_go_out_twelve_hours_apart(cast: Cast, request_: RescheduleRequest) -> None:
    page, since, said = f"/requests/{request_.ref}/remind/", latest(), []
    for hours in (1, 12, 13, 26):
        me = okafor(NOW + hours * HOUR)
        me.post(page)
        html = me.get(f"/requests/{request_.ref}/").content.decode()
        said += re.findall(r'<ul class="messages".*?<span>(.*?)</span></li></ul>', html, re.DOTALL)
    assert told(since) == ["request_reminder to client by email: waiting"] * 2
    assert [unescape(one) for one in said] == [
        "The reminder to Riley is on its way.",
        "Riley was reminded by hand less than 12 hours ago. Another reminder can go out from Monday, November 16 at 11:00 PM on.",
        "The reminder to Riley is on its way.",
        "Riley was reminded twice by hand, and isn't a third time. A call may do more.",
    ]


def test_nobody_is_reminded_of_what_has_not_arrived(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    since = latest()
    me = okafor(NOW + HOUR)
    me.post(f"/requests/{request.ref}/remind/")
    assert told(since) == []
    sentence = "The request has not reached Riley yet, so there is nothing to remind of."
    assert f"Remind {sentence}" in words(me.get(f"/requests/{request.ref}/"))


@pytest.mark.parametrize("what", ["extend", "remind"])
def test_a_settled_request_is_neither_extended_nor_reminded_of(
    cast: Cast, request_: RescheduleRequest, what: str
) -> None:
    cast.withdraw(request_, now=NOW + HOUR)
    since, rows = latest(), AppointmentHistory.objects.count()
    verbs = {
        "extend": partial(extend, request_.ref, by_length=12 * HOUR),
        "remind": partial(remind_by_hand, request_.ref),
    }
    verb = partial(verbs[what], by=cast.by_okafor, now=NOW + 2 * HOUR)
    with pytest.raises(AlreadySettled):
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW + 2 * HOUR)
    assert (told(since), AppointmentHistory.objects.count()) == ([], rows)


def test_the_list_offers_both_where_they_are_possible(cast: Cast, request_: RescheduleRequest) -> None:
    first = okafor(NOW + HOUR).get("/requests/").content.decode()
    given_more_time(cast, request_, 12, after=HOUR)
    okafor(NOW + HOUR).post(f"/requests/{request_.ref}/remind/")
    then = okafor(NOW + 2 * HOUR).get("/requests/").content.decode()
    assert [(">Remind<" in page, ">Extend<" in page) for page in (first, then)] == [
        (True, True),
        (False, False),
    ]
