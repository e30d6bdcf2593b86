"""What the law says of repeating appointments: the dates of a pattern, what speaks against them, and what several become at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from tests.verify.model import open_times
from tests.verify.model.answers_law import cancel, has_its_time, settle
from tests.verify.model.law import DAY, MINUTE, PRACTICE_ZONE
from tests.verify.model.needed_law import stands_again
from tests.verify.model.notifications_law import notify
from tests.verify.model.practice_law import may_not_be_booked, needs_no_call, why_cancelled
from tests.verify.model.undo_law import before, keep
from tests.verify.model.world import SYSTEM, Asked, By, Kept, Kind, Series, Session, Task, World

WEEK = 7 * DAY
MADE_AHEAD = 53 * WEEK
"""A series without an end is made at least so far ahead, a week more each time."""


def start_at(wall: datetime) -> datetime:
    """Return the instant of a time on the clock: the first of two, or the jump that skips it."""
    at = wall.replace(tzinfo=PRACTICE_ZONE).astimezone(UTC)
    if on_the_wall(at) == wall:
        return at
    at = at.replace(second=0, microsecond=0)
    while (at - MINUTE).astimezone(PRACTICE_ZONE).utcoffset() == at.astimezone(PRACTICE_ZONE).utcoffset():
        at -= MINUTE
    return at


def on_the_wall(at: datetime) -> datetime:
    return at.astimezone(PRACTICE_ZONE).replace(tzinfo=None, fold=0)


def walls(
    first: datetime,
    every: int,
    *,
    count: int | None,
    ends_on: date | None = None,
    until: date,
    after: date = date.min,
) -> list[datetime]:
    """Return the times on the clock that a pattern names after one day and up to another."""
    found, number = [], 0
    last = until if ends_on is None else min(until, ends_on)
    while (wall := first + number * every * WEEK).date() <= last and (count is None or number < count):
        found.append(wall)
        number += 1
    return [wall for wall in found if wall.date() > after]


def made_until(count: int | None, now: datetime) -> date:
    """Return up to which day a series is made now: whole where it has an end, else a year and some weeks ahead."""
    return (on_the_wall(now) + MADE_AHEAD + WEEK).date() if count is None else date(2100, 1, 1)


def clashing(
    world: World, provider: int, client: int, kind: Kind, dates: Sequence[datetime]
) -> set[datetime]:
    """Return the dates at which somebody else is there already, or the client elsewhere."""
    wanted = open_times.staff_wants(world, provider, client, kind)
    return {
        wall
        for wall in dates
        if open_times.in_the_way(world, wanted, start_at(wall), quiet_between_own=False)
    }


def may_not_book(
    world: World, provider: int, client: int, kind: Kind, kept: Sequence[datetime], *, now: datetime
) -> set[str]:
    if found := may_not_be_booked(world.record(client)):
        return found
    if not kept:
        return {"series_nothing_left"}
    if min(start_at(wall) for wall in kept) <= now:
        return {"starts_in_the_past"}
    return {"series_dates_taken"} if clashing(world, provider, client, kind, kept) else set()


def book(world: World, series: Series, sessions: Sequence[Session], *, by: By, now: datetime) -> None:
    """All dates of a series are booked; the client is told once."""
    world.series.append(series)
    _are_booked(world, sessions, now=now)
    needs_no_call(world, sessions[0])
    notify(world, "booked", [(session, None) for session in sessions], by=by, now=now)


def _are_booked(world: World, sessions: Sequence[Session], *, now: datetime) -> None:
    for session in sessions:
        world.sessions.append(session)
        has_its_time(session, now=now)
        session.events.append("booked")


def about(world: World, chosen: Session, scope: str, *, now: datetime) -> list[Session]:
    """Return the occurrences that a change is about: all that are ahead, or those from the chosen one on."""
    assert chosen.recurrence is not None
    ahead = [row for row in world.live() if row.series is chosen.series and row.start > now]
    ahead.sort(key=_recurrence)
    return [row for row in ahead if scope == "all" or _recurrence(row) >= chosen.recurrence]


def _recurrence(row: Session) -> datetime:
    assert row.recurrence is not None
    return row.recurrence


def may_not_touch(chosen: Session, sequence: int, *, now: datetime) -> set[str]:
    if chosen.status != "scheduled":
        return {"not_scheduled"}
    if sequence != chosen.sequence:
        return {"changed_meanwhile"}
    return {"already_started"} if chosen.start <= now else set()


def new_starts(rows: Sequence[Session], chosen: Session, start: datetime) -> dict[int, datetime]:
    """Return when each begins after a change: all that were at their series' time move along."""
    shift = _shift(chosen, start)
    return {
        row.number: start_at(_recurrence(row) + shift)
        if shift and row.start == start_at(_recurrence(row))
        else row.start
        for row in rows
    } | {chosen.number: start}


