"""Announcements of the tables at a commit, heard on a line of its own: the numbers of providers whose times have changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

TIMES = "raincheck_times"
SECONDS_AFTER_A_FAULT = 2.0


async def changed_times() -> AsyncIterator[int | None]:
    """Yield the number of each provider whose taken time or hours have changed, from now on.

    None when the line was opened, the first time and again: what was announced while nobody listened is lost.
    """
    while True:
        try:
            line = await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True)
            async with line:
                # LISTEN counts from its commit on, and nothing is heard inside a transaction: hence autocommit.
                await line.execute(f"LISTEN {TIMES}")
                yield None
                async for said in line.notifies():
                    yield int(said.payload)
        except (psycopg.Error, OSError):
            await asyncio.sleep(SECONDS_AFTER_A_FAULT)


def _parameters() -> dict[str, Any]:
    """Return how to reach the server itself: a pooler passes on nothing that is announced."""
    found = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context"):
        found.pop(name, None)
    if settings.DATABASE_DIRECT_URL:
        for name in ("dbname", "host", "port", "user", "password"):
            found.pop(name, None)
        found["conninfo"] = settings.DATABASE_DIRECT_URL
    return found
