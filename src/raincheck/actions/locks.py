"""Locks, always in the same order: providers, clients, appointments, requests, each by id. Mixed order deadlocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from raincheck.data.appointments import Appointment
from raincheck.data.people import Client, Provider
from raincheck.data.reschedule import RescheduleRequest


@dataclass(frozen=True, slots=True)
class Locked:
    """Rows as they are now that nobody else can change them, by id."""

    providers: dict[int, Provider]
    clients: dict[int, Client]
    appointments: dict[int, Appointment]
    requests: dict[int, RescheduleRequest]


def lock(
    *,
    providers: Iterable[int] = (),
    clients: Iterable[int] = (),
    appointments: Iterable[int] = (),
    requests: Iterable[int] = (),
) -> Locked:
    """Lock the rows and read them afresh. Whoever looked the ids up before must check that they still belong together."""
    return Locked(
        providers=_provider_rows(set(providers)),
        clients={
            row.pk: row
            for row in Client.objects.select_for_update(no_key=True)
            .filter(pk__in=set(clients))
            .order_by("pk")
        },
        appointments=_appointment_rows(set(appointments)),
        requests=_request_rows(set(requests)),
    )


def _provider_rows(ids: set[int]) -> dict[int, Provider]:
    rows = (
        Provider.objects.select_for_update(no_key=True, of=("self",))
        .select_related("practice")
        .filter(pk__in=ids)
    )
    return {row.pk: row for row in rows.order_by("pk")}


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
