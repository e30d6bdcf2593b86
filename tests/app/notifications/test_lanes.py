"""The lanes of a worker: what is due leaves, whoever commits something wakes them, and nobody waits behind somebody else's trouble."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from procrastinate.contrib.django import connector_params
from tests.app.cast import Cast
from tests.app.sent_notifications import told
from tests.app.smtp_server import Gateway, Mailroom, mail_server

from raincheck import clock
from raincheck.actions.deliveries import begin_attempts
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.people import SYSTEM
from raincheck.integrations.messages import delivery
from raincheck.integrations.messages.delivery import Lane, deliver_due
from raincheck.notifications.outbox import DELIVERIES, due_notifications, queue
from raincheck.worker.deliveries import Lanes, endings_first, listen_until_cancelled, wake

PATIENCE = 30.0
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    """Lanes read the clock, so these tests live in the present, by day in Los Angeles too."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


@contextmanager
def lanes() -> Iterator[Lanes]:
    """Run a worker's lanes."""
    running = Lanes()
    running.start()
    try:
        yield running
    finally:
        running.stop(within=PATIENCE)


def waits_until(condition: Callable[[], bool], what: str) -> None:
    look = threading.Event()
    for _attempt in range(int(PATIENCE / 0.02)):
        if condition():
            return
        look.wait(0.02)
    raise AssertionError(f"this never came: {what}")


def states(channel: str = "email") -> list[str]:
    rows = Notification.objects.filter(channel=channel).order_by("pk")
    return list(rows.values_list("state", flat=True))


def booked(cast: Cast, now: datetime, *, days: int = 9) -> Notification:
    """Book Riley, and return the confirmation by e-mail."""
    cast.booked(now + days * DAY, now=now)
    return Notification.objects.filter(channel="email").latest("pk")


