"""Clients who are in care no more: discharged by somebody who says what they read, or archived, and how they come back."""

from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class Told(StrEnum):
    """What a client is told of their discharge. A person chooses; nothing is told by itself."""

    STANDARD = "standard"
    OWN_WORDS = "own_words"
    NOTHING = "nothing"


class ToldMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "told_missing"
    sentence = _("Please choose what {name} reads. Nothing was changed yet.")
    field = "told"


class NobodyToWriteFor(Refusal):
    kind = Kind.CONFLICT
    code = "nobody_to_write_for"
    sentence = _(
        "{name} has no conversation with any provider, so there is nowhere to write. Nothing was changed. "
        "Please choose another way, or set a usual provider first."
    )
    field = "told"


class OthersSeeThem(Refusal):
    kind = Kind.CONFLICT
    code = "others_see_them"
    sentence = _(
        "{name} has appointments with other providers ahead, too. Nothing was changed; please ask a manager to discharge them."
    )


class AlreadyDischarged(Refusal):
    kind = Kind.CONFLICT
    code = "already_discharged"
    sentence = _("{name} was discharged already. Nothing was changed now.")


class AppointmentsAhead(Refusal):
    kind = Kind.CONFLICT
    code = "appointments_ahead"
    sentence = _(
        "{name} has appointments ahead, so the record stays where it is. Cancel or move them first, or discharge {name}."
    )


class AlreadyInCare(Refusal):
    kind = Kind.CONFLICT
    code = "already_in_care"
    sentence = _("{name} is in care already. Nothing was changed now.")


class NotInCare(Refusal):
    kind = Kind.CONFLICT
    code = "not_in_care"
    sentence = _(
        "{name} was discharged or archived, so nothing was booked. Bring them back on their page first, then book."
    )
