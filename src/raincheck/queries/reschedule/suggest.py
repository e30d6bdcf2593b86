"""A provider's week for whoever suggests times: which starts are free, inside and outside working hours, and what is taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from raincheck.data.models import Appointment, OutOfOffice
from raincheck.data.slots import Row, Session, reschedule_question, rooms_of, suggestion_question, taken_time
from raincheck.domain.slots import last_start, open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at, wall, zone_named

WEEK = timedelta(days=7)
EARLIEST, LATEST = time(7), time(21)
"""On the provider's clock; outside working hours only starts between them are shown. Any other can be typed."""


@dataclass(frozen=True, slots=True)
class FreeStart:
    """A start that can be suggested; `in_hours` when it lies in the provider's working hours."""

    at: datetime
    in_hours: bool


@dataclass(frozen=True, slots=True)
class WeekToSuggest:
    """A week from its Monday on: free starts, soonest first, and what is taken."""

    monday: date
    free: Sequence[FreeStart]
    taken: Sequence[Row]


def last_to_suggest(appointments: Sequence[Appointment], *, now: datetime) -> datetime:
    """Return the last start that can be suggested for any of the appointments."""
    rules = appointments[0].practice.rules
    return max(last_start(now=now, policy=rules, asked_at=row.starts_at) for row in appointments)


def week_to_suggest(
    appointments: Sequence[Appointment],
    *,
    day: date,
    now: datetime,
    batch: int | None = None,
) -> WeekToSuggest:
    """Return the week of a day with every start that suits one of the appointments, all of one client with one provider.

    The time off that was made with the ask of a `batch` keeps nobody from suggesting a part of it.
    """
    first = appointments[0]
    zone, rules = zone_named(first.provider.zone), first.practice.rules
    monday = day - timedelta(days=day.weekday())
    begins, ends = (start_at(datetime.combine(one, time()), zone=zone) for one in (monday, monday + WEEK))
    within = Span(begins, ends)
    own, rooms = _blocks_of(batch), rooms_of(Session.of(row) for row in appointments)
    taken = [
        row
        for row in taken_time(
            first.provider_id, client_id=first.client_id, rooms=rooms, within=within, now=now
        )
        if not (row.kind == "out_of_office" and row.id in own)
    ]
    free: dict[datetime, bool] = {}
    for row in appointments:
        anywhere = suggestion_question(row, now=now, within=within, taken=taken)
        starts = open_slots(replace(anywhere, step=first.provider.grid_step))
        usual = reschedule_question(
            row, now=now, notice=rules.suggestion_notice, within=within, taken=taken, at_the_clients_wish=True
        )
        # A day on which the client comes already has its hours all the same: that rule is not for who suggests.
        in_hours = set(open_slots(replace(usual, same_day_as=())))
        for start in starts:
            shown = wall(start, zone=zone).time()
            if start != row.starts_at and (start in in_hours or EARLIEST <= shown <= LATEST):
                free[start] = free.get(start, False) or start in in_hours
    return WeekToSuggest(monday, [FreeStart(at, free[at]) for at in sorted(free)], taken)


def _blocks_of(batch: int | None) -> Collection[int]:
    if batch is None:
        return ()
    rows = OutOfOffice.objects.filter(batch=batch, removed_at__isnull=True)
    return set(rows.values_list("pk", flat=True))
