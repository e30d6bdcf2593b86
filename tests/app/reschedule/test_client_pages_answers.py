"""The client's other answers: cancel instead, none of these work, a message; and several appointments, each on its own."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NO_TIME_TO_UNDO, NOW, Cast, new_york
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.sent_notifications import latest, said_in, told

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.places import Place
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task

HOURS = timedelta(hours=1)
TUESDAY = "Tuesday, November 24 at 8:00 AM"
WHERE = "Los Angeles time · Telehealth with Dr. Okafor, 50 minutes"


def error_at(response: HttpResponse, field: str) -> str:
    """Return what is said at a field of a form, for the eye and for a screen reader alike."""
    html = response.content.decode()
    told = re.search(rf'<textarea id="{field}"[^>]*aria-describedby="([^"]*)"[^>]*aria-invalid="true"', html)
    assert told, "the field is told to be wrong"
    [error] = re.findall(rf'(?s)<p class="error" role="alert" id="{told[1].split()[-1]}">(.*?)</p>', html)
    return " ".join(unescape(re.sub("<[^>]*>", " ", error)).split())


def test_declining_asks_once_more_naming_the_appointment(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    asked = words(visitor.get(f"{form_of(request)}cancel/"))
    assert asked == (
        f"Cancel this appointment? {TUESDAY} {WHERE} There is no charge. You can"
        " book a new time afterwards. A word to Dr. Okafor optional Messages are read on working days."
        " If you are in danger or need help right now, call or text 988, or call 911. 988 answers by videophone, too. Cancel this appointment Keep it and go back"
    )
    request.refresh_from_db()
    assert request.state == "open"


def test_a_reason_that_is_too_long_is_kept_and_nothing_is_cancelled(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    response = Visitor(request.batch).post(f"{form_of(request)}cancel/", reason="x" * 501)
    assert response.status_code == 422
    sentence = "Your note has 501 characters; 500 fit. The appointment still stands; please shorten the note."
    assert error_at(response, "reason") == sentence
    assert "x" * 501 in response.content.decode()
    request.refresh_from_db()
    assert request.state == "open"


def test_none_of_these_work_reaches_the_provider_and_leaves_time(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    visitor = Visitor(request.batch, now=NOW + 40 * HOURS)
    assert words(visitor.get(f"{page_of(request)}write/")) == (
        "What would work for you? The scheduling team and Dr. Okafor read this and look for a time."
        " If no time is found by Wednesday, November 18 at 11:00 PM (Los Angeles time), this appointment is canceled,"
        " no charge. Days Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays"
        " Time of day Mornings Afternoons Evenings In your words optional Messages are read on working days."
        " If you are in danger or need help right now, call or text 988, or call 911. 988 answers by videophone, too. Send Go back"
        " Write privately to Dr. Okafor"
    )
    response = visitor.post(f"{page_of(request)}write/", words="Mornings only, please.")
    assert (response.status_code, response["Location"]) == (302, page_of(request))
    assert words(visitor.get(page_of(request))).startswith(
        "You now have until Wednesday, November 18 at 11:00 PM to choose. Hi Riley, please choose a new time Your"
        " appointment is on Tuesday, November 24 at 8:00 AM . Dr. Okafor can't make this time and would like to find"
        " another with you. Telehealth with Dr. Okafor, 50 minutes Your message was delivered Mornings only, please. You sent this on Tuesday, November 17 at"
        " 11:00 PM. You'll hear back by e-mail. Messages are read on working days. Add something You have until"
        " Wednesday, November 18 at 11:00 PM . If no time is found by Wednesday, November 18 at 11:00 PM (Los Angeles"
        " time), this appointment is canceled, no charge. Our messages will use it too. Keep Los Angeles time"
    )
    assert Message.objects.latest("pk").body == "Mornings only, please."
    assert [task.kind for task in Task.objects.all()] == ["client_wrote"]


def test_a_word_about_what_waits_for_the_provider_promises_no_end_by_silence(cast: Cast) -> None:
    """Silence cancels nothing of theirs any more, so they are not reminded either, and get no time that has passed."""
    request = handed_over(cast.asked(cast.booked()))
    at = request.deadline_at + HOURS
    needing = {"needs_provider": "swept_too_late", "needs_provider_at": at, "remind_at": None}
    RescheduleRequest.objects.update(**needing)
    Visitor(request.batch, now=at).post(f"{page_of(request)}write/", words="Mornings only, please.")
    request.refresh_from_db()
    mail = said_in(Notification.objects.get(kind="deadline_moved", channel="email"), now=at).words
    assert (request.deadline_at, request.remind_at) == (at + 24 * HOURS, None)
    events = AppointmentHistory.objects.filter(request=request).order_by("pk")
    assert [row.event for row in events] == ["asked", "client_wrote", "deadline_moved", "none_work"]
    assert (
        "This appointment isn't settled. Dr. Okafor may not be able to come. Harbor Counseling will contact you:"
        " +1 212 555 0100." in mail.text
    )
    assert "canceled" not in mail.text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "  ",
            "Please tick what would work, or write a few words. Nothing was sent yet, and you can still choose a time.",
        ),
        ("x" * 4001, "Your message has 4001 characters; 4000 fit. Nothing was sent yet; please shorten it."),
    ],
)
def test_a_message_that_is_missing_or_too_long_is_kept(cast: Cast, said: str, sentence: str) -> None:
    request = cast.asked(cast.booked())
    visitor, before = Visitor(request.batch), Message.objects.count()
    response = visitor.post(f"{page_of(request)}write/", words=said)
    assert (response.status_code, error_at(response, "words")) == (422, sentence)
    assert said in response.content.decode()
    assert f'name="key" value="{visitor.key}"' in response.content.decode()
    assert Message.objects.count() == before


def test_what_was_ticked_stands_above_what_was_written(cast: Cast) -> None:
    Place.objects.update(kind="room", name="Room 2", zone="America/New_York")
    request = handed_over(cast.asked(cast.booked()))
    visitor = Visitor(request.batch)
    assert "Meeting by video would work, too" in words(visitor.get(f"{page_of(request)}write/"))
    ticked = {"days": ["friday", "monday"], "parts": ["evening"], "video": "1"}
    assert visitor.post(f"{page_of(request)}write/", **ticked, words=" After 5. ").status_code == 302
    said = "What would work: Mondays, Fridays · Evenings · By video, too\nAfter 5."
    assert [row.body for row in Message.objects.filter(card="none_work")] == [said]


def test_what_is_ticked_says_enough_and_stays_where_the_words_are_too_long(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor, page = Visitor(request.batch), f"{page_of(request)}write/"
    response = visitor.post(page, days=["sunday"], words="x" * 4000)
    sentence = "Your message has 4025 characters; 4000 fit. Nothing was sent yet; please shorten it."
    assert (response.status_code, error_at(response, "words")) == (422, sentence)
    assert re.findall(r'value="(\w+)" checked', response.content.decode()) == ["sunday"]
    assert visitor.post(page, days=["sunday"], words="").status_code == 302
    assert Message.objects.latest("pk").body == "What would work: Sundays"


def test_a_private_message_is_for_the_provider_and_still_a_word(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    visitor, since = Visitor(request.batch, now=NOW + 40 * HOURS), latest()
    page = words(visitor.get(f"{page_of(request)}write/", private="1"))
    assert page.startswith(
        "Write to Dr. Okafor This is a message to Dr. Okafor. The scheduling team does not read it. If no time"
    )
    response = visitor.post(f"{page_of(request)}write/", private="1", words="My court date.")
    assert response.status_code == 302
    request.refresh_from_db()
    assert request.deadline_at == NOW + 64 * HOURS
    said = Message.objects.latest("pk")
    assert (said.body, said.card) == ("My court date.", None)
    assert told(since) == [
        "deadline_moved to client by email: waiting",
        "message to provider by email: waiting",
    ]


def test_the_conversation_stays_open_after_the_ending(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    cast.withdraw(request)
    since = latest()
    assert visitor.post(f"{page_of(request)}write/", words="Thank you.").status_code == 302
    assert told(since) == ["message to provider by email: waiting"]
    assert words(visitor.get(page_of(request))).startswith(
        "Your message was delivered to Dr. Okafor. Your original time stands"
    )


def test_words_written_while_the_last_request_was_settled_reach_the_provider(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    since = latest()
    verb = partial(none_work, request.batch, words="Too late?", by=cast.by_riley, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    assert told(since) == ["message to provider by email: waiting"]


def test_several_appointments_are_picked_and_declined_each_on_its_own(cast: Cast) -> None:
    rows = [cast.booked(), cast.booked(new_york(25, 11)), cast.booked(new_york(30, 11))]
    cast.asked(*rows)
    first, second, third = RescheduleRequest.objects.order_by("asked_starts_at")
    visitor = Visitor(first.batch)
    page = words(visitor.get(page_of(first)))
    assert page.startswith("Hi Riley, please choose a new time for 3 appointments ")
    titles = [TUESDAY, "Wednesday, November 25 at 8:00 AM", "Monday, November 30 at 8:00 AM"]
    assert sorted(titles, key=page.index) == titles
    assert page.count("Move my appointment") == page.count("Cancel this appointment") == 3

    visitor.pick(form_of(first), FRIDAY_AT_NINE, key="11111111-1111-4111-8111-111111111111")
    done = words(visitor.get(form_of(first)))
    assert done.startswith("This appointment is moved Before: ")
    assert "2 more appointments need a new time Choose the next time" in done

    overlapping = visitor.pick(form_of(second), new_york(27, 9, 30))
    assert overlapping.status_code == 409
    assert "You have another appointment at that time. Nothing has changed. These are close to it:" in words(
        overlapping
    )

    visitor.post(f"{form_of(second)}cancel/")
    page = words(visitor.get(page_of(first)))
    assert page.startswith("Hi Riley, please choose a new time for one more appointment ")
    assert "Already settled This appointment is moved" in page
    assert page.count("Move my appointment") == 1

    cast.withdraw(third)
    page = words(visitor.get(page_of(first)))
    assert page.startswith("Your appointments with Dr. Okafor Nothing is waiting for your answer any more.")
    endings = ["You're all set, Riley", "This appointment was canceled", "Your original time stands"]
    assert [page.count(heading) for heading in endings] == [1, 1, 1]


def test_a_time_chosen_for_one_stays_and_is_not_offered_for_the_next(cast: Cast) -> None:
    cast.choose(**NO_TIME_TO_UNDO, one_a_day="no_rule")
    rows = [cast.booked(), cast.booked(new_york(25, 11))]
    first = cast.asked(*rows)
    second = RescheduleRequest.objects.get(appointment=rows[1])
    visitor, address = Visitor(first.batch), page_of(first)
    friday, friday_at_ten = "2026-11-27T14:00Z", "2026-11-27T15:00Z"
    said = {f"start-{first.ref}": friday, f"start-{second.ref}": friday_at_ten}
    kept = f"start-{first.ref}=2026-11-27T14%3A00Z&start-{second.ref}=2026-11-27T15%3A00Z"
    looked = visitor.post(address, see=f"{second.ref}/2026-11-27", **said)
    onward = f"{address}?{kept}&open={second.ref}&day=2026-11-27#times-{second.ref}"
    assert looked["Location"] == onward
    page = visitor.get(onward)
    checked = re.findall(r'name="(start-[^"]+)"[^>]*value="([^"]+)"[^>]* checked', page.content.decode())
    assert checked == [(f"start-{first.ref}", friday), (f"start-{second.ref}", friday_at_ten)]
    names = [name for name in choosable(page) if name.startswith("Friday, November 27")]
    # Fifty minutes and ten after: the first session leaves the day from 7:00 AM on.
    assert names[0] == "Friday, November 27, 7:00 AM"

    # Moving the first one keeps what was chosen for the second, also by the page that asks once more without a script.
    asks = visitor.post(form_of(first), **said)
    assert f'name="start-{second.ref}" value="{friday_at_ten}"' in asks.content.decode()
    moved = visitor.post(
        form_of(first), start=friday, confirmed=friday, **{f"start-{second.ref}": friday_at_ten}
    )
    assert moved["Location"] == f"{form_of(first)}?start-{second.ref}=2026-11-27T15%3A00Z"
    done = visitor.get(moved["Location"]).content.decode()
    assert f'href="{address}?start-{second.ref}=2026-11-27T15%3A00Z">Choose the next time' in done


def test_of_two_choices_that_meet_the_first_stays(cast: Cast) -> None:
    rows = [cast.booked(), cast.booked(new_york(25, 11))]
    first = cast.asked(*rows)
    second = RescheduleRequest.objects.get(appointment=rows[1])
    page = Visitor(first.batch).get(
        page_of(first),
        **{f"start-{first.ref}": "2026-11-27T14:00Z", f"start-{second.ref}": "2026-11-27T14:30Z"},
    )
    assert re.findall(r'value="([^"]+)" data-when="[^"]*" checked', page.content.decode()) == [
        "2026-11-27T14:00Z"
    ]
    assert "Fri, Nov 27 at 6:30 AM is not open any more. Nothing has changed." in words(page)


def test_each_button_names_its_appointment(cast: Cast) -> None:
    cast.asked(cast.booked(), cast.booked(new_york(25, 11)))
    request = RescheduleRequest.objects.first()
    page = words(Visitor(request.batch).get(page_of(request)))
    for day in ("Tue, Nov 24", "Wed, Nov 25"):
        assert f"Move my appointment on {day} at 8:00 AM" in page
        assert f"Cancel this appointment {day} at 8:00 AM" in page
