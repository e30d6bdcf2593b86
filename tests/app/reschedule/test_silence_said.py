"""Every sentence about silence, on each page and in each message, says what the sweep then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.client_browser import Visitor, handed_over, page_of, words
from tests.app.sent_notifications import said_in
from tests.app.staff_browser import okafor

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.people import Practice, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.people import Actor, ActorKind

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Comes(NamedTuple):
    """What silence comes to: whether it cancels, asks a person or changes nothing, and whether a time was looked for."""

    what: str
    looked_for: bool


def word(cast: Cast, request: RescheduleRequest, at: datetime = NOW + HOUR) -> None:
    verb = partial(none_work, request.batch, words="Only Fridays.", by=cast.by_riley, now=at)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=at)


def marked(cast: Cast, *, so: bool) -> None:
    cast.riley.do_not_auto_cancel = so
    cast.riley.save(update_fields=["do_not_auto_cancel"])


def fresh(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked()))


def wrote(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    word(cast, request)
    return request


def wrote_late(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    word(cast, request, at=request.deadline_at - HOUR)
    return request


def wrote_in_the_conversation(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    by = Actor(ActorKind.CLIENT, cast.riley.pk)
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hello?", by=by, now=NOW + HOUR)
    run_command(verb, key=None, body={}, by=by, now=NOW + HOUR)
    return request


def do_not_auto_cancel(cast: Cast) -> RescheduleRequest:
    marked(cast, so=True)
    return fresh(cast)


def marked_later(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    marked(cast, so=True)
    return request


def unmarked_later(cast: Cast) -> RescheduleRequest:
    """What silence does was told with the ask: a mark that goes takes nothing away from it."""
    marked(cast, so=True)
    request = fresh(cast)
    marked(cast, so=False)
    return request


def policy(cast: Cast, *, of_practice: bool, of_its_type: bool | None = None) -> None:
    chosen = {} if of_practice else {"silence_cancels": 0}
    Practice.objects.filter(pk=cast.practice.pk).update(policy=chosen)
    AppointmentType.objects.filter(pk=cast.follow_up.pk).update(silence_cancels=of_its_type)


def the_practice_asks_a_person(cast: Cast) -> RescheduleRequest:
    policy(cast, of_practice=False)
    return fresh(cast)


def its_type_asks_a_person(cast: Cast) -> RescheduleRequest:
    policy(cast, of_practice=True, of_its_type=False)
    return fresh(cast)


def its_type_cancels_where_the_practice_asks(cast: Cast) -> RescheduleRequest:
    policy(cast, of_practice=False, of_its_type=True)
    return fresh(cast)


def the_policy_cancels_since(cast: Cast) -> RescheduleRequest:
    """What silence does was told with the ask: a change of policy takes nothing away from it."""
    request = the_practice_asks_a_person(cast)
    policy(cast, of_practice=True, of_its_type=True)
    return request


def the_policy_asks_since(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    policy(cast, of_practice=False, of_its_type=False)
    return request


def wrote_where_the_practice_asks(cast: Cast) -> RescheduleRequest:
    request = the_practice_asks_a_person(cast)
    word(cast, request)
    return request


def wrote_and_do_not_auto_cancel(cast: Cast) -> RescheduleRequest:
    request = do_not_auto_cancel(cast)
    word(cast, request)
    return request


def not_handed_over(cast: Cast) -> RescheduleRequest:
    return cast.asked(cast.booked())


def after_an_outage_without_room(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    RescheduleRequest.objects.filter(pk=request.pk).update(time_lost=HOUR)
    return request


def needs_provider(cast: Cast) -> RescheduleRequest:
    request = fresh(cast)
    RescheduleRequest.objects.filter(pk=request.pk).update(
        needs_provider="swept_too_late", needs_provider_at=NOW + HOUR, remind_at=None
    )
    return request


def needs_provider_and_wrote(cast: Cast) -> RescheduleRequest:
    request = needs_provider(cast)
    word(cast, request, at=NOW + 2 * HOUR)
    return request


STATES: list[Callable[[Cast], RescheduleRequest]] = [
    fresh,
    wrote,
    wrote_late,
    wrote_in_the_conversation,
    do_not_auto_cancel,
    marked_later,
    unmarked_later,
    the_practice_asks_a_person,
    its_type_asks_a_person,
    its_type_cancels_where_the_practice_asks,
    the_policy_cancels_since,
    the_policy_asks_since,
    wrote_where_the_practice_asks,
    wrote_and_do_not_auto_cancel,
    not_handed_over,
    after_an_outage_without_room,
    needs_provider,
    needs_provider_and_wrote,
]


def promised(text: str) -> Comes:
    """Return what a page or message says that silence comes to; it says so exactly once."""
    said = [
        Comes(what, "no time is found" in sentence)
        for sentence in text.replace("Los Angeles time)", "").split(". ")
        for what, mark in (
            ("cancels", "is canceled"),
            ("asks", "will get in touch"),
            ("waits", "isn't settled"),
        )
        if mark in sentence
    ]
    [one] = said
    return one


def swept(request: RescheduleRequest) -> Comes:
    """Return what the sweep does once the deadline is over."""
    request.refresh_from_db()
    waited = request.needs_provider
    sweep(now=request.deadline_at + 2 * MINUTE)
    request.refresh_from_db()
    row = Appointment.objects.get(pk=request.appointment_id)
    if row.status == "cancelled":
        return Comes("cancels", row.cancelled_why == "reschedule_no_time")
    assert (row.status, request.state) == ("scheduled", "open")
    return Comes("waits" if waited else "asks", request.client_wrote_at is not None and not waited)


def sentences(request: RescheduleRequest) -> Iterator[tuple[str, Comes]]:
    """Return what each page and message says, of those that a client can meet in this state."""
    visitor = Visitor(request.batch, now=NOW + 3 * HOUR)
    if request.client_wrote_at is not None:
        visitor.now = request.client_wrote_at + MINUTE
    yield "page", promised(words(visitor.get(page_of(request))))
    # As the page's script does once somebody has read it.
    visitor.post(f"{page_of(request)}opened/")
    before, at = Notification.objects.latest("pk").pk, request.deadline_at - HOUR
    sweep(now=at)
    for row in Notification.objects.filter(pk__gt=before, kind="request_reminder", channel="email"):
        yield "reminder", promised(said_in(row, now=at).words.text.replace("\n", " "))
    for row in Notification.objects.filter(kind="deadline_moved", channel="email"):
        yield "deadline moved", promised(said_in(row, now=at).words.text.replace("\n", " "))


@pytest.mark.parametrize("state", STATES)
def test_every_sentence_about_silence_says_what_the_sweep_does(
    cast: Cast, state: Callable[[Cast], RescheduleRequest]
) -> None:
    request = state(cast)
    request.refresh_from_db()
    said = dict(sentences(request))
    comes = swept(request)
    assert said == dict.fromkeys(said, comes)
    reminded = state.__name__ not in ("needs_provider", "needs_provider_and_wrote")
    assert ("reminder" in said) is reminded


def test_a_prompt_says_what_silence_brings_once_it_has_arrived(cast: Cast) -> None:
    request = not_handed_over(cast)
    prompt = Notification.objects.get(kind="asked", channel="email")
    said = promised(said_in(prompt, now=NOW + MINUTE).words.text.replace("\n", " "))
    handed_over(request)
    assert said == swept(request) == Comes("cancels", looked_for=False)


def test_the_page_to_write_on_says_what_a_word_will_leave(cast: Cast) -> None:
    request = fresh(cast)
    at = request.deadline_at - HOUR
    visitor = Visitor(request.batch, now=at)
    said = words(visitor.get(f"{page_of(request)}write/"))
    visitor.post(f"{page_of(request)}write/", words="Only Fridays.")
    assert "If no time is found by Thursday, November 19 at 6:00 AM (Los Angeles time), this" in said
    assert promised(said) == swept(request) == Comes("cancels", looked_for=True)
    request.refresh_from_db()
    assert request.deadline_at == at + 24 * HOUR


def test_where_the_start_leaves_no_room_the_receipt_says_so(cast: Cast) -> None:
    asked_at = TUESDAY_AT_ELEVEN - 30 * HOUR
    request = handed_over(cast.asked(cast.booked(now=asked_at - HOUR), now=asked_at))
    visitor = Visitor(request.batch, now=TUESDAY_AT_ELEVEN - 20 * HOUR)
    visitor.post(f"{page_of(request)}write/", words="Only Fridays.")
    said = words(visitor.get(page_of(request)))
    assert "The start is near, so there was no room for more time to find one." in said
    assert "If no time is found by Tuesday, November 24 at 6:00 AM (Los Angeles time), this" in said


def test_only_who_wrote_reads_the_words_and_that_they_were_delivered(cast: Cast) -> None:
    """Riley's contact gets the same messages; neither reads what the other has written."""
    request = fresh(cast)
    contact = Recipient.objects.create(
        practice=cast.practice, client=cast.riley, is_client=False, email="sam@clients.example"
    )
    by = Actor(ActorKind.CLIENT_BY_LINK, cast.riley.pk, recipient=contact.pk)
    verb = partial(none_work, request.batch, words="Riley is moving.", by=by, now=NOW + HOUR)
    run_command(verb, key=None, body={}, by=by, now=NOW + HOUR)
    assert Message.objects.latest("pk").recipient_id == contact.pk
    said = words(Visitor(request.batch, now=NOW + 2 * HOUR).get(page_of(request)))
    assert "delivered" not in said
    assert "moving" not in said
    assert "If no time is found by Wednesday, November 18 at 7:00 AM (Los Angeles time), this" in said
    at = NOW + 47 * HOUR
    sweep(now=at)
    reminders = Notification.objects.filter(kind="request_reminder", channel="email").order_by("recipient")
    assert {
        row.recipient.email: "Your message was delivered" in said_in(row, now=at).words.text
        for row in reminders
    } == {"riley@clients.example": False, "sam@clients.example": True}


