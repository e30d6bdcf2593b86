"""Keeping the time by video: offered with the ask, taken on the client's page or by phone, and what it changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, room_of
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.sent_notifications import said_in
from tests.app.staff_browser import StaffBrowser, errors, okafor

from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import change_block
from raincheck.actions.reschedule.answer import keep_by_video
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.by_video import BlockedAndByVideo, VideoNotPossible, VideoOfferEnded
from raincheck.domain.reschedule.lifecycle import AlreadySettled
from raincheck.domain.spans import Span

HOURS = timedelta(hours=1)
TUESDAY = Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOURS)
NEXT_TUESDAY = new_york(1, 11, month=12)
KEEP = "Keep Tuesday 11:00 AM, by video Same time. You get a link to join."
JOIN = "https://meet.example/room"
BLOCK = {
    "block": "on",
    "first_day": "2026-11-24",
    "first_time": "11:00",
    "last_day": "2026-11-24",
    "last_time": "12:00",
}


def in_a_room(cast: Cast, *starts: datetime) -> list[Appointment]:
    """Book Riley's follow-ups with Dr. Okafor in room 2."""
    return [cast.booked(start, place=room_of(cast)) for start in starts or [TUESDAY_AT_ELEVEN]]


def offered(cast: Cast, **said: Any) -> RescheduleRequest:
    return handed_over(cast.asked(*in_a_room(cast), by_video=True, **said))


def keep(cast: Cast, request: RescheduleRequest, *, by: Actor | None = None) -> None:
    who = by or cast.by_riley
    run_command(partial(keep_by_video, request.ref, by=who, now=NOW), key=None, body={}, by=who, now=NOW)


def ask(who: StaffBrowser, *appointments: Appointment, **said: Any) -> HttpResponse:
    refs = [str(row.ref) for row in appointments]
    body = {"appointments": refs, "reason": "scheduling_conflict", **said}
    return who.post(f"/appointments/{appointments[0].ref}/ask/", **body)


def test_keeping_changes_the_place_and_the_link_and_nothing_else(cast: Cast) -> None:
    request = offered(cast)
    before = Appointment.objects.values().get()
    keep(cast, request)
    after = Appointment.objects.values().get()
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed == {
        "place_id": cast.telehealth.pk,
        "join_url": JOIN,
        "ical_sequence": before["ical_sequence"] + 1,
    }
    request.refresh_from_db()
    assert (request.state, request.settled_by, request.moved_to) == ("kept", "client_by_link", None)


def test_the_page_offers_the_time_itself_first_and_one_press_keeps_it(cast: Cast) -> None:
    request = offered(cast)
    visitor = Visitor(request.batch)
    page = visitor.get(page_of(request))
    assert choosable(page)[0] == KEEP
    assert 'data-says="Keep Tue, Nov 24 at 11:00 AM, by video"' in page.content.decode()
    sent = visitor.pick(form_of(request), TUESDAY_AT_ELEVEN)
    assert (sent.status_code, sent["Location"]) == (302, form_of(request))
    done = words(visitor.get(form_of(request)))
    assert done == (
        "You're all set, Riley Tuesday, November 24 at 8:00 AM, by video Los Angeles time · Telehealth with Dr. Okafor,"
        " 50 minutes Your time stays, and you meet by video. Dr. Okafor knows, and a confirmation is on its way to you."
        " Add to my calendar Change my choice Join by video Write to Dr. Okafor"
    )


def test_without_a_script_the_same_words_are_read_once_more_before_it_is_kept(cast: Cast) -> None:
    request = offered(cast)
    visitor = Visitor(request.batch)
    asked_once_more = words(visitor.post(form_of(request), start="2026-11-24T16:00Z"))
    assert asked_once_more == (
        "Is this right? Tuesday, November 24 at 11:00 AM New York time (Tue, 8:00 AM in Los Angeles) · By video, at the"
        " same time. You get a link to join. Keep Tue, Nov 24 at 11:00 AM, by video Choose another time"
    )
    assert RescheduleRequest.objects.get().state == "open"


def test_what_was_chosen_stays_chosen_through_the_week(cast: Cast) -> None:
    request = offered(cast)
    page = Visitor(request.batch).get(page_of(request), start="2026-11-24T16:00Z", day="2026-12-01")
    assert 'id="t1-same" value="2026-11-24T16:00Z"' in page.content.decode()
    assert page.content.decode().count(" checked>") == 1
    assert "is not open any more" not in words(page)


def test_the_prompt_says_that_the_time_may_be_kept_and_only_then(cast: Cast) -> None:
    offered(cast)
    cast.asked(*in_a_room(cast, new_york(3, 11, month=12)), repeat_confirmed=True)
    prompts = Notification.objects.filter(kind="asked", channel="email", recipient__isnull=False)
    with_offer, without = (said_in(row).words.text for row in prompts.order_by("pk"))
    assert "\n\nYou can also keep this time and meet by video.\n\n" in with_offer
    assert "by video" not in without


