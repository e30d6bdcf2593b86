"""Two people, or a person and the clock, act on the same thing in the same instant: exactly one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, a_key
from tests.app.notifications.test_series_entries import weekly
from tests.verify.races.overlapping import (
    Outcome,
    Verb,
    all_at_once,
    carried_out,
    second_while_first_is_uncommitted,
)
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Booking, Cancellation, Details, book, cancel_appointment
from raincheck.actions.appointments.outcomes import WhatHappened, say_what_happened
from raincheck.actions.appointments.rebooking import send_rebook_link
from raincheck.actions.appointments.series_changes import cancel_series, change_series
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import decline, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import (
    CancelReason,
    ClientElsewhere,
    NotScheduled,
    SlotTaken,
    Status,
)
from raincheck.domain.appointments.outcomes import LinkSentAlready, Outcome as SaidOutcome
from raincheck.domain.appointments.series import Scope
from raincheck.domain.people import SYSTEM, Actor
from raincheck.domain.reschedule.lifecycle import AlreadySettled, Reason

pytestmark = pytest.mark.sampled

GRACE = timedelta(minutes=1)


def meet(
    first: Verb, second: Verb, *, first_by: Actor, second_by: Actor, now: datetime = NOW
) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=first_by, now=now, still_fresh=hook),
        lambda: carried_out(second, by=second_by, now=now),
    )


@pytest.fixture
def request_of_riley(cast: Cast) -> RescheduleRequest:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.update(handed_over_at=NOW)
    request.refresh_from_db()
    return request


def picking(cast: Cast, request: RescheduleRequest, *, now: datetime = NOW) -> Verb:
    return partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=now)


def lapsing(now: datetime) -> Verb:
    def verb() -> Answer:
        return {word: str(count) for word, count in settle_due(now=now, limit=200).items()}

    return verb


def moved(request: RescheduleRequest) -> Outcome:
    return {"request": str(request.ref), "state": "moved"}


def test_of_two_picks_of_one_slot_the_second_is_told_that_it_is_taken(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    maya = cast.asked(cast.booked(FRIDAY_AT_NINE + timedelta(days=3), client=cast.maya))
    by_maya = Actor(cast.by_riley.kind, cast.maya.pk)
    hers = partial(pick_new_time, maya.ref, start=FRIDAY_AT_NINE, by=by_maya, now=NOW)
    outcomes = meet(picking(cast, request_of_riley), hers, first_by=cast.by_riley, second_by=by_maya)
    assert outcomes == (moved(request_of_riley), SlotTaken)
    maya.refresh_from_db()
    assert (maya.state, broken()) == ("open", {})


def test_an_answer_in_the_last_instant_beats_the_sweep(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    ripe = request_of_riley.deadline_at + GRACE
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(
            picking(cast, request_of_riley), by=cast.by_riley, now=NOW, still_fresh=hook
        ),
        lambda: carried_out(lapsing(ripe), by=SYSTEM, now=ripe),
    )
    assert outcomes == (moved(request_of_riley), {})
    assert carried_out(lapsing(ripe), by=SYSTEM, now=ripe) == {}
    assert broken() == {}


def test_a_pick_during_the_lapse_learns_how_it_ended(cast: Cast, request_of_riley: RescheduleRequest) -> None:
    ripe = request_of_riley.deadline_at + GRACE
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(lapsing(ripe), by=SYSTEM, now=ripe, still_fresh=hook),
        lambda: carried_out(picking(cast, request_of_riley, now=ripe), by=cast.by_riley, now=ripe),
    )
    assert outcomes == ({"request lapsed": "1"}, AlreadySettled)
    assert broken() == {}


def test_a_decline_in_the_last_instant_beats_the_sweep(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    ripe = request_of_riley.deadline_at + GRACE
    declining = partial(decline, request_of_riley.ref, by=cast.by_riley, now=NOW)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(declining, by=cast.by_riley, now=NOW, still_fresh=hook),
        lambda: carried_out(lapsing(ripe), by=SYSTEM, now=ripe),
    )
    assert outcomes == ({"request": str(request_of_riley.ref), "state": "declined"}, {})
    assert broken() == {}


def test_a_decline_during_the_lapse_learns_how_it_ended(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    ripe = request_of_riley.deadline_at + GRACE
    declining = partial(decline, request_of_riley.ref, by=cast.by_riley, now=ripe)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(lapsing(ripe), by=SYSTEM, now=ripe, still_fresh=hook),
        lambda: carried_out(declining, by=cast.by_riley, now=ripe),
    )
    assert outcomes == ({"request lapsed": "1"}, AlreadySettled)
    assert broken() == {}


@pytest.mark.parametrize("pick_is_first", [True, False])
def test_pick_and_withdraw_have_one_winner(
    cast: Cast, request_of_riley: RescheduleRequest, pick_is_first: bool
) -> None:
    withdrawing = partial(withdraw, request_of_riley.ref, by=cast.by_okafor, now=NOW)
    pick = picking(cast, request_of_riley)
    if pick_is_first:
        outcomes = meet(pick, withdrawing, first_by=cast.by_riley, second_by=cast.by_okafor)
        won = moved(request_of_riley)
    else:
        outcomes = meet(withdrawing, pick, first_by=cast.by_okafor, second_by=cast.by_riley)
        won = {"request": str(request_of_riley.ref), "state": "withdrawn"}
    assert outcomes == (won, AlreadySettled)
    assert broken() == {}


@pytest.mark.parametrize("ask_is_first", [True, False])
def test_an_ask_and_a_cancellation_leave_one_truth(cast: Cast, ask_is_first: bool) -> None:
    appointment = cast.booked()
    asking = partial(
        ask_to_reschedule,
        Ask([appointment.ref], Reason.TRAVEL),
        practice_id=cast.practice.pk,
        by=cast.by_okafor,
        now=NOW,
    )
    cancelling = partial(
        cancel_appointment,
        appointment.ref,
        cancellation=Cancellation(CancelReason.CLINICAL),
        by=cast.by_okafor,
        now=NOW,
    )
    verbs = (asking, cancelling) if ask_is_first else (cancelling, asking)
    first, second = meet(*verbs, first_by=cast.by_okafor, second_by=cast.by_okafor)
    assert isinstance(first, dict)
    if ask_is_first:
        assert second == {"appointment": str(appointment.ref)}
        assert RescheduleRequest.objects.get().state == "superseded"
    else:
        assert second is NotScheduled
    assert Appointment.objects.get(pk=appointment.pk).status == "cancelled"
    assert broken() == {}


def test_the_same_form_sent_again_while_the_first_is_running_gets_its_answer(
    cast: Cast, request_of_riley: RescheduleRequest
) -> None:
    key = a_key()

    def sent(hook: Callable[[], bool] = lambda: True) -> Outcome:
        return run_command(
            picking(cast, request_of_riley), key=key, body={}, by=cast.by_riley, now=NOW, still_fresh=hook
        )

    assert second_while_first_is_uncommitted(sent, sent) == (moved(request_of_riley), moved(request_of_riley))
    assert broken() == {}


def test_a_crowd_books_one_slot_once(cast: Cast) -> None:
    booking = partial(
        Booking, cast.okafor.pk, type_id=cast.follow_up.pk, place_id=cast.telehealth.pk, start=FRIDAY_AT_NINE
    )
    clients = [cast.riley.pk, cast.maya.pk] * 4

    def run(client: int) -> Outcome:
        verb = partial(book, booking(client_id=client), by=cast.by_okafor, now=NOW)
        return carried_out(verb, by=cast.by_okafor, now=NOW)

    outcomes = all_at_once([partial(run, client) for client in clients])
    assert [isinstance(outcome, dict) for outcome in outcomes].count(True) == 1
    assert {outcome for outcome in outcomes if not isinstance(outcome, dict)} == {SlotTaken, ClientElsewhere}
    assert broken() == {}


def test_two_presses_for_another_time_send_one_link(cast: Cast) -> None:
    row = cast.booked()
    after, absent = row.ends_at, WhatHappened(SaidOutcome.PROVIDER_ABSENT, Status.SCHEDULED)
    said = partial(say_what_happened, row.ref, said=absent, by=cast.by_okafor, now=after)
    carried_out(said, by=cast.by_okafor, now=after)
    sending = partial(send_rebook_link, row.ref, by=cast.by_okafor, now=after)
    first, second = meet(sending, sending, first_by=cast.by_okafor, second_by=cast.by_okafor, now=after)
    offer = RebookOffer.objects.get()
    assert (first, second) == ({"offer": str(offer.ref), "appointment": str(row.ref)}, LinkSentAlready)
    assert Notification.objects.filter(kind="rebook_link").count() == 1


def test_a_link_and_a_correction_leave_no_link_to_what_took_place(cast: Cast) -> None:
    row = cast.booked()
    after, absent = row.ends_at, WhatHappened(SaidOutcome.PROVIDER_ABSENT, Status.SCHEDULED)
    said = partial(say_what_happened, row.ref, said=absent, by=cast.by_okafor, now=after)
    carried_out(said, by=cast.by_okafor, now=after)
    put_right = WhatHappened(SaidOutcome.TOOK_PLACE, Status.PROVIDER_NO_SHOW)
    correcting = partial(say_what_happened, row.ref, said=put_right, by=cast.by_okafor, now=after)
    sending = partial(send_rebook_link, row.ref, by=cast.by_okafor, now=after)
    _sent, corrected = meet(sending, correcting, first_by=cast.by_okafor, second_by=cast.by_okafor, now=after)
    assert corrected == {"appointment": str(row.ref), "outcome": "took_place"}
    assert RebookOffer.objects.get().expires_at == after


@pytest.mark.parametrize(("ends", "word"), [("cancel", "cancelled"), ("change", "changed")])
def test_an_ask_about_one_of_a_series_is_superseded_by_who_waited_for_it(
    cast: Cast, ends: str, word: str
) -> None:
    """Whoever changes the series has looked up what is asked about before the ask was there."""
    rows = weekly(cast, count=3)
    asking = partial(
        ask_to_reschedule,
        Ask([rows[1].ref], Reason.TRAVEL),
        practice_id=cast.practice.pk,
        by=cast.by_okafor,
        now=NOW,
    )
    outcomes = meet(
        asking, ending_series(cast, rows[0], ends), first_by=cast.by_okafor, second_by=cast.by_okafor
    )
    request = RescheduleRequest.objects.get()
    assert outcomes[1] == {"appointment": str(rows[0].ref), word: "3"}
    assert (request.state, broken()) == ("superseded", {})


def ending_series(cast: Cast, row: Appointment, ends: str) -> Verb:
    about: dict[str, Any] = {"scope": Scope.ALL, "by": cast.by_okafor, "now": NOW}
    if ends == "cancel":
        return partial(cancel_series, row.ref, cancellation=Cancellation(CancelReason.CLINICAL), **about)
    details = Details(row.starts_at + timedelta(hours=2), row.type_id, row.place_id, row.join_url)
    return partial(change_series, row.ref, details=details, **about)
