"""The words of both sides: kept in one thread, told without their text, and heard while a request is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.sent_notifications import latest, said_in, told

from raincheck.actions.conversations import mark_read, write_message
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import decline, none_work
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.conversations import MESSAGE_LIMIT, MessageMissing, MessageTooLong
from raincheck.domain.people import Actor

HOURS = timedelta(hours=1)
WORDS = "Could we speak on the phone?"


def written(cast: Cast, by: Actor, words: str = WORDS, *, now: datetime = NOW) -> Answer:
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words=words, by=by, now=now)
    return run_command(verb, key=None, body={}, by=by, now=now)


def said_that_none_work(cast: Cast, request: RescheduleRequest, *, now: datetime) -> Answer:
    verb = partial(none_work, request.batch, words=WORDS, by=cast.by_riley, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_riley, now=now)


def read(cast: Cast, by: Actor, *, now: datetime, up_to: datetime | None = None) -> None:
    verb = partial(mark_read, Conversation.objects.get(), by=by, now=now, up_to=up_to)
    run_command(verb, key=None, body={}, by=by, now=now)


def read_at() -> tuple[datetime | None, datetime | None]:
    thread = Conversation.objects.get()
    return thread.provider_read_at, thread.client_read_at


def test_a_first_message_opens_the_thread_and_the_next_one_goes_into_it(cast: Cast) -> None:
    first = written(cast, cast.by_riley, f"  {WORDS}\n")
    second = written(cast, cast.by_okafor, "Of course.", now=NOW + HOURS)
    assert first["conversation"] == second["conversation"]
    thread = Conversation.objects.get()
    assert (thread.provider_id, thread.client_id, thread.latest_at) == (
        cast.okafor.pk,
        cast.riley.pk,
        NOW + HOURS,
    )
    rows = Message.objects.order_by("pk").values_list("author_kind", "author", "body", "card", "at")
    assert list(rows) == [
        ("client_by_link", cast.riley.pk, WORDS, None, NOW),
        ("provider", cast.okafor.pk, "Of course.", None, NOW + HOURS),
    ]


def test_each_side_is_told_of_the_others_message_without_its_text(cast: Cast) -> None:
    written(cast, cast.by_riley)
    assert told() == ["message to provider by email: waiting"]
    since = latest()
    written(cast, cast.by_okafor)
    assert told(since) == ["message to client by email: waiting"]
    for row in Notification.objects.all():
        words = said_in(row).words
        assert WORDS not in words.subject + words.text + words.html


def test_a_client_without_an_address_is_told_of_a_message_by_text(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.riley).update(email="", phone="+13105550100", sms_agreed_at=NOW)
    noon = NOW + 5 * HOURS
    written(cast, cast.by_okafor, now=noon)
    assert told() == ["message to client by sms: waiting"]
    assert Notification.objects.get().due_at == noon


def test_an_empty_or_endless_message_is_refused_and_nothing_is_written(cast: Cast) -> None:
    with pytest.raises(MessageMissing):
        written(cast, cast.by_riley, " \n ")
    with pytest.raises(MessageTooLong):
        written(cast, cast.by_riley, "x" * (MESSAGE_LIMIT + 1))
    assert (Conversation.objects.count(), told()) == (0, [])
    written(cast, cast.by_riley, "x" * MESSAGE_LIMIT)
    assert Message.objects.count() == 1


def test_characters_that_no_text_can_hold_are_left_out(cast: Cast) -> None:
    written(cast, cast.by_riley, "\x00Could we\x00 speak?")
    assert Message.objects.get().body == "Could we speak?"
    appointment = cast.booked()
    reason = partial(
        decline, cast.asked(appointment, note="\x00Sorry").ref, reason="No\x00", by=cast.by_riley, now=NOW
    )
    run_command(reason, key=None, body={}, by=cast.by_riley, now=NOW)
    appointment.refresh_from_db()
    assert (RescheduleBatch.objects.get().note, appointment.cancel_note) == ("Sorry", "No")


def test_reading_goes_as_far_as_was_shown_and_never_back(cast: Cast) -> None:
    written(cast, cast.by_riley)
    assert read_at() == (None, NOW)
    read(cast, cast.by_okafor, now=NOW + 2 * HOURS, up_to=NOW + HOURS)
    assert read_at() == (NOW + HOURS, NOW)
    read(cast, cast.by_okafor, now=NOW + 3 * HOURS, up_to=NOW)
    assert read_at() == (NOW + HOURS, NOW)
    read(cast, cast.by_okafor, now=NOW + 3 * HOURS, up_to=NOW + 9 * HOURS)
    assert read_at() == (NOW + 3 * HOURS, NOW)
    read(cast, cast.by_riley, now=NOW + HOURS)
    assert read_at() == (NOW + 3 * HOURS, NOW + HOURS)


def asked_about_two(cast: Cast) -> list[RescheduleRequest]:
    cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    return list(RescheduleRequest.objects.order_by("asked_starts_at"))


def test_a_word_about_two_appointments_moves_both_deadlines_and_is_told_once(cast: Cast) -> None:
    requests = asked_about_two(cast)
    word_at = requests[0].deadline_at - HOURS
    since = latest()
    said_that_none_work(cast, requests[0], now=word_at)
    assert told(since) == [
        "deadline_moved to client by email: waiting",
        "none_work to provider by email: waiting",
        "none_work to provider by in_app: handed_over",
    ]
    for row in Notification.objects.filter(pk__gt=since):
        assert row.appointments.count() == 2
    for request in RescheduleRequest.objects.all():
        assert (request.client_wrote_at, request.deadline_at) == (word_at, word_at + 24 * HOURS)
    assert list(Task.objects.values_list("kind", "request").order_by("request")) == [
        ("client_wrote", requests[0].pk),
        ("client_wrote", requests[1].pk),
    ]


def test_a_plain_message_is_a_word_as_well(cast: Cast) -> None:
    [request, _other] = asked_about_two(cast)
    word_at = request.deadline_at - HOURS
    since = latest()
    written(cast, cast.by_riley, now=word_at)
    assert told(since) == [
        "deadline_moved to client by email: waiting",
        "message to provider by email: waiting",
    ]
    rows = AppointmentHistory.objects.filter(request=request).order_by("pk")
    assert [(row.event, row.details) for row in rows] == [
        ("asked", {}),
        ("client_wrote", {}),
        ("deadline_moved", {"to": (word_at + 24 * HOURS).isoformat()}),
    ]


def test_a_provider_who_writes_moves_no_deadline(cast: Cast) -> None:
    [request, _other] = asked_about_two(cast)
    written(cast, cast.by_okafor, now=request.deadline_at - HOURS)
    request.refresh_from_db()
    assert (request.client_wrote_at, request.deadline_at) == (None, NOW + 48 * HOURS)


def test_an_early_word_leaves_the_deadline_where_it_is(cast: Cast) -> None:
    [request, _other] = asked_about_two(cast)
    since = latest()
    said_that_none_work(cast, request, now=NOW + HOURS)
    request.refresh_from_db()
    assert (request.client_wrote_at, request.deadline_at) == (NOW + HOURS, NOW + 48 * HOURS)
    assert "deadline_moved to client by email: waiting" not in told(since)


def test_a_second_word_moves_the_deadline_no_further_but_is_a_task_again(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.update(handed_over_at=NOW)
    word_at = request.deadline_at - HOURS
    said_that_none_work(cast, request, now=word_at)
    Task.objects.update(done_at=word_at)
    said_that_none_work(cast, request, now=word_at + 12 * HOURS)
    request.refresh_from_db()
    assert request.deadline_at == word_at + 24 * HOURS
    assert list(Task.objects.order_by("pk").values_list("kind", "done_at")) == [
        ("client_wrote", word_at),
        ("client_wrote", None),
    ]


def test_a_word_never_moves_the_deadline_past_the_lead(cast: Cast) -> None:
    asked_at = TUESDAY_AT_ELEVEN - 51 * HOURS
    request = cast.asked(cast.booked(now=asked_at), now=asked_at)
    said_that_none_work(cast, request, now=request.deadline_at - HOURS)
    request.refresh_from_db()
    assert request.deadline_at == TUESDAY_AT_ELEVEN - 2 * HOURS


def test_a_word_after_everything_is_settled_is_a_message_like_any_other(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    since = latest()
    said_that_none_work(cast, request, now=NOW + HOURS)
    assert told(since) == ["message to provider by email: waiting"]
    assert Task.objects.count() == 0


def test_words_and_silence_end_as_no_time_and_silence_alone_as_unanswered(cast: Cast) -> None:
    [helped, silent] = asked_about_two(cast)
    RescheduleRequest.objects.filter(pk=helped.pk).update(client_wrote_at=NOW + HOURS)
    sweep(now=helped.deadline_at + timedelta(minutes=1))
    whys = {
        row.pk: row.cancelled_why
        for row in Appointment.objects.filter(pk__in=[helped.appointment_id, silent.appointment_id])
    }
    assert whys == {
        helped.appointment_id: "reschedule_no_time",
        silent.appointment_id: "reschedule_unanswered",
    }
