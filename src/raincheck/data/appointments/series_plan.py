"""The dates of a series before it is booked: what speaks against each, who has it, and the nearest times that are free."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.data.models import Appointment, Client, Provider, Series
from raincheck.data.slots import Row, Session, rooms_of, slot_question, taken_time
from raincheck.domain.appointments.series import IMPOSSIBLE, LEFT_OUT, Clash, Occurrence, occurrences
from raincheck.domain.availability.hours import availability_from, working_spans
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall, zone_named

DAY = timedelta(days=1)
NEAR = 3 * DAY
"""How far from a date that clashes the times lie that are offered in its place."""
OFFERED = 3
AROUND = NEAR + 2 * DAY
"""As far as taken time has to be known for those: sessions with their buffers are shorter than two days."""


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a plan: what speaks against it, the clients who have the time, and the nearest free starts instead."""

    occurrence: Occurrence
    clashes: tuple[Clash, ...]
    names: tuple[str, ...] = ()
    nearest: tuple[datetime, ...] = ()

    @property
    def is_possible(self) -> bool:
        return not IMPOSSIBLE.intersection(self.clashes)

    @property
    def is_left_out(self) -> bool:
        """Whether it is left out unless somebody says otherwise."""
        return bool(LEFT_OUT.intersection(self.clashes))


@dataclass(frozen=True, slots=True)
class Standing:
    """A time that somebody's series without an end will have, further ahead than it is made."""

    span: Span
    client: Client

    @property
    def client_id(self) -> int:
        return self.client.pk

    @property
    def name(self) -> str:
        return self.client.name


def plan(
    provider: Provider,
    session: Session,
    found: Sequence[Occurrence],
    *,
    client_id: int,
    now: datetime,
    among: Sequence[Appointment] = (),
) -> list[Date]:
    """Return each date of a series with what speaks against it, in a fixed number of queries.

    `among` are appointments that would move along: they stand in nobody's way.
    """
    if not found:
        return []
    within = Span(min(one.start for one in found), max(one.start for one in found) + session.length)
    moving = {row.pk for row in among}
    taken = [
        row
        for row in taken_time(
            provider.pk, client_id=client_id, rooms=rooms_of([session]), within=within, now=now
        )
        if not (row.kind in ("appointment", "elsewhere") and row.id in moving)
    ]
    standing = standing_times(provider, within=within, client_id=client_id)
    hours = _Hours.of(provider, within, place=session.place)
    near = _near(found, taken)
    read = [
        _clashes(one, session, rows, standing, hours, client_id=client_id, now=now)
        for one, rows in zip(found, near, strict=True)
    ]
    whose = {number for _clashes, clients in read for number in clients}
    names = {row.pk: row.name for row in Client.objects.filter(pk__in=whose)} if whose else {}
    return [
        Date(
            one,
            clashes,
            tuple(names[number] for number in clients if number in names),
            tuple(_nearest(one, provider, session, rows, client_id=client_id, now=now)) if clashes else (),
        )
        for one, rows, (clashes, clients) in zip(found, near, read, strict=True)
    ]


def _near(found: Sequence[Occurrence], taken: Sequence[Row]) -> list[list[Row]]:
    """Return the taken time around each of the dates, soonest first: two years of it are too much to look at for each."""
    near: list[list[Row]] = [[] for _one in found]
    starts = [one.start for one in found]
    for row in taken:
        for number in range(
            bisect_left(starts, row.starts_at - AROUND), bisect_right(starts, row.ends_at + AROUND)
        ):
            near[number].append(row)
    return near


@dataclass(frozen=True, slots=True)
class _Hours:
    """Working hours around the dates of a series, read once: those at the place, and those at any."""

    here: list[Span]
    anywhere: list[Span]

    @classmethod
    def of(cls, provider: Provider, within: Span, *, place: str | None) -> "_Hours":
        hours, zone = availability_from(provider.availability), zone_named(provider.zone)
        wide = within.widened(before=DAY, after=DAY)
        return cls(
            list(working_spans(hours, within=wide, zone=zone, place=place)),
            list(working_spans(hours, within=wide, zone=zone, place=None)),
        )


