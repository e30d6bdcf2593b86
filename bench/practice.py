"""The practice that is measured: one provider with eighty bookings in 28 days, and whoever signs in to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from raincheck.data.people import User

ZONE = ZoneInfo("America/New_York")
DAYS = 28
BOOKINGS = 80
LENGTH = timedelta(minutes=50)
STEP = timedelta(minutes=15)
ALL_DAY = timedelta(hours=10)
HOURS = {
    "weekly": [{"weekday": day, "start": "09:00", "end": "17:00", "places": []} for day in range(5)],
    "overrides": [],
}
STARTS = ("09:00", "10:30", "13:15", "15:00")
"""When four sessions of a day begin; on some days a quarter of an hour later."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a question about the measured provider needs to name."""

    provider_id: int
    practice_id: int
    type_ref: str
    place_ref: str
    cookie: str
    first: date

    @property
    def after(self) -> date:
        return self.first + timedelta(days=DAYS)

    @property
    def question(self) -> str:
        stretch = f"from={self.first}&to={self.after}"
        return f"/appointments/open-times.json?type={self.type_ref}&place={self.place_ref}&{stretch}"


def first_day(now: datetime) -> date:
    """Return the first Monday that is more than the practice's notice away."""
    day = now.astimezone(ZONE).date() + timedelta(days=2)
    return day + timedelta(days=-day.weekday() % 7)


def booked_starts(first: date) -> Sequence[datetime]:
    """Return the starts of the eighty sessions, in UTC: four on each of twenty working days."""
    chance = Random(80)  # the same days in every run are the point
    days = [first + timedelta(days=day) for day in range(DAYS) if (first + timedelta(days=day)).weekday() < 5]
    walls = [
        datetime.combine(day, time.fromisoformat(start)) + STEP * chance.randrange(2)
        for day in days
        for start in STARTS
    ]
    assert len(walls) == BOOKINGS
    return [wall.replace(tzinfo=ZONE).astimezone(UTC) for wall in walls]


def found(now: datetime) -> Measured:
    """Make the practice in the product's own tables, and book by the product's own verb."""
    from raincheck.actions.appointments.booking import Booking, book
    from raincheck.actions.engine.runner import run_command
    from raincheck.data.appointments.places import AppointmentType, Place
    from raincheck.data.people import Client, Membership, Practice, Provider, User
    from raincheck.domain.people import Actor, ActorKind, Role

    none = timedelta(0)
    practice = Practice.objects.create(
        name="Bench", sender_name="Bench", reply_to="front@bench.example", phone="", zone=ZONE.key
    )
    kind = AppointmentType.objects.create(
        practice=practice,
        name="Session",
        kind="follow_up",
        length=LENGTH,
        buffer_before=none,
        buffer_after=none,
    )
    place = Place.objects.create(practice=practice, name="Telehealth", kind="telehealth")
    provider = Provider.objects.create(
        practice=practice,
        name="Dr. Measured",
        short_name="Dr. Measured",
        email="measured@bench.example",
        zone=ZONE.key,
        availability=HOURS,
        availability_changed_at=now,
        grid_step=STEP,
    )
    user = User.objects.create_user("measured@bench.example", name=provider.name)
    Membership.objects.create(practice=practice, user=user, role=Role.PROVIDER, provider=provider)
    clients = [
        Client.objects.create(
            practice=practice, first_name=f"C{number}", last_name="Bench", client_since=now.date()
        )
        for number in range(20)
    ]
    by, first = Actor(ActorKind.PROVIDER, provider.pk), first_day(now)
    for number, start in enumerate(booked_starts(first)):
        booking = Booking(provider.pk, clients[number % 20].pk, kind.pk, place.pk, start)
        run_command(partial(book, booking, by=by, now=now), key=None, body={}, by=by, now=now)
    return Measured(provider.pk, practice.pk, str(kind.ref), str(place.ref), _session(user, now=now), first)


def _session(user: User, *, now: datetime) -> str:
    """Return the cookie that signing in with a second factor would give, of somebody who is there all day."""
    from raincheck.data.models import UserSession
    from raincheck.domain.access.sign_in import SecondFactor, WayIn
    from raincheck.web.access.way_in import PROOF
    from raincheck.web.sessions import SessionStore, kept_key

    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session[PROOF] = {"way": WayIn.PASSWORD, "factor": SecondFactor.AUTHENTICATOR}
    session.create()
    assert session.session_key is not None
    UserSession.objects.create(
        user=user,
        key=kept_key(session.session_key),
        way=WayIn.PASSWORD,
        made_at=now,
        # A run takes longer than anybody may be away.
        last_seen_at=now + ALL_DAY,
    )
    return f"raincheck_session={session.session_key}"
