"""The one way in for every verb: one durable transaction, acted once for each key, tried again when the database asks."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import DatabaseError, IntegrityError, InterfaceError, connection, transaction
from procrastinate.exceptions import ConnectorException

from raincheck.actions.engine.constraints import refusal_for
from raincheck.actions.engine.locks import ReadAgain, acting_as
from raincheck.data.access.shown import not_shown
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.domain.idempotency import PageTooOld, is_forgotten
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.reschedule.lifecycle import TookTooLong
from raincheck.domain.sentences import _

TAKE_KEY = """
INSERT INTO raincheck_idempotencykey (actor, key, body_hash, acted_at) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING id
"""

Answer = dict[str, str]
"""What a verb tells its caller: refs and codes by name, so that a repeat can be given the first answer."""

# A deadlock or a look-up that changed; six times in a row is no bad luck any more.
ATTEMPTS = 6
TRY_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock
TOO_SLOW = {"55P03", "57014"}  # lock_timeout, statement_timeout


class NotSure(Exception):
    """The connection broke during the commit, and no other could be had to look: the act may stand or not.

    No refusal, since those say that nothing has changed. The same form under the same key acts once either way.
    """


class StillRunning(NotSure):
    """A first sending of the same form still runs, and this one has waited for it as long as anything is waited for."""


class KeyUsedForAnother(Refusal):
    kind = Kind.CONFLICT
    code = "key_used_for_another"
    sentence = _(
        "This form was already sent with other contents, so nothing was changed now. Please open the page again."
    )


def run_command(
    verb: Callable[[], Answer],
    *,
    key: UUID | None,
    body: Mapping[str, object],
    by: Actor,
    now: datetime,
    still_fresh: Callable[[], bool] = lambda: True,
) -> Answer:
    """Run `verb` in one durable transaction and return its answer.

    With a key it acts once: a repeat gets the first answer, the same key with another body is refused, and so is one that
    is older than what is remembered (PageTooOld). `still_fresh` is asked right before the commit; False refuses the act
    (TookTooLong) and nothing has changed. Refusals leave no trace, so a form that was refused can be sent again under its
    key. Only rows that are the actor's business can be changed.
    When the connection breaks during the commit, the key's row tells on another one whether the act stands; raises
    NotSure when it can't be asked, and StillRunning when the first sending of the same form takes too long.
    """
    unsure = False
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            with transaction.atomic(durable=True), acting_as(by), not_shown():
                answer = _once(verb, key=key, body=body, by=by, now=now, still_fresh=still_fresh)
                committing = key is not None  # only a key can tell afterwards what became of it
            return answer
        except ReadAgain:
            if attempt == ATTEMPTS:
                raise TookTooLong from None
        except IntegrityError as error:
            if (refusal := refusal_for(error)) is None:
                raise
            raise refusal from error
        except (DatabaseError, InterfaceError, ConnectorException) as error:
            if committing and not unsure and attempt < ATTEMPTS and fault_of(error) is DatabaseFault.GONE:
                unsure = True
            elif attempt == ATTEMPTS or _state(error) not in TRY_AGAIN:
                if unsure:
                    raise NotSure from error
                if _state(error) in TOO_SLOW | TRY_AGAIN:
                    raise TookTooLong from error
                raise
    raise AssertionError("the loop returns or raises")


def _once(
    verb: Callable[[], Answer],
    *,
    key: UUID | None,
    body: Mapping[str, object],
    by: Actor,
    now: datetime,
    still_fresh: Callable[[], bool],
) -> Answer:
    """Run a verb in the transaction that is open, unless its key says that it has run."""
    taken = None
    if key is not None:
        # In one order: the same form must have the same hash in every process.
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).digest()
        with connection.cursor() as cursor:
            # Waits here while a first sending of the same form is still running, then finds that its row stands.
            try:
                cursor.execute(TAKE_KEY, [by.key, key, digest, now])
            except DatabaseError as error:
                # Never "nothing has changed": what it waited for may be saved after all.
                if _state(error) in TOO_SLOW:
                    raise StillRunning from error
                raise
            taken = cursor.fetchone()
        if taken is None:
            kept = IdempotencyKey.objects.get(actor=by.key, key=key)
            assert kept.answer is not None, "a key is committed with its answer"
            if bytes(kept.body_hash) != digest:
                raise KeyUsedForAnother
            # A repeat is never late: its answer stands since the first sending.
            return dict(kept.answer)
        if is_forgotten(key, now=now):
            raise PageTooOld
    answer = verb()
    if not still_fresh():
        raise TookTooLong
    if taken is not None:
        IdempotencyKey.objects.filter(pk=taken[0]).update(answer=answer)
    return answer


def _state(error: Exception) -> str | None:
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None
