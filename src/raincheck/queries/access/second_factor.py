"""Second factors that somebody has."""

import json

from allauth.mfa.models import Authenticator

from raincheck.data.encryption import SECOND_FACTORS, unseal


def has_second_factor(user_id: int) -> bool:
    """Return whether somebody has a second factor; recovery codes alone are none."""
    theirs = Authenticator.objects.filter(user_id=user_id)
    return bool(theirs.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def has_authenticator(user_id: int) -> bool:
    """Return whether somebody has an authenticator app."""
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists())


def has_passkey(user_id: int) -> bool:
    """Return whether somebody has a passkey."""
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.WEBAUTHN).exists())


def recovery_codes_left(user_id: int) -> int:
    """Return how many recovery codes somebody can still use."""
    row = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return 0
    return len(json.loads(unseal(row.data["codes"].encode("ascii"), purpose=SECOND_FACTORS)))
