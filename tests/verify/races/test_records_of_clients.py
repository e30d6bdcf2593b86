"""Two people write a client down, or change one record, in the same instant; a prompt leaves while its address changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, a_key
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted

from raincheck.actions.appointments.booking import Booking, add_and_book
from raincheck.actions.clients.record import add_client, change_client
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.links import choose_zone
from raincheck.data.clients.history import ClientHistory
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Client, Membership, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.slots import NOBODY
from raincheck.domain.appointments.lifecycle import SlotTaken
from raincheck.domain.clients.record import ClientDetails, RecordChangedMeanwhile
from raincheck.domain.people import SYSTEM, Actor, ActorKind, Contact
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.queries.reschedule.links import links_to_batch, standing

pytestmark = pytest.mark.sampled

Verb = Callable[[], Answer]
SHARED = Contact("new@clients.example", "", texts=False)
RILEY = ClientDetails(first_name="Riley", last_name="Brooks", contact=SHARED)


def by(cast: Cast) -> Actor:
    return Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)


def changing(cast: Cast, **said: object) -> Verb:
    details = replace(RILEY, **said)  # type: ignore[arg-type]  # what is said differs
    return partial(change_client, cast.riley.pk, details=details, seen=0, by=by(cast), now=NOW)


def test_one_new_address_in_two_practices_at_once_is_one_person(cast: Cast) -> None:
    by_mallory = Actor(ActorKind.PROVIDER, cast.mallory.pk, practice=cast.elsewhere.pk)
    of_eve = partial(change_client, cast.eve.pk, details=RILEY, seen=0, by=by_mallory, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(changing(cast), by=by(cast), now=NOW, still_fresh=hook),
        lambda: carried_out(of_eve, by=by_mallory, now=NOW),
    )
    assert (one, other) == (
        {"client": str(cast.riley.ref), "told": "0"},
        {"client": str(cast.eve.ref), "told": "0"},
    )
    members = Membership.objects.filter(user__email=SHARED.email).order_by("client")
    assert [row.client for row in members] == [cast.riley, cast.eve]


def test_one_form_sent_twice_at_once_adds_one_client(cast: Cast) -> None:
    key, before = a_key(), Client.objects.count()
    verb = partial(add_client, cast.practice.pk, details=RILEY, by=by(cast), now=NOW)
    adding = partial(run_command, verb, key=key, body={}, by=by(cast), now=NOW)
    one, other = second_while_first_is_uncommitted(lambda hook: adding(still_fresh=hook), adding)
    assert (one, Client.objects.count()) == (other, before + 1)


def test_of_two_who_change_one_record_at_once_the_second_is_told(cast: Cast) -> None:
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(changing(cast, goes_by="Ri"), by=by(cast), now=NOW, still_fresh=hook),
        lambda: carried_out(changing(cast, goes_by="Lee"), by=by(cast), now=NOW),
    )
    assert (one, other) == ({"client": str(cast.riley.ref), "told": "0"}, RecordChangedMeanwhile)
    assert (Client.objects.get(pk=cast.riley.pk).goes_by, ClientHistory.objects.count()) == ("Ri", 1)


def test_what_a_client_says_by_a_link_is_not_lost_to_who_has_their_record_open(cast: Cast) -> None:
    saying = partial(choose_zone, cast.riley, zone="Europe/London", by=cast.by_riley, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(saying, by=cast.by_riley, now=NOW, still_fresh=hook),
        lambda: carried_out(changing(cast, zone="America/Denver"), by=by(cast), now=NOW),
    )
    assert (one, other) == ({"zone": "Europe/London"}, RecordChangedMeanwhile)
    assert Client.objects.get(pk=cast.riley.pk).zone == "Europe/London"


def test_a_prompt_that_leaves_while_its_address_changes_opens_nothing_there(cast: Cast) -> None:
    """The attempt has minted its link to the former address, and is not committed."""
    request = cast.asked(cast.booked())
    prompt = Notification.objects.get(kind="asked", channel="email")
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(
            partial(begin_attempt, prompt.pk, now=NOW), by=SYSTEM, now=NOW, still_fresh=hook
        ),
        lambda: carried_out(changing(cast), by=by(cast), now=NOW),
    )
    assert ("attempt" in one, other) == (True, {"client": str(cast.riley.ref), "told": "0"})  # type: ignore[operator]
    link = Link.objects.get()
    assert (link.address, [standing(row, now=NOW) for row in links_to_batch(request.batch, [link.ref])]) == (
        "riley@clients.example",
        ["revoked"],
    )


@pytest.mark.parametrize("the_ask_is_first", [True, False])
def test_an_ask_and_a_new_address_meet_and_the_prompt_goes_there_once(
    cast: Cast, the_ask_is_first: bool
) -> None:
    ask = Ask([cast.booked().ref], Reason.TRAVEL)
    asking: Verb = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=by(cast), now=NOW)
    first, second = (asking, changing(cast)) if the_ask_is_first else (changing(cast), asking)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=by(cast), now=NOW, still_fresh=hook),
        lambda: carried_out(second, by=by(cast), now=NOW),
    )
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    to_riley = Notification.objects.filter(recipient=Recipient.objects.get(client=cast.riley))
    assert list(to_riley.filter(kind__in=("asked", "request_reminder")).values_list("kind", "state")) == [
        ("asked", "waiting")
    ]
    attempt = int(
        run_command(
            partial(begin_attempt, to_riley.get(kind="asked").pk, now=NOW),
            key=None,
            body={},
            by=SYSTEM,
            now=NOW,
        )["attempt"]
    )
    assert Link.objects.get(attempt=attempt).address == SHARED.email


def test_of_two_who_add_somebody_at_one_time_the_second_adds_nobody(cast: Cast) -> None:
    before = Client.objects.count()
    at = Booking(cast.okafor.pk, NOBODY, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)

    def adding(email: str) -> Verb:
        details = replace(RILEY, contact=Contact(email, "", texts=False))
        return partial(add_and_book, details, at, practice_id=cast.practice.pk, by=by(cast), now=NOW)

    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(adding("one@new.example"), by=by(cast), now=NOW, still_fresh=hook),
        lambda: carried_out(adding("other@new.example"), by=by(cast), now=NOW),
    )
    assert (isinstance(one, dict), other, Client.objects.count()) == (True, SlotTaken, before + 1)
    assert not Membership.objects.filter(user__email="other@new.example").exists()


def test_a_mark_that_meets_an_ask_spares_the_new_request_too(cast: Cast) -> None:
    """Asked after the mark looked for requests, and before it had the client to itself."""
    ask = Ask([cast.booked().ref], Reason.TRAVEL)
    asking: Verb = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=by(cast), now=NOW)
    marking = changing(cast, do_not_auto_cancel=True)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(asking, by=by(cast), now=NOW, still_fresh=hook),
        lambda: carried_out(marking, by=by(cast), now=NOW),
    )
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    assert RescheduleRequest.objects.get().spared
