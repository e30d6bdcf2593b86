"""Zone rules that change: what was agreed on the wall clock stays, both sides are told, and a person gets what cannot stay."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from tests.app.appointments.test_rooms import ticked
from tests.app.cast import MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york, room_of, time_off
from tests.app.engine.test_acting_once import everything
from tests.app.sent_notifications import latest, said_in, told
from tests.made_up_rules import made_up_rules
from tests.verify.races.promises import broken

from raincheck.actions.appointments.claims import claim
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.timing.zone_rules import apply_newer_zone_rules, apply_zone_rules
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Provider, Recipient
from raincheck.data.tasks import Task
from raincheck.data.timing.zone_rules import ZoneRules
from raincheck.domain.timing.zone_rules import version_in_use
from raincheck.domain.zones import UnknownZone, start_at, zone_named
from raincheck.notifications.wording import Message

Rules = Callable[[], AbstractContextManager[None]]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOVED = "appointment kept on the clock"
CLASH = "appointment that clashes"


def hour_earlier() -> AbstractContextManager[None]:
    """New York keeps summer time from now on: 11:00 AM in winter comes an hour sooner."""
    return made_up_rules("America/New_York", -5, on_20260308T0700=-4)


def hour_later() -> AbstractContextManager[None]:
    """New York goes over to Chicago's winter: 11:00 AM comes an hour later."""
    return made_up_rules("America/New_York", -5, on_20261118T0700=-6)


def on_the_wall(shown: str) -> datetime:
    return datetime.fromisoformat(shown)


def applied(now: datetime = NOW) -> dict[str, int]:
    return dict(apply_zone_rules(now=now))


def starts() -> list[datetime]:
    return list(Appointment.objects.order_by("pk").values_list("starts_at", flat=True))


def of(row: Appointment) -> Appointment:
    return Appointment.objects.get(pk=row.pk)


def events(row: Appointment) -> list[str]:
    return list(
        AppointmentHistory.objects.filter(appointment=row).order_by("pk").values_list("event", flat=True)
    )


def tasks() -> list[tuple[str, int | None]]:
    return list(Task.objects.filter(done_at__isnull=True).order_by("pk").values_list("kind", "appointment"))


@pytest.mark.parametrize(("rules", "shift"), [(hour_earlier, -HOUR), (hour_later, HOUR)])
def test_an_appointment_keeps_its_wall_time(cast: Cast, rules: Rules, shift: timedelta) -> None:
    row = cast.booked()
    with rules():
        assert applied() == {MOVED: 1}
        now_at = of(row)
        assert (
            start_at(on_the_wall("2026-11-24T11:00"), zone=zone_named("America/New_York")) == now_at.starts_at
        )
    assert (now_at.starts_at, now_at.ends_at) == (row.starts_at + shift, row.ends_at + shift)
    assert (now_at.starts_wall, now_at.utc_offset, now_at.zone, now_at.ical_sequence) == (
        on_the_wall("2026-11-24T11:00"), row.utc_offset - shift, "America/New_York", row.ical_sequence + 1,
    )  # fmt: skip
    last = AppointmentHistory.objects.filter(appointment=row).latest("pk")
    assert (last.event, last.actor_kind, last.from_starts_at, last.to_starts_at, last.details) == (
        "zone_corrected", "system", row.starts_at, row.starts_at + shift, {"rules": version_in_use()},
    )  # fmt: skip
    assert (tasks(), broken()) == ([], {})


def test_both_sides_are_told(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(1, 11, month=12))
    cast.booked(new_york(25, 9), client=cast.maya)
    since = latest()
    with hour_earlier():
        apply_zone_rules(now=NOW)
    assert told(since) == [
        "zone_corrected to client by email: waiting",
        "zone_corrected to client by email: waiting",
        "zone_corrected to provider by in_app: handed_over",
    ]
    counts = [row.appointments.count() for row in Notification.objects.filter(pk__gt=since).order_by("pk")]
    assert counts == [2, 1, 3]


