"""People of the demo: Harbor Counseling, its providers and manager, and its clients. All of them are made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unicodedata import normalize

from raincheck.actions.access.appearance import give_color
from raincheck.data.models import (
    AppointmentType,
    Client,
    Membership,
    Place,
    Practice,
    Provider,
    Recipient,
    User,
)
from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.people import Actor, ActorKind, Role

HARBOR = "harbor.example"
NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
MINUTES = timedelta(minutes=1)
DAY = timedelta(days=1)
MONTH = 30 * DAY

# Working hours by weekday, 0 is Monday.
Hours = dict[int, list[tuple[str, str]]]

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
OKAFOR_HOURS: Hours = {
    **{day: [("09:00", "12:00"), ("13:00", "18:00")] for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)},
    FRIDAY: [("09:00", "13:00")],
}
FISCHER_HOURS: Hours = {
    MONDAY: [("08:00", "12:00"), ("13:00", "17:00")],
    TUESDAY: [("10:00", "14:00"), ("15:00", "19:00")],
    WEDNESDAY: [("08:00", "12:00"), ("13:00", "17:00")],
    THURSDAY: [("10:00", "14:00"), ("15:00", "19:00")],
    FRIDAY: [("08:00", "12:00")],
}
BELL_HOURS: Hours = {
    MONDAY: [("08:00", "12:00"), ("13:00", "16:00")],
    TUESDAY: [("08:00", "12:00"), ("13:00", "16:00")],
    WEDNESDAY: [("12:00", "18:00")],
    THURSDAY: [("08:00", "12:00"), ("13:00", "16:00")],
    FRIDAY: [("08:00", "12:00")],
}


@dataclass(frozen=True, slots=True)
class Person:
    """A client as the demo makes them up. `texts`: they agreed to text messages."""

    first_name: str
    last_name: str
    pronouns: str = ""
    zone: str = ""
    texts: bool = False
    email: bool = True
    kept_by_silence: bool = False
    neutral: bool = False
    months: int | None = None
    """How long they have been a client; None: for years."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


RILEY = Person("Riley", "Brooks", "they/them", LOS_ANGELES, texts=True)
THEO = Person("Theo", "Alvarez", "he/him", months=0)
MAYA = Person("Maya", "Chen", "she/her", texts=True)
OTHERS = [
    Person("Amara", "Nwosu", "she/her", texts=True),
    Person("Benedikt", "Halloran"),
    Person("Camille", "Dubois", "she/her"),
    Person("Dev", "Chaudhary", "he/him", texts=True),
    Person("Elena", "Marchetti", "she/her"),
    Person("Farah", "Haddad", "she/her", texts=True),
    Person("Gideon", "Oyelaran", "he/him"),
    Person("Hana", "Takemoto", "she/her", zone=LOS_ANGELES),
    Person("Isaac", "Feldman", "he/him", texts=True),
    Person("June", "Castellano", "they/them"),
    Person("Kofi", "Boateng", "he/him", texts=True),
    Person("Lucía", "Ferrer", "she/her"),
    Person("Malik", "Weathers", "he/him", kept_by_silence=True),
    Person("Noor", "Siddiqui", "she/her", texts=True),
    Person("Owen", "Gallagher", "he/him"),
    Person("Priya", "Raman", "she/her", texts=True),
    Person("Quinn", "Abernathy", "they/them"),
    Person("Rosa", "Villanueva", "she/her", texts=True),
    Person("Samir", "Khoury", "he/him"),
    Person("Tessa", "Lindgren", "she/her"),
    Person("Uma", "Pillai", "she/her", neutral=True),
    Person("Viktor", "Novak", "he/him", texts=True),
    Person("Willa", "Thorne", "she/her"),
    Person("Xiomara", "Reyes", "she/her", texts=True),
    Person("Yusuf", "Demir", "he/him", kept_by_silence=True),
    Person("Zadie", "Okonjo", "she/her"),
    Person("Anders", "Holm", "he/him"),
    Person("Bianca", "Teixeira", "she/her", texts=True),
    Person("Caleb", "Whitfield", "he/him"),
    Person("Delphine", "Arceneaux", "she/her", zone=CHICAGO),
    Person("Emeka", "Obi", "he/him", texts=True, zone=CHICAGO),
    Person("Fiona", "MacLeish", "she/her", zone=CHICAGO),
    Person("Gus", "Papadakis", "he/him", zone=CHICAGO),
    Person("Harriet", "Bloom", "she/her", zone=CHICAGO, email=False, texts=True),
    Person("Ivan", "Petrov", "he/him", zone=CHICAGO),
    Person("Jasmine", "Wu", "she/her", texts=True, zone=CHICAGO),
    Person("Kiran", "Mehta", "they/them", zone=CHICAGO),
    Person("Leo", "Santangelo", "he/him", zone=CHICAGO, kept_by_silence=True),
    Person("Mirembe", "Kato", "she/her", texts=True, zone=CHICAGO),
    Person("Nils", "Aaltonen", "he/him", zone=CHICAGO),
    Person("Ophelia", "Grant", "she/her", months=0),
    Person("Desmond", "Achterberg", "he/him", months=0, zone=CHICAGO),
]
# The people the demo's stories are about come first: three providers, a manager and three clients.
NAMED = 4 + len([RILEY, THEO, MAYA])


