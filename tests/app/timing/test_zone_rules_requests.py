"""Zone rules that change under open requests, time off, and what people see of it on their pages."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, time_off
from tests.app.client_browser import Visitor, form_of, page_of, words
from tests.app.engine.test_acting_once import everything
from tests.app.sent_notifications import latest, said_in
from tests.app.staff_browser import links, mallory, manager, okafor
from tests.app.timing.test_zone_rules import (
    CLASH,
    DAY,
    HOUR,
    MOVED,
    applied,
    events,
    hour_earlier,
    hour_later,
    in_chicago,
    of,
    tasks,
)
from tests.made_up_rules import made_up_rules
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.cli.zone_rules import run as zones_command
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.zone_rules import ZoneRules
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.timing.zone_rules import version_in_use

OFF = "time off kept on the clock"
SOON = TUESDAY_AT_ELEVEN - 30 * HOUR
"""An ask at this time leaves 28 hours: the start decides the deadline, not the answer window."""


def fresh(request: RescheduleRequest) -> RescheduleRequest:
    return RescheduleRequest.objects.get(pk=request.pk)


def test_an_open_request_stays_open_and_follows(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row)
    with hour_later():
        assert applied() == {MOVED: 1}
    after = fresh(request)
    assert (after.state, after.asked_span, after.deadline_at, after.remind_at) == (
        "open", of(row).span, request.deadline_at, request.remind_at,
    )  # fmt: skip
    assert (after.asked_starts_at, tasks(), broken()) == (row.starts_at + HOUR, [], {})


def test_a_deadline_that_the_start_had_cut_short_comes_later_with_it(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row, now=SOON)
    assert request.deadline_at == row.starts_at - 2 * HOUR
    since = latest()
    with hour_later():
        assert applied(now=SOON + HOUR) == {MOVED: 1}
        mail = Notification.objects.get(pk__gt=since, recipient__isnull=False)
        words = said_in(mail, now=SOON + HOUR).words
    after = fresh(request)
    assert (after.deadline_at, after.remind_at) == (request.deadline_at + HOUR, request.remind_at + HOUR)
    assert events(row)[-2:] == ["zone_corrected", "deadline_moved"]
    moved = AppointmentHistory.objects.get(event="deadline_moved")
    assert moved.details == {"to": after.deadline_at.isoformat(), "why": "zone_rules"}
    assert mail.batch_id == request.batch_id
    assert words.text.splitlines()[9:11] == [
        "You were asked to choose a new time. You still can, until Tuesday, November 24 at 7:00 AM (Los Angeles time).",
        "",
    ]


def test_a_deadline_that_a_sooner_start_leaves_no_room_for_waits_for_a_person(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row, now=SOON)
    RescheduleRequest.objects.update(handed_over_at=SOON)
    since = latest()
    with hour_earlier():
        assert applied(now=SOON + HOUR) == {MOVED: 1}
    after = fresh(request)
    assert (after.state, after.deadline_at, after.needs_provider, after.needs_provider_at, after.remind_at) == (
        "open", request.deadline_at, "no_room_after_zone_change", SOON + HOUR, None,
    )  # fmt: skip
    assert tasks() == [("needs_provider", None)]
    assert events(row)[-2:] == ["zone_corrected", "needs_provider"]
    mail = said_in(Notification.objects.get(pk__gt=since, recipient__isnull=False), now=SOON + HOUR)
    assert (
        "You were asked to choose a new time. You still can.\n\nChoose a new time: {link}" in mail.words.text
    )
    sweep(now=request.deadline_at + HOUR - 5 * MINUTES)
    assert fresh(request).state == "open", "it never lapses"
    sweep(now=of(row).starts_at)
    assert (fresh(request).state, broken()) == ("void", {})


def test_the_page_no_longer_says_that_silence_cancels(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row, now=SOON)
    with hour_earlier():
        applied(now=SOON + HOUR)
        page = words(Visitor(request.batch, now=SOON + HOUR).get(page_of(request)))
        staff_page = words(okafor(SOON + HOUR).get(f"/appointments/{row.ref}/"))
    assert (
        "This appointment isn't settled. Dr. Okafor may not be able to come. Harbor Counseling will contact you:"
        " +1 212 555 0100." in page
    )
    assert "this appointment is canceled" not in page
    assert (
        "New clock rules left Riley too little time to answer. The appointment still stands, and the request waits"
        in staff_page
    )
    assert "New clock rules left too little time to answer, so the request waits for a person." in staff_page


def test_a_deadline_never_lies_after_the_start(cast: Cast) -> None:
    """A zone that skips three hours: the deadline, two hours before the former start, would come after the new one."""
    row = cast.booked()
    request = cast.asked(row, now=SOON)
    with made_up_rules("America/New_York", -5, on_20261123T1500=-2):
        assert applied(now=SOON + HOUR) == {MOVED: 1}
    after = fresh(request)
    assert (of(row).starts_at, after.deadline_at) == (row.starts_at - 3 * HOUR, row.starts_at - 5 * HOUR)
    assert (after.needs_provider, tasks()) == ("no_room_after_zone_change", [("needs_provider", None)])


def test_a_request_about_what_clashes_stays_as_it_is(cast: Cast) -> None:
    row = cast.booked()
    in_chicago(cast, new_york(24, 10, 5))
    request = cast.asked(row)
    with hour_earlier():
        assert applied() == {CLASH: 1}
    after = fresh(request)
    assert (after.state, after.asked_span, after.deadline_at) == ("open", row.span, request.deadline_at)
    assert (tasks(), broken()) == ([("zone_clash", row.pk)], {})


def test_a_pick_after_the_correction_moves_as_before(cast: Cast) -> None:
    row = cast.booked()
    request = cast.asked(row)
    with hour_later():
        applied()
        cast.pick(request, FRIDAY_AT_NINE + HOUR)
    assert (of(row).starts_at, fresh(request).state, broken()) == (FRIDAY_AT_NINE + HOUR, "moved", {})


def test_an_asked_appointment_costs_nothing_after_the_correction_either(cast: Cast) -> None:
    row = cast.booked()
    cast.withdraw(cast.asked(row))
    with hour_later():
        applied()
        said = Cancellation(CancelReason.CLIENT_ASKED)
        late = row.starts_at - 2 * HOUR
        verb = partial(cancel_appointment, row.ref, cancellation=said, by=cast.by_okafor, now=late)
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=late)
    assert (of(row).cancelled_why, of(row).fee_allowed) == ("client_late", False)


@pytest.mark.parametrize("ended", ["moved", "withdrawn"])
def test_an_ending_still_says_what_it_was(cast: Cast, ended: str) -> None:
    request = cast.asked(cast.booked())
    cast.pick(request) if ended == "moved" else cast.withdraw(request)
    with hour_later():
        assert applied() == {MOVED: 1}
        page = words(Visitor(request.batch).get(form_of(request)))
    assert {"moved": "You're all set, Riley", "withdrawn": "Your original time stands"}[ended] in page


def blocks() -> list[tuple[datetime, datetime]]:
    return list(OutOfOffice.objects.order_by("pk").values_list("starts_at", "ends_at"))


def test_a_day_off_stays_that_day(cast: Cast) -> None:
    time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True)
    time_off(cast.okafor, new_york(25, 12), new_york(25, 17))
    with hour_later():
        assert applied() == {OFF: 2}
        assert applied() == {}
    assert blocks() == [
        (new_york(26, 0) + HOUR, new_york(27, 0) + HOUR),
        (new_york(25, 12) + HOUR, new_york(25, 17) + HOUR),
    ]


def test_time_off_over_a_clock_change_gets_its_length_from_the_clock(cast: Cast) -> None:
    time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True)
    with made_up_rules("America/New_York", -5, on_20261126T1000=-4):
        assert applied() == {OFF: 1}
    assert blocks() == [(new_york(26, 0), new_york(27, 0) - HOUR)]


def test_time_off_that_is_over_or_removed_or_never_comes_is_left_alone(cast: Cast) -> None:
    time_off(cast.okafor, NOW - DAY, NOW)
    time_off(cast.okafor, new_york(25, 12), new_york(25, 17), removed_at=NOW)
    time_off(cast.okafor, new_york(29, 2), new_york(29, 3))
    before = blocks()
    with made_up_rules("America/New_York", -5, on_20261129T0700=-4):
        assert applied() == {}
    assert blocks() == before


def test_the_list_shows_what_moved_and_what_could_not(cast: Cast) -> None:
    clashing, moved = cast.booked(), cast.booked(new_york(25, 9), client=cast.maya)
    in_chicago(cast, new_york(24, 10, 5))
    with hour_earlier():
        applied()
        page = okafor().get("/appointments/new-clock-rules/")
    said = words(page)
    assert (
        "Could not stay at their time Riley Brooks Tue, Nov 24 · 12:00 PM Follow-up · 8:00 AM for Riley"
        in said
    )
    assert "It should be at Tue, 11:00 AM, but that time is taken." in said
    assert "Stay at their time Maya Chen Wed, Nov 25 · 9:00 AM Follow-up" in said
    assert "Stays at 9:00 AM. Left alone, it would now be at 10:00 AM." in said
    assert links(page)["Change appointment details"] == f"/appointments/{clashing.ref}/change/"
    assert "Maya" not in words(mallory().get("/appointments/new-clock-rules/"))
    assert of(moved).starts_at == moved.starts_at - HOUR


def test_what_somebody_changed_since_is_off_the_list(cast: Cast) -> None:
    row = cast.booked()
    with hour_earlier():
        applied()
        cast.decline(cast.asked(row))
        assert "Nothing has changed" in words(okafor().get("/appointments/new-clock-rules/"))


def test_home_leads_to_the_list_from_the_task_and_from_the_news(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(25, 9), client=cast.maya)
    in_chicago(cast, new_york(24, 10, 5))
    with hour_earlier():
        applied()
        page = okafor().get("/home/")
        late = manager(cast, NOW + 2 * HOUR).get("/home/")
    assert (
        "The clock rules changed, and Riley's appointment could not stay at its time: that is taken. Please agree on a time."
        in words(page)
    )
    assert links(page)["See what the new rules changed"] == "/appointments/new-clock-rules/"
    assert links(page)["See what changed"] == "/appointments/new-clock-rules/"
    assert "Riley's appointment could not stay at its time" in words(late)


def test_the_history_says_why_the_instant_changed(cast: Cast) -> None:
    row = cast.booked()
    with hour_earlier():
        applied()
        page = words(okafor().get(f"/appointments/{row.ref}/"))
    assert "The clock rules changed. It stays at its time on the clock: Tue, Nov 24 · 11:00 AM." in page


def test_the_command_lists_first_and_applies_when_told(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    row = cast.booked()
    block = time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True)
    with hour_earlier():
        before = everything()
        assert zones_command(apply=False, now=NOW) == 0
        assert everything() == before
        listed = capsys.readouterr().out.splitlines()
        assert zones_command(apply=True, now=NOW) == 0
        done = capsys.readouterr().out.splitlines()
        assert zones_command(apply=False, now=NOW) == 0
    rules = version_in_use()
    assert listed == [
        f"tzdata {rules} is in use; none was applied last.",
        "provider    appointment                           on the clock      zone              from (UTC)        to (UTC)",
        f"Dr. Okafor  {row.ref}  2026-11-24 11:00  America/New_York  2026-11-24 16:00  2026-11-24 15:00  moves",
        f"Dr. Okafor  {block.ref}  2026-11-26 00:00  America/New_York                    2026-11-26 04:00  time off moves",
    ]
    assert done == [f"tzdata {rules} is in use; none was applied last.", f"{MOVED}: 1", f"{OFF}: 1"]
    assert capsys.readouterr().out.splitlines() == [
        f"tzdata {rules} is in use; {rules} was applied last.",
        "Every appointment and all time off is where its clock says.",
    ]
    assert ZoneRules.objects.get().applied_at == NOW


def test_calendars_are_read_again_whole_since_their_servers_know_of_no_change(cast: Cast) -> None:
    read = {"practice": cast.practice, "provider": cast.okafor, "read_at": NOW, "read_until": NOW + DAY}
    marks = {"etag": '"7"', "last_modified": "Mon", "sync_token": "4"}
    BusyCalendar.objects.create(**read, **marks, name="Home", kind="subscription", next_check_at=NOW + HOUR)
    BusyCalendar.objects.create(**read, name="work.ics", kind="file", etag='"8"')
    with hour_later():
        assert applied() == {}
    known = BusyCalendar.objects.order_by("name").values_list(
        "etag", "last_modified", "sync_token", "next_check_at"
    )
    assert list(known) == [("", "", "", NOW), ('"8"', "", "", None)]
