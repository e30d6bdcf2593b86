"""Zone rules from the command line: which version is in use and applied, and what it would change."""

from datetime import datetime

from raincheck.actions.timing.zone_rules import apply_zone_rules, preview_zone_rules
from raincheck.data.timing.zone_rules import version_applied
from raincheck.domain.timing.zone_rules import version_in_use
from raincheck.domain.zones import zone_named

NOTHING = "Every appointment and all time off is where its clock says."
HEAD = ("provider", "appointment", "on the clock", "zone", "from (UTC)", "to (UTC)", "")


def run(*, apply: bool, now: datetime) -> int:
    """Print what the rules in use would change, or change it and print the counts. Names no client."""
    print(f"tzdata {version_in_use()} is in use; {version_applied() or 'none'} was applied last.")
    if apply:
        counted = apply_zone_rules(now=now)
        print("\n".join(f"{what}: {count}" for what, count in sorted(counted.items())) or NOTHING)
        return 0

    table = [HEAD]
    for corrected in preview_zone_rules(now=now):
        for one in corrected.appointments:
            row = one.appointment
            table.append(
                (
                    row.provider.short_name,
                    str(row.ref),
                    _shown(one.wanted.start.astimezone(zone_named(row.zone))),
                    row.zone,
                    _shown(one.former.start),
                    _shown(one.wanted.start),
                    "clashes: stays" if one.clashes else "moves",
                )
            )
        for block in corrected.blocks:
            table.append(
                (
                    block.provider.short_name,
                    str(block.ref),
                    _shown(block.starts_wall),
                    block.zone,
                    "",
                    _shown(block.starts_at),
                    "time off moves",
                )
            )

    if table == [HEAD]:
        print(NOTHING)
        return 0
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    return 0


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
