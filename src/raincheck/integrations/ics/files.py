"""Calendar files are read in a process of their own that cannot take much time or memory."""

import logging
import signal
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import raincheck
from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.faults import CalendarTakesTooLong, CalendarUnreadable
from raincheck.domain.spans import Span
from raincheck.integrations.ics.child_process import question, reading_from
from raincheck.integrations.ics.past import slimmed

log = logging.getLogger(__name__)

READER = "raincheck.integrations.ics.child_process"
# A small file that takes long was made to; a large one may take its time. Both of the processor's time.
SECONDS = 2
SECONDS_PER_MEBIBYTE = 1
# How many times its processor time the reader may take by the clock, on a machine with other work to do.
PATIENCE = 5


def read_busy_safely(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset()
) -> CalendarReading:
    """Return what a stranger's file says about the window, as `read_busy` does, within bounds.

    Raises a fault of reading. Whatever is raised, nothing was learned: keep what an earlier reading said.
    """
    data = slimmed(data, before=window.start)
    seconds = SECONDS + len(data) // (1024 * 1024) * SECONDS_PER_MEBIBYTE
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", "-m", READER],
            input=question(data, window=window, zone=zone, owners=owners, seconds=seconds),
            capture_output=True,
            timeout=seconds * PATIENCE,
            # Nothing else of ours: no settings, no secrets.
            env={"PYTHONPATH": str(Path(raincheck.__file__).parents[1])},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise CalendarTakesTooLong from late
    # Over its processor time: the soft limit sends the first signal and the hard one the second; here both are equal.
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise CalendarTakesTooLong
    if ended.returncode != 0:
        log.warning("The calendar reader ended with %s", ended.returncode)
        raise CalendarUnreadable
    return reading_from(ended.stdout)
