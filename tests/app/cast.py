"""The cast: Dr. Okafor the provider, Riley the client, Eve who must see nothing; and what tests say all the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.answer import decline, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.appointments.series import Series
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Client, Membership, Practice, Provider, Recipient, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.calendars.busy import BusyEvent
from raincheck.domain.calendars.checks import StoredReading
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
"""A Monday, 10:00 AM in New York."""
MINUTES = timedelta(minutes=1)
OFFICE_HOURS = {
    "weekly": [{"weekday": day, "start": "09:00", "end": "17:00", "places": []} for day in range(5)],
    "overrides": [],
}

NO_TIME_TO_UNDO = {"undo": 0}
"""The policy of practices whose messages leave at once; tests of the time to undo say otherwise."""


def new_york(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Return a New York wall time of 2026 as an instant."""
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def as_read(
    *busy: Span, until: datetime = NOW + timedelta(days=400), problems: Sequence[str] = ()
) -> StoredReading:
    """Return what a reading of a calendar with these events leaves behind."""
    return StoredReading([BusyEvent(span) for span in busy], problems, until)


TUESDAY_AT_ELEVEN = new_york(24, 11)
FRIDAY_AT_NINE = new_york(27, 9)


@dataclass(slots=True)
class Cast:
    practice: Practice
    okafor: Provider
    fischer: Provider
    riley: Client
    maya: Client
    follow_up: AppointmentType
    intake: AppointmentType
    telehealth: Place
    elsewhere: Practice
    mallory: Provider
    eve: Client

    @property
    def by_okafor(self) -> Actor:
        return Actor(ActorKind.PROVIDER, self.okafor.pk)

    @property
    def by_riley(self) -> Actor:
        return Actor(ActorKind.CLIENT_BY_LINK, self.riley.pk)

    def choose(self, **policy: int | str) -> None:
        """Let Harbor Counseling choose these rules, in seconds by name, and have the product's own besides."""
        self.practice.policy = policy
        self.practice.save(update_fields=["policy"])

    def booked(
        self,
        start: datetime = TUESDAY_AT_ELEVEN,
        *,
        client: Client | None = None,
        provider: Provider | None = None,
        kind: AppointmentType | None = None,
        place: Place | None = None,
        now: datetime = NOW,
    ) -> Appointment:
        """Book an appointment (Riley's follow-up with Dr. Okafor unless said otherwise)."""
        provider = provider or self.okafor
        where = place or self.telehealth
        booking = Booking(
            provider.pk, (client or self.riley).pk, (kind or self.follow_up).pk, where.pk, start
        )
        answer = run_command(
            partial(book, booking, by=Actor(ActorKind.PROVIDER, provider.pk), now=now),
            key=None,
            body={},
            by=self.by_okafor,
            now=now,
        )
        return Appointment.objects.get(ref=answer["appointment"])

    def asked(self, *appointments: Appointment, now: datetime = NOW, **said: object) -> RescheduleRequest:
        """Ask about appointments and return the request about the first of them."""
        ask = Ask([row.ref for row in appointments], said.pop("reason", Reason.SCHEDULING_CONFLICT), **said)  # type: ignore[arg-type]
        run_command(
            partial(ask_to_reschedule, ask, practice_id=self.practice.pk, by=self.by_okafor, now=now),
            key=None,
            body={},
            by=self.by_okafor,
            now=now,
        )
        return RescheduleRequest.objects.get(appointment=appointments[0], state="open")

    def pick(
        self,
        request: RescheduleRequest,
        start: datetime = FRIDAY_AT_NINE,
        *,
        now: datetime = NOW,
        key: UUID | None = None,
    ) -> Answer:
        verb = partial(pick_new_time, request.ref, start=start, by=self.by_riley, now=now)
        return run_command(verb, key=key, body={"start": start.isoformat()}, by=self.by_riley, now=now)

    def decline(self, request: RescheduleRequest, *, now: datetime = NOW) -> Answer:
        return run_command(
            partial(decline, request.ref, by=self.by_riley, now=now),
            key=None,
            body={},
            by=self.by_riley,
            now=now,
        )

    def withdraw(self, request: RescheduleRequest, *, now: datetime = NOW, **said: str) -> Answer:
        verb = partial(withdraw, request.ref, by=self.by_okafor, now=now, **said)
        return run_command(verb, key=None, body={}, by=self.by_okafor, now=now)