def told_to_client(since: int) -> Message:
    return said_in(Notification.objects.get(pk__gt=since, recipient__isnull=False))


def test_what_riley_reads(cast: Cast) -> None:
    row = cast.booked()
    since = latest()
    with hour_earlier():
        apply_zone_rules(now=NOW)
        mail = told_to_client(since)
    assert (mail.words.subject, mail.words.text) == (
        "New clock rules and your appointment",
        """Harbor Counseling

Hi Riley,

The rules for New York time have changed. Your appointment with Dr. Okafor stays at the time you agreed on:

- Tuesday, November 24 at 11:00 AM (New York time)
  For you: Tuesday, November 24 at 7:00 AM (Los Angeles time)

Please use the calendar entry in this e-mail in place of the one you have.

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days.""",
    )
    [entry] = Calendar.from_ical(mail.calendar).events
    assert (str(entry["UID"]), entry["SEQUENCE"], entry.start.astimezone(UTC)) == (
        row.ical_uid, row.ical_sequence + 1, row.starts_at - HOUR,
    )  # fmt: skip


def test_the_calendar_entry_brings_the_new_rules_along(cast: Cast) -> None:
    cast.booked(client=cast.maya)
    since = latest()
    with hour_earlier():
        apply_zone_rules(now=NOW)
        mail = told_to_client(since)
    assert "For you" not in mail.words.text
    [entry] = Calendar.from_ical(mail.calendar).events
    assert entry.start.replace(tzinfo=None) == on_the_wall("2026-11-24T11:00")
    assert re.findall(r"TZOFFSETTO:(\S+)", mail.calendar) == ["-0400"]


def test_whom_only_texts_reach_gets_a_text(cast: Cast) -> None:
    cast.booked()
    Recipient.objects.filter(client=cast.riley).update(email="", phone="+1 310 555 0100", sms_agreed_at=NOW)
    since = latest()
    with hour_earlier():
        apply_zone_rules(now=NOW)
        words = told_to_client(since).words
    assert (words.subject, words.text) == (
        "",
        "Harbor: the rules for New York time have changed. Your appointment is on Tue, Nov 24, 7:00 AM (Los Angeles time).",
    )


@pytest.mark.parametrize("rules", [hour_earlier, hour_later])
def test_a_full_day_shifts_without_meeting_itself(cast: Cast, rules: Rules) -> None:
    for hour in range(9, 17):
        cast.booked(new_york(24, hour), client=cast.maya if hour % 2 else cast.riley)
    before = starts()
    with rules():
        assert applied() == {MOVED: 8}
    assert {after - start for start, after in zip(before, starts(), strict=True)} in ({HOUR}, {-HOUR})
    assert (tasks(), broken()) == ([], {})


@pytest.mark.parametrize("rules", [hour_earlier, hour_later])
def test_a_client_who_sees_two_providers_one_after_the_other_is_nowhere_twice(
    cast: Cast, rules: Rules
) -> None:
    cast.booked(new_york(24, 10), provider=cast.fischer)
    cast.booked(new_york(24, 11), provider=cast.okafor)
    cast.booked(new_york(24, 12), provider=cast.fischer)
    with rules():
        assert applied() == {MOVED: 3}
    assert (tasks(), broken()) == ([], {})


@pytest.mark.parametrize("rules", [hour_earlier, hour_later])
def test_a_room_that_two_providers_use_one_after_the_other_never_holds_two(cast: Cast, rules: Rules) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    cast.booked(new_york(24, 10), place=room)
    cast.booked(new_york(24, 11), client=cast.maya, provider=cast.fischer, place=room)
    cast.booked(new_york(24, 12), place=room)
    with rules():
        assert applied() == {MOVED: 3}
    assert (tasks(), broken()) == ([], {})


