"""What holds for all tests: which of them `make verify` alone runs, and that a killed run leaves no process behind."""

from __future__ import annotations

import gc
import signal
from pathlib import Path

import pytest

from raincheck.subprocesses import end_with_parent

HERE = Path(__file__).parent
SMOKE = HERE / "web" / "test_stories.py"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(
        config, "workerinput"
    ):  # a process of pytest-xdist, which would go on alone for as long as its test takes
        end_with_parent(signal.SIGKILL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser and what lies in tests/verify to `make verify`, but for what is a sample of it."""
    for item in items:
        in_browser = HERE / "web" in item.path.parents and item.path != SMOKE
        in_verify = HERE / "verify" in item.path.parents and item.get_closest_marker("sampled") is None
        if in_browser or in_verify:
            item.add_marker(pytest.mark.verify)


def pytest_collection_finish() -> None:
    """Leave what was collected to itself: it stays to the end, and garbage is looked for between it again and again."""
    gc.collect()
    gc.freeze()
