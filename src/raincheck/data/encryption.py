"""Seals what must not lie open in the database, such as addresses and passwords of calendars, with a key from SECRET_KEY.

`SECRET_KEY_FALLBACKS` still opens what was sealed under a former key; what is written is always sealed under the present one.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"raincheck: addresses and passwords of calendars"


class DecryptionFailed(Exception):
    """The text was sealed under a key that nobody has any more, or was tampered with."""


def encrypt(text: str) -> str:
    """Return `text` so that only this installation can read it; an empty text stays empty."""
    return _box().encrypt(text.encode()).decode("ascii") if text else ""


def decrypt(sealed: str) -> str:
    """Return the text that was sealed. Raises DecryptionFailed."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError) as broken:
        raise DecryptionFailed from broken


def _box() -> MultiFernet:
    return MultiFernet([_lock(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _lock(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
