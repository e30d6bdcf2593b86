"""The demo's weekly plan, and the regular appointments it makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from raincheck.data.models import AppointmentType, Client, Place, Provider
from raincheck.demo.people import FRIDAY, MONDAY, RILEY, THURSDAY, TUESDAY, WEDNESDAY, Cast
from raincheck.domain.zones import start_at, wall, zone_named

WEEKS_PAST = 8
WEEKS_AHEAD = 4
# Riley's Tuesdays go on longer, so that one is more than 50 hours away even when the demo's clock was moved a month.
RILEYS_WEEKS_AHEAD = 8
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Seat:
    """A client's regular time on the provider's clock: every `every` weeks, in weeks whose number leaves `turn`."""

    name: str
    weekday: int
    hour: int
    minute: int = 0
    every: int = 1
    turn: int = 0
    room: bool = False


OKAFOR = [
    Seat("Amara Nwosu", MONDAY, 9),
    Seat("Benedikt Halloran", MONDAY, 10, room=True),
    Seat("Camille Dubois", MONDAY, 14),
    Seat("Dev Chaudhary", MONDAY, 16, every=2),
    Seat("Elena Marchetti", TUESDAY, 9),
    Seat(RILEY.name, TUESDAY, 11),
    Seat("Farah Haddad", TUESDAY, 14),
    Seat("Gideon Oyelaran", TUESDAY, 16, room=True),
    Seat("Hana Takemoto", WEDNESDAY, 13, every=2, turn=1),
    Seat("Isaac Feldman", WEDNESDAY, 10),
    Seat("June Castellano", WEDNESDAY, 14, room=True),
    Seat("Kofi Boateng", THURSDAY, 10),
    Seat("Lucía Ferrer", THURSDAY, 11),
    Seat("Malik Weathers", THURSDAY, 14),
    Seat("Noor Siddiqui", THURSDAY, 16, every=2, turn=1),
    Seat("Owen Gallagher", FRIDAY, 9, every=2),
    Seat("Priya Raman", FRIDAY, 10),
]
FISCHER = [
    Seat("Quinn Abernathy", MONDAY, 8),
    Seat("Rosa Villanueva", MONDAY, 10),
    Seat("Samir Khoury", MONDAY, 15, room=True),
    Seat("Tessa Lindgren", TUESDAY, 11),
    Seat("Uma Pillai", TUESDAY, 13),
    Seat("Viktor Novak", TUESDAY, 17),
    Seat("Willa Thorne", WEDNESDAY, 9, room=True),
    Seat("Xiomara Reyes", WEDNESDAY, 11, every=2, turn=1),
    Seat("Yusuf Demir", WEDNESDAY, 14),
    Seat("Zadie Okonjo", THURSDAY, 11),
    Seat("Anders Holm", THURSDAY, 15),
    Seat("Bianca Teixeira", THURSDAY, 17, every=2),
    Seat("Caleb Whitfield", FRIDAY, 9),
]
BELL = [
    Seat("Delphine Arceneaux", MONDAY, 8, every=2),
    Seat("Emeka Obi", MONDAY, 9, 30, every=2, turn=1),
    Seat("Fiona MacLeish", MONDAY, 11, every=2),
    Seat("Gus Papadakis", MONDAY, 14, every=4, turn=1),
    Seat("Harriet Bloom", TUESDAY, 8, 30, every=2),
    Seat("Ivan Petrov", TUESDAY, 10, every=2, turn=1),
    Seat("Jasmine Wu", TUESDAY, 11, 30, every=2),
    Seat("Kiran Mehta", WEDNESDAY, 13, every=2, turn=1),
    Seat("Leo Santangelo", WEDNESDAY, 15, every=2),
    Seat("Mirembe Kato", WEDNESDAY, 16, 30, every=2, turn=1),
    Seat("Nils Aaltonen", THURSDAY, 9, every=2),
    # Some see a therapist of the practice and its prescriber.
    Seat("Amara Nwosu", THURSDAY, 10, 30, every=4, turn=2),
    Seat("Isaac Feldman", THURSDAY, 13, every=4),
    Seat("Rosa Villanueva", FRIDAY, 8, 30, every=4, turn=3),
    Seat("Viktor Novak", FRIDAY, 10, every=4, turn=1),
]
# The day on which Dr. Okafor is out of office: the Friday of the week after next. Nobody is booked then.
TRAINING = (2, FRIDAY)


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks around today, on the practice's calendar: 0 is the present one."""

    monday: date

    @classmethod
    def around(cls, now: datetime, *, zone: str) -> Weeks:
        today = wall(now, zone=zone_named(zone)).date()
        return cls(today - timedelta(days=today.weekday()))

    def day(self, week: int, weekday: int) -> date:
        return self.monday + week * A_WEEK + timedelta(days=weekday)

    def at(self, week: int, weekday: int, hour: int, minute: int = 0, *, zone: str) -> datetime:
        """Return the instant at which a clock in `zone` shows this time."""
        return start_at(datetime.combine(self.day(week, weekday), time(hour, minute)), zone=zone_named(zone))


@dataclass(frozen=True, slots=True)
class Regular:
    """One client's regular appointments with one provider: when each begins."""

    provider: Provider
    client: Client
    type: AppointmentType
    place: Place
    every: int
    starts: tuple[datetime, ...]


def regulars(cast: Cast, weeks: Weeks) -> Iterator[Regular]:
    """Return the weekly plan as appointments to be written."""
    plan = zip(cast.providers, (OKAFOR, FISCHER, BELL), strict=True)
    for provider, seats in plan:
        away = frozenset({TRAINING} if provider is cast.okafor else ())
        for seat in seats:
            yield Regular(
                provider,
                cast.clients[seat.name],
                cast.medication if provider is cast.bell else cast.follow_up,
                cast.room if seat.room else cast.telehealth,
                seat.every,
                tuple(starts_of(seat, weeks, zone=provider.zone, away=away)),
            )


def starts_of(
    seat: Seat, weeks: Weeks, *, zone: str, away: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[datetime]:
    """Return when a seat's appointments begin; `away` are the weeks and weekdays on which there are none."""
    ahead = RILEYS_WEEKS_AHEAD if seat.name == RILEY.name else WEEKS_AHEAD
    for week in range(-WEEKS_PAST, ahead + 1):
        # Python's remainder is never negative, so weeks of the past keep the same turn.
        if week % seat.every == seat.turn and (week, seat.weekday) not in away:
            yield weeks.at(week, seat.weekday, seat.hour, seat.minute, zone=zone)
