"""Seals what must not lie open in the database, such as addresses and passwords of calendars, with a key from SECRET_KEY.

`SECRET_KEY_FALLBACKS` still opens what was sealed under a former key; what is written is always sealed under the present one.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Django signs cookies and codes with SECRET_KEY too: a key of its own for each purpose opens nothing else.
PURPOSE = b"raincheck: addresses and passwords of calendars"
CODES = b"raincheck: codes to sign in"
INVITATIONS = b"raincheck: links of invitations"
SECOND_FACTORS = b"raincheck: second factors"


class DecryptionFailed(Exception):
    """The text was sealed under a key that nobody has any more, or was tampered with."""


def encrypt(text: str) -> str:
    """Return `text` so that only this installation can read it; an empty text stays empty."""
    return _box().encrypt(text.encode()).decode("ascii") if text else ""


def decrypt(sealed: str) -> str:
    """Return the text that was sealed. Raises DecryptionFailed, which asks a person to enter it again."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError) as broken:
        raise DecryptionFailed from broken


def seal(contents: bytes, *, purpose: bytes) -> bytes:
    """Return `contents` sealed under a key that opens nothing but what has the same purpose."""
    return _box(purpose).encrypt(contents)


def unseal(sealed: bytes, *, purpose: bytes) -> bytes:
    """Return the contents. Raises DecryptionFailed."""
    try:
        return _box(purpose).decrypt(sealed)
    except InvalidToken as broken:
        raise DecryptionFailed from broken


def _box(purpose: bytes = PURPOSE) -> MultiFernet:
    locks = []
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        # Fernet takes 32 bytes in base64, SECRET_KEY is of any length. No salt: every process must come to the same key.
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
        locks.append(Fernet(base64.urlsafe_b64encode(derived)))
    # The first one writes, every one reads: that is how MultiFernet rotates keys.
    return MultiFernet(locks)
