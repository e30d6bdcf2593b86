"""Calendar files are read in a process of their own that cannot take much time or memory."""

from zoneinfo import ZoneInfo

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.faults import CalendarTakesTooLong, CalendarUnreadable
from raincheck.domain.spans import Span
from raincheck.integrations.ics.child_process import question, reading_from
from raincheck.integrations.ics.past import slimmed
from raincheck.integrations.limited_process import EndedBadly, TookTooLong, answer_of

READER = "raincheck.integrations.ics.child_process"
# A small file that takes long was made to; a large one may take its time. Both of the processor's time.
SECONDS = 2
SECONDS_PER_MEBIBYTE = 1


def read_busy_safely(
    data: bytes, *, window: Span, zone: ZoneInfo, owners: frozenset[str] = frozenset()
) -> CalendarReading:
    """Return what a stranger's file says about the window, as `read_busy` does, within bounds.

    Raises a fault of reading. Whatever is raised, nothing was learned: keep what an earlier reading said.
    """
    data = slimmed(data, before=window.start)
    seconds = SECONDS + len(data) // (1024 * 1024) * SECONDS_PER_MEBIBYTE
    try:
        answer = answer_of(
            READER, question(data, window=window, zone=zone, owners=owners, seconds=seconds), seconds=seconds
        )
    except TookTooLong as late:
        raise CalendarTakesTooLong from late
    except EndedBadly as ended:
        raise CalendarUnreadable from ended
    return reading_from(answer)
