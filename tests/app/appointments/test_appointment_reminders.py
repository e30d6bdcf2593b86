"""Reminders of appointments: when they are due, whom they reach, and what overtakes them."""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import handed_over
from tests.app.sent_notifications import latest, said_in, told
from tests.app.smtp_server import Mailroom

from raincheck import clock
from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.appointments.remind import send_due_appointment_reminders
from raincheck.actions.appointments.self_service import want_reminders
from raincheck.actions.deliveries import begin_attempt, begin_attempts
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.links import choose_zone
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Link, Notification, NotificationAppointment
from raincheck.data.people import Client, Practice, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.people import SYSTEM, Actor
from raincheck.domain.reminders import FIRST_LOOK
from raincheck.integrations.messages.delivery import carry_out, deliver

HOURS, INSTANT = timedelta(hours=1), timedelta(microseconds=1)
EARLY, LATE = TUESDAY_AT_ELEVEN - 48 * HOURS, TUESDAY_AT_ELEVEN - 2 * HOURS
"""8 in the morning for Riley in Los Angeles, and 6: the late one comes the evening before."""
EVENING = new_york(23, 23)
"""20:00 in Los Angeles on the day before."""
REMINDED = "appointment_reminder to client by email: waiting"


def swept(now: datetime) -> list[str]:
    since = latest()
    sweep(now=now)
    return told(since)


def looked_at(row: Appointment) -> datetime | None:
    row.refresh_from_db()
    return row.remind_at


def moved_to(cast: Cast, row: Appointment, start: datetime, *, now: datetime) -> None:
    details = Details(start, row.type_id, row.place_id, row.join_url)
    verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def stop(cast: Cast, *, wanted: bool = False, by: Actor | None = None, now: datetime = NOW) -> None:
    recipient, by = Recipient.objects.get(client=cast.riley), by or cast.by_riley
    verb = partial(want_reminders, recipient.pk, wanted=wanted, by=by, now=now)
    run_command(verb, key=None, body={}, by=by, now=now)


def test_the_client_is_reminded_two_days_and_two_hours_before(cast: Cast) -> None:
    Client.objects.update(zone="America/New_York")
    row = cast.booked()
    assert looked_at(row) == TUESDAY_AT_ELEVEN - FIRST_LOOK
    assert swept(EARLY - INSTANT) == []
    assert looked_at(row) == EARLY
    assert swept(EARLY) == [REMINDED]
    assert swept(EARLY + 20 * HOURS) == []
    assert swept(LATE - INSTANT) == []
    assert swept(LATE) == [REMINDED]
    assert looked_at(row) is None
    assert swept(TUESDAY_AT_ELEVEN) == []


def test_what_would_come_at_night_comes_the_evening_before(cast: Cast) -> None:
    row = cast.booked()
    assert swept(EARLY) == [REMINDED]
    assert looked_at(row) == EVENING
    assert swept(EVENING) == [REMINDED]
    assert (looked_at(row), swept(LATE)) == (None, [])


def test_of_reminders_that_were_missed_only_the_latest_is_sent(cast: Cast) -> None:
    cast.booked()
    assert swept(LATE - 3 * HOURS) == [REMINDED]
    assert swept(LATE) == []


@pytest.mark.parametrize(("booked_before", "expected"), [(51, 1), (30, 1), (5, 0)])
def test_whoever_has_just_heard_of_a_time_needs_no_reminder_of_it(
    cast: Cast, booked_before: int, expected: int
) -> None:
    """Two days before come within four hours of the first booking, and lie before the second; the third is too near."""
    Client.objects.update(zone="America/New_York")
    cast.booked(now=TUESDAY_AT_ELEVEN - booked_before * HOURS)
    assert swept(EARLY) + swept(LATE) == [REMINDED] * expected


