"""Steps that verbs about calendars share: busy time kept in place of what was read before, changing only what differs."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from raincheck.actions.calendars.conflicts import tell_of_conflicts
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.models import Appointment, BusyCalendar, BusyTime, Provider
from raincheck.domain.calendars.busy import BusyEvent
from raincheck.domain.spans import Span

INSERT = """
INSERT INTO raincheck_busytime (practice_id, calendar_id, provider_id, appeared_at, starts_at, ends_at, title)
SELECT %s, %s, %s, %s, * FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::text[])
"""


def keep_busy_time(
    calendar: BusyCalendar, events: Iterable[BusyEvent], *, provider: Provider, now: datetime
) -> None:
    """Make the calendar's busy time what the events say, and follow up only where something changed.

    Our own appointments that came back with a provider's calendar are no busy time. It moves no appointment.
    """
    found = list(events)
    uids = list({event.uid for event in found if event.uid})
    own = Appointment.objects.filter(provider=provider, ical_uid__in=uids)
    ours = set(own.values_list("ical_uid", flat=True))
    # Each stretch once, with the title of the first event of this time that has one.
    wanted: dict[Span, str] = {}
    for event in found:
        if event.uid not in ours:
            title = event.title if calendar.keeps_titles else None
            wanted[event.span] = wanted.get(event.span) or title or ""
    rows = BusyTime.objects.filter(calendar=calendar).values_list("pk", "starts_at", "ends_at", "title")
    known = {Span(start, end): (pk, title) for pk, start, end, title in rows}
    # A busy time that stays keeps its row, and with it when it appeared: that is what makes a conflict.
    fresh = [(span, title) for span, title in wanted.items() if span not in known]
    gone = [pk for span, (pk, _title) in known.items() if span not in wanted]
    renamed = [
        BusyTime(pk=pk, title=wanted[span])
        for span, (pk, title) in known.items()
        if span in wanted and title != wanted[span]
    ]
    BusyTime.objects.filter(pk__in=gone).delete()
    BusyTime.objects.bulk_update(renamed, ["title"], batch_size=1000)
    _insert(calendar, fresh, now=now)
    if fresh:
        tell_of_conflicts(provider, now=now)
    if fresh or gone:
        look_soon([provider.pk])


def forget_busy_time(calendar: BusyCalendar, *, provider: Provider, now: datetime) -> None:
    """Free all the time that the calendar kept busy."""
    keep_busy_time(calendar, (), provider=provider, now=now)


def _insert(calendar: BusyCalendar, fresh: Sequence[tuple[Span, str]], *, now: datetime) -> None:
    """Write new rows in one statement of three lists: a calendar of years has thousands, and a row each takes seconds."""
    starts, ends = [span.start for span, _title in fresh], [span.end for span, _title in fresh]
    whose = (calendar.practice_id, calendar.pk, calendar.provider_id, now)
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, (*whose, starts, ends, [title for _span, title in fresh]))
