"""Clients' links: opened once, given up by whom they do not belong to, and the zone their reader chooses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from tests.app.cast import MINUTES, NOW, Cast, new_york
from tests.app.client_browser import mint
from tests.app.notification_rows import coming_to

from raincheck.actions.clients.record import change_client
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.links import choose_zone, mark_opened, revoke_links
from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Link, Notification
from raincheck.data.people import Client, Recipient
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM, Contact
from raincheck.domain.zones import UnknownZone
from raincheck.queries.reschedule.links import link_behind, links_to_batch, standing

HOURS = timedelta(hours=1)
NOON = NOW + 5 * HOURS
"""Noon for Riley in Los Angeles."""


def done(verb: partial[Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOON)


def handed_over(channel: str = "email") -> Link:
    """Let the mail server or gateway take over the prompt, and return the link it carried."""
    prompt = Notification.objects.get(kind="asked", channel=channel)
    attempt = int(done(partial(begin_attempt, prompt.pk, now=NOON))["attempt"])
    done(coming_to(attempt, Outcome.ACCEPTED, answer="250 OK", now=NOON))
    return Link.objects.get(attempt=attempt)


def given_up(link: Link) -> None:
    done(partial(revoke_links, link, now=NOON + HOURS))


def kinds() -> list[str]:
    return list(Task.objects.filter(done_at__isnull=True).order_by("pk").values_list("kind", flat=True))


def refs() -> list[UUID]:
    return list(Link.objects.order_by("pk").values_list("ref", flat=True))


def arrivals() -> list[bool]:
    rows = RescheduleRequest.objects.order_by("pk").values_list("handed_over_at", flat=True)
    return [at is not None for at in rows]


def test_only_the_first_opening_counts(cast: Cast) -> None:
    batch = cast.asked(cast.booked()).batch
    done(partial(mark_opened, batch, now=NOON))
    done(partial(mark_opened, batch, now=NOON + HOURS))
    assert RescheduleBatch.objects.get().opened_at == NOON


def test_a_new_link_is_short_and_one_of_the_former_length_goes_on_working(cast: Cast) -> None:
    batch = cast.asked(cast.booked(), now=NOON).batch
    prompt = Notification.objects.get(kind="asked", channel="email")
    address = done(partial(begin_attempt, prompt.pk, now=NOON))["link"]
    token = re.fullmatch(r"http://.*/r/([A-Za-z0-9_-]{22})/", address)
    assert token, address
    _link, former = mint(batch)
    assert [len(one) for one in (former, token[1])] == [43, 22]
    assert [found.batch for found in map(link_behind, (former, token[1])) if found] == [batch, batch]


def test_a_prompt_that_came_to_the_wrong_person_was_never_handed_over(cast: Cast) -> None:
    """Nobody is reminded there, silence cancels nothing, and the provider has one task, not two."""
    cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)), now=NOON)
    given_up(handed_over())
    assert (arrivals(), kinds()) == ([False, False], ["link_not_theirs"])
    assert sweep(now=NOON + 24 * HOURS) == {}
    assert sweep(now=NOON + 48 * HOURS + MINUTES) == {"request waits for provider": 2}
    assert {row.state for row in RescheduleRequest.objects.all()} == {"open"}


def test_links_in_texts_end_with_those_in_mails_and_silence_cancels_nothing(cast: Cast) -> None:
    """Whoever has the phone can't answer any more either, so the practice has to look."""
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    cast.asked(cast.booked(), now=NOON)
    handed_over("sms")
    given_up(handed_over())
    assert [link.revoked_at for link in Link.objects.all()] == [NOON + HOURS] * 2
    assert (arrivals(), kinds()) == ([False], ["link_not_theirs"])


def test_a_prompt_to_somebody_else_who_gets_messages_for_the_client_still_counts(cast: Cast) -> None:
    cast.asked(cast.booked(), now=NOON)
    link = handed_over()
    contact = Recipient.objects.create(
        practice=cast.practice, client=cast.riley, is_client=False, email="robin@clients.example"
    )
    Link.objects.create(
        practice=cast.practice,
        hash=b"x",
        recipient=contact,
        client=cast.riley,
        batch=link.batch,
        attempt=link.attempt,
        channel="email",
        address=contact.email,
        made_at=NOON,
    )
    given_up(link)
    assert [row.revoked_at for row in Link.objects.order_by("pk")] == [NOON + HOURS, None]
    assert (arrivals(), kinds()) == ([True], ["link_not_theirs"])


def test_nothing_more_of_the_same_matter_goes_to_whoever_said_that_it_is_not_theirs(cast: Cast) -> None:
    """That neither mail nor text can go is for a person to see."""
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=NOW)
    request = cast.asked(cast.booked(), now=NOON)
    handed_over("sms")
    given_up(handed_over())
    RescheduleRequest.objects.update(handed_over_at=NOON)
    links, due = Link.objects.count(), request.deadline_at - 24 * HOURS
    sweep(now=due)
    goes = {}
    for row in Notification.objects.filter(kind="request_reminder", recipient__isnull=False):
        goes[row.channel] = "attempt" in done(partial(begin_attempt, row.pk, now=due))
    assert (goes, Link.objects.count()) == ({"email": False, "sms": False}, links)
    assert kinds() == ["link_not_theirs", "not_delivered", "not_delivered"]


