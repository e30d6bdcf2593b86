"""Locks, always in the same order: practices, providers, clients, appointments, requests, rooms, each by id.

Mixed order deadlocks. Rooms, the places that hold one session at a time, come last: which ones appointments are in is known
for sure once these are locked. Whoever locks appointments locks their rooms with them, before any claim is given back or taken.

Every verb locks what it changes, or says what it is about (`refuse_what_is_not_theirs`), so this is also where nobody gets at
another practice's rows, a client at another client's, or a provider at another provider's, whatever a page let through.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.models import Appointment, Client, Place, Practice, Provider, RescheduleRequest
from raincheck.domain.clients.merging import RecordMerged
from raincheck.domain.people import SYSTEM, Actor, ActorKind, NotInThisPractice

Row = TypeVar("Row", bound=Model)

EVERY_REQUEST = Q()
"""No condition: what is due is done for any request."""


class ReadAgain(Exception):
    """What was looked up before locking is no longer so: the verb starts over."""


_acting: ContextVar[Actor] = ContextVar("_acting", default=SYSTEM)


@contextmanager
def acting_as(by: Actor) -> Iterator[None]:
    """Let only rows that are this person's business be changed meanwhile. The runner says it for each verb."""
    before = _acting.set(by)
    try:
        yield
    finally:
        _acting.reset(before)


@dataclass(frozen=True, slots=True)
class Locked:
    """Rows as they are now that nobody else can change them, by id."""

    practices: dict[int, Practice]
    providers: dict[int, Provider]
    clients: dict[int, Client]
    appointments: dict[int, Appointment]
    requests: dict[int, RescheduleRequest]


class _Rows(Generic[Row]):
    """One table's rows, which are locked and read in one statement, each table's in the order of their ids."""

    def __init__(self, rows: Callable[[], QuerySet[Any, Row]]) -> None:
        self._rows = rows
        # Most verbs lock one row of a table, always by the same question; making its SQL takes longer than the lock.
        self._one = Compiled(lambda pk: rows().filter(pk=pk))

    def locked(self, ids: Iterable[int]) -> dict[int, Row]:
        match sorted(set(ids)):
            case []:
                return {}
            case [pk]:
                return {row.pk: row for row in self._one(pk=pk)}
            case several:
                return {row.pk: row for row in self._rows().filter(pk__in=several).order_by("pk")}


PRACTICES = _Rows(lambda: Practice.objects.select_for_update(no_key=True))
PROVIDERS = _Rows(
    lambda: Provider.objects.select_for_update(no_key=True, of=("self",)).select_related("practice")
)
CLIENTS = _Rows(lambda: Client.objects.select_for_update(no_key=True))
APPOINTMENTS = _Rows(
    lambda: Appointment.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "practice", "provider", "client", "type", "place"
    )
)
REQUESTS = _Rows(
    lambda: RescheduleRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("batch")
)
# Places where any number of sessions may be at once are locked by nobody: all that book there would wait for each other.
ROOMS = _Rows(lambda: Place.objects.select_for_update(no_key=True).filter(one_at_a_time=True))


