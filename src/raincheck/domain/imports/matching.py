"""Rows of appointments matched with a practice: whose they are, of which type, at which place, and whether the time is free."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.imports.appointments import AppointmentRow, RowStatus
from raincheck.domain.imports.cells import plain
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.problems import ProblemCode, Wrong
from raincheck.domain.imports.repeating import days_written

LONGEST = timedelta(days=1)  # of a session in a file
Taken = tuple[datetime, datetime, int]
AFAR = ("zoom", "video", "online", "tele", "virtual", "remote", "meet", "teams", "phone", "fern")


@dataclass(frozen=True, slots=True)
class KnownType:
    pk: int
    name: str
    kind: TypeKind
    length: timedelta


@dataclass(frozen=True, slots=True)
class KnownPlace:
    pk: int
    name: str
    kind: PlaceKind
    one_at_a_time: bool = False

    @property
    def room(self) -> int | None:
        """Its number, where it holds one session at a time."""
        return self.pk if self.one_at_a_time else None


class Busy:
    """Stretches of time of providers, of clients and of rooms, each with the client it is for; each lasts a day at most."""

    def __init__(self) -> None:
        self.of_provider: dict[int, list[Taken]] = defaultdict(list)
        self.of_client: dict[int, list[Taken]] = defaultdict(list)
        self.of_room: dict[int, list[Taken]] = defaultdict(list)

    def takes_provider(self, provider: int, start: datetime, end: datetime, *, client: int) -> None:
        insort(self.of_provider[provider], (start, end, client))

    def takes_client(self, client: int, start: datetime, end: datetime) -> None:
        insort(self.of_client[client], (start, end, client))

    def takes_room(self, room: int, start: datetime, end: datetime, *, client: int) -> None:
        insort(self.of_room[room], (start, end, client))

    def meets(
        self, start: datetime, end: datetime, *, provider: int, client: int, room: int | None = None
    ) -> bool:
        """Return whether a session of these two would meet another: of the client, or of provider or room with somebody else."""
        others = [*_meeting(self.of_provider[provider], start, end)]
        others += _meeting(self.of_room[room], start, end) if room is not None else ()
        return any(_meeting(self.of_client[client], start, end)) or any(other != client for other in others)


def _meeting(taken: Sequence[Taken], start: datetime, end: datetime) -> Iterator[int]:
    """Return whose the stretches are that have time in common with this one."""
    at = bisect_left(taken, (start - LONGEST,))
    while at < len(taken) and taken[at][0] < end:
        if taken[at][1] > start:
            yield taken[at][2]
        at += 1


@dataclass(slots=True)
class Known:
    """What a practice has: clients by name as (id, address), providers by name, types, places, and who is busy when."""

    clients: Mapping[str, Sequence[tuple[int, str]]]
    providers: Mapping[str, int]
    types: Sequence[KnownType]
    places: Sequence[KnownPlace]
    busy: Busy = field(default_factory=Busy)
    left: Collection[int] = frozenset()
    """The providers who work here no more."""
    discharged: Collection[int] = frozenset()
    usual_type: int | None = None
    usual_place: int | None = None

    def client(self, row: AppointmentRow) -> int:
        """Return the one client of a row's name, told apart by the address where several have it. Raises Wrong."""
        if row.client_id is not None:
            return row.client_id
        named = self.clients.get(same_name(row.client), ())
        if len(named) > 1:
            named = [one for one in named if row.client_email and one[1] == row.client_email]
            if len(named) != 1:
                raise Wrong(ProblemCode.SEVERAL_CLIENTS, value=row.client)
        if not named:
            raise Wrong(ProblemCode.UNKNOWN_CLIENT, value=row.client)
        return named[0][0]

    def type(self, row: AppointmentRow) -> KnownType | None:
        """Return the type of a row's name, else one of its length, the usual one first and a follow-up before an intake."""
        length = row.ends_at - row.starts_at
        ranked = sorted(
            self.types,
            key=lambda one: (
                same_name(one.name) != same_name(row.type),
                one.length != length,
                one.pk != self.usual_type,
                one.kind is not TypeKind.FOLLOW_UP,
                one.pk,
            ),
        )
        return ranked[0] if ranked else None

    def place(self, row: AppointmentRow) -> KnownPlace | None:
        """Return the place of a row's name, else telehealth where the words say so, else the usual one.

        Without a usual one a row that says nothing means telehealth, and any other words mean a room.
        """
        afar = any(word in plain(row.place) for word in AFAR)
        wanted = PlaceKind.TELEHEALTH if afar or not row.place else PlaceKind.ROOM
        usual = None if afar else self.usual_place
        ranked = sorted(
            self.places,
            key=lambda one: (
                same_name(one.name) != same_name(row.place),
                usual is not None and one.pk != usual,
                one.kind is not wanted,
                one.pk,
            ),
        )
        return ranked[0] if ranked else None


def match(row: AppointmentRow, known: Known, *, now: datetime) -> dict[str, int | str] | None:
    """Return the ids a row stands for, None for one that is over or canceled and stays out. Raises Wrong.

    A time counts as taken when the client has a session in it, or the provider one with somebody else, its buffers included,
    or a time held for them, and when a room that holds one session at a time has somebody else's.
    """
    if row.status is not RowStatus.SCHEDULED or row.starts_at <= now or not row.spans:
        return None
    client, provider = known.client(row), known.providers[row.provider]
    if provider in known.left:
        raise Wrong(ProblemCode.PROVIDER_LEFT, value=row.provider)
    if client in known.discharged:
        raise Wrong(ProblemCode.DISCHARGED, value=row.client)
    kind, place = known.type(row), known.place(row)
    if kind is None or place is None:
        raise Wrong(ProblemCode.NOTHING_OFFERED)
    _refuse_taken(row, known, provider=provider, client=client, room=place.room)
    for start, end in row.spans:
        known.busy.takes_provider(provider, start, end, client=client)
        known.busy.takes_client(client, start, end)
        if place.room is not None:
            known.busy.takes_room(place.room, start, end, client=client)
    return {
        "client_id": client,
        "provider_id": provider,
        "type_id": kind.pk,
        "type_name": kind.name,
        "type_minutes": int(kind.length / timedelta(minutes=1)),
        "place_id": place.pk,
        "place_name": place.name,
    }


def _refuse_taken(row: AppointmentRow, known: Known, *, provider: int, client: int, room: int | None) -> None:
    """Raise Wrong where the time of a row, or a date of its series, is taken."""
    met = [known.busy.meets(*span, provider=provider, client=client, room=room) for span in row.spans]
    if not any(met):
        return
    if row.repeats is None:
        raise Wrong(ProblemCode.TAKEN)
    times = zip(row.repeats.times, met, strict=True)
    taken = [one.recurrence_id.date() for one, is_taken in times if is_taken]
    raise Wrong(ProblemCode.DATES_TAKEN, value=days_written(taken))
