"""People of a practice: what a manager may change of them, and what is never allowed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from raincheck.domain.access.invitations import PERSON_NAME_LIMIT, EmailMissing
from raincheck.domain.people import STAFF_ROLES, Role, sound_email
from raincheck.domain.practice import named
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.regions import UnknownRegion, region_from
from raincheck.domain.sentences import _


class RightsEvent(StrEnum):
    """What can happen to somebody's rights in a practice."""

    JOINED = "joined"
    DETAILS_CHANGED = "details_changed"
    ROLES_CHANGED = "roles_changed"
    ENDED = "ended"
    GIVEN_BACK = "given_back"
    SECOND_FACTOR_RESET = "second_factor_reset"


class SecondFactorIsTheirOwn(Refusal):
    kind = Kind.FORBIDDEN
    code = "second_factor_is_their_own"
    sentence = _(
        "Their second step can't be reset from here, because it also opens another practice, or because it is your own. "
        "Nothing was changed. Please ask whoever runs Raincheck for you."
    )


class NoRoleChosen(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_role_chosen"
    sentence = _(
        "Please tick at least one role. Nothing was changed; to take everything away, end their access."
    )
    field = "roles"


class LastManagerStays(Refusal):
    kind = Kind.CONFLICT
    code = "last_manager_stays"
    sentence = _(
        "A practice keeps at least one manager, and this is the last one. Nothing was changed; please make somebody else a manager first."
    )
    field = "roles"


class AddressInUse(Refusal):
    kind = Kind.CONFLICT
    code = "address_in_use"
    sentence = _(
        "Somebody else signs in with this address already. Nothing was changed; please use another one."
    )
    field = "email"


class AddressIsTheirOwn(Refusal):
    kind = Kind.CONFLICT
    code = "address_is_their_own"
    sentence = _(
        "They sign in with this address in another practice or as a client too, so only they can change it. Nothing was changed."
    )
    field = "email"


class PersonGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "person_gone"
    sentence = _("We can't find this person here. Nothing was changed.")


class PersonChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "person_changed_meanwhile"
    sentence = _(
        "Somebody changed this person a moment ago, so your changes were not saved. Please look at how it stands now and save again."
    )


class OwnAccessEnded(Refusal):
    kind = Kind.FORBIDDEN
    code = "own_access_ended"
    sentence = _("You are no manager here any more, since a moment ago. Nothing was changed.")


class ProviderLeft(Refusal):
    kind = Kind.CONFLICT
    code = "provider_left"
    sentence = _(
        "{name} does not work here any more, so nobody can be booked with them. Nothing was changed."
    )


@dataclass(frozen=True, slots=True)
class Person:
    """What a manager says of somebody. Clients read `short_name` of a provider; an empty one is the whole name."""

    name: str
    email: str
    roles: frozenset[Role]
    short_name: str = ""
    join_url: str = ""
    licensed_in: tuple[str, ...] = ()
    """States and countries they may practise in, as written: by code or name."""


def sound_person(said: Person) -> Person:
    """Return what was said with spaces at its edges gone. Raises a refusal that names its field."""
    name = named(said.name, limit=PERSON_NAME_LIMIT)
    short = named(said.short_name or name, limit=PERSON_NAME_LIMIT, field="short_name")
    email = sound_email(said.email).lower()
    if not email:
        raise EmailMissing
    roles = said.roles & set(STAFF_ROLES)
    if not roles:
        raise NoRoleChosen
    return Person(name, email, roles, short, said.join_url.strip(), _codes(said.licensed_in))


def _codes(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of regions, each once, in the order in which they were written."""
    try:
        return tuple(dict.fromkeys(region_from(one) for one in written if one.strip()))
    except UnknownRegion as refusal:
        refusal.field = "licensed_in"
        raise


def refuse_without_manager(
    former: Collection[Role], roles: Collection[Role], *, other_managers: bool
) -> None:
    """Raise LastManagerStays when nobody would be left who manages the practice."""
    if Role.MANAGER in former and Role.MANAGER not in roles and not other_managers:
        raise LastManagerStays
