"""One session a day: what a client is not offered on a day on which they come already, and what staff are told."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, choosable, handed_over, page_of, words
from tests.app.staff_browser import okafor

from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.reschedule.open_times import watch_open_times
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.slots import rebook_question, reschedule_question
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import SlotNotOpen
from raincheck.domain.policy import OneADay
from raincheck.domain.slots import open_slots
from raincheck.queries.reschedule.suggest import week_to_suggest

FRIDAY_AT_THREE = new_york(27, 15)
FRIDAYS_ONLY = {"weekly": [{"weekday": 4, "start": "09:00", "end": "10:00", "places": []}], "overrides": []}


def offered(row: Appointment) -> list[datetime]:
    """Return what an appointment could move to on Tuesday the 24th and Friday the 27th."""
    row = Appointment.objects.select_related("practice", "provider", "client", "place").get(pk=row.pk)
    starts = open_slots(reschedule_question(row, now=NOW, notice=0 * MINUTES))
    return [start for start in starts if start.day in (24, 27) and start.month == 11]


def test_a_day_on_which_a_client_comes_already_has_no_times_for_them(cast: Cast) -> None:
    row = cast.booked()
    before = offered(row)
    cast.booked(FRIDAY_AT_THREE)
    after = offered(row)
    # The appointment that moves closes only the time it has.
    assert (after, {start.day for start in before}) == (
        [start for start in before if start.day == 24],
        {24, 27},
    )


def test_a_pick_of_a_day_on_which_the_client_comes_already_is_refused(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.booked(FRIDAY_AT_THREE)
    with pytest.raises(SlotNotOpen):
        cast.pick(request)
    request.refresh_from_db()
    assert request.state == "open"


@pytest.mark.parametrize(
    ("rule", "with_whom", "open_still"),
    [
        (OneADay.WITH_PROVIDER, "fischer", True),
        (OneADay.WITH_ANYONE, "fischer", False),
        (OneADay.NO_RULE, "okafor", True),
    ],
)
def test_a_practice_chooses_which_sessions_close_their_day(
    cast: Cast, rule: OneADay, with_whom: str, open_still: bool
) -> None:
    cast.choose(one_a_day=rule.value)
    row = cast.booked()
    cast.booked(FRIDAY_AT_THREE, provider=getattr(cast, with_whom))
    assert (FRIDAY_AT_NINE in offered(row)) is open_still


@pytest.mark.parametrize("rule", [OneADay.WITH_PROVIDER, OneADay.NO_RULE])
def test_a_request_without_a_time_on_another_day_becomes_a_task(cast: Cast, rule: OneADay) -> None:
    cast.choose(one_a_day=rule.value)
    cast.asked(cast.booked())
    for weeks in range(-1, 12):
        cast.booked(FRIDAY_AT_THREE + weeks * 7 * 24 * 60 * MINUTES)
    cast.okafor.availability = FRIDAYS_ONLY
    cast.okafor.save(update_fields=["availability"])
    watch_open_times(cast.okafor, now=NOW)
    made = Task.objects.filter(kind="no_open_times", done_at__isnull=True).count()
    assert made == (1 if rule is OneADay.WITH_PROVIDER else 0)


def test_staff_book_a_second_session_of_a_day_after_a_word(cast: Cast) -> None:
    cast.booked()
    me = okafor()
    said = {
        "client": str(cast.riley.ref),
        "type": str(cast.follow_up.ref),
        "place": str(cast.telehealth.ref),
        "day": "2026-11-24",
        "time": "14:00",
    }
    warned = me.post("/appointments/new/", **said)
    assert "This client already has a session on that day." in words(warned)
    booked = me.post("/appointments/new/", **said, anyway=new_york(24, 14).isoformat())
    assert (booked.status_code, Appointment.objects.filter(client=cast.riley).count()) == (302, 2)


def test_a_day_chosen_for_one_is_not_offered_for_the_next(cast: Cast) -> None:
    rows = [cast.booked(), cast.booked(new_york(25, 11))]
    first = cast.asked(*rows)
    second = RescheduleRequest.objects.get(appointment=rows[1])
    choices = {f"start-{first.ref}": "2026-11-27T14:00Z", f"start-{second.ref}": "2026-11-27T20:00Z"}
    page = Visitor(first.batch).get(page_of(first), **choices)
    assert "Fri, Nov 27 at 12:00 PM is not open any more. Nothing has changed." in words(page)


def test_a_provider_who_suggests_times_reads_the_hours_of_such_a_day_as_they_are(cast: Cast) -> None:
    row = cast.booked()
    cast.booked(FRIDAY_AT_THREE)
    found = Appointment.objects.select_related("practice", "provider", "client", "place", "type").get(
        pk=row.pk
    )
    week = week_to_suggest([found], day=date(2026, 11, 27), now=NOW)
    assert {one.at: one.in_hours for one in week.free}[FRIDAY_AT_NINE]


def test_a_new_booking_by_a_link_is_not_offered_on_such_a_day(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked()))
    cast.booked(FRIDAY_AT_THREE)
    offer = RebookOffer.objects.select_related("practice", "provider", "type", "place").get()
    days = {start.day for start in open_slots(rebook_question(offer, now=NOW)) if start.month == 11}
    assert (24 in days, 27 in days) == (True, False)


def test_only_the_days_of_the_providers_clock_count(cast: Cast) -> None:
    """At 11 PM in New York it is the next day in UTC, and still the same on the provider's clock."""
    row = cast.booked()
    cast.booked(new_york(26, 23))
    assert {start.day for start in offered(row)} == {24, 27}
    assert TUESDAY_AT_ELEVEN not in offered(row)


def test_two_times_held_for_one_day_are_one_day_all_the_same(cast: Cast) -> None:
    """Two tabs hold them: a held time closes no day, and the first pick does."""
    rows = [cast.booked(), cast.booked(new_york(25, 11))]
    first = handed_over(cast.asked(*rows))
    second = RescheduleRequest.objects.get(appointment=rows[1])
    for request, start in ((first, FRIDAY_AT_NINE), (second, FRIDAY_AT_THREE)):
        verb = partial(hold_time, request.ref, start=start, now=NOW)
        run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    visitor, held = Visitor(first.batch), "Friday, November 27, 12:00 PM"
    assert held in choosable(visitor.get(page_of(first), day="2026-11-27", open=str(second.ref)))
    cast.pick(first, FRIDAY_AT_NINE)
    assert held not in choosable(visitor.get(page_of(first), day="2026-11-27", open=str(second.ref)))
    with pytest.raises(SlotNotOpen):
        cast.pick(second, FRIDAY_AT_THREE)
