"""Wall times that people of the practice type, and the instants they mean on the provider's clock."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from raincheck.data.models import Appointment, Provider
from raincheck.domain.zones import end_at, is_skipped, start_at, wall, zone_named
from raincheck.notifications.formats import clock_time

# Years a calendar can be asked about; anything else is a slip of the finger.
YEARS = range(2000, 2200)


def zone_of(provider: Provider) -> ZoneInfo:
    return zone_named(provider.zone)


def shown_at(instant: datetime, *, zone: ZoneInfo) -> datetime:
    """Return what the clock shows at an instant, as a naive time."""
    return wall(instant, zone=zone).replace(tzinfo=None, fold=0)


def instant_at(day: date, clock: time, *, zone: ZoneInfo) -> datetime:
    """Return the instant of a time on the clock; the first of two where the clock shows it twice.

    Raises ValidationError, at no field, when the clock jumps over it.
    """
    shown = datetime.combine(day, clock)
    # Never moved on silently: 2:30 on that night is an appointment at a time nobody agreed on.
    if is_skipped(shown, zone=zone):
        words = _("The clocks jump over %(time)s on that day, so it never comes. Please choose another time.")
        raise ValidationError(words % {"time": clock_words(clock)}, code="skipped")
    return start_at(shown, zone=zone)


def start_meant(appointment: Appointment, day: date, clock: time, *, zone: ZoneInfo) -> datetime:
    """Return the same for an appointment's form, where the time it already has stays what it is."""
    # Saving an appointment that sits in the second of two equal hours must not pull it into the first.
    if datetime.combine(day, clock) == shown_at(appointment.starts_at, zone=zone):
        return appointment.starts_at
    return instant_at(day, clock, zone=zone)


def is_repeated(shown: datetime, *, zone: ZoneInfo) -> bool:
    """Return whether the clock shows this naive time twice."""
    return start_at(shown, zone=zone) != end_at(shown, zone=zone)


def clock_words(clock: time) -> str:
    """Return "2:30 AM"."""
    return clock_time(datetime.combine(date(2000, 1, 1), clock, tzinfo=zone_named("UTC")), "UTC")


def wall_time_in(text: str | None) -> tuple[date, time | None] | None:
    """Return the day and, when there is one, the time of an address's `start=`; None for anything else."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if found.tzinfo is not None or found.year not in YEARS:
        return None
    # A calendar's month names days alone; midnight would read like a time that somebody chose.
    return found.date(), None if len(text or "") <= len("2026-11-24") else found.time()
