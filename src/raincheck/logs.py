"""The log: one JSON object a line, with codes and times, never names, tokens or query strings."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

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
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


WITH_ADDRESSES = ("django.request", "django.security.csrf")
"""Loggers of Django whose messages end with the address that was asked for: addresses hold links and refs."""


def _message(record: logging.LogRecord) -> str:
    """Return the message, without an address in it."""
    if record.name in WITH_ADDRESSES and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()
