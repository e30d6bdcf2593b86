"""Large calendar files without what nobody needs of them: words, and events that are long over. Feeds carry years of both."""

import re
from datetime import datetime, timedelta

from raincheck.domain.calendars.faults import CalendarTooLarge
from raincheck.integrations.ics.text import FOLD, KEPT, KNOWN, LARGEST_FILE

# Whatever is left of a file, more than this is not looked through.
LARGEST_FEED = 32 * 1024 * 1024
EVENT = re.compile(rb"^(?=BEGIN:VEVENT\b)", re.MULTILINE)
END = b"END:VEVENT"
# What these say can reach any time.
LASTING = re.compile(
    rb"^(?:RRULE|RDATE|RECURRENCE-ID|DURATION|BEGIN:V(?!EVENT))", re.MULTILINE | re.IGNORECASE
)
DATED = re.compile(rb"^DT(?:START|END)", re.MULTILINE | re.IGNORECASE)
DATE = re.compile(rb"^DT(?:START|END)[^:\r\n]*:(\d{8})(?:T\d{6}Z?)?\r?$", re.MULTILINE | re.IGNORECASE)
ALARM = re.compile(rb"^BEGIN:VALARM\r?\n(?:(?!BEGIN:|END:)[^\n]*\n)*END:VALARM\r?\n", re.MULTILINE)
# Days that zones and ends without a length may add.
MARGIN = timedelta(days=3)


def unneeded_line(kept: frozenset[str]) -> re.Pattern[bytes]:
    """Return what matches a line that nobody needs who needs `kept`.

    What looks like a line of text stays: it tells who reads the file that its neighbors may be text as well.
    """
    needed, unneeded = ("|".join(sorted(names)).encode() for names in (kept, KNOWN - kept))
    return re.compile(
        rb"^(?!(?:"
        + needed
        + rb")[ \t]*[;:])(?:"
        + unneeded
        + rb"|X-[A-Z0-9-]++)[ \t]*[;:][^\r\n]*(?:\r?\n|\r|\Z)",
        re.MULTILINE | re.IGNORECASE,
    )


UNNEEDED_LINE = unneeded_line(KEPT)


class Sieve:
    """Takes a calendar file piece by piece, and keeps what can matter from `before` on. Caps what is kept."""

    def __init__(self, before: datetime, *, besides: frozenset[str] = frozenset()) -> None:
        self.unneeded = unneeded_line(KEPT | besides) if besides else UNNEEDED_LINE
        self.last_day = f"{before - MARGIN:%Y%m%d}".encode()
        self.kept = bytearray()
        self.waiting = bytearray()
        self.seen = 0

    def take(self, piece: bytes) -> None:
        """Raises CalendarTooLarge."""
        self.seen += len(piece)
        self.waiting += piece
        if self.seen > LARGEST_FEED:
            raise CalendarTooLarge
        # Looked through a good stretch at a time, up to the last event that has ended.
        if len(self.waiting) > LARGEST_FILE // 4:
            end = self.waiting.rfind(b"\nBEGIN:VEVENT") + 1
            self.keep(bytes(self.waiting[:end]))
            del self.waiting[:end]
            if len(self.waiting) > LARGEST_FILE:
                raise CalendarTooLarge

    def left(self) -> bytes:
        """Return what is kept of the whole file. Raises CalendarTooLarge."""
        self.keep(bytes(self.waiting))
        self.waiting.clear()
        return bytes(self.kept)

    def keep(self, stretch: bytes) -> None:
        lines = self.unneeded.sub(b"", FOLD.sub(b"", stretch))
        for part in EVENT.split(ALARM.sub(b"", lines)):
            self.kept += part[self.length_over(part) :]
        if len(self.kept) > LARGEST_FILE:
            raise CalendarTooLarge

    def length_over(self, part: bytes) -> int:
        """Return how much of what begins with an event is that event, if it is over; 0 for one that can matter."""
        end = part.find(END)
        if not part.startswith(b"BEGIN:VEVENT") or end < 0 or LASTING.search(part, 0, end):
            return 0
        dates = DATE.findall(part, 0, end)
        # One in another shape is left to who reads it.
        if not dates or len(dates) != len(DATED.findall(part, 0, end)) or max(dates) >= self.last_day:
            return 0
        line = part.find(b"\n", end)
        return len(part) if line < 0 else line + 1


def slimmed(data: bytes, *, before: datetime, besides: frozenset[str] = frozenset()) -> bytes:
    """Return a file that is small enough to be read. Raises CalendarTooLarge where what can matter is too much."""
    if len(data) <= LARGEST_FILE:
        return data
    sieve = Sieve(before, besides=besides)
    sieve.take(data)
    return sieve.left()
