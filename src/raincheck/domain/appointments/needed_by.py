"""A date by which an appointment is needed: later times are offered last, silence asks a person, missing it is a task."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.zones import wall


class NeededFor(StrEnum):
    """Why it is needed by then, which stays with the provider and the managers."""

    REFILL = "refill"
    AFTER_HOSPITAL = "after_hospital"
    COURT = "court"
    AUTHORIZATION = "authorization"
    OTHER = "other"


class NeededByPast(Refusal):
    kind = Kind.BAD_INPUT
    code = "needed_by_past"
    sentence = _("This day is over. Nothing was changed; please choose today or a later day.")
    field = "needed_by"


class NeededByMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "needed_by_missing"
    sentence = _(
        "There is a reason but no day. Nothing was changed; please choose the day, or take the reason out, too."
    )
    field = "needed_by"


def is_in_time(start: datetime, needed_by: date | None, *, zone: ZoneInfo) -> bool:
    """Return whether a session that begins at `start` is early enough, on the provider's clock; the day itself counts."""
    return needed_by is None or wall(start, zone=zone).date() <= needed_by


def in_time(starts: Iterable[datetime], needed_by: date | None, *, zone: ZoneInfo) -> list[datetime]:
    """Return the starts that are early enough; all of them where none is."""
    found = list(starts)
    return [start for start in found if is_in_time(start, needed_by, zone=zone)] or found
