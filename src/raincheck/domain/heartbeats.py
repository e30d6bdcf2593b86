"""Signs of life: how often each process gives one, and how long silence may be."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

BEAT_EVERY = timedelta(seconds=30)
OUTAGE_AFTER = timedelta(minutes=5)
"""Silence of all web processes for longer than this is an outage."""

HEARTBEATS_KEPT = timedelta(days=7)


class Beating(StrEnum):
    """Whose sign of life it is."""

    WEB = "web"
    WORKER = "worker"
    SWEEP = "sweep"
    """A worker's sweeps: a beat for each that was finished."""
