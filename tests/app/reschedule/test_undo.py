"""Undo of an ask: until its time to undo is over nothing has left, and one press takes it back as if nobody had asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, form_of, words
from tests.app.sent_notifications import told
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import okafor

from raincheck.actions.deliveries import begin_attempts
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.out_of_office import change_block
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.links import mark_opened
from raincheck.actions.reschedule.suggest import suggest_times
from raincheck.actions.reschedule.undo import undo_ask
from raincheck.actions.reschedule.urge import extend
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.outcomes import was_asked_about
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Practice
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.undo import ClientWasQuicker, TakenBackAlready, UndoTooLate
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import Channel
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import AlreadySettled, BlockWasEdited, Reason, State
from raincheck.domain.spans import Span
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.conversations import messages_of
from raincheck.queries.home import Reader, news
from raincheck.queries.reschedule.ask import earlier_asks

MINUTE = timedelta(minutes=1)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, in a practice with the usual time to undo: a minute."""
    cast.choose()
    return cast


def undo(
    cast: Cast, request: RescheduleRequest, *, now: datetime = NOW + HALF_A_MINUTE, **said: str
) -> Answer:
    verb = partial(undo_ask, request.ref, by=cast.by_okafor, now=now, **said)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def cards(cast: Cast, *, now: datetime) -> list[str]:
    thread = Conversation.objects.get(client=cast.riley)
    return [row.card for row in messages_of(thread, now=now)]


def test_an_ask_leaves_after_its_time_to_undo(cast: Cast, mailroom: Mailroom) -> None:
    request = cast.asked(cast.booked())
    deliver_due(NOW + MINUTE - timedelta(microseconds=1))
    before = (len(mailroom.got), cards(cast, now=NOW + HALF_A_MINUTE))
    deliver_due(NOW + MINUTE)
    after = (len(mailroom.got), cards(cast, now=NOW + MINUTE))
    assert (before, after) == ((1, [Card.BOOKED]), (2, [Card.ASKED, Card.BOOKED]))
    handed_over = RescheduleRequest.objects.get(pk=request.pk)
    assert (handed_over.asked_at, handed_over.deadline_at) == (NOW + MINUTE, NOW + MINUTE + 48 * 60 * MINUTE)


def more_time(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    return partial(extend, request.ref, by_length=timedelta(hours=12))


def other_times(cast: Cast, request: RescheduleRequest) -> partial[Answer]:
    return partial(suggest_times, request.ref, starts=[new_york(27, 9)])


@pytest.mark.parametrize("verb", [more_time, other_times])
@pytest.mark.parametrize("undone", [False, True])
def test_what_comes_after_an_ask_never_leaves_before_it(
    cast: Cast, mailroom: Mailroom, verb: Callable[..., partial[Answer]], *, undone: bool
) -> None:
    deliver_due(NOW)
    request = cast.asked(cast.booked(now=NOW - timedelta(hours=1)))
    deliver_due(NOW)
    mailroom.got.clear()
    at = NOW + HALF_A_MINUTE
    run_command(
        partial(verb(cast, request), by=cast.by_okafor, now=at), key=None, body={}, by=cast.by_okafor, now=at
    )
    deliver_due(at)
    assert mailroom.got == []
    if undone:
        undo(cast, request)
    deliver_due(NOW + MINUTE)
    assert len(mailroom.got) == (0 if undone else 2)


def test_an_undone_ask_is_as_if_nobody_had_asked(cast: Cast, mailroom: Mailroom) -> None:
    row = cast.booked()
    deliver_due(NOW)
    mailroom.got.clear()
    request = cast.asked(row, block=Span(row.starts_at, row.ends_at))
    undo(cast, request)
    deliver_due(NOW + 60 * MINUTE)
    request.refresh_from_db()
    row.refresh_from_db()
    assert mailroom.got == []
    assert (request.state, request.settled_at, request.handed_over_at) == (
        State.UNDONE,
        NOW + HALF_A_MINUTE,
        None,
    )
    assert (row.status, row.starts_at) == ("scheduled", TUESDAY_AT_ELEVEN)
    assert not OutOfOffice.objects.filter(removed_at__isnull=True).exists()
    assert cards(cast, now=NOW + 60 * MINUTE) == [Card.BOOKED]
    assert Conversation.objects.get().latest_at == NOW
    assert list(AppointmentHistory.objects.order_by("pk").values_list("event", flat=True)) == [
        "booked",
        "asked",
        "undone",
    ]
    assert told() == [
        "booked to client by email: handed_over",
        "booked to provider by in_app: handed_over",
        "asked to client by email: obsolete",
        "asked to provider by in_app: obsolete",
    ]


def test_an_undone_ask_counts_nowhere(cast: Cast) -> None:
    row = cast.booked()
    undo(cast, cast.asked(row))
    assert (earlier_asks(row, now=NOW + MINUTE), was_asked_about(row)) == (0, False)
    # The next ask is the first: nothing has to be confirmed.
    assert cast.asked(row, now=NOW + MINUTE).state == State.OPEN


def test_what_was_asked_together_is_undone_together(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(25, 11))
    cast.asked(first, second)
    undo(cast, RescheduleRequest.objects.get(appointment=second))
    assert set(RescheduleRequest.objects.values_list("state", flat=True)) == {State.UNDONE}


def test_news_waits_as_long_as_the_messages(cast: Cast) -> None:
    row = cast.booked()
    Notification.objects.all().update(seen_at=NOW)
    manager = Actor(ActorKind.MANAGER, 1)
    ask = Ask([row.ref], Reason.OTHER)
    verb = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=manager, now=NOW)
    run_command(verb, key=None, body={}, by=manager, now=NOW)
    reader = Reader(cast.practice.pk, cast.okafor.pk)
    shown = [len(news(reader, now=NOW + after)) for after in (HALF_A_MINUTE, MINUTE)]
    assert shown == [0, 1]


