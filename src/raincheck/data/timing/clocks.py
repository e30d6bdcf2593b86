"""The database's own clock, asked only to compare it with a process's."""

from datetime import datetime

from django.db import connection


def database_time() -> datetime:
    """Return what the clock of the database's machine shows right now."""
    with connection.cursor() as cursor:
        # Not now(): that stands still at the beginning of the transaction.
        cursor.execute("SELECT clock_timestamp()")
        [(shown,)] = cursor.fetchall()
    assert isinstance(shown, datetime)
    return shown
