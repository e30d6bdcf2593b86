"""The guards that are code: locks, graces, checks and steps, each with what the product looks like without it."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards import (
    appointments,
    clients,
    engine,
    held_times,
    imports,
    messages,
    people,
    read_log,
    reschedule,
    second_thoughts,
    series,
    serving,
    signing_in,
    silence,
    times,
    timing,
)

GUARDS: tuple[Guard, ...] = (
    *times.GUARDS,
    *appointments.GUARDS,
    *series.GUARDS,
    *reschedule.GUARDS,
    *held_times.GUARDS,
    *silence.GUARDS,
    *second_thoughts.GUARDS,
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
