"""Undo of a move or cancellation: until its time to undo is over nothing has left, and one press puts the appointment back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, room_of, series_of
from tests.app.client_browser import words
from tests.app.sent_notifications import told
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import okafor

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.calendars.feeds import make_feed
from raincheck.actions.calendars.pushes import push_into
from raincheck.actions.clients.leaving import Discharge, discharge
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.calendars.pushes import CalendarPush
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.appointments.lifecycle import CancelReason, ChangedMeanwhile
from raincheck.domain.appointments.reinstating import SeriesEndedBefore
from raincheck.domain.appointments.undo import (
    ClientWasQuicker,
    EndedARequest,
    TakenBackAlready,
    TimeTakenSince,
    UndoTooLate,
)
from raincheck.domain.calendars.feeds import Titles, digest_of
from raincheck.domain.clients.leaving import NotInCare, Told
from raincheck.domain.conversations import Card
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.queries.calendars.feeds import entries_of
from raincheck.queries.calendars.pushes import to_push
from raincheck.queries.conversations import messages_of
from raincheck.queries.reschedule.bumps import bumps

MINUTE = timedelta(minutes=1)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, in a practice with the usual time to undo: a minute."""
    cast.choose()
    return cast


def move(cast: Cast, row: Appointment, *, to: datetime = FRIDAY_AT_NINE, now: datetime = NOW) -> None:
    details = Details(to, row.type_id, row.place_id, row.join_url)
    acted(partial(change_appointment_details, row.ref, details=details), cast.by_okafor, now=now)


def cancel(
    cast: Cast, row: Appointment, *, reason: CancelReason = CancelReason.CLINICAL, now: datetime = NOW
) -> None:
    said = Cancellation(reason, note="Flu.", rebook_link=True)
    acted(partial(cancel_appointment, row.ref, cancellation=said), cast.by_okafor, now=now)


def undo(cast: Cast, row: Appointment, *, sequence: int = 1, now: datetime = NOW + HALF_A_MINUTE) -> Answer:
    return acted(partial(undo_change, row.ref, sequence=sequence), cast.by_okafor, now=now)


def acted(verb: partial[Answer], by: Actor, *, now: datetime) -> Answer:
    return run_command(partial(verb, by=by, now=now), key=None, body={}, by=by, now=now)


def stands(row: Appointment) -> tuple[object, ...]:
    row = Appointment.objects.get(pk=row.pk)
    kept = Claim.objects.filter(appointment=row).count()
    return (row.status, row.starts_at, row.ical_sequence, row.cancelled_why, row.cancel_note, kept)


def events() -> list[str]:
    return list(AppointmentHistory.objects.order_by("pk").values_list("event", flat=True))


def cards(cast: Cast, *, now: datetime) -> list[str]:
    return [row.card for row in messages_of(Conversation.objects.get(client=cast.riley), now=now)]


@pytest.mark.parametrize(("act", "kind"), [(move, "moved"), (cancel, "cancelled")])
def test_a_change_stands_at_once_and_leaves_after_its_time_to_undo(
    cast: Cast, mailroom: Mailroom, act: partial[None], kind: str
) -> None:
    row = cast.booked()
    deliver_due(NOW)
    mailroom.got.clear()
    act(cast, row)
    deliver_due(NOW + MINUTE - timedelta(microseconds=1))
    assert (mailroom.got, cards(cast, now=NOW + HALF_A_MINUTE)) == ([], [Card.BOOKED])
    deliver_due(NOW + MINUTE)
    assert (len(mailroom.got), cards(cast, now=NOW + MINUTE)) == (1, [Card(kind), Card.BOOKED])


def test_a_move_that_is_undone_is_as_if_nobody_had_moved_it(cast: Cast, mailroom: Mailroom) -> None:
    row = cast.booked()
    deliver_due(NOW)
    mailroom.got.clear()
    move(cast, row)
    undo(cast, row)
    deliver_due(NOW + 60 * MINUTE)
    assert mailroom.got == []
    assert stands(row) == ("scheduled", TUESDAY_AT_ELEVEN, 2, None, "", 2)
    assert events() == ["booked", "details_changed", "undone"]
    assert cards(cast, now=NOW + 60 * MINUTE) == [Card.BOOKED]
    assert told()[-2:] == ["moved to client by email: obsolete", "moved to provider by in_app: obsolete"]


