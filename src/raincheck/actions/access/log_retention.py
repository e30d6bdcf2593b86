"""The read log grows old: what was logged seven years ago goes from the beginning of its chain, with a cut that says so."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from django.db import connection

from raincheck.actions.access.read_log import record_event
from raincheck.data.access.log_chain import LogChain, LogCut
from raincheck.domain.access.events import Event
from raincheck.domain.access.log_chain import cut_before, logged_cut
from raincheck.domain.people import SYSTEM

# The first row that is left of each chain tells whether any is old enough: seals are given in the order of time.
DUE = """
SELECT ends.chain, cut.place FROM raincheck_logchain ends
CROSS JOIN LATERAL (SELECT coalesce(max(place), 0) AS place FROM raincheck_logcut WHERE chain = ends.chain) cut
CROSS JOIN LATERAL (
    SELECT logged.at FROM raincheck_sealedrow sealed JOIN raincheck_readlog logged ON logged.id = sealed."row"
    WHERE sealed.chain = ends.chain AND sealed.place > cut.place ORDER BY sealed.place LIMIT 1) oldest
WHERE oldest.at < %s ORDER BY ends.chain
"""
FIRST_KEPT = """
SELECT sealed.place FROM raincheck_sealedrow sealed JOIN raincheck_readlog logged ON logged.id = sealed."row"
WHERE sealed.chain = %s AND sealed.place > %s AND logged.at >= %s ORDER BY sealed.place LIMIT 1
"""
SEAL = "SELECT seal FROM raincheck_sealedrow WHERE chain = %s AND place = %s"
CUT_ROWS = """
SELECT sealed."row" FROM (SELECT chain, max(place) AS place FROM raincheck_logcut GROUP BY chain) cut
JOIN raincheck_sealedrow sealed ON sealed.chain = cut.chain AND sealed.place <= cut.place
ORDER BY sealed.chain, sealed.place LIMIT %s FOR UPDATE OF sealed SKIP LOCKED
"""


def cut_read_log(*, now: datetime, limit: int) -> Counter[str]:  # noqa: ARG001  # every step of the sweep is given it
    """Cut one chain whose oldest rows are old enough, and log it: from then on its rows may go. A step of the sweep.

    The chain is reckoned from the seal that the cut keeps, so that verifying it goes on as before.
    """
    before = cut_before(now)
    with connection.cursor() as cursor:
        cursor.execute(DUE, [before])
        for chain, former in cursor.fetchall():
            # Whoever seals a chain holds its end; it is come back to.
            end = (
                LogChain.objects.select_for_update(no_key=True, skip_locked=True).filter(chain=chain).first()
            )
            if end is None or LogCut.objects.filter(chain=chain, place__gt=former).exists():
                continue
            cursor.execute(FIRST_KEPT, [chain, former, before])
            kept = cursor.fetchone()
            place = kept[0] - 1 if kept else end.rows
            cursor.execute(SEAL, [chain, place])
            seal = bytes(cursor.fetchone()[0])
            LogCut(chain=chain, place=place, seal=seal, before=before, at=now).save(force_insert=True)
            by = replace(SYSTEM, practice=chain or None)
            record_event(Event.LOG_CUT, by=by, now=now, detail=logged_cut(place, seal=seal, before=before))
            return Counter({"read log cut": 1})
    return Counter()


def forget_cut_rows(*, now: datetime, limit: int) -> Counter[str]:  # noqa: ARG001  # every step of the sweep is given it
    """Take away what a cut covers, rows first and then their seals. A step of the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(CUT_ROWS, [limit])
        rows = [number for (number,) in cursor.fetchall()]
        cursor.execute("DELETE FROM raincheck_readlog WHERE id = ANY(%s)", [rows])
        cursor.execute('DELETE FROM raincheck_sealedrow WHERE "row" = ANY(%s)', [rows])
    return Counter({"row of the read log forgotten": len(rows)} if rows else {})
