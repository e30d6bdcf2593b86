"""`/health/` and `/metrics`: what is wrong is seen within two minutes, by figures that name nobody."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test import Client as Browser
from tests.app.cast import Cast
from tests.app.database_proxy import no_database
from tests.app.heartbeats import pages_served_always
from tests.app.notifications.test_worker_process import closed_database
from tests.app.reschedule.test_slow_prompts import handed_over

from raincheck import clock
from raincheck.actions.timing.heartbeats import beat
from raincheck.data.appointments.claims import Hold
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import Part, ProcessKind
from raincheck.domain.timing.clock_sanity import ClockFault
from raincheck.worker.scheduler import tick

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GREEN = 'raincheck_red{part="%s"} 0\n'
RED = 'raincheck_red{part="%s"} 1\n'


@pytest.fixture
def now() -> datetime:
    return clock.real_now()


@pytest.fixture
def running(cast: Cast, now: datetime) -> Cast:
    """Everything runs: web server and worker give signs of life, and a sweep was just finished."""
    pages_served_always(around=now)
    beat(None, ProcessKind.WORKER, at=now)
    tick()
    Notification.objects.all().delete()
    return cast


def asked_health() -> tuple[int, list[str], dict[str, Any]]:
    response = Browser().get("/health/")
    said = response.json()
    assert said["status"] == ("green" if response.status_code == 200 else "red")
    return response.status_code, said["red"], said


def silence(kind: ProcessKind, length: timedelta) -> None:
    """Let the last sign of life of a kind be so old."""
    at = clock.real_now() - length
    Heartbeat.objects.filter(kind=kind).update(started_at=at, beat_at=at)


def test_all_is_green_while_everything_runs(running: Cast) -> None:
    status, red, said = asked_health()
    assert (status, red) == (200, [])
    assert sorted(said) == [
        "clock",
        "queue",
        "red",
        "requests",
        "status",
        "sweep",
        "warnings",
        "web",
        "worker",
    ]


@pytest.mark.parametrize("kind", list(ProcessKind))
def test_whoever_is_silent_is_seen_within_two_minutes(running: Cast, kind: ProcessKind) -> None:
    """A worker that was killed, or stands still, or sweeps no more; a web server that is gone."""
    silence(kind, 80 * SECOND)
    assert asked_health()[:2] == (200, [])
    silence(kind, 2 * MINUTE)
    assert asked_health()[:2] == (503, [kind])
    assert RED % kind in Browser().get("/metrics").content.decode()


def test_before_anything_ran_all_of_it_is_missing(cast: Cast) -> None:
    assert asked_health()[:2] == (503, ["web", "worker", "sweep"])


def test_a_clock_that_nobody_trusts_is_seen(running: Cast, now: datetime) -> None:
    beat(None, ProcessKind.WORKER, at=clock.real_now(), clock_fault=ClockFault.JUMPED)
    status, red, said = asked_health()
    assert (status, red, said["clock"]["fault"]) == (503, ["clock"], "jumped")


def test_a_message_that_nobody_tries_is_seen(running: Cast, now: datetime) -> None:
    running.booked(now + timedelta(days=9), now=now - 5 * MINUTE)
    waiting = Notification.objects.filter(state="waiting")
    waiting.update(due_at=clock.now() - 4 * MINUTE)
    assert asked_health()[1] == []
    waiting.update(due_at=clock.now() - 6 * MINUTE)
    assert asked_health()[1] == ["queue"]


def test_a_request_that_should_have_ended_is_seen(running: Cast, now: datetime) -> None:
    asked_at = now - 48 * HOUR
    request = running.asked(running.booked(now + timedelta(days=9), now=asked_at), now=asked_at)
    handed_over(request, now=asked_at)
    Notification.objects.update(due_at=now + HOUR)
    deadlines = RescheduleRequest.objects.filter(pk=request.pk)
    deadlines.update(deadline_at=now - 4 * MINUTE)
    assert asked_health()[1] == []
    deadlines.update(deadline_at=now - 5 * MINUTE - SECOND)
    assert asked_health()[1] == ["requests"]
    deadlines.update(needs_provider="do_not_auto_cancel", needs_provider_at=now)
    assert asked_health()[1] == []


def test_a_rehearsal_is_in_neither_count_of_requests(running: Cast, now: datetime) -> None:
    for client in (running.riley, running.maya):
        running.asked(running.booked(now + timedelta(days=9), client=client, now=now), now=now)
        now += HOUR
    RescheduleRequest.objects.update(needs_provider="do_not_auto_cancel", needs_provider_at=now)
    running.maya.rehearsal = True
    running.maya.save(update_fields=["rehearsal"])
    said = Browser().get("/metrics").content.decode()
    assert "raincheck_requests_open 1\n" in said
    assert "raincheck_requests_waiting_for_people 1\n" in said


def test_a_request_that_a_hold_kept_is_late_from_the_end_of_the_hold_on(running: Cast, now: datetime) -> None:
    asked_at = now - 48 * HOUR
    request = running.asked(running.booked(now + timedelta(days=9), now=asked_at), now=asked_at)
    handed_over(request, now=asked_at)
    Notification.objects.update(due_at=now + HOUR)
    RescheduleRequest.objects.update(deadline_at=now - 40 * MINUTE)
    kept = Hold(
        practice=running.practice, provider=running.okafor, client=running.riley, request=request,
        starts_at=now + timedelta(days=10), ends_at=now + timedelta(days=10, hours=1),
        buffer_before=0 * MINUTE, buffer_after=0 * MINUTE,
        began_at=now - 41 * MINUTE, expires_at=now - 4 * MINUTE,
    )  # fmt: skip
    kept.save(force_insert=True)
    assert asked_health()[1] == []
    Hold.objects.update(expires_at=now - 5 * MINUTE - SECOND)
    assert asked_health()[1] == ["requests"]


@pytest.mark.parametrize(("begun", "red"), [(3 * MINUTE, []), (5 * MINUTE, ["requests"])])
def test_a_request_whose_session_may_have_begun_is_late_whoever_it_waits_for(
    running: Cast, now: datetime, begun: timedelta, red: list[str]
) -> None:
    asked_at = now - 30 * HOUR
    request = running.asked(running.booked(now - begun, now=asked_at - HOUR), now=asked_at)
    handed_over(request, now=asked_at)
    Notification.objects.update(due_at=now + HOUR)
    RescheduleRequest.objects.update(needs_provider="do_not_auto_cancel", needs_provider_at=now - HOUR)
    assert asked_health()[1] == red


def test_without_a_database_both_say_so_and_name_nothing_else(running: Cast) -> None:
    with closed_database():
        connection.close()
        health, metrics = Browser().get("/health/"), Browser().get("/metrics")
    assert (health.status_code, health.json()) == (503, {"status": "red", "red": ["database"]})
    assert metrics.status_code == 503
    assert metrics.content.decode() == (
        "# HELP raincheck_up Whether the database answered.\n# TYPE raincheck_up gauge\nraincheck_up 0\n"
    )


@pytest.mark.parametrize("how", [{"REMOTE_ADDR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}])
def test_strangers_hear_only_whether_all_is_well(running: Cast, how: dict[str, str]) -> None:
    assert Browser().get("/health/", **how).json() == {"status": "green"}
    assert Browser().get("/health/ready", **how).json() == {"status": "ready"}
    silence(ProcessKind.WORKER, 2 * MINUTE)
    answer = Browser().get("/health/", **how)
    assert (answer.status_code, answer.json()) == (503, {"status": "red"})
    with closed_database():
        connection.close()
        answer = Browser().get("/health/ready", **how)
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


def test_the_token_of_the_figures_opens_the_details_too(running: Cast, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "rain on the tin roof"  # noqa: S105  # of this test
    answer = Browser().get(
        "/health/", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION="Bearer rain on the tin roof"
    )
    assert answer.json()["red"] == []


LINE = re.compile(
    r"# HELP raincheck_[a-z_]+ [A-Z][^\n]*\.\n# TYPE raincheck_[a-z_]+ gauge\n(raincheck_[a-z_]+(\{[a-z]+=\"[a-z_]+\"\})? -?[0-9.e+-]+\n)+"
)


def test_metrics_are_in_the_format_that_prometheus_reads(running: Cast) -> None:
    response = Browser().get("/metrics")
    text = response.content.decode()
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert LINE.sub("", text) == ""
    assert "raincheck_up 1\n" in text
    assert all(GREEN % part in text for part in Part)
    assert 'raincheck_processes{kind="web"} 1\n' in text
    assert 'raincheck_notifications{state="waiting"} 0\n' in text


def test_the_figures_take_a_constant_number_of_queries(running: Cast, now: datetime) -> None:
    with asked_in(12):
        Browser().get("/metrics")
    for week, client in ((2, running.riley), (3, running.maya)):
        row = running.booked(now + timedelta(weeks=week), client=client, now=now)
        running.asked(row, now=now)
    with asked_in(12):
        Browser().get("/metrics")


@contextmanager
def asked_in(most: int) -> Iterator[None]:
    connection.force_debug_cursor = True
    before = len(connection.queries_log)
    yield
    connection.force_debug_cursor = False
    assert len(connection.queries_log) - before <= most


@pytest.mark.parametrize(
    ("asks", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 401),
        ({"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 401),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer a-token-of-our-own"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer another-token"}, 401),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "}, 401),
    ],
    ids=["here", "here, by IPv6", "elsewhere", "by a proxy here", "the token", "another", "an empty one"],
)
def test_metrics_are_for_this_machine_or_for_who_has_the_token(
    running: Cast, settings: LazySettings, asks: dict[str, Any], status: int
) -> None:
    settings.METRICS_TOKEN = "a-token-of-our-own"  # noqa: S105  # made up
    assert Browser().get("/metrics", **asks).status_code == status


def test_without_a_token_nobody_elsewhere_reads_metrics(running: Cast, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = ""
    asks = {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "}
    assert Browser().get("/metrics", **asks).status_code == 401


def test_a_trusted_proxy_in_front_means_that_nobody_is_known_to_be_here(
    running: Cast, settings: LazySettings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert Browser().get("/metrics").status_code == 401


@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8000", "[2001:db8::7]", "pod-7", "not a name"])
def test_probes_are_answered_by_whatever_name_they_call_a_process(running: Cast, host: str) -> None:
    answers = {name: Browser(HTTP_HOST=host).get(f"/health/{name}").status_code for name in ("live", "ready")}
    assert (answers, Browser(HTTP_HOST=host).get("/sign-in/").status_code) == (
        {"live": 200, "ready": 200},
        400,
    )


@contextmanager
def a_database_that_takes_everybody_in_and_says_nothing(directory: Path) -> Iterator[None]:
    told = connections["default"].settings_dict
    kept = {name: told[name] for name in ("HOST", "PORT")}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(directory / ".s.PGSQL.1"))
        listening.listen(16)
        told |= {"HOST": str(directory), "PORT": "1"}
        try:
            yield
        finally:
            told |= kept


@pytest.mark.parametrize("hangs", [False, True], ids=["away", "hangs"])
def test_ready_says_within_its_time_that_the_database_does_not_answer(
    running: Cast, tmp_path: Path, hangs: bool
) -> None:
    """Also to many probes in a row, of which each takes no longer."""
    silence = a_database_that_takes_everybody_in_and_says_nothing(tmp_path) if hangs else no_database()
    with silence:
        for _probe in range(3):
            began = time.monotonic()
            answer = Browser().get("/health/ready")
            took = time.monotonic() - began
            assert (answer.status_code, answer.json()) == (503, {"status": "the database does not answer"})
            assert took <= 0.8
            assert [thread.name for thread in threading.enumerate()].count("ready") <= 1
    for thread in threading.enumerate():
        if thread.name == "ready":
            thread.join(10)
    assert Browser().get("/health/ready").status_code == 200
