"""Sealing the read log: rows that wait get their places in their practice's chain, each batch in one transaction."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db import connection

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.access.log_chain import LogChain, SealedRow, UnsealedRow
from raincheck.data.access.logged import COLUMNS, logged_row
from raincheck.domain.access.log_chain import FIRST, Head
from raincheck.domain.people import SYSTEM

BATCH = 1_000
MAKE_CHAIN = "INSERT INTO raincheck_logchain (chain, rows, seal) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
WAITING = f"""
SELECT {COLUMNS} FROM raincheck_unsealedrow waiting JOIN raincheck_readlog logged ON logged.id = waiting."row"
WHERE waiting.chain = %s ORDER BY waiting."row" LIMIT %s
"""  # made of the table's own column names


def seal_read_log(*, now: datetime) -> Iterator[tuple[int, Head]]:
    """Seal whatever waits, and yield each chain that grew with its new end. Any number of processes may be at it."""
    for chain in list(UnsealedRow.objects.values_list("chain", flat=True).distinct().order_by("chain")):
        head = None
        while grown := run_command(partial(seal_rows, chain), key=None, body={}, by=SYSTEM, now=now):
            head = Head(int(grown["rows"]), bytes.fromhex(grown["seal"]))
        if head is not None:
            yield chain, head


def seal_rows(chain: int) -> Answer:
    """Give the next rows that wait in a chain their places. Nothing is answered when none waits, or another is at it.

    In the order in which they are seen: a row that a slow transaction commits late comes after rows with higher numbers.
    """
    with connection.cursor() as cursor:
        if not LogChain.objects.filter(chain=chain).exists():
            cursor.execute(MAKE_CHAIN, [chain, FIRST])
        end = LogChain.objects.select_for_update(no_key=True, skip_locked=True).filter(chain=chain).first()
        if end is None:
            return {}
        # Asked only now: what another has sealed until this moment waits no longer.
        cursor.execute(WAITING, [chain, BATCH])
        rows = [logged_row(values) for values in cursor.fetchall()]
    if not rows:
        return {}
    seal, sealed = bytes(end.seal), []
    for place, row in enumerate(rows, start=end.rows + 1):
        seal = row.sealed_after(seal)
        sealed.append(SealedRow(row=row.id, chain=chain, place=place, seal=seal))
    SealedRow.objects.bulk_create(sealed)
    UnsealedRow.objects.filter(row__in=[row.id for row in rows]).delete()
    end.rows, end.seal = end.rows + len(rows), seal
    end.save(update_fields=["rows", "seal"])
    return {"rows": str(end.rows), "seal": seal.hex()}
