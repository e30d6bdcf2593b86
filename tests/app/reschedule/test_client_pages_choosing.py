"""The client's page of times: what it says, which times it lists in which zone, and what becomes of a pick."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, series_of, time_off
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.people import Practice, Recipient
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.notifications.formats import clock_time

HOURS = timedelta(hours=1)
FRIDAYS_ONLY = {
    "weekly": [{"weekday": 4, "start": "09:00", "end": "11:00", "places": []}],
    "overrides": [],
}
FOOT = "Please choose a time first. Move my appointment None of these work Cancel this appointment"


@pytest.fixture
def fridays(cast: Cast) -> Cast:
    """Dr. Okafor works on Fridays from 9 to 11 only, so that a whole page can be compared."""
    cast.okafor.availability = FRIDAYS_ONLY
    cast.okafor.save(update_fields=["availability"])
    return cast


def alert(response: HttpResponse) -> str:
    """Return what stands in the box above a page whose form was refused."""
    said = words(response).split(" Hi Riley,")[0].split(" You're all set")[0]
    return said if "data-error-summary" in response.content.decode() else ""


def test_the_page_says_everything_a_client_needs_to_choose(fridays: Cast) -> None:
    request = handed_over(fridays.asked(fridays.booked(), note="I have to be in court."))
    visitor = Visitor(request.batch, now=NOW + 7 * HOURS)
    assert words(visitor.get(page_of(request))) == (
        "Hi Riley, please choose a new time"
        " Your appointment is on Tuesday, November 24 at 8:00 AM ."
        " Dr. Okafor can't make this time and would like to find another with you."
        " Telehealth with Dr. Okafor, 50 minutes “I have to be in court.”"
        " You have 48 hours, until Wednesday, November 18 at 7:00 AM ."
        " If you don't choose by then, this appointment is canceled. There is no charge. Our"
        " messages will use it too. Keep Los Angeles time"
        " Nearest good times Times in Los Angeles · Change"
        " Fri, Nov 20 7:00 AM Fri, Nov 27 7:00 AM Fri, Dec 4 7:00 AM Fri, Dec 11 7:00 AM Fri, Dec 18 7:00 AM"
        " All open times November 2026 Nov 23 – 27, your week"
        " Mon 23 none Tue 24 none Wed 25 none Thu 26 none Fri 27 3 times"
        " Friday, November 27 Friday, November 27, 6:00 AM Friday, November 27, 6:30 AM Friday, November 27, 7:00 AM"
        f" {FOOT}"
    )


def test_a_warm_line_of_the_practice_stands_below_the_note(cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(greeting="Thank you for <b>making</b> this work.")
    request = cast.asked(cast.booked(), note="I have to be in court.")
    assert "“I have to be in court.” Thank you for <b>making</b> this work. You have 48 hours" in words(
        Visitor(request.batch).get(page_of(request))
    )


def test_whatever_the_reason_the_client_reads_the_same_page(cast: Cast) -> None:
    appointment = cast.booked()
    pages = set()
    for reason in Reason:
        request = cast.asked(appointment, reason=reason, private_note="Migraine", repeat_confirmed=True)
        page = Visitor(request.batch).get(page_of(request))
        assert "Migraine" not in page.content.decode()
        pages.add(words(page))
        cast.withdraw(request)
    # One page for all of them, so that nothing in it tells which it was.
    [said] = pages
    assert "Dr. Okafor can't make this time and would like to find another with you." in said


@pytest.mark.parametrize(
    ("asked_before", "read_after", "sentence"),
    [
        # Half the time later the sentence is the same: nothing counts down.
        (97 * HOURS, 0 * HOURS, "You have 48 hours, until Sunday, November 22 at 7:00 AM ."),
        (97 * HOURS, 24 * HOURS, "You have 48 hours, until Sunday, November 22 at 7:00 AM ."),
        (30 * HOURS, 0 * HOURS, "You have until Tuesday, November 24 at 6:00 AM ."),
    ],
)
def test_the_time_to_choose_is_said_by_its_instant_and_never_counted_down(
    cast: Cast, asked_before: timedelta, read_after: timedelta, sentence: str
) -> None:
    asked_at = TUESDAY_AT_ELEVEN - asked_before
    request = cast.asked(cast.booked(now=asked_at - HOURS), now=asked_at)
    page = Visitor(request.batch, now=asked_at + read_after).get(page_of(request))
    assert sentence in words(page)
    assert not re.search(r"hours left|minutes left|<progress|data-countdown", page.content.decode())


def test_after_the_deadline_the_page_still_lets_choose_while_the_request_is_open(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch, now=request.deadline_at + timedelta(seconds=30))
    said = words(visitor.get(page_of(request)))
    assert (
        "Your appointment is still as it was. You can choose a new time as long as you see times here."
        in said
    )
    assert "You have" not in said
    assert visitor.pick(form_of(request), FRIDAY_AT_NINE).status_code == 302


def test_a_client_who_is_not_cancelled_by_silence_is_told_so(cast: Cast) -> None:
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    request = cast.asked(cast.booked())
    said = words(Visitor(request.batch).get(page_of(request)))
    assert "If you don't choose by then, Harbor Counseling will get in touch with you." in said
    assert "is canceled" not in said


def test_the_picker_goes_from_week_to_week_up_to_the_horizon(fridays: Cast) -> None:
    request = fridays.asked(fridays.booked())
    visitor, listed = Visitor(request.batch), []
    address = page_of(request)
    page = visitor.get(address, day="2026-11-20")
    assert (
        f'name="see" value="{request.ref}/" formaction="{address}" data-see id="t1-earlier"'
        in page.content.decode()
    )
    while True:
        listed += choosable(page)[5:]
        onward = re.search(
            r'value="[^"]*/(\S+)" formaction="[^"]*" data-see id="t1-later"', page.content.decode()
        )
        if onward is None:
            break
        pressed = visitor.post(address, see=f"{request.ref}/{onward[1]}")
        assert (pressed.status_code, pressed["Location"]) == (
            302,
            f"{address}?open={request.ref}&day={onward[1]}#times-{request.ref}",
        )
        page = visitor.get(pressed["Location"])
    fridays_ahead = [date(2026, 11, 20) + number * timedelta(days=7) for number in range(9)]
    names = [
        f"{day:%A, %B} {day.day}, {time} AM" for day in fridays_ahead for time in ("6:00", "6:30", "7:00")
    ]
    assert listed == names


def test_weeks_without_open_times_are_passed_over_and_days_without_them_greyed(fridays: Cast) -> None:
    time_off(fridays.okafor, new_york(28, 0), new_york(12, 0, month=12))
    request = fridays.asked(fridays.booked())
    html = Visitor(request.batch).get(page_of(request)).content.decode()
    assert f'value="{request.ref}/2026-12-18" formaction="{page_of(request)}" data-see id="t1-later"' in html
    cells = re.findall(r'value="[^"]*/2026-11-(\d\d)"[^>]*?( aria-current="date")?( disabled)?><span>', html)
    assert cells == [(day, "", " disabled") for day in ("23", "24", "25", "26")] + [
        ("27", ' aria-current="date"', "")
    ]


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "0001-01-01", "9999-12-31", "2027-06-01", ""])
def test_a_day_that_is_none_or_far_away_opens_one_that_has_times(fridays: Cast, day: str) -> None:
    request = fridays.asked(fridays.booked())
    page = Visitor(request.batch).get(page_of(request), day=day)
    assert (page.status_code, len(choosable(page))) == (200, 5 + 3)


def test_at_most_about_60_times_stand_on_the_page(cast: Cast) -> None:
    cast.okafor.grid_step = timedelta(minutes=15)
    cast.okafor.save(update_fields=["grid_step"])
    request = cast.asked(cast.booked())
    assert len(choosable(Visitor(request.batch).get(page_of(request)))) == 5 + 22


def test_a_day_with_more_times_than_that_is_read_in_parts_from_the_asked_hour_on(cast: Cast) -> None:
    cast.okafor.availability = {
        "weekly": [
            {"weekday": weekday, "start": "00:00", "end": "00:00", "places": []} for weekday in range(7)
        ],
        "overrides": [],
    }
    cast.okafor.grid_step = timedelta(minutes=15)
    cast.okafor.save(update_fields=["availability", "grid_step"])
    request = cast.asked(cast.booked())
    visitor, address, parts = Visitor(request.batch), page_of(request), []
    page = visitor.get(address, day="2026-11-27")
    around = choosable(page)[5:]
    assert (len(around), "Friday, November 27, 8:00 AM" in around) == (48, True)
    for way in ("sooner", "after", "after"):
        while ways := re.search(
            rf'value="([^"]*)" formaction="{address}" data-see data-part id="t1-{way}"', page.content.decode()
        ):
            page = visitor.get(visitor.post(address, see=ways[1])["Location"])
            parts += choosable(page)[5:]
            assert len(choosable(page)) <= 5 + 48
    midnight = new_york(27, 3)
    fridays = [clock_time(midnight + number * timedelta(minutes=15), cast.riley.zone) for number in range(96)]
    assert set(parts) == {f"Friday, November 27, {one}" for one in fridays}


def test_times_after_the_next_session_of_the_series_are_named_later(fridays: Cast) -> None:
    series = series_of(fridays)
    rows = [fridays.booked(), fridays.booked(new_york(1, 11, month=12))]
    for row in rows:
        row.series, row.recurrence_id = series, row.starts_wall
        row.save(update_fields=["series", "recurrence_id"])
    request = fridays.asked(rows[0])
    visitor, note = Visitor(request.batch), "Later: after your next appointment on Tuesday, December 1."
    assert choosable(visitor.get(page_of(request)))[:2] == ["Fri, Nov 20 7:00 AM", "Fri, Nov 27 7:00 AM"]
    said = [words(visitor.get(page_of(request), day=day)) for day in ("2026-11-27", "2026-12-04")]
    assert [note in one for one in said] == [False, True]


def test_what_the_client_already_has_that_day_is_said_to_nobody_else(fridays: Cast) -> None:
    fridays.booked(new_york(27, 15), provider=fridays.fischer)
    request = fridays.asked(fridays.booked())
    visitor = Visitor(request.batch)
    already = "You already have Fri 12:00 PM with Dr. Fischer."
    assert already in words(visitor.get(page_of(request)))
    assert "You already have" not in words(visitor.get(page_of(request), day="2026-12-04"))
    Recipient.objects.filter(client=fridays.riley).update(is_client=False)
    assert "You already have" not in words(visitor.get(page_of(request)))


def test_a_choice_goes_along_wherever_a_button_leads(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor, address, start = Visitor(request.batch), page_of(request), "2026-11-27T14:00Z"
    kept = "?start=2026-11-27T14%3A00Z"
    leads = {
        f"{request.ref}/2026-12-04": f"{address}{kept}&open={request.ref}&day=2026-12-04#times-{request.ref}",
        "write": f"{address}write/{kept}",
        "zone": f"{address}zone/{kept}",
        f"cancel/{request.ref}": f"{form_of(request)}cancel/{kept}",
        "elsewhere": f"{address}{kept}",
    }
    for way, location in leads.items():
        said = {"see" if "/20" in way else "go": way}
        response = visitor.post(address, start=start, **said)
        assert (response.status_code, response["Location"]) == (302, location)
    # The day that is open is another: the choice stands beside it, checked, and only once.
    shown = visitor.get(f"{address}{kept}&day=2026-12-04").content.decode()
    assert re.findall(r'data-when="([^"]*)" checked', shown) == ["Fri, Nov 27 at 6:00 AM"]
    # Every way back has it too.
    for page in ("write/", "zone/", f"{request.ref}/cancel/"):
        assert f'href="{address}{kept}"' in visitor.get(f"{address}{page}{kept}").content.decode()
    written = visitor.post(f"{address}write/{kept}", words="Or a Friday?")
    assert written["Location"] == f"{address}{kept}"
    zone = visitor.post(f"{address}zone/{kept}", zone="Europe/London", key=str(uuid4()))
    assert zone["Location"] == f"{address}{kept}"
    request.refresh_from_db()
    assert request.state == "open"


@pytest.mark.parametrize("start", ["soon", "2026-11-27T14:00", "<script>", "9999-12-31T23:59Z"])
def test_what_is_no_start_in_an_address_is_left_out(cast: Cast, start: str) -> None:
    request = cast.asked(cast.booked())
    page = Visitor(request.batch).get(page_of(request), start=start)
    assert (page.status_code, "data-lost" in page.content.decode()) == (200, False)


def test_a_chosen_time_that_is_gone_by_now_is_said_calmly_with_those_close_to_it(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    page = Visitor(request.batch).get(page_of(request), start="2026-11-27T14:00Z")
    assert (
        "Fri, Nov 27 at 6:00 AM is not open any more. Nothing has changed. These are close to it:"
        " Fri, Nov 27 7:00 AM Fri, Nov 27 7:30 AM Nearest good times"
    ) in words(page)


def test_without_any_open_time_the_page_says_so_and_leaves_the_other_ways(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.okafor.availability = {"weekly": [], "overrides": []}
    cast.okafor.save(update_fields=["availability"])
    response = Visitor(request.batch).get(page_of(request))
    assert "No open times right now; Dr. Okafor has been told." in words(response)
    assert words(response).endswith("None of these work Cancel this appointment")
    assert choosable(response) == []


def test_sessions_in_a_room_are_shown_by_the_rooms_clock_with_the_clients_beside_it(fridays: Cast) -> None:
    room = Place.objects.create(
        practice=fridays.practice,
        name="Room 2",
        kind="room",
        zone="America/New_York",
        address="12 Harbor Street",
    )
    appointment = fridays.booked()
    Appointment.objects.filter(pk=appointment.pk).update(place=room)
    request = fridays.asked(appointment)
    response = Visitor(request.batch).get(page_of(request))
    said = words(response)
    assert (
        "Your appointment is on Tuesday, November 24 at 11:00 AM . Dr. Okafor can't make this time and would like to"
        " find another with you. Room 2, 12 Harbor Street with Dr. Okafor" in said
    )
    assert "until Wednesday, November 18 at 7:00 AM (Los Angeles time) ." in said
    assert "Times in New York, where you meet; below them yours, in Los Angeles · Change" in said
    assert choosable(response)[0] == "Fri, Nov 20 10:00 AM you: 7:00 AM"


def test_a_time_that_a_clock_shows_twice_says_which_of_the_two_it_is(cast: Cast) -> None:
    cast.riley.zone = "Atlantic/Azores"  # its clocks went back on October 25 at 1:00 AM, 9:00 PM in New York
    cast.riley.save(update_fields=["zone"])
    cast.okafor.availability = {
        "weekly": [{"weekday": 5, "start": "20:00", "end": "23:00", "places": []}],
        "overrides": [],
    }
    cast.okafor.save(update_fields=["availability"])
    then = new_york(20, 9, month=10)
    request = cast.asked(cast.booked(new_york(26, 11, month=10), now=then), now=then)
    listed = choosable(Visitor(request.batch, now=then).get(page_of(request), day="2026-10-25"))
    assert [name for name in listed if name.startswith("Sunday, October 25")] == [
        "Sunday, October 25, 12:00 AM +00",
        "Sunday, October 25, 12:30 AM +00",
        "Sunday, October 25, 12:00 AM -01",
        "Sunday, October 25, 12:30 AM -01",
        "Sunday, October 25, 1:00 AM",
    ]


def test_a_pick_moves_the_appointment_and_leads_to_the_done_page(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    visitor = Visitor(request.batch)
    response = visitor.pick(form_of(request), FRIDAY_AT_NINE)
    assert (response.status_code, response["Location"]) == (302, form_of(request))
    appointment.refresh_from_db()
    assert appointment.starts_at == FRIDAY_AT_NINE
    done = (
        "You're all set, Riley Before: Tuesday, November 24 at 8:00 AM Now: Friday, November 27 at 6:00 AM"
        " Los Angeles time · Telehealth with Dr. Okafor, 50 minutes{}"
        " Add to my calendar Change my choice Join by video Write to Dr. Okafor"
    )
    fresh = done.format(" Dr. Okafor knows, and a confirmation is on its way to you.")
    assert words(visitor.get(form_of(request))) == fresh
    assert words(visitor.get(page_of(request))) == fresh
    # Later it has come, and the page does not go on saying so.
    assert words(Visitor(request.batch, now=NOW + 2 * HOURS).get(page_of(request))) == done.format("")


def test_without_a_script_one_more_page_asks_with_the_full_words(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    visitor = Visitor(request.batch)
    response = visitor.post(form_of(request), start="2026-11-27T14:00Z", confirmed="")
    assert (response.status_code, words(response)) == (
        200,
        "Is this right? Before: Tuesday, November 24 at 8:00 AM Now: Friday, November 27 at 6:00 AM"
        " Los Angeles time · Telehealth with Dr. Okafor, 50 minutes Held for you until 7:05 AM. Move my appointment to Fri, Nov 27 at 6:00 AM Choose another time",
    )
    appointment.refresh_from_db()
    assert appointment.starts_at == TUESDAY_AT_ELEVEN
    assert f'name="key" value="{visitor.key}"' in response.content.decode()
    assert visitor.pick(form_of(request), FRIDAY_AT_NINE).status_code == 302
    appointment.refresh_from_db()
    assert appointment.starts_at == FRIDAY_AT_NINE


def test_a_form_sent_twice_acts_once_and_leads_to_the_same_page(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    visitor = Visitor(request.batch)
    for _time in range(2):
        response = visitor.pick(form_of(request), FRIDAY_AT_NINE)
        assert (response.status_code, response["Location"]) == (302, form_of(request))
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.ical_sequence) == (FRIDAY_AT_NINE, 1)


NOT_OPEN = "That time isn't open. Nothing was changed; please choose one of the times shown."
CLOSE = "These are close to it:"


@pytest.mark.parametrize(
    ("start", "status", "sentence"),
    [
        ("2026-11-27T14:00Z", 409, f"Fri, Nov 27 at 6:00 AM was just taken. Nothing has changed, and you have until Wednesday, November 18 at 7:00 AM. {CLOSE} Fri, Nov 27 7:00 AM Fri, Nov 27 7:30 AM"),
        ("2026-11-27T15:10Z", 409, f"Fri, Nov 27 at 7:10 AM is not open any more. Nothing has changed. {CLOSE} Fri, Nov 27 7:00 AM Fri, Nov 27 7:30 AM"),
        ("2026-11-16T16:00Z", 409, f"Mon, Nov 16 at 8:00 AM is not open any more. Nothing has changed. {CLOSE} Tue, Nov 17 6:00 AM Tue, Nov 17 6:30 AM"),
        ("2026-11-27T14:00", 409, NOT_OPEN),
        ("9999-12-31T23:59-23:00", 409, NOT_OPEN),
        ("9999-12-31T23:59Z", 409, NOT_OPEN),
        ("soon", 409, NOT_OPEN),
        ("2026-11-23T14:00Z", 409, f"You have another appointment at that time. Nothing has changed. {CLOSE} Mon, Nov 23 7:00 AM Mon, Nov 23 7:30 AM"),
        ("", 422, "Please choose a time first. Nothing was changed."),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_had_leaves_the_request_open_with_the_remaining_times(
    cast: Cast, start: str, status: int, sentence: str
) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    cast.booked(new_york(23, 9), provider=cast.fischer)
    visitor = Visitor(request.batch)
    for confirmed in (start, ""):
        response = visitor.post(form_of(request), start=start, confirmed=confirmed)
        assert response.status_code == status
        if confirmed or not start:
            assert sentence in words(response)
            # Somebody was quicker: that is told calmly. Only a form that says nothing is a mistake.
            assert ('class="error-summary"' in response.content.decode()) == (status == 422)
        friday = visitor.get(page_of(request), day="2026-11-27")
        assert "Friday, November 27, 6:00 AM" not in choosable(friday)
        assert "Friday, November 27, 7:00 AM" in choosable(friday)
        assert f'name="key" value="{visitor.key}"' in response.content.decode()
    request.refresh_from_db()
    appointment.refresh_from_db()
    assert (request.state, appointment.starts_at) == ("open", TUESDAY_AT_ELEVEN)


def test_an_answer_that_took_too_long_keeps_what_was_chosen(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    response = visitor.pick(form_of(request), FRIDAY_AT_NINE, took=timedelta(seconds=31))
    assert response.status_code == 503
    assert alert(response) == "That took too long, nothing has changed, please try again."
    assert 'value="2026-11-27T14:00Z" data-when="Fri, Nov 27 at 6:00 AM" checked' in response.content.decode()
    request.refresh_from_db()
    assert request.state == "open"
    assert visitor.pick(form_of(request), FRIDAY_AT_NINE).status_code == 302


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_a_form_without_its_key_changes_nothing(cast: Cast, key: str) -> None:
    request = cast.asked(cast.booked())
    response = Visitor(request.batch).pick(form_of(request), FRIDAY_AT_NINE, key=key)
    assert (response.status_code, alert(response)) == (
        422,
        "This form was incomplete, so nothing was changed. Please open the page again and send it once more.",
    )


def test_a_key_used_for_another_time_shows_how_things_stand(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    visitor.pick(form_of(request), FRIDAY_AT_NINE)
    response = visitor.pick(form_of(request), new_york(27, 10))
    assert (response.status_code, alert(response)) == (
        409,
        "This form was already sent with other contents, so nothing was changed now. Please open the page again.",
    )
    assert "Friday, November 27 at 6:00 AM" in words(response)