def test_a_cancellation_that_is_undone_is_as_if_nobody_had_canceled_it(
    cast: Cast, mailroom: Mailroom
) -> None:
    row = cast.booked()
    deliver_due(NOW)
    mailroom.got.clear()
    cancel(cast, row)
    undo(cast, row)
    deliver_due(NOW + 60 * MINUTE)
    assert mailroom.got == []
    assert stands(row) == ("scheduled", TUESDAY_AT_ELEVEN, 2, None, "", 2)
    assert events() == ["booked", "cancelled", "undone"]
    assert cards(cast, now=NOW + 60 * MINUTE) == [Card.BOOKED]
    assert not RebookOffer.objects.filter(expires_at__gt=NOW + HALF_A_MINUTE).exists()
    assert bumps(cast.riley.pk, now=NOW + MINUTE) == 0


def test_what_was_undone_can_be_canceled_with_a_link_to_book_anew(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    undo(cast, row)
    cancel(cast, row, now=NOW + MINUTE)
    offer = RebookOffer.objects.get()
    assert (offer.booked_id, offer.expires_at > NOW + MINUTE) == (None, True)
    assert bumps(cast.riley.pk, now=NOW + MINUTE) == 1


def test_place_and_type_go_back_with_the_time(cast: Cast) -> None:
    row = cast.booked()
    details = Details(FRIDAY_AT_NINE, cast.intake.pk, row.place_id, "https://meet.example/other")
    acted(partial(change_appointment_details, row.ref, details=details), cast.by_okafor, now=NOW)
    undo(cast, row)
    now_so = Appointment.objects.get(pk=row.pk)
    assert (now_so.type_id, now_so.span, now_so.join_url) == (row.type_id, row.span, row.join_url)


@pytest.mark.parametrize("act", [move, cancel])
def test_undo_is_refused_once_its_time_is_over(cast: Cast, act: partial[None]) -> None:
    row = cast.booked()
    act(cast, row)
    stood = stands(row)
    with pytest.raises(UndoTooLate):
        undo(cast, row, now=NOW + MINUTE)
    assert stands(row) == stood


@pytest.mark.parametrize("act", [move, cancel])
def test_undo_is_refused_once_the_freed_time_is_taken(cast: Cast, act: partial[None]) -> None:
    row = cast.booked()
    act(cast, row)
    cast.booked(client=cast.maya)
    stood = stands(row)
    with pytest.raises(TimeTakenSince):
        undo(cast, row)
    assert stands(row) == stood


@pytest.mark.parametrize("act", [move, cancel])
def test_a_second_undo_is_told_of_the_first(cast: Cast, act: partial[None]) -> None:
    row = cast.booked()
    act(cast, row)
    undo(cast, row)
    with pytest.raises(TakenBackAlready):
        undo(cast, row)


@pytest.mark.parametrize("act", [move, cancel])
def test_what_a_client_was_reminded_of_is_not_told_again_after_an_undo(
    cast: Cast, act: partial[None]
) -> None:
    row, now = cast.booked(), TUESDAY_AT_ELEVEN - timedelta(hours=48)
    sweep(now=now)
    act(cast, row, now=now + MINUTE)
    undo(cast, row, now=now + MINUTE + HALF_A_MINUTE)
    sweep(now=now + 3 * MINUTE)
    assert told().count("appointment_reminder to client by email: waiting") == 1


def test_a_cancellation_is_not_undone_for_whoever_left_care_since(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    acted(partial(discharge, cast.riley.pk, said=Discharge(Told.NOTHING)), cast.by_okafor, now=NOW)
    stood = stands(row)
    with pytest.raises(NotInCare):
        undo(cast, row)
    assert stands(row) == stood


def test_a_cancellation_is_not_undone_once_its_series_ends_before_it(cast: Cast) -> None:
    row = cast.booked()
    row.series = series_of(cast, begins_on=date(2026, 11, 10), ends_on=date(2026, 11, 23))
    row.recurrence_id = datetime(2026, 11, 24, 11)  # noqa: DTZ001  # a time on the clock
    row.save(update_fields=["series", "recurrence_id"])
    cancel(cast, row)
    stood = stands(row)
    with pytest.raises(SeriesEndedBefore):
        undo(cast, row)
    assert stands(row) == stood


def test_undo_is_refused_once_anything_else_was_done(cast: Cast) -> None:
    row = cast.booked()
    move(cast, row)
    cast.asked(Appointment.objects.get(pk=row.pk))
    with pytest.raises(ChangedMeanwhile):
        undo(cast, row)


def test_of_two_moves_the_last_is_undone(cast: Cast) -> None:
    row = cast.booked()
    move(cast, row)
    move(cast, row, to=FRIDAY_AT_NINE + 60 * MINUTE)
    with pytest.raises(ChangedMeanwhile):
        undo(cast, row, sequence=1)
    undo(cast, row, sequence=2)
    assert stands(row)[:3] == ("scheduled", FRIDAY_AT_NINE, 3)


def test_another_place_is_told_after_the_move_that_still_waits(cast: Cast, mailroom: Mailroom) -> None:
    row = cast.booked()
    deliver_due(NOW)
    mailroom.got.clear()
    move(cast, row)
    details = Details(FRIDAY_AT_NINE, row.type_id, room_of(cast).pk, "")
    acted(
        partial(change_appointment_details, row.ref, details=details), cast.by_okafor, now=NOW + HALF_A_MINUTE
    )
    deliver_due(NOW + MINUTE - timedelta(microseconds=1))
    assert mailroom.got == []
    deliver_due(NOW + MINUTE)
    # As the mail server got them: both were handed over at one instant of the clock.
    assert [mail["Subject"] for mail in mailroom.got if "riley@" in mail["To"]] == [
        "Your appointment has a new time",
        "Your appointment has changed",
    ]


def test_what_ends_a_request_is_told_at_once(cast: Cast) -> None:
    row = cast.booked()
    cast.asked(row)
    cancel(cast, row)
    assert set(Notification.objects.filter(kind="cancelled").values_list("due_at", flat=True)) == {NOW}
    with pytest.raises(EndedARequest):
        undo(cast, row)


@pytest.mark.parametrize(("ahead", "waits"), [(timedelta(hours=2), True), (timedelta(minutes=119), False)])
def test_nothing_waits_less_than_two_hours_before_the_start(
    cast: Cast, ahead: timedelta, *, waits: bool
) -> None:
    row = cast.booked()
    now = TUESDAY_AT_ELEVEN - ahead
    cancel(cast, row, now=now)
    due = set(Notification.objects.filter(kind="cancelled").values_list("due_at", flat=True))
    assert due == {now + MINUTE if waits else now}


@pytest.mark.parametrize("undone", [True, False])
def test_calendars_have_a_change_once_it_has_left(cast: Cast, *, undone: bool) -> None:
    digest = digest_of("a token")
    acted_alone(partial(make_feed, cast.okafor, digest=digest, titles=Titles.NEUTRAL, now=NOW))
    acted_alone(partial(make_feed, cast.riley, digest=digest_of("another"), titles=Titles.NEUTRAL, now=NOW))
    row, other = cast.booked(), cast.booked(TUESDAY_AT_ELEVEN + 120 * MINUTE)
    move(cast, row)
    cancel(cast, other)
    if undone:
        undo(cast, row)
        undo(cast, other)
    first = (TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + 120 * MINUTE)
    for feed in CalendarFeed.objects.all():
        waits = entries_of(feed, now=NOW + HALF_A_MINUTE)
        left = entries_of(feed, now=NOW + MINUTE)
        assert [(one.start, one.cancelled) for one in waits] == [(start, False) for start in first]
        assert {(one.start, one.cancelled) for one in left} == (
            {(start, False) for start in first} if undone else {(FRIDAY_AT_NINE, False), (first[1], True)}
        )
        assert {one.sequence for one in waits} == ({2} if undone else {0})


def test_nothing_is_pushed_into_a_calendar_before_it_has_left(cast: Cast) -> None:
    calendar = BusyCalendar.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        name="Mine",
        kind="caldav",
        next_check_at=NOW,
        read_at=NOW,
        read_until=NOW,
    )
    acted_alone(partial(push_into, calendar.ref, provider_id=cast.okafor.pk, now=NOW))
    row = cast.booked()
    push = CalendarPush.objects.get()
    move(cast, row)
    shown = [to_push(push, now=NOW + after, limit=10) for after in (HALF_A_MINUTE, MINUTE)]
    assert shown == [[], [row]]


@pytest.mark.parametrize(
    ("act", "words_said"), [("cancel", "Canceled: Riley Brooks"), ("change", "Saved: Riley Brooks")]
)
def test_the_page_after_a_change_has_a_button_to_undo_it(cast: Cast, act: str, words_said: str) -> None:
    row, work = cast.booked(), okafor()
    said = (
        {"reason": "clinically_necessary"}
        if act == "cancel"
        else {
            "day": "2026-11-27",
            "time": "09:00",
            "type": str(row.type.ref),
            "place": str(row.place.ref),
            "join_url": row.join_url,
        }
    )
    sent = work.post(f"/appointments/{row.ref}/{act}/", **said)
    assert sent.status_code == 302
    page = work.get(sent["Location"])
    assert words_said in words(page)
    assert "It goes out within 1 minute. Undo" in words(page)
    here = f"/appointments/{row.ref}/"
    assert f'action="{here}undo/1/"' in page.content.decode()
    assert f'action="{here}undo/1/"' in work.get(here).content.decode()
    assert work.post(f"{here}undo/1/")["Location"] == here
    assert "Undone. Nothing was sent to Riley, and the appointment is as it was." in words(work.get(here))
    assert stands(row)[:3] == ("scheduled", TUESDAY_AT_ELEVEN, 2)


def acted_alone(verb: partial[Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)


def test_a_cancellation_is_not_undone_once_its_client_has_booked_anew(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    offer = RebookOffer.objects.get()
    acted(partial(rebook, offer.ref, start=FRIDAY_AT_NINE), cast.by_riley, now=NOW + HALF_A_MINUTE)
    with pytest.raises(ClientWasQuicker):
        undo(cast, row)
    assert stands(row)[0] == "cancelled"


def test_what_was_booked_anew_before_keeps_no_later_cancellation_from_being_undone(cast: Cast) -> None:
    row = cast.booked()
    cancel(cast, row)
    offer = RebookOffer.objects.get()
    late = NOW + 10 * MINUTE
    acted(partial(rebook, offer.ref, start=FRIDAY_AT_NINE), cast.by_riley, now=late)
    acted(partial(reinstate, row.ref, new_time_confirmed=True), cast.by_okafor, now=late + MINUTE)
    said = Cancellation(CancelReason.CLINICAL, rebook_link=False)
    acted(partial(cancel_appointment, row.ref, cancellation=said), cast.by_okafor, now=late + 2 * MINUTE)
    undo(cast, row, sequence=3, now=late + 2 * MINUTE + HALF_A_MINUTE)
    assert stands(row)[:2] == ("scheduled", TUESDAY_AT_ELEVEN)


@pytest.mark.parametrize("suggested", [True, False])
def test_undo_is_refused_while_the_freed_time_is_held_for_another_client(
    cast: Cast, *, suggested: bool
) -> None:
    row, other = cast.booked(), cast.booked(new_york(25, 11), client=cast.maya)
    cancel(cast, row)
    request = cast.asked(other, suggestions=(TUESDAY_AT_ELEVEN,) if suggested else ())
    if not suggested:
        by = Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk)
        hold = partial(hold_time, request.ref, start=TUESDAY_AT_ELEVEN, now=NOW)
        run_command(hold, key=None, body={}, by=by, now=NOW)
    with pytest.raises(TimeTakenSince):
        undo(cast, row)
    assert stands(row)[0] == "cancelled"
