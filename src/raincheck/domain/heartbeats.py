"""Signs of life: how often each process gives one, and how long silence may be."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# Ten beats fit into what counts as an outage: one that a busy database delays is none.
BEAT_EVERY = timedelta(seconds=30)
OUTAGE_AFTER = timedelta(minutes=5)
"""Silence of all web processes for longer than this is an outage."""

# Long enough to look into an outage of last weekend; a beat every 30 s is 20,000 rows a week at most.
HEARTBEATS_KEPT = timedelta(days=7)


class Beating(StrEnum):
    """Whose sign of life it is."""

    WEB = "web"
    WORKER = "worker"
    SWEEP = "sweep"
    """A worker's sweeps: a beat for each that was finished."""
