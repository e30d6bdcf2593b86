"""An invitation opens a practice to one person, once.

OPEN -- accept --> USED      OPEN -- revoke --> REVOKED      OPEN -- its time is over --> ENDED
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.people import STAFF_ROLES, Role, sound_email
from raincheck.domain.practice import named
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

OPERATORS_LIVE = timedelta(hours=1)
"""How long a link works that the command line prints: whoever asked for it sits there."""
PEOPLES_LIVE = timedelta(days=7)
PERSON_NAME_LIMIT = 200


class InvitationState(StrEnum):
    OPEN = "open"
    USED = "used"
    ENDED = "ended"
    REVOKED = "revoked"


class EmailMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "email_missing"
    sentence = _("Please write the e-mail address that this person signs in with. Nothing was changed yet.")
    field = "email"


class NoRole(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_role"
    sentence = _("Please choose what this person will be here. Nothing was changed yet.")
    field = "roles"


class AlreadyHere(Refusal):
    kind = Kind.CONFLICT
    code = "already_here"
    sentence = _(
        "{email} belongs to somebody who is this here already, so no invitation was made. They can sign in; "
        "a forgotten password can be replaced on the sign-in page."
    )
    field = "email"


class WorksHere(Refusal):
    kind = Kind.CONFLICT
    code = "works_here"
    sentence = _(
        "{email} belongs to somebody who works here already, so no invitation was made. You can change their roles on their own page."
    )
    field = "email"


class InvitationGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "invitation_gone"
    sentence = _("We can't find that invitation. Nothing was changed.")


class InvitationUsed(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_used"
    sentence = _("This invitation was used already, so nothing was changed now.")


class InvitationEnded(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_ended"
    sentence = _("This invitation has ended, so nothing was changed. Ask for a new one where you got it.")


class InvitationRevoked(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_revoked"
    sentence = _(
        "This invitation was taken back, so nothing was changed. Ask for a new one where you got it."
    )


class PasswordIsKept(Refusal):
    """Somebody has got a password meanwhile, by another invitation perhaps: nobody else may replace it."""

    kind = Kind.CONFLICT
    code = "password_is_kept"
    sentence = _(
        "This e-mail address has a password by now, so nothing was changed. Please enter that password."
    )
    field = "password"


class WayBackNeedsPassword(Refusal):
    """The page was opened before this person was a manager, and asked for less."""

    kind = Kind.CONFLICT
    code = "way_back_needs_password"
    sentence = _("This link asks for a new password by now, so nothing was changed. Please choose one.")
    field = "password"


CLOSED: dict[InvitationState, type[Refusal]] = {
    InvitationState.USED: InvitationUsed,
    InvitationState.ENDED: InvitationEnded,
    InvitationState.REVOKED: InvitationRevoked,
}


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whoever is invited, and as what."""

    name: str
    email: str
    roles: tuple[Role, ...]


def sound_invitee(*, name: str, email: str, roles: Iterable[str]) -> Invitee:
    """Return what will be kept: the address in small letters, each role once. Raises the refusal of a field that can't be."""
    called = named(name, limit=PERSON_NAME_LIMIT)
    address = sound_email(email).lower()
    if not address:
        raise EmailMissing
    chosen = set(roles)
    if not chosen or not chosen <= set(STAFF_ROLES):
        raise NoRole
    return Invitee(called, address, tuple(role for role in STAFF_ROLES if role in chosen))


def state_of(
    *, ends_at: datetime, used_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> InvitationState:
    """Return how it stands with an invitation. One that was used stays so, whenever its time is over."""
    if used_at is not None:
        return InvitationState.USED
    if revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if now < ends_at else InvitationState.ENDED


def short_name_of(name: str) -> str:
    """Return what clients read of a provider until somebody changes it: "Dr. Okafor" of "Dr. Jo Okafor", else the whole name."""
    words = name.split()
    return f"{words[0]} {words[-1]}" if len(words) > 2 and words[0].endswith(".") else name


def digest_of(token: str) -> bytes:
    """Return what is kept of a link's token: 32 bytes from which nobody finds the token."""
    # No salt and no slow hash: nobody can go through 128 random bits.
    return hashlib.sha256(token.encode()).digest()
