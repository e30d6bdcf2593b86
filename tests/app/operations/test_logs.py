"""The log: no address that holds a link, and nothing that people wrote."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client as Browser
from tests.app.cast import Cast

from raincheck.data.notifications import Notification
from raincheck.logs import JsonLines, OncePerOutage

WORDS = "Dear Riley\n  about what you told me\n\nYours"


def a_line(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """Return what the log says of an error."""
    logging.getLogger("raincheck.test").error("it failed", exc_info=error)
    return JsonLines().format(caplog.records[-1])


def refused(cast: Cast) -> DatabaseError:
    """Return the error about a row that the tables refuse; it holds the row."""
    cast.booked()
    with pytest.raises(DatabaseError) as found:
        Notification.objects.update(channel="dance", text=WORDS)
    assert "about what you told me" in str(found.value)
    return found.value


@pytest.mark.parametrize("in_a_group", [False, True])
def test_a_row_that_the_tables_refuse_is_named_and_not_shown(
    cast: Cast, caplog: pytest.LogCaptureFixture, in_a_group: bool
) -> None:
    error = refused(cast)
    said = a_line(ExceptionGroup("steps failed", [error]) if in_a_group else error, caplog)
    assert "violates check constraint" in said
    assert [word for word in ("Riley", "told me", "Yours", "DETAIL", "@") if word in said] == []


@pytest.mark.parametrize("method", ["POST", "PROPFIND", "REPORT"])
@pytest.mark.parametrize("where", ["/feeds/{token}.ics", "/r/{token}/"])
def test_no_line_of_the_log_holds_the_token_of_whoever_may_not_send(
    caplog: pytest.LogCaptureFixture, database: None, where: str, method: str
) -> None:
    token = "t0ken" * 9
    with caplog.at_level(logging.INFO):
        response = Browser(enforce_csrf_checks=True).generic(method, where.format(token=token))
    assert response.status_code == 403
    lines = [JsonLines().format(record) for record in caplog.records]
    assert [line for line in lines if token in line] == []
    assert any("CSRF cookie not set" in line for line in lines)


def test_an_outage_of_the_database_is_one_line_of_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tries every second. The next outage is told again, once there was peace for half a minute."""
    once, tries = OncePerOutage(), [0, 1, 2, 5, 20, 33, 33, 62.9, 93, 93.5]
    let_through = []
    for at in tries:
        monkeypatch.setattr("raincheck.logs.seconds", lambda at=at: 1000.0 + at)
        record = logging.makeLogRecord({"name": "psycopg.pool", "msg": "error connecting"})
        if once.filter(record):
            let_through.append(at)
    assert let_through == [0, 93]


def test_the_pools_own_logger_tells_each_outage_once() -> None:
    configured = settings.LOGGING
    assert configured["loggers"]["psycopg.pool"] == {"filters": ["once"]}
    assert configured["filters"]["once"] == {"()": "raincheck.logs.OncePerOutage"}
