"""The looks of `raincheck check`: everything that an operator must know, each in one line."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from raincheck.cli.checks import database, machine, outside
from raincheck.cli.finding import Finding, Verdict, fail, reason, warn


class Asked(NamedTuple):
    """Whom a message is sent to, so that a person sees it arrive; nobody where it is empty."""

    mail_to: str = ""
    text_to: str = ""


WRITTEN_DOWN: dict[str, Callable[[], Iterable[Finding]]] = {
    "clock": machine.clock_of_the_database,
    "backup": machine.backup,
    "key": machine.key,
    "proxy": outside.proxy,
}
"""What is read from the tables."""


def findings(asked: Asked) -> list[Finding]:
    """Look at everything, in the order in which it depends on each other."""
    found = [*_looked("database", database.application), *_looked("owner", database.owner)]
    reachable = not _any_of(found, Verdict.FAIL)
    found += _read("timeouts", database.timeouts, so_far=reachable)
    tables = _read("schema", database.schema, so_far=reachable)
    found += tables
    readable = reachable and not _any_of(tables, Verdict.FAIL)
    # Before the first start nothing is written down yet.
    if not readable or database.has_tables():
        for name, look in WRITTEN_DOWN.items():
            found += _read(name, look, so_far=readable)
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


def _read(name: str, look: Callable[[], Iterable[Finding]], *, so_far: bool) -> list[Finding]:
    """Return what a look into the database found. What can't be read has its line too: whoever counts on it misses none."""
    return (
        _looked(name, look)
        if so_far
        else [
            warn(
                name, "Not looked at: this is read from the database, and a line above says why it can't be."
            )
        ]
    )


def _any_of(found: Iterable[Finding], verdict: Verdict) -> bool:
    return any(one.verdict is verdict for one in found)