@dataclass(slots=True)
class Cast:
    """Everybody of the demo as rows, clients by their full name."""

    practice: Practice
    okafor: Provider
    fischer: Provider
    bell: Provider
    sasha: Membership
    follow_up: AppointmentType
    intake: AppointmentType
    medication: AppointmentType
    telehealth: Place
    room: Place
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def providers(self) -> tuple[Provider, Provider, Provider]:
        return self.okafor, self.fischer, self.bell

    @property
    def by_sasha(self) -> Actor:
        return Actor(ActorKind.MANAGER, self.sasha.pk)


def make_cast(*, now: datetime) -> Cast:
    """Write the practice with its people, places and appointment types."""
    practice = Practice(
        name="Harbor Counseling",
        sender_name="Harbor",
        reply_to="front.desk@harbor.example",
        phone="+1 212 555 0100",
        zone=NEW_YORK,
        greeting="Thank you for making this work with us.",
    )
    practice.save(force_insert=True)
    cast = Cast(
        practice=practice,
        okafor=new_provider(practice, "Dr. Jo Okafor", "Dr. Okafor", NEW_YORK, OKAFOR_HOURS, now=now),
        fischer=new_provider(
            practice,
            "Dr. Lena Fischer",
            "Dr. Fischer",
            NEW_YORK,
            FISCHER_HOURS,
            licensed_in=("US-NY", "US-NJ"),
            now=now,
        ),
        bell=new_provider(practice, "Marcus Bell", "Marcus Bell", CHICAGO, BELL_HOURS, now=now),
        sasha=new_member(
            practice, new_user("sasha.lindqvist@harbor.example", "Sasha Lindqvist"), Role.MANAGER
        ),
        follow_up=new_type(practice, "Follow-up", TypeKind.FOLLOW_UP, 50, 10),
        intake=new_type(practice, "Intake", TypeKind.INTAKE, 80, 10),
        medication=new_type(practice, "Medication follow-up", TypeKind.FOLLOW_UP, 25, 5, for_medicine=True),
        telehealth=new_place(practice, "Telehealth", PlaceKind.TELEHEALTH),
        room=new_place(
            practice,
            "Room 2",
            PlaceKind.ROOM,
            zone=NEW_YORK,
            address="48 Harbor Street, Floor 3",
            one_at_a_time=True,
        ),
    )
    for number, person in enumerate([RILEY, THEO, MAYA, *OTHERS]):
        cast.clients[person.name] = _client(practice, person, number, now=now)
    return cast