def test_who_was_told_that_silence_cancels_nothing_is_kept_when_the_mark_goes(cast: Cast) -> None:
    marked(cast, so=True)
    request = handed_over(cast.asked(cast.booked()))
    marked(cast, so=False)
    sweep(now=request.deadline_at + 2 * MINUTE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "spared")


@pytest.mark.parametrize(
    ("of_practice", "of_its_type", "said"),
    [
        (True, None, "this appointment is canceled"),
        (True, False, "Harbor Counseling will get in touch with you"),
        (False, None, "Harbor Counseling will get in touch with you"),
        (False, True, "this appointment is canceled"),
    ],
)
def test_whoever_asks_reads_beforehand_what_silence_will_do(
    cast: Cast, of_practice: bool, of_its_type: bool | None, said: str
) -> None:
    policy(cast, of_practice=of_practice, of_its_type=of_its_type)
    page = words(okafor().get(f"/appointments/{cast.booked().ref}/ask/"))
    sentences = ("this appointment is canceled", "Harbor Counseling will get in touch with you")
    assert [one for one in sentences if f"If you don't choose by then, {one}" in page] == [said]


@pytest.mark.parametrize(
    ("asked", "comes"),
    [
        (the_practice_asks_a_person, ("open", "spared")),
        (its_type_asks_a_person, ("open", "spared")),
        (its_type_cancels_where_the_practice_asks, ("lapsed", None)),
        (the_policy_cancels_since, ("open", "spared")),
        (the_policy_asks_since, ("lapsed", None)),
    ],
)
def test_silence_does_what_the_policy_said_when_the_request_was_sent(
    cast: Cast, asked: Callable[[Cast], RescheduleRequest], comes: tuple[str, str | None]
) -> None:
    request = asked(cast)
    sweep(now=request.deadline_at + 2 * MINUTE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == comes
