"""Rows of a spreadsheet that repeat: one line of the check, brought in whole as a series, and taken back whole."""

from __future__ import annotations

from datetime import date, timedelta

from tests.app.cast import NOW, Cast, new_york
from tests.app.imports.staged_files import brought_in, problems_of, staged, undone
from tests.app.imports.test_pages import text
from tests.app.staff_browser import manager

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.series import Series
from raincheck.data.models import Import
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.template import COLUMNS, template

WEEK = timedelta(weeks=1)
HEADER = "Client|Provider|Start|End|Repeats|Repeats until|Type|Place"


def row(repeats: str, until: str = "", *, client: str = "Riley Brooks", hour: str = "11") -> str:
    return f"{client}|Dr. Jo Okafor|11/24/2026 {hour}:00 AM|11/24/2026 {hour}:50 AM|{repeats}|{until}|Follow-up|Telehealth"


def file_of(cast: Cast, *rows: str) -> Import:
    return staged(cast, HEADER, *rows, kind=Kind.APPOINTMENTS)


def test_a_row_that_repeats_is_one_line_and_comes_in_as_a_series(cast: Cast) -> None:
    file = file_of(cast, row("weekly", "3/2/2027"), row("", client="Maya Chen", hour="9"))
    page = text(manager(cast).get(f"/import/{file.ref}/"))
    for sentence in (
        "2 of 2 rows are ready",
        "Every week on Tuesday at 11:00 AM until March 2, 2027 · 15 times",
        "Import 16 appointments",
    ):
        assert sentence in page, sentence
    assert brought_in(file)["rows"] == "16"
    series = Series.objects.get()
    assert (series.begins_on, series.ends_on, series.every_weeks, series.zone) == (
        date(2026, 11, 24),
        date(2027, 3, 2),
        1,
        "America/New_York",
    )
    assert Appointment.objects.filter(series=series, client=cast.riley).count() == 15


def test_one_without_an_end_goes_on_until_its_import_is_undone(cast: Cast) -> None:
    file = file_of(cast, row("every 2 weeks"))
    brought_in(file)
    made = Appointment.objects.count()
    undone(file, now=NOW + timedelta(hours=1))
    assert sweep(now=NOW + 8 * WEEK)["series went on"] == 0
    assert Appointment.objects.filter(cancelled_why="import_undone").count() == made == 27


def test_the_same_rows_twice_are_known_again_date_by_date(cast: Cast) -> None:
    brought_in(file_of(cast, row("weekly", "12/15/2026")))
    again = file_of(cast, row("weekly", "12/29/2026"))
    assert problems_of(again) == [(2, "Start", "dates_taken")]
    sasha = manager(cast)
    assert "Tue, Nov 24, 2026; Tue, Dec 1, 2026; Tue, Dec 8, 2026; Tue, Dec 15, 2026" in text(
        sasha.get(f"/import/{again.ref}/")
    )
    sasha.post(f"/import/{again.ref}/", dates="2")
    assert brought_in(again)["rows"] == "2"
    assert Appointment.objects.count() == 6


def test_dates_that_were_left_out_come_back_when_the_row_says_another_time(cast: Cast) -> None:
    cast.booked(new_york(1, 11, month=12), client=cast.maya)
    file = file_of(cast, row("weekly", "12/15/2026"))
    sasha = manager(cast)
    sasha.post(f"/import/{file.ref}/", dates="2")
    assert file.rows.get().dates_out == ["2026-12-01"]
    sasha.post(f"/import/{file.ref}/", **{"cell-2-2": "11/24/2026 2:00 PM", "cell-2-3": "11/24/2026 2:50 PM"})
    assert file.rows.get().dates_out == []
    assert brought_in(file)["rows"] == "4"


def test_a_pressed_button_leaves_no_dates_out_that_no_problem_names(cast: Cast) -> None:
    file = file_of(cast, row("weekly", "12/15/2026"))
    manager(cast).post(f"/import/{file.ref}/", dates="2")
    assert (file.rows.get().dates_out, brought_in(file)["rows"]) == ([], "4")


def test_odd_words_are_said_at_the_row_with_what_to_do(cast: Cast) -> None:
    file = file_of(cast, row("weekly until"), row("monthly", hour="9"), row("weekly", "11/1/2026", hour="10"))
    page = text(manager(cast).get(f"/import/{file.ref}/"))
    for sentence in (
        "“weekly until” does not say until when. Write a date after it, like 2027-03-01",
        "“monthly” is not a way to repeat that we can follow.",
        "This series ends before its second appointment.",
    ):
        assert sentence in page, sentence


def test_the_template_says_how_a_row_repeats(cast: Cast) -> None:
    rows = template(Kind.APPOINTMENTS, zone="America/New_York", provider="Dr. Jo Okafor")
    assert {"Repeats", "Repeats until"} < set(COLUMNS[Kind.APPOINTMENTS])
    lines = ["|".join(line).replace("@template.example", "@clients.example") for line in rows]
    lines[1] = lines[1].replace("Alexandra|Example", "Riley|Brooks")
    file = staged(cast, *lines[:2], kind=Kind.APPOINTMENTS)
    assert file.rows.get().read["repeats"]["every_weeks"] == 2
