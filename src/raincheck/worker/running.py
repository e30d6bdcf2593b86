"""Runs the jobs of the queue until the process is told to stop."""

from __future__ import annotations

import asyncio

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

JOBS_AT_ONCE = 4
SECONDS_TO_FINISH = 10.0  # what a job has left once the process was told to stop


def run_until_told_to_stop() -> None:
    """Work until SIGINT or SIGTERM.

    Returns or raises earlier when the listener lost the database and could not come back: a worker that
    hears nothing must end, so that whoever runs it starts another.
    """
    asyncio.run(_work())


async def _work() -> None:
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("The jobs' application must be set up by Django.")
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=JOBS_AT_ONCE, shutdown_graceful_timeout=SECONDS_TO_FINISH
            )
