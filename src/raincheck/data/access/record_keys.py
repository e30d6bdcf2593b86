"""Keys of the words that people wrote: the first is derived from SECRET_KEY, later ones are random and lie here under it.

Rows of former keys stay, since what is sealed under them must be opened until it is sealed anew, and a backup holds both.
"""

import threading
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

from raincheck.data.encryption import DecryptionFailed, seal, unseal
from raincheck.monotonic import seconds

PURPOSE = b"raincheck: words that people wrote"
FIRST = 1
BYTES = 32
BELIEVED = 5.0
"""Seconds for which a process takes the newest key that it knows for the newest there is."""


class RecordKey(models.Model):
    """A key, sealed under SECRET_KEY; empty for the first. `words_sealed_at` is when nothing was left under a former one."""

    version = models.BigIntegerField(primary_key=True)
    sealed = models.BinaryField(default=b"")
    made_at = models.DateTimeField()
    words_sealed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.version)


def new_key() -> bytes:
    """Return a fresh key as it is kept."""
    return seal(AESGCM.generate_key(bit_length=8 * BYTES), purpose=PURPOSE)


@dataclass
class _Known:
    """The keys that this process has opened, and when it last looked which is the newest."""

    boxes: dict[int, list[AESGCM]] = field(default_factory=dict)
    newest: int = FIRST
    looked_at: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_known = _Known()


def current_key() -> int:
    """Return the number of the key that words are sealed under now, as far as this process knows."""
    now = seconds()
    if _known.looked_at is None or now - _known.looked_at > BELIEVED:
        newest = RecordKey.objects.order_by("-version").values_list("version", flat=True).first() or FIRST
        with _known.lock:
            _known.newest, _known.looked_at = newest, now
    return _known.newest


def keys_of(version: int) -> list[AESGCM]:
    """Return what opens words under a key's number: several for the first, of which a former SECRET_KEY made some."""
    if version not in _known.boxes:
        if version == FIRST:
            # No salt: every process must come to the same key.
            found = [
                HKDF(algorithm=SHA256(), length=BYTES, salt=None, info=PURPOSE).derive(secret.encode())
                for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
            ]
        else:
            row = RecordKey.objects.filter(version=version).first()
            if row is None:
                raise DecryptionFailed
            found = [unseal(bytes(row.sealed), purpose=PURPOSE)]
        with _known.lock:
            _known.boxes[version] = [AESGCM(key) for key in found]
    return _known.boxes[version]


def forget_keys() -> None:
    """Begin anew, as in a process that was just started."""
    with _known.lock:
        _known.boxes.clear()
        _known.newest, _known.looked_at = FIRST, None
