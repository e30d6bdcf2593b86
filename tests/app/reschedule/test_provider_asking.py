"""The ask on its page: what it knows before sending, what it refuses and keeps, and what it sends."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import words
from tests.app.sent_notifications import said_in
from tests.app.staff_browser import StaffBrowser, errors, key_in, links, mallory, manager, okafor

from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import block_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Client, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.spans import Span

BLOCK = {
    "block": "on",
    "first_day": "2026-11-24",
    "first_time": "11:00",
    "last_day": "2026-11-24",
    "last_time": "12:00",
}


def address(appointment: Appointment) -> str:
    return f"/appointments/{appointment.ref}/ask/"


def ask(who: StaffBrowser, *appointments: Appointment, key: str = "", **said: Any) -> HttpResponse:
    refs = [str(row.ref) for row in appointments]
    body = {"appointments": refs, "reason": "scheduling_conflict", **said}
    return who.post(address(appointments[0]), key=key, **body)


def part(who: StaffBrowser, appointment: Appointment, **query: Any) -> str:
    """What the page puts beside the form after something was ticked."""
    answer = who.browser.get(address(appointment), query, headers={"HX-Request": "true"}, **who._arrival())
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).replace("&#x27;", "'").split())


def nothing_was_sent() -> bool:
    return not RescheduleRequest.objects.exists() and not Notification.objects.filter(kind="asked").exists()


def test_the_page_lists_the_clients_appointments_with_this_one_ticked(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    cast.booked(new_york(24, 13), client=cast.maya)
    cast.booked(new_york(25, 11), provider=cast.fischer)
    html = okafor().get(address(second)).content.decode()
    boxes = re.findall(r'name="appointments" value="([^"]+)" data-words="([^"]+)"( checked)?', html)
    assert boxes == [
        (str(first.ref), "Tue, Nov 24 · 11:00 AM", ""),
        (str(second.ref), "Tue, Dec 1 · 11:00 AM", " checked"),
    ]


def test_what_cannot_be_asked_about_is_disabled_with_its_reason(cast: Cast) -> None:
    cast.booked(new_york(16, 15))
    cast.asked(cast.booked(new_york(23, 9)))
    page = okafor().get(address(cast.booked()))
    assert (
        "Mon, Nov 16 · 3:00 PM Follow-up · 50 min Too late to ask: Riley would have less than 4 hours to answer between"
        " 8:00 AM and 9:00 PM, Los Angeles time." in words(page)
    )
    assert "Mon, Nov 23 · 9:00 AM Follow-up · 50 min Asked · 48 h left" in words(page)
    assert page.content.decode().count(" disabled") == 2


def test_the_form_shows_the_one_sentence_that_the_client_reads_for_every_reason(cast: Cast) -> None:
    page = okafor().get(address(cast.booked()))
    assert re.findall(r'<option value="\w+">([^<]+)<', page.content.decode())[:8] == [
        "Scheduling conflict",
        "Training or conference",
        "Court or legal duty",
        "Travel",
        "Holiday",
        "Illness",
        "Personal or family matter",
        "Other",
    ]
    assert (
        "The reason stays with the practice. Riley reads: “Dr. Okafor can't make this time and would like to find"
        " another with you.”" in words(page)
    )


def comes_on_tuesdays(cast: Cast) -> None:
    """Let Riley have kept two sessions on Tuesdays at 11."""
    for day in (3, 10):
        cast.booked(new_york(day, 11), now=new_york(1, 9))


def test_an_intake_and_a_client_who_came_once_have_no_usual_day(cast: Cast) -> None:
    cast.booked(new_york(10, 11), now=new_york(1, 9))
    said = words(okafor().get(address(cast.booked())))
    assert "usual day" not in said
    cast.booked(new_york(3, 11), now=new_york(1, 9))
    assert "Riley's usual day" in words(okafor().get(address(cast.booked(new_york(1, 11, month=12)))))
    intake = cast.booked(new_york(2, 11, month=12), kind=cast.intake)
    assert "usual day" not in words(okafor().get(address(intake)))


def test_before_you_send_counts_what_fits_and_says_the_deadline(cast: Cast) -> None:
    comes_on_tuesdays(cast)
    cast.booked(new_york(17, 11))
    said = words(okafor().get(address(cast.booked())))
    # Weekdays from Tuesday 17 to Tuesday, December 8, from 9 to 5 on the half hour; what the two sessions take is gone.
    assert "open times from Tue, Nov 17 to Tue, Dec 8 fit a session of 50 minutes." in said
    assert "on Tuesdays, Riley's usual day." in said
    assert "Riley has 48 hours to choose, until Wed, 10:00 AM ." in said
    assert "last-minute" not in said
    assert "E-mail" in said


def test_the_figures_are_those_a_client_would_be_offered(cast: Cast) -> None:
    comes_on_tuesdays(cast)
    said = words(okafor().get(address(cast.booked())))
    # 15 starts a day (9:00 to 4:00 PM); 7 days before the asked time is 11:00 on the 17th, 14 days after is 11:00 on
    # December 8. The asked time itself closes 10:30, 11:00 and 11:30.
    whole_days = 14
    first, last = 15 - 4, 5
    assert f"{whole_days * 15 + first + last - 3} open times" in said
    assert f"{first + 15 - 3 + 15 + last} on Tuesdays" in said


def test_a_start_before_the_window_passes_is_warned_of_with_the_real_deadline(cast: Cast) -> None:
    said = words(okafor().get(address(cast.booked(new_york(18, 9)))))
    assert (
        "About 47 hours ahead. The session starts before 48 hours pass, so Riley has until Wed, 7:00 AM to choose."
        in said
    )


def test_the_preview_is_the_very_message(cast: Cast) -> None:
    appointment = cast.booked()
    said = words(okafor().get(address(appointment)))
    ask(okafor(), appointment)
    sent = said_in(Notification.objects.get(kind="asked", channel="email")).words
    assert f"Subject: {sent.subject}" in said
    body = sent.text.partition("\n--\n")[0].replace(": {link}", "").replace("- ", "")
    assert " ".join(body.split()) in said


def test_ticking_another_appointment_updates_what_stands_beside_the_form(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    said = part(okafor(), first, appointments=[str(first.ref), str(second.ref)])
    assert "Tue, Nov 24 · 11:00 AM Riley has 48 hours to choose" in said
    assert "Tue, Dec 1 · 11:00 AM Riley has 48 hours to choose" in said
    assert "Subject: Please choose new times for your appointments" in said


def test_widening_the_block_names_the_appointments_it_covers(cast: Cast) -> None:
    appointment, other = cast.booked(), cast.booked(new_york(24, 13), client=cast.maya)
    query = {**BLOCK, "appointments": [str(appointment.ref)], "last_time": "14:00"}
    said = part(okafor(), appointment, **query)
    assert "Tue, Nov 24 · 11:00 AM – 2:00 PM · nobody can book it." in said
    assert (
        "One appointment is inside this time. It stays as it is: Maya Chen, Tue, Nov 24 · 1:00 – 1:50 PM"
        in said
    )
    refused = ask(okafor(), appointment, **{**BLOCK, "last_time": "14:00"})
    assert refused.status_code == 422
    assert "Maya Chen, Tue, Nov 24" in words(refused)
    assert nothing_was_sent()
    sent = ask(okafor(), appointment, **{**BLOCK, "last_time": "14:00", "seen": str(other.ref)})
    assert sent.status_code == 302


def test_sending_asks_blocks_and_leads_back_to_the_calendar(cast: Cast) -> None:
    appointment, work = cast.booked(), okafor()
    answer = ask(work, appointment, note="I have to be in court.", private_note="Front desk knows.", **BLOCK)
    assert (answer.status_code, answer["Location"]) == (302, "/appointments/?view=calendar&date=2026-11-24")
    assert "Sent. Riley is asked to choose a new time." in words(work.get(answer["Location"]))
    batch = RescheduleBatch.objects.get()
    assert (batch.reason, batch.note, batch.private_note) == (
        "scheduling_conflict",
        "I have to be in court.",
        "Front desk knows.",
    )
    block = OutOfOffice.objects.get()
    assert (block.starts_at, block.ends_at, block.batch_id) == (new_york(24, 11), new_york(24, 12), batch.pk)
    assert RescheduleRequest.objects.get().appointment_id == appointment.pk


def test_the_block_is_prefilled_with_the_session_and_its_buffers(cast: Cast) -> None:
    page = okafor().get(address(cast.booked()))
    assert "Tue, Nov 24 · 11:00 AM – 12:00 PM · nobody can book it." in words(page)
    html = page.content.decode()
    assert 'id="id_block" checked' in html
    assert 'name="last_time" value="12:00"' in html


def blocked(cast: Cast, start: datetime, end: datetime, *, all_day: bool = False) -> OutOfOffice:
    """Block a stretch of Dr. Okafor's time."""
    span = Span(start, end)
    verb = partial(block_time, cast.okafor.pk, span=span, all_day=all_day, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    return OutOfOffice.objects.latest("pk")


def live_blocks() -> list[tuple[datetime, datetime]]:
    rows = OutOfOffice.objects.filter(removed_at__isnull=True).order_by("starts_at")
    return [(row.starts_at, row.ends_at) for row in rows]


DAY_WORDS = "Tue, Nov 24 · 9:00 AM – 5:00 PM"


@pytest.mark.parametrize(
    ("stretches", "said"),
    [
        ([(new_york(24, 9), new_york(24, 17), False)], DAY_WORDS),
        ([(new_york(24, 11), new_york(24, 12), False)], "Tue, Nov 24 · 11:00 AM – 12:00 PM"),
        ([(new_york(24, 0), new_york(26, 0), True)], "Tue, Nov 24 – Wed, Nov 25"),
        # Two that touch leave no instant between them.
        (
            [(new_york(24, 9), new_york(24, 11, 30), False), (new_york(24, 11, 30), new_york(24, 17), False)],
            "Tue, Nov 24 · 9:00 – 11:30 AM; Tue, Nov 24 · 11:30 AM – 5:00 PM",
        ),
    ],
    ids=["a day's hours", "the same", "whole days", "two that touch"],
)
def test_time_that_is_blocked_already_is_not_blocked_again(
    cast: Cast, stretches: list[tuple[datetime, datetime, bool]], said: str
) -> None:
    appointment, me = cast.booked(), okafor()
    days = [blocked(cast, start, end, all_day=all_day) for start, end, all_day in stretches]
    before = live_blocks()
    page = me.get(address(appointment))
    assert f"This time is blocked already ({said}). It is not blocked a second time." in words(page)
    assert re.search(r'<input[^>]*name="block"[^>]* disabled[^>]*>', page.content.decode())
    # Nor by a form that ticks it all the same.
    assert ask(me, appointment, **BLOCK).status_code == 302
    assert live_blocks() == before
    for day in days:
        me.post(f"/time-off/{day.ref}/", remove="on")
    assert live_blocks() == []


def test_time_that_was_blocked_while_the_form_was_open_is_not_blocked_again(cast: Cast) -> None:
    appointment, me = cast.booked(), okafor()
    key = key_in(me.get(address(appointment)))
    blocked(cast, new_york(24, 9), new_york(24, 17))
    assert ask(me, appointment, key=key, **BLOCK).status_code == 302
    assert live_blocks() == [(new_york(24, 9), new_york(24, 17))]


def test_of_a_session_that_is_partly_blocked_the_rest_is_proposed(cast: Cast) -> None:
    appointment, me = cast.booked(), okafor()
    blocked(cast, new_york(24, 9), new_york(24, 11, 30))
    page = me.get(address(appointment))
    said = "Tue, Nov 24 · 11:30 AM – 12:00 PM · nobody can book it."
    assert said in words(page)
    assert 'id="id_block" checked' in page.content.decode()
    # Both ends free and the middle shut is one stretch: two blocks of one ask would be two to take back.
    blocked(cast, new_york(24, 11, 40), new_york(24, 11, 50))
    middle = words(me.get(address(appointment)))
    assert f"{said} Blocked already: Tue, Nov 24 · 11:40 – 11:50 AM." in middle


def test_a_widened_block_that_lies_inside_another_says_so_at_once(cast: Cast) -> None:
    appointment, me = cast.booked(), okafor()
    blocked(cast, new_york(25, 9), new_york(25, 17))
    typed = BLOCK | {
        "first_day": "2026-11-25",
        "last_day": "2026-11-25",
        "appointments": str(appointment.ref),
    }
    said = "This time is blocked already (Wed, Nov 25 · 9:00 AM – 5:00 PM). It is not blocked a second time."
    assert said in part(me, appointment, **typed)


def test_asking_about_several_inside_one_block_leaves_one_block(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(25, 11))
    blocked(cast, new_york(24, 0), new_york(26, 0), all_day=True)
    assert ask(okafor(), first, second, **BLOCK).status_code == 302
    assert live_blocks() == [(new_york(24, 0), new_york(26, 0))]


def test_removing_time_off_says_what_other_time_off_still_keeps_shut(cast: Cast) -> None:
    day = blocked(cast, new_york(24, 9), new_york(24, 17))
    blocked(cast, new_york(24, 12), new_york(24, 13))
    me = okafor()
    answer = me.post(f"/time-off/{day.ref}/", remove="on")
    said = words(me.get(answer["Location"]))
    assert f"Removed: {DAY_WORDS} can be booked again." in said
    assert "Still blocked by other time off: Tue, Nov 24 · 12:00 – 1:00 PM." in said


def test_an_unticked_block_blocks_nothing(cast: Cast) -> None:
    appointment = cast.booked()
    assert ask(okafor(), appointment, **{**BLOCK, "block": ""}).status_code == 302
    assert not OutOfOffice.objects.exists()


def test_all_appointments_until_a_day_are_asked_about_at_once(cast: Cast) -> None:
    rows = [cast.booked(), *(cast.booked(new_york(day, 11, month=12)) for day in (1, 8, 15))]
    cast.asked(rows[1])
    work = okafor()
    refused = ask(work, rows[0], until="2026-11-20")
    assert (refused.status_code, errors(refused)) == (
        422,
        ["No appointment until then can be asked about. Please choose a later day, or none."],
    )
    sent = ask(work, rows[0], until="2026-12-08", repeat="on")
    assert sent.status_code == 302
    asked = RescheduleRequest.objects.filter(state="open").order_by("asked_starts_at")
    assert [one.appointment_id for one in asked] == [row.pk for row in rows[:3]]
    assert RescheduleBatch.objects.count() == 2


def test_several_appointments_are_asked_about_at_once(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    work = okafor()
    answer = ask(work, first, second)
    assert "Sent. Riley is asked to choose new times for 2 appointments." in words(
        work.get(answer["Location"])
    )
    assert RescheduleRequest.objects.count() == 2
    assert RescheduleBatch.objects.count() == 1


def test_the_same_form_sent_twice_asks_once(cast: Cast) -> None:
    appointment, work, key = cast.booked(), okafor(), str(uuid4())
    assert [ask(work, appointment, key=key).status_code for _twice in range(2)] == [302, 302]
    assert RescheduleRequest.objects.count() == 1


def test_a_form_older_than_a_move_sends_nothing_and_shows_the_present_time(
    cast: Cast,
) -> None:
    appointment = cast.booked()
    opened = okafor().get(address(appointment)).content.decode()
    shown = re.findall(r'name="shown" value="([^"]+)"', opened)
    cast.pick(cast.asked(appointment), new_york(27, 9))
    sent = RescheduleRequest.objects.count()
    answer = ask(okafor(), appointment, shown=shown, repeat="on", note="I have to be in court.", **BLOCK)
    assert (answer.status_code, RescheduleRequest.objects.count()) == (409, sent)
    assert "This appointment has changed since you opened the form" in words(answer)
    assert "Fri, Nov 27 · 9:00 AM" in words(answer)
    assert "I have to be in court." in words(answer)
    again = re.findall(r'name="shown" value="([^"]+)"', answer.content.decode())
    assert (shown, again) == ([f"{appointment.ref}:0"], [f"{appointment.ref}:1"])
    assert ask(okafor(), appointment, shown=again, repeat="on").status_code == 302


@pytest.mark.parametrize("shown", ["", "nonsense", ":", "x:1", "9" * 5000])
def test_a_spoiled_hidden_field_is_no_error_of_ours(cast: Cast, shown: str) -> None:
    assert ask(okafor(), cast.booked(), shown=[shown]).status_code == 302


def test_a_missing_reason_keeps_everything_that_was_typed(cast: Cast) -> None:
    appointment, key = cast.booked(), str(uuid4())
    other = cast.booked(new_york(1, 11, month=12))
    refused = ask(
        okafor(),
        appointment,
        other,
        key=key,
        reason="",
        note="Half a <b>thought</b>",
        private_note="Mine",
        **BLOCK,
    )
    assert refused.status_code == 422
    assert errors(refused) == [
        "Please choose a reason. Nothing was sent yet, and what you wrote is still here."
    ]
    html = refused.content.decode()
    assert "Half a &lt;b&gt;thought&lt;/b&gt;</textarea>" in html
    assert "Mine</textarea>" in html
    assert len(re.findall(r'name="(?:appointments|block)"[^>]* checked>', html)) == 3
    assert key_in(refused) == key
    assert nothing_was_sent()


def test_the_sentence_of_the_chosen_reason_stands_there_without_a_script(cast: Cast) -> None:
    refused = ask(okafor(), cast.booked(), reason="travel", note="x" * 501)
    assert "Riley reads: “Dr. Okafor can't make this time and would like to find another with you.”" in words(
        refused
    )


def test_a_note_too_long_is_said_with_both_numbers(cast: Cast) -> None:
    refused = ask(okafor(), cast.booked(), note="x" * 501)
    assert refused.status_code == 422
    assert errors(refused) == [
        "Your note has 501 characters; 500 fit. Nothing was sent yet; please shorten it."
    ]
    assert nothing_was_sent()


def test_before_you_send_leaves_out_what_the_block_would_take(cast: Cast) -> None:
    """The whole week of November 23 is blocked. It had 5 days of 15 starts but the 3 that meet the first session; what counts
    for the second, a week later, began on the Tuesday whose day the first session closes for this client: 3 days."""
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    me, ticked = okafor(), {"appointments": [str(first.ref), str(second.ref)]}
    week = BLOCK | {
        "first_day": "2026-11-23",
        "first_time": "00:00",
        "last_day": "2026-11-28",
        "last_time": "00:00",
    }

    def counts(**said: Any) -> list[int]:
        return [
            int(count) for count in re.findall(r"(\d+) open times from", part(me, first, **ticked, **said))
        ]

    without, blocked = counts(), counts(**week)
    assert counts(**BLOCK) == without, "the session's own time was never to be had"
    assert [before - after for before, after in zip(without, blocked, strict=True)] == [72, 45]
    everything = week | {"last_day": "2027-01-30", "first_day": "2026-11-16"}
    assert "You have no open times; open some first." in part(me, first, **ticked, **everything)


def test_line_ends_count_as_the_browser_counts_them(cast: Cast) -> None:
    assert ask(okafor(), cast.booked(), note="\r\n".join(["x" * 99] * 5)).status_code == 302


def test_no_appointment_ticked_is_said(cast: Cast) -> None:
    refused = ask(okafor(), cast.booked(), appointments=[])
    assert refused.status_code == 422
    assert errors(refused) == [
        "Please tick at least one appointment. Nothing was sent yet, and what you wrote is still here."
    ]


def test_an_appointment_of_a_colleague_or_another_client_cannot_be_slipped_in(cast: Cast) -> None:
    appointment = cast.booked()
    colleague = cast.booked(new_york(25, 11), provider=cast.fischer)
    another = cast.booked(new_york(24, 13), client=cast.maya)
    for slipped in (colleague, another):
        refused = ask(okafor(), appointment, appointments=[str(slipped.ref)])
        assert refused.status_code == 422
    assert nothing_was_sent()


def test_last_minute_needs_to_be_known(cast: Cast) -> None:
    appointment = cast.booked(new_york(17, 9))
    page = okafor().get(address(appointment))
    assert "This is less than 24 hours ahead. Please tick “I know this is last-minute” to send." in words(
        page
    )
    refused = ask(okafor(), appointment)
    assert refused.status_code == 422
    assert errors(refused) == [
        "This is less than 24 hours ahead. Please tick “I know this is last-minute” to send anyway. Nothing was sent yet."
    ]
    assert ask(okafor(), appointment, last_minute="on").status_code == 302
    assert RescheduleRequest.objects.get().last_minute


def test_a_second_ask_is_confirmed_and_a_third_suggests_a_call(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(phone="+13105550101")
    appointment = cast.booked()
    cast.withdraw(cast.asked(appointment))
    page = words(okafor().get(address(appointment)))
    assert "Ask Riley again Riley was asked once in the last 90 days." in page
    assert "A call may do more" not in page
    refused = ask(okafor(), appointment)
    assert errors(refused) == [
        "You have asked Riley before in the last 90 days. Please tick the box to confirm asking again. Nothing was sent yet."
    ]
    cast.withdraw(cast.asked(appointment, repeat_confirmed=True))
    assert (
        "Riley was asked 2 times in the last 90 days. A call may do more than another message. (310) 555-0101"
        in words(okafor().get(address(appointment)))
    )
    assert ask(okafor(), appointment, repeat="on").status_code == 302


def test_without_open_times_sending_is_refused_with_a_way_to_open_some(cast: Cast) -> None:
    appointment = cast.booked()
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": [], "overrides": []})
    page = okafor().get(address(appointment))
    assert "You have no open times; open some first." in words(page)
    assert links(page)["Availability"] == "/availability/"
    refused = ask(okafor(), appointment, note="Kept")
    assert refused.status_code == 409
    assert (
        "You have no open times; open some first. Nothing was sent yet, and what you wrote is still here."
        in words(refused)
    )
    assert "Kept</textarea>" in refused.content.decode()
    assert links(refused)["Open times in Availability"] == "/availability/"


def test_hours_untouched_for_sixty_days_are_doubted(cast: Cast) -> None:
    appointment, doubt = cast.booked(), "Your working hours have not been touched for 60 days."
    assert doubt not in words(okafor().get(address(appointment)))
    Provider.objects.filter(pk=cast.okafor.pk).update(availability_changed_at=NOW - timedelta(days=61))
    assert doubt in words(okafor().get(address(appointment)))


def test_without_a_channel_send_gives_way_to_picking_together(cast: Cast) -> None:
    appointment = cast.booked()
    Recipient.objects.filter(client=cast.riley).update(email="")
    Client.objects.filter(pk=cast.riley.pk).update(phone="+13105550101")
    page = okafor().get(address(appointment))
    said = words(page)
    assert "Riley can't be reached by e-mail or text Phone: (310) 555-0101 Pick with Riley Add e-mail" in said
    assert "Send to Riley" not in said
    assert links(page)["Pick with Riley"] == f"/appointments/{appointment.ref}/change/"
    assert links(page)["Add e-mail"] == f"/clients/{cast.riley.ref}/edit/"
    refused = ask(okafor(), appointment)
    assert refused.status_code == 409
    assert nothing_was_sent()


@pytest.mark.parametrize(
    ("email", "agreed", "channels"),
    [(True, True, "E-mail and text"), (False, True, "Text"), (True, False, "E-mail")],
)
def test_the_channels_stand_beside_send(cast: Cast, email: bool, agreed: bool, channels: str) -> None:
    Recipient.objects.filter(client=cast.riley).update(
        email="riley@clients.example" if email else "",
        phone="+13105550101",
        sms_agreed_at=NOW if agreed else None,
    )
    said = words(okafor().get(address(cast.booked())))
    assert f"Send to Riley Back {channels}" in said
    assert ("Text message:" in said, "Subject:" in said) == (agreed, email)


def test_too_late_to_ask_says_why_and_offers_the_other_two_ways(cast: Cast) -> None:
    appointment = cast.booked(new_york(16, 15))
    page = okafor().get(address(appointment))
    assert (
        "Too late to ask: Riley would have less than 4 hours to answer between 8:00 AM and 9:00 PM, Los Angeles time. There are two other ways:"
        in words(page)
    )
    assert links(page)["Change"] == f"/appointments/{appointment.ref}/change/"
    assert links(page)["Use the cancel flow"] == f"/appointments/{appointment.ref}/cancel/"
    refused = ask(okafor(), appointment, note="Kept")
    assert refused.status_code == 409
    assert (
        "Riley would have less than 4 hours to answer between 8:00 AM and 9:00 PM, Los Angeles time. Nothing was sent."
        in words(refused)
    )
    assert "Kept</textarea>" in refused.content.decode()
    assert nothing_was_sent()


def test_who_was_asked_already_is_shown_the_open_request(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    page = okafor().get(address(appointment))
    assert "Not possible: Riley has already been asked. The open request stands" in words(page)
    assert links(page)["Withdraw"] == f"/requests/{request.ref}/withdraw/"
    assert links(page)["Pick with Riley"] == f"/requests/{request.ref}/pick/"
    refused = ask(okafor(), appointment, repeat="on")
    assert refused.status_code == 409
    assert RescheduleRequest.objects.count() == 1


def test_a_manager_asks_for_the_provider(cast: Cast) -> None:
    appointment = cast.booked()
    answer = ask(manager(cast), appointment)
    assert answer["Location"] == (f"/appointments/?view=calendar&date=2026-11-24&provider={cast.okafor.ref}")
    assert RescheduleBatch.objects.get().asked_by_kind == "manager"


def test_an_appointment_of_somebody_else_is_not_there(cast: Cast) -> None:
    appointment = cast.booked()
    for stranger in (mallory(), StaffBrowser("fischer@harbor.example")):
        assert stranger.get(address(appointment)).status_code == 404
        assert ask(stranger, appointment).status_code == 404
    assert nothing_was_sent()


def test_the_page_makes_as_many_queries_for_thirty_appointments_as_for_one(cast: Cast) -> None:
    appointment = cast.booked()
    few = okafor().queries(address(appointment))
    for week in range(1, 30):
        cast.booked(new_york(24, 11) + timedelta(weeks=week))
    assert okafor().queries(address(appointment)) == few
    everything = [str(row.ref) for row in Appointment.objects.all()]
    assert part(okafor(), appointment, appointments=everything).count("to choose, until") > 20
