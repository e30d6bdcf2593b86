"""Times as a client reads them: a session in a room by the room's clock, with their own beside it; everything else by their own."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from raincheck.data.appointments.places import Place
from raincheck.domain.appointments.lifecycle import PlaceKind
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import (
    clock_time,
    instant_with_day,
    long_day_and_time,
    short_day,
    zone_city,
    zone_words,
)


def day_and_time(day: str, time: str) -> str:
    """Return "Tue, Nov 24 at 1:00 PM"."""
    return _("%(day)s at %(time)s") % {"day": day, "time": time}


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone in which a session's times are shown, and the client's own (both IANA names)."""

    shown: str
    own: str

    @classmethod
    def at(cls, place: Place, *, own: str) -> "Clock":
        """Return the clock for sessions at a place."""
        in_room = place.kind == PlaceKind.ROOM and bool(place.zone)
        return cls(place.zone if in_room else own, own)

    @property
    def is_elsewhere(self) -> bool:
        """Whether sessions are shown by another clock than the client's own."""
        return self.shown != self.own

    @property
    def words(self) -> str:
        """Return which clock it is, as it stands once on a page: "Times in Los Angeles"."""
        city = zone_city(self.shown)
        if self.is_elsewhere:
            return _("Times in %(city)s, where you meet") % {"city": city}
        return _("Times in %(city)s") % {"city": city}

    def when(self, instant: datetime, *, now: datetime) -> str:
        """Return "Tuesday, November 24 at 8:00 AM"."""
        return long_day_and_time(instant, self.shown, now=now)

    def short(self, instant: datetime) -> str:
        """Return "Tue, Nov 24 at 1:00 PM", as it stands on a button."""
        return day_and_time(short_day(instant, self.shown), self.time(instant))

    def time(self, instant: datetime) -> str:
        """Return "1:00 PM"; a time that the clock shows twice that day names which of the two it is: "1:30 AM EST"."""
        local = instant.astimezone(zone_named(self.shown))
        shown = clock_time(instant, self.shown)
        # PEP 495: the other fold has another offset only where the clock shows a time twice, or never.
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        return f"{shown} {local.tzname()}" if twice else shown

    def beside(self, instant: datetime) -> str:
        """Return the client's own time where it differs: "Tue, 8:00 AM in Los Angeles"; else nothing."""
        own = instant_with_day(instant, self.own)
        if own == instant_with_day(instant, self.shown):
            return ""
        return _("%(time)s in %(city)s") % {"time": own, "city": zone_city(self.own)}

    def yours(self, instant: datetime) -> str:
        """Return the same beside a slot, where there is little room: "you: 8:00 AM"."""
        if not self.is_elsewhere or not self.beside(instant):
            return ""
        # A different day must be named, or an early morning would be read as the same one.
        same_day = short_day(instant, self.own) == short_day(instant, self.shown)
        own = clock_time(instant, self.own) if same_day else instant_with_day(instant, self.own)
        return _("you: %(time)s") % {"time": own}

    def named(self, instant: datetime) -> str:
        """Return which clock a time is read by: "Los Angeles time", with the client's own beside it where it differs."""
        beside = self.beside(instant)
        return f"{zone_words(self.shown)} ({beside})" if beside else zone_words(self.shown)
