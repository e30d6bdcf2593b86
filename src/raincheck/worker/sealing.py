"""The sealer: every few seconds the read log's new rows get their seals, and each chain's new end goes to the log."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from raincheck import clock
from raincheck.actions.access.log_chain import seal_read_log

SECONDS_BETWEEN = 4.0
"""A row has its seal within 10 s, also where a batch of others comes first."""

logger = logging.getLogger(__name__)


async def seal_until_cancelled() -> None:
    """Seal until the task is cancelled. A round that fails is logged, and the next one does its work too."""
    while True:
        try:
            await sync_to_async(seal, thread_sensitive=False)()
        except Exception:
            logger.exception("sealing failed")
        await asyncio.sleep(SECONDS_BETWEEN)


def seal() -> None:
    """Seal what waits now."""
    close_old_connections()
    try:
        for chain, head in seal_read_log(now=clock.now()):
            # Kept outside the database: whoever rewrites a chain there can't rewrite what was logged.
            logger.info("sealed", extra={"event": {"chain": chain, "head": str(head)}})
    finally:
        close_old_connections()