def new_provider(
    practice: Practice,
    name: str,
    short_name: str,
    zone: str,
    hours: Hours,
    *,
    now: datetime,
    domain: str = HARBOR,
    licensed_in: Sequence[str] = (),
) -> Provider:
    words = name.lower().replace("dr. ", "").split()
    provider = Provider(
        practice=practice,
        name=name,
        short_name=short_name,
        email=f"{'.'.join(words)}@{domain}",
        zone=zone,
        join_url=f"https://meet.example/{words[-1]}",
        licensed_in=list(licensed_in),
        availability={
            "weekly": [
                {"weekday": day, "start": start, "end": end, "places": []}
                for day, windows in hours.items()
                for start, end in windows
            ],
            "overrides": [],
        },
        availability_changed_at=now - 20 * DAY,
        grid_step=30 * MINUTES,
    )
    provider.save(force_insert=True)
    new_member(practice, new_user(provider.email, name), Role.PROVIDER, provider=provider)
    return provider


def _client(practice: Practice, person: Person, number: int, *, now: datetime) -> Client:
    # Mail servers without SMTPUTF8 (RFC 6531) know plain letters only, and the demo shall work with any.
    plain = normalize("NFKD", f"{person.first_name}.{person.last_name}".lower()).encode("ascii", "ignore")
    email = f"{plain.decode()}@mail.example" if person.email else ""
    phone = f"+164655501{number:02}"  # 555-0100 to 0199 are nobody's, kept for stories
    months = 4 + number if person.months is None else person.months
    client = Client(
        practice=practice,
        first_name=person.first_name,
        last_name=person.last_name,
        pronouns=person.pronouns,
        phone=phone,
        zone=person.zone,
        # Whoever has no clock of their own lives where the practice is.
        usual_region="" if person.zone else "US-NY",
        client_since=(now - months * MONTH).date(),
        do_not_auto_cancel=person.kept_by_silence,
        neutral_wording=person.neutral,
    )
    client.save(force_insert=True)
    agreed_at = now - months * MONTH if person.texts else None
    recipient = Recipient(practice=practice, client=client, email=email, phone=phone, sms_agreed_at=agreed_at)
    recipient.save(force_insert=True)
    if email:
        new_member(practice, new_user(email, person.name), Role.CLIENT, client=client)
    return client


def new_user(email: str, name: str) -> User:
    """Return an account without a password: the demo has buttons to come in."""
    return User.objects.create_user(email, name=name)


def new_member(
    practice: Practice,
    user: User,
    role: Role,
    *,
    provider: Provider | None = None,
    client: Client | None = None,
) -> Membership:
    membership = Membership(practice=practice, user=user, role=role, provider=provider, client=client)
    membership.save(force_insert=True)
    if role is not Role.CLIENT:
        give_color(practice, user)
    return membership


def new_type(
    practice: Practice, name: str, kind: TypeKind, minutes: int, after: int, *, for_medicine: bool = False
) -> AppointmentType:
    offered = AppointmentType(
        practice=practice,
        name=name,
        kind=kind,
        length=minutes * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=after * MINUTES,
        for_medicine=for_medicine,
    )
    offered.save(force_insert=True)
    return offered


def new_place(
    practice: Practice,
    name: str,
    kind: PlaceKind,
    *,
    zone: str = "",
    address: str = "",
    one_at_a_time: bool = False,
) -> Place:
    place = Place(
        practice=practice,
        name=name,
        kind=kind,
        zone=zone,
        address=address,
        one_at_a_time=one_at_a_time,
    )
    place.save(force_insert=True)
    return place


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everybody who can be entered without a password, the people of the demo's stories apart from the other clients."""

    named: list[User]
    others: list[User]


def accounts() -> Accounts:
    """Return every account of the demo's people, in the order they were made up, in one query."""
    memberships = Membership.objects.filter(user__is_active=True).select_related("user").order_by("pk")
    # Who has several memberships stands here once, where the first of them is.
    firsts = {membership.user_id: membership for membership in reversed(memberships)}
    users = [firsts[user].user for user in sorted(firsts, key=lambda user: firsts[user].pk)]
    # Beside the stories' people, whoever manages another practice: everybody of it can be seen from there.
    managers = [user for user in users[NAMED:] if firsts[user.pk].role == Role.MANAGER]
    others = [user for user in users[NAMED:] if user not in managers]
    return Accounts([*users[:NAMED], *managers], sorted(others, key=lambda user: user.name))
