"""The busy time of one calendar file as JSON, for people who want to see what Raincheck makes of theirs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from raincheck.domain.calendars.faults import CalendarUnreadable
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.integrations.ics.past import LARGEST_FEED

# Ten years, with room for their leap days.
LONGEST_WINDOW = timedelta(days=3660)


def run(path: Path, start: str, end: str, zone: str) -> int:
    """Print `{"busy": [[start, end]…], "problems": […]}` for [start, end) and return the exit code.

    Times are ISO 8601, those without an offset are UTC; printed ones are UTC with a Z. The busy time is merged and may
    reach over the window's edges. 0 when something sound was read, 1 when nothing was: then `problems` says why.
    """
    try:
        first, last = _instant(start), _instant(end)
        if last <= first:
            return _nothing("The end must be after the start.")
        if last - first > LONGEST_WINDOW:
            return _nothing("Please ask for ten years at most.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FEED + 1)  # one byte too many is enough to be refused
        reading = read_busy_safely(content, window=Span(first, last), zone=zone_named(zone))
    except CalendarUnreadable as refusal:
        return _nothing(*(problem.sentence for problem in refusal.problems), _told(refusal))
    except Refusal as refusal:
        return _nothing(_told(refusal))
    except ValueError as wrong:
        return _nothing(str(wrong))
    except OSError as wrong:
        return _nothing(f"The file can't be opened: {wrong.strerror or wrong}.")
    busy = [[_written(span.start), _written(span.end)] for span in reading.busy]
    _print(busy, [problem.sentence for problem in reading.problems])
    return 0


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text}” is not a time; write it like 2026-09-01T00:00:00Z.") from None


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(refusal: Refusal) -> str:
    return refusal.sentence.format(**refusal.values)


def _nothing(*problems: str) -> int:
    _print([], list(problems))
    return 1


def _print(busy: list[list[str]], problems: list[str]) -> None:
    print(json.dumps({"busy": busy, "problems": problems}, ensure_ascii=False))