def lock(
    *,
    practices: Iterable[int] = (),
    providers: Iterable[int] = (),
    clients: Iterable[int] = (),
    appointments: Iterable[int] = (),
    requests: Iterable[int] = (),
    places: Iterable[int] = (),
    even_merged: bool = False,
) -> Locked:
    """Lock the rows and read them afresh. Whoever looked the ids up before must check that they still belong together.

    `places` are those that something is to be booked at; only the ones that hold one session at a time are locked, and with
    them those of the appointments. Whether a place does so changes only under the locks of all its practice's providers.

    Raises NotInThisPractice when any of them is not the business of whoever acts, ReadAgain when an appointment or request
    became another client's than those locked with it, and RecordMerged for a client who is part of another record (ReadAgain
    when a client acts), unless the verb is about that (`even_merged`). A client who is here no more is not theirs either.
    """
    wanted = set(clients)
    locked = Locked(
        practices=PRACTICES.locked(practices),
        providers=PROVIDERS.locked(providers),
        clients=CLIENTS.locked(wanted),
        appointments=APPOINTMENTS.locked(appointments),
        requests=REQUESTS.locked(requests),
    )
    in_rooms = {row.place_id for row in locked.appointments.values() if row.place.one_at_a_time}
    ROOMS.locked(in_rooms.union(places))
    tables = (locked.practices, locked.providers, locked.clients, locked.appointments, locked.requests)
    rows: list[Model] = list(chain.from_iterable(table.values() for table in tables))
    _refuse_merged(locked, even_merged=even_merged)
    # An import that brought somebody in may have been undone since they were looked up.
    if wanted - set(locked.clients):
        raise NotInThisPractice
    # Without rows a client's verb would be refused: none of them is theirs.
    if rows:
        refuse_what_is_not_theirs(*rows)
    return locked


def _refuse_merged(locked: Locked, *, even_merged: bool) -> None:
    """Two records may have become one between the look-up and the lock: what was the one's is the other's then."""
    whose = {row.client_id for row in locked.appointments.values()}
    whose |= {row.client_id for row in locked.requests.values()}
    if locked.clients and not whose <= set(locked.clients):
        raise ReadAgain
    if not even_merged and any(client.merged_into_id is not None for client in locked.clients.values()):
        # A client's verb looks up again what their record is part of now; staff look at the page again.
        raise ReadAgain if _acting.get().is_client else RecordMerged


def lock_due(due: QuerySet[RescheduleRequest], *, limit: int) -> Locked:
    """Lock about `limit` of the requests that something is due for, and read them afresh.

    Requests of providers whom somebody works on right now are left for the next time, so that workers share what is due
    and keep nobody waiting; those of one batch come together. Whoever gets them must check that they are still due.
    """
    free = due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))
    # One provider after the other: a batch then keeps few of them from their work.
    # The lock is on providers alone, which come before requests in the order; the requests themselves follow below.
    first = free.only("provider", "provider__id", "batch").order_by("provider", "deadline_at", "pk")[:limit]
    batches = {request.batch_id for request in first}
    # With all that is due of their batches, so that what was asked together is told together.
    found = list(due.filter(batch__in=batches).values_list("pk", "client", "appointment"))
    return lock(
        clients=[row[1] for row in found],
        appointments=[row[2] for row in found],
        requests=[row[0] for row in found],
    )


def refuse_what_is_not_theirs(*rows: Model) -> None:
    """Raise NotInThisPractice unless all of these are the business of whoever acts: for verbs that need no lock.

    Whoever acts in no practice (the system, an operator) may do everything; a manager everything in their practice, a
    scheduler that but not the practice itself; a provider what is not another provider's; a client only what is their own.
    """
    by = _acting.get()
    if by.practice is None:
        return  # the system and an operator belong to no practice
    if _numbers(rows, Practice, "practice_id") - {by.practice}:
        raise NotInThisPractice
    if by.is_client and _numbers(rows, Client, "client_id") != {by.who} and not _became(rows, by):
        raise NotInThisPractice
    if by.kind is ActorKind.PROVIDER and _numbers(rows, Provider, "provider_id") - {by.who}:
        raise NotInThisPractice
    if by.kind is not ActorKind.MANAGER and any(isinstance(row, Practice) for row in rows):
        raise NotInThisPractice


def _became(rows: Iterable[Model], by: Actor) -> bool:
    """Return whether all of these are of the record that this client's own became part of, while their page was open."""
    match list(_numbers(rows, Client, "client_id")):
        case [int(number)]:
            return Client.objects.filter(pk=by.who or 0, merged_into=number).exists()
    return False


def _numbers(rows: Iterable[Model], whose: type[Model], column: str) -> set[int | None]:
    """Return the numbers of those whom the rows belong to, or are."""
    found = {row.pk if isinstance(row, whose) else getattr(row, column, None) for row in rows}
    return found - {None}
