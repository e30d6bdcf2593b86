"""Appointments from other programs: when they begin and end, whose they are and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.integrations.spreadsheets import Assumed, DateOrder, appointments, codes, reading

from raincheck.domain.imports.columns import Kind


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc, arg-type]


NINE, TEN = at(2026, 12, 7, 14), at(2026, 12, 7, 14, 50)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Client|Provider|Start|End", "Riley|Jo|12/7/2026 9:00 AM|12/7/2026 9:50 AM"),
        ("Client|Provider|Start time|End time", "Riley|Jo|2026-12-07 09:00 am|2026-12-07 9:50 am"),
        ("Client|Provider|Date|Start time|End time", "Riley|Jo|12/07/2026|9:00 a.m.|9:50 a.m."),
        ("Client|Provider|Date|Time", "Riley|Jo|December 7, 2026|9:00 - 9:50 AM"),
        ("Client|Provider|Date of Service|Time|Duration (minutes)", "Riley|Jo|7-Dec-26|09:00:00|50"),
        ("Client|Provider|Date|Start time|Duration", "Riley|Jo|Mon, Dec 7, 2026|9am|0:50"),
        ("Client|Provider|Date|Start time|Duration", "Riley|Jo|46363|0.375|50 min"),
        ("Client|Provider|Start Date & Time|Duration (hours)", "Riley|Jo|46363.375|0.8333"),
        ("Client|Provider|Date and time|Length", "Riley|Jo|2026-12-07T09:00:00-05:00|50 mins"),
        ("Client|Provider|Start|Duration", "Riley|Jo|2026-12-07T14:00:00Z|PT50M"),
        ("Klient/in|Therapeut/in|Datum|Uhrzeit|Dauer (min)", "Riley|Jo|7. Dezember 2026|9.00 Uhr|50"),
        ("Patient|Praticien|Date|Heure de début|Heure de fin", "Riley|Jo|7 décembre 2026|9h00|9h50"),
        ("Paciente|Profesional|Fecha|Hora de inicio|Hora de fin", "Riley|Jo|7 de diciembre de 2026|09:00|09:50"),
        ("Client|Provider|Start|End", "Riley|Jo|9:00 AM, December 7, 2026|9:50 AM"),
        ("Client|Provider|Start|End", "Riley|Jo|Dec 7 2026 at 9:00\u202fAM EST|9:50\u202fAM"),
        ("Start Date|Start Time|End Date|End Time|Attendee|Calendar", "12/7/2026|9:00:00 AM|12/7/2026|9:50:00 AM|Riley|Jo"),
        ("Client|Provider|Date|Start time|End time", "Riley|Jo|2026-12-07|1899-12-30 09:00:00|1899-12-30 09:50:00"),
    ],
)  # fmt: skip
def test_times_in_many_hands(header: str, row: str) -> None:
    rows = appointments(header, row)
    assert codes(rows.problems) == []
    assert [(one.client, one.provider, one.starts_at, one.ends_at) for one in rows.good] == [
        ("Riley", "Jo", NINE, TEN)
    ]


@pytest.mark.parametrize(
    ("start", "column", "code"),
    [
        ("13/7/2026|9:00", "Date", "bad_date"),
        ("2/30/2027|9:00", "Date", "bad_date"),
        ("12/7/2026|24:30", "Time", "bad_time"),
        ("12/7/2026|13:00 PM", "Time", "bad_time"),
        ("12/7/2026|noonish", "Time", "bad_time"),
        ("12/7/2026|", "Time", "bad_time"),  # all day: an appointment has a time of day
        ("|9:00", "Date", "bad_date"),
        ("3/14/2027|2:30", "Time", "skipped_hour"),
        ("12/7/1726|9:00", "Date", "bad_date"),
    ],
)
def test_times_that_are_none(start: str, column: str, code: str) -> None:
    rows = appointments("Client|Provider|Length|Date|Time", f"Riley|Jo|50|{start}", order=DateOrder.MDY)
    assert codes(rows.problems) == [(2, column, code)]


def test_of_a_repeated_hour_the_first_counts_and_lengths_are_elapsed_time() -> None:
    rows = appointments(
        "Client|Provider|Start|End|Duration",
        "Riley|Jo|11/1/2026 1:30||90",
        "Maya|Bell|3/14/2027 1:30|3/14/2027 3:20|",
        "Theo|Bell|12/7/2026 23:00|24:00|",
    )
    assert [(one.starts_at, one.ends_at) for one in rows.good] == [
        (at(2026, 11, 1, 5, 30), at(2026, 11, 1, 7)),
        (at(2027, 3, 14, 6, 30), at(2027, 3, 14, 7, 20)),
        (at(2026, 12, 8, 4), at(2026, 12, 8, 5)),
    ]


def test_an_end_has_to_be_somewhere_and_after_the_start() -> None:
    lines = (
        "Client|Provider|Start|End|Type",
        "Riley|Jo|12/7/2026 9:00|12/7/2026 9:00|",
        "Maya|Jo|12/8/2026 9:00||Intake",
    )
    assert codes(appointments(*lines).problems) == [(2, "End", "end_before_start"), (3, "End", "missing_end")]
    told = appointments(*lines, assumed=Assumed(lengths={"intake": timedelta(minutes=80)}))
    assert [one.ends_at - one.starts_at for one in told.good] == [timedelta(minutes=80)]
    long = appointments("Client|Provider|Start|End", "Riley|Jo|12/7/2026 9:00|12/9/2026 9:00")
    assert codes(long.problems) == [(2, "End", "bad_time")]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("", "scheduled"), ("Booked", "scheduled"), ("Confirmed", "scheduled"), ("Scheduled", "scheduled"), ("Pending", "scheduled"),
        ("Arrived", "completed"), ("Show", "completed"), ("Checked-out", "scheduled"), ("CHECKED OUT", "completed"), ("Seen", "completed"),
        ("No Show", "client_no_show"), ("no_show", "client_no_show"), ("DNA", "client_no_show"), ("Did not arrive", "client_no_show"),
        ("Cancelled", "cancelled"), ("Late cancellation", "cancelled"), ("Client canceled", "cancelled"), ("Abgesagt", "cancelled"),
        ("Annulé", "cancelled"), ("Rescheduled", "cancelled"), ("nicht erschienen", "client_no_show"),
    ],
)  # fmt: skip
def test_what_became_of_them_in_many_words(said: str, status: str) -> None:
    rows = appointments("Client|Provider|Start|Duration|Status", f"Riley|Jo|12/7/2026 9:00|50|{said}")
    assert [one.status.value for one in rows.good] == [status]


@pytest.mark.parametrize(
    ("cell", "status"),
    [("TRUE", "cancelled"), ("Yes", "cancelled"), ("x", "cancelled"), ("2026-12-01 10:00", "cancelled"), ("ja", "cancelled"),
     ("FALSE", "scheduled"), ("No", "scheduled"), ("", "scheduled"), ("0", "scheduled"), ("-", "scheduled")],
)  # fmt: skip
def test_a_column_may_say_that_it_was_canceled(cell: str, status: str) -> None:
    rows = appointments("Client|Provider|Start|Duration|Canceled", f"Riley|Jo|12/7/2026 9:00|50|{cell}")
    assert [one.status.value for one in rows.good] == [status]


def test_two_at_one_time_and_the_same_twice_are_for_people_to_decide() -> None:
    rows = appointments(
        "Client|Provider|Start|Duration|Status",
        "Riley|Jo|12/7/2026 9:00|50|",
        "Maya|Jo|12/7/2026 9:50|50|",
        "Theo|Jo|12/7/2026 9:30|50|",
        "Theo|Bell|12/7/2026 9:30|50|",
        "RILEY|Jo|12/7/2026 9:00|25|",
        "Eve|Jo|12/7/2026 9:30|50|Cancelled",
        "Eve|Jo|12/7/2026 10:40|50|",
        "Ann|Jo|12/7/2026 8:00|240|",
    )
    assert [(one.row, one.column, one.code.value, one.other) for one in rows.problems] == [
        (4, "Start", "overlap", 2),
        (6, "Start", "duplicate", 2),
        (9, "Start", "overlap", 2),
    ]


def test_who_has_one_provider_need_not_say_so_in_every_row() -> None:
    lines = ("Client|Start|Duration", "Riley|12/7/2026 9:00|50")
    assert codes(appointments(*lines).problems) == [(2, "Start", "unknown_provider")]
    told = appointments(*lines, providers=("Dr. Jo Okafor",), assumed=Assumed(provider="Dr. Jo Okafor"))
    assert [one.provider for one in told.good] == ["Dr. Jo Okafor"]


def test_columns_of_outlooks_calendar_and_of_whole_times() -> None:
    def fields(header: str) -> list[str]:
        return [field.value for field in reading(header, "x", kind=Kind.APPOINTMENTS).table.mapping.values()]

    assert fields("Start Time|End Time|Client") == ["starts_at", "ends_at", "client"]
    assert fields("Date|Start Time|End Time|Client") == ["date", "start_time", "end_time", "client"]
    assert fields("Date|End Time|Client") == ["starts_at", "ends_at", "client"]
    assert fields("Starts at|Date|Time|Client") == ["starts_at", "client"]
    assert fields("Client|First Name|Last Name|Start") == ["client", "starts_at"]
