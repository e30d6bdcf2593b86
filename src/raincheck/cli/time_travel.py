"""The passing of time, from the command line: one sweep, and the demo's clock."""

import logging
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from raincheck import clock
from raincheck.actions.timing.sweep import SweepFailed, sweep
from raincheck.actions.timing.zone_rules import apply_newer_zone_rules
from raincheck.cli.demo import must_be_demo
from raincheck.cli.refusal import CommandRefused
from raincheck.data.timing.heartbeats import pages_are_served
from raincheck.demo.time_travel import advance
from raincheck.domain.timing.clock_sanity import TOLERANCE
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.queries.clocks import database_is_ahead

LENGTH = re.compile(r"([0-9]{1,6})([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=366)
NOT_SERVED = (
    "No web process has given a sign of life in the last five minutes, so clients can't answer. "
    "Nothing of theirs ends and nobody is reminded until pages are served again."
)

logger = logging.getLogger(__name__)


def sweep_once() -> None:
    """Do what is due now, hand over what waits, and print how many of each thing were done.

    Raises CommandRefused when steps of the sweep failed, once everything else is done.
    """
    now = clock.now()
    # Heartbeats are of real time, whatever the demo's clock shows.
    real_now = now - clock.demo_offset()
    ahead = database_is_ahead(clock.real_now)
    if abs(ahead) > TOLERANCE:
        raise CommandRefused(
            f"The clocks of this machine and of the database differ by {abs(ahead).total_seconds():.0f} seconds. "
            "Nothing was done, since nobody knows what is due. Set them right, and try again."
        )
    if not pages_are_served(real_now=real_now):
        print(NOT_SERVED, file=sys.stderr)

    failed: SweepFailed | None = None
    try:
        done = Counter(sweep(now=now, real_now=real_now))
    except SweepFailed as error:
        logger.exception("steps of the sweep failed")
        done, failed = Counter(error.done), error
    done += apply_newer_zone_rules(now=now)
    for outcome, count in deliver_due(now).items():
        done[f"message {outcome}"] += count
    _print(done, nothing="Nothing was due.")
    # Only now, since what was done has to be told in any case.
    if failed is not None:
        errors = ", ".join(sorted({type(error).__name__ for error in failed.exceptions}))
        raise CommandRefused(
            f"{len(failed.exceptions)} of what was due could not be done ({errors}); what is printed above was. "
            "The log says more, and the next sweep tries again."
        )


def advance_clock(length: str) -> None:
    """Move the demo's clock by "48h" and print what came of it. Raises CommandRefused."""
    must_be_demo()
    found = LENGTH.fullmatch(length)
    by = int(found[1]) * UNITS[found[2]] if found else timedelta(0)
    if not timedelta(0) < by <= LONGEST:
        raise CommandRefused(
            f"“{length}” is not a time to move the clock by. Write it like 48h, 90m or 2d, up to a year."
        )
    try:
        brought = advance(by)
    except OSError as error:
        raise CommandRefused(
            f"The demo's clock can't be moved, because its file can't be written ({error.strerror or error}). "
            "It shows the time it had."
        ) from error
    print(f"The demo's clock is now at {clock.now():%Y-%m-%d %H:%M} UTC.")
    _print(brought, nothing="Nothing happened meanwhile.")


def _print(done: Mapping[str, int], *, nothing: str) -> None:
    lines = [f"{what}: {count}" for what, count in sorted(done.items()) if count]
    print("\n".join(lines) or nothing)
