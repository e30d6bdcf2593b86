"""Which start of a series an exception or a moved time names: by its instant, else by its digits, else by its date."""

from dataclasses import dataclass, field
from datetime import datetime

from raincheck.integrations.ics.events import Event, EventTime
from raincheck.integrations.ics.rules import CannotBeFollowed, RecurrenceSet, RepeatsTooOften


@dataclass(slots=True)
class Starts:
    """The starts of a series between `first` and `last`, by its wall, before any is left out or moved."""

    event: Event
    series: RecurrenceSet
    first: datetime
    last: datetime
    # None until somebody asks: nearly all files name a time in a way that can only be read as one.
    found: set[datetime] | None = field(default=None, init=False)

    def named_by(self, time: EventTime, *, onwards: bool = False) -> datetime:
        """Return the start that a time names; where it names none, what its instant is on the wall.

        What lies far from the window is looked up only if all later times go by it (`onwards`).
        """
        by_instant, digits = self.event.meant_by(time)
        hour = self.event.start.wall.time()
        if by_instant in (digits, self.event.start.wall) or by_instant.time() == hour:
            return by_instant
        if self.first <= by_instant <= self.last:
            near = self.all_near()
        elif onwards:
            near = self.between(by_instant, by_instant) | self.between(digits, digits)
        else:
            return by_instant
        return next((start for start in (by_instant, digits) if start in near), by_instant)

    def all_near(self) -> set[datetime]:
        if self.found is None:
            self.found = self.between(self.first, self.last)
        return self.found

    def between(self, first: datetime, last: datetime) -> set[datetime]:
        """Return the starts in [first, last]; of a rule that can't be followed, its own first."""
        try:
            return {start for start, _end in self.series.between(first, last + datetime.resolution)}
        except (CannotBeFollowed, RepeatsTooOften):
            return {self.event.start.wall}
