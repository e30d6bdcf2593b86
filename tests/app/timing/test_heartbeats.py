"""Signs of life: each process writes one every 30 seconds, and a long silence stays seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.app.cast import NOW
from tests.app.heartbeats import pages_served

from raincheck.actions.timing.heartbeats import beat
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import BEAT_EVERY, OUTAGE_AFTER, ProcessKind
from raincheck.worker import sanity
from raincheck.worker.sanity import note_whether_pages_are_served

pytestmark = pytest.mark.usefixtures("database")

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


def stretches() -> list[tuple[str, timedelta, timedelta]]:
    """Return each row's kind, begin and end, counted from NOW."""
    rows = Heartbeat.objects.order_by("started_at", "pk")
    return [(row.kind, row.started_at - NOW, row.beat_at - NOW) for row in rows]


def test_a_process_that_goes_on_beating_has_one_growing_row() -> None:
    name = beat(None, ProcessKind.WEB, at=NOW)
    for count in range(1, 4):
        assert beat(name, ProcessKind.WEB, at=NOW + count * BEAT_EVERY) == name
    assert stretches() == [("web", timedelta(0), 3 * BEAT_EVERY)]


def test_a_silence_as_long_as_allowed_ends_nothing() -> None:
    name = beat(None, ProcessKind.WEB, at=NOW)
    assert beat(name, ProcessKind.WEB, at=NOW + OUTAGE_AFTER) == name


def test_who_was_silent_for_longer_begins_anew_so_that_the_silence_stays_seen() -> None:
    name = beat(None, ProcessKind.WEB, at=NOW)
    later = OUTAGE_AFTER + INSTANT
    assert beat(name, ProcessKind.WEB, at=NOW + later) != name
    assert stretches() == [("web", timedelta(0), timedelta(0)), ("web", later, later)]


def test_a_clock_that_was_set_back_begins_anew() -> None:
    name = beat(None, ProcessKind.WORKER, at=NOW)
    assert beat(name, ProcessKind.WORKER, at=NOW - INSTANT) != name


def test_a_row_that_was_pruned_meanwhile_is_written_again() -> None:
    name = beat(None, ProcessKind.WEB, at=NOW)
    Heartbeat.objects.all().delete()
    assert beat(name, ProcessKind.WEB, at=NOW + BEAT_EVERY) != name
    assert stretches() == [("web", BEAT_EVERY, BEAT_EVERY)]


def test_a_start_says_nothing_of_web_processes_that_begin_beside_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever is silent for longer than a beat is told, once; and once more when they are back."""
    monkeypatch.setattr(sanity, "_said", sanity._LastSaid())
    pages_served(NOW - 2 * DAY, NOW - DAY)
    told = []
    for after in (0, 20, 29, 30, 50):
        monkeypatch.setattr(sanity.clock, "monotonic", lambda after=after: 1000.0 + after)
        caplog.clear()
        note_whether_pages_are_served(real_now=NOW)
        told.append([(record.levelname, record.getMessage()) for record in caplog.records])
    assert told == [[], [], [], [("ERROR", sanity.SILENT)], []]
    caplog.clear()
    caplog.set_level("INFO")
    pages_served(NOW - DAY, NOW)
    note_whether_pages_are_served(real_now=NOW)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("INFO", sanity.SERVED)]
