"""Series of a calendar file: one row, brought in whole, gone on with, taken back whole, and each date that clashes decided."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from tests.app.cast import NEW_YORK, NOW, Cast, new_york
from tests.app.imports.staged_files import acted, brought_in, problems_of, undone
from tests.app.imports.test_calendar_pages import file_of, sent, text
from tests.app.imports.test_calendars import a_calendar, an_event, calendar_of, kinds_of, weekly
from tests.app.notifications.test_series_entries import by_icalendar, in_tables, lines, sent as sent_entries
from tests.app.staff_browser import manager

from raincheck.actions.imports.importing import start_import
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.imports.touched import rows_in_the_way
from raincheck.data.models import ImportRow, Notification, Task
from raincheck.domain.imports.importing import RowsNotReady
from raincheck.queries.imports.files import latest_files, standing_of

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
AT = "TZID=America/New_York"


def riley_moved(was: str, start: str) -> str:
    return an_event(
        f"DTSTART;{AT}:{start}", f"DTEND;{AT}:{start[:11]}5000", f"RECURRENCE-ID;{AT}:{was}", "SUMMARY:Riley Brooks",
    )  # fmt: skip


def until_march(*more: str) -> str:
    """Riley on Tuesdays at nine until March 2, over the change of the clocks not yet, with two dates left out."""
    left_out = f"EXDATE;{AT}:20261222T090000,20261229T090000"
    one = weekly("a", "Riley Brooks", left_out, *more)
    return one.replace("RRULE:FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;UNTIL=20270330T130000Z")


def starts(**of: object) -> list[str]:
    rows = Appointment.objects.filter(**of).order_by("starts_at")
    return [f"{one.starts_at.astimezone(NEW_YORK):%b %d %H:%M}" for one in rows]


def test_a_series_comes_in_whole_as_one_entry_for_calendars(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(until_march(), riley_moved("20261201T090000", "20261202T140000")))
    assert kinds_of(file) == {"ready": 1}
    assert (standing_of(file).all, standing_of(file).coming) == (1, 18)
    acted(start_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk, tell_clients=True)
    assert brought_in(file)["rows"] == "18"
    series = Series.objects.get()
    rows = list(Appointment.objects.order_by("recurrence_id"))
    assert {row.series_id for row in rows} == {series.pk}
    assert (series.begins_on, series.ends_on, series.made_until, series.length, series.zone) == (
        date(2026, 11, 17),
        date(2027, 3, 30),
        date(2027, 3, 30),
        timedelta(minutes=50),
        "America/New_York",
    )
    # Nine o'clock in New York, also after the clocks change on March 14.
    assert Counter(one[-5:] for one in starts()) == {"09:00": 17, "14:00": 1}
    assert (Claim.objects.count(), AppointmentHistory.objects.count()) == (36, 18)
    entry = sent_entries()
    assert lines(entry, "RRULE", "EXDATE", "RECURRENCE-ID") == [
        "RRULE:FREQ=WEEKLY;UNTIL=20270330T130000Z;BYDAY=TU",
        "EXDATE;TZID=America/New_York:20261222T090000",
        "EXDATE;TZID=America/New_York:20261229T090000",
        "RECURRENCE-ID;TZID=America/New_York:20261201T090000",
    ]
    assert (entry.count("BEGIN:VCALENDAR"), set(lines(entry, "UID"))) == (1, {f"UID:{series.ical_uid}"})
    assert by_icalendar(entry) == in_tables(rows)


def test_a_series_in_another_zone_than_its_provider_is_one_rule_too(cast: Cast) -> None:
    berlin = until_march().replace("America/New_York", "Europe/Berlin")
    file = calendar_of(cast, a_calendar(berlin))
    acted(start_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk, tell_clients=True)
    brought_in(file)
    # Two weeks of March in which only New York has changed its clock.
    assert Counter(one[-5:] for one in starts()) == {"03:00": 16, "04:00": 2}
    entry = sent_entries()
    assert lines(entry, "RRULE", "RECURRENCE-ID") == ["RRULE:FREQ=WEEKLY;UNTIL=20270330T070000Z;BYDAY=TU"]
    assert by_icalendar(entry) == in_tables(list(Appointment.objects.all()))


def test_an_endless_series_is_gone_on_with_by_the_sweep(cast: Cast) -> None:
    brought_in(calendar_of(cast, a_calendar(weekly("a", "Riley Brooks"))))
    assert sweep(now=NOW)["series went on"] == 0
    made = Appointment.objects.count()
    assert sweep(now=NOW + 4 * WEEK)["series went on"] == 1
    assert Appointment.objects.count() == made + 4
    assert set(Counter(one[-5:] for one in starts())) == {"09:00"}


def test_a_file_that_waited_for_days_comes_in_as_far_ahead_as_any_other(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks")))
    later = NOW + 6 * DAY
    assert brought_in(file, now=later)["rows"] == "54"
    series = Series.objects.get()
    assert (series.begins_on, series.made_until) == (date(2026, 11, 24), later.date() + 54 * WEEK)
    assert sweep(now=later)["series went on"] == 0


def test_undo_takes_a_whole_series_back_and_nobody_goes_on_with_it(cast: Cast) -> None:
    data = a_calendar(weekly("a", "Riley Brooks"))
    file = calendar_of(cast, data)
    brought_in(file)
    assert undone(file, now=NOW + timedelta(hours=12))["rows"] == "54"
    assert set(Appointment.objects.values_list("status", "cancelled_why")) == {("cancelled", "import_undone")}
    assert (Claim.objects.count(), Notification.objects.count()) == (0, 0)
    assert sweep(now=NOW + 8 * WEEK)["series went on"] == 0
    assert Appointment.objects.count() == 54
    # And it comes in again, as if it had never been here.
    again = calendar_of(cast, data)
    assert kinds_of(again) == {"ready": 1}
    assert brought_in(again)["rows"] == "54"


def test_whoever_was_told_of_a_series_is_told_once_that_it_is_undone(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks")))
    acted(start_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk, tell_clients=True)
    brought_in(file)
    undone(file)
    to_client = Notification.objects.filter(recipient__isnull=False)
    assert list(to_client.order_by("pk").values_list("kind", flat=True)) == ["booked", "cancelled"]
    assert "METHOD:CANCEL" in sent_entries()


def test_a_later_time_that_somebody_worked_with_stands_in_the_way_of_undo(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks")))
    brought_in(file)
    last = Appointment.objects.latest("starts_at")
    AppointmentHistory.objects.create(
        practice=cast.practice, appointment=last, event="details_changed", at=NOW, actor_kind="manager", sequence=0
    )  # fmt: skip
    (row,) = rows_in_the_way(file, now=NOW)
    assert (row.appointment, row.part_of) == (last, 1)
    assert "Row 1" in text(manager(cast).get(f"/import/{file.ref}/"))


def test_dates_that_are_taken_are_left_out_at_the_row(cast: Cast) -> None:
    for day in (24, 30):
        cast.booked(new_york(day, 9), client=cast.maya)
    cast.booked(new_york(1, 9, month=12), client=cast.maya)
    sasha = manager(cast)
    file = file_of(sent(sasha, a_calendar(weekly("a", "Riley Brooks")), cast, provider=cast.okafor.ref))
    assert problems_of(file) == [(1, "DTSTART", "dates_taken")]
    page = text(sasha.get(f"/import/{file.ref}/"))
    for sentence in (
        "0 of 1 row is ready",
        "by another event, or by another of its own: Tue, Nov 24, 2026; Tue, Dec 1, 2026. Leave these dates out",
    ):
        assert sentence in page, sentence
    assert sasha.post(f"/import/{file.ref}/", dates="1").status_code == 302
    page = text(sasha.get(f"/import/{file.ref}/"))
    assert "52 times up to November 23, 2027, then on by itself · 2 left out" in page
    assert brought_in(file)["rows"] == "52"
    assert Series.objects.get().begins_on == date(2026, 11, 17)
    assert not {"Nov 24 09:00", "Dec 01 09:00"} & set(starts(client=cast.riley))


def test_a_series_that_meets_an_earlier_event_or_itself_is_decided_date_by_date(cast: Cast) -> None:
    single = an_event(
        f"DTSTART;{AT}:20261124T083000", f"DTEND;{AT}:20261124T092000", "SUMMARY:Maya Chen", uid="m"
    )
    onto_the_next = riley_moved("20261201T090000", "20261208T093000")
    file = calendar_of(cast, a_calendar(single, until_march(), onto_the_next))
    problem = file.rows.get(number=2).problem
    assert (problem["code"], problem["value"], problem["other"]) == (
        "dates_taken",
        "2026-11-24, 2026-12-01",
        1,
    )
    sasha = manager(cast)
    sasha.post(f"/import/{file.ref}/", dates="2")
    assert kinds_of(file) == {"ready": 2}
    assert brought_in(file)["rows"] == str(1 + 16)


def test_a_series_with_no_date_left_stays_out(cast: Cast) -> None:
    data = a_calendar(until_march())
    brought_in(calendar_of(cast, data))
    other = calendar_of(cast, data.replace(b"UID:a", b"UID:z").replace(b"Riley Brooks", b"Maya Chen"))
    assert len(other.rows.get().problem["value"].split(", ")) == 18
    manager(cast).post(f"/import/{other.ref}/", dates="1")
    assert (kinds_of(other), standing_of(other).coming) == ({"over": 1}, 0)


def test_somebody_who_books_a_date_meanwhile_keeps_the_whole_file_out(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks")))
    cast.booked(new_york(24, 9), client=cast.maya)
    with pytest.raises(RowsNotReady):
        brought_in(file)
    assert (Series.objects.count(), Appointment.objects.count()) == (0, 1)


def test_a_newer_file_is_compared_with_each_time_of_a_series(cast: Cast) -> None:
    brought_in(calendar_of(cast, a_calendar(until_march())))
    longer = until_march().replace("20270330T", "20270413T")
    file = calendar_of(cast, a_calendar(longer, riley_moved("20261201T090000", "20261202T140000")))
    assert kinds_of(file) == {"here": 18, "ready": 2}
    assert file.rows.filter(differs=True).count() == 1
    page = text(manager(cast).get(f"/import/{file.ref}/"))
    assert (
        "Times of “Riley Brooks” are here already, so those that are new come in as appointments by themselves."
        in page
    )
    assert brought_in(file)["rows"] == "2"
    assert Appointment.objects.filter(series__isnull=True).count() == 2


def test_a_series_of_ours_in_somebodys_calendar_is_here_already(cast: Cast) -> None:
    brought_in(calendar_of(cast, a_calendar(until_march())))
    ImportRow.objects.all().delete()
    uid = Series.objects.get().ical_uid
    assert kinds_of(calendar_of(cast, a_calendar(until_march().replace("UID:a", f"UID:{uid}")))) == {
        "here": 18
    }


def test_the_check_says_which_events_come_in_time_by_time_and_why(cast: Cast) -> None:
    twice_a_week = weekly("a", "Riley Brooks").replace("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=TU,TH")
    for_ages = weekly("b", "Maya Chen", start="20261118T090000", end="20261118T095000")
    sasha = manager(cast)
    events = a_calendar(twice_a_week, for_ages.replace("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=5000"))
    file = file_of(sent(sasha, events, cast, provider=cast.okafor.ref))
    page = text(sasha.get(f"/import/{file.ref}/"))
    for sentence in (
        "“Riley Brooks” repeats in a way that a series here can’t, so each of its times in the coming 26 weeks comes in as an appointment by itself.",
        "“Maya Chen” has more than 104 times ahead, which is more than a series here has.",
    ):
        assert sentence in page, sentence
    assert brought_in(file)["rows"] == str(52 + 26)
    assert Series.objects.count() == 0


def test_files_are_counted_by_their_own_rows(cast: Cast) -> None:
    brought_in(calendar_of(cast, a_calendar(weekly("a", "Riley Brooks"))))
    assert [one.size for one in latest_files(cast.practice.pk, provider_id=None)] == [1]
    assert Task.objects.count() == 0
