"""Warnings about hours, before and after they are saved: what is odd, and appointments that lie outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, pgettext

from raincheck.data.models import Appointment, Place, Provider, RescheduleRequest
from raincheck.domain.availability.hours import Window
from raincheck.domain.availability.overrides import OtherDays
from raincheck.domain.availability.schedule import Schedule
from raincheck.domain.availability.warnings import (
    NoOpenTimes,
    NowhereOffered,
    OffTheGrid,
    Overlapping,
    ScheduleWarning,
    TooShort,
    When,
    warnings_about,
)
from raincheck.domain.zones import wall
from raincheck.notifications.formats import duration
from raincheck.queries.appointments.listing import with_open_requests
from raincheck.queries.availability.hours import lengths_offered, outside_hours
from raincheck.web.staff.appointments.edit_menu import ask_label, why_not_ask
from raincheck.web.staff.appointments.words import Tag, asked_tag, when
from raincheck.web.staff.availability.hours import weekday_name
from raincheck.web.staff.shell import clock_words

SHOWN = 10  # so many appointments outside the hours stand open on the page; the rest are folded away


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """An appointment outside the hours: who, when, what, and the way to ask about it or why there is none."""

    appointment: Appointment
    who: str
    when: str
    what: str
    url: str
    ask_url: str
    ask_label: str
    why_not: str
    tags: Sequence[Tag]


@dataclass(frozen=True, slots=True)
class HoursWarnings:
    """Sentences about what is odd; the appointments that would no longer fit; and all that lie outside.

    `some_new` is whether the last save left any of them outside.
    """

    warnings: Sequence[str]
    no_longer: Sequence[OutsideLine]
    outside: Sequence[OutsideLine]
    some_new: bool = False

    @property
    def first(self) -> Sequence[OutsideLine]:
        return self.outside[:SHOWN]

    @property
    def folded(self) -> Sequence[OutsideLine]:
        return self.outside[SHOWN:]


def hours_warnings(
    provider: Provider,
    schedule: Schedule,
    *,
    kept: Schedule,
    places: Sequence[Place],
    has_open_times: bool,
    now: datetime,
    new: Collection[str] = (),
) -> HoursWarnings:
    """Return what to know about a schedule, typed or kept, in three queries. `places` are the practice's.

    `has_open_times` is whether it leads to any in the coming two weeks. `new` are the refs of appointments that a save just
    left outside. Times are told on the schedule's own clock.
    """
    # Warnings never refuse: odd hours may be meant.
    odd = warnings_about(
        schedule,
        lengths=lengths_offered(provider.practice_id),
        places=[str(place.ref) for place in places if place.offered],
        has_open_times=has_open_times,
        today=wall(now, zone=schedule.zone).date(),
    )
    found = outside_hours(provider, schedule, former=kept, now=now)
    zone = schedule.zone.key
    # One line per appointment, whichever lists it stands in.
    lines = {
        listed.appointment.pk: _line(listed.appointment, listed.request, zone=zone, now=now, new=new)
        for listed in with_open_requests(found.every)
    }
    return HoursWarnings(
        [warning_words(one, schedule) for one in odd],
        [lines[row.pk] for row in found.no_longer],
        list(lines.values()),
        some_new=any(str(row.ref) in new for row in found.every),
    )


def warning_words(warning: ScheduleWarning, schedule: Schedule) -> str:
    """Return the sentence of a warning."""
    match warning:
        case NoOpenTimes():
            return _("These hours lead to no open times in the next 14 days.")
        case TooShort(on, window):
            words = _("%(day)s, %(hours)s, is too short for any of your appointment types.")
            return words % {"day": day_words(on), "hours": window_words(window)}
        case OffTheGrid(on, window):
            words = _("%(day)s, %(hours)s, fits no appointment, because sessions start %(step)s apart.")
            values = {"day": day_words(on), "hours": window_words(window), "step": duration(schedule.step)}
            return words % values
        case NowhereOffered(on, window):
            words = _("%(day)s, %(hours)s, is only for places that your practice offers no more.")
            return words % {"day": day_words(on), "hours": window_words(window)}
        case Overlapping(on, window, other):
            words = _("%(day)s: %(hours)s and %(others)s overlap. They count as one stretch.")
            values = {"day": day_words(on), "hours": window_words(window), "others": window_words(other)}
            return words % values


def day_words(on: When) -> str:
    """Return "Tuesday", or "Thu, Nov 26 – Fri, Nov 27" for dates."""
    if isinstance(on, OtherDays):
        first, last = (formatted(day, pgettext("date", "D, M j")) for day in (on.first, on.last))
        return first if on.first == on.last else f"{first} – {last}"
    return weekday_name(on)


def window_words(window: Window) -> str:
    """Return "9:00 AM – 9:30 AM"."""
    # Windows are lengths past midnight, and 24:00 is the next day's first instant: any day will do for the clock.
    midnight = datetime.combine(date(2000, 1, 1), time.min)
    return " – ".join(clock_words((midnight + edge).time()) for edge in (window.start, window.end))


def _line(
    row: Appointment,
    request: RescheduleRequest | None,
    *,
    zone: str,
    now: datetime,
    new: Collection[str],
) -> OutsideLine:
    # Narrower hours move nothing by themselves; each line offers the ask, or says why it can't.
    why_not = why_not_ask(row, request, now=now)
    tags = [Tag(_("New"), "amber")] if str(row.ref) in new else []
    if request is not None:
        tags.append(asked_tag(request, now=now))
    return OutsideLine(
        row,
        row.client.name,
        when(row.span, zone, now=now),
        _("%(type)s, %(place)s") % {"type": row.type.name, "place": row.place.name},
        reverse("appointment", args=[row.ref]),
        "" if why_not else reverse("appointment-ask", args=[row.ref]),
        ask_label(row),
        why_not,
        tags,
    )