def _clashes(
    one: Occurrence,
    session: Session,
    taken: Sequence[Row],
    standing: Sequence[Standing],
    hours: _Hours,
    *,
    client_id: int,
    now: datetime,
) -> tuple[tuple[Clash, ...], list[int]]:
    """Return what speaks against one date, in the order in which it is told, and the clients who have the time."""
    span = Span(one.start, one.start + session.length)
    found: dict[Clash, None] = {}
    clients: dict[int, None] = {}
    if one.start <= now:
        found[Clash.PAST] = None
    for row in taken:
        if (clash := _clash_with(row, span, session, client_id=client_id)) is not None:
            found[clash] = None
            if clash is Clash.APPOINTMENT:
                clients[row.client_id] = None
    for other in standing:
        if other.span.overlaps(span):
            found[Clash.STANDING_TIME] = None
            clients[other.client_id] = None
    if not any(working.contains(span) for working in hours.here):
        elsewhere = any(working.contains(span) for working in hours.anywhere)
        found[Clash.OTHER_PLACE if elsewhere else Clash.OUTSIDE_HOURS] = None
    return tuple(sorted(found, key=list(Clash).index)), list(clients)


def _clash_with(row: Row, span: Span, session: Session, *, client_id: int) -> Clash | None:
    """Return what a stretch of taken time is to a session at `span`; None where they do not meet."""
    # Of two neighbours the larger buffer counts, not the sum.
    apart = span.widened(
        before=max(session.buffer_before, row.after), after=max(session.buffer_after, row.before)
    )
    match row.kind:
        case "appointment" if row.client_id == client_id:
            return Clash.CLIENT_ELSEWHERE if row.span.overlaps(span) else None
        case "appointment":
            return Clash.APPOINTMENT if row.span.overlaps(apart) else None
        case "hold":
            return Clash.HELD if row.client_id != client_id and row.span.overlaps(apart) else None
        case "elsewhere":
            return Clash.CLIENT_ELSEWHERE if row.span.overlaps(span) else None
        case "out_of_office":
            return Clash.OUT_OF_OFFICE if row.span.overlaps(span) else None
        case "room":
            return Clash.ROOM if row.client_id != client_id and row.span.overlaps(span) else None
        case "busy":
            wide = span.widened(before=session.buffer_before, after=session.buffer_after)
            return Clash.BUSY if row.span.overlaps(wide) else None


def _nearest(
    one: Occurrence,
    provider: Provider,
    session: Session,
    taken: Sequence[Row],
    *,
    client_id: int,
    now: datetime,
) -> Iterator[datetime]:
    """Return the free starts that are nearest to a date that clashes, soonest first."""
    start = max(one.start - NEAR, now)
    if start >= one.start + NEAR:
        return
    within = Span(start, one.start + NEAR)
    question = slot_question(
        provider,
        taken,
        session=session,
        client_id=client_id,
        within=within,
        earliest_at=now,
        latest_at=within.end,
    )
    by_nearness = sorted(open_slots(question), key=lambda other: (abs(other - one.start), other))
    yield from sorted(by_nearness[:OFFERED])


def standing_times(provider: Provider, *, within: Span, client_id: int) -> list[Standing]:
    """Return the times in a stretch that series without an end will have, but are not made yet; other clients' only."""
    last = wall(within.end, zone=zone_named(provider.zone)).date() + DAY
    endless = (
        Series.objects.filter(
            provider=provider, count__isnull=True, ends_on__isnull=True, made_until__lt=last
        )
        .exclude(client=client_id)
        .select_related("client")
    )
    return [
        Standing(Span(one.start, one.start + row.length), row.client)
        for row in endless
        for one in occurrences(row.pattern, until=last, after=row.made_until)
    ]