def test_two_who_share_a_room_from_before_shift_together(cast: Cast) -> None:
    room = room_of(cast)
    cast.booked(place=room)
    cast.booked(client=cast.maya, provider=cast.fischer, place=room)
    ticked(room)
    with hour_earlier():
        assert applied() == {MOVED: 2}
    assert broken() == {}


def in_chicago(cast: Cast, start: datetime) -> Appointment:
    """Book Riley with Dr. Fischer, who now works in Chicago, where the rules stay."""
    Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    return cast.booked(start, provider=Provider.objects.get(pk=cast.fischer.pk))


def test_what_meets_another_appointment_stays_at_its_instant_and_a_person_is_told(cast: Cast) -> None:
    row = cast.booked()
    elsewhere = in_chicago(cast, new_york(24, 10, 5))
    since = latest()
    with hour_earlier():
        assert applied() == {CLASH: 1}
        mail = told_to_client(since)
        news = Notification.objects.get(pk__gt=since, channel="in_app")
    after = of(row)
    assert (after.starts_at, after.starts_wall, after.ical_sequence) == (
        row.starts_at, on_the_wall("2026-11-24T12:00"), row.ical_sequence + 1,
    )  # fmt: skip
    assert (events(row)[-1], tasks(), broken()) == ("zone_clash", [("zone_clash", row.pk)], {})
    assert of(elsewhere).starts_at == elsewhere.starts_at
    assert mail.words.text.splitlines()[4:7] == [
        "The rules for New York time have changed. This appointment with Dr. Okafor could not stay at the time you agreed on,"
        " because that time is taken. This is when it is now:",
        "",
        "- Tuesday, November 24 at 12:00 PM (New York time)",
    ]
    assert news.text == (
        "The rules for New York time have changed. 1 could not stay at its time, because that is taken. It is among your tasks."
        " Clients have been told."
    )


def test_whoever_needs_the_time_of_one_that_stays_stays_too(cast: Cast) -> None:
    """A hold at half past nine keeps the appointment at ten from coming sooner, and that one keeps the one at eleven."""
    ten, eleven = cast.booked(new_york(24, 10), client=cast.maya), cast.booked(new_york(24, 11))
    noon = cast.booked(new_york(24, 13), client=cast.maya)
    hold = Hold(
        practice=cast.practice, provider=cast.okafor, client=client_in(cast.practice, "Theo", "Alvarez"), starts_at=new_york(24, 9), ends_at=new_york(24, 9, 30),
        buffer_before=0 * MINUTES, buffer_after=0 * MINUTES, began_at=NOW, expires_at=NOW + DAY,
    )  # fmt: skip

    def verb() -> Answer:
        hold.save(force_insert=True)
        claim(hold, now=NOW)
        return {}

    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    with hour_earlier():
        assert applied() == {CLASH: 2, MOVED: 1}
    assert starts() == [ten.starts_at, eleven.starts_at, noon.starts_at - HOUR]
    assert (tasks(), broken()) == ([("zone_clash", ten.pk), ("zone_clash", eleven.pk)], {})


def test_what_would_have_begun_by_the_new_clock_stays_where_it_is(cast: Cast) -> None:
    row = cast.booked()
    with hour_earlier():
        assert applied(now=row.starts_at - 30 * MINUTES) == {CLASH: 1}
    assert (of(row).starts_at, tasks()) == (row.starts_at, [("zone_clash", row.pk)])


def test_what_has_begun_or_is_past_is_left_alone(cast: Cast) -> None:
    begun, past = cast.booked(), cast.booked(new_york(23, 11))
    with hour_later():
        before = everything()
        assert applied(now=begun.starts_at) == {}
    after = everything()
    assert {table for table in after if after[table] != before[table]} == {"raincheck_zonerules"}
    assert (of(past).starts_at, of(begun).starts_at) == (past.starts_at, begun.starts_at)


def test_cancelled_appointments_are_left_alone(cast: Cast) -> None:
    cast.decline(cast.asked(cast.booked()))
    with hour_later():
        assert applied() == {}


