"""Preview of the open times that a schedule leads to: two weeks day by day, and what takes each time that is not open."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from raincheck.data.models import AppointmentType, Place, Provider
from raincheck.data.slots import NOBODY, Session, rooms_of, slot_question, taken_time
from raincheck.data.taken_names import known_of
from raincheck.domain.availability.hours import A_DAY, working_spans
from raincheck.domain.slot_explanations.explain import explain_each
from raincheck.domain.slot_explanations.reasons import Explanation
from raincheck.domain.slots import Question, grid_starts, last_start
from raincheck.domain.spans import Span, merged
from raincheck.domain.zones import start_at, wall, zone_named

DAYS = 14
# Times this much before and after the hours of a day are shown too, so that the edge of the hours can be seen.
BESIDE_HOURS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PreviewTime:
    """One start on the grid; `why` is None when it is open."""

    start: datetime
    why: Explanation | None


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """A date on the provider's clock with its times still ahead. `works` says whether there are hours on it at all."""

    date: date
    works: bool
    times: tuple[PreviewTime, ...]

    @property
    def open_count(self) -> int:
        return sum(time.why is None for time in self.times)


@dataclass(frozen=True, slots=True)
class Preview:
    """Two weeks of days from `begins` on; `earlier` and `later` begin the ones beside it, None from today back and past the horizon."""

    begins: date
    days: tuple[PreviewDay, ...]
    earlier: date | None
    later: date | None

    @property
    def open_count(self) -> int:
        return sum(day.open_count for day in self.days)


def preview(
    provider: Provider, *, kind: AppointmentType, place: Place | None, begins: date | None, now: datetime
) -> Preview:
    """Return what a new booking of `kind` could choose from with the schedule of a provider's row, kept or only typed; in two queries.

    `place` is None for any place. `begins` is pulled to the dates between today (also when it is left out) and the
    horizon. The provider's practice must be at hand.
    """
    zone, policy = zone_named(provider.zone), provider.practice.rules
    latest_at = last_start(now=now, policy=policy)
    today, last = (wall(at, zone=zone).date() for at in (now, latest_at))
    # An address may name any date; one outside these has nothing to show.
    first = min(max(begins or today, today), last)
    dates = [first + number * A_DAY for number in range(DAYS) if first + number * A_DAY <= last]
    within = Span(max(now, _day(dates[0], zone).start), _day(dates[-1], zone).end)
    session = Session.of_type(kind, at=place)
    question = slot_question(
        provider,
        taken_time(provider.pk, client_id=NOBODY, rooms=rooms_of([session]), within=within, now=now),
        session=session,
        client_id=NOBODY,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=latest_at,
    )
    # Names are asked for apart, since only staff ever see them.
    named = replace(question, known=known_of(provider.pk, within=within, policy=policy, now=now))
    after = first + DAYS * A_DAY
    return Preview(
        first,
        days_shown(named, dates),
        earlier=max(today, first - DAYS * A_DAY) if first > today else None,
        later=after if after <= last else None,
    )


def days_shown(question: Question, dates: list[date]) -> tuple[PreviewDay, ...]:
    """Return dates on the provider's clock with their times; every open start of the question on them is among these."""
    works: dict[date, bool] = {}
    shown: dict[date, list[datetime]] = {}
    for day in dates:
        whole = _day(day, question.zone)
        # Those at any place; hours past midnight come in two parts, one on each date.
        hours = working_spans(question.availability, within=whole, zone=question.zone)
        begin = max(whole.start, question.within.start)
        # Merged, or two windows with a short pause between them would show the times in it twice.
        wide = merged(span.widened(before=BESIDE_HOURS, after=BESIDE_HOURS) for span in hours)
        clipped = [(max(span.start, begin), min(span.end, whole.end)) for span in wide]
        works[day] = bool(hours)
        shown[day] = [
            start
            for since, until in clipped
            if since < until
            for start in grid_starts(question, Span(since, until))
        ]
    asked = [start for starts in shown.values() for start in starts]
    told = iter(explain_each(question, asked))
    return tuple(
        PreviewDay(day, works[day], tuple(PreviewTime(start, next(told)) for start in shown[day]))
        for day in dates
    )


def _day(day: date, zone: ZoneInfo) -> Span:
    # From midnight to midnight on the clock: where it changes, a day has 23 or 25 hours.
    midnight = datetime.combine(day, time.min)
    return Span(start_at(midnight, zone=zone), start_at(midnight + A_DAY, zone=zone))