def harbor() -> Cast:
    """Make the two practices, which send everything at once. Everybody signs in with the password "let me in please"."""
    practice = Practice.objects.create(
        name="Harbor Counseling",
        sender_name="Harbor",
        reply_to="front@harbor.example",
        phone="+1 212 555 0100",
        zone="America/New_York",
        policy=NO_TIME_TO_UNDO,
    )
    elsewhere = Practice.objects.create(
        name="Elsewhere Clinic",
        sender_name="Elsewhere",
        reply_to="front@elsewhere.example",
        phone="+1 212 555 0199",
        zone="America/New_York",
        policy=NO_TIME_TO_UNDO,
    )
    follow_up, intake = _types(practice)
    telehealth = Place.objects.create(practice=practice, name="Telehealth", kind="telehealth")
    _types(elsewhere)
    Place.objects.create(practice=elsewhere, name="Telehealth", kind="telehealth")
    return Cast(
        practice=practice,
        okafor=provider_in(practice, "Dr. Jo Okafor", "Dr. Okafor"),
        fischer=provider_in(practice, "Dr. Lena Fischer", "Dr. Fischer"),
        riley=client_in(practice, "Riley", "Brooks", zone="America/Los_Angeles", pronouns="they/them"),
        maya=client_in(practice, "Maya", "Chen"),
        follow_up=follow_up,
        intake=intake,
        telehealth=telehealth,
        elsewhere=elsewhere,
        mallory=provider_in(elsewhere, "Dr. Mallory Vance", "Dr. Vance"),
        eve=client_in(elsewhere, "Eve", "Marlow"),
    )


def room_of(cast: Cast) -> Place:
    """Return Harbor's room, made when it is first asked for."""
    room, _made = Place.objects.get_or_create(
        practice=cast.practice, name="Room 2", kind="room", zone="America/New_York"
    )
    return room


def time_off(provider: Provider, starts_at: datetime, ends_at: datetime, **said: object) -> OutOfOffice:
    """Write a block of a provider's as it would stand after any time had passed."""
    zone = ZoneInfo(provider.zone)
    return OutOfOffice.objects.create(
        **{  # type: ignore[misc]  # what is said differs
            "practice": provider.practice,
            "provider": provider,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "starts_wall": starts_at.astimezone(zone).replace(tzinfo=None),
            "ends_wall": ends_at.astimezone(zone).replace(tzinfo=None),
            "zone": provider.zone,
            "made_at": NOW,
            **said,
        }
    )


def series_of(cast: Cast, *, begins_on: date = date(2026, 11, 24), **said: object) -> Series:
    """Write a series of Riley's with Dr. Okafor without any appointment: weekly at 11:00 AM, without an end."""
    return Series.objects.create(
        **{  # type: ignore[misc]  # what is said differs
            "practice": cast.practice,
            "provider": cast.okafor,
            "client": cast.riley,
            "type": cast.follow_up,
            "place": cast.telehealth,
            "begins_on": begins_on,
            "wall_time": time(11),
            "zone": cast.okafor.zone,
            "length": cast.follow_up.length,
            "made_until": begins_on,
            **said,
        }
    )


def _types(practice: Practice) -> tuple[AppointmentType, AppointmentType]:
    follow_up = AppointmentType.objects.create(
        practice=practice,
        name="Follow-up",
        kind="follow_up",
        length=50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
    )
    intake = AppointmentType.objects.create(
        practice=practice,
        name="Intake",
        kind="intake",
        length=80 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
    )
    return follow_up, intake


def provider_in(practice: Practice, name: str, short_name: str) -> Provider:
    email = f"{name.split()[-1].lower()}@{practice.sender_name.lower()}.example"
    provider = Provider.objects.create(
        practice=practice,
        name=name,
        short_name=short_name,
        email=email,
        zone="America/New_York",
        availability=OFFICE_HOURS,
        availability_changed_at=NOW,
        grid_step=timedelta(minutes=30),
        join_url="https://meet.example/room",
    )
    Membership.objects.create(
        practice=practice, user=_user(email, name), role=Role.PROVIDER, provider=provider
    )
    return provider


def client_in(
    practice: Practice, first_name: str, last_name: str, *, zone: str = "", pronouns: str = ""
) -> Client:
    email = f"{first_name.lower()}@clients.example"
    client = Client.objects.create(
        practice=practice,
        first_name=first_name,
        last_name=last_name,
        zone=zone,
        pronouns=pronouns,
        client_since=date(2025, 3, 1),
    )
    Recipient.objects.create(practice=practice, client=client, email=email)
    Membership.objects.create(
        practice=practice, user=_user(email, first_name), role=Role.CLIENT, client=client
    )
    return client


def _user(email: str, name: str) -> User:
    user, _made = User.objects.get_or_create(email=email, defaults={"name": name})
    user.set_password("let me in please")
    user.save(update_fields=["password"])
    return user


def a_key() -> UUID:
    return uuid4()
