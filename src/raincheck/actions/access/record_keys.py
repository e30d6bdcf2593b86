"""Keys of people's words: a new one, and what lies under a former one or under none is sealed anew in batches, while all goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import connection

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.access.record_keys import BELIEVED, RecordKey, new_key
from raincheck.data.access.sealed_words import BEGINNING, SealedText, SealsWords, seal_words, unseal_words
from raincheck.data.models import Appointment, EmergencyReason, Message, OutOfOffice, RescheduleBatch
from raincheck.domain.people import SYSTEM

BATCH = 200
MODELS: tuple[type[SealsWords], ...] = (Message, RescheduleBatch, OutOfOffice, Appointment, EmergencyReason)
# Rows that somebody holds are come back to: a batch waits for nobody, and nobody long for a batch.
FORMER = """
SELECT id, practice_id, ref, {column} FROM {table} WHERE id > %s AND {column} <> '' AND NOT starts_with({column}, %s)
ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
WRITE = "UPDATE {table} row SET {column} = fresh.words FROM unnest(%s::bigint[], %s::text[]) fresh(id, words) WHERE row.id = fresh.id"
LEFT = "SELECT EXISTS (SELECT FROM {table} WHERE {column} <> '' AND NOT starts_with({column}, %s))"


def make_key(*, now: datetime) -> Answer:
    """Make the next key, which is used from now on; while one is still being gone over to, that one is answered."""
    newest_first = RecordKey.objects.order_by("-version")
    newest_first.select_for_update(no_key=True).first()
    # Only now: of two who make one at once the second waits here, and finds the key that the first has made.
    newest = newest_first.first()
    if newest is not None and newest.words_sealed_at is None and newest.version > 1:
        return {"key": str(newest.version), "made": ""}
    key = RecordKey(version=(newest.version if newest else 1) + 1, sealed=new_key(), made_at=now)
    key.save(force_insert=True)
    return {"key": str(key.version), "made": "yes"}


def key_to_go_over_to() -> RecordKey | None:
    """Return the newest key while anything may lie under another; None in ordinary times, by one short question."""
    newest = RecordKey.objects.order_by("-version").first()
    return newest if newest is not None and newest.words_sealed_at is None else None


def seal_anew(key: RecordKey, *, now: datetime) -> Iterator[int]:
    """Seal everything under `key`, batch by batch, and yield how many words each sealed.

    Whoever is killed at it has done what was committed, and the next goes on. Others may have taken the former key for the
    newest for a few seconds: until those are over, nothing is called done.
    """
    for model, field in sealed_fields():
        last = 0
        while True:
            verb = partial(_seal_batch, model, field, key.version, last)
            done = run_command(verb, key=None, body={}, by=SYSTEM, now=now)
            if not done:
                break
            last = int(done["last"])
            yield int(done["sealed"])
    if now - key.made_at > timedelta(seconds=2 * BELIEVED) and not _anything_left(key.version):
        run_command(partial(_note_sealed, key.version, now=now), key=None, body={}, by=SYSTEM, now=now)


def sealed_fields() -> Iterator[tuple[type[SealsWords], SealedText]]:
    for model in MODELS:
        yield from ((model, field) for field in model._meta.concrete_fields if isinstance(field, SealedText))


def _seal_batch(model: type[SealsWords], field: SealedText, key: int, last: int) -> Answer:
    names = {"table": model._meta.db_table, "column": field.column}
    with connection.cursor() as cursor:
        cursor.execute(FORMER.format(**names), [last, f"{BEGINNING}{key}:", BATCH])
        rows = cursor.fetchall()
        if not rows:
            return {}
        fresh = [
            seal_words(unseal_words(text, field), field, practice=practice, ref=ref, key=key)
            for _pk, practice, ref, text in rows
        ]
        cursor.execute(WRITE.format(**names), [[row[0] for row in rows], [str(text) for text in fresh]])
    return {"last": str(rows[-1][0]), "sealed": str(len(rows))}


def _anything_left(key: int) -> bool:
    with connection.cursor() as cursor:
        for model, field in sealed_fields():
            cursor.execute(
                LEFT.format(table=model._meta.db_table, column=field.column), [f"{BEGINNING}{key}:"]
            )
            if cursor.fetchone()[0]:
                return True
    return False


def _note_sealed(key: int, *, now: datetime) -> Answer:
    RecordKey.objects.filter(version=key, words_sealed_at__isnull=True).update(words_sealed_at=now)
    return {}
