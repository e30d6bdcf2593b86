"""Undo of what was done with several appointments of a series at once: one press puts all of them back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

import pytest
from tests.app.appointments.test_series_changes import DATES, cancelled, changed, standing
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import words
from tests.app.form_fields import filled
from tests.app.notifications.test_series_entries import weekly
from tests.app.sent_notifications import told
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import okafor

from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.calendars.feeds import make_feed
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.conversations import Message
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.appointments.lifecycle import ChangedMeanwhile
from raincheck.domain.appointments.series import Scope
from raincheck.domain.appointments.undo import TakenBackAlready, TimeTakenSince, UndoTooLate
from raincheck.domain.calendars.feeds import Titles, digest_of
from raincheck.domain.refusals import Refusal
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.notifications.calendar_feeds import Entry
from raincheck.queries.calendars.feeds import entries_of

MINUTE = timedelta(minutes=1)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, in a practice with the usual time to undo: a minute."""
    cast.choose()
    return cast


def cancel(cast: Cast, row: Appointment, scope: Scope = Scope.FOLLOWING) -> None:
    cancelled(cast, row, scope, note="Flu.", rebook_link=True)


def move(cast: Cast, row: Appointment, scope: Scope = Scope.FOLLOWING) -> None:
    changed(cast, row, scope, start=row.starts_at + timedelta(hours=3))


def undo(cast: Cast, row: Appointment, *, sequence: int = 1, now: datetime = NOW + HALF_A_MINUTE) -> Answer:
    verb = partial(undo_change, row.ref, sequence=sequence, by=cast.by_okafor, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def as_they_stand() -> list[tuple[object, ...]]:
    rows = Appointment.objects.order_by("recurrence_id")
    return [
        (
            row.starts_at,
            row.recurrence_id,
            row.series_id,
            row.status,
            row.cancel_note,
            row.type_id,
            row.place_id,
        )
        for row in rows
    ]


both = pytest.mark.parametrize("act", [cancel, move])


@both
@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
def test_what_is_undone_is_as_if_nobody_had_touched_the_series(
    cast: Cast, mailroom: Mailroom, act: partial[None], scope: Scope
) -> None:
    rows = weekly(cast, count=4)
    deliver_due(NOW)
    mailroom.got.clear()
    before, messages = as_they_stand(), list(Message.objects.values("pk", "card"))
    act(cast, rows[2], scope)
    assert as_they_stand() != before
    deliver_due(NOW + HALF_A_MINUTE)
    undo(cast, rows[3])
    deliver_due(NOW + 60 * MINUTE)
    assert (mailroom.got, as_they_stand(), list(Message.objects.values("pk", "card"))) == (
        [],
        before,
        messages,
    )
    series, *others = Series.objects.order_by("pk")
    assert (series.ends_on, series.ical_sequence) == (None, 2)
    assert all(one.ends_on is not None and one.ends_on < one.begins_on for one in others)
    assert not RebookOffer.objects.filter(expires_at__gt=NOW + HALF_A_MINUTE).exists()
    assert Claim.objects.filter(appointment__in=rows).count() == 2 * len(rows)
    touched = rows if scope is Scope.ALL else rows[2:]
    undone = AppointmentHistory.objects.filter(event="undone", sequence=2).values_list(
        "appointment", flat=True
    )
    assert sorted(undone) == [row.pk for row in touched]
    kind = "cancelled" if act is cancel else "moved"
    assert told()[-2:] == [f"{kind} to client by email: obsolete", f"{kind} to provider by in_app: obsolete"]


@both
def test_what_is_not_undone_leaves_as_one_message_when_the_minute_is_over(
    cast: Cast, mailroom: Mailroom, act: partial[None]
) -> None:
    rows = weekly(cast, count=4)
    deliver_due(NOW)
    mailroom.got.clear()
    act(cast, rows[2])
    deliver_due(NOW + MINUTE - timedelta(microseconds=1))
    assert mailroom.got == []
    deliver_due(NOW + MINUTE)
    assert len(mailroom.got) == 1
    with pytest.raises(UndoTooLate):
        undo(cast, rows[2], now=NOW + MINUTE)


def one_is_moved_by_itself(cast: Cast, rows: list[Appointment]) -> None:
    row = Appointment.objects.get(pk=rows[3].pk)
    details = Details(row.starts_at + timedelta(hours=1), row.type_id, row.place_id, row.join_url)
    verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def one_is_asked_about(cast: Cast, rows: list[Appointment]) -> None:
    cast.asked(Appointment.objects.get(pk=rows[3].pk))


def its_time_is_taken(cast: Cast, rows: list[Appointment]) -> None:
    cast.booked(DATES[3], client=cast.maya)


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (one_is_moved_by_itself, ChangedMeanwhile),
        (one_is_asked_about, ChangedMeanwhile),
        (its_time_is_taken, TimeTakenSince),
    ],
)
def test_all_stay_as_they_are_once_something_else_happened_to_one(
    cast: Cast, meanwhile: partial[None], refusal: type[Refusal]
) -> None:
    rows = weekly(cast, count=4)
    move(cast, rows[2])
    meanwhile(cast, rows)
    before, series = as_they_stand(), list(Series.objects.values())
    with pytest.raises(refusal):
        undo(cast, rows[2])
    assert (as_they_stand(), list(Series.objects.values())) == (before, series)


