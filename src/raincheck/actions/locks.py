"""Locks, always in the same order: practices, providers, clients, appointments, requests, each by id. Mixed order deadlocks.

Every verb locks what it changes, so this is also where nobody gets out of their own practice, whatever a page let through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain

from django.db.models import Q, QuerySet

from raincheck.data.appointments import Appointment
from raincheck.data.people import Client, Practice, Provider
from raincheck.data.reschedule import RescheduleRequest
from raincheck.domain.people import NotInThisPractice

EVERY_REQUEST = Q()
"""No condition: what is due is done for any request."""

_acting_in: ContextVar[int | None] = ContextVar("_acting_in", default=None)


@contextmanager
def acting_in(practice: int | None) -> Iterator[None]:
    """Let only rows of one practice be locked meanwhile; None lets all. The runner says it for each verb, by its actor."""
    before = _acting_in.set(practice)
    try:
        yield
    finally:
        _acting_in.reset(before)


@dataclass(frozen=True, slots=True)
class Locked:
    """Rows as they are now that nobody else can change them, by id."""

    practices: dict[int, Practice]
    providers: dict[int, Provider]
    clients: dict[int, Client]
    appointments: dict[int, Appointment]
    requests: dict[int, RescheduleRequest]


def lock(
    *,
    practices: Iterable[int] = (),
    providers: Iterable[int] = (),
    clients: Iterable[int] = (),
    appointments: Iterable[int] = (),
    requests: Iterable[int] = (),
) -> Locked:
    """Lock the rows and read them afresh. Whoever looked the ids up before must check that they still belong together.

    Raises NotInThisPractice when whoever acts belongs to another practice than any of them.
    """
    locked = Locked(
        practices=_practice_rows(set(practices)),
        providers=_provider_rows(set(providers)),
        clients=_client_rows(set(clients)),
        appointments=_appointment_rows(set(appointments)),
        requests=_request_rows(set(requests)),
    )
    _refuse_other_practices(locked)
    return locked


def lock_due(due: QuerySet[RescheduleRequest], *, limit: int) -> Locked:
    """Lock about `limit` of the requests that something is due for, and read them afresh.

    Requests of providers whom somebody works on right now are left for the next time, so that workers share what is due
    and keep nobody waiting; those of one batch come together. Whoever gets them must check that they are still due.
    """
    free = due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))
    # One provider after the other: a batch then keeps few of them from their work.
    first = free.only("provider", "provider__id", "batch").order_by("provider", "deadline_at", "pk")[:limit]
    batches = {request.batch_id for request in first}
    found = list(due.filter(batch__in=batches).values_list("pk", "client", "appointment"))
    return lock(
        clients=[row[1] for row in found],
        appointments=[row[2] for row in found],
        requests=[row[0] for row in found],
    )


def _refuse_other_practices(locked: Locked) -> None:
    own = _acting_in.get()
    if own is None:
        return
    tables = (locked.providers, locked.clients, locked.appointments, locked.requests)
    found = {row.practice_id for row in chain.from_iterable(table.values() for table in tables)}
    if (found | locked.practices.keys()) - {own}:
        raise NotInThisPractice


def _practice_rows(ids: set[int]) -> dict[int, Practice]:
    if not ids:
        return {}
    rows = Practice.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return {row.pk: row for row in rows.order_by("pk")}


def _provider_rows(ids: set[int]) -> dict[int, Provider]:
    if not ids:
        return {}
    rows = (
        Provider.objects.select_for_update(no_key=True, of=("self",))
        .select_related("practice")
        .filter(pk__in=ids)
    )
    return {row.pk: row for row in rows.order_by("pk")}


def _client_rows(ids: set[int]) -> dict[int, Client]:
    if not ids:
        return {}
    rows = Client.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _appointment_rows(ids: set[int]) -> dict[int, Appointment]:
    if not ids:
        return {}
    rows = Appointment.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_related("practice", "provider", "client", "type", "place")}


def _request_rows(ids: set[int]) -> dict[int, RescheduleRequest]:
    if not ids:
        return {}
    rows = (
        RescheduleRequest.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=ids)
        .order_by("pk")
    )
    return {row.pk: row for row in rows.select_related("batch")}
