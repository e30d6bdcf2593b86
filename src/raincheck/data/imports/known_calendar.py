"""Records of a practice that the events of a calendar are compared with: its clients, and what came in before."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.series import Series
from raincheck.data.clients.of_provider import clients_of
from raincheck.data.imports.files import Import, ImportRow
from raincheck.data.people import Recipient
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.imports.calendar_files import recurrence_id_of
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.imports.whose import Clients
from raincheck.domain.people import ActorKind
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_named

OURS = "@raincheck"
"""The end of the UIDs that Raincheck gives."""


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client whom an event may be about."""

    pk: int
    ref: str
    first_name: str
    last_name: str
    goes_by: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def names(self) -> list[tuple[str, str]]:
        own = (self.first_name, self.last_name)
        return [own, (self.goes_by, self.last_name)] if self.goes_by else [own]


@dataclass(frozen=True, slots=True)
class Came:
    """The appointment that a time of an event is here as, and when it is: as an earlier file had it, and now."""

    appointment: int
    spans: frozenset[Span]


def clients_for(file: Import) -> list[KnownClient]:
    """Return the clients whom events of a file may be about: a provider's own where they bring it in themselves.

    Who was discharged or archived is brought back first.
    """
    own = file.actor if file.actor_kind == ActorKind.PROVIDER else None
    rows = clients_of(practice_id=file.practice_id, provider_id=own)
    rows = rows.filter(discharged_at__isnull=True, archived_at__isnull=True).order_by(
        "last_name", "first_name", "pk"
    )
    emails = dict(
        Recipient.objects.filter(practice=file.practice_id, is_client=True).values_list("client", "email")
    )
    return [
        KnownClient(pk, str(ref), first, last, goes_by, emails.get(pk, ""))
        for pk, ref, first, last, goes_by in rows.values_list(
            "pk", "ref", "first_name", "last_name", "goes_by"
        )
    ]


def clients_to_match(known: Iterable[KnownClient]) -> Clients:
    """Return clients by their names and addresses, to tell whose an event is."""
    found = Clients()
    for one in known:
        found.add(one.pk, names=one.names, emails=[one.email] if one.email else [])
    return found


def came_before(practice_id: int, provider_id: int, uids: Collection[str]) -> Mapping[tuple[str, str], Came]:
    """Return which of these events are in a provider's calendar already, by UID and recurrence id.

    They came in with an earlier file that was not undone, or they are appointments of ours in somebody else's calendar.
    """
    wanted = set(uids) - {""}
    own = Appointment.objects.filter(provider=provider_id, ical_uid__in=wanted)
    found = {
        (uid, ""): Came(pk, frozenset({Span(start, end)}))
        for uid, pk, start, end in own.values_list("ical_uid", "pk", "starts_at", "ends_at")
    }
    found |= _own_occurrences(provider_id, wanted)
    rows = ImportRow.objects.filter(
        practice=practice_id, uid__in=wanted, appointment__provider=provider_id
    ).exclude(file__state=ImportState.UNDONE)
    for row in rows.select_related("appointment").order_by("pk"):
        assert row.appointment is not None
        spans = {Span(row.appointment.starts_at, row.appointment.ends_at)}
        if row.starts_at and row.ends_at:
            spans.add(Span(row.starts_at, row.ends_at))
        found[row.uid, row.recurrence_id] = Came(row.appointment.pk, frozenset(spans))
    return found


def _own_occurrences(provider_id: int, uids: Collection[str]) -> dict[tuple[str, str], Came]:
    """Return the occurrences of our own series whose UIDs are among these."""
    refs = {uid.removesuffix(OURS) for uid in uids if uid.endswith(OURS)}
    own = {one.pk: one for one in Series.objects.filter(provider=provider_id, ref__in=_uuids(refs))}
    rows = Appointment.objects.filter(series__in=own, provider=provider_id)
    found = {}
    for pk, series, known, start, end in rows.values_list(
        "pk", "series", "recurrence_id", "starts_at", "ends_at"
    ):
        assert known is not None, "an occurrence knows its first start"
        recurrence_id = recurrence_id_of(known, zone=zone_named(own[series].zone))
        found[own[series].ical_uid, recurrence_id] = Came(pk, frozenset({Span(start, end)}))
    return found


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


def booked_ahead(provider_id: int, *, now: datetime) -> Mapping[tuple[int, Span], int]:
    """Return the appointments a provider has ahead, by client and time."""
    rows = Appointment.objects.filter(provider=provider_id, status=Status.SCHEDULED, starts_at__gt=now)
    return {
        (client, Span(start, end)): pk
        for client, start, end, pk in rows.values_list("client", "starts_at", "ends_at", "pk")
    }