def test_nobody_is_offered_what_was_not_offered_with_the_ask(cast: Cast) -> None:
    request = handed_over(cast.asked(*in_a_room(cast)))
    visitor = Visitor(request.batch)
    assert KEEP not in choosable(visitor.get(page_of(request)))
    assert visitor.pick(form_of(request), TUESDAY_AT_ELEVEN).status_code == 409
    with pytest.raises(VideoOfferEnded):
        keep(cast, request)
    assert RescheduleRequest.objects.get().state == "open"


@pytest.mark.parametrize("gone", ["place", "link", "type", "room"])
def test_an_offer_that_can_be_kept_no_more_is_shown_no_more_and_refused(cast: Cast, gone: str) -> None:
    request = offered(cast)
    if gone == "place":
        Place.objects.filter(kind="telehealth").update(offered=False)
    elif gone == "link":
        Provider.objects.update(join_url="")
    elif gone == "type":
        AppointmentType.objects.update(may_be_by_video=False)
    else:
        Appointment.objects.update(place=cast.telehealth)
    visitor = Visitor(request.batch)
    assert not any("by video" in name for name in choosable(visitor.get(page_of(request))))
    refused = visitor.pick(form_of(request), TUESDAY_AT_ELEVEN)
    assert refused.status_code == 409
    assert "Keeping the time by video isn't possible any more. Nothing was changed" in words(refused)
    assert RescheduleRequest.objects.get().state == "open"


def test_the_client_is_told_as_of_a_change_and_the_provider_by_mail_and_in_the_app(cast: Cast) -> None:
    keep(cast, offered(cast))
    sent = Notification.objects.filter(kind="kept").order_by("pk")
    assert [(row.channel, row.recipient_id is None) for row in sent] == [
        ("email", False),
        ("email", True),
        ("in_app", True),
    ]
    to_client, to_provider, in_app = (said_in(row).words for row in sent)
    assert to_client.subject == "Your appointment has changed"
    assert "Your appointment with Dr. Okafor keeps its time, and you meet by video:" in to_client.text
    assert f"Join by video: {JOIN}" in to_client.text
    assert to_provider.subject == "An appointment is by video now"
    assert in_app.subject == "Riley B. keeps the time, by video"


def test_history_and_conversation_say_who_kept_it_and_from_which_place(cast: Cast) -> None:
    request = offered(cast)
    room = Appointment.objects.get().place_id
    keep(cast, request, by=cast.by_okafor)
    row = AppointmentHistory.objects.get(event="kept")
    assert (row.actor_kind, row.for_client, row.details) == (
        "provider",
        cast.riley.pk,
        {"from_place": room, "to_place": cast.telehealth.pk},
    )
    assert Message.objects.filter(card="kept").count() == 1
    page = words(okafor().get(f"/requests/{request.ref}/"))
    assert "You kept the time for Riley, by video." in page
    assert "Kept, by video" in page


def test_an_ending_is_one_ending(cast: Cast) -> None:
    request = offered(cast)
    keep(cast, request)
    with pytest.raises(AlreadySettled):
        keep(cast, request)
    with pytest.raises(AlreadySettled):
        cast.pick(request, FRIDAY_AT_NINE)


def test_each_appointment_of_a_batch_that_may_be_by_video_is_offered_so(cast: Cast) -> None:
    in_room, other_room = in_a_room(cast, TUESDAY_AT_ELEVEN, new_york(25, 14))
    by_video = cast.booked(NEXT_TUESDAY)
    first = handed_over(cast.asked(in_room, other_room, by_video, by_video=True))
    asked = RescheduleRequest.objects.order_by("asked_starts_at")
    assert [row.video_offered for row in asked] == [True, True, False]
    names = choosable(Visitor(first.batch).get(page_of(first)))
    assert [name for name in names if "by video" in name] == [
        KEEP,
        "Keep Wednesday 2:00 PM, by video Same time. You get a link to join.",
    ]


def test_offering_it_and_blocking_that_time_are_not_both_sent(cast: Cast) -> None:
    [row] = in_a_room(cast)
    with pytest.raises(BlockedAndByVideo):
        cast.asked(row, by_video=True, block=TUESDAY)
    refused = ask(okafor(), row, by_video="on", **BLOCK)
    assert refused.status_code == 409
    assert errors(refused) == [
        "A time that may be kept by video can't be blocked as out of office. Nothing was sent yet: the block is unticked"
        " now. Please look, and send again."
    ]
    html = refused.content.decode()
    assert "checked" in html.split('name="by_video"')[1].split(">")[0]
    assert "checked" not in html.split('name="block"')[1].split(">")[0]
    assert not RescheduleRequest.objects.exists()
    # Another stretch may be blocked all the same.
    cast.asked(row, by_video=True, block=Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + HOURS))
    assert OutOfOffice.objects.count() == 1


