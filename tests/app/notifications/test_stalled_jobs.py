"""Workers that die or stand still in the middle: another takes over at once, and whoever wakes up late can do nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.cast import TUESDAY_AT_ELEVEN, Cast, as_read
from tests.app.imports.staged_files import acted, staged
from tests.app.notification_rows import HOUR, MINUTE, asked, attempts, begun, coming_to, tasks
from tests.app.smtp_server import Gateway, Mailroom

from raincheck import clock, monotonic
from raincheck.actions import deliveries
from raincheck.actions.calendars import (
    checks as calendar_checks,
    pushes as calendar_pushes,
    sources as calendars,
)
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.importing import IMPORT, start_import
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.pushes import CalendarPush, PushedEvent
from raincheck.data.imports.files import Import
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Recipient
from raincheck.data.tasks import Task
from raincheck.domain.calendars.checks import CalendarKind, Source
from raincheck.domain.calendars.pushes import Result
from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.people import SYSTEM
from raincheck.integrations.caldav.push import push_appointments
from raincheck.integrations.calendar_checks import CHECK
from raincheck.integrations.messages.delivery import carry_out, deliver, deliver_due
from raincheck.settings import WORKER_TIMEOUT
from raincheck.worker.running import worker_app
from raincheck.worker.scheduler import tick
from raincheck.worker.stalled_jobs import seconds_between_beats, take_over
from raincheck.worker.tasks import import_rows

LINK = "https://harbor.example/r/x/"


def done(verb: Any, *, now: datetime) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def dead_worker_has(task: str, **holds: object) -> int:
    """Put a job into the hands of a worker that gave no sign of life for longer than it may be silent; return the job."""
    [(name, number)] = holds.items()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [WORKER_TIMEOUT + 1],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, lock, status, worker_id)"
            " VALUES (%s, 'default', jsonb_build_object(%s::text, %s::int), 'lane', 'doing', %s) RETURNING id",
            [task, name, number, worker],
        )
        job: int = cursor.fetchone()[0]
    return job


def others_look() -> None:
    async def looking() -> None:
        mine = worker_app()
        async with mine.open_async():
            await take_over(mine.job_manager)

    asyncio.run(looking())


def jobs(task: str) -> list[str]:
    return list(
        ProcrastinateJob.objects.filter(task_name=task).order_by("id").values_list("status", flat=True)
    )


@pytest.fixture
def present() -> datetime:
    """Workers read the clock."""
    return clock.now().replace(second=0, microsecond=0)


@pytest.fixture
def prompt(cast: Cast, now: datetime) -> Notification:
    """The prompt to Riley, by e-mail."""
    return asked(cast, now)[1]


def test_a_dead_workers_job_runs_again_within_a_minute() -> None:
    """Silence is noticed one look after the timeout, and the job queued in the same transaction."""
    assert WORKER_TIMEOUT + seconds_between_beats() <= 40


@pytest.fixture
def coming_in(cast: Cast) -> Import:
    """A file of one client whose rows are to come in."""
    file = staged(cast, "First name|Last name|E-mail", "Noa|Ami|noa@example.com")
    acted(start_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk)
    return file


def test_p13_a_file_whose_worker_died_is_brought_in_by_another(coming_in: Import) -> None:
    ProcrastinateJob.objects.all().delete()
    dead_worker_has(IMPORT, file=coming_in.pk)
    others_look()
    assert jobs(IMPORT) == ["failed", "todo"]
    import_rows(coming_in.pk)
    coming_in.refresh_from_db()
    assert (coming_in.state, Client.objects.filter(first_name="Noa").count()) == ("imported", 1)
    # Who died after that has left nothing to do.
    dead_worker_has(IMPORT, file=coming_in.pk)
    others_look()
    assert jobs(IMPORT) == ["failed", "todo", "failed"]


def test_p13_a_file_that_no_job_is_at_is_found_by_the_next_tick(coming_in: Import) -> None:
    for status, queued in (("todo", []), ("doing", []), ("failed", ["todo"])):
        ProcrastinateJob.objects.all().update(status=status)
        tick()
        assert jobs(IMPORT) == [status, *queued]


def test_a_message_that_kills_its_worker_waits_longer_and_ends_as_a_task(
    cast: Cast, prompt: Notification, now: datetime
) -> None:
    """Whoever dies leaves an attempt without an outcome, and the message is due when its time is over."""
    at, waits = now, []
    while prompt.state == "waiting":
        begin = partial(deliveries.begin_attempt, prompt.pk, now=at, takes=timedelta(0))
        begun_now = "attempt" in done(begin, now=at)
        prompt.refresh_from_db()
        if not begun_now:
            waits.append((prompt.due_at - at) // MINUTE)
        at = prompt.due_at
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 64, 120]
    assert prompt.state == "failed"
    assert now + 24 * HOUR < at < now + 27 * HOUR
    assert [row[0] for row in tasks()] == ["not_delivered"]


def test_a_message_that_kills_whoever_tries_it_takes_no_other_with_it(
    cast: Cast, prompt: Notification, now: datetime
) -> None:
    """All of a batch are left without an outcome; each is then tried alone, before others are tried together."""
    cast.booked(TUESDAY_AT_ELEVEN + HOUR, client=cast.maya, now=now)
    begin = partial(deliveries.begin_attempts, Channel.EMAIL, limit=20)
    assert len(done(partial(begin, now=now), now=now)) == 2
    later = now + 2 * MINUTE
    cast.booked(TUESDAY_AT_ELEVEN + 2 * HOUR, client=cast.maya, now=later)
    alone = [done(partial(begin, now=later), now=later) for _time in range(4)]
    assert [len(one) for one in alone] == [1, 1, 1, 0]
    assert Notification.objects.filter(channel="email", attempts=2).count() == 2


def others_take_over(notification: Notification, *, now: datetime) -> None:
    """Let the time of an attempt be over, and another worker begin one."""
    Notification.objects.filter(pk=notification.pk).update(due_at=now)
    begun(notification, now=now)


def test_whoever_lives_holds_on_to_a_message_and_whoever_was_taken_over_does_not(
    cast: Cast, prompt: Notification, now: datetime
) -> None:
    first = begun(prompt, now=now)
    later = now + MINUTE
    done(partial(deliveries.hold_on, [first], takes=2 * MINUTE, now=later), now=later)
    prompt.refresh_from_db()
    assert prompt.due_at == now + 3 * MINUTE
    others_take_over(prompt, now=now + 3 * MINUTE)
    done(partial(deliveries.hold_on, [first], takes=HOUR, now=later), now=later)
    prompt.refresh_from_db()
    assert (prompt.due_at, attempts(prompt)) == (now + 5 * MINUTE, [("unknown", ""), (None, "")])


def test_p11_nobody_else_has_it_is_asked_when_the_server_waits_for_the_message(
    cast: Cast, prompt: Notification, mailroom: Mailroom, now: datetime
) -> None:
    """A worker stands still in the middle of its conversation; when it goes on, another has delivered the message."""

    def another_takes_over() -> None:
        mailroom.meanwhile = None
        Notification.objects.filter(pk=prompt.pk).update(due_at=now)
        assert deliver(prompt.pk, now=now) is Outcome.ACCEPTED
        connection.close()

    mailroom.meanwhile = another_takes_over
    assert deliver(prompt.pk, now=now) is None
    prompt.refresh_from_db()
    assert (len(mailroom.got), prompt.state) == (1, "handed_over")
    assert attempts(prompt) == [("unknown", ""), ("accepted", "250 OK queued as 7")]


def test_p11_a_prompt_withdrawn_during_the_conversation_is_not_handed_over(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    request, prompt = asked(cast, now)

    def withdrawn() -> None:
        cast.withdraw(request, now=now)
        connection.close()

    mailroom.meanwhile = withdrawn
    assert deliver(prompt.pk, now=now) is None
    prompt.refresh_from_db()
    assert ([str(mail["Subject"]) for mail in mailroom.got], prompt.state, attempts(prompt)) == (
        [],
        "obsolete",
        [],
    )


def test_whoever_stood_still_before_the_hand_over_drops_nothing_of_anothers(
    cast: Cast, prompt: Notification, mailroom: Mailroom, now: datetime
) -> None:
    slow = begun(prompt, now=now)
    others_take_over(prompt, now=now)
    assert carry_out(slow, link=LINK, now=now) is None
    prompt.refresh_from_db()
    assert (prompt.state, attempts(prompt), mailroom.got) == ("waiting", [("unknown", ""), (None, "")], [])


def test_a_text_is_asked_about_as_well(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, now: datetime
) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+13105550100", sms_agreed_at=now)
    by_day = now + HOUR
    asked(cast, by_day)
    text = Notification.objects.get(channel="sms")
    slow = begun(text, now=by_day)
    others_take_over(text, now=by_day)
    assert (carry_out(slow, link=LINK, now=by_day), gateway.got) == (None, [])


def test_an_attempt_that_was_held_up_for_half_its_time_is_put_off(
    cast: Cast, prompt: Notification, mailroom: Mailroom, now: datetime
) -> None:
    """Nobody has taken it over, but the server's answer might come only when somebody else is at it."""
    slow = begun(prompt, now=now)
    assert carry_out(slow, link=LINK, since=monotonic.seconds() - 61, now=now) is Outcome.DEFERRED
    prompt.refresh_from_db()
    assert (mailroom.got, attempts(prompt), prompt.due_at) == ([], [("deferred", "too slow")], now + MINUTE)
    assert deliver(prompt.pk, now=prompt.due_at) is Outcome.ACCEPTED


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.DEFERRED])
def test_a_late_no_is_nothing_to_whoever_is_at_it_now(
    cast: Cast, prompt: Notification, now: datetime, outcome: Outcome
) -> None:
    slow = begun(prompt, now=now)
    others_take_over(prompt, now=now)
    prompt.refresh_from_db()
    until = prompt.due_at
    done(coming_to(slow, outcome, answer="no", now=now), now=now)
    prompt.refresh_from_db()
    assert (prompt.state, prompt.due_at, attempts(prompt), tasks()) == (
        "waiting",
        until,
        [("unknown", ""), (None, "")],
        [],
    )


