"""Rows of appointments matched with a practice: whose they are, of which type, at which place, and whether the time is free."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from raincheck.domain.appointments import PlaceKind, TypeKind
from raincheck.domain.imports.appointments import AppointmentRow, RowStatus
from raincheck.domain.imports.cells import plain
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.problems import ProblemCode, Wrong

LONGEST = timedelta(days=1)  # of a session in a file
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


class Busy:
    """Stretches of time by whose they are; each lasts a day at most."""

    def __init__(self) -> None:
        self.by_owner: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)

    def add(self, owner: object, start: datetime, end: datetime) -> None:
        insort(self.by_owner[owner], (start, end))

    def meets(self, owner: object, start: datetime, end: datetime) -> bool:
        spans = self.by_owner[owner]
        at = bisect_left(spans, (start - LONGEST,))
        while at < len(spans) and spans[at][0] < end:
            if spans[at][1] > start:
                return True
            at += 1
        return False


@dataclass(slots=True)
class Known:
    """What a practice has: clients by name as (id, address), providers by name, types, places, and who is busy when."""

    clients: Mapping[str, Sequence[tuple[int, str]]]
    providers: Mapping[str, int]
    types: Sequence[KnownType]
    places: Sequence[KnownPlace]
    busy: Busy = field(default_factory=Busy)
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

    A time counts as taken when the provider, or the client with anybody, has a session in it.
    """
    if row.status is not RowStatus.SCHEDULED or row.starts_at <= now:
        return None
    client, provider = known.client(row), known.providers[row.provider]
    kind, place = known.type(row), known.place(row)
    if kind is None or place is None:
        raise Wrong(ProblemCode.NOTHING_OFFERED)
    owners = (("provider", provider), ("client", client))
    if any(known.busy.meets(owner, row.starts_at, row.ends_at) for owner in owners):
        raise Wrong(ProblemCode.TAKEN)
    for owner in owners:
        known.busy.add(owner, row.starts_at, row.ends_at)
    return {
        "client_id": client,
        "provider_id": provider,
        "type_id": kind.pk,
        "type_name": kind.name,
        "type_minutes": int(kind.length / timedelta(minutes=1)),
        "place_id": place.pk,
        "place_name": place.name,
    }