def test_a_series_that_went_on_meanwhile_stays_as_it_is(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    move(cast, rows[2])
    went_on = cast.booked(new_york(22, 14, month=12))
    began = Appointment.objects.get(pk=rows[2].pk).series
    first_start = datetime(2026, 12, 22, 14)  # noqa: DTZ001  # a wall time
    Appointment.objects.filter(pk=went_on.pk).update(series=began, recurrence_id=first_start)
    with pytest.raises(ChangedMeanwhile):
        undo(cast, rows[2])


def test_of_two_changes_of_a_series_the_last_is_undone_first(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    cancel(cast, rows[2])
    cancel(cast, Appointment.objects.get(pk=rows[1].pk))
    with pytest.raises(ChangedMeanwhile):
        undo(cast, rows[3])
    undo(cast, rows[1])
    assert (standing(), Series.objects.get().ends_on) == (DATES[:2], date(2026, 12, 7))


def test_calendars_have_a_series_as_it_was_before_all_that_waits(cast: Cast) -> None:
    verb = partial(make_feed, cast.riley, digest=digest_of("one"), titles=Titles.NEUTRAL, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    rows, feed = weekly(cast, count=4), CalendarFeed.objects.get()
    before = entries_of(feed, now=NOW)
    cancel(cast, rows[2])
    cancel(cast, Appointment.objects.get(pk=rows[1].pk))
    assert entries_of(feed, now=NOW + HALF_A_MINUTE) == before


@both
def test_a_second_press_is_told_of_the_first(cast: Cast, act: partial[None]) -> None:
    rows = weekly(cast, count=4)
    act(cast, rows[2])
    undo(cast, rows[2])
    with pytest.raises(TakenBackAlready):
        undo(cast, rows[3])


@both
def test_calendars_have_the_series_as_it_was_until_its_change_has_left(
    cast: Cast, act: partial[None]
) -> None:
    for whose, token in ((cast.okafor, "one"), (cast.riley, "other")):
        verb = partial(make_feed, whose, digest=digest_of(token), titles=Titles.NEUTRAL, now=NOW)
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    rows = weekly(cast, count=4)

    def shown(now: datetime) -> list[list[Entry]]:
        return [entries_of(feed, now=now) for feed in CalendarFeed.objects.order_by("pk")]

    before = shown(NOW)
    act(cast, rows[2])
    assert shown(NOW + HALF_A_MINUTE) == before
    assert shown(NOW + MINUTE) != before


def test_the_page_after_a_change_of_several_has_a_button_to_undo_it(cast: Cast) -> None:
    rows, work = weekly(cast, count=4), okafor()
    sent = filled(
        work, f"/appointments/{rows[1].ref}/cancel/", scope="following", reason="clinically_necessary"
    )
    page = work.get(sent["Location"])
    assert "Canceled: 3 appointments of Riley Brooks." in words(page)
    assert "It goes out within 1 minute. Undo" in words(page)
    here = f"/appointments/{rows[2].ref}/"
    assert f'action="{here}undo/1/"' in work.get(here).content.decode()
    work.post(f"{here}undo/1/")
    assert "Undone. Nothing was sent to Riley, and all the appointments are as they were." in words(
        work.get(here)
    )
    assert standing() == DATES


@both
def test_nobody_waits_for_what_ends_a_request(cast: Cast, mailroom: Mailroom, act: partial[None]) -> None:
    rows = weekly(cast, count=4)
    cast.choose(undo=0)
    cast.asked(rows[3])
    cast.choose()
    deliver_due(NOW)
    mailroom.got.clear()
    act(cast, Appointment.objects.get(pk=rows[2].pk))
    deliver_due(NOW)
    assert len(mailroom.got) == 1
