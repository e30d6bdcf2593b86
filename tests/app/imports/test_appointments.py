"""Appointments from a file: matched with who is here, all in or none, never double booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, room_of
from tests.app.imports.staged_files import brought_in, problems_of, staged

from raincheck.actions.appointments.claims import claim
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.models import Import, Notification
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import RowsNotReady, TimesTaken

HEADER = "Client|Provider|Start|End|Type|Place|Status"
SOUND = (
    HEADER,
    "Brooks, Riley|Jo Okafor, PsyD|11/24/2026 11:00 AM|11/24/2026 11:50 AM|50 minute session|Zoom|",
    "Maya Chen|Dr. Jo Okafor|11/24/2026 11:50 AM|11/24/2026 1:10 PM|Intake||Confirmed",
    "Maya Chen|Dr. Jo Okafor|11/3/2026 9:00 AM|11/3/2026 9:50 AM|||Completed",
    "Maya Chen|Dr. Jo Okafor|11/27/2026 9:00 AM|11/27/2026 9:50 AM|||Cancelled",
)


def file_of(cast: Cast, *lines: str) -> Import:
    return staged(cast, *lines, kind=Kind.APPOINTMENTS)


def test_what_lies_ahead_comes_in_as_it_was_agreed_and_nobody_is_written_to(cast: Cast) -> None:
    file = file_of(cast, *SOUND)
    assert problems_of(file) == []
    assert brought_in(file)["rows"] == "2"
    found = Appointment.objects.order_by("starts_at")
    assert [(one.client, one.provider, one.starts_at, one.length, one.type, one.place) for one in found] == [
        (cast.riley, cast.okafor, TUESDAY_AT_ELEVEN, timedelta(minutes=50), cast.follow_up, cast.telehealth),
        (
            cast.maya,
            cast.okafor,
            TUESDAY_AT_ELEVEN + timedelta(minutes=50),
            timedelta(minutes=80),
            cast.intake,
            cast.telehealth,
        ),
    ]
    assert (
        Claim.objects.count(),
        AppointmentHistory.objects.filter(event="booked").count(),
        Notification.objects.count(),
    ) == (4, 2, 0)
    assert list(file.rows.order_by("number").values_list("appointment", flat=True)) == [
        *found.values_list("pk", flat=True),
        None,
        None,
    ]


def test_who_is_not_here_and_what_is_taken_are_problems_of_their_rows(cast: Cast) -> None:
    cast.booked()
    file = file_of(
        cast, HEADER,
        "Theo Alvarez|Dr. Jo Okafor|11/25/2026 9:00 AM|11/25/2026 9:50 AM|||",
        "Maya Chen|Dr. Jo Okafor|11/24/2026 11:30 AM|11/24/2026 12:20 PM|||",
        "Riley Brooks|Dr. Lena Fischer|11/24/2026 11:30 AM|11/24/2026 12:20 PM|||",
        "Eve Marlow|Dr. Mallory Vance|11/26/2026 9:00 AM|11/26/2026 9:50 AM|||",
    )  # fmt: skip
    assert problems_of(file) == [
        (2, "Client", "unknown_client"),
        (3, "Start", "taken"),
        (4, "Start", "taken"),
        (5, "Provider", "unknown_provider"),
    ]


def test_a_room_that_holds_one_session_at_a_time_is_taken_for_other_rows(cast: Cast) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    cast.booked(place=room)
    rows = (
        HEADER,
        "Maya Chen|Dr. Lena Fischer|11/24/2026 11:30 AM|11/24/2026 12:20 PM||Room 2|",
        "Maya Chen|Dr. Lena Fischer|11/25/2026 9:00 AM|11/25/2026 9:50 AM||Room 2|",
        "Riley Brooks|Dr. Jo Okafor|11/25/2026 9:30 AM|11/25/2026 10:20 AM||Room 2|",
    )
    assert problems_of(file_of(cast, *rows)) == [(2, "Start", "taken"), (4, "Start", "taken")]
    assert brought_in(file_of(cast, HEADER, rows[2]))["rows"] == "1"
    assert Claim.objects.filter(room=room).count() == 2


def held(cast: Cast, start: datetime, *, until: datetime) -> Hold:
    """A slot that is held for Maya until then."""
    row = Hold(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.maya,
        starts_at=start,
        ends_at=start + 50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=NOW,
        expires_at=until,
    )

    def verb() -> Answer:
        row.save(force_insert=True)
        claim(row, now=NOW)
        return {}

    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    return row


def test_p12_an_expired_hold_that_no_sweep_has_found_keeps_no_import_out(cast: Cast) -> None:
    met = held(cast, TUESDAY_AT_ELEVEN - 50 * MINUTES, until=NOW + 5 * MINUTES)
    elsewhere = held(cast, TUESDAY_AT_ELEVEN + 100 * MINUTES, until=NOW + 5 * MINUTES)
    file = file_of(cast, *SOUND[:2])
    assert brought_in(file, now=NOW + 5 * MINUTES)["rows"] == "1"
    assert list(Hold.objects.values_list("pk", flat=True)) == [elsewhere.pk]
    assert not Claim.objects.filter(hold=met.pk).exists()


def test_a_time_that_is_held_or_a_buffer_is_a_problem_of_the_row_it_takes(cast: Cast) -> None:
    held(cast, TUESDAY_AT_ELEVEN, until=NOW + 5 * MINUTES)
    cast.booked(FRIDAY_AT_NINE)
    file = file_of(
        cast, HEADER,
        "Riley Brooks|Dr. Jo Okafor|11/24/2026 11:50 AM|11/24/2026 12:40 PM|||",
        "Maya Chen|Dr. Jo Okafor|11/24/2026 11:00 AM|11/24/2026 11:50 AM|||",
        "Maya Chen|Dr. Jo Okafor|11/27/2026 9:55 AM|11/27/2026 10:45 AM|||",
        "Riley Brooks|Dr. Jo Okafor|11/27/2026 9:50 AM|11/27/2026 9:55 AM|||",
    )  # fmt: skip
    assert problems_of(file) == [(2, "Start", "taken"), (4, "Start", "taken")]
    file.rows.filter(problem__isnull=False).update(left_out=True)
    assert brought_in(file)["rows"] == "2"


def test_a_time_that_was_booked_meanwhile_keeps_all_rows_out(cast: Cast) -> None:
    file = file_of(cast, *SOUND[:3])
    cast.booked(TUESDAY_AT_ELEVEN + timedelta(minutes=60), client=cast.riley)
    with pytest.raises(Exception, match="rows_not_ready"):
        brought_in(file)
    assert Appointment.objects.count() == 1


def okafor_leaves(cast: Cast) -> None:
    cast.okafor.left_at = NOW
    cast.okafor.save(update_fields=["left_at"])


def riley_is_discharged(cast: Cast) -> None:
    cast.riley.discharged_at = NOW
    cast.riley.save(update_fields=["discharged_at"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (okafor_leaves, (2, "Provider", "provider_left")),
        (riley_is_discharged, (2, "Client", "discharged")),
    ],
)
def test_nothing_comes_in_with_who_left_or_for_who_left_care(
    cast: Cast, change: Callable[[Cast], None], problem: tuple[int, str, str]
) -> None:
    file = file_of(cast, *SOUND[:2])
    change(cast)
    with pytest.raises(RowsNotReady):
        brought_in(file)
    assert Appointment.objects.count() == 0
    assert problems_of(file_of(cast, *SOUND[:2])) == [problem]


def test_a_refusal_of_taken_times_is_a_sentence() -> None:
    assert "Nothing has come in" in TimesTaken.sentence
