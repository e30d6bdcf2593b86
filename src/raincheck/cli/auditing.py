"""The work of `raincheck audit verify`: the chains over the read log are walked, and what is wrong first is named."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from raincheck.cli.backups.backup_file import opened
from raincheck.cli.refusal import CommandRefused
from raincheck.domain.access.log_chain import Known, Trouble, head_from
from raincheck.queries.access.log_chain import Verified, verify

TOLD = {
    Trouble.REMOVED: "row {row} was removed (place {place} of the chain)",
    Trouble.CHANGED: "row {row} was changed (place {place} of the chain)",
    Trouble.ADDED: "row {row} was put in without a seal",
    Trouble.CUT: "the end of the chain is gone, from place {place} on",
    Trouble.CUT_UNTOLD: "the first {place} rows are gone, and no row of the log says so",
    Trouble.CUT_TOO_EARLY: "rows before place {place} are gone that were not seven years old",
    Trouble.REWRITTEN: "all seals up to row {row} were made anew (place {place} of the chain)",
}


def verify_log(*, practice: str | None, head: str | None, backup: Path | None, as_json: bool) -> int:
    """Print for each practice whether its chain is whole; return 1 when one is not. Raises CommandRefused."""
    found = list(verify(known=_known(practice, head, backup), only=practice))
    if practice is not None and not found:
        raise CommandRefused(f"There is no practice {practice}. Its ref is the long name that --json prints.")
    if as_json:
        print(json.dumps({"whole": not _broken(found), "chains": [_as_json(one) for one in found]}))
    else:
        for one in found:
            name = one.practice.name if one.practice is not None else "No practice"
            print(f"{name}: {_told(one)}")
    return 1 if _broken(found) else 0


def _known(practice: str | None, head: str | None, backup: Path | None) -> Mapping[str, Known]:
    """Return the ends that were written down elsewhere, by the practices' refs."""
    if (head is None) == (backup is None):
        if head is None:
            return {}
        raise CommandRefused("--head and --backup are two ways to say the same; use one of them.")
    try:
        if backup is not None:
            with opened(backup) as (_file, contents):
                made_at = datetime.fromisoformat(contents.made_at)
                return {ref: Known(head_from(said), made_at) for ref, said in contents.heads.items()}
        if practice is None:
            raise CommandRefused("--head needs --practice: each practice has a chain of its own.")
        return {practice: Known(head_from(head or ""))}
    except ValueError:
        raise CommandRefused(
            "An end of a chain is a number, a colon and 64 letters and digits, as a worker's log tells it."
        ) from None


def _broken(found: list[Verified]) -> bool:
    return any(one.finding for one in found)


def _told(one: Verified) -> str:
    if one.finding is not None:
        return TOLD[one.finding.trouble].format(row=one.finding.id or "?", place=one.finding.place)
    waiting = f", {one.waiting} more wait for their seal" if one.waiting else ""
    cut = ""
    if one.cuts:
        latest = one.cuts[-1]
        cut = f", the first {latest.place} of them cut off on {latest.at:%Y-%m-%d}, all from before {latest.before:%Y-%m-%d}"
    return f"whole. {one.head.rows} rows{cut}{waiting}. End: {one.head}"


def _as_json(one: Verified) -> dict[str, object]:
    found, trouble = one.finding, None
    if found is not None:
        trouble = {"code": str(found.trouble), "row": found.id, "place": found.place}
    return {
        "practice": str(one.practice.ref) if one.practice is not None else None,
        "rows": one.head.rows,
        "head": str(one.head),
        "cuts": [
            {"rows": cut.place, "before": cut.before.isoformat(), "at": cut.at.isoformat()}
            for cut in one.cuts
        ],
        "waiting": one.waiting,
        "trouble": trouble,
    }
