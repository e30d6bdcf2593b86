"""The log: one JSON object a line, with codes and times, never names, tokens or query strings."""

import json
import logging
from datetime import UTC, datetime

import psycopg
from django.db import DatabaseError

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
)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message and the known extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = _without_rows(self.formatException(record.exc_info), record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


MARGIN = " |"
"""What a line of a traceback begins with inside a group of errors."""


def _without_rows(trace: str, error: BaseException | None) -> str:
    """Return a traceback without what the database says below its first line: that may be a row, with what people wrote."""
    private = {line.strip(MARGIN) for one in _behind(error) for line in str(one).splitlines()[1:]} - {""}
    return "\n".join(line for line in trace.splitlines() if line.strip(MARGIN) not in private)


def _behind(error: BaseException | None) -> list[BaseException]:
    """Return the errors of the database among an error, its causes, and those it is a group of; each once."""
    found: dict[int, BaseException] = {}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in found:
            found[id(one)] = one
            waiting += [one.__cause__, one.__context__]
            waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
    return [one for one in found.values() if isinstance(one, psycopg.Error | DatabaseError)]


WITH_ADDRESSES = ("django.request", "django.security.csrf")
"""Loggers of Django whose messages end with the address that was asked for: addresses hold links and refs."""


def _message(record: logging.LogRecord) -> str:
    """Return the message, without an address in it."""
    if record.name in WITH_ADDRESSES and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()