def test_a_move_makes_new_reminders_due_and_no_late_one(cast: Cast) -> None:
    Client.objects.update(zone="America/New_York")
    row = cast.booked()
    assert swept(EARLY) == [REMINDED]
    moved_to(cast, row, FRIDAY_AT_NINE, now=EARLY + HOURS)
    assert looked_at(row) == FRIDAY_AT_NINE - FIRST_LOOK
    assert swept(LATE) == []
    assert swept(FRIDAY_AT_NINE - 48 * HOURS) == [REMINDED]
    moved_to(cast, row, FRIDAY_AT_NINE + HOURS, now=FRIDAY_AT_NINE - 20 * HOURS)
    assert swept(FRIDAY_AT_NINE - 19 * HOURS) == []
    assert swept(FRIDAY_AT_NINE - HOURS) == [REMINDED]


def test_whoever_is_asked_to_move_is_not_reminded(cast: Cast) -> None:
    request = cast.asked(row := cast.booked(), now=EARLY - HOURS)
    RescheduleRequest.objects.update(handed_over_at=EARLY - HOURS)
    assert [line for line in swept(EARLY) if line == REMINDED] == []
    assert looked_at(row) == EVENING
    cast.withdraw(request, now=EARLY + HOURS)
    assert swept(EVENING) == [REMINDED]


def in_honolulu(cast: Cast, *, now: datetime) -> None:
    """Two days before it is six in the morning there: by day it would come at eight the evening before."""
    verb = partial(choose_zone, cast.riley, zone="Pacific/Honolulu", by=cast.by_riley, now=now)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=now)


EVENING_IN_HONOLULU = EARLY - 10 * HOURS
"""20:00 there."""


def with_texts(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.riley).update(phone="+12125550123", sms_agreed_at=NOW)


def test_whoever_is_in_another_zone_is_reminded_by_its_day(cast: Cast) -> None:
    with_texts(cast)
    row = cast.booked()
    swept(EARLY - 12 * HOURS)
    in_honolulu(cast, now=EARLY - 12 * HOURS)
    assert swept(EARLY - 12 * HOURS) == []
    assert looked_at(row) == EVENING_IN_HONOLULU
    assert swept(EVENING_IN_HONOLULU) == [REMINDED, "appointment_reminder to client by sms: waiting"]
    assert swept(EARLY) == []


def test_where_that_evening_is_over_a_mail_comes_at_its_own_time(cast: Cast) -> None:
    with_texts(cast)
    cast.booked()
    swept(EARLY - 12 * HOURS)
    in_honolulu(cast, now=EARLY - 3 * HOURS)
    assert swept(EARLY - 2 * HOURS) == []
    assert swept(EARLY) == [REMINDED]


def test_what_was_told_the_evening_before_is_not_told_again_in_another_zone(cast: Cast) -> None:
    Client.objects.update(zone="Pacific/Honolulu")
    row = cast.booked()
    assert swept(EVENING_IN_HONOLULU) == [REMINDED]
    later = looked_at(row)
    verb = partial(choose_zone, cast.riley, zone="America/New_York", by=cast.by_riley, now=EARLY - HOURS)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=EARLY - HOURS)
    assert (swept(EARLY), looked_at(row)) == ([], later)


def test_what_was_due_before_anybody_was_reminded_of_anything_is_not_told_late(cast: Cast) -> None:
    """The change of the database, with a practice at work: an hour after it only what is due since is told."""
    now = clock.now()
    start = now + 48 * HOURS
    Client.objects.update(zone="Etc/UTC")
    rows = [
        cast.booked(start + gap, now=now - 9 * 24 * HOURS) for gap in (-24 * HOURS, HOURS / 2, 24 * HOURS)
    ]
    change = importlib.import_module("raincheck.data.migrations.0063_appointment_reminders")
    with connection.cursor() as cursor:
        cursor.execute(change.WHAT_IS_BOOKED.split(";")[0])
    assert [looked_at(row) for row in rows][2] == rows[2].starts_at - FIRST_LOOK
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"remind_hours_before": 0})
    sweep(now=now + HOURS)
    told_of = NotificationAppointment.objects.filter(notification__kind="appointment_reminder")
    assert list(told_of.values_list("appointment", flat=True)) == [rows[1].pk]


