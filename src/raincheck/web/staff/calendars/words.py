"""Words about calendars: how fresh each is, why one could not be read, and how writing into one goes."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _, gettext_lazy as later, ngettext

from raincheck.actions.calendars.pushes import EVENTS_REFUSED
from raincheck.data.models import BusyCalendar
from raincheck.domain.calendars.faults import why
from raincheck.notifications.formats import short_day_and_time, time_left
from raincheck.queries.calendars.pushes import PushStatus

JUST_NOW = timedelta(minutes=1)
SOME_REFUSED = later("its server does not take some of the entries")


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
    # Looked at counts, not only changed: a calendar without news is as fresh as one with.
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


def push_words(status: PushStatus, *, now: datetime) -> str:
    """Return how writing into a calendar goes: stopped, on its way, or up to date."""
    name = status.push.calendar.name
    if status.push.removing:
        return ngettext(
            "Stopped. %(count)d entry is still to be taken back from “%(name)s”.",
            "Stopped. %(count)d entries are still to be taken back from “%(name)s”.",
            status.there,
        ) % {"count": status.there, "name": name}
    if status.waiting:
        return ngettext(
            "%(count)d appointment is on its way into “%(name)s”.",
            "%(count)d appointments are on their way into “%(name)s”.",
            status.waiting,
        ) % {"count": status.waiting, "name": name}
    if status.latest_at is None:
        return _("Every new appointment goes into “%(name)s”.") % {"name": name}
    ago = now - status.latest_at
    return _("“%(name)s” is up to date. The last change was written %(ago)s ago.") % {
        "name": name,
        "ago": time_left(max(ago, JUST_NOW)),
    }


def push_trouble(status: PushStatus, *, zone: str) -> str:
    """Return what somebody has to know about it; nothing while all is well."""
    push = status.push
    if push.failing_since is not None:
        return _("Could not write since %(when)s: %(why)s. We keep trying.") % {
            "when": short_day_and_time(push.failing_since, zone),
            # A server that takes most entries is no fault of the calendar's, and has no code among them.
            "why": SOME_REFUSED if push.fault == EVENTS_REFUSED else _(why(push.fault)),
        }
    if status.taken:
        return ngettext(
            "%(count)d appointment is left out: an entry that is not ours stands in its place.",
            "%(count)d appointments are left out: entries that are not ours stand in their place.",
            status.taken,
        ) % {"count": status.taken}
    return ""
