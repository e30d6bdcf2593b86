"""The state of a calendar in words: how fresh it is, or since when and why it could not be read."""

from __future__ import annotations

from datetime import datetime, timedelta

from raincheck.data.models import BusyCalendar
from raincheck.domain.calendars.faults import why
from raincheck.notifications.formats import short_day_and_time
from raincheck.web.staff.shell import _, ngettext


def failing_words(calendar: BusyCalendar, *, zone: str, now: datetime) -> str:
    """Return since when a calendar could not be read, and why; empty while it can be."""
    if calendar.failing_since is None:
        return ""
    since = short_day_and_time(calendar.failing_since, zone, now=now)
    return _("Could not read since %(since)s: %(why)s. Times read before are still kept busy.") % {
        "since": since,
        "why": _(why(calendar.fault)),
    }


def updated_words(calendar: BusyCalendar, *, zone: str, now: datetime) -> str:
    """Return "Updated 3 min ago", or when it was if that is long past."""
    at = calendar.checked_at or calendar.read_at
    minutes = (now - at) // timedelta(minutes=1)
    if minutes < 1:
        return _("Updated just now.")
    if minutes < 60:
        return _("Updated %(count)d min ago.") % {"count": minutes}
    if minutes < 24 * 60:
        return ngettext("Updated %(count)d hour ago.", "Updated %(count)d hours ago.", minutes // 60) % {
            "count": minutes // 60
        }
    return _("Updated %(when)s.") % {"when": short_day_and_time(at, zone, now=now)}
