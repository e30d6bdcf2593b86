"""The looks of `raincheck check`: everything that an operator must know, each in one line."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from raincheck.cli.checks import database, machine, outside
from raincheck.cli.finding import Finding, Verdict, fail, reason


class Asked(NamedTuple):
    """Whom a message is sent to, so that a person sees it arrive; nobody where it is empty."""

    mail_to: str = ""
    text_to: str = ""


def findings(asked: Asked) -> list[Finding]:
    """Look at everything, in the order in which it depends on each other."""
    found = [*_looked("database", database.application), *_looked("owner", database.owner)]
    # What is written down is read only where it can be: a line above says why others are missing.
    if not _any_of(found, Verdict.FAIL):
        found += _looked("timeouts", database.timeouts)
        tables = _looked("schema", database.schema)
        found += tables
        if not _any_of(tables, Verdict.FAIL) and database.has_tables():
            found += _looked("clock", machine.clock_of_the_database)
            found += _looked("backup", machine.backup)
            found += _looked("key", machine.key)
            found += _looked("proxy", outside.proxy)
    found += _looked("mail", lambda: outside.mail(asked.mail_to))
    found += _looked("texts", lambda: outside.texts(asked.text_to))
    found += _looked("address", outside.address)
    found += _looked("disk", machine.disk)
    return found


def _looked(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a look found. One that breaks is a finding too, and keeps no other from being made."""
    try:
        return list(look())
    except Exception as error:  # noqa: BLE001  # whatever it is, the operator must read it here
        return [fail(name, f"This could not be looked at: {reason(error)}.")]


def _any_of(found: Iterable[Finding], verdict: Verdict) -> bool:
    return any(one.verdict is verdict for one in found)