def test_a_wall_time_that_is_skipped_now_is_the_instant_after_the_jump(cast: Cast) -> None:
    row = cast.booked(new_york(29, 2, 30))
    with made_up_rules("America/New_York", -5, on_20261129T0700=-4):
        assert applied() == {MOVED: 1}
        assert applied() == {}
    after = of(row)
    assert (after.starts_at, after.starts_wall) == (
        datetime(2026, 11, 29, 7, tzinfo=UTC),
        on_the_wall("2026-11-29T02:30"),
    )


def test_a_wall_time_that_comes_twice_now_keeps_the_instant_it_has(cast: Cast) -> None:
    """The clock turns back over one o'clock: by the new rules the appointment is at the second half past one."""
    cast.booked(new_york(29, 1, 30))
    with made_up_rules("America/New_York", -4, on_20261129T0600=-5):
        assert applied() == {}


def test_a_second_pass_that_was_booked_is_not_taken_for_the_first(cast: Cast) -> None:
    october = datetime(2026, 10, 1, tzinfo=UTC)
    row = cast.booked(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), now=october)
    assert (row.starts_wall, applied(now=october)) == (on_the_wall("2026-11-01T01:30"), {})


def test_applying_twice_changes_nothing_the_second_time(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(24, 12), client=cast.maya)
    in_chicago(cast, new_york(24, 10, 5))
    cast.asked(cast.booked(new_york(25, 11)))
    time_off(cast.okafor, new_york(26, 0), new_york(27, 0), all_day=True)
    with hour_earlier():
        assert applied() != {}
        once = everything()
        assert applied() == {}
    assert everything() == once


def test_what_failed_keeps_nobody_waiting_and_is_done_by_the_next_run(cast: Cast) -> None:
    """The first provider's client has a zone that nobody knows, so their next reminder has no time."""
    stuck = cast.booked()
    cast.booked(client=cast.maya, provider=cast.fischer)
    soon = stuck.starts_at - 20 * HOUR
    cast.asked(stuck, now=soon, last_minute_confirmed=True)
    rileys = Client.objects.filter(pk=cast.riley.pk)
    rileys.update(zone="Mars/Base")
    with hour_later():
        with pytest.raises(UnknownZone):
            apply_zone_rules(now=soon)
        assert (starts(), ZoneRules.objects.count()) == ([stuck.starts_at, TUESDAY_AT_ELEVEN + HOUR], 0)
        rileys.update(zone="")
        assert applied(now=soon) == {MOVED: 1}
    assert (starts(), broken()) == ([TUESDAY_AT_ELEVEN + HOUR] * 2, {})


def test_a_run_that_takes_too_long_goes_on_another_time(cast: Cast) -> None:
    cast.booked()
    cast.booked(client=cast.maya, provider=cast.fischer)
    time_off(cast.mallory, new_york(26, 0), new_york(27, 0), all_day=True)
    with hour_earlier():
        runs = [apply_newer_zone_rules(now=NOW, go_on=lambda: False) for _run in range(4)]
        assert [dict(run) for run in runs] == [{MOVED: 1}, {MOVED: 1}, {"time off kept on the clock": 1}, {}]
    assert ZoneRules.objects.get().version == version_in_use()


def test_newer_rules_are_applied_once_and_older_ones_never(cast: Cast) -> None:
    row = cast.booked()
    with hour_later():
        ZoneRules.objects.create(version="9999z", applied_at=NOW - DAY)
        assert apply_newer_zone_rules(now=NOW) == Counter()
        ZoneRules.objects.update(version="1999a")
        assert apply_newer_zone_rules(now=NOW) == Counter({MOVED: 1})
    assert list(ZoneRules.objects.order_by("pk").values_list("version", "applied_at")) == [
        ("1999a", NOW - DAY),
        (version_in_use(), NOW),
    ]
    assert apply_newer_zone_rules(now=NOW) == Counter()
    assert of(row).starts_at == row.starts_at + HOUR
