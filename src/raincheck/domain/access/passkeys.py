"""Passkeys: where they can be used at all, what is kept of one, and what is refused."""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

NAME_LIMIT = 60
MOST = 10
"""So many passkeys one person may have."""
CHALLENGE_LIVES = timedelta(minutes=5)
"""How long a device may take to answer: people look for their key, and type a PIN."""


class PasskeyRefused(Refusal):
    """One sentence for everything that can be wrong with it: it tells nobody whose it is, or was."""

    kind = Kind.BAD_INPUT
    code = "passkey_refused"
    sentence = _(
        "This passkey opens nothing here. Nothing has changed. Please use another passkey, or your password."
    )


class PasskeyTooLate(Refusal):
    kind = Kind.BAD_INPUT
    code = "passkey_too_late"
    sentence = _(
        "That took too long, or it was sent twice, so nothing has changed. Please press the button again."
    )


class PasskeyNotMade(Refusal):
    kind = Kind.BAD_INPUT
    code = "passkey_not_made"
    sentence = _(
        "The passkey could not be made, so nothing was changed. Please try again, on a device that asks for your "
        "fingerprint, your face or a PIN."
    )


class PasskeyNameMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "passkey_name_missing"
    sentence = _("Please give the passkey a name, like Laptop. Nothing was changed.")
    field = "name"


class PasskeyNameTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "passkey_name_too_long"
    sentence = _("This name is too long: at most {limit} characters. Nothing was changed.")
    field = "name"


class PasskeyKnown(Refusal):
    kind = Kind.CONFLICT
    code = "passkey_known"
    sentence = _("This passkey was added already. Nothing was changed.")


class TooManyPasskeys(Refusal):
    kind = Kind.CONFLICT
    code = "too_many_passkeys"
    sentence = _("You have {most} passkeys, and more are not kept. Nothing was changed; remove one first.")


class SecondFactorGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "second_factor_gone"
    sentence = _("This was removed already, so nothing was changed now.")


class LastSecondFactorStays(Refusal):
    kind = Kind.CONFLICT
    code = "last_second_factor_stays"
    sentence = _(
        "This is the only second step you have, so it stays. Nothing was changed; add another one first, then remove this one."
    )


class NoPasskeysHere(StrEnum):
    """Why no passkey can be made or used at the address of this site. Browsers decide so, not we."""

    ADDRESS_IS_A_NUMBER = "address_is_a_number"
    NOT_ENCRYPTED = "not_encrypted"


def relying_party(base_url: str) -> str | NoPasskeysHere:
    """Return the name that passkeys of this site are bound to: its host, whatever a visitor's browser calls it.

    Web Authentication takes names only, no numbers, and only over https or on the very machine.
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    try:
        ip_address(host)
    except ValueError:
        here = host == "localhost" or host.endswith(".localhost")
        return host if parts.scheme == "https" or here else NoPasskeysHere.NOT_ENCRYPTED
    return NoPasskeysHere.ADDRESS_IS_A_NUMBER


def sound_name(typed: str) -> str:
    """Return the name of a passkey as its person reads it. Raises PasskeyNameMissing and PasskeyNameTooLong."""
    name = " ".join(typed.split())
    if not name:
        raise PasskeyNameMissing
    if len(name) > NAME_LIMIT:
        raise PasskeyNameTooLong(limit=str(NAME_LIMIT))
    return name


def counter_after(kept: int, said: int) -> int:
    """Return the count of signatures to keep. Raises PasskeyRefused when it did not go up: then there are two of one key.

    Many passkeys don't count, and say 0 each time (Web Authentication, section 6.1.1).
    """
    if (kept or said) and said <= kept:
        raise PasskeyRefused
    return said


def refuse_old_challenge(challenged_at: datetime, *, used_up_to: datetime | None, at: datetime) -> None:
    """Raise PasskeyTooLate for a challenge that is over, or not newer than the last one this passkey has answered.

    So each is answered once, and none after a newer one.
    """
    if at - challenged_at > CHALLENGE_LIVES or (used_up_to is not None and challenged_at <= used_up_to):
        raise PasskeyTooLate
