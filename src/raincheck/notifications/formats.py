"""Says times, zones and lengths the way people do; mails, texts and pages all take their words from here."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import dateformat
from django.utils.translation import get_language, gettext as _, ngettext, pgettext

from raincheck.domain.notifications import QUIET_FROM, QUIET_UNTIL
from raincheck.domain.zones import zone_named

NEAR = timedelta(days=150)
"""A date in another year that is closer than this needs no year: in December everybody knows which January is meant."""
HOURS_UP_TO = timedelta(days=6)
"""Shorter stretches are told in hours: the longest answer window, 120 h, still is."""


def long_day(instant: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Return "Tuesday, November 24", with the year when it is not the one everybody would think of at `now`."""
    local = instant.astimezone(zone_named(zone))
    if now is not None and _needs_year(instant, zone, now=now):
        return _date(local, pgettext("date", "l, F j, Y"))
    return _date(local, pgettext("date", "l, F j"))


def short_day(instant: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Return "Tue, Nov 24", with the year when it is not the one everybody would think of at `now`."""
    local = instant.astimezone(zone_named(zone))
    if now is not None and _needs_year(instant, zone, now=now):
        return _date(local, pgettext("date", "D, M j, Y"))
    return _date(local, pgettext("date", "D, M j"))


def clock_time(instant: datetime, zone: str) -> str:
    """Return "8:00 AM"."""
    local = instant.astimezone(zone_named(zone)).time()
    return _time_written(local, get_language())


def long_day_and_time(instant: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Return "Tuesday, November 24 at 8:00 AM"."""
    day, time = long_day(instant, zone, now=now), clock_time(instant, zone)
    return _("%(day)s at %(time)s") % {"day": day, "time": time}


def short_day_and_time(instant: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Return "Tue, Nov 24 · 11:00 AM"."""
    return f"{short_day(instant, zone, now=now)} · {clock_time(instant, zone)}"


def instant_with_day(instant: datetime, zone: str) -> str:
    """Return "Tue, 6:00 AM", for an instant at most a few days away."""
    return f"{_date(instant.astimezone(zone_named(zone)), 'D')}, {clock_time(instant, zone)}"


def weekday_and_time(instant: datetime, zone: str) -> str:
    """Return "Tue 8:00 AM", beside words that say which week it is."""
    said = {"weekday": _date(instant.astimezone(zone_named(zone)), "D"), "time": clock_time(instant, zone)}
    return _("%(weekday)s %(time)s") % said


def weekday_in_full_and_time(instant: datetime, zone: str) -> str:
    """Return "Tuesday 8:00 AM", beside words that say which week it is."""
    said = {"weekday": _date(instant.astimezone(zone_named(zone)), "l"), "time": clock_time(instant, zone)}
    return _("%(weekday)s %(time)s") % said


def zone_city(zone: str) -> str:
    """Return what people call a zone: "Los Angeles" for America/Los_Angeles, "UTC-5" for Etc/GMT+5."""
    area, _slash, city = zone.rpartition("/")
    if area == "Etc" and city.startswith("GMT") and city[3:]:
        # POSIX counts westward, people eastward.
        return "UTC" + city[3:].translate(str.maketrans("+-", "-+"))
    return city.replace("_", " ")


def zone_words(zone: str) -> str:
    """Return "Los Angeles time", as it stands beside a time."""
    return _("%(city)s time") % {"city": zone_city(zone)}


def zone_letters(instant: datetime, zone: str) -> str:
    """Return "PST", or "UTC+5:45" for a zone without such letters: where there is no room for a city."""
    local = instant.astimezone(zone_named(zone))
    letters, offset = local.tzname() or "", local.utcoffset() or timedelta(0)
    if letters.isalpha():
        return letters
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours}{f':{minutes:02}' if minutes else ''}"


def with_zone(when: str, zone: str) -> str:
    """Return `when` with its zone named: "Tuesday, November 24 at 8:00 AM (Los Angeles time)"."""
    return f"{when} ({zone_words(zone)})"


def time_left(left: timedelta) -> str:
    """Return "41 hours": whole hours, rounded down so that nobody is promised more; minutes in the last hour, days from six."""
    if left >= HOURS_UP_TO:
        return _days(left // timedelta(days=1))
    if left >= timedelta(hours=1):
        return _hours(left // timedelta(hours=1))
    if left >= timedelta(minutes=1):
        return _minutes(left // timedelta(minutes=1))
    return _("less than a minute") if left > timedelta(0) else _("no time")


def short_time_left(left: timedelta) -> str:
    """Return "41 h", where there is little room: the same figures as `time_left`."""
    if left >= HOURS_UP_TO:
        return pgettext("days, short", "%(count)d d") % {"count": left // timedelta(days=1)}
    if left >= timedelta(hours=1):
        return pgettext("hours, short", "%(count)d h") % {"count": left // timedelta(hours=1)}
    return pgettext("minutes, short", "%(count)d min") % {"count": max(left // timedelta(minutes=1), 0)}


def by_day(zone: str) -> dict[str, str]:
    """Return the hours in which people are awake as sentences name them: "8:00 AM", "9:00 PM", "Los Angeles time"."""
    morning, evening = (_time_written(at, get_language()) for at in (QUIET_UNTIL, QUIET_FROM))
    return {"morning": morning, "evening": evening, "zone": zone_words(zone)}


def duration(length: timedelta) -> str:
    """Return a length as the practice set it: "48 hours", "90 minutes", "30 days"."""
    if length % timedelta(hours=1):
        return _minutes(length // timedelta(minutes=1))
    if length >= HOURS_UP_TO and not length % timedelta(days=1):
        return _days(length // timedelta(days=1))
    return _hours(length // timedelta(hours=1))


def time_to_choose(until: str, *, whole: timedelta | None) -> str:
    """Return "You have 48 hours, until …", or the instant alone where the client never had a `whole` window.

    Nothing counts down: the sentence is as true when it is read as when it was written.
    """
    if whole is None:
        return _("You have until %(until)s.") % {"until": until}
    return _("You have %(window)s, until %(until)s.") % {"window": duration(whole), "until": until}


def reason_sentence(provider: str) -> str:
    """Return what the client reads whatever the provider's reason is; `provider` is what they call them: "Dr. Okafor"."""
    sentence = _("%(provider)s can't make this time and would like to find another with you.")
    return sentence % {"provider": provider}


def _date(local: datetime, form: str) -> str:
    # The language is passed for the cache alone: without it one language's words would answer for another.
    return _date_written(local.date(), form, get_language())


@lru_cache(maxsize=2_000)  # the same few days and times stand in thousands of messages
def _date_written(day: date, form: str, _language: str | None) -> str:
    return dateformat.format(day, form)


@lru_cache(maxsize=2_000)
def _time_written(local: time, _language: str | None) -> str:
    return dateformat.time_format(local, pgettext("time of day", "g:i A"))


def dialed(phone: str) -> str:
    """Return a phone number as a link dials it."""
    # People write (555) 010-2030 ext. and the like; a dialer takes digits and the plus alone.
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def _needs_year(instant: datetime, zone: str, *, now: datetime) -> bool:
    local, today = instant.astimezone(zone_named(zone)), now.astimezone(zone_named(zone))
    return local.year != today.year and abs(instant - now) > NEAR
