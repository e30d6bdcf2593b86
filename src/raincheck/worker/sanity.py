"""The conditions under which a worker may sweep: a clock that can be trusted, and pages that are served."""

import logging
from datetime import datetime

from raincheck import clock
from raincheck.data.timing.heartbeats import pages_are_served
from raincheck.domain.timing.clock_sanity import TOLERANCE, ClockFault
from raincheck.queries.clocks import database_is_ahead

logger = logging.getLogger(__name__)

SAID = {
    None: "the clock can be trusted: sweeping goes on",
    ClockFault.JUMPED: "the clock jumped: no sweep until it is back, or has stood by its new time for 15 minutes",
    ClockFault.DIFFERS: "the clocks of this machine and of the database differ by more than 5 seconds: no sweep until they agree",
}

SECONDS_FOR_A_FIRST_SIGN = 30.0

SERVED = "pages are served again"
SILENT = (
    "no web process has given a sign of life in the last minutes, or their machines' clocks are behind: "
    "nothing of clients ends until one does"
)


class _LastSaid:
    """What the log holds already, so that each change stands there once."""

    fault: ClockFault | None = None
    served = True
    silent_since: float | None = None


_said = _LastSaid()


def clock_fault() -> ClockFault | None:
    """Return why this process must not rely on its clock now; None when it may."""
    _at, jumped = clock.own.look()
    # The jump first: on one machine the database's clock jumps along, and shows no difference.
    fault = None
    if jumped:
        fault = ClockFault.JUMPED
    elif abs(database_is_ahead(clock.real_now)) > TOLERANCE:
        fault = ClockFault.DIFFERS
    if fault is not _said.fault:
        logger.log(logging.ERROR if fault else logging.INFO, SAID[fault])
        _said.fault = fault
    return fault


def note_whether_pages_are_served(*, real_now: datetime) -> None:
    """Write into the log when web processes fell silent, and when they are back."""
    served = pages_are_served(real_now=real_now)
    since = _said.silent_since
    _said.silent_since = None if served else clock.monotonic() if since is None else since
    silent = 0.0 if _said.silent_since is None else clock.monotonic() - _said.silent_since
    # Web processes that begin at this moment have a beat to give their first sign.
    if not served and _said.served and silent < SECONDS_FOR_A_FIRST_SIGN:
        return
    if served is not _said.served:
        logger.log(logging.INFO if served else logging.ERROR, SERVED if served else SILENT)
        _said.served = served
