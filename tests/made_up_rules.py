"""Zone rules that nobody made yet: files as `tzdata` would bring them, read in place of the real ones for a while."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

HOUR = 3600


@contextmanager
def made_up_rules(name: str, before: float, **changes: float) -> Iterator[None]:
    """Give a zone other rules: `before` hours ahead of UTC, then others from each instant on, `on_20261120T0700=-6`.

    Everything read from `ZoneInfo` inside follows them; zones that were read before keep the rules of their day, as
    they do in a process that was not started again.
    """
    told = [(_instant(at), hours) for at, hours in changes.items()]
    with TemporaryDirectory() as folder:
        path = Path(folder, *name.split("/"))
        path.parent.mkdir(parents=True)
        path.write_bytes(_tzif(before, told))
        try:
            _read_from(folder)
            yield
        finally:
            _read_from()


def _read_from(*folders: str) -> None:
    zoneinfo.reset_tzpath(folders)
    zoneinfo.ZoneInfo.clear_cache()


def _instant(said: str) -> int:
    return int(datetime.strptime(said + "+0000", "on_%Y%m%dT%H%M%z").timestamp())


def _tzif(before: float, changes: list[tuple[int, float]]) -> bytes:
    """Return a file of RFC 8536, version 2: an empty first part, then the changes, and no rule for ever after."""
    offsets = [before, *(hours for _at, hours in changes)]
    types = b"".join(struct.pack(">lbB", int(hours * HOUR), 0, 0) for hours in offsets)
    times = b"".join(struct.pack(">q", at) for at, _hours in changes)
    numbers = bytes(range(1, len(offsets)))
    nothing = _header(0, 1) + struct.pack(">lbB", 0, 0, 0) + b"-00\0"
    return nothing + _header(len(changes), len(offsets)) + times + numbers + types + b"-00\0" + b"\n\n"


def _header(times: int, types: int) -> bytes:
    return b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, times, types, len(b"-00\0"))
