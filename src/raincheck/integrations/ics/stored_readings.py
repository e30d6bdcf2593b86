"""What is kept of a reading of a calendar. The reading itself needs no Django, so that the command line starts quickly."""

from __future__ import annotations

from django.utils.translation import gettext

from raincheck.domain.calendars.busy import CalendarReading
from raincheck.domain.calendars.checks import NO_MARKS, StoredReading, Validators
from raincheck.domain.spans import Span


def kept_of(reading: CalendarReading, *, window: Span, marks: Validators = NO_MARKS) -> StoredReading:
    """Return what is kept of a reading; what could not be read is told in the reader's language."""
    problems = [problem.told(gettext(problem.template)) for problem in reading.problems]
    return StoredReading(reading.events, problems, window.end, marks)
