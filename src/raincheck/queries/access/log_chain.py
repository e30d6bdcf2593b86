"""The chains over the read log, walked from the first row: whether any row was removed, changed or put in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from raincheck.data.access.log_chain import LogChain, UnsealedRow
from raincheck.data.access.logged import COLUMNS, logged_row
from raincheck.data.people import Practice
from raincheck.domain.access.log_chain import NO_PRACTICE, Finding, Head, Sealed, Trouble, first_trouble

AT_ONCE = 5_000
PLACES = f"""
SELECT sealed.place, sealed."row", sealed.seal, {COLUMNS}
FROM raincheck_sealedrow sealed LEFT JOIN raincheck_readlog logged ON logged.id = sealed."row"
WHERE sealed.chain = %s AND sealed.place > %s ORDER BY sealed.place LIMIT %s
"""  # made of the table's own column names
# Logged past the trigger, or taken away before its seal: rows that stand in one of the tables alone.
ADDED = """
SELECT min(logged.id) FROM raincheck_readlog logged WHERE coalesce(logged.practice_id, 0) = %s
    AND NOT EXISTS (SELECT FROM raincheck_sealedrow sealed WHERE sealed."row" = logged.id)
    AND NOT EXISTS (SELECT FROM raincheck_unsealedrow waiting WHERE waiting."row" = logged.id)
"""
REMOVED = """
SELECT min(waiting."row") FROM raincheck_unsealedrow waiting WHERE waiting.chain = %s
    AND NOT EXISTS (SELECT FROM raincheck_readlog logged WHERE logged.id = waiting."row")
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain after the walk: its end, how many rows wait for their seal, and what is wrong first."""

    practice: Practice | None
    head: Head
    waiting: int
    finding: Finding | None


def heads() -> dict[str, Head]:
    """Return the end of each chain by its practice's ref; that of rows without a practice by nothing."""
    refs = {number: str(ref) for number, ref in Practice.objects.values_list("pk", "ref")}
    return {
        refs.get(row.chain, ""): Head(row.rows, bytes(row.seal)) for row in LogChain.objects.order_by("chain")
    }


def verify(*, known: Mapping[str, Head], only: str | None = None) -> Iterator[Verified]:
    """Walk every chain, or the one of a practice's ref, as all stands at one moment.

    `known` are ends that were written down elsewhere, by ref.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        practices: list[Practice | None] = [*Practice.objects.order_by("pk"), None]
        ends = {row.chain: Head(row.rows, bytes(row.seal)) for row in LogChain.objects.all()}
        for practice in practices:
            ref, chain = (str(practice.ref), practice.pk) if practice is not None else ("", NO_PRACTICE)
            if only is not None and ref != only:
                continue
            head = ends.get(chain, Head())
            finding = first_trouble(_places(chain), head=head, known=known.get(ref))
            waiting = UnsealedRow.objects.filter(chain=chain).count()
            yield Verified(practice, head, waiting, finding or _stray(chain, head))


def _places(chain: int) -> Iterator[Sealed]:
    place = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(PLACES, [chain, place, AT_ONCE])
            found = cursor.fetchall()
            for place, number, seal, *values in found:
                yield Sealed(place, number, bytes(seal), None if values[0] is None else logged_row(values))
            if len(found) < AT_ONCE:
                return


def _stray(chain: int, head: Head) -> Finding | None:
    with connection.cursor() as cursor:
        for question, trouble in ((REMOVED, Trouble.REMOVED), (ADDED, Trouble.ADDED)):
            cursor.execute(question, [chain])
            [(number,)] = cursor.fetchall()
            if number is not None:
                return Finding(trouble, number, head.rows + 1)
    return None
