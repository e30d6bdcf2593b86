"""The log: one JSON object a line, with codes and times, never names, tokens or query strings."""

import json
import logging
from datetime import UTC, datetime

import psycopg
from django.db import DatabaseError

from raincheck.monotonic import seconds

FIELDS = (
    "request_id",
    "method",
    "route",
    "status",
    "milliseconds",
    "queries",
    "task",
    "notification",
    "event",
    "reading",
)

MARGIN = " |"
"""What a line of a traceback begins with inside a group of errors."""

WITH_ADDRESSES = ("django.request", "django.security.csrf")
"""Loggers of Django whose messages end with the address that was asked for: addresses hold links and refs."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message and the known extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name in WITH_ADDRESSES and isinstance(record.args, tuple) and record.args:
            message = str(record.args[0])
        else:
            message = record.getMessage()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = _without_rows(self.formatException(record.exc_info), record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class OncePerOutage(logging.Filter):
    """Lets one complaint through and then none, until there was none for a while: a pool tries, and complains, every second."""

    SECONDS_OF_PEACE = 30.0

    def __init__(self) -> None:
        super().__init__()
        self._latest = -self.SECONDS_OF_PEACE

    def filter(self, _record: logging.LogRecord) -> bool:
        before, self._latest = self._latest, seconds()
        return self._latest - before >= self.SECONDS_OF_PEACE


def _without_rows(trace: str, error: BaseException | None) -> str:
    """Return a traceback without what the database says below its first line: that may be a row, with what people wrote."""
    # The errors of the database may be the error's causes, or those it is a group of: each is looked at once.
    seen: dict[int, BaseException] = {}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen[id(one)] = one
            waiting += [one.__cause__, one.__context__]
            waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
    told = [str(one) for one in seen.values() if isinstance(one, psycopg.Error | DatabaseError)]
    private = {line.strip(MARGIN) for words in told for line in words.splitlines()[1:]} - {""}
    return "\n".join(line for line in trace.splitlines() if line.strip(MARGIN) not in private)
