"""Faults of the database in four words, so that everybody above can say them in a sentence."""

from enum import StrEnum

import psycopg
from django.db import InterfaceError, OperationalError


class DatabaseFault(StrEnum):
    """Why the database did not do what it was asked: not there, no room on its disk, nothing may be written, too much to do."""

    GONE = "gone"
    FULL = "full"
    READ_ONLY = "read_only"
    BUSY = "busy"


# https://www.postgresql.org/docs/current/errcodes-appendix.html
NAMED = {
    "53100": DatabaseFault.FULL,
    "25006": DatabaseFault.READ_ONLY,
    "42501": DatabaseFault.READ_ONLY,  # what the server says of files that it may not write, too
    "25P03": DatabaseFault.GONE,  # it closed a connection that was idle inside a transaction
    "40001": DatabaseFault.BUSY,  # serialization_failure
    "40P01": DatabaseFault.BUSY,  # deadlock_detected
    "55P03": DatabaseFault.BUSY,  # lock_not_available: lock_timeout was over
    "57014": DatabaseFault.BUSY,  # query_canceled: statement_timeout was over
}
# The class of too many connections, memory and the like.
OUT_OF_SOMETHING = "53"


def fault_of(error: BaseException | None) -> DatabaseFault | None:
    """Return what an error says about the database; None when it is about what was asked, or about nothing of the kind.

    Django and the queue of jobs wrap the driver's errors in their own: what they were raised from counts.
    """
    while error is not None:
        if isinstance(error, psycopg.Error):
            code = error.sqlstate or ""
            if code in NAMED:
                return NAMED[code]
            if code.startswith(OUT_OF_SOMETHING):
                return DatabaseFault.BUSY
            # Without a state there was no answer: nobody there, or the line broke.
            unanswered = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            return DatabaseFault.GONE if unanswered else None
        if error.__cause__ is None and isinstance(error, OperationalError | InterfaceError):
            return DatabaseFault.GONE
        error = error.__cause__
    return None
