"""Makes two practices up for a soak: their people, their appointments, and questions whose deadlines fall inside the run.

Run as a program of its own with RAINCHECK_HOME set; says what it made as one JSON object. All of the past is lived
through the product's own verbs, each at its time.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from raincheck.data.appointments.appointment import Appointment
    from raincheck.data.appointments.places import AppointmentType, Place
    from raincheck.data.people import Client, Practice, Provider, User
    from raincheck.demo.week import Regular

PASSWORD = "let me in please"  # noqa: S105  # made-up people have made-up passwords
ZONES = ("America/New_York", "America/Chicago")
PROVIDERS = 4  # of each practice
CLIENTS = 6  # of each provider
APPOINTMENTS = 4  # of each client's series, all ahead
FIRST_HOUR, LAST_HOUR = 9, 15
SHORTEST_IN_A_FILE = 15
"""Minutes; an appointment of a manager's n-th file lasts n minutes more, so that the checker knows it again."""
SILENT = 3
"""Every third client never answers, so that some requests surely lapse."""
LIVED_SINCE = timedelta(hours=72)
ANSWER_WINDOW = timedelta(hours=48)
TIME_TO_UNDO = timedelta(seconds=15)
"""Short, so that asks leave while the soak still runs, and long enough for some to be undone."""
HOLD = timedelta(minutes=2)
"""As short as may be, so that some requests lapse as soon as the hold that kept them has ended."""
UNTIL_THE_RUN = timedelta(seconds=10)
"""About how long after the filling people begin to work."""
BEFORE_THE_RUN = timedelta(seconds=40)
"""The first deadlines lie this long before that: with the grace of a minute they lapse soon after it."""
BEFORE_THE_END = timedelta(seconds=110)
"""The last ones this long before its end, so that they lapse while it still runs."""


@dataclass
class Person:
    """Somebody with a browser. `links` are the paths of links that clients got before the run; silent clients open none."""

    email: str
    name: str
    role: str
    links: list[str] = field(default_factory=list)
    silent: bool = False


@dataclass
class People:
    """Everybody, and how many questions wait for their deadline."""

    everybody: list[Person]
    deadlines: int

    def who_are(self, role: str) -> list[Person]:
        return [one for one in self.everybody if one.role == role]


def read(text: str) -> People:
    """Return what the program has said."""
    said = json.loads(text.splitlines()[-1])
    return People([Person(**one) for one in said["everybody"]], said["deadlines"])


def make(*, seed: int, seconds: float, now: datetime) -> People:
    """Fill the database in one transaction."""
    from django.db import connection, transaction

    chance = random.Random(seed)
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        practices = [
            _Filling(name, zone, chance, now)
            for name, zone in zip(("Harbor", "Lakeside"), ZONES, strict=True)
        ]
        asked = sum(filling.live(seconds) for filling in practices)
        people = [person for filling in practices for person in filling.people()]
    return People(people, asked)


