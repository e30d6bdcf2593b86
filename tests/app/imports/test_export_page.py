"""The export page: managers alone, asked again, the same columns back, every client in the read log, and bounded memory."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.imports.test_pages import text
from tests.app.staff_browser import StaffBrowser, manager, okafor, scheduler
from tests.integrations.spreadsheets import NEW_YORK

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.imports.known import settings_for
from raincheck.data.models import Client, ReadLog
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.reading import read_sheets
from raincheck.domain.imports.template import COLUMNS
from raincheck.integrations.imports.files import read_sheets_safely


def saved(browser: StaffBrowser, kind: str = "clients", ending: str = "csv") -> bytes:
    answer = browser.get("/export/file/", kind=kind, format=ending)
    assert answer.status_code == 200, answer
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}.{ending}"'
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_a_manager_saves_comes_back_as_it_is(cast: Cast, ending: str) -> None:
    booked = cast.booked()
    settings = settings_for(
        cast.practice, kind=Kind.APPOINTMENTS, zone="America/New_York", now=NOW, order=None, chosen={}
    )
    rows = read_sheets(read_sheets_safely(saved(manager(cast), "appointments", ending)), settings).rows
    assert [(row.client, row.starts_at) for row in rows.good] == [("Riley Brooks", booked.starts_at)]  # type: ignore[union-attr]
    assert booked.starts_at.astimezone(NEW_YORK).hour == 11


def test_every_client_in_a_file_is_in_the_read_log_and_so_is_the_export(cast: Cast) -> None:
    sasha = manager(cast)
    saved(sasha)
    rows = ReadLog.objects.order_by("-pk")[:2]
    assert [(row.what, sorted(row.clients), row.detail) for row in reversed(rows)] == [
        ("event:rows_exported", [], {"kind": "clients", "format": "csv"}),
        ("export-file", sorted([cast.riley.pk, cast.maya.pk]), {}),
    ]


def test_nothing_in_a_saved_file_is_computed_by_whoever_opens_it(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(first_name="=1+1", goes_by="@SUM(1)")
    said = saved(manager(cast)).decode("utf-8-sig")
    assert "'=1+1,Brooks,'@SUM(1)" in said
    assert "Eve" not in said


@pytest.mark.parametrize("who", ["okafor", "scheduler"])
@pytest.mark.parametrize("address", ["/export/", "/export/file/", "/import/template/"])
def test_only_managers_export(cast: Cast, who: str, address: str) -> None:
    browser = okafor() if who == "okafor" else scheduler(cast)
    assert browser.get(address).status_code in (403, 404)


def test_the_page_offers_what_can_be_saved(cast: Cast) -> None:
    page = text(manager(cast).get("/export/"))
    assert "All clients, or all appointments with what became of them" in page
    assert "Export" in text(manager(cast).get("/clients/"))


@pytest.mark.parametrize("kind", [Kind.CLIENTS, Kind.APPOINTMENTS])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_left_as_it_is_brings_nobody_in(cast: Cast, kind: Kind, ending: str) -> None:
    answer = manager(cast).get("/import/template/", kind=kind.value, format=ending)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    settings = settings_for(cast.practice, kind=kind, zone="America/New_York", now=NOW, order=None, chosen={})
    reading = read_sheets(read_sheets_safely(data), settings)
    assert reading.rows.good == ()
    assert [(one.row, one.column, one.code.value) for one in reading.rows.problems] == [
        (2, "E-mail", "template_row"),
        (3, "E-mail", "template_row"),
    ]
    # Every column is known by its name.
    assert len(reading.table.mapping) == len(COLUMNS[kind])
    assert not ReadLog.objects.filter(what="import-template").exists()


@pytest.mark.verify
def test_sixty_thousand_appointments_leave_in_bounded_memory(cast: Cast) -> None:
    first = TUESDAY_AT_ELEVEN - timedelta(days=4000)
    kind, place = AppointmentType.objects.filter(practice=cast.practice).first(), Place.objects.first()
    Appointment.objects.bulk_create(
        (
            Appointment(
                practice=cast.practice,
                provider=cast.okafor,
                client=cast.riley,
                type=kind,
                place=place,
                starts_at=first + timedelta(hours=number),
                ends_at=first + timedelta(hours=number, minutes=50),
                starts_wall=(first + timedelta(hours=number)).replace(tzinfo=None),
                utc_offset=timedelta(0),
                zone="UTC",
                buffer_before=timedelta(0),
                buffer_after=timedelta(0),
                ical_uid=f"{number}@export",
                booked_at=NOW,
                claims_pruned_at=NOW,
                status="completed",
                outcome_at=first + timedelta(hours=number, minutes=50),
                outcome_by_kind="provider",
            )
            for number in range(60_000)
        ),
        batch_size=2000,
    )
    sasha = manager(cast)
    tracemalloc.start()
    answer: HttpResponse = sasha.get("/export/file/", kind="appointments", format="csv")
    size = sum(len(part) for part in answer.streaming_content)  # type: ignore[attr-defined]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 1_000_000
    assert most < 30 * 2**20
