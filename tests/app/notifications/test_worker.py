"""The worker: jobs in the verb's own transaction, deliveries that find their way back into the queue, tidying up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.db import close_old_connections, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.cast import Cast
from tests.app.sent_notifications import told
from tests.app.smtp_server import Mailroom, mail_server

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.people import Provider, Recipient
from raincheck.data.reschedule import RescheduleRequest
from raincheck.notifications.outbox import queue, queue_again
from raincheck.worker.running import worker_app
from raincheck.worker.scheduler import forget_old_jobs, tick

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """The worker reads the clock, so these tests live in the present."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def booked(cast: Cast, now: datetime) -> Appointment:
    return cast.booked(now + timedelta(days=9), now=now)


def jobs() -> list[tuple[str, int, str]]:
    rows = ProcrastinateJob.objects.order_by("id")
    return [(row.task_name, row.args["notification"], row.status) for row in rows]


def in_worker(do: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
    """Open the worker's application, do something in it, then work until the queue is empty."""

    async def work() -> None:
        mine = worker_app()
        async with mine.open_async():
            if do is not None:
                await do()
            await mine.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)

    asyncio.run(work())


def test_jobs_hold_numbers_only(booked: Appointment) -> None:
    (mail,) = Notification.objects.filter(channel="email")
    assert jobs() == [("deliver", mail.pk, "todo")]


def test_the_worker_delivers_what_verbs_queued(
    cast: Cast, booked: Appointment, mailroom: Mailroom, now: datetime
) -> None:
    cast.asked(booked, now=now)
    in_worker()
    assert told() == [
        "booked to client by email: handed_over",
        "booked to provider by in_app: handed_over",
        "asked to client by email: handed_over",
        "asked to provider by in_app: handed_over",
    ]
    assert {status for _name, _number, status in jobs()} == {"succeeded"}
    assert len(mailroom.got) == 2


def test_a_job_queued_inside_the_worker_shares_its_transactions_fate(booked: Appointment) -> None:
    (mail,) = Notification.objects.filter(channel="email")
    before = jobs()

    def queued_and_taken_back() -> None:
        close_old_connections()
        with transaction.atomic():
            queue([mail], now=mail.due_at)
            transaction.set_rollback(True)
        connection.close()

    async def check() -> None:
        await sync_to_async(queued_and_taken_back, thread_sensitive=False)()
        assert await sync_to_async(jobs)() == before

    asyncio.run(_opened(check))