def begun(channel: Channel = Channel.EMAIL, *, now: datetime, limit: int = 20) -> Answer:
    verb = partial(begin_attempts, channel, now=now, limit=limit)
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def test_the_lanes_deliver_what_verbs_told(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    cast.asked(cast.booked(now + 9 * DAY, now=now), now=now)
    with lanes():
        waits_until(lambda: set(states()) == {"handed_over"}, "everything left")
    assert told() == [
        "booked to client by email: handed_over",
        "booked to provider by in_app: handed_over",
        "asked to client by email: handed_over",
        "asked to provider by in_app: handed_over",
    ]
    assert (len(mailroom.got), mailroom.greeted) == (2, 1), "one line for both"


def test_idle_lanes_are_woken_by_what_somebody_commits_and_by_nothing_taken_back(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    mail = booked(cast, now)
    heard: list[str] = []
    with psycopg.connect(**connector_params(), autocommit=True) as line:
        line.execute(f"LISTEN {DELIVERIES}")
        with transaction.atomic():
            queue([mail], now=mail.due_at)
            transaction.set_rollback(True)
        with transaction.atomic():
            queue([mail], now=mail.due_at - MINUTE)  # not due yet: found when its time has come
        heard += [said.channel for said in line.notifies(timeout=0.3)]
        booked(cast, now, days=10)
        heard += [said.channel for said in line.notifies(timeout=PATIENCE, stop_after=1)]
    assert heard == [DELIVERIES]


def test_whoever_listens_wakes_the_lanes(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    async def listening(until: Callable[[], bool]) -> None:
        ears = asyncio.create_task(listen_until_cancelled())
        await asyncio.to_thread(waits_until, until, "what came while they slept left")
        ears.cancel()

    def left() -> bool:
        try:
            return states() == ["handed_over"] * 2
        finally:
            connection.close()

    with lanes():
        booked(cast, now)
        wake()
        waits_until(lambda: states() == ["handed_over"], "the first left")
        booked(cast, now, days=10)
        asyncio.run(listening(left))


def test_what_a_verb_says_leaves_before_what_a_sweep_tells(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    first, second = booked(cast, now), booked(cast, now, days=10)
    Notification.objects.filter(pk=first.pk).update(after_others=True, due_at=now - MINUTE)
    assert due_notifications(now=now, limit=10) == [second.pk, first.pk]
    assert len(begun(now=now, limit=1)) == 1
    assert second.tries.count() == 1


def test_while_endings_are_due_only_what_somebody_waits_for_leaves(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    first, second = booked(cast, now), booked(cast, now, days=10)
    Notification.objects.filter(pk=first.pk).update(after_others=True)
    with ExitStack() as sweeping:
        sweeping.enter_context(endings_first())
        with lanes():
            waits_until(lambda: states() == ["waiting", "handed_over"], "the second left")
            assert [str(one["Message-ID"]) for one in mailroom.got] == [f"<{second.ref}@harbor.example>"]
            sweeping.close()
            waits_until(lambda: states() == ["handed_over"] * 2, "the first left as well")


def test_of_two_workers_who_claim_at_once_each_message_has_one(cast: Cast, now: datetime) -> None:
    for day in range(3):
        booked(cast, now, days=9 + day)

    def second() -> Answer:
        try:
            return begun(now=now)
        finally:
            connection.close()

    with transaction.atomic():
        first = begin_attempts(Channel.EMAIL, now=now, limit=2)
        with ThreadPoolExecutor(1) as other:
            others = other.submit(second).result(PATIENCE)
    assert (len(first), len(others)) == (2, 1)
    assert not set(first) & set(others)


def test_a_retry_waits_for_its_time(cast: Cast, settings: LazySettings, now: datetime) -> None:
    mail = booked(cast, now)
    with mail_server(rcpt="451 4.7.1 greylisted") as room:
        settings.EMAIL_URL = room.url
        assert deliver_due(now) == {Outcome.DEFERRED: 1}
    mail.refresh_from_db()
    assert due_notifications(now=mail.due_at - timedelta(seconds=1), limit=10) == []
    assert due_notifications(now=mail.due_at, limit=10) == [mail.pk]


def test_a_mail_server_that_keeps_all_waiting_leaves_room_for_texts(
    cast: Cast, settings: LazySettings, gateway: Gateway, now: datetime
) -> None:
    for day in range(3):
        booked(cast, now, days=9 + day)
    Recipient.objects.filter(client=cast.maya).update(phone="+13105550100", sms_agreed_at=now, email="")
    cast.booked(now + 20 * DAY, client=cast.maya, now=now)
    Notification.objects.filter(channel="sms").update(due_at=now, made_at=now)
    with mail_server(hangs="MAIL") as room:
        settings.EMAIL_URL, settings.DELIVERY_TIMEOUT = room.url, 2
        with lanes():
            assert room.holding.wait(PATIENCE), "the mail server is asked"
            waits_until(lambda: states("sms") == ["handed_over"], "the text left")
            assert set(states()) == {"waiting"}


def test_a_slow_hand_over_lets_no_other_of_its_batch_grow_old(
    cast: Cast, settings: LazySettings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are given back as if nobody had begun, and go once the server is quick again."""
    monkeypatch.setattr(delivery, "SLOW", 0.1)
    mails = [booked(cast, now, days=9 + day) for day in range(3)]
    with mail_server(hangs="MAIL") as room:
        settings.EMAIL_URL, settings.DELIVERY_TIMEOUT = room.url, 1
        lane = Lane(now=lambda: now)
        assert lane.deliver(Channel.EMAIL) == {Outcome.DEFERRED: 1}
        lane.close()
        rows = Notification.objects.filter(pk__in=[mail.pk for mail in mails]).order_by("pk")
        assert list(rows.values_list("attempts", "due_at")) == [(1, now + MINUTE), (0, now), (0, now)]
        assert [mail.tries.count() for mail in mails] == [1, 0, 0]
        room.hangs = ""
        assert deliver_due(now) == {Outcome.ACCEPTED: 2}


def test_lanes_that_are_told_to_stop_end_the_message_they_are_at(
    cast: Cast, settings: LazySettings, now: datetime
) -> None:
    mails = [booked(cast, now, days=9 + day) for day in range(3)]
    with mail_server(holds="DATA") as room:
        settings.EMAIL_URL = room.url
        with lanes() as running, ThreadPoolExecutor(1) as other:
            assert room.holding.wait(PATIENCE), "the first is under way"
            stopped = other.submit(running.stop, within=PATIENCE)
            waits_until(running._stopping.is_set, "they know")
            room.released.set()
            stopped.result(PATIENCE)
    assert states() == ["handed_over", "waiting", "waiting"]
    assert [mail.tries.count() for mail in mails] == [1, 0, 0]
    assert due_notifications(now=clock.now(), limit=10) == [mails[1].pk, mails[2].pk]


@pytest.mark.parametrize(
    ("in_a_row", "several"), [(3, True), (13, False)], ids=["slow every time", "slow at times"]
)
def test_more_lanes_open_while_a_server_is_slow_each_time(
    cast: Cast,
    settings: LazySettings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    in_a_row: int,
    several: bool,
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 2)
    monkeypatch.setattr("raincheck.worker.deliveries.WORTH_A_LANE", 0.0)
    monkeypatch.setattr("raincheck.worker.deliveries.IN_A_ROW", in_a_row)
    for day in range(12):
        booked(cast, now, days=9 + day)
    with mail_server() as room:
        settings.EMAIL_URL = room.url
        with lanes():
            waits_until(lambda: set(states()) == {"handed_over"}, "everything left")
    assert (len(room.got), room.greeted > 1) == (12, several)
    assert len({str(one["Message-ID"]) for one in room.got}) == 12


@pytest.mark.parametrize(("most", "several"), [(2, False), (12, True)], ids=["all lent", "enough left"])
def test_no_lane_opens_while_all_connections_to_the_database_are_lent(
    cast: Cast,
    settings: LazySettings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    several: bool,
) -> None:
    """A machine with too much to do makes every hand-over slow: more lanes would only wait for the database."""
    monkeypatch.setattr(delivery, "AT_ONCE", 2)
    monkeypatch.setattr("raincheck.worker.deliveries.WORTH_A_LANE", 0.0)
    for day in range(12):
        booked(cast, now, days=9 + day)
    connection.close()
    patient = settings.POOL | {"max_size": most, "timeout": PATIENCE}
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", patient)
    try:
        with mail_server() as room:
            settings.EMAIL_URL = room.url
            with lanes():
                waits_until(lambda: set(states()) == {"handed_over"}, "everything left")
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    assert (len(room.got), room.greeted > 1) == (12, several)
