"""Series in clients' calendars: one UID with its rule, read back with two libraries and compared with RFC 5545's examples."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import vobject
from icalendar import Calendar
from tests.app.cast import NOW, Cast, new_york

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.series import Series
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.appointments.series import Pattern, occurrences
from raincheck.domain.people import SYSTEM
from raincheck.notifications.calendar_feeds import Publication
from raincheck.notifications.series_entries import rule_of
from raincheck.queries.calendars.feeds import entries_of

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime.fromisoformat("2026-11-24T11:00")
WEEK = timedelta(weeks=1)


def weekly(cast: Cast, **said: object) -> list[Appointment]:
    """Book a series of Riley's with Dr. Okafor, on Tuesdays at 11:00 AM; return its appointments."""
    booking = SeriesBooking(
        cast.okafor.pk,
        cast.riley.pk,
        cast.follow_up.pk,
        cast.telehealth.pk,
        **{"first": TUESDAY, "every_weeks": 1, **said},  # type: ignore[arg-type]  # what is said differs
    )
    done(cast, partial(book_series, booking, by=cast.by_okafor, now=NOW))
    return list(Appointment.objects.filter(series=Series.objects.latest("pk")).order_by("recurrence_id"))


def done(cast: Cast, verb: partial[Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def sent() -> str:
    """Return the calendar entries of the latest mail to the client, as they leave."""
    row = Notification.objects.filter(channel="email", recipient__isnull=False).latest("pk")
    answer = run_command(partial(begin_attempt, row.pk, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
    return DeliveryAttempt.objects.get(pk=answer["attempt"]).calendar


def by_icalendar(text: str) -> list[tuple[datetime, datetime]]:
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(date(2026, 1, 1), date(2028, 1, 1))
    found = [(event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) for event in events]
    return sorted(found)


def by_vobject(text: str) -> list[datetime]:
    """Return the starts as vobject and dateutil find them: the rule's, with the occurrences that differ in their place."""
    events = list(vobject.readOne(text).vevent_list)
    [master] = [one for one in events if not hasattr(one, "recurrence_id")]
    starts = {one.astimezone(UTC) for one in master.getrruleset(addRDate=False)}
    starts.discard(None)
    for one in events:
        if one is not master:
            starts.remove(one.recurrence_id.value.astimezone(UTC))
            starts.add(one.dtstart.value.astimezone(UTC))
    return sorted(starts)


def in_tables(rows: list[Appointment]) -> list[tuple[datetime, datetime]]:
    for row in rows:
        row.refresh_from_db()
    return sorted((row.starts_at, row.ends_at) for row in rows if row.status == "scheduled")


def lines(text: str, *names: str) -> list[str]:
    unfolded = text.replace("\r\n ", "").split("BEGIN:VEVENT", 1)[1]
    return [line for line in unfolded.split("\r\n") if line.startswith(names)]


def test_a_booked_series_is_one_entry_with_its_rule(cast: Cast) -> None:
    left_out, moved = TUESDAY + WEEK, TUESDAY + 2 * WEEK
    rows = weekly(cast, count=5, skipped=frozenset({left_out}), moved={moved: new_york(9, 14, month=12)})
    text = sent()
    assert lines(text, "UID", "DTSTART", "RRULE", "EXDATE", "RECURRENCE-ID", "SEQUENCE") == [
        "DTSTART;TZID=America/New_York:20261124T110000",
        f"UID:{rows[0].series.ical_uid}",
        "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=TU",
        "EXDATE;TZID=America/New_York:20261201T110000",
        "SEQUENCE:0",
        "DTSTART;TZID=America/New_York:20261209T140000",
        f"UID:{rows[0].series.ical_uid}",
        "RECURRENCE-ID;TZID=America/New_York:20261208T110000",
        "SEQUENCE:0",
    ]
    assert text.count("BEGIN:VCALENDAR") == 1
    assert by_icalendar(text) == in_tables(rows)
    assert by_vobject(text) == [start for start, _end in in_tables(rows)]


@pytest.mark.parametrize(
    "first", [datetime.fromisoformat("2026-12-06T02:30"), datetime.fromisoformat("2026-12-06T01:30"), TUESDAY]
)
def test_a_year_of_weeks_is_read_as_it_is_booked_whatever_the_clock_does(cast: Cast, first: datetime) -> None:
    rows = weekly(cast, first=first, count=52)
    text = sent()
    assert by_icalendar(text) == in_tables(rows)
    assert by_vobject(text) == [start for start, _end in in_tables(rows)]


def test_an_occurrence_that_moves_keeps_its_uid_and_its_first_start(cast: Cast) -> None:
    rows = weekly(cast, count=3)
    booked = sent()
    row = rows[1]
    details = Details(new_york(3, 9, month=12), row.type_id, row.place_id, row.join_url)
    done(cast, partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW))
    moved = sent()
    assert lines(moved, "UID", "DTSTART", "RRULE", "RECURRENCE-ID", "SEQUENCE", "STATUS") == [
        "DTSTART;TZID=America/New_York:20261203T090000",
        f"UID:{row.series.ical_uid}",
        "RECURRENCE-ID;TZID=America/New_York:20261201T110000",
        "SEQUENCE:1",
        "STATUS:CONFIRMED",
    ]
    # Both as one calendar holds them: what comes later replaces its occurrence.
    held = booked.replace("END:VCALENDAR\r\n", moved[moved.index("BEGIN:VEVENT") :])
    assert by_icalendar(held) == in_tables(rows)
    done(
        cast,
        partial(
            cancel_appointment,
            rows[2].ref,
            cancellation=Cancellation(CancelReason.CLINICAL),
            by=cast.by_okafor,
            now=NOW,
        ),
    )
    gone = sent()
    assert re.findall("METHOD:.*(?=\r)", gone) == ["METHOD:CANCEL"]
    assert lines(gone, "UID", "RECURRENCE-ID", "SEQUENCE", "STATUS") == [
        f"UID:{row.series.ical_uid}",
        "RECURRENCE-ID;TZID=America/New_York:20261208T110000",
        "SEQUENCE:1",
        "STATUS:CANCELLED",
    ]


def test_behind_a_clients_address_a_series_reads_as_it_is_booked(cast: Cast) -> None:
    rows = weekly(cast, count=5, moved={TUESDAY + WEEK: new_york(3, 9, month=12)})
    cast.booked(new_york(27, 9))
    single = Appointment.objects.get(series__isnull=True)
    said = Cancellation(CancelReason.CLINICAL)
    done(cast, partial(cancel_appointment, rows[3].ref, cancellation=said, by=cast.by_okafor, now=NOW))
    feed = CalendarFeed(practice=cast.practice, client=cast.riley)
    entries = tuple(entries_of(feed, now=NOW))
    text = Publication(entries, ("front@harbor.example", "Harbor"), "America/New_York", NOW).text
    assert by_icalendar(text) == in_tables([*rows, single])
    assert text.count(f"UID:{rows[0].series.ical_uid}") == 2
    assert "RECURRENCE-ID;TZID=America/New_York:20261201T110000" in text
    assert "EXDATE;TZID=America/New_York:20261215T110000" in text


# RFC 5545, 3.8.5.3: each example with the times that it says it means, by the clock of New York.
SEPTEMBER = datetime.fromisoformat("1997-09-02T09:00")
EXAMPLES = [
    (
        "FREQ=WEEKLY;COUNT=10",
        Pattern(SEPTEMBER, 1, NEW_YORK, count=10),
        [(9, 2), (9, 9), (9, 16), (9, 23), (9, 30), (10, 7), (10, 14), (10, 21), (10, 28), (11, 4)],
    ),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        Pattern(SEPTEMBER, 1, NEW_YORK, ends_on=date(1997, 12, 23)),
        [
            *[(9, 2), (9, 9), (9, 16), (9, 23), (9, 30), (10, 7), (10, 14), (10, 21), (10, 28)],
            *[(11, 4), (11, 11), (11, 18), (11, 25), (12, 2), (12, 9), (12, 16), (12, 23)],
        ],
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        Pattern(SEPTEMBER, 2, NEW_YORK),
        [(9, 2), (9, 16), (9, 30), (10, 14), (10, 28), (11, 11), (11, 25), (12, 9), (12, 23)],
    ),
]


@pytest.mark.parametrize(("rule", "pattern", "days"), EXAMPLES)
def test_patterns_mean_what_the_rfcs_examples_mean(
    rule: str, pattern: Pattern, days: list[tuple[int, int]]
) -> None:
    until = date(1997, 12, 31)
    expected = [datetime.combine(date(1997, *day), time(9), tzinfo=NEW_YORK).astimezone(UTC) for day in days]
    assert [one.start for one in occurrences(pattern, until=until)] == expected
    for said in (rule, rule_of(pattern)):
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:19970901T000000Z\r\n"
            f"DTSTART;TZID=America/New_York:19970902T090000\r\nRRULE:{said}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        events = recurring_ical_events.of(Calendar.from_ical(text)).between(date(1997, 1, 1), until)
        assert sorted(event["DTSTART"].dt.astimezone(UTC) for event in events) == expected
