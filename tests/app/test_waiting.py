"""What waits for the worker: the oldest message, job and request, for whoever looks after an installation."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from tests.app.cast import MINUTES, NOW, Cast, new_york
from tests.app.test_poisoned_rows import handed_over

from raincheck import clock
from raincheck.actions.heartbeats import beat
from raincheck.actions.sweep import sweep
from raincheck.data.appointments import Hold
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.domain.heartbeats import Beating
from raincheck.queries.waiting import Waiting, waiting

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + MINUTES


def test_where_nothing_waits_there_is_no_oldest(cast: Cast) -> None:
    assert waiting(now=NOW) == Waiting(None, 0, None, 0, None, 0, None)


def test_the_oldest_message_and_job_are_told(cast: Cast) -> None:
    before = clock.real_now()
    cast.booked()
    Notification.objects.filter(channel="email").update(due_at=NOW - 3 * MINUTES)
    cast.booked(new_york(25, 11), client=cast.maya)
    found = waiting(now=NOW)
    assert (found.message_due_at, found.messages, found.jobs) == (NOW - 3 * MINUTES, 2, 2)
    assert found.job_queued_at is not None
    assert before - MINUTES < found.job_queued_at < clock.real_now() + MINUTES
    assert waiting(now=NOW - 4 * MINUTES).message_due_at is None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert (waiting(now=NOW).jobs, waiting(now=NOW).job_queued_at) == (0, None)


def test_a_request_is_due_from_the_end_of_its_grace_or_of_the_hold_that_keeps_it(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    handed_over(request)
    Hold.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.riley,
        request=request,
        starts_at=new_york(27, 9),
        ends_at=new_york(27, 10),
        buffer_before=0 * MINUTES,
        buffer_after=0 * MINUTES,
        began_at=request.deadline_at - MINUTES,
        expires_at=request.deadline_at + 4 * MINUTES,
    )
    late = request.deadline_at + 5 * MINUTES
    just_before = [RIPE - MINUTES / 60, RIPE, late - MINUTES / 60]
    assert [waiting(now=now).request_due_at for now in just_before] == [None, None, None]
    assert waiting(now=late).request_due_at == late


def test_what_a_person_was_told_of_is_counted_and_waits_for_nobody(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    handed_over(request)
    Client.objects.filter(pk=cast.riley.pk).update(zone="Mars/Base")
    assert waiting(now=RIPE).request_due_at == RIPE
    sweep(now=RIPE)
    found = waiting(now=RIPE)
    assert (found.request_due_at, found.set_aside) == (None, 1)


def test_the_last_finished_sweep_is_told(cast: Cast) -> None:
    beat(None, Beating.WORKER, at=NOW + HOURS)
    beat(None, Beating.SWEEP, at=NOW)
    assert waiting(now=NOW).swept_at == NOW
