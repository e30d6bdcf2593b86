"""The line under a day's or a provider's name in the calendar: how many sessions, who is asked, and when they are off."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _, ngettext

from raincheck.data.models import OutOfOffice
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time
from raincheck.queries.appointments.calendar_view import Days
from raincheck.web.staff.appointments.words import asks_what_happened
from raincheck.web.staff.shell import shown_at


def days_in(within: Span, *, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """Return each whole day of a stretch with its midnights, which a clock change puts 23 or 25 hours apart."""
    day, after = (shown_at(edge, zone=zone).date() for edge in (within.start, within.end))
    while day < after:
        midnights = (datetime.combine(day + timedelta(days=n), datetime.min.time()) for n in (0, 1))
        yield day, Span(*(start_at(midnight, zone=zone) for midnight in midnights))
        day += timedelta(days=1)


def head_words(found: Days, *, day: Span, hours: list[Span], zone: str, now: datetime) -> str:
    """Return "4 sessions, 2 asked, off from 12 PM"; of a day that is over what became of it; nothing of an empty one."""
    begun = [one for one in found.appointments if day.start <= one.appointment.starts_at < day.end]
    listed = [one for one in begun if one.appointment.status != Status.CANCELLED]
    asking = sum(asks_what_happened(one.appointment, now=now) for one in listed)
    took_place = sum(one.appointment.status == Status.COMPLETED for one in listed)
    asked = sum(one.request is not None for one in listed)
    over = day.end <= now
    said = [
        ngettext("%(count)d session", "%(count)d sessions", len(listed)) % {"count": len(listed)}
        if listed and not (over and (asking or took_place))
        else "",
        _("%(count)d took place") % {"count": took_place} if over and took_place and not asking else "",
        ngettext("%(count)d asks what happened", "%(count)d ask what happened", asking) % {"count": asking}
        if asking
        else "",
        _("%(count)d asked") % {"count": asked} if asked else "",
        _off(found.blocks, day=day, hours=hours, zone=zone),
    ]
    return ", ".join(part for part in said if part)


def _off(blocks: list[OutOfOffice], *, day: Span, hours: list[Span], zone: str) -> str:
    """Return from when on the rest of the day's working hours are blocked."""
    working = [span for span in hours if span.start < day.end and span.end > day.start]
    last = working[-1].end if working else day.end
    rest = [block.starts_at for block in blocks if block.starts_at < last <= block.ends_at]
    if not rest:
        return ""
    if min(rest) <= (working[0].start if working else day.start):
        return _("off")
    # "12 PM" is read at a glance.
    return _("off from %(time)s") % {"time": clock_time(min(rest), zone).replace(":00 ", " ")}