def _shift(chosen: Session, start: datetime) -> timedelta:
    return on_the_wall(start) - _recurrence(chosen) if start != chosen.start else timedelta(0)


def may_not_change(
    world: World,
    rows: Sequence[Session],
    chosen: Session,
    start: datetime,
    kind: Kind,
    link: str,
    *,
    now: datetime,
) -> set[str]:
    if (start, kind, link) == (chosen.start, chosen.kind, chosen.link):
        return {"nothing_changed"}
    starts = new_starts(rows, chosen, start)
    if min(starts.values()) <= now:
        return {"starts_in_the_past"}
    spans = []
    for row in rows:
        wanted = open_times.staff_wants(world, row.provider, row.client, kind, moving=row)
        if open_times.in_the_way(world, wanted, starts[row.number], quiet_between_own=False, besides=rows):
            return {"occurrences_taken"}
        spans.append((starts[row.number], starts[row.number] + wanted.length))
    spans.sort()
    meet = any(later[0] < former[1] for former, later in pairwise(spans))
    return {"occurrences_taken"} if meet else set()


def change(
    world: World,
    rows: Sequence[Session],
    chosen: Session,
    start: datetime,
    kind: Kind,
    link: str,
    *,
    series: Series,
    by: By,
    now: datetime,
) -> None:
    """The occurrences begin a new series, and the old one ends before them."""
    old, shift, starts = chosen.series, _shift(chosen, start), new_starts(rows, chosen, start)
    assert old is not None
    kept = _before(world, rows, old, starts.values(), now=now) if start != chosen.start else None
    first = _recurrence(rows[0])
    days = (first + shift).date() - first.date()
    series.first = first + shift
    series.length = kind.length if kind is not chosen.kind else chosen.end - chosen.start
    series.kind, series.link = kind, link
    series.count = old.count - (first - old.first) // (old.every * WEEK) if old.count else None
    series.ends_on = old.ends_on + days if old.ends_on else None
    series.made_until = old.made_until + days
    world.series.append(series)
    _end_before(old, first)
    listed: list[tuple[Session, Asked | None]] = []
    moved = False
    for row in rows:
        retimed, retyped = starts[row.number] != row.start, kind is not row.kind
        asked = world.open_request(row)
        ended = asked if asked is not None and (retimed or retyped) else None
        if ended is not None:
            settle(world, ended, "superseded", by=by, now=now)
        length = kind.length if retyped else row.end - row.start
        world.let_go(row)
        row.start, row.end = starts[row.number], starts[row.number] + length
        row.kind, row.link = kind, link
        row.series, row.recurrence = series, _recurrence(row) + shift
        if retimed:
            has_its_time(row, now=now)
            stands_again(world, row)
        row.sequence += 1
        row.events.append("details_changed")
        moved = moved or retimed
        listed.append((row, ended))
    known, told = len(world.notes), "moved" if moved else "details_changed"
    notify(world, told, listed, by=by, now=now, release_at=kept[0].until if kept else None)
    if kept:
        keep(rows, kept, world.notes[known:])