@pytest.mark.parametrize("late", [MINUTE, 2 * MINUTE])
def test_undo_is_refused_once_its_time_is_over(cast: Cast, late: timedelta) -> None:
    request = cast.asked(cast.booked())
    with pytest.raises(UndoTooLate):
        undo(cast, request, now=NOW + late)
    request.refresh_from_db()
    assert request.state == State.OPEN


def test_undo_is_refused_once_a_message_has_begun_to_leave(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    claim = partial(begin_attempts, Channel.EMAIL, now=NOW + MINUTE, limit=10)
    run_command(claim, key=None, body={}, by=SYSTEM, now=NOW + MINUTE)
    with pytest.raises(UndoTooLate):
        undo(cast, request)  # by a clock that goes behind


def test_undo_is_refused_once_the_client_has_opened_the_page(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    mark_opened(request.batch, now=NOW + HALF_A_MINUTE)
    with pytest.raises(ClientWasQuicker):
        undo(cast, request)


def test_undo_is_refused_once_the_client_has_answered(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(25, 11))
    request = cast.asked(first, second)
    cast.pick(request, now=NOW + timedelta(seconds=10))
    with pytest.raises(ClientWasQuicker):
        undo(cast, request)


def test_undo_is_refused_after_another_ending(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request, now=NOW + MINUTE)
    with pytest.raises(AlreadySettled):
        undo(cast, request, now=NOW + MINUTE)


def test_what_nobody_was_asked_yet_is_undone_and_not_withdrawn(cast: Cast) -> None:
    """Else a client would read that their time stands, who never heard that it might not."""
    request = cast.asked(cast.booked())
    sentence = "Nothing of this request has been sent yet"
    early, late = okafor(NOW + HALF_A_MINUTE), okafor(NOW + MINUTE)
    page = f"/requests/{request.ref}/withdraw/"
    assert [sentence in words(who.get(page)) for who in (early, late)] == [True, False]
    refused = early.post(page)
    assert refused.status_code == 409
    assert f"{sentence}, so there is nothing to withdraw. Press Undo: then nobody is written to." in words(
        refused
    )
    assert RescheduleRequest.objects.get().state == State.OPEN
    assert late.post(page).status_code == 302
    assert RescheduleRequest.objects.get().state == State.WITHDRAWN


def test_a_second_undo_is_told_of_the_first(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    undo(cast, request)
    with pytest.raises(TakenBackAlready):
        undo(cast, request)


@pytest.mark.parametrize(("said", "stands"), [("keep", True), ("remove", False)])
def test_undo_asks_about_a_block_that_was_edited(cast: Cast, said: str, *, stands: bool) -> None:
    row = cast.booked()
    request = cast.asked(row, block=Span(row.starts_at, row.ends_at))
    longer = Span(row.starts_at, row.ends_at + 60 * MINUTE)
    change_block(OutOfOffice.objects.get().ref, practice_id=cast.practice.pk, span=longer, note=None, now=NOW)
    with pytest.raises(BlockWasEdited):
        undo(cast, request)
    undo(cast, request, edited_block=said)
    assert OutOfOffice.objects.filter(removed_at__isnull=True).exists() is stands


def test_a_practice_without_a_time_to_undo_sends_at_once(cast: Cast, mailroom: Mailroom) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"undo": 0})
    request = cast.asked(cast.booked())
    deliver_due(NOW)
    with pytest.raises(UndoTooLate):
        undo(cast, request, now=NOW)
    assert len(mailroom.got) == 2


def test_a_card_never_shows_before_its_message(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    assert Message.objects.get(card=Card.ASKED).at == request.asked_at == NOW + MINUTE


def test_the_page_after_sending_says_when_it_goes_out_and_has_a_button_to_undo(cast: Cast) -> None:
    row, work = cast.booked(), okafor()
    sent = work.post(f"/appointments/{row.ref}/ask/", appointments=[str(row.ref)], reason="other")
    request = RescheduleRequest.objects.get()
    page = work.get(sent["Location"])
    said = words(page)
    assert "Riley is asked to choose a new time. It goes out within 1 minute. Undo" in said
    assert "Sent" not in said
    assert f'action="/requests/{request.ref}/undo/"' in page.content.decode()
    undone = work.post(f"/requests/{request.ref}/undo/")
    assert (undone.status_code, undone["Location"]) == (302, sent["Location"])
    said = words(work.get(undone["Location"]))
    assert "Undone. Nothing was sent to Riley, and the appointment stands." in said


@pytest.mark.parametrize(("after", "offered"), [(HALF_A_MINUTE, True), (MINUTE, False)])
def test_undo_is_offered_where_the_request_stands_and_only_in_time(
    cast: Cast, after: timedelta, *, offered: bool
) -> None:
    row = cast.booked()
    request = cast.asked(row)
    work = okafor(NOW + after)
    pages = (f"/requests/{request.ref}/", "/requests/", f"/appointments/{row.ref}/")
    assert [f"/requests/{request.ref}/undo/" in work.get(page).content.decode() for page in pages] == [
        offered
    ] * 3


def test_a_late_undo_is_told_why_not_on_the_requests_page(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    work, here = okafor(NOW + MINUTE), f"/requests/{request.ref}/"
    late = work.post(f"{here}undo/")
    assert (late.status_code, late["Location"]) == (302, here)
    assert "The time to undo is over, and what you did has gone out. Nothing was changed now." in words(
        work.get(here)
    )


def test_undo_shows_a_question_about_an_edited_block(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row, block=Span(row.starts_at, row.ends_at))
    longer = Span(row.starts_at, row.ends_at + 60 * MINUTE)
    change_block(OutOfOffice.objects.get().ref, practice_id=cast.practice.pk, span=longer, note=None, now=NOW)
    work = okafor()
    asked = work.post(f"/requests/{request.ref}/undo/")
    assert (asked.status_code, RescheduleRequest.objects.get().state) == (422, State.OPEN)
    assert "It was made with this request and edited since" in words(asked)
    assert work.post(f"/requests/{request.ref}/undo/", edited_block="keep").status_code == 302


def test_the_preview_names_the_very_deadline_that_the_ask_gets(cast: Cast) -> None:
    row, work = cast.booked(), okafor()
    page = words(work.get(f"/appointments/{row.ref}/ask/"))
    deadline = cast.asked(row).deadline_at
    assert long_day_and_time(deadline, cast.riley.zone, now=NOW) in page


def test_whoever_saw_an_ask_that_was_undone_is_promised_nothing_by_it(cast: Cast) -> None:
    """Signed in, somebody may look in the very minute; they may move and cancel as ever, and no nearer to the start."""
    request = cast.asked(cast.booked())
    undo(cast, request)
    page = words(Visitor(request.batch).get(form_of(request)))
    assert "Your original time stands" in page
    assert "Moving or canceling is free" not in page