def test_the_ask_sends_the_offer_and_its_preview_shows_it(cast: Cast) -> None:
    [row] = in_a_room(cast)
    me = okafor()
    form = words(me.get(f"/appointments/{row.ref}/ask/"))
    assert (
        "Offer to keep the time by video Riley can keep the time and meet by video instead of choosing another. What can be"
        " kept is not blocked." in form
    )
    query = {"appointments": str(row.ref), "by_video": "on"}
    address = f"/appointments/{row.ref}/ask/"
    part = me.browser.get(address, query, headers={"HX-Request": "true"}, **me._arrival()).content.decode()
    assert "Among the first choices on the page: <b>Keep Tue, Nov 24 at 11:00 AM, by video</b>" in part
    assert ask(me, row, by_video="on").status_code == 302
    assert RescheduleRequest.objects.get().video_offered


@pytest.mark.parametrize(
    ("lacks", "reason"),
    [
        ("type", "Not possible: this type of appointment needs to be in person."),
        (
            "place",
            "Not possible: the practice has no telehealth place. A manager can add one under Practice.",
        ),
        ("link", "Not possible: Dr. Okafor has no join link. A manager can add it under People."),
    ],
)
def test_what_cannot_be_offered_says_why_and_is_refused(cast: Cast, lacks: str, reason: str) -> None:
    [row] = in_a_room(cast)
    if lacks == "type":
        AppointmentType.objects.update(may_be_by_video=False)
    elif lacks == "place":
        Place.objects.filter(kind="telehealth").update(offered=False)
    else:
        Provider.objects.update(join_url="")
    page = okafor().get(f"/appointments/{row.ref}/ask/")
    assert reason in words(page)
    assert "disabled" in page.content.decode().split('name="by_video"')[1].split(">")[0]
    with pytest.raises(VideoNotPossible):
        cast.asked(row, by_video=True)


def test_what_is_by_video_already_is_offered_nothing(cast: Cast) -> None:
    row = cast.booked()
    assert "by video" not in words(okafor().get(f"/appointments/{row.ref}/ask/"))
    with pytest.raises(VideoNotPossible):
        cast.asked(row, by_video=True)


def test_staff_keep_it_for_the_client_on_the_phone(cast: Cast) -> None:
    request = offered(cast)
    me = okafor()
    address = f"/requests/{request.ref}/pick/"
    assert "Keep Tuesday 11:00 AM, by video Same time. Riley gets a link to join." in words(me.get(address))
    sent = me.post(address, start="2026-11-24T16:00Z")
    assert sent.status_code == 302
    assert "Kept, by video. Riley gets a confirmation." in me.get(sent["Location"]).content.decode()
    request.refresh_from_db()
    assert (request.state, request.settled_by) == ("kept", "provider")


def beside(cast: Cast) -> RescheduleRequest:
    """Ask about a Tuesday that may be kept, with a block beside it."""
    return offered(cast, block=Span(TUESDAY.end, TUESDAY.end + HOURS))


def test_a_block_made_with_the_ask_goes_as_when_it_is_withdrawn(cast: Cast) -> None:
    keep(cast, beside(cast))
    assert OutOfOffice.objects.get().removed_at == NOW


def test_a_block_that_somebody_edited_stays(cast: Cast) -> None:
    request = beside(cast)
    block = OutOfOffice.objects.get()
    longer = Span(block.starts_at, block.ends_at + HOURS)
    here = cast.practice.pk
    verb = partial(change_block, block.ref, practice_id=here, span=longer, note=None, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    keep(cast, request)
    assert OutOfOffice.objects.get().removed_at is None


def test_without_open_times_the_time_itself_can_still_be_kept(cast: Cast) -> None:
    request = offered(cast)
    Provider.objects.update(availability={"weekly": [], "overrides": []})
    visitor = Visitor(request.batch)
    page = visitor.get(page_of(request))
    assert choosable(page) == [KEEP]
    assert "No other open times right now; Dr. Okafor has been told." in words(page)
    visitor.pick(form_of(request), TUESDAY_AT_ELEVEN)
    assert RescheduleRequest.objects.get().state == "kept"


def test_a_room_booked_afterwards_is_another_appointment_than_was_kept(cast: Cast) -> None:
    request = offered(cast)
    room = Appointment.objects.get().place
    keep(cast, request)
    Appointment.objects.update(place=room)
    assert "Your appointment was changed" in words(Visitor(request.batch).get(form_of(request)))
