"""Zone rules change: agreed wall times become other instants, and some people's appointments must be corrected together."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]  # it ships no types

from raincheck.domain.spans import Span
from raincheck.domain.zones import end_at, is_skipped, start_at, wall


def version_in_use() -> str:
    """Return the version of the zone rules that this process reads, like "2026f"; a newer one compares greater."""
    return str(tzdata.IANA_VERSION)


def kept_session(span: Span, shown: datetime, *, zone: ZoneInfo) -> Span | None:
    """Return the time of a session that keeps its wall time `shown` by the present rules; None when it has it already.

    Its length stays. A wall time that the clock now skips is the instant after the jump; of one that it now shows
    twice, the time that the session has is kept, else it is the first.
    """
    if _shows(span.start, shown, zone=zone):
        return None
    start = start_at(shown, zone=zone)
    return Span(start, start + span.length)


def kept_time_off(
    span: Span, first: datetime, last: datetime, *, whole_days: bool, zone: ZoneInfo
) -> Span | None:
    """Return the same for time off, both of whose ends are wall times: a day off stays that day, of whatever length.

    None also when the clock skips all of it: what never comes needs no blocking.
    """
    # Both ends: a day off may keep its beginning and still end an hour later.
    if _shows(span.start, first, zone=zone) and _shows(span.end, last, zone=zone):
        return None
    start = start_at(first, zone=zone)
    end = (start_at if whole_days else end_at)(last, zone=zone)
    return Span(start, end) if (start, end) != (span.start, span.end) and start < end else None


def _shows(instant: datetime, shown: datetime, *, zone: ZoneInfo) -> bool:
    """Return whether an instant is one that a naive wall time means; of a repeated time both are."""
    if wall(instant, zone=zone).replace(tzinfo=None, fold=0) == shown:
        return True
    return is_skipped(shown, zone=zone) and instant == start_at(shown, zone=zone)


@dataclass(frozen=True, slots=True)
class Move:
    """An appointment that new rules would move."""

    provider: int
    client: int
    former: Span
    wanted: Span
    room: int | None = None
    """The place, where that holds one session at a time."""


def moved_together(moves: Iterable[Move]) -> list[frozenset[int]]:
    """Return the providers of all moves in groups, each of which can be corrected without looking at the others.

    Two providers belong together when a client who sees both, or a session in a room that both use, would move with one into
    the time that the other has yet to leave: corrected one after the other, the client would seem to be in two places, and
    the room to hold two sessions.
    """
    groups: dict[int, frozenset[int]] = {}
    # Only these can stand in each other's way across providers: everything else of a time is its provider's.
    shared: dict[tuple[str, int], list[Move]] = defaultdict(list)
    for move in moves:
        groups.setdefault(move.provider, frozenset({move.provider}))
        shared["client", move.client].append(move)
        if move.room is not None:
            shared["room", move.room].append(move)
    for theirs in shared.values():
        for one, other in _moving_into_another(theirs):
            if groups[one.provider] != groups[other.provider]:
                together = groups[one.provider] | groups[other.provider]
                groups |= dict.fromkeys(together, together)
    return sorted(set(groups.values()), key=min)


def _moving_into_another(moves: Sequence[Move]) -> Iterator[tuple[Move, Move]]:
    """Yield each move with those whose former time it wants; a room has thousands, so that not every pair is looked at."""
    soonest_first = sorted(moves, key=lambda move: move.former.start)
    starts = [move.former.start for move in soonest_first]
    longest = max(move.former.length for move in moves)
    for one in moves:
        first, last = bisect_left(starts, one.wanted.start - longest), bisect_left(starts, one.wanted.end)
        for other in soonest_first[first:last]:
            if one is not other and one.wanted.overlaps(other.former):
                yield one, other
