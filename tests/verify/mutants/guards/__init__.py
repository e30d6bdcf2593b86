"""The guards that are code: locks, graces, checks and steps, each with what the product looks like without it."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards import (
    appointments,
    clients,
    engine,
    imports,
    messages,
    people,
    read_log,
    reschedule,
    series,
    serving,
    signing_in,
    times,
    timing,
)

GUARDS: tuple[Guard, ...] = (
    *times.GUARDS,
    *appointments.GUARDS,
    *series.GUARDS,
    *reschedule.GUARDS,
    *timing.GUARDS,
    *messages.GUARDS,
    *engine.GUARDS,
    *clients.GUARDS,
    *people.GUARDS,
    *signing_in.GUARDS,
    *read_log.GUARDS,
    *imports.GUARDS,
    *serving.GUARDS,
)
"""One after another; each is taken away alone."""