class _Filling:
    """One practice while it is being made up."""

    def __init__(self, name: str, zone: str, chance: random.Random, now: datetime) -> None:
        from django.contrib.auth.hashers import make_password

        self.name, self.zone, self.chance, self.now = name, zone, chance, now
        self.password = make_password(PASSWORD)
        self.practice = _practice(name, zone)
        self.follow_up, self.place = _type(self.practice), _place(self.practice)
        self.room = _room(self.practice, "Room 2")
        _room(self.practice, "Room 3", one_at_a_time=True)
        self.manager = self._user(f"manager@{name.lower()}.example", f"Manager of {name}")
        self._member(self.manager, "manager")
        self.providers = [self._provider(number) for number in range(PROVIDERS)]
        self.clients = [self._client(number) for number in range(PROVIDERS * CLIENTS)]

    def live(self, seconds: float) -> int:
        """Book everybody's appointments, ask about some so that their deadlines come during the run; return how many."""
        from raincheck.data.appointments.appointment import Appointment
        from raincheck.demo.appointments import remind_from_now, write_regulars
        from raincheck.demo.past import Past, acted

        acted(partial(write_regulars, [self._regular(number) for number in range(len(self.clients))]))
        regular = Appointment.objects.filter(practice=self.practice)
        acted(partial(remind_from_now, regular, now=self.now - LIVED_SINCE))
        past, deadlines = Past(), list(self._deadlines(seconds))
        for number in range(len(self.clients)):
            past.at(self.now - LIVED_SINCE, partial(self._book_what_is_reminded_of, number))
        for client, deadline in zip(self._silent_first(), deadlines, strict=False):
            last = regular.filter(client=client).latest("starts_at")
            past.at(deadline - ANSWER_WINDOW - TIME_TO_UNDO, partial(self._ask_about, last))
        past.live(self.now - LIVED_SINCE, until=self.now)
        return len(deadlines)

    def _silent_first(self) -> list[Client]:
        """Return the clients, the silent ones first: the sooner their deadlines come, the fewer staff have moved by hand."""
        order = sorted(range(len(self.clients)), key=lambda number: (number % SILENT != 0, number))
        return [self.clients[number] for number in order]

    def _deadlines(self, seconds: float) -> Iterator[datetime]:
        """Yield deadlines inside the run: one every ten seconds, at least twelve."""
        last = max(timedelta(seconds=seconds) - BEFORE_THE_END, -BEFORE_THE_RUN + timedelta(seconds=20))
        many = min(max(12, int(seconds / 10)), len(self.clients))
        for number in range(many):
            yield self.now + UNTIL_THE_RUN - BEFORE_THE_RUN + (last + BEFORE_THE_RUN) * number / many

    def _regular(self, number: int) -> Regular:
        from raincheck.demo.week import Regular

        provider = self.providers[number % PROVIDERS]
        starts = tuple(_starts(self.now, self.zone, number // PROVIDERS))
        # Half of them come in person.
        place = self.room if number % 2 else self.place
        return Regular(provider, self.clients[number], self.follow_up, place, every=1, starts=starts)

    def _book_what_is_reminded_of(self, number: int, now: datetime) -> None:
        """Book the appointment of a client of which they are reminded as people begin to work."""
        from raincheck.actions.appointments.booking import Booking, book
        from raincheck.demo.past import acted
        from raincheck.domain.people import Actor, ActorKind

        provider, client = self.providers[number % PROVIDERS], self.clients[number]
        start = _reminded(self.now, number // PROVIDERS)
        booking = Booking(provider.pk, client.pk, self.follow_up.pk, self.place.pk, start)
        acted(partial(book, booking, by=Actor(ActorKind.PROVIDER, provider.pk), now=now))

    def _ask_about(self, appointment: Appointment, now: datetime) -> None:
        from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
        from raincheck.demo.past import acted
        from raincheck.domain.people import Actor, ActorKind
        from raincheck.domain.reschedule.lifecycle import Reason

        ask = Ask([appointment.ref], Reason.TRAVEL)
        by = Actor(ActorKind.PROVIDER, appointment.provider_id)
        acted(partial(ask_to_reschedule, ask, practice_id=self.practice.pk, by=by, now=now))

    def people(self) -> list[Person]:
        from raincheck.data.notifications import DeliveryAttempt

        links: dict[str, list[str]] = {}
        prompts = DeliveryAttempt.objects.filter(practice=self.practice, notification__kind="asked")
        for address, answer in prompts.values_list("address", "answer"):
            if "/r/" in answer:
                links.setdefault(address, []).append(answer[answer.index("/r/") :])
        return [
            Person(self.manager.email, self.manager.name, "manager"),
            *(Person(row.email, row.name, "provider") for row in self.providers),
            *(self._person(number, client, links) for number, client in enumerate(self.clients)),
        ]

    def _person(self, number: int, client: Client, links: dict[str, list[str]]) -> Person:
        from raincheck.data.people import Recipient

        email = Recipient.objects.get(client=client).email
        return Person(email, client.first_name, "client", links.get(email, []), silent=number % SILENT == 0)

    def _provider(self, number: int) -> Provider:
        from raincheck.data.people import Provider

        email = f"provider{number}@{self.name.lower()}.example"
        row = Provider.objects.create(
            practice=self.practice,
            name=f"Dr. {self.name} {'ABCDEFGH'[number]}",
            short_name=f"Dr. {'ABCDEFGH'[number]}",
            email=email,
            zone=self.zone,
            availability={
                "weekly": [
                    {
                        "weekday": day,
                        "start": f"{FIRST_HOUR:02}:00",
                        "end": f"{LAST_HOUR:02}:00",
                        "places": [],
                    }
                    for day in range(6)
                ],
                "overrides": [],
            },
            availability_changed_at=self.now - LIVED_SINCE,
            grid_step=timedelta(minutes=60),
            join_url="https://meet.example/room",
            licensed_in=["US-NY"],
        )
        self._member(self._user(email, row.name), "provider", provider=row)
        return row

    def _client(self, number: int) -> Client:
        from raincheck.data.people import Client, Recipient

        email = f"client{number}@{self.name.lower()}-clients.example"
        row = Client.objects.create(
            practice=self.practice,
            first_name=f"Client{number}",
            last_name=self.name,
            zone=self.chance.choice(["", "America/Los_Angeles"]),
            client_since=date(2025, 3, 1),
        )
        Recipient.objects.create(practice=self.practice, client=row, email=email)
        self._member(self._user(email, row.first_name), "client", client=row)
        return row

    def _user(self, email: str, name: str) -> User:
        from raincheck.data.people import User

        return User.objects.create(email=email, name=name, password=self.password)

    def _member(self, user: User, role: str, **whose: object) -> None:
        from raincheck.data.people import Membership

        Membership.objects.create(practice=self.practice, user=user, role=role, **whose)


def _practice(name: str, zone: str) -> Practice:
    from raincheck.data.people import Practice

    return Practice.objects.create(
        name=f"{name} Practice",
        sender_name=name,
        reply_to=f"front@{name.lower()}.example",
        phone="+1 212 555 0100",
        zone=zone,
        policy={
            "undo": int(TIME_TO_UNDO.total_seconds()),
            "hold": int(HOLD.total_seconds()),
        },
    )


def _type(practice: Practice) -> AppointmentType:
    from raincheck.data.appointments.places import AppointmentType

    return AppointmentType.objects.create(
        practice=practice,
        name="Follow-up",
        kind="follow_up",
        length=timedelta(minutes=50),
        buffer_before=timedelta(0),
        buffer_after=timedelta(minutes=10),
    )


def _place(practice: Practice) -> Place:
    from raincheck.data.appointments.places import Place

    return Place.objects.create(practice=practice, name="Telehealth", kind="telehealth")


def _room(practice: Practice, name: str, *, one_at_a_time: bool = False) -> Place:
    from raincheck.data.appointments.places import Place

    return Place.objects.create(
        practice=practice, name=name, kind="room", zone=practice.zone, one_at_a_time=one_at_a_time
    )


def _starts(now: datetime, zone: str, number: int) -> Iterator[datetime]:
    """Yield the starts of one client's series: an hour of their own, each week from the third day on."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for days in range(3, 3 + 7 * APPOINTMENTS, 7):
        hour = time(FIRST_HOUR + number)
        yield datetime.combine(today + timedelta(days=days), hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _reminded(now: datetime, number: int) -> datetime:
    """Return the start of an appointment two days before which is now, or some hours ago: its reminder is due."""
    minute = now.replace(second=0, microsecond=0)
    return minute + timedelta(days=2, minutes=1) - number * timedelta(hours=1)


def main() -> None:
    from raincheck import clock
    from raincheck.cli.application import application

    with application():
        from raincheck.cli.migrations import migrate

        migrate()
        people = make(seed=int(sys.argv[1]), seconds=float(sys.argv[2]), now=clock.now())
        print(json.dumps(asdict(people)))


if __name__ == "__main__":
    main()