def test_a_message_without_words_is_put_off_told_of_and_sent_once_it_has_some(
    cast: Cast, prompt: Notification, mailroom: Mailroom, now: datetime
) -> None:
    """A late prompt is worded again, and Riley's zone has become unknown. Nobody else's mail waits for that."""
    Client.objects.filter(pk=cast.riley.pk).update(zone="Mars/Base")
    cast.booked(TUESDAY_AT_ELEVEN + HOUR, client=cast.maya, now=now)
    at = now + 6 * MINUTE
    assert deliver_due(at) == {Outcome.DEFERRED: 1, Outcome.ACCEPTED: 1}
    told, waits = [], []
    for _try in range(5):
        prompt.refresh_from_db()
        told.append(len(tasks()))
        waits.append((prompt.due_at - at) // MINUTE)
        at = prompt.due_at
        assert deliver(prompt.pk, now=at) is Outcome.DEFERRED
    assert (waits, told) == ([1, 2, 4, 8, 16], [0, 0, 0, 0, 1])
    assert attempts(prompt) == [("deferred", "UnknownZone")] * 6
    Client.objects.filter(pk=cast.riley.pk).update(zone="America/Los_Angeles")
    prompt.refresh_from_db()
    assert deliver(prompt.pk, now=prompt.due_at) is Outcome.ACCEPTED
    assert [task.done_at for task in Task.objects.all()] == [prompt.due_at]


def test_what_is_never_readable_ends_as_failed(
    cast: Cast, prompt: Notification, mailroom: Mailroom, now: datetime
) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(zone="Mars/Base")
    prompt.due_at = now + 6 * MINUTE
    prompt.save(update_fields=["due_at"])
    while prompt.state == "waiting":
        deliver(prompt.pk, now=prompt.due_at)
        prompt.refresh_from_db()
    assert (prompt.state, mailroom.got, [row[0] for row in tasks()]) == ("failed", [], ["not_delivered"])


def test_a_hand_over_is_remembered_even_if_nobody_can_work_out_what_follows(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    """To forget it would mail Riley every other minute. The mail is worded in the recipient's own zone; the client's is unknown."""
    request, prompt = asked(cast, now)
    Recipient.objects.filter(client=cast.riley).update(zone="America/Los_Angeles")
    Client.objects.filter(pk=cast.riley.pk).update(zone="Mars/Base")
    assert deliver(prompt.pk, now=now + HOUR) is Outcome.ACCEPTED
    prompt.refresh_from_db()
    request.refresh_from_db()
    assert (prompt.state, request.handed_over_at, len(mailroom.got)) == ("handed_over", None, 1)
    assert list(Task.objects.values_list("kind", "request")) == [("not_done", request.pk)]


def a_calendar(cast: Cast, *, now: datetime) -> BusyCalendar:
    source = Source(
        CalendarKind.CALDAV, "dav.example", "https://dav.example/office/", "okafor", "open sesame"
    )
    verb = partial(
        calendars.import_busy_time, cast.okafor.pk, name="Work", reading=as_read(), source=source, now=now
    )
    return BusyCalendar.objects.get(ref=done(verb, now=now)["calendar"])


def test_a_check_of_a_dead_worker_frees_its_lane_and_is_due_at_once(cast: Cast, present: datetime) -> None:
    row = a_calendar(cast, now=present - timedelta(minutes=15))
    until = done(partial(calendar_checks.begin_check, row.pk, now=present), now=present)["until"]
    dead_worker_has(CHECK, calendar=row.pk)
    others_look()
    row.refresh_from_db()
    assert (row.next_check_at <= clock.now(), jobs(CHECK)) == (True, ["failed"])
    late = partial(calendar_checks.note_fault, row.pk, code="calendar_too_slow", until=until, now=present)
    assert done(late, now=present) == {}


def test_a_check_that_was_finished_is_not_done_again_for_a_dead_worker(cast: Cast, present: datetime) -> None:
    row = a_calendar(cast, now=present)
    dead_worker_has(CHECK, calendar=row.pk)
    others_look()
    row.refresh_from_db()
    assert row.next_check_at == present + timedelta(minutes=15)


def a_push(cast: Cast, *, now: datetime) -> CalendarPush:
    ref = a_calendar(cast, now=now).ref
    done(partial(calendar_pushes.push_into, ref, provider_id=cast.okafor.pk, now=now), now=now)
    return CalendarPush.objects.get()


def test_a_dead_workers_push_is_due_at_once_and_its_late_word_counts_for_nothing(
    cast: Cast, present: datetime
) -> None:
    row = cast.booked(present.replace(minute=0) + timedelta(days=9), now=present)
    push = a_push(cast, now=present)
    until = done(partial(calendar_pushes.begin_run, push.pk, now=present), now=present)["until"]
    begin = partial(calendar_pushes.begin_event, push.pk, row.pk, until=until, now=present)
    event = int(done(begin, now=present)["event"])
    dead_worker_has("push_appointments", push=push.pk)
    others_look()
    push.refresh_from_db()
    assert (push.next_try_at <= clock.now(), jobs("push_appointments")) == (True, ["failed"])
    late = {"until": until, "now": present}
    ended = partial(calendar_pushes.end_event, event, result=Result.DONE, sequence=0, etag="x", **late)  # type: ignore[arg-type]
    removed = partial(calendar_pushes.end_removal, event, result=Result.DONE, **late)  # type: ignore[arg-type]
    over = partial(calendar_pushes.end_run, push.pk, fault="calendar_too_slow", **late)  # type: ignore[arg-type]
    assert [done(verb, now=present) for verb in (begin, ended, removed, over)] == [{}, {}, {}, {}]
    assert (PushedEvent.objects.get().sequence, CalendarPush.objects.get().fault) == (None, "")


def test_a_job_whose_push_is_gone_finds_nothing_to_do(cast: Cast, now: datetime) -> None:
    number = a_push(cast, now=now).pk
    CalendarPush.objects.all().delete()
    assert push_appointments(number, now=now) == {}


def test_the_sign_of_life_is_given_three_times_before_a_worker_counts_as_dead(settings: LazySettings) -> None:
    settings.WORKER_TIMEOUT = 30
    assert seconds_between_beats() == 10
