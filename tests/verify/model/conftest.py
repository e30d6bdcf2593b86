"""The stateful test uses the same database as the other tests of the application, and says at the end what it has seen."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from tests.app.conftest import database, django_db_setup

__all__ = ["database", "django_db_setup"]

SEEN = "seen"
"""The property of a test's report that holds its counts, each named `group: thing`."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what all processes have seen, one line a group, most frequent first."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    seen: Counter[str] = Counter()
    for report in reports:
        seen.update(dict(report.user_properties).get(SEEN, {}))
    groups: dict[str, list[str]] = defaultdict(list)
    for name, count in seen.most_common():
        group, _colon, thing = name.partition(": ")
        groups[group].append(f"{thing} {count}")
    if groups:
        terminalreporter.section("what the stateful test has seen")
    for group in sorted(groups):
        terminalreporter.write_line(f"{group}: {' · '.join(groups[group])}")
