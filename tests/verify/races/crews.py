"""The people of a world and what they manage: records of which two were merged, files that were staged, an invitation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tests.app.cast import NOW, Cast, client_in
from tests.app.imports.staged_files import brought_in, staged

from raincheck.actions.access.invitations import invite_by_mail
from raincheck.actions.access.second_factor import set_up_authenticator
from raincheck.actions.access.sessions import begin_session
from raincheck.actions.clients.merging import merge_clients
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.clients.history import changes_of_client
from raincheck.data.people import Client, Membership, User
from raincheck.domain.access.authenticator import code_at, step_at
from raincheck.domain.access.invitations import sound_invitee
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.imports.columns import Kind
from raincheck.domain.people import SYSTEM, Actor, ActorKind, Role

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # of a made-up phone
LATELY = NOW + timedelta(hours=47)
"""When people did what can be undone for a day."""
IVY = "ivy@new.example"
NEW_CLIENTS = ("Name|E-mail", "Tessa Lindgren|tessa@new.example", "Zoe Merwe|zoe@new.example")
FORMER_CLIENTS = ("Name|E-mail", "Abe Lund|abe@new.example", "Bea Marsh|bea@new.example")
HEADER = "Client|Provider|Start|End|Type|Place|Status"
NEW_APPOINTMENT = (HEADER, "Maya Chen|Dr. Jo Okafor|11/27/2026 9:00 AM|11/27/2026 9:50 AM|||")
FORMER_APPOINTMENT = (HEADER, "Maya Chen|Dr. Jo Okafor|12/4/2026 9:00 AM|12/4/2026 9:50 AM|||")


@dataclass(frozen=True, slots=True)
class Crew:
    """Numbers and refs. Sasha and Noor manage; Dr. Okafor has a second factor and two sessions; Ivy was invited.

    Rilee is a second record of Riley, with a request about an appointment. Thea's record became part of Theo's, who have
    nothing ahead. One file has new clients, one an appointment of Maya's; two clients came with a third, and an appointment of
    Maya's with a fourth.
    """

    sasha: int
    noor: int
    noor_ref: UUID
    okafor: int
    okafor_user: int
    okafor_ref: UUID
    rilee: int
    theo: int
    merge: UUID
    invitation: UUID
    clients_file: UUID
    appointments_file: UUID
    imported: UUID
    booked: UUID

    def copied(self, number: Callable[[int], int], ref: Callable[[UUID], UUID]) -> Crew:
        """Return the same of a copy."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            self,
            **{name: ref(one) if isinstance(one, UUID) else number(one) for name, one in kept.items()},  # type: ignore[arg-type]  # each of its field's kind
        )


def come(cast: Cast, rilee: Client) -> Crew:
    """Let all of this happen, by the product's own verbs."""
    sasha, noor = _manager(cast, "sasha"), _manager(cast, "noor")
    okafor = Membership.objects.select_related("user").get(provider=cast.okafor)
    _begin(okafor)
    by = Actor(ActorKind.MANAGER, sasha.pk, practice=cast.practice.pk)
    theo, thea = client_in(cast.practice, "Theo", "Alvarez"), client_in(cast.practice, "Thea", "Alvarez")
    seen = changes_of_client(theo.pk), changes_of_client(thea.pk)
    merged = _acted(partial(merge_clients, theo.pk, thea.pk, taken=(), seen=seen, by=by, now=LATELY), by)
    who = sound_invitee(name="Ivy", email=IVY, roles=["scheduler"])
    invited = _acted(partial(invite_by_mail, cast.practice.pk, who=who, token="i" * 22, by=by, now=NOW), by)
    former = staged(cast, *FORMER_CLIENTS)
    brought_in(former, now=LATELY)
    booked = staged(cast, *FORMER_APPOINTMENT, kind=Kind.APPOINTMENTS)
    brought_in(booked, now=LATELY)
    return Crew(
        sasha=sasha.pk,
        noor=noor.pk,
        noor_ref=noor.user.ref,
        okafor=okafor.pk,
        okafor_user=okafor.user_id,
        okafor_ref=okafor.user.ref,
        rilee=rilee.pk,
        theo=theo.pk,
        merge=UUID(merged["merge"]),
        invitation=UUID(invited["invitation"]),
        clients_file=staged(cast, *NEW_CLIENTS).ref,
        appointments_file=staged(cast, *NEW_APPOINTMENT, kind=Kind.APPOINTMENTS).ref,
        imported=former.ref,
        booked=booked.ref,
    )


def _manager(cast: Cast, name: str) -> Membership:
    user = User.objects.create_user(f"{name}@harbor.example", name=name.title())
    return Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)


def _begin(own: Membership) -> None:
    """Let somebody have a phone with an app, and be signed in on two devices."""
    by = Actor(ActorKind.PROVIDER, own.provider_id, practice=own.practice_id)
    said: dict[str, Any] = {
        "secret": SECRET,
        "typed": code_at(SECRET, step_at(NOW)),
        "codes": ["abcde-fghij"],
        "at": NOW,
    }
    _acted(partial(set_up_authenticator, own.pk, **said, by=by, now=NOW), by)
    for device in ("desk", "phone"):
        way: dict[str, Any] = {"key": device, "way": WayIn.PASSWORD, "device": device, "network": ""}
        _acted(partial(begin_session, own.user_id, **way, now=NOW), SYSTEM)


def _acted(verb: partial[Answer], by: Actor) -> Answer:
    return run_command(verb, key=None, body={}, by=by, now=NOW)
