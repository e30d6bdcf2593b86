"""Pytest plugin: runs each test of a table's guard with that guard dropped, and puts it back afterwards.

The guards are read from the catalogue of the migrated database, so a new one cannot be forgotten: one that no test names is
reported as uncaught.
"""

from __future__ import annotations

import inspect
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.runner import runtestprotocol
from django.db import connections
from tests.verify.mutants.guard import TableGuard

GUARDS = r"""
SELECT c.conname, c.conrelid::regclass::text, CASE c.contype WHEN 'f' THEN 'key' WHEN 'x' THEN 'exclusion' WHEN 'u' THEN 'unique' ELSE 'check' END,
    format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)), c.conname
FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.conrelid::regclass::text LIKE 'raincheck\_%%'
    AND (c.contype IN ('x', 'c') OR (c.contype = 'f' AND cardinality(c.conkey) = 2)
         OR (c.contype = 'u' AND c.conname NOT LIKE '%%_belongs_to_one_practice'))
    AND c.conname NOT LIKE 'raincheck\_%%'
UNION ALL
SELECT i.relname, x.indrelid::regclass::text, 'unique', format('DROP INDEX %I', i.relname), pg_get_indexdef(x.indexrelid), i.relname
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique
    AND (x.indrelid::regclass::text LIKE 'raincheck\_%%' OR (x.indrelid = 'mfa_authenticator'::regclass AND i.relname LIKE 'a\_%%')) AND i.relname NOT LIKE 'raincheck\_%%'
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = x.indexrelid)
UNION ALL
SELECT t.tgname, t.tgrelid::regclass::text, 'trigger', format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), pg_get_triggerdef(t.oid), p.proname
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
    AND (t.tgrelid::regclass::text LIKE 'raincheck\_%%' OR t.tgrelid = 'mfa_authenticator'::regclass)
ORDER BY 3, 1, 2
"""
EVERY_KEY = "test_p17_every_key_inside_a_practice_is_kept_by_the_database"


class TablesWithoutGuards:
    """Meets each collected test once for each guard that it names."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._guards: list[TableGuard] = []
        self._now: TableGuard | None = None
        self._red: dict[TableGuard, list[str]] = defaultdict(list)

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        if not self._guards:
            # The first test only makes the database, whose catalogue says what there is to drop.
            self._once(item)
            self._guards = self._read()
        for guard in [one for one in self._guards if _names(item, one)]:
            self._without(guard, item)
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Any:
        if self._now is not None:
            self._run(self._now.drop)
        yield

    def pytest_sessionfinish(self) -> None:
        found = [
            {"name": one.name, "table": one.table, "kind": one.kind, "red": sorted(self._red[one])}
            for one in self._guards
        ]
        self._report.write_text(json.dumps(found), encoding="utf-8")

    def _without(self, guard: TableGuard, item: pytest.Item) -> None:
        self._now = guard
        reports = self._once(item)
        self._now = None
        if any(report.failed for report in reports if report.when == "call"):
            self._red[guard].append(item.nodeid)
        if any(report.failed for report in reports if report.when == "setup"):
            raise AssertionError(f"{item.nodeid} cannot be set up: {reports[0].longreprtext}")
        self._run(guard.restore)

    def _once(self, item: pytest.Item) -> list[pytest.TestReport]:
        # As if nothing but the session came next: everything of the test is torn down, the database stays.
        session: Any = item.session
        return runtestprotocol(item, nextitem=session, log=False)

    def _read(self) -> list[TableGuard]:
        with self._owner() as connection:
            return [TableGuard(*row) for row in connection.execute(GUARDS)]

    def _run(self, statement: str) -> None:
        with self._owner() as connection:
            connection.execute(statement)

    def _owner(self) -> psycopg.Connection[Any]:
        known = connections["owner"].settings_dict
        return psycopg.connect(
            host=known["HOST"] or None,
            port=known["PORT"] or None,
            user=known["USER"],
            password=known["PASSWORD"] or None,
            dbname=known["NAME"],
            autocommit=True,
        )


def _names(item: pytest.Item, guard: TableGuard) -> bool:
    """Return whether a test is about a guard: it is named in its parameters or in its words."""
    if guard.kind == "key" and item.name == EVERY_KEY:
        return True
    if "[" in item.name and f"[{guard.name}]" in item.name:
        return True
    assert isinstance(item, pytest.Function)
    words = inspect.getsource(item.function)
    return f'"{guard.name}"' in words or f'"{guard.raised}"' in words


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-table-guards", metavar="REPORT", help="drop each guard of the tables in turn")


def pytest_configure(config: pytest.Config) -> None:
    if report := config.getoption("--without-table-guards"):
        config.pluginmanager.register(TablesWithoutGuards(Path(report)))