def _before(
    world: World, rows: Sequence[Session], series: Series, starts: Collection[datetime], *, now: datetime
) -> list[Kept] | None:
    kept = before(world, rows, starts, now=now)
    for row, one in zip(rows, kept or [], strict=False):
        one.series, one.ends_on, one.recurrence = series, series.ends_on, row.recurrence
    return kept


def cancel_several(
    world: World,
    rows: Sequence[Session],
    chosen: Session,
    reason: str,
    *,
    rebook: bool,
    waived: bool,
    by: By,
    now: datetime,
) -> None:
    assert chosen.series is not None
    kept = _before(world, rows, chosen.series, [row.start for row in rows], now=now)
    _end_before(chosen.series, _recurrence(rows[0]))
    listed = []
    for row in rows:
        asked, asked_about = world.open_request(row), world.was_asked_about(row)
        if asked is not None:
            settle(world, asked, "superseded", by=by, now=now)
        why = why_cancelled(row, reason, waived=waived, now=now)
        fee = why == "client_late" and not asked_about
        cancel(world, row, why, "cancelled", by=by, now=now, offer=rebook and row is chosen, fee=fee)
        listed.append((row, asked))
    known = len(world.notes)
    notify(world, "cancelled", listed, by=by, now=now, release_at=kept[0].until if kept else None)
    if kept:
        keep(rows, kept, world.notes[known:])


def _end_before(series: Series, wall: datetime) -> None:
    series.ends_on = wall.date() - DAY
    series.sequence += 1


def end_with_care(world: World, client: int, *, now: datetime) -> None:
    """Who leaves care has no series any more."""
    today = on_the_wall(now).date()
    for series in world.series:
        if series.client == client and (series.ends_on is None or series.ends_on > today):
            series.ends_on = today
            series.sequence += 1


def due_at(series: Series) -> datetime:
    """Return when a week more of a series without an end has come within reach."""
    day = series.made_until + DAY
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - MADE_AHEAD


def go_on(world: World, *, now: datetime) -> None:
    """Series without an end are booked a year ahead; a date that is not free becomes somebody's task."""
    for series in list(world.series):
        endless = series.count is None and series.ends_on is None
        if not endless or now < due_at(series) or not world.record(series.client).in_care:
            continue
        until = made_until(None, now)
        dates = walls(series.first, series.every, count=None, until=until, after=series.made_until)
        away = {wall for wall in dates if _is_away(world, series, wall)}
        away |= clashing(world, series.provider, series.client, series.kind, dates)
        if away:
            world.tasks.add(Task("series_clash", series.provider, series.client))
        booked = [occurrence(series, wall) for wall in dates if wall not in away]
        _are_booked(world, booked, now=now)
        series.made_until = until
        if away:
            _is_told_of(world, series, len(away), now=now)


def _is_told_of(world: World, series: Series, left_out: int, *, now: datetime) -> None:
    """The client's calendar shows these dates by the rule; each is told with an appointment that stands, the last first."""
    series.sequence += 1
    standing = [row for row in world.live() if row.series is series and row.start > now]
    standing.sort(key=lambda row: row.start, reverse=True)
    if standing:
        notify(world, "date_left_out", [(row, None) for row in standing[:left_out]], by=SYSTEM, now=now)


def _is_away(world: World, series: Series, wall: datetime) -> bool:
    start = start_at(wall)
    return any(
        block.removed_at is None
        and block.provider == series.provider
        and start < block.end
        and block.start < start + series.length
        for block in world.blocks
    )


def occurrence(series: Series, wall: datetime) -> Session:
    """Return an occurrence at its time; its number and ref are found in the database."""
    start = start_at(wall)
    return Session(
        0,
        series.ref,
        series.provider,
        series.client,
        series.kind,
        series.place,
        start,
        start + series.length,
        series.link,
        series=series,
        recurrence=wall,
    )
