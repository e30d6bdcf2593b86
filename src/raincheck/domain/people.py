"""People: who acts, by the kinds that a history row can name, and how somebody is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class ActorKind(StrEnum):
    CLIENT_BY_LINK = "client_by_link"
    CLIENT = "client"
    PROVIDER = "provider"
    MANAGER = "manager"
    SCHEDULER = "scheduler"
    SYSTEM = "system"
    OPERATOR = "operator"


class Role(StrEnum):
    """What a membership makes of a user in one practice."""

    PROVIDER = "provider"
    MANAGER = "manager"
    SCHEDULER = "scheduler"
    CLIENT = "client"


STAFF_ROLES = (Role.PROVIDER, Role.MANAGER, Role.SCHEDULER)
"""Whose the pages of a practice are. Somebody may be several of these in one practice."""
BY_MEMBERSHIP = (ActorKind.MANAGER, ActorKind.SCHEDULER)
"""Who acts for every provider of a practice: in a history their number is that of their membership."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts. `who` is the row's id within the kind (a provider's, a client's, a manager's or scheduler's membership).

    `for_client` is set when somebody of the practice answers in a client's place, as by phone.
    """

    kind: ActorKind
    who: int | None = None
    for_client: int | None = None
    request_id: str = ""
    recipient: int | None = None
    """Who of those that get a client's messages acts, by their link; None for the client themselves, signed in."""
    practice: int | None = None
    """Where somebody acts: rows of another practice are refused. None for who belongs to none: the system, an operator."""

    @property
    def is_client(self) -> bool:
        return self.kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK)

    @property
    def is_staff(self) -> bool:
        return self.kind in (ActorKind.PROVIDER, *BY_MEMBERSHIP)

    def answering_for(self, client: int) -> Actor:
        """Return who answers a request to `client`: staff in the client's place, clients for themselves."""
        return replace(self, for_client=client) if self.is_staff else self

    @property
    def key(self) -> str:
        """A stable text for the key row: the same key from two people is two different acts."""
        return f"{self.kind}:{self.who if self.who is not None else '-'}"


class NotInThisPractice(Refusal):
    kind = Kind.NOT_FOUND
    code = "not_in_this_practice"
    sentence = _("We can't find that here. Nothing was changed.")


SYSTEM = Actor(ActorKind.SYSTEM)
OPERATOR = Actor(ActorKind.OPERATOR)


# No spaces, commas, brackets or line breaks: they could make a second recipient or header of an address.
EMAIL = re.compile(r"[^@\s,;<>\x00-\x1f]+@[^@\s,;<>\x00-\x1f]+\.[^@\s,;<>.\x00-\x1f]+")
# RFC 5321 (4.5.3.1.3): a path has 256 octets, two of which are its angle brackets.
EMAIL_LENGTH = 254
PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")
PHONE_DIGITS = range(7, 16)
"""How many digits a number that can be called has: E.164 knows no more than 15."""


class NotAnEmail(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_an_email"
    sentence = _(
        "“{value}” does not look like an e-mail address. Nothing was changed; please write it like name@example.com."
    )
    field = "email"


class NotAPhoneNumber(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_phone_number"
    sentence = _(
        "“{value}” does not look like a phone number. Nothing was changed; please write it like +1 212 555 0100."
    )
    field = "phone"


class TextsNeedANumber(Refusal):
    kind = Kind.BAD_INPUT
    code = "texts_need_a_number"
    sentence = _("Texts need a phone number. Nothing was changed; add one, or untick the box.")
    field = "phone"


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is reached; an empty address is none. `texts` is whether they agreed to text messages."""

    email: str
    phone: str
    texts: bool


def sound_email(written: str) -> str:
    """Return an address as it was written, with spaces at its edges gone; empty for none. Raises NotAnEmail."""
    email = written.strip()
    if email and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        # Quoted in a sentence, and something pasted by mistake may be a page long.
        raise NotAnEmail(value=email[:60])
    return email


def sound_phone(written: str) -> str:
    """Return a number as it was written, for people to read, with spaces at its edges gone. Raises NotAPhoneNumber."""
    phone = written.strip()
    digits = sum(sign.isdigit() for sign in phone)
    if phone and not (PHONE.fullmatch(phone) and digits in PHONE_DIGITS):
        raise NotAPhoneNumber(value=phone[:60])
    return phone
