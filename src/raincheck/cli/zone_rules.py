"""Zone rules from the command line: which version is in use and applied, and what it would change."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from raincheck.actions.timing.zone_corrections import Correction
from raincheck.actions.timing.zone_rules import Corrected, apply_zone_rules, preview_zone_rules
from raincheck.data.timing.zone_rules import version_applied
from raincheck.domain.zone_rules import version_in_use
from raincheck.domain.zones import zone_named

HEAD = ("provider", "appointment", "on the clock", "zone", "from (UTC)", "to (UTC)", "")


def run(*, apply: bool, now: datetime) -> int:
    """Print what the rules in use would change, or change it and print the counts. Names no client."""
    print(f"tzdata {version_in_use()} is in use; {version_applied() or 'none'} was applied last.")
    if apply:
        counted = apply_zone_rules(now=now)
        print("\n".join(f"{what}: {count}" for what, count in sorted(counted.items())) or NOTHING)
        return 0
    found = preview_zone_rules(now=now)
    rows = [row for corrected in found for row in _rows(corrected)]
    print("\n".join(_table([HEAD, *rows])) if rows else NOTHING)
    return 0


NOTHING = "Every appointment and all time off is where its clock says."


def _rows(corrected: Corrected) -> Iterator[tuple[str, ...]]:
    for one in corrected.appointments:
        row = one.appointment
        yield (
            row.provider.short_name,
            str(row.ref),
            *_when(one),
            "clashes: stays" if one.clashes else "moves",
        )
    for block in corrected.blocks:
        yield (
            block.provider.short_name,
            str(block.ref),
            f"{block.starts_wall:%Y-%m-%d %H:%M}",
            block.zone,
            "",
            _shown(block.starts_at),
            "time off moves",
        )


def _when(one: Correction) -> tuple[str, ...]:
    zone = one.appointment.zone
    agreed = one.wanted.start.astimezone(zone_named(zone))
    return f"{agreed:%Y-%m-%d %H:%M}", zone, _shown(one.former.start), _shown(one.wanted.start)


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
