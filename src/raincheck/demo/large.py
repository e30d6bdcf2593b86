"""A second, large practice of the demo, for looking at screens and speed: forty providers and fifty weeks of their sessions."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import product

from raincheck.data.models import Appointment, Client, Practice, Provider, Recipient
from raincheck.demo.appointments import remind_from_now, write_attendance, write_regulars
from raincheck.demo.past import Past, acted
from raincheck.demo.people import (
    MAYA,
    MONTH,
    NEW_YORK,
    OKAFOR_HOURS,
    OTHERS,
    RILEY,
    THEO,
    new_member,
    new_place,
    new_provider,
    new_type,
    new_user,
)
from raincheck.demo.seeding import SEED, alone_and_unhurried, tidy_up
from raincheck.demo.stories import HOUR, Ending, Waiting, ask, declines, looks, picks, silence, withdrawn
from raincheck.demo.week import Regular, Weeks
from raincheck.domain.appointments.lifecycle import PlaceKind, Status, TypeKind
from raincheck.domain.people import Actor, ActorKind, Role

NAME = "Lakeside Health Network"
DOMAIN = "lakeside.example"
# Providers see clients at these hours of the day, their own wall clock; what is left of their hours is open.
HOURS = (9, 10, 11, 13, 14, 15)
WEEKDAYS = range(5)
# How many of a provider's requests ended in which way, so long after the ask; the last ones still wait.
ENDINGS: tuple[Ending, ...] = (
    picks(5 * HOUR),
    picks(30 * HOUR, choice=1),
    silence,
    declines(9 * HOUR),
    withdrawn(3 * HOUR),
)
ENDED_DAYS_AGO = (20, 15, 12, 8, 5)
STILL_OPEN: tuple[Ending, ...] = (looks(2 * HOUR), silence)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the practice is. Each provider sees thirty clients every week."""

    providers: int = 40
    weeks_past: int = 44
    weeks_ahead: int = 5

    @property
    def appointments(self) -> int:
        return self.providers * len(WEEKDAYS) * len(HOURS) * (self.weeks_past + 1 + self.weeks_ahead)


def add_large(*, now: datetime, size: Size) -> bool:
    """Make the large practice unless it is there already; return whether it was made. All of it, or nothing."""
    with alone_and_unhurried():
        if Practice.objects.filter(name=NAME).exists():
            return False
        practice = Practice(
            name=NAME,
            sender_name="Lakeside",
            reply_to=f"front.desk@{DOMAIN}",
            phone="+1 212 555 0180",
            zone=NEW_YORK,
        )
        practice.save(force_insert=True)
        new_member(practice, new_user(f"ines.marlow@{DOMAIN}", "Ines Marlow"), Role.MANAGER)
        providers = [_provider(practice, number, now=now) for number in range(size.providers)]
        plan = list(_regulars(practice, providers, now=now, size=size))
        acted(partial(write_regulars, plan))
        past = Past()
        chance = random.Random(SEED)
        for provider in providers:
            _plan_requests(past, provider, chance, now=now)
        past.live(now - (max(ENDED_DAYS_AGO) + 1) * timedelta(days=1), until=now)
        for provider in providers:
            acted(partial(write_attendance, Appointment.objects.filter(provider=provider), chance, now=now))
            acted(partial(remind_from_now, Appointment.objects.filter(provider=provider), now=now))
            tidy_up(provider, now=now)
        return True


def _provider(practice: Practice, number: int, *, now: datetime) -> Provider:
    # First and last names of the demo's people in new pairs, each last name once.
    first, last = OTHERS[(number + 17) % len(OTHERS)].first_name, OTHERS[number].last_name
    return new_provider(
        practice, f"Dr. {first} {last}", f"Dr. {last}", NEW_YORK, OKAFOR_HOURS, domain=DOMAIN, now=now
    )


def _regulars(
    practice: Practice, providers: list[Provider], *, now: datetime, size: Size
) -> Iterator[Regular]:
    """Return thirty clients a week for each provider, each at a time of their own; every fifth comes to a room."""
    follow_up = new_type(practice, "Follow-up", TypeKind.FOLLOW_UP, 50, 10)
    telehealth = new_place(practice, "Telehealth", PlaceKind.TELEHEALTH)
    rooms = [
        new_place(practice, f"Room {number + 1}", PlaceKind.ROOM, zone=NEW_YORK, address="200 Lakeside Drive")
        for number in range(12)
    ]
    clients = _clients(practice, size.providers * len(WEEKDAYS) * len(HOURS), now=now)
    weeks = Weeks.around(now, zone=NEW_YORK)
    for number, (provider, weekday, hour) in enumerate(product(providers, WEEKDAYS, HOURS)):
        starts = (
            weeks.at(week, weekday, hour, zone=NEW_YORK)
            for week in range(-size.weeks_past, size.weeks_ahead + 1)
        )
        place = telehealth if number % 5 else rooms[number // 5 % len(rooms)]
        yield Regular(provider, next(clients), follow_up, place, 1, tuple(starts))


def _clients(practice: Practice, many: int, *, now: datetime) -> Iterator[Client]:
    """Write so many clients, reached by e-mail, every third by text too, and return them."""
    people = [RILEY, THEO, MAYA, *OTHERS]
    made = []
    for number in range(many):
        # A first name with every last name, shifted by one each time around: no pair comes twice.
        round_, at = divmod(number, len(people))
        person, family = people[at], people[(at + round_ + 1) % len(people)]
        made.append(
            Client(
                practice=practice,
                first_name=person.first_name,
                last_name=family.last_name,
                pronouns=person.pronouns,
                phone=f"+1 646 555 01{number % 100:02}",
                client_since=(now - (3 + number % 40) * MONTH).date(),
                do_not_auto_cancel=number % 50 == 0,
            )
        )
    rows = Client.objects.bulk_create(made)
    Recipient.objects.bulk_create(
        Recipient(
            practice=practice,
            client=row,
            email=f"client.{number}@mail.example",
            phone=row.phone,
            sms_agreed_at=now - MONTH if number % 3 == 0 else None,
        )
        for number, row in enumerate(rows)
    )
    return iter(rows)


def _plan_requests(past: Past, provider: Provider, chance: random.Random, *, now: datetime) -> None:
    """Plan a provider's requests: some that ended, and some that are open today."""
    by = Actor(ActorKind.PROVIDER, provider.pk)
    scheduled = Appointment.objects.filter(provider=provider, status=Status.SCHEDULED)
    told = list(zip(ENDED_DAYS_AGO, ENDINGS, strict=True))
    for days, ending in chance.sample(told, 2):
        asked_at = now - timedelta(days=days, minutes=chance.randrange(600))
        about = scheduled.filter(starts_at__gt=asked_at + timedelta(hours=72 + chance.randrange(96)))
        past.at(asked_at, partial(ask, Waiting("", HOUR, HOUR, ending), about=about, past=past, by=by))
    for ending in STILL_OPEN[: chance.randrange(3)]:
        asked_at = now - timedelta(minutes=chance.randrange(120, 1400))
        about = scheduled.filter(
            starts_at__gt=now + timedelta(hours=50 + chance.randrange(96)), requests__isnull=True
        )
        past.at(asked_at, partial(ask, Waiting("", HOUR, HOUR, ending), about=about, past=past, by=by))
