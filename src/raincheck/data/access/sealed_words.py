"""Words sealed at rest: what people wrote lies in the database only under a key, bound to its practice, its row and its column.

    sealed:1:{key}:{practice}:{ref of the row}:{nonce and AES-GCM box, in base64}

Moved to another row, column or practice the box does not open. Text without the beginning was written before there were
seals; it is read as it is, and sealed by the sweep. Sealed words can't be searched for.
"""

from __future__ import annotations

import base64
import os
from binascii import Error as NotBase64
from typing import Any, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import models

from raincheck.data.access.record_keys import current_key, keys_of
from raincheck.data.encryption import DecryptionFailed
from raincheck.data.tenancy import NamedRow

BEGINNING = "sealed:1:"
NONCE = 12
"""Bytes; random, since no two processes share a counter. A key is good for 2**32 of them."""


class Words(str):
    """Words that were unsealed, and the row that they were sealed for."""

    sealed_for: tuple[int, UUID]


class Sealed(str):
    """Words under seal, as they go to the database."""


class SealedText(models.TextField):  # type: ignore[type-arg]  # generic for type checkers only
    """A column of words, sealed with their row whenever the row is saved. Only rows of a practice with a `ref` have one."""

    def deconstruct(self) -> Any:
        # A migration imports nothing of ours: to it this is text, which it is.
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        assert isinstance(model_instance, NamedRow), "only such a row can be bound to"
        words = super().pre_save(model_instance, add)
        return seal_words(words, self, practice=model_instance.practice_id, ref=model_instance.ref)

    def get_prep_value(self, value: Any) -> Any:
        # Neither an update nor a search knows the row: the one would write words open, the other find nothing.
        assert not value or isinstance(value, Sealed), "words are sealed with their row: save the row"
        return super().get_prep_value(value)

    def from_db_value(self, value: str | None, *_asked: Any) -> str | None:
        return unseal_words(value, self) if value else value


class SealsWords(NamedRow):
    """A row with sealed words, which are its own: those of another row put into its place are not read."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *row: Any, **how: Any) -> Self:
        read = super().from_db(*row, **how)
        for field in cls._meta.concrete_fields:
            words = read.__dict__.get(field.attname)
            if isinstance(words, Words) and words.sealed_for != (read.practice_id, read.ref):
                raise DecryptionFailed
        return read


def seal_words(
    words: str, field: models.Field[Any, Any], *, practice: int, ref: UUID, key: int | None = None
) -> str:
    """Return words sealed for one column of one row, under the newest key unless one is named; no words stay none."""
    if not words:
        return words
    number = current_key() if key is None else key
    nonce = os.urandom(NONCE)
    closed = nonce + keys_of(number)[0].encrypt(nonce, words.encode(), _bound_to(field, practice, ref))
    return Sealed(f"{BEGINNING}{number}:{practice}:{ref.hex}:{base64.b64encode(closed).decode('ascii')}")


def unseal_words(text: str, field: models.Field[Any, Any]) -> str:
    """Return the words. Raises DecryptionFailed when they were sealed for another column, changed, or their key is gone."""
    if not text.startswith(BEGINNING):
        return text
    try:
        key, practice, ref, closed = text.removeprefix(BEGINNING).split(":")
        whose, sealed = (int(practice), UUID(ref)), base64.b64decode(closed, validate=True)
        for box in keys_of(int(key)):
            try:
                words = Words(box.decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(field, *whose)).decode())
            except InvalidTag:
                continue  # the first key may have been derived from a former SECRET_KEY
            words.sealed_for = whose
            return words
    except (ValueError, NotBase64) as broken:
        raise DecryptionFailed from broken
    raise DecryptionFailed


def _bound_to(field: models.Field[Any, Any], practice: int, ref: UUID) -> bytes:
    return f"raincheck:{field.model._meta.db_table}:{field.column}:{practice}:{ref.hex}".encode()
