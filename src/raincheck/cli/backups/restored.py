"""The end of a restore, once the tables are of this version: people are asked about the requests that were open in the backup."""

from datetime import datetime
from functools import partial

from django.db import connections

from raincheck import clock
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.restored import ask_about_restored
from raincheck.domain.people import SYSTEM

AT_ONCE = 200

# In the transaction that brings the backup in, for tables of any version: from its commit on nothing of it lapses. The
# comment stays until everybody was told, whatever is killed meanwhile.
KEEP_FROM_LAPSING = """
COMMENT ON TABLE public.raincheck_reschedulerequest IS 'restored {at}';
UPDATE public.raincheck_reschedulerequest SET needs_provider = 'swept_too_late', needs_provider_at = '{at}', remind_at = NULL
WHERE state = 'open' AND needs_provider IS NULL;
"""


def keep_from_lapsing(*, now: datetime) -> str:
    """Return the statements after which every open request waits for a person, since `now`."""
    return KEEP_FROM_LAPSING.format(at=now.isoformat())


def ask_people() -> None:
    """Ask a person about each request that a restore has kept; does nothing when there was none, or all is done."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT obj_description('public.raincheck_reschedulerequest'::regclass, 'pg_class')")
        [(comment,)] = cursor.fetchall()
        if not (comment or "").startswith("restored "):
            return
        restored_at, now = datetime.fromisoformat(comment.split()[1]), clock.now()
        verb = partial(ask_about_restored, restored_at=restored_at, limit=AT_ONCE, now=now)
        while (done := run_command(verb, key=None, body={}, by=SYSTEM, now=now))["asked"] != "0":
            pass
        if done["left"] != "0":
            return  # somebody works on them at this moment; the next start goes on
        cursor.execute("COMMENT ON TABLE public.raincheck_reschedulerequest IS NULL")
