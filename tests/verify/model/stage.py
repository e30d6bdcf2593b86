"""The practice of the stateful test: the usual cast, with clients who are reached in every way there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.app.cast import Cast, client_in, harbor, room_of
from tests.verify.model.answers_law import LICENSED_IN
from tests.verify.model.cleanup import keep_people
from tests.verify.model.law import HOURS_OF_WORK
from tests.verify.model.world import Kind, Person, Record, World

from raincheck.data.appointments.places import AppointmentType
from raincheck.data.people import Client, Membership, Practice, Provider, Recipient, User
from raincheck.domain.people import Role

NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Stage:
    """The people, made once, and what the model must know of them."""

    cast: Cast
    room: int
    manager: int
    people: dict[int, Person]
    kinds: list[Kind]
    manages: dict[int, int]
    records: list[tuple[int, int, str, str]]
    """Number, practice, first name and address of every client there is."""

    def world(self, now: datetime) -> World:
        return World(
            now=now,
            practice=self.cast.practice.pk,
            providers=[self.cast.okafor.pk, self.cast.fischer.pk],
            manager=self.manager,
            people=dict(self.people),
            kinds=list(self.kinds),
            places=[self.cast.telehealth.pk, self.room],
            manages=dict(self.manages),
            records=[Record(*facts) for facts in self.records],
        )


def set_up() -> Stage:
    cast = harbor()
    Provider.objects.filter(practice=cast.practice).update(
        availability={
            "weekly": [
                {"weekday": day, "start": f"{first:02}:00", "end": f"{last:02}:00", "places": []}
                for day, (first, last) in HOURS_OF_WORK.items()
            ],
            "overrides": [],
        }
    )
    Provider.objects.filter(pk=cast.okafor.pk).update(licensed_in=[LICENSED_IN])
    people = _people(cast)
    # The practice next door has a client of the same name at the same address.
    client_in(cast.elsewhere, "Maya", "Chen")
    manages = {practice.pk: _manager(practice) for practice in (cast.practice, cast.elsewhere)}
    found = Recipient.objects.filter(is_client=True).order_by("client")
    records = list(found.values_list("client", "practice", "client__first_name", "email"))
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    keep_people()
    kinds = [_kind(cast.follow_up), _kind(cast.intake)]
    return Stage(cast, room.pk, manages[cast.practice.pk], people, kinds, manages, records)


def _manager(practice: Practice) -> int:
    user = User.objects.create(email=f"sasha{practice.pk}@harbor.example", name="Sasha Lindqvist")
    return int(Membership.objects.create(practice=practice, user=user, role=Role.MANAGER).pk)


def _people(cast: Cast) -> dict[int, Person]:
    """Riley by e-mail and text in Los Angeles, Maya by e-mail, Theo by text only, Noor never cancelled, Sam unreachable."""
    made = [
        _person(cast.riley, ZoneInfo("America/Los_Angeles"), email=True, texts=True),
        _person(cast.maya, NEW_YORK, email=True, texts=False),
        _person(client_in(cast.practice, "Theo", "Alvarez"), NEW_YORK, email=False, texts=True),
        _person(client_in(cast.practice, "Noor", "Haddad"), NEW_YORK, email=True, texts=False, kept=True),
        _person(client_in(cast.practice, "Sam", "Reed"), NEW_YORK, email=False, texts=False),
    ]
    return {person.number: person for person in made}


def _person(client: Client, zone: ZoneInfo, *, email: bool, texts: bool, kept: bool = False) -> Person:
    Client.objects.filter(pk=client.pk).update(zone=zone.key, do_not_auto_cancel=kept)
    recipient = Recipient.objects.get(client=client)
    recipient.email = recipient.email if email else ""
    if texts:
        recipient.phone, recipient.sms_agreed_at = "+13105550100", client_since(client)
    recipient.save(update_fields=["email", "phone", "sms_agreed_at"])
    return Person(client.pk, client.first_name, zone, email, texts, kept)


def client_since(client: Client) -> datetime:
    since = client.client_since
    return datetime(since.year, since.month, since.day, tzinfo=NEW_YORK)


def _kind(row: AppointmentType) -> Kind:
    return Kind(row.pk, row.kind == "intake", row.length, row.buffer_before, row.buffer_after)
