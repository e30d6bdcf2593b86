"""Events pushed into a provider's own calendar: what becomes of each, and how long to wait after a failure.

An event is written for an appointment, written again when that changed, and removed when it was canceled. What the provider
does to an event changes no appointment, and what somebody else put in its place is never touched.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

# A run that nobody heard of for so long has died; the next worker takes it over.
RUN_TAKES_AT_MOST = timedelta(minutes=5)
# A request or two each: a first push of a full year comes in several runs, and other calendars in between.
EVENTS_OF_ONE_RUN = 100
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
# Somebody else's entry stands where ours would: it may be gone tomorrow.
PAUSE_WHERE_TAKEN = timedelta(days=1)
# From here on it is a task: somebody has to look at it.
FAILING_TOO_LONG = timedelta(days=1)


class Result(StrEnum):
    """What came of one event."""

    DONE = "done"
    TAKEN = "taken"
    REFUSED = "refused"


def next_try(*, now: datetime, failing_since: datetime) -> datetime:
    """Return when to try again: in a minute, then after twice the time each, four hours at most.

    It has failed for as long as it took to try so often, so waiting that long again doubles the pause each time.
    """
    return now + min(max(now - failing_since, FIRST_PAUSE), LONGEST_PAUSE)


class NotAnAccount(Refusal):
    kind = Kind.CONFLICT
    code = "not_an_account"
    sentence = _(
        "Appointments can be written only into a calendar that is connected as an account. Nothing was changed."
    )


class WritesElsewhere(Refusal):
    kind = Kind.CONFLICT
    code = "writes_elsewhere"
    sentence = _(
        "Your appointments already go into another calendar. Stop that first; until then nothing changes."
    )


class NothingIsWritten(Refusal):
    kind = Kind.CONFLICT
    code = "nothing_is_written"
    sentence = _("Your appointments did not go into a calendar any more. Nothing was changed.")


class CalendarStillWrittenTo(Refusal):
    kind = Kind.CONFLICT
    code = "calendar_still_written_to"
    sentence = _(
        "Your appointments still go into this calendar. Stop that first, and then remove it; nothing was changed."
    )