async def _opened(do: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async with worker_app().open_async():
        await do()


def test_what_is_due_without_a_job_is_queued_again_once(
    cast: Cast, booked: Appointment, now: datetime
) -> None:
    cast.asked(booked, now=now)
    mails = list(Notification.objects.filter(channel="email").order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args ->> 'notification' = %s", [str(mails[1])])
    assert [queue_again(now=now, limit=10) for _twice in range(2)] == [1, 0]
    assert jobs() == [("deliver", mails[0], "todo"), ("deliver", mails[1], "todo")]


def test_what_a_sweep_tells_is_queued_by_the_tick_that_swept(
    cast: Cast, booked: Appointment, now: datetime
) -> None:
    """Endings come first: as long as some are due, no message takes their time."""
    request = cast.asked(booked, now=now)
    RescheduleRequest.objects.update(
        asked_at=now - 60 * MINUTE, handed_over_at=now - 59 * MINUTE, deadline_at=now - MINUTE
    )
    ProcrastinateJob.objects.all().delete()
    Notification.objects.filter(state="waiting").update(state="handed_over", ended_at=now)
    assert (sweep(now=clock.now())["request lapsed"], jobs()) == (1, [])
    tick()
    mails = Notification.objects.filter(moment="lapsed", channel="email").order_by("pk")
    assert jobs() == [("deliver", mail.pk, "todo") for mail in mails]
    assert (len(mails), mails[0].batch_id) == (2, request.batch_id)


def test_no_more_is_queued_than_workers_get_done_soon(cast: Cast, booked: Appointment, now: datetime) -> None:
    cast.asked(booked, now=now)
    cast.booked(now + timedelta(days=10), client=cast.maya, now=now)
    mails = list(Notification.objects.filter(channel="email").order_by("pk").values_list("pk", flat=True))
    ProcrastinateJob.objects.all().delete()
    assert [queue_again(now=now, limit=limit) for limit in (2, 2, 1, 3)] == [2, 0, 0, 1]
    assert jobs() == [("deliver", mail, "todo") for mail in mails]


def test_a_text_waits_behind_no_mails_that_fill_the_queue(
    cast: Cast, booked: Appointment, now: datetime
) -> None:
    cast.asked(booked, now=now)
    Recipient.objects.filter(client=cast.maya).update(phone="+13105550100", sms_agreed_at=now, email="")
    text = told_by_text(cast.booked(now + timedelta(days=10), client=cast.maya, now=now))
    ProcrastinateJob.objects.all().delete()
    first, _second = Notification.objects.filter(channel="email").order_by("pk")
    Notification.objects.filter(channel="email").update(due_at=now - MINUTE)
    now = text.due_at
    assert [queue_again(now=now, limit=1) for _twice in range(2)] == [2, 0]
    assert jobs() == [("deliver", text.pk, "todo"), ("deliver", first.pk, "todo")]


def told_by_text(appointment: Appointment) -> Notification:
    return Notification.objects.get(channel="sms", appointments__appointment=appointment)


def test_what_a_verb_says_leaves_before_what_was_found_waiting(
    cast: Cast, booked: Appointment, now: datetime, mailroom: Mailroom
) -> None:
    ProcrastinateJob.objects.all().delete()
    assert queue_again(now=now, limit=10) == 1
    cast.asked(booked, now=now)
    in_worker()
    assert [mail["Subject"] for mail in mailroom.got] == [
        "Please choose a new time for your appointment",
        "Your appointment is booked",
    ]


def test_of_two_workers_who_look_for_what_waits_one_queues_it(booked: Appointment, now: datetime) -> None:
    ProcrastinateJob.objects.all().delete()
    (mail,) = Notification.objects.filter(channel="email")
    with transaction.atomic():
        first = queue_again(now=now, limit=10)
        with ThreadPoolExecutor(1) as other:
            second = other.submit(_closing, lambda: queue_again(now=now, limit=10)).result(20)
    assert (first, second, jobs()) == (1, 0, [("deliver", mail.pk, "todo")])


def _closing(run: Callable[[], int]) -> int:
    try:
        return run()
    finally:
        connection.close()


def test_a_retry_waits_for_its_time(booked: Appointment, settings: LazySettings) -> None:
    with mail_server(rcpt="451 4.7.1 greylisted") as room:
        settings.EMAIL_URL = room.url
        in_worker()
    (mail,) = Notification.objects.filter(channel="email")
    assert queue_again(now=mail.due_at - timedelta(seconds=1), limit=10) == 0
    assert queue_again(now=mail.due_at, limit=10) == 1
    assert jobs() == [("deliver", mail.pk, "succeeded"), ("deliver", mail.pk, "todo")]


def test_a_job_for_a_message_that_went_out_finds_nothing_to_do(
    booked: Appointment, mailroom: Mailroom
) -> None:
    (mail,) = Notification.objects.filter(channel="email")
    with transaction.atomic():
        queue([mail], now=mail.due_at)
    in_worker()
    assert [status for _name, _number, status in jobs()] == ["succeeded", "succeeded"]
    assert len(mailroom.got) == 1


def test_jobs_that_ended_a_week_ago_go(cast: Cast, booked: Appointment, now: datetime) -> None:
    cast.booked(now + timedelta(days=10), now=now)
    old, fresh = (number for _name, number, _status in jobs())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE args ->> 'notification' = ANY(%s)",
            [[str(old), str(fresh)]],
        )
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '8 days' WHERE job_id IN"
            " (SELECT id FROM procrastinate_jobs WHERE args ->> 'notification' = %s)",
            [str(old)],
        )

    async def forgotten() -> None:
        mine = worker_app()
        async with mine.open_async():
            await forget_old_jobs(mine.job_manager)

    asyncio.run(forgotten())
    assert jobs() == [("deliver", fresh, "succeeded")]


def test_a_part_of_a_tick_that_fails_keeps_no_message_from_leaving(
    cast: Cast, booked: Appointment, now: datetime
) -> None:
    """Hours that nobody can read stop the look at open times."""
    cast.asked(booked, now=now)
    Provider.objects.update(availability={"weekly": "whenever"})
    RescheduleRequest.objects.update(look_again_at=None)
    lost = ProcrastinateJob.objects.count()
    ProcrastinateJob.objects.all().delete()
    tick()
    assert ProcrastinateJob.objects.count() == lost
