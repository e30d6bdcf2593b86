"""Deliveries that meet each other, or meet the ending of what they are about."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast
from tests.app.notification_rows import HOUR, MINUTE, asked, attempts, begun, coming_to
from tests.app.smtp_server import Mailroom
from tests.verify.races.overlapping import (
    Outcome,
    Verb,
    all_at_once,
    carried_out,
    second_while_first_is_uncommitted,
)
from tests.verify.races.promises import broken

from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import pick_new_time, withdraw
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.domain import notifications
from raincheck.domain.people import SYSTEM
from raincheck.integrations.messages.delivery import deliver

pytestmark = pytest.mark.sampled

LATE = NOW + HOUR
ACCEPTED = notifications.Outcome.ACCEPTED


def meet(first: Verb, second: Verb, *, now: datetime) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=SYSTEM, now=now, still_fresh=hook),
        lambda: carried_out(second, by=SYSTEM, now=now),
    )


def noting(attempt: int, *, now: datetime) -> Verb:
    return coming_to(attempt, ACCEPTED, answer="250 OK", now=now)


def test_of_two_workers_one_makes_the_attempt(cast: Cast) -> None:
    _request, prompt = asked(cast, NOW)
    begin = partial(begin_attempt, prompt.pk, now=NOW)
    first, second = meet(begin, begin, now=NOW)
    assert isinstance(first, dict)
    assert (set(first), second, prompt.tries.count()) == ({"attempt", "link"}, {}, 1)


def test_twenty_workers_send_one_message(cast: Cast, mailroom: Mailroom) -> None:
    _request, prompt = asked(cast, NOW)

    def working() -> Answer:
        return {"outcome": str(deliver(prompt.pk, now=NOW))}

    outcomes = all_at_once([working] * 20)
    assert sorted(str(outcome) for outcome in outcomes) == ["{'outcome': 'None'}"] * 19 + [
        "{'outcome': 'accepted'}"
    ]
    assert len(mailroom.got) == 1


@pytest.mark.parametrize("answer_first", [True, False])
def test_an_answer_and_the_note_of_a_late_hand_over_both_count(cast: Cast, answer_first: bool) -> None:
    request, prompt = asked(cast, NOW)
    attempt = begun(prompt, now=NOW)
    pick = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=LATE)
    verbs: tuple[Verb, Verb] = (pick, noting(attempt, now=LATE))
    meet(*(verbs if answer_first else reversed(verbs)), now=LATE)
    request.refresh_from_db()
    prompt.refresh_from_db()
    assert (request.state, prompt.state) == ("moved", "handed_over")
    assert (request.handed_over_at, request.deadline_at) == (
        (None, NOW + 48 * HOUR) if answer_first else (LATE, NOW + 49 * HOUR)
    )
    assert broken() == {}


@pytest.mark.parametrize("sweep_first", [True, False])
def test_a_hand_over_noted_at_the_deadline_never_lets_the_request_lapse(
    cast: Cast, sweep_first: bool
) -> None:
    """Whoever comes first: a prompt that arrived only now has left the client no time to answer."""
    now = NOW + 48 * HOUR + MINUTE
    request, prompt = asked(cast, NOW)
    attempt = begun(prompt, now=NOW)

    def lapsing() -> Answer:
        return {word: str(count) for word, count in settle_due(now=now, limit=200).items()}

    verbs: tuple[Verb, Verb] = (lapsing, noting(attempt, now=now))
    meet(*(verbs if sweep_first else reversed(verbs)), now=now)
    request.refresh_from_db()
    assert (request.state, request.handed_over_at) == ("open", now)
    assert request.deadline_at == NOW + 96 * HOUR + MINUTE
    assert broken() == {}


def test_a_withdrawal_that_waits_for_a_hand_over_is_told_afterwards(cast: Cast, mailroom: Mailroom) -> None:
    request, prompt = asked(cast, NOW)
    attempt = begun(prompt, now=NOW)
    take_back = partial(withdraw, request.ref, by=cast.by_okafor, now=NOW)
    meet(noting(attempt, now=NOW), take_back, now=NOW)
    prompt.refresh_from_db()
    request.refresh_from_db()
    assert (prompt.state, attempts(prompt), request.state) == (
        "handed_over",
        [("accepted", "250 OK")],
        "withdrawn",
    )
