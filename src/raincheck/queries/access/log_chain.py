"""The chains over the read log, walked from the first row: whether any row was removed, changed or put in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from raincheck.data.access.log_chain import LogChain, LogCut, UnsealedRow
from raincheck.data.access.logged import COLUMNS, logged_row
from raincheck.data.access.read_log import ReadLog
from raincheck.data.people import Practice
from raincheck.domain.access.events import Event
from raincheck.domain.access.log_chain import (
    NO_PRACTICE,
    Cut,
    Finding,
    Head,
    Known,
    Sealed,
    Trouble,
    first_trouble,
    logged_cut,
)

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
    """A chain after the walk: its end, what was cut off its beginning, how many rows wait for their seal, and what is wrong first."""

    practice: Practice | None
    head: Head
    cuts: list[Cut]
    waiting: int
    finding: Finding | None


def heads() -> dict[str, Head]:
    """Return the end of each chain by its practice's ref; that of rows without a practice by nothing."""
    refs = {number: str(ref) for number, ref in Practice.objects.values_list("pk", "ref")}
    return {
        refs.get(row.chain, ""): Head(row.rows, bytes(row.seal)) for row in LogChain.objects.order_by("chain")
    }


def verify(*, known: Mapping[str, Known], only: str | None = None) -> Iterator[Verified]:
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
            cuts = _cuts(chain)
            places = _places(chain, after=cuts[-1].place if cuts else 0)
            finding = first_trouble(places, head=head, cuts=cuts, known=known.get(ref))
            waiting = UnsealedRow.objects.filter(chain=chain).count()
            yield Verified(practice, head, cuts, waiting, finding or _stray(chain, head))


def _cuts(chain: int) -> list[Cut]:
    """Return what was cut off a chain, the latest last."""
    rows = ReadLog.objects.filter(practice=chain or None, what=Event.LOG_CUT)
    told = {(at, json.dumps(detail, sort_keys=True)) for at, detail in rows.values_list("at", "detail")}
    cuts = LogCut.objects.filter(chain=chain).order_by("place")
    return [
        Cut(
            cut.place,
            bytes(cut.seal),
            cut.before,
            cut.at,
            told=(
                cut.at,
                json.dumps(logged_cut(cut.place, seal=bytes(cut.seal), before=cut.before), sort_keys=True),
            )
            in told,
        )
        for cut in cuts
    ]


def _places(chain: int, *, after: int) -> Iterator[Sealed]:
    place = after
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