def saving(cast: Cast, contact: Contact, *, confirmed: bool = False, now: datetime) -> partial[Answer]:
    details = ClientDetails(first_name="Riley", contact=contact)
    return partial(
        change_client, cast.riley.pk, details=details, seen=0, confirmed=confirmed, by=cast.by_okafor, now=now
    )


def test_once_the_practice_confirms_the_same_address_again_messages_go_there(cast: Cast) -> None:
    """The way back by phone: it was Riley's after all."""
    request = cast.asked(cast.booked(), now=NOON)
    former = handed_over()
    given_up(former)
    contact = Contact("riley@clients.example", "", texts=False)
    done(saving(cast, contact, confirmed=True, now=NOON + 2 * HOURS))
    assert kinds() == []
    again = Notification.objects.filter(kind="asked", channel="email").latest("pk")
    attempt = int(done(partial(begin_attempt, again.pk, now=NOON + 2 * HOURS))["attempt"])
    done(coming_to(attempt, Outcome.ACCEPTED, answer="", now=NOON + 2 * HOURS))
    request.refresh_from_db()
    assert request.handed_over_at == NOON + 2 * HOURS
    standings = {link.pk: standing(link, now=NOON) for link in links_to_batch(request.batch, refs())}
    assert standings == {former.pk: "revoked", Link.objects.get(attempt=attempt).pk: "live"}


def test_another_change_of_the_record_confirms_no_address(cast: Cast) -> None:
    cast.asked(cast.booked(), now=NOON)
    given_up(handed_over())
    contact = Contact("riley@clients.example", "", texts=False)
    done(saving(cast, contact, now=NOON + 2 * HOURS))
    assert kinds() == ["link_not_theirs"]
    assert Notification.objects.filter(kind="asked", channel="email").count() == 1


def test_once_the_address_is_right_the_prompt_goes_there_and_its_time_begins(cast: Cast) -> None:
    request = cast.asked(cast.booked(), now=NOON)
    given_up(handed_over())
    contact = Contact("riley.brooks@clients.example", "", texts=False)
    done(saving(cast, contact, now=NOON + 2 * HOURS))
    again = Notification.objects.filter(kind="asked", channel="email").latest("pk")
    attempt = int(done(partial(begin_attempt, again.pk, now=NOON + 2 * HOURS))["attempt"])
    done(coming_to(attempt, Outcome.ACCEPTED, answer="", now=NOON + 2 * HOURS))
    request.refresh_from_db()
    assert (request.handed_over_at, request.deadline_at) == (NOON + 2 * HOURS, NOON + 50 * HOURS)


def test_giving_a_link_up_ends_all_of_the_recipient_and_tells_of_each_that_waits(
    cast: Cast,
) -> None:
    cast.asked(cast.booked(), now=NOON)
    first = handed_over()
    cast.asked(cast.booked(new_york(1, 11, month=12)), now=NOON, repeat_confirmed=True)
    other = Notification.objects.filter(kind="asked", channel="email").latest("pk")
    done(partial(begin_attempt, other.pk, now=NOON))
    given_up(first)
    assert {(link.batch_id == first.batch_id, link.revoked_at) for link in Link.objects.all()} == {
        (True, NOON + HOURS),
        (False, NOON + HOURS),
    }
    assert (arrivals(), kinds()) == ([False, False], ["link_not_theirs", "link_not_theirs"])


def test_a_settled_request_stays_as_it_is(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked(), now=NOON), now=NOON)
    batch = RescheduleBatch.objects.get()
    link = Link.objects.create(
        practice=cast.practice,
        hash=b"x",
        recipient=Recipient.objects.get(client=cast.riley),
        client=cast.riley,
        batch=batch,
        channel="email",
        address="riley@clients.example",
        made_at=NOON,
    )
    given_up(link)
    assert (RescheduleRequest.objects.get().state, kinds()) == ("declined", ["link_not_theirs"])


@pytest.mark.parametrize(
    ("profile", "recipient", "expected"),
    [
        ("", "", ("", "Europe/London", "")),
        ("America/Denver", "", ("Europe/London", "Europe/London", "")),
        ("", "America/Denver", ("", "Europe/London", "Europe/London")),
    ],
)
def test_a_chosen_zone_replaces_what_was_known(
    cast: Cast, profile: str, recipient: str, expected: tuple[str, str, str]
) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(zone=profile)
    Recipient.objects.filter(client=cast.riley).update(zone=recipient)
    riley = Client.objects.get(pk=cast.riley.pk)
    done(partial(choose_zone, riley, zone="Europe/London", by=cast.by_riley, now=NOON))
    row = Client.objects.get(pk=riley.pk)
    assert (row.zone, row.confirmed_zone, Recipient.objects.get(client=row).zone) == expected
    assert row.zone_in(cast.practice) == "Europe/London"


def test_an_unknown_zone_changes_nothing(cast: Cast) -> None:
    with pytest.raises(UnknownZone):
        done(partial(choose_zone, cast.riley, zone="Mars/Base", by=cast.by_riley, now=NOON))
    assert Client.objects.get(pk=cast.riley.pk).confirmed_zone == ""
