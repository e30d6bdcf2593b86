"""The passing of time, from the command line: one sweep, and the demo's clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from raincheck import clock
from raincheck.actions.sweep import sweep
from raincheck.actions.zone_rules import apply_newer_zone_rules
from raincheck.cli.demo import must_be_demo
from raincheck.cli.refusal import CommandRefused
from raincheck.demo.clock import advance
from raincheck.integrations.delivery import deliver_due

LENGTH = re.compile(r"([0-9]{1,6})([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=366)


def sweep_once() -> None:
    """Do what is due now, hand over what waits, and print how many of each thing were done."""
    now = clock.now()
    done = Counter(sweep(now=now)) + apply_newer_zone_rules(now=now)
    for outcome, count in deliver_due(now).items():
        done[f"message {outcome}"] += count
    _print(done, nothing="Nothing was due.")


def advance_clock(length: str) -> None:
    """Move the demo's clock by "48h" and print what came of it. Raises CommandRefused."""
    must_be_demo()
    by = _length(length)
    brought = advance(by)
    print(f"The demo's clock is now at {clock.now():%Y-%m-%d %H:%M} UTC.")
    _print(brought, nothing="Nothing happened meanwhile.")


def _length(text: str) -> timedelta:
    found = LENGTH.fullmatch(text)
    by = int(found[1]) * UNITS[found[2]] if found else timedelta(0)
    if not timedelta(0) < by <= LONGEST:
        raise CommandRefused(
            f"“{text}” is not a time to move the clock by. Write it like 48h, 90m or 2d, up to a year."
        )
    return by


def _print(done: Mapping[str, int], *, nothing: str) -> None:
    lines = [f"{what}: {count}" for what, count in sorted(done.items()) if count]
    print("\n".join(lines) or nothing)
