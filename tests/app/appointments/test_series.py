"""A new appointment that repeats: its dates are shown with what speaks against them, and booked together or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york, time_off
from tests.app.client_browser import words
from tests.app.form_fields import fields
from tests.app.staff_browser import StaffBrowser, errors, okafor

from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification, NotificationAppointment
from raincheck.domain.appointments.lifecycle import StartsInThePast
from raincheck.domain.appointments.series import DatesTaken, Pattern

NEW = "/appointments/new/"


def said(cast: Cast, **other: Any) -> dict[str, Any]:
    """Return the fields of a weekly series of Riley's on Tuesdays at 11:00 AM, four times."""
    return {
        "client": str(cast.riley.ref),
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "day": "2026-11-24",
        "time": "11:00",
        "repeat": "on",
        "every_weeks": "1",
        "ends": "count",
        "count": "4",
        **other,
    }


def preview(who: StaffBrowser, cast: Cast, **other: Any) -> HttpResponse:
    headers = {"HX-Request": "true", "HX-Target": "series-preview"}
    return who.get(NEW, headers=headers, **said(cast, **other))


def part(page: HttpResponse) -> str:
    """Return what a part of a page says, as one line of text."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())


def seen_in(page: HttpResponse) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert found, "the dates are shown"
    return found.group(1)


def book(who: StaffBrowser, cast: Cast, **other: Any) -> HttpResponse:
    """Look at the dates, then book them."""
    return who.post(NEW, **said(cast, **other), seen=seen_in(preview(who, cast, **other)))


def starts() -> list[datetime]:
    rows = Appointment.objects.filter(series__isnull=False).order_by("starts_at")
    return list(rows.values_list("starts_at", flat=True))


def test_all_dates_are_shown_before_anything_is_booked(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    page = preview(okafor(), cast, count="8", every_weeks="2")
    assert page.status_code == 200
    assert page.content.decode().lstrip().startswith("<section")
    assert (
        "8 appointments, every 2 weeks, last on Tuesday, March 2 All dates are free. Nothing is booked yet. 8 dates are free"
        in part(page)
    )
    assert starts() == []


def test_a_series_is_booked_whole_and_told_in_one_message(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    before = Notification.objects.count()
    answer = book(okafor(), cast)
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-24")
    dates = [new_york(24, 11), *(new_york(day, 11, month=12) for day in (1, 8, 15))]
    assert starts() == dates
    series = Series.objects.get()
    rows = list(Appointment.objects.filter(series=series).order_by("starts_at"))
    assert [row.recurrence_id for row in rows] == [row.starts_wall for row in rows]
    assert series.pattern == Pattern(
        datetime.fromisoformat("2026-11-24T11:00"), 1, series.pattern.zone, count=4
    )
    assert (series.made_until.isoformat(), series.zone) == ("2026-12-15", "America/New_York")
    assert Claim.objects.filter(appointment__in=rows).count() == 2 * len(rows)
    assert AppointmentHistory.objects.filter(appointment__in=rows, event="booked").count() == len(rows)
    assert Message.objects.filter(appointment__in=rows).count() == 1
    told = Notification.objects.order_by("pk")[before:]
    assert [(one.kind, one.channel, one.recipient is not None) for one in told] == [
        ("booked", "email", True),
        ("booked", "in_app", False),
    ]
    listed = NotificationAppointment.objects.filter(notification=told[0]).order_by("pk")
    assert [one.appointment_id for one in listed] == [row.pk for row in rows]


def test_without_a_script_the_dates_are_shown_first(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    work = okafor()
    shown = work.post(NEW, **said(cast))
    assert shown.status_code == 422
    assert "4 appointments, every week, last on Tuesday, December 15" in words(shown)
    assert starts() == []
    assert work.post(NEW, **fields(shown)).status_code == 302
    assert len(starts()) == 4


def test_each_clash_is_named_and_left_out_unless_something_else_is_chosen(cast: Cast) -> None:
    cast.booked(new_york(1, 11, 30, month=12), client=cast.maya)
    cast.booked(new_york(8, 11, 30, month=12), client=cast.riley, provider=cast.fischer)
    time_off(cast.okafor, new_york(15, 0, month=12), new_york(16, 0, month=12))
    cast.booked(new_york(20, 9))
    work = okafor()
    page = preview(work, cast)
    text = part(page)
    assert "3 of 4 times clash. They are left out unless you choose something else." in text
    assert "Maya Chen has an appointment with Dr. Okafor then." in text
    assert "The client has another appointment then." in text
    assert "Dr. Okafor is out of office then." in text
    # The nearest free times: neither the hour beside Maya nor the taken one.
    assert "Move it to 10:30 AM that day" in text
    assert "Book it anyway" in text.split("Tuesday, December 15 at 11:00 AM")[1]
    assert "Book it anyway" not in text.split("Tuesday, December 15 at 11:00 AM")[0]
    moved = {"date-2026-12-01": "2026-12-01T10:30", "date-2026-12-15": "book"}
    assert book(work, cast, **moved).status_code == 302
    assert starts() == [new_york(24, 11), new_york(1, 10, 30, month=12), new_york(15, 11, month=12)]
    assert [row.recurrence_id.day for row in Appointment.objects.filter(series__isnull=False)] == [24, 1, 15]


def test_a_date_moves_to_any_free_time_and_never_onto_another(cast: Cast) -> None:
    cast.booked(new_york(1, 11, month=12), client=cast.maya)
    cast.booked(new_york(20, 9))
    work = okafor()
    other = {"date-2026-12-01": "other", "day-2026-12-01": "2026-12-08", "time-2026-12-01": "11:30"}
    refused = work.post(NEW, **said(cast, **other), seen=seen_in(preview(work, cast, **other)))
    assert refused.status_code == 422
    assert (
        "Tuesday, December 1 at 11:00 AM: This would overlap another appointment of the series. Please choose another time."
        in words(refused)
    )
    cast.booked(new_york(2, 9, month=12), client=cast.maya)
    other |= {"day-2026-12-01": "2026-12-02", "time-2026-12-01": "9:00"}
    assert "at 9:00 AM is not free either" in words(book(work, cast, **other))
    assert 'value="2026-12-02"' in book(work, cast, **other).content.decode()
    other["time-2026-12-01"] = ""
    assert "Please choose a time." in words(book(work, cast, **other))
    other["time-2026-12-01"] = "10:00"
    assert book(work, cast, **other).status_code == 302
    assert new_york(2, 10, month=12) in starts()


def test_a_clash_that_came_meanwhile_is_shown_and_nothing_typed_is_lost(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    work = okafor()
    seen = seen_in(preview(work, cast))
    cast.booked(new_york(8, 11, month=12), client=cast.maya)
    refused = work.post(NEW, **said(cast), seen=seen)
    assert refused.status_code == 422
    assert "Maya Chen has an appointment with Dr. Okafor then." in words(refused)
    assert fields(refused).items() >= {"count": "4", "day": "2026-11-24", "repeat": "on"}.items()
    assert starts() == []
    assert work.post(NEW, **fields(refused)).status_code == 302
    assert len(starts()) == 3


def test_a_date_that_somebody_took_refuses_the_whole_series(cast: Cast) -> None:
    cast.booked(new_york(8, 11, 30, month=12), client=cast.maya)
    before = Appointment.objects.count(), Series.objects.count(), Notification.objects.count()
    first = datetime.fromisoformat("2026-11-24T11:00")
    booking = SeriesBooking(
        cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, first, 1, count=4
    )
    verb = partial(book_series, booking, by=cast.by_okafor, now=NOW)
    with pytest.raises(DatesTaken):
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert (Appointment.objects.count(), Series.objects.count(), Notification.objects.count()) == before


def test_no_date_of_a_series_is_booked_that_has_passed(cast: Cast) -> None:
    first = datetime.fromisoformat("2026-11-16T09:00")  # an hour ago
    booking = SeriesBooking(
        cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, first, 1, count=2
    )
    verb = partial(book_series, booking, by=cast.by_okafor, now=NOW)
    with pytest.raises(StartsInThePast):
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert starts() == []


def test_a_series_that_is_sent_twice_is_booked_once_and_answered_alike(cast: Cast) -> None:
    """Its own dates speak against it by then."""
    cast.booked(new_york(20, 9))
    work = okafor()
    sent = fields(work.post(NEW, **said(cast)))
    answers = [work.post(NEW, **sent) for _time in range(2)]
    assert [(one.status_code, one["Location"]) for one in answers] == [
        (302, answers[0]["Location"]),
        (302, answers[0]["Location"]),
    ]
    assert (Series.objects.count(), len(starts())) == (1, 4)


def test_a_series_goes_over_the_clock_change_and_past_the_horizon(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    assert book(okafor(), cast, count="20").status_code == 302
    assert starts()[15:17] == [datetime(2027, 3, 9, 16, tzinfo=UTC), datetime(2027, 3, 16, 15, tzinfo=UTC)]


def test_a_series_without_an_end_is_booked_a_year_ahead(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    assert "Without an end, every week." in part(preview(okafor(), cast, ends="never"))
    assert book(okafor(), cast, ends="never").status_code == 302
    assert NOW + timedelta(weeks=53) - timedelta(days=6) < starts()[-1] < NOW + timedelta(weeks=55)


def test_a_series_that_is_too_long_is_refused_at_its_field(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    work = okafor()
    for field, value, sentence in (
        (
            "count",
            "105",
            "A series has 2 to 104 appointments. Nothing was booked; please write another number.",
        ),
        ("count", "", "Please write how many appointments there are."),
        (
            "every_weeks",
            "0",
            "An appointment repeats every 1 to 52 weeks. Nothing was booked; please write a number of weeks.",
        ),
    ):
        refused = work.post(NEW, **said(cast, **{field: value}))
        assert (refused.status_code, errors(refused)) == (422, [sentence])
    until = work.post(NEW, **said(cast, ends="on", ends_on="2029-01-01"))
    assert errors(until) == [
        "Until then there would be more than 104 appointments. Nothing was booked; please choose an earlier end, or no end at all."
    ]
    assert starts() == []


def statements(cast: Cast, count: str, day: str) -> int:
    """Return how many statements booking a series takes."""
    work, one = okafor(), said(cast, count=count, day=day)
    seen = seen_in(preview(work, cast, count=count, day=day))
    with CaptureQueriesContext(connection) as made:
        assert work.post(NEW, **one, seen=seen).status_code == 302
    return len(made)


def test_104_appointments_take_as_many_statements_as_two(cast: Cast) -> None:
    cast.booked(new_york(20, 9))
    assert statements(cast, "2", "2026-11-24") == statements(cast, "104", "2026-11-25")
    assert len(starts()) == 106
