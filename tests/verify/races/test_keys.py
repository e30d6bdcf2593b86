"""The same form sent again while the first sending is still running, and a process that stands still in the middle of its act."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from tests.app.cast import NOW, Cast, a_key
from tests.verify.races.overlapping import Outcome, second_while_first_is_uncommitted
from tests.verify.races.promises import broken

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import KeyUsedForAnother, StillRunning, run_command
from raincheck.data.conversations import Message
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import TookTooLong

pytestmark = pytest.mark.sampled

WORDS = "Evenings, please."


@pytest.fixture
def send(cast: Cast) -> Callable[..., Outcome]:
    """Send Riley's message to Dr. Okafor, as a form under a key."""
    cast.asked(cast.booked())

    def sent(
        key: UUID,
        *,
        words: str = WORDS,
        by: Actor = cast.by_riley,
        still_fresh: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words=words, by=by, now=NOW)
        try:
            return run_command(verb, key=key, body={"words": words}, by=by, now=NOW, still_fresh=still_fresh)
        except (Refusal, StillRunning) as refusal:
            return type(refusal)  # type: ignore[return-value]  # StillRunning is no refusal of a verb

    return sent


def said() -> list[str]:
    return list(Message.objects.exclude(body="").order_by("pk").values_list("body", flat=True))


def test_p14_a_repeat_during_the_first_sending_waits_and_gets_the_same_answer(
    send: Callable[..., Outcome],
) -> None:
    key = a_key()
    first, second = second_while_first_is_uncommitted(
        lambda hook: send(key, still_fresh=hook), lambda: send(key)
    )
    assert (first == second, isinstance(first, dict), said(), broken()) == (True, True, [WORDS], {})


def test_p14_a_repeat_acts_when_the_first_sending_was_refused(send: Callable[..., Outcome]) -> None:
    key = a_key()

    def too_late(hook: Callable[[], bool]) -> Outcome:
        return send(key, still_fresh=lambda: hook() and False)

    first, second = second_while_first_is_uncommitted(too_late, lambda: send(key))
    assert (first, isinstance(second, dict), said()) == (TookTooLong, True, [WORDS])
    assert send(key) == second


def test_a_repeat_that_waits_too_long_tries_again_and_gets_the_answer(
    send: Callable[..., Outcome],
) -> None:
    key = a_key()

    def impatient() -> Outcome:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        return send(key)

    first, second = second_while_first_is_uncommitted(
        lambda hook: send(key, still_fresh=hook), impatient, until_the_second_ended=True
    )
    # A refusal would say that nothing has changed, and the first sending is saved a moment later.
    assert (isinstance(first, dict), second is StillRunning, said()) == (True, True, [WORDS])  # type: ignore[comparison-overlap]  # as above
    assert send(key) == first


def test_other_words_under_the_key_of_a_sending_that_still_runs_are_refused(
    send: Callable[..., Outcome],
) -> None:
    key = a_key()
    _first, second = second_while_first_is_uncommitted(
        lambda hook: send(key, still_fresh=hook), lambda: send(key, words="Mornings!")
    )
    assert (second, said()) == (KeyUsedForAnother, [WORDS])


def test_somebody_elses_key_says_nothing_about_what_they_did(
    cast: Cast, send: Callable[..., Outcome]
) -> None:
    """Two people with one key, by chance or guessed: each acts for themselves and gets their own answer."""
    key = a_key()
    first, second = second_while_first_is_uncommitted(
        lambda hook: send(key, still_fresh=hook),
        lambda: send(key, words="Which evenings?", by=cast.by_okafor),
    )
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first != second, said()) == (True, [WORDS, "Which evenings?"])


def test_a_process_that_stands_still_keeps_others_waiting_up_to_the_limit(
    send: Callable[..., Outcome],
) -> None:
    """The database ends its transaction, with all its locks; when it goes on it can commit nothing."""
    standing, other = a_key(), a_key()

    def stands_still(hook: Callable[[], bool]) -> Outcome:
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = '200ms'")
        with pytest.raises(DatabaseError) as ended:
            send(standing, still_fresh=lambda: hook() and True)
        assert fault_of(ended.value) is DatabaseFault.GONE
        return {}

    # `hook` lets go only once the other act has ended: that is what the limit is for.
    first, second = second_while_first_is_uncommitted(
        stands_still, lambda: send(other, words="Meanwhile"), until_the_second_ended=True
    )
    assert (first, isinstance(second, dict), said(), broken()) == ({}, True, ["Meanwhile"], {})


def test_the_limit_is_shorter_than_an_answer_may_take() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("15s",)
