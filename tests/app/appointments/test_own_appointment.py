"""The page behind the link of a reminder: how the appointment stands, and moving or canceling it until the cut-off."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client as Browser
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, choosable, handed_over, mint, words
from tests.app.sent_notifications import latest, told

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.clients.history import ClientHistory
from raincheck.data.conversations import Message
from raincheck.data.people import Membership, Practice, Recipient
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.tasks import Task

HOURS = timedelta(hours=1)
CUT_OFF = TUESDAY_AT_ELEVEN - 24 * HOURS
WHERE = "Los Angeles time · Telehealth with Dr. Okafor, 50 minutes"
STANDS = f"Your appointment Tuesday, November 24 at 8:00 AM {WHERE}"
UNTIL = (
    "You can move or cancel it here until Monday, November 23 at 8:00 AM, free of charge."
    " Add to my calendar Join by video Write to Dr. Okafor If it no longer suits you Move it to another time Cancel this appointment"
)
REMINDERS = "Reminders We remind you of each of your appointments before it starts. Stop reminders"


@pytest.fixture
def row(cast: Cast) -> Appointment:
    return cast.booked()


def here(row: Appointment, page: str = "") -> str:
    return f"/my-appointment/{row.ref}/{page}"


def at(row: Appointment) -> tuple[str, datetime]:
    row.refresh_from_db()
    return row.status, row.starts_at


def test_the_link_leads_to_the_appointment_as_it_stands(row: Appointment) -> None:
    _link, token = mint(row)
    response = Visitor().get(f"/r/{token}/")
    assert (response.status_code, response["Location"]) == (302, here(row))
    assert words(Visitor(row).get(here(row))) == f"{STANDS} {UNTIL} {REMINDERS}"


def test_nobody_else_sees_it(cast: Cast, row: Appointment) -> None:
    other = cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    for page in ("", "move/", "cancel/", "zone/", "write/", "not-you/", "appointment.ics"):
        assert [who.get(here(row, page)).status_code for who in (Visitor(), Visitor(other))] == [404, 404]
    assert Visitor(other).post(here(row, "cancel/"), sequence="0").status_code == 404
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_a_client_moves_it_and_both_are_told(row: Appointment) -> None:
    me, since = Visitor(row), latest()
    page = me.get(here(row, "move/"))
    assert words(page).startswith(
        "Move your appointment It is set for Tuesday, November 24 at 8:00 AM . You can move it until Monday, November 23 at 8:00 AM;"
        " it keeps its time until you have chosen. Telehealth with Dr. Okafor, 50 minutes Keep it and go back"
    )
    assert "Tue, Nov 24 8:00 AM" not in choosable(page)
    for _time in range(2):
        response = me.pick(here(row, "move/"), FRIDAY_AT_NINE, sequence="0")
        assert (response.status_code, response["Location"]) == (302, here(row))
    assert at(row) == ("scheduled", FRIDAY_AT_NINE)
    assert told(since) == [
        "moved to client by email: waiting",
        "moved to provider by email: waiting",
        "moved to provider by in_app: handed_over",
    ]
    history = AppointmentHistory.objects.filter(appointment=row).order_by("pk")
    assert list(history.values_list("event", "actor_kind", "from_starts_at", "to_starts_at")) == [
        ("booked", "provider", None, TUESDAY_AT_ELEVEN),
        ("moved", "client_by_link", TUESDAY_AT_ELEVEN, FRIDAY_AT_NINE),
    ]
    assert "A confirmation is on its way to you. Your appointment Friday, November 27 at 6:00 AM" in words(
        me.get(here(row))
    )


def test_a_new_time_may_overlap_the_one_it_has(row: Appointment) -> None:
    half_past = TUESDAY_AT_ELEVEN + timedelta(minutes=30)
    assert Visitor(row).pick(here(row, "move/"), half_past, sequence="0").status_code == 302
    assert at(row) == ("scheduled", half_past)


def test_without_a_script_the_words_are_confirmed_first(row: Appointment) -> None:
    me, value = Visitor(row), FRIDAY_AT_NINE.strftime("%Y-%m-%dT%H:%MZ")
    page = me.post(here(row, "move/"), start=value, sequence="0")
    assert words(page).startswith("Is this right? Before: Tuesday, November 24 at 8:00 AM Now: Friday")
    assert 'name="sequence" value="0"' in page.content.decode()
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_a_time_somebody_else_took_leaves_it_where_it_was(cast: Cast, row: Appointment) -> None:
    me = Visitor(row)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    page = me.pick(here(row, "move/"), FRIDAY_AT_NINE, sequence="0")
    assert page.status_code == 409
    assert "Fri, Nov 27 at 6:00 AM was just taken. Your appointment stands as it was." in words(page)
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


@pytest.mark.parametrize(
    "start", [new_york(27, 8), new_york(28, 9), new_york(27, 9, 10), NOW + 11 * HOURS], ids=str
)
def test_a_time_that_was_never_open_leaves_it_where_it_was(row: Appointment, start: datetime) -> None:
    """Outside working hours, off the grid, and nearer than a client may choose."""
    assert Visitor(row).pick(here(row, "move/"), start, sequence="0").status_code == 409
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_of_two_browsers_the_second_learns_that_it_has_changed(row: Appointment) -> None:
    first, second = Visitor(row), Visitor(row)
    assert first.pick(here(row, "move/"), FRIDAY_AT_NINE, sequence="0").status_code == 302
    late = second.pick(here(row, "move/"), FRIDAY_AT_NINE + HOURS, sequence="0")
    assert (late.status_code, at(row)) == (409, ("scheduled", FRIDAY_AT_NINE))
    assert "This appointment has changed since you opened the form" in words(late)
    gone = second.post(here(row, "cancel/"), key=str(uuid4()), sequence="0")
    assert (gone.status_code, at(row)) == (409, ("scheduled", FRIDAY_AT_NINE))


def test_a_client_cancels_it_without_a_fee_and_may_book_anew(row: Appointment) -> None:
    me, since = Visitor(row), latest()
    assert words(me.get(here(row, "cancel/"))).startswith(
        "Cancel this appointment? Tuesday, November 24 at 8:00 AM"
    )
    for _time in range(2):
        response = me.post(here(row, "cancel/"), sequence="0", reason="I am away. Sorry!")
        assert (response.status_code, response["Location"]) == (302, here(row))
    row.refresh_from_db()
    assert (row.status, row.cancelled_by, row.cancelled_why, row.fee_allowed) == (
        "cancelled",
        "client",
        "client",
        False,
    )
    assert told(since) == [
        "cancelled to client by email: waiting",
        "cancelled to provider by email: waiting",
        "cancelled to provider by in_app: handed_over",
    ]
    assert [said.body for said in Message.objects.filter(card="cancelled")] == ["I am away. Sorry!"]
    offer = RebookOffer.objects.get(appointment=row)
    assert words(me.get(here(row))) == (
        f"This appointment was canceled Tuesday, November 24 at 8:00 AM {WHERE} You canceled this appointment. There is no"
        " charge. Book a new time Write to Dr. Okafor"
    )
    assert me.get(f"/book/{offer.ref}/").status_code == 200


def test_from_the_cut_off_on_it_says_whom_to_call(row: Appointment) -> None:
    me = Visitor(row, now=CUT_OFF)
    said = (
        f"{STANDS} It is too near to be moved or canceled here. If you can't come, please tell us."
        " You can call Harbor Counseling at +1 212 555 0100 ."
    )
    assert words(me.get(here(row))).startswith(said)
    assert me.get(here(row, "cancel/"))["Location"] == here(row)
    assert words(me.get(here(row, "move/"))).startswith(said)
    refusal = "Your appointment is too near to be moved or canceled here. It stands as it was; please call us if you can't come."
    for late in (
        me.pick(here(row, "move/"), FRIDAY_AT_NINE, sequence="0"),
        me.post(here(row, "cancel/"), key=str(uuid4()), sequence="0"),
    ):
        assert (late.status_code, words(late)) == (409, f"{refusal} {words(me.get(here(row)))}")
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_the_cut_off_is_the_practices(cast: Cast, row: Appointment) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"self_service_cut_off": 0})
    late = Visitor(row, now=TUESDAY_AT_ELEVEN - HOURS)
    assert late.post(here(row, "cancel/"), sequence="0").status_code == 302
    assert at(row)[0] == "cancelled"


def test_after_a_withdrawal_it_is_free_until_two_hours_before(cast: Cast, row: Appointment) -> None:
    cast.withdraw(cast.asked(row))
    me = Visitor(row, now=TUESDAY_AT_ELEVEN - 3 * HOURS)
    assert "You can move or cancel it here until Tuesday, November 24 at 6:00 AM" in words(me.get(here(row)))
    assert me.post(here(row, "cancel/"), sequence="0").status_code == 302
    row.refresh_from_db()
    assert (row.cancelled_why, row.fee_allowed) == ("client", False)


def test_while_a_request_is_open_its_ways_are_the_clients(cast: Cast, row: Appointment) -> None:
    me, request = Visitor(row), handed_over(cast.asked(row))
    page = me.get(here(row))
    assert "Dr. Okafor has asked you to choose a new time for it. Until you do, it stays as it is." in words(
        page
    )
    assert f'href="/choose/{request.batch.ref}/"' in page.content.decode()
    assert me.get(f"/choose/{request.batch.ref}/").status_code == 200
    for late in (
        me.pick(here(row, "move/"), FRIDAY_AT_NINE, sequence="0"),
        me.post(here(row, "cancel/"), key=str(uuid4()), sequence="0"),
    ):
        assert late.status_code == 409
        assert words(late).startswith("You were just asked to choose a new time for this appointment")
    assert at(row) == ("scheduled", TUESDAY_AT_ELEVEN)


def test_it_can_be_joined_until_its_end_and_then_says_that_it_is_over(row: Appointment) -> None:
    me = Visitor(row, now=TUESDAY_AT_ELEVEN + timedelta(minutes=49))
    assert words(me.get(here(row))) == f"{STANDS} Join by video Write to Dr. Okafor"
    me.now = TUESDAY_AT_ELEVEN + timedelta(minutes=50)
    over = f"This appointment is over Tuesday, November 24 at 8:00 AM {WHERE} Write to Dr. Okafor"
    assert words(me.get(here(row))) == over
    me.now += timedelta(days=30)
    assert me.get(here(row)).status_code == 410


def test_a_client_who_is_signed_in_has_the_same_ways(cast: Cast, row: Appointment) -> None:
    user = Membership.objects.get(client=cast.riley).user
    me = Visitor()
    me.browser.force_login(user)
    assert words(me.get(here(row))).startswith(f"{STANDS} {UNTIL}")
    assert me.post(here(row, "cancel/"), sequence="0").status_code == 302


def test_reminders_are_stopped_and_had_again_on_the_page(cast: Cast, row: Appointment) -> None:
    me = Visitor(row)
    assert me.post(here(row, "reminders/"), wanted="no")["Location"] == here(row)
    recipient = Recipient.objects.get(client=cast.riley)
    assert recipient.reminders_off_at == NOW
    page = words(me.get(here(row)))
    assert page.startswith("You get no more reminders. Your appointments stand.")
    assert page.endswith("Reminders You get no reminders of your appointments. Remind me again")
    me.post(here(row, "reminders/"), key=str(uuid4()), wanted="yes")
    recipient.refresh_from_db()
    changes = ClientHistory.objects.filter(client=cast.riley).order_by("pk")
    assert (recipient.reminders_off_at, [one.details for one in changes]) == (
        None,
        [{"reminders": [True, False]}, {"reminders": [False, True]}],
    )


def test_one_press_in_a_mail_program_stops_reminders_and_a_look_does_not(
    cast: Cast, row: Appointment
) -> None:
    _link, token = mint(row)
    program, recipient = Browser(enforce_csrf_checks=True), Recipient.objects.get(client=cast.riley)
    way = f"/r/{token}/reminders/"
    assert words(program.get(way)).startswith("Stop reminders? You then get no more reminders")
    recipient.refresh_from_db()
    assert recipient.reminders_off_at is None
    for _time in range(2):
        # What the page sends ends in a page that can be loaded again; a mail program follows no redirect.
        pressed = program.post(way)
        assert (pressed.status_code, pressed["Location"]) == (303, way)
        page = program.post(
            way, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert words(page).startswith("Reminders are stopped You get no more reminders of your appointments.")
    recipient.refresh_from_db()
    assert recipient.reminders_off_at is not None
    assert ClientHistory.objects.filter(client=cast.riley).count() == 1


def test_one_press_at_a_former_address_changes_nothing(cast: Cast, row: Appointment) -> None:
    _link, token = mint(row)
    Recipient.objects.filter(client=cast.riley).update(email="new@clients.example")
    assert Browser().post(f"/r/{token}/reminders/").status_code == 410
    assert Browser().post(f"/r/{'x' * 22}/reminders/").status_code == 404
    assert Recipient.objects.get(client=cast.riley).reminders_off_at is None


def test_not_you_ends_the_links_and_tells_the_practice(row: Appointment) -> None:
    me = Visitor(row)
    assert me.post(here(row, "not-you/")).status_code == 200
    assert me.get(here(row)).status_code == 404
    assert list(Task.objects.values_list("kind", "appointment")) == [("link_not_theirs", row.pk)]


def test_whoever_follows_the_calendar_gets_the_file(row: Appointment) -> None:
    file = Visitor(row).get(here(row, "appointment.ics"))
    assert f"UID:{row.ical_uid}" in file.content.decode()
    assert new_york(24, 11) == row.starts_at
