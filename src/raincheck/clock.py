"""The product's clocks, read nowhere else: everything below the edges is told the time."""

import logging
import os
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from raincheck.domain.timing.clock_sanity import Reading, Watch
from raincheck.monotonic import seconds

OFFSET_FILE = "demo/clock-offset"

log = logging.getLogger("raincheck.clock")


def real_now() -> datetime:
    """Return the machine's time in UTC; for heartbeats, leases and logs only."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that no change of the clock touches; those that the computer sleeps count as well."""
    return seconds()


def reading() -> Reading:
    """Return what the wall's clock and the one that nobody can set show at this instant."""
    return Reading(real_now(), timedelta(seconds=seconds()))


class OwnClock:
    """What this process knows of its clock, since it was first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watch = Watch(reading())

    def look(self) -> tuple[datetime, bool]:
        """Return the machine's time as if its clock had never jumped, and whether it has jumped and is not trusted yet."""
        with self._lock:
            now = reading()
            self._watch = self._watch.after(now)
            return self._watch.real_time(now), self._watch.jumped is not None


own = OwnClock()


def now() -> datetime:
    """Return business time in UTC: real time, in the demo moved forward by the offset its clock keeps."""
    return real_now() + demo_offset()


def demo_offset() -> timedelta:
    """Return how far the demo's clock is ahead; zero outside the demo, and when the file is absent or can't be read."""
    if not settings.RAINCHECK_DEMO:
        return timedelta(0)
    try:
        offset = timedelta(seconds=float((settings.RAINCHECK_HOME / OFFSET_FILE).read_text(encoding="ascii")))
        _ = real_now() + offset  # may lie beyond the calendar
        return offset
    except FileNotFoundError:
        return timedelta(0)
    except (OSError, ValueError, OverflowError) as error:
        log.warning("the demo's clock can't be read, so it shows the real time: %s", error)
        return timedelta(0)


def demo_directory() -> Path:
    """Return the directory of the demo's clock, made when it is missing."""
    directory: Path = (settings.RAINCHECK_HOME / OFFSET_FILE).parent
    directory.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):  # where it was before it had a directory
        (settings.RAINCHECK_HOME / "demo-clock-offset").rename(settings.RAINCHECK_HOME / OFFSET_FILE)
    return directory


def set_demo_offset(offset: timedelta) -> None:
    """Write the demo's offset in one step, so that a reader never meets half a number."""
    target = demo_directory() / Path(OFFSET_FILE).name
    # Under a name of its own and readable by all: root and the account that pages drop to may both move the clock.
    with NamedTemporaryFile("w", dir=target.parent, encoding="ascii", delete=False) as fresh:
        fresh.write(str(offset.total_seconds()))
        os.fchmod(fresh.fileno(), 0o644)
    os.replace(fresh.name, target)
