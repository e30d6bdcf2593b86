"""Series without an end: the sweep books them a year ahead, and what is not free becomes a task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NEW_YORK, NOW, Cast, new_york
from tests.app.client_browser import words
from tests.app.notifications.test_series_entries import by_icalendar, weekly
from tests.app.staff_browser import links, okafor, section

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Practice
from raincheck.data.tasks import Task
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.notifications.formats import long_day_and_time, with_zone

WEEK = timedelta(weeks=1)
LATER = NOW + 4 * WEEK
LOS_ANGELES = "America/Los_Angeles"


def starts() -> list[datetime]:
    rows = Appointment.objects.filter(series__isnull=False).order_by("starts_at")
    return list(rows.values_list("starts_at", flat=True))


def test_the_sweep_books_an_endless_series_a_year_ahead(cast: Cast) -> None:
    made = len(weekly(cast))
    told = Notification.objects.filter(kind="booked").count()
    assert sweep(now=NOW)["series went on"] == 0
    assert sweep(now=LATER)["series went on"] == 1
    rows = Appointment.objects.filter(series=Series.objects.get())
    assert rows.count() == made + 4
    assert starts()[-1] > LATER + 53 * WEEK - timedelta(days=1)
    assert {(at.astimezone(NEW_YORK).hour, at.minute) for at in starts()} == {(11, 0)}
    assert Claim.objects.filter(appointment__in=rows).count() == 2 * rows.count()
    assert AppointmentHistory.objects.filter(actor_kind="system", event="booked").count() == 4
    assert Notification.objects.filter(kind="booked").count() == told
    assert sweep(now=LATER)["series went on"] == 0


def test_a_series_that_cannot_be_read_keeps_no_other_waiting(cast: Cast) -> None:
    weekly(cast)
    whole = starts()[-1]
    by = Actor(ActorKind.PROVIDER, cast.fischer.pk)
    hers = SeriesBooking(
        cast.fischer.pk,
        cast.maya.pk,
        cast.follow_up.pk,
        cast.telehealth.pk,
        datetime.fromisoformat("2026-11-24T11:00"),
        1,
    )
    run_command(partial(book_series, hers, by=by, now=NOW), key=None, body={}, by=by, now=NOW)
    Series.objects.filter(provider=cast.okafor).update(zone="Mars/Base")
    assert sweep(now=LATER)["series went on"] == 1
    rows = Appointment.objects.order_by("-starts_at")
    assert [rows.filter(provider=one)[0].starts_at for one in (cast.okafor, cast.fischer)] == [
        whole,
        whole + 4 * WEEK,
    ]
    assert list(Task.objects.values_list("kind", "provider")) == [("not_done", cast.okafor.pk)]
    assert sweep(now=LATER)["series went on"] == 0


def booked_far_ahead(cast: Cast, start: datetime) -> None:
    said = Booking(cast.okafor.pk, cast.maya.pk, cast.follow_up.pk, cast.telehealth.pk, start)
    run_command(
        partial(book, said, by=cast.by_okafor, now=NOW), key=None, body={}, by=cast.by_okafor, now=NOW
    )


def test_a_clash_is_a_task_and_no_appointment(cast: Cast) -> None:
    made = len(weekly(cast))
    taken = starts()[-1] + 2 * WEEK
    booked_far_ahead(cast, taken + timedelta(minutes=30))
    sweep(now=LATER)
    assert taken not in starts()
    assert len(starts()) == made + 3
    [task] = Task.objects.all()
    assert (task.kind, task.starts_at, task.series_id, task.client_id) == (
        "series_clash",
        taken,
        Series.objects.get().pk,
        cast.riley.pk,
    )
    home = okafor(LATER).get("/home/")
    assert "Riley's series goes on, but" in section(home, "Tasks")
    page = okafor(LATER).get(links(home)["Book another time"])
    assert 'value="11:00"' in page.content.decode()
    sweep(now=LATER + timedelta(days=1))
    assert Task.objects.count() == 1


def mailed(row: Notification) -> tuple[str, str]:
    """Return the words and the calendar entries of a mail as it leaves."""
    verb = partial(begin_attempt, row.pk, now=LATER)
    answer = run_command(verb, key=None, body={}, by=SYSTEM, now=LATER)
    attempt = DeliveryAttempt.objects.get(pk=answer["attempt"])
    return attempt.text, attempt.calendar


def test_a_client_is_told_of_a_date_that_their_calendar_shows_and_nobody_booked(cast: Cast) -> None:
    weekly(cast)
    taken = starts()[-1] + 2 * WEEK
    booked_far_ahead(cast, taken + timedelta(minutes=30))
    sweep(now=LATER)
    told = Notification.objects.filter(kind="date_left_out")
    assert [(one.channel, one.recipient is not None) for one in told] == [("email", True)]
    text, calendar = mailed(told[0])
    when = with_zone(long_day_and_time(taken, LOS_ANGELES, now=LATER), LOS_ANGELES)
    assert f"so nothing is booked then:\n\n- {when}\n" in text
    # The rule goes on behind what is made so far.
    last = starts()[-1]
    assert [start for start, _end in by_icalendar(calendar) if start <= last] == starts()
    assert taken < last
    assert Series.objects.get().ical_sequence == 1
    sweep(now=LATER + timedelta(days=1))
    assert Notification.objects.filter(kind="date_left_out").count() == 1


def test_a_date_left_out_is_not_told_where_bookings_are_not(cast: Cast) -> None:
    weekly(cast)
    taken = starts()[-1] + 2 * WEEK
    booked_far_ahead(cast, taken + timedelta(minutes=30))
    Practice.objects.filter(pk=cast.practice.pk).update(
        policy={**cast.practice.policy, "confirm_bookings": False}
    )
    sweep(now=LATER)
    assert not Notification.objects.filter(kind="date_left_out").exists()


def test_a_later_booking_is_told_of_a_standing_time(cast: Cast) -> None:
    weekly(cast)
    cast.booked(new_york(20, 9), client=cast.maya)
    said = {
        "client": str(cast.maya.ref),
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "day": "2028-01-11",
        "time": "11:30",
    }
    warned = okafor().post("/appointments/new/", **said)
    assert warned.status_code == 422
    assert "This is the standing time of Riley Brooks, whose series has no end." in words(warned)
    free = okafor().post("/appointments/new/", **{**said, "time": "12:00"})
    assert free.status_code == 302


@pytest.mark.parametrize("who", ["discharged", "archived", "left"])
def test_nothing_is_made_for_who_is_not_there_any_more(cast: Cast, who: str) -> None:
    made = len(weekly(cast))
    row = cast.okafor if who == "left" else cast.riley
    setattr(row, f"{who}_at", datetime(2026, 11, 20, tzinfo=UTC))
    row.save(update_fields=[f"{who}_at"])
    sweep(now=LATER)
    assert len(starts()) == made