@pytest.mark.parametrize("switch", ["remind_days_before", "remind_hours_before"])
def test_a_practice_leaves_out_either_reminder(cast: Cast, switch: str) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={switch: 0})
    cast.booked()
    early = switch == "remind_hours_before"
    assert (swept(EARLY), swept(EVENING)) == ([REMINDED] * early, [REMINDED] * (not early))


def test_a_practice_that_wants_reminders_again_has_them_from_then_on(cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"remind_days_before": 0})
    cast.booked()
    swept(EARLY - HOURS)
    Practice.objects.filter(pk=cast.practice.pk).update(policy={})
    assert swept(EARLY) == [REMINDED]


def test_whoever_wants_no_reminders_gets_none_and_their_record_says_so(cast: Cast) -> None:
    cast.booked()
    stop(cast)
    assert swept(EARLY) == []
    stop(cast, wanted=True, now=EARLY)
    assert swept(EVENING) == [REMINDED]


def test_nobody_is_reminded_who_cannot_be_reached_or_whose_provider_left(cast: Cast) -> None:
    Recipient.objects.filter(client=cast.maya).update(email="")
    cast.booked(client=cast.maya)
    cast.booked(provider=cast.fischer)
    Provider.objects.filter(pk=cast.fischer.pk).update(left_at=NOW)
    assert swept(EARLY) == []


def test_a_reminder_is_due_once_though_two_workers_sweep(cast: Cast) -> None:
    cast.booked()
    assert (swept(EARLY), swept(EARLY)) == ([REMINDED], [])


def test_a_text_says_who_and_when_and_goes_by_day(cast: Cast) -> None:
    with_texts(cast)
    cast.booked()
    assert swept(EARLY) == [REMINDED, "appointment_reminder to client by sms: waiting"]
    text = Notification.objects.get(kind="appointment_reminder", channel="sms")
    assert said_in(text, now=EARLY).words.text == (
        "Harbor: reminder, your appointment is on Tue, Nov 24, 8:00 AM (Los Angeles time): {link}"
    )


def test_the_mail_carries_a_link_of_its_own_and_the_way_to_stop(cast: Cast, mailroom: Mailroom) -> None:
    row = cast.booked()
    swept(EARLY)
    note = Notification.objects.get(kind="appointment_reminder")
    assert deliver(note.pk, now=EARLY) is Outcome.ACCEPTED
    mail = mailroom.got[-1]
    link = Link.objects.get(appointment=row)
    [address] = [line for line in mail.get_body(("plain",)).get_content().splitlines() if "/r/" in line]
    way = address.rpartition(" ")[2]
    assert mail["Subject"] == "Reminder: your appointment on Tuesday, November 24"
    assert mail["List-Unsubscribe"] == f"<{way}reminders/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (link.recipient.client_id, link.channel) == (cast.riley.pk, "email")


def test_no_other_mail_offers_to_be_stopped(cast: Cast, mailroom: Mailroom) -> None:
    cast.booked()
    assert deliver(Notification.objects.get(kind="booked", channel="email").pk, now=NOW) is Outcome.ACCEPTED
    assert mailroom.got[-1]["List-Unsubscribe"] is None


def test_the_first_message_ever_says_why_it_comes(cast: Cast) -> None:
    """Nothing was said of an appointment that came in with a file."""
    cast.booked()
    NotificationAppointment.objects.all().delete()
    Notification.objects.all().delete()
    swept(EARLY)
    first = said_in(Notification.objects.get(kind="appointment_reminder"), now=EARLY).words.text
    swept(EVENING)
    second = said_in(Notification.objects.latest("pk"), now=EVENING).words.text
    why = "From now on we remind you of your appointments at Harbor Counseling by e-mail."
    assert (why in first, why in second) == (True, False)


def overtaken_by_a_move(cast: Cast, row: Appointment) -> None:
    moved_to(cast, row, FRIDAY_AT_NINE, now=EARLY)


def overtaken_by_an_ask(cast: Cast, row: Appointment) -> None:
    handed_over(cast.asked(row, now=EARLY))


