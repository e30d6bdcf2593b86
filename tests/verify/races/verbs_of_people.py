"""Every verb about people, records and files that two people could be at in the same instant, each with something to do in a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from tests.app.told import told
from tests.verify.races.crews import IVY, NEW_CLIENTS, SECRET
from tests.verify.races.deeds import Deed
from tests.verify.races.worlds import STRIDE, THE_SLOT, World

from raincheck.actions.access.appearance import change_appearance
from raincheck.actions.access.first_start import set_up_practice
from raincheck.actions.access.invitations import accept_invitation, invite_by_mail, revoke_invitation
from raincheck.actions.access.people import (
    change_person,
    end_access,
    give_access_back,
    reset_second_factor,
)
from raincheck.actions.access.second_factor import prove_second_factor, set_up_authenticator
from raincheck.actions.access.sessions import end_other_sessions
from raincheck.actions.appointments.booking import Booking, add_and_book
from raincheck.actions.clients.leaving import Discharge, archive, bring_back, discharge
from raincheck.actions.clients.merging import merge_clients, tell_apart
from raincheck.actions.clients.record import add_client, change_client
from raincheck.actions.clients.unmerging import undo_merge
from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import Correction, StagedFile, correct_rows, drop_import, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.access.people import changes_of_rights
from raincheck.data.clients.history import changes_of_client
from raincheck.data.people import Membership
from raincheck.data.slots import NOBODY
from raincheck.domain.access.authenticator import code_at, step_at
from raincheck.domain.access.invitations import OPERATORS_LIVE, digest_of, sound_invitee
from raincheck.domain.access.people import Person
from raincheck.domain.clients.leaving import Told
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.people import OPERATOR, SYSTEM, Actor, ActorKind, Contact, Role


def _by_sasha(world: World, verb: Callable[..., Answer], *given: Any, **said: Any) -> Deed:
    whole = told(verb, *given, **said, by=world.by_sasha, now=world.acted_at)
    return Deed(whole, world.by_sasha, world.acted_at)


def _by_okafor(world: World, verb: Callable[..., Answer], *given: Any, **said: Any) -> Deed:
    whole = partial(verb, *given, **said, by=world.by_okafor, now=world.acted_at)
    return Deed(whole, world.by_okafor, world.acted_at)


def _token(world: World, seat: int) -> str:
    return f"{world.practice}-{seat}".rjust(22, "t")


# Practices, people and their ways in


def setting_up(world: World, seat: int) -> Deed:
    who = sound_invitee(name="Ada", email=f"ada{world.practice}@new.example", roles=["manager"])
    invited = {"manager": who, "digest": digest_of(_token(world, seat)), "lives": OPERATORS_LIVE}
    named = {"name": "Lakeside", "zone": "America/Chicago", "by": OPERATOR, "now": world.acted_at}
    return Deed(partial(set_up_practice, **invited, **named), OPERATOR, world.acted_at)  # type: ignore[arg-type]


def inviting(world: World, seat: int) -> Deed:
    who = sound_invitee(name="Ada", email=f"ada{world.practice}@new.example", roles=["provider"])
    return _by_sasha(world, invite_by_mail, world.practice, who=who, token=_token(world, seat))


def inviting_again(world: World, seat: int) -> Deed:
    """The link that Ivy has ends with it."""
    who = sound_invitee(name="Ivy", email=IVY, roles=["scheduler"])
    return _by_sasha(world, invite_by_mail, world.practice, who=who, token=_token(world, seat))


def taking_an_invitation_back(world: World, seat: int) -> Deed:
    ref, practice = world.crew.invitation, world.practice
    return _by_sasha(world, revoke_invitation, ref, practice_id=practice)


def accepting(world: World, seat: int) -> Deed:
    # With the password of their own that they have shown: whether one may be made is not this world's alone.
    verb = partial(accept_invitation, world.crew.invitation, password=None, now=world.acted_at)
    return Deed(verb, SYSTEM, world.acted_at)


def changing_roles(world: World, seat: int) -> Deed:
    user = Membership.objects.select_related("user").get(pk=world.crew.noor).user
    roles = frozenset([{Role.SCHEDULER}, {Role.MANAGER, Role.SCHEDULER}][seat])
    said = Person(user.name, user.email, roles)
    seen = changes_of_rights(world.practice, user.pk)
    return _by_sasha(world, change_person, user.ref, practice_id=world.practice, said=said, seen=seen)


def changing_an_appearance(world: World, seat: int) -> Deed:
    color, photo = (("plum", b"one photo"), ("teal", None))[seat]
    said = {"practice_id": world.practice, "color": color, "photo": photo}
    return _by_sasha(world, change_appearance, world.crew.noor_ref, **said)


def ending_access(world: World, seat: int) -> Deed:
    return _by_sasha(world, end_access, world.crew.okafor_ref, practice_id=world.practice)


def ending_a_managers_access(world: World, seat: int) -> Deed:
    return _by_sasha(world, end_access, world.crew.noor_ref, practice_id=world.practice)


def giving_access_back(world: World, seat: int) -> Deed:
    return _by_sasha(world, give_access_back, world.crew.okafor_ref, practice_id=world.practice)


def setting_up_a_second_factor(world: World, seat: int) -> Deed:
    by_noor = Actor(ActorKind.MANAGER, world.crew.noor, practice=world.practice)
    return _setting_up(world, world.crew.noor, by_noor)


def setting_up_another_second_factor(world: World, seat: int) -> Deed:
    """It was lost, and nobody has reset it yet."""
    return _setting_up(world, world.crew.okafor, world.by_okafor)


def _setting_up(world: World, membership: int, by: Actor) -> Deed:
    at = world.acted_at
    said = {"secret": SECRET, "typed": code_at(SECRET, step_at(at)), "codes": ["fresh-codes"], "at": at}
    verb = partial(set_up_authenticator, membership, **said, by=by, now=at)  # type: ignore[arg-type]
    return Deed(verb, by, at)


def proving_a_second_factor(world: World, seat: int) -> Deed:
    at = world.acted_at
    verb = partial(prove_second_factor, world.crew.okafor_user, typed=code_at(SECRET, step_at(at)), at=at)
    return Deed(verb, SYSTEM, at)


def resetting_a_second_factor(world: World, seat: int) -> Deed:
    return _by_sasha(world, reset_second_factor, world.crew.okafor_ref, practice_id=world.practice)


def ending_sessions(world: World, seat: int) -> Deed:
    # On either device somebody ends what there is on the other one.
    key = f"{world.practice // STRIDE}{('desk', 'phone')[seat]}"
    return _by_okafor(world, end_other_sessions, world.crew.okafor, but=key)


# Records of clients


def _somebody_new(world: World) -> ClientDetails:
    contact = Contact(f"new{world.practice}@clients.example", "", texts=False)
    return ClientDetails(first_name="Nico", last_name="Vance", contact=contact)


def adding_a_client(world: World, seat: int) -> Deed:
    return _by_okafor(world, add_client, world.practice, details=_somebody_new(world))


def adding_and_booking(world: World, seat: int) -> Deed:
    at = Booking(world.okafor, NOBODY, world.follow_up, world.telehealth, THE_SLOT)
    return _by_okafor(world, add_and_book, _somebody_new(world), at, practice_id=world.practice)


def changing_a_record(world: World, seat: int) -> Deed:
    contact = Contact(f"riley{world.practice}@new.example", "", texts=False)
    details = ClientDetails(
        first_name="Riley", last_name="Brooks", goes_by=("Ri", "Lee")[seat], contact=contact
    )
    marked = replace(details, do_not_auto_cancel=True)
    seen = changes_of_client(world.riley)
    return _by_okafor(world, change_client, world.riley, details=marked, seen=seen)


def merging(world: World, seat: int) -> Deed:
    kept, gone = [(world.riley, world.crew.rilee), (world.crew.rilee, world.riley)][seat]
    seen = changes_of_client(kept), changes_of_client(gone)
    return _by_sasha(world, merge_clients, kept, gone, taken=(), seen=seen)


def telling_apart(world: World, seat: int) -> Deed:
    return _by_sasha(world, tell_apart, world.riley, world.crew.rilee)


def undoing_a_merge(world: World, seat: int) -> Deed:
    return _by_sasha(world, undo_merge, world.crew.merge)


def discharging(world: World, seat: int) -> Deed:
    return _by_sasha(world, discharge, world.riley, said=Discharge((Told.STANDARD, Told.NOTHING)[seat]))


def discharging_the_other(world: World, seat: int) -> Deed:
    return _by_sasha(world, discharge, world.maya, said=Discharge(Told.NOTHING))


def archiving(world: World, seat: int) -> Deed:
    return _by_sasha(world, archive, world.crew.theo)


def bringing_back(world: World, seat: int) -> Deed:
    return _by_sasha(world, bring_back, (world.riley, world.crew.theo)[seat])


# Files


def staging_a_file(world: World, seat: int) -> Deed:
    sheet = Sheet([line.split("|") for line in NEW_CLIENTS])
    file = StagedFile("again.csv", Kind.CLIENTS, "America/New_York", [sheet])
    return _by_sasha(world, stage_file, world.practice, file=file)


def correcting_rows(world: World, seat: int) -> Deed:
    out = [Correction(2 + seat, {}, left_out=True)]
    ref = world.crew.clients_file
    return _by_sasha(world, correct_rows, ref, practice_id=world.practice, corrections=out)


def dropping_a_file(world: World, seat: int) -> Deed:
    return _by_sasha(world, drop_import, world.crew.clients_file, practice_id=world.practice)


def importing_clients(world: World, seat: int) -> Deed:
    return _by_sasha(world, import_rows, world.crew.clients_file, practice_id=world.practice)


def importing_appointments(world: World, seat: int) -> Deed:
    return _by_sasha(world, import_rows, world.crew.appointments_file, practice_id=world.practice)


def undoing_an_import(world: World, seat: int) -> Deed:
    return _by_sasha(world, undo_import, world.crew.imported, practice_id=world.practice)


def undoing_an_import_of_appointments(world: World, seat: int) -> Deed:
    return _by_sasha(world, undo_import, world.crew.booked, practice_id=world.practice)


OF_PEOPLE: dict[str, Callable[[World, int], Deed]] = {
    "set up a practice": setting_up,
    "invite": inviting,
    "invite again": inviting_again,
    "take an invitation back": taking_an_invitation_back,
    "accept an invitation": accepting,
    "change roles": changing_roles,
    "change an appearance": changing_an_appearance,
    "end a provider's access": ending_access,
    "end a manager's access": ending_a_managers_access,
    "give access back": giving_access_back,
    "set a second factor up": setting_up_a_second_factor,
    "set another second factor up": setting_up_another_second_factor,
    "take the second step": proving_a_second_factor,
    "reset a second factor": resetting_a_second_factor,
    "end other sessions": ending_sessions,
    "add a client": adding_a_client,
    "add and book": adding_and_booking,
    "change a record": changing_a_record,
    "merge": merging,
    "tell apart": telling_apart,
    "undo a merge": undoing_a_merge,
    "discharge": discharging,
    "discharge the other": discharging_the_other,
    "archive": archiving,
    "bring back": bringing_back,
    "stage a file": staging_a_file,
    "correct rows": correcting_rows,
    "drop a file": dropping_a_file,
    "import clients": importing_clients,
    "import appointments": importing_appointments,
    "undo an import": undoing_an_import,
    "undo an import of appointments": undoing_an_import_of_appointments,
}
"""By name; the seat (0 or 1) tells a verb that meets itself to be at something else."""
