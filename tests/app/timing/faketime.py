"""Processes whose wall clock can be set while they run, by Debian's libfaketime; the time since boot stays real."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

PLACES = (
    "/usr/lib/*/faketime",
    "/usr/lib64/faketime",
    "/usr/lib/faketime",
    "/usr/local/lib/faketime",
    "/opt/homebrew/lib/faketime",
)


def library() -> Path:
    """Return where libfaketime lies. Fails with how to get it when it is missing."""
    for place in PLACES:
        for found in sorted(Path("/").glob(f"{place[1:]}/libfaketime.so.1")):
            return found
    pytest.fail("The tests of clocks need libfaketime: apt install libfaketime", pytrace=False)


class WallClock:
    """The wall clock of processes that are started with `environment`: `set_ahead` moves it for all of them at once."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "faketime"
        self.set_ahead(timedelta(0))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set_ahead(self, by: timedelta) -> None:
        """Set the clock ahead of the real one by a time; negative: back."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{by.total_seconds():+.0f}\n", encoding="ascii")
        fresh.replace(self._file)
