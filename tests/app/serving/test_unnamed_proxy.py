"""A proxy that forwards without being named in TRUSTED_PROXIES is told of: in the log, at the start, on `/health/`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client as Browser
from tests.app.cast import Cast

from raincheck import clock
from raincheck.actions.timing.heartbeats import beat
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import UNNAMED_PROXY, ProcessKind
from raincheck.queries.health import unnamed_proxy_seen
from raincheck.web.access.unnamed_proxy import Unnamed
from raincheck.web.heartbeat import _beat

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def none_seen_yet() -> Iterator[None]:
    Unnamed.seen_at = None
    yield
    Unnamed.seen_at = None


def told() -> bool:
    return UNNAMED_PROXY in Browser().get("/health/").json()["warnings"]


@pytest.mark.parametrize("place", ["127.0.0.1", "172.17.0.1", "::1", "fd00::1"])
def test_a_proxy_that_nobody_named_is_told_of_once_it_forwards(
    cast: Cast, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _time in range(3):
        Browser().get("/health/live", REMOTE_ADDR=place, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert [line.getMessage() for line in caplog.records if line.name == "raincheck.networks"] == [
        "a proxy forwards visitors, but TRUSTED_PROXIES is 0; set it to the number of your proxies"
    ]
    _beat(None)
    assert told()


def test_nobody_outside_makes_the_warning_appear(cast: Cast) -> None:
    Browser().get("/health/live", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.7")
    _beat(None)
    assert not told()


def test_a_named_proxy_is_no_news(cast: Cast, settings: LazySettings) -> None:
    Browser().get("/health/live", HTTP_X_FORWARDED_FOR="203.0.113.7")
    _beat(None)
    assert unnamed_proxy_seen(real_now=clock.real_now())
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert not unnamed_proxy_seen(real_now=clock.real_now())


def test_a_proxy_is_told_of_for_a_day(cast: Cast) -> None:
    now = clock.real_now()
    beat(None, ProcessKind.WEB, at=now, unnamed_proxy_at=now - 23 * HOUR)
    assert unnamed_proxy_seen(real_now=now)
    Heartbeat.objects.update(unnamed_proxy_at=now - 25 * HOUR)
    assert not unnamed_proxy_seen(real_now=now)
