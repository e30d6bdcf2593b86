"""A request that waits for a person: what its client reads, whom the practice tells and how often, and when nobody came."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.client_browser import Visitor, form_of, handed_over, page_of, words
from tests.app.sent_notifications import latest, said_in, told
from tests.app.smtp_server import Mailroom

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.waiting import nobody_came
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import Role
from raincheck.domain.reschedule.lifecycle import NotYetOver
from raincheck.integrations.messages.delivery import deliver
from raincheck.notifications.wording import has_a_point, listed_rows

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TUESDAY = "Tuesday, November 24 at 8:00 AM"


def manager(cast: Cast) -> User:
    user = User.objects.create_user("sasha@harbor.example", "let me in please", name="Sasha Lindqvist")
    Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    return user


def waiting(cast: Cast) -> RescheduleRequest:
    """Riley is marked so that silence asks a person, and has not answered; the session is six days ahead."""
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    request = handed_over(cast.asked(cast.booked()))
    sweep(now=request.deadline_at + 2 * MINUTE)
    request.refresh_from_db()
    assert request.needs_provider == "do_not_auto_cancel"
    return request


def moments(since: int) -> list[datetime]:
    rows = Notification.objects.filter(
        pk__gt=since, kind="still_waiting", channel="email", provider__isnull=False
    )
    return list(rows.order_by("pk").values_list("made_at", flat=True))


def test_the_client_reads_that_it_is_not_settled_and_whom_to_call(cast: Cast) -> None:
    request = waiting(cast)
    said = words(Visitor(request.batch, now=request.deadline_at + HOUR).get(page_of(request)))
    assert (
        "This appointment isn't settled. Dr. Okafor may not be able to come. Harbor Counseling will contact you:"
        " +1 212 555 0100." in said
    )
    assert [part for part in ("canceled", "You have") if part in said] == []


def test_from_the_lead_on_provider_and_managers_are_told_every_half_hour(cast: Cast) -> None:
    manager(cast)
    request = waiting(cast)
    since = latest()
    at = TUESDAY_AT_ELEVEN - 3 * HOUR
    while at < TUESDAY_AT_ELEVEN:
        sweep(now=at)
        at += 7 * MINUTE
    told_at = moments(since)
    first = TUESDAY_AT_ELEVEN - 2 * HOUR
    assert [(at - first) // (30 * MINUTE) for at in told_at] == [0, 1, 2, 3]
    assert sorted(set(told(since))) == [
        "still_waiting to manager by email: waiting",
        "still_waiting to provider by email: waiting",
        "still_waiting to provider by in_app: handed_over",
    ]
    assert len(told(since)) == 3 * 4
    sweep(now=TUESDAY_AT_ELEVEN)
    request.refresh_from_db()
    assert (request.state, moments(since)) == ("void", told_at)


def test_each_moment_is_told_once_however_often_and_late_somebody_sweeps(cast: Cast) -> None:
    waiting(cast)
    since = latest()
    for at in (-121, -120, -120, -119, -100, -91, -90, -15, -14, -1):
        sweep(now=TUESDAY_AT_ELEVEN + at * MINUTE)
    assert [(TUESDAY_AT_ELEVEN - at) // MINUTE for at in moments(since)] == [120, 90, 15]


def test_who_begins_to_wait_after_the_lead_is_told_of_at_once(cast: Cast) -> None:
    request = waiting(cast)
    RescheduleRequest.objects.update(needs_provider_at=TUESDAY_AT_ELEVEN - 50 * MINUTE)
    since = latest()
    for at in range(-60, 0, 5):
        sweep(now=TUESDAY_AT_ELEVEN + at * MINUTE)
    assert [(TUESDAY_AT_ELEVEN - at) // MINUTE for at in moments(since)] == [50, 20]
    assert request.asked_starts_at == TUESDAY_AT_ELEVEN


def test_a_practices_own_lead_counts(cast: Cast) -> None:
    waiting(cast)
    cast.practice.policy = {"lead": 3 * 3600}
    cast.practice.save(update_fields=["policy"])
    since = latest()
    sweep(now=TUESDAY_AT_ELEVEN - 3 * HOUR - MINUTE)
    assert moments(since) == []
    sweep(now=TUESDAY_AT_ELEVEN - 3 * HOUR)
    assert len(moments(since)) == 1


def test_once_somebody_has_decided_nobody_is_told_any_more(cast: Cast) -> None:
    request = waiting(cast)
    since = latest()
    at = TUESDAY_AT_ELEVEN - 2 * HOUR
    sweep(now=at)
    [mail] = Notification.objects.filter(pk__gt=since, kind="still_waiting", channel="email")
    assert has_a_point(mail, listed_rows([mail])[mail.pk], now=at)
    cast.withdraw(request, now=at + MINUTE)
    # What was written before the decision is not handed over after it.
    assert not has_a_point(mail, listed_rows([mail])[mail.pk], now=at + 2 * MINUTE)
    sweep(now=at + 30 * MINUTE)
    assert len(moments(since)) == 1


def test_p11_it_is_handed_over_while_it_waits_and_not_once_it_was_decided(
    cast: Cast, mailroom: Mailroom
) -> None:
    request = waiting(cast)
    at = TUESDAY_AT_ELEVEN - 2 * HOUR
    sweep(now=at)
    first = Notification.objects.get(kind="still_waiting", channel="email")
    assert deliver(first.pk, now=at) is Outcome.ACCEPTED
    sweep(now=at + 30 * MINUTE)
    second = Notification.objects.get(kind="still_waiting", channel="email", state="waiting")

    def withdrawn() -> None:
        cast.withdraw(request, now=at + 31 * MINUTE)
        connection.close()

    mailroom.meanwhile = withdrawn
    assert deliver(second.pk, now=at + 31 * MINUTE) is None
    second.refresh_from_db()
    assert ([str(mail["Subject"]) for mail in mailroom.got], second.state) == (
        ["An appointment is not settled"],
        "obsolete",
    )


def test_what_the_practice_reads(cast: Cast) -> None:
    waiting(cast)
    since = latest()
    sweep(now=TUESDAY_AT_ELEVEN - 2 * HOUR)
    [mail] = Notification.objects.filter(pk__gt=since, kind="still_waiting", channel="email")
    said = said_in(mail, now=mail.made_at).words
    assert said.subject == "An appointment is not settled"
    assert "- Tuesday, November 24 at 11:00 AM (New York time)\n" in said.text


@pytest.mark.parametrize("swept", [True, False])
def test_ten_minutes_after_the_start_the_client_can_say_that_nobody_came(cast: Cast, swept: bool) -> None:
    manager(cast)
    request = handed_over(cast.asked(cast.booked()))
    RescheduleRequest.objects.update(needs_provider="outage", needs_provider_at=NOW, remind_at=None)
    if swept:
        sweep(now=TUESDAY_AT_ELEVEN)
    visitor = Visitor(request.batch, now=TUESDAY_AT_ELEVEN + 10 * MINUTE - timedelta(seconds=1))
    void = f"Your appointment was set for {TUESDAY}"
    early = words(visitor.get(page_of(request)))
    assert (void in early, "Nobody came" in early) == (True, False)
    address = f"{form_of(request)}nobody-came/"
    refused = visitor.post(address)
    assert (refused.status_code, "Please wait until ten minutes after the start." in words(refused)) == (
        409,
        True,
    )

    visitor.now = TUESDAY_AT_ELEVEN + 10 * MINUTE
    assert (
        "If Dr. Okafor did not come, tell us here: Harbor Counseling is told at once. Nobody came"
        in words(visitor.get(page_of(request)))
    )
    since = latest()
    for key in ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"):
        response = visitor.post(address, key=key)
        assert (response.status_code, response["Location"]) == (302, form_of(request))
    said = words(visitor.get(page_of(request)))
    assert (
        "Thank you for telling us. The practice was told on Tuesday, November 24 at 8:10 AM." in said,
        "If Dr. Okafor did not come" in said,
    ) == (True, False)
    assert told(since) == [
        "nobody_came to provider by email: waiting",
        "nobody_came to provider by in_app: handed_over",
        "nobody_came to manager by email: waiting",
    ]
    [task] = Task.objects.filter(kind="nobody_came")
    assert (task.for_managers_at, task.done_at) == (visitor.now, None)
    assert AppointmentHistory.objects.filter(request=request, event="nobody_came").count() == 1


def test_nobody_is_said_to_be_missing_at_a_session_that_was_settled(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    at = TUESDAY_AT_ELEVEN + HOUR
    visitor = Visitor(request.batch, now=at)
    assert "Nobody came" not in words(visitor.get(page_of(request)))
    assert visitor.post(f"{form_of(request)}nobody-came/").status_code == 409
    assert not Task.objects.filter(kind="nobody_came").exists()


def test_a_link_that_is_followed_says_nothing(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    sweep(now=TUESDAY_AT_ELEVEN)
    visitor = Visitor(request.batch, now=TUESDAY_AT_ELEVEN + HOUR)
    assert visitor.get(f"{form_of(request)}nobody-came/")["Location"] == form_of(request)
    assert not Task.objects.filter(kind="nobody_came").exists()


def test_before_ten_minutes_the_verb_refuses(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    sweep(now=TUESDAY_AT_ELEVEN)
    at = TUESDAY_AT_ELEVEN + 9 * MINUTE
    with pytest.raises(NotYetOver):
        run_command(
            partial(nobody_came, request.ref, by=cast.by_riley, now=at),
            key=None,
            body={},
            by=cast.by_riley,
            now=at,
        )