def overtaken_by_a_choice(cast: Cast, _row: Appointment) -> None:
    stop(cast, now=EARLY)


def overtaken_by_leaving(cast: Cast, _row: Appointment) -> None:
    Provider.objects.filter(pk=cast.okafor.pk).update(left_at=EARLY)


@pytest.mark.parametrize(
    "overtaken", [overtaken_by_a_move, overtaken_by_an_ask, overtaken_by_a_choice, overtaken_by_leaving]
)
def test_p11_a_reminder_that_was_overtaken_is_dropped_and_recorded(
    cast: Cast, mailroom: Mailroom, overtaken: object
) -> None:
    row = cast.booked()
    swept(EARLY)
    assert callable(overtaken)
    overtaken(cast, row)
    note = Notification.objects.get(kind="appointment_reminder")
    assert deliver(note.pk, now=EARLY) is None
    note.refresh_from_db()
    assert (note.state, mailroom.got, Link.objects.filter(appointment=row).count()) == ("obsolete", [], 0)


@pytest.mark.parametrize(
    "overtaken", [overtaken_by_a_move, overtaken_by_an_ask, overtaken_by_a_choice, overtaken_by_leaving]
)
def test_p11_the_last_look_before_the_hand_over_drops_a_reminder(
    cast: Cast, mailroom: Mailroom, overtaken: object
) -> None:
    row = cast.booked()
    swept(EARLY)
    note = Notification.objects.get(kind="appointment_reminder")
    verb = partial(begin_attempt, note.pk, now=EARLY)
    begun = run_command(verb, key=None, body={}, by=SYSTEM, now=EARLY)
    assert callable(overtaken)
    overtaken(cast, row)
    assert carry_out(int(begun["attempt"]), link=begun["link"], now=EARLY) is None
    note.refresh_from_db()
    assert (note.state, mailroom.got) == ("obsolete", [])


def test_a_reminder_that_came_too_late_is_dropped(cast: Cast, mailroom: Mailroom) -> None:
    cast.booked()
    swept(EARLY)
    note = Notification.objects.get(kind="appointment_reminder")
    assert deliver(note.pk, now=TUESDAY_AT_ELEVEN) is None
    note.refresh_from_db()
    assert (note.state, mailroom.got) == ("obsolete", [])


def test_many_reminders_are_written_and_put_into_words_in_as_many_statements_as_two(cast: Cast) -> None:
    Client.objects.update(zone="America/New_York")
    for number in range(14):
        cast.booked(new_york(24 + number // 7, 9 + number % 7), client=(cast.riley, cast.maya)[number % 2])
    due = new_york(25, 17) - 48 * HOURS

    def writing(limit: int) -> dict[str, str]:
        return {"done": str(send_due_appointment_reminders(now=due, limit=limit))}

    def beginning(limit: int) -> dict[str, str]:
        return begin_attempts(Channel.EMAIL, now=due, limit=limit)

    Notification.objects.exclude(kind="appointment_reminder").update(state="handed_over", ended_at=NOW)
    for step in (writing, beginning):
        counted = []
        for limit in (2, 12):
            with CaptureQueriesContext(connection) as made:
                done = run_command(partial(step, limit), key=None, body={}, by=SYSTEM, now=due)
            counted.append(len(made))
        assert (counted[0], len(done) in (1, 12)) == (counted[1], True)
    assert Notification.objects.filter(kind="appointment_reminder").count() == 14


def test_whatever_writes_an_appointment_plans_its_first_look(cast: Cast) -> None:
    """It is a trigger, "reminders_follow_the_time", so that no verb and no import can forget it."""
    row = cast.booked()
    with connection.cursor() as cursor:
        cursor.execute("SELECT starts_at - remind_at FROM raincheck_appointment WHERE id = %s", [row.pk])
        assert cursor.fetchone() == (FIRST_LOOK,)
    Appointment.objects.filter(pk=row.pk).update(remind_at=None)
    Appointment.objects.filter(pk=row.pk).update(status="scheduled", starts_at=TUESDAY_AT_ELEVEN)
    assert looked_at(row) is None
