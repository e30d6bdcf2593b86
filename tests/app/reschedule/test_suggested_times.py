"""Times that a provider suggests: chosen in the form, kept for the client, shown first on their page, and picked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york, time_off
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.sent_notifications import latest, said_in, told
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import errors, okafor, section

from raincheck import clock
from raincheck.actions.access.people import end_access
from raincheck.actions.clients.leaving import Discharge, discharge
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.open_times import look_at_open_times
from raincheck.actions.reschedule.suggest import suggest_times, take_suggestion_back
from raincheck.actions.reschedule.urge import extend
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Membership, Provider, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.access.people import ProviderLeft
from raincheck.domain.appointments.lifecycle import ClientElsewhere, SlotNotOpen, SlotTaken
from raincheck.domain.clients.leaving import Told
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.domain.policy import LAPSE_GRACE
from raincheck.domain.reschedule.lifecycle import AlreadySettled
from raincheck.domain.reschedule.suggestions import NothingToKeepFor
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.queries.deliveries import may_be_handed_over
from raincheck.web.client.slots import value_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DEADLINE = NOW + 48 * HOUR
SATURDAY_AT_TEN = new_york(21, 10)
"""Outside working hours."""
HALF_PAST_ELEVEN = new_york(24, 11, 30)
"""Partly over the asked time."""
THURSDAY_AT_TWO = new_york(26, 14)


def send(appointment: Appointment, *starts: datetime, now: datetime = NOW, **said: Any) -> HttpResponse:
    """Ask about an appointment in the form, with times ticked in its calendar."""
    body = {"appointments": str(appointment.ref), "reason": "scheduling_conflict", **said}
    chosen = [value_of(start) for start in starts]
    return okafor(now).post(f"/appointments/{appointment.ref}/ask/", suggest=chosen, **body)


def asked_with(
    cast: Cast, *starts: datetime, appointments: tuple[Appointment, ...] = ()
) -> RescheduleRequest:
    return handed_over(cast.asked(*(appointments or (cast.booked(),)), suggestions=starts))


def held(*, of: Client | None = None) -> list[tuple[datetime, datetime]]:
    """The starts that are held, each with its end."""
    rows = Hold.objects.filter(client=of) if of else Hold.objects.all()
    return list(rows.order_by("starts_at").values_list("starts_at", "expires_at"))


def test_suggested_times_are_kept_shown_first_and_picked(cast: Cast) -> None:
    appointment = cast.booked()
    sent = send(appointment, SATURDAY_AT_TEN, THURSDAY_AT_TWO, HALF_PAST_ELEVEN)
    assert sent.status_code == 302
    request = handed_over(RescheduleRequest.objects.get())
    until = DEADLINE + MINUTE
    assert held() == [(SATURDAY_AT_TEN, until), (HALF_PAST_ELEVEN, until), (THURSDAY_AT_TWO, until)]
    visitor = Visitor(request.batch, now=NOW + HOUR)
    page = visitor.get(page_of(request))
    said = words(page)
    assert (
        "Dr. Okafor suggests Times in Los Angeles · Change"
        " Kept for you until Wednesday, November 18 at 7:00 AM"
        " Sat, Nov 21 7:00 AM Tue, Nov 24 8:30 AM Thu, Nov 26 11:00 AM"
        " Nearest good times " in said
    )
    answer = visitor.pick(form_of(request), SATURDAY_AT_TEN)
    assert answer.status_code == 302
    appointment.refresh_from_db()
    assert (appointment.starts_at, held()) == (SATURDAY_AT_TEN, [])
    assert not Claim.objects.filter(hold__isnull=False).exists()


def test_a_time_over_the_asked_one_can_be_picked_when_it_is_suggested(cast: Cast) -> None:
    request = asked_with(cast, HALF_PAST_ELEVEN)
    cast.pick(request, HALF_PAST_ELEVEN)
    request.refresh_from_db()
    assert (request.state, request.moved_to) == ("moved", HALF_PAST_ELEVEN)


def test_a_suggestion_is_honored_down_to_its_own_notice(cast: Cast) -> None:
    tonight = new_york(16, 19)
    request = asked_with(cast, tonight)
    cast.pick(request, tonight, now=tonight - 2 * HOUR)
    request.refresh_from_db()
    assert request.moved_to == tonight


def test_a_suggestion_closer_than_its_notice_is_no_longer_offered(cast: Cast) -> None:
    tonight = new_york(16, 19)
    request = asked_with(cast, tonight)
    late = tonight - 2 * HOUR + timedelta(seconds=1)
    assert "suggests" not in words(Visitor(request.batch, now=late).get(page_of(request)))
    with pytest.raises(SlotNotOpen):
        cast.pick(request, tonight, now=late)


def test_the_picker_says_what_is_kept_and_the_nearest_do_not_repeat_it(cast: Cast) -> None:
    friday = new_york(27, 9)
    request = asked_with(cast, friday)
    visitor = Visitor(request.batch, now=NOW + HOUR)
    page = visitor.get(page_of(request), day="2026-11-27")
    names = choosable(page)
    assert names[0] == "Fri, Nov 27 6:00 AM"
    assert "Fri, Nov 27 6:00 AM" not in names[1:6]
    assert "Friday, November 27, 6:00 AM kept for you" in names


def test_another_client_cannot_take_a_suggested_time(cast: Cast) -> None:
    request = asked_with(cast, FRIDAY_AT_NINE)
    maya = handed_over(cast.asked(cast.booked(new_york(24, 14), client=cast.maya)))
    names = choosable(Visitor(maya.batch).get(page_of(maya), day="2026-11-27"))
    assert not [name for name in names if "November 27, 9:00 AM" in name or "Nov 27 9:00 AM" in name]
    with pytest.raises(SlotTaken):
        cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    cast.pick(request, FRIDAY_AT_NINE)


def test_a_suggestion_makes_up_for_having_no_open_times(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": [], "overrides": []})
    appointment = cast.booked()
    refused = send(appointment)
    assert "You have no open times; open some first." in words(refused)
    assert send(appointment, SATURDAY_AT_TEN).status_code == 302
    request = handed_over(RescheduleRequest.objects.get())
    said = words(Visitor(request.batch).get(page_of(request)))
    assert "Dr. Okafor suggests" in said
    assert "Nearest good times" not in said
    assert "No open times right now" not in said


SUNDAY = new_york(22, 9)
BAD = {
    "six": (
        [SUNDAY + number * HOUR for number in range(6)],
        "You can suggest up to 5 times; 6 are chosen. Nothing was sent yet, and all of them are still here; please leave some out.",
    ),
    "beyond the horizon": (
        [new_york(20, 9, month=4).replace(year=2027)],
        "Tuesday, April 20, 2027 at 9:00 AM is too far ahead: times can be suggested until Friday, January 15 at 10:00 AM."
        " Nothing was sent yet; please choose a sooner time.",
    ),
    "too soon": (
        [NOW + 2 * HOUR - MINUTE],
        "Monday, November 16 at 11:59 AM is too soon: a suggested time is at least 2 hours away."
        " Nothing was sent yet; please choose a later time.",
    ),
    "over an appointment": (
        [new_york(25, 9, 30)],
        "Wednesday, November 25 at 9:30 AM is taken: it would overlap an appointment, a time held for somebody else, or their buffers."
        " Nothing was sent yet; please choose another time.",
    ),
    "over a hold": (
        [new_york(25, 13)],
        "Wednesday, November 25 at 1:00 PM is taken: it would overlap an appointment, a time held for somebody else, or their buffers."
        " Nothing was sent yet; please choose another time.",
    ),
    "twice": (
        [SUNDAY, SUNDAY],
        "Sunday, November 22 at 9:00 AM is suggested twice. Nothing was sent yet; please keep it once, or choose another time.",
    ),
    "over their own": (
        [new_york(26, 10, 30)],
        "Riley has another appointment on Thursday, November 26 at 10:30 AM. Nothing was sent yet; please choose another time.",
    ),
    "the asked time": (
        [TUESDAY_AT_ELEVEN],
        "Tuesday, November 24 at 11:00 AM is the very time you ask about. Nothing was sent yet; please choose another one.",
    ),
    "in time off": (
        [new_york(23, 9)],
        "You are out of office or busy on Monday, November 23 at 9:00 AM."
        " Nothing was sent yet; please choose another time, or change your time off first.",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_suggestions_are_refused_at_the_field_and_stay_ticked(cast: Cast, what: str) -> None:
    starts, sentence = BAD[what]
    cast.booked(new_york(25, 9), client=cast.maya)
    asked_with(cast, new_york(25, 13), appointments=(cast.booked(new_york(25, 15), client=cast.maya),))
    cast.booked(new_york(26, 10), provider=cast.fischer)
    time_off(cast.okafor, new_york(23, 8), new_york(23, 12))
    appointment = cast.booked()
    before = held()
    page = send(appointment, *starts, note="See you.")
    assert page.status_code in (409, 422)
    assert errors(page) == [sentence]
    ticked = re.findall(r'name="suggest"[^>]* value="([^"]+)" checked', page.content.decode())
    assert sorted(ticked) == sorted({value_of(start) for start in starts})
    assert "See you." in page.content.decode()
    assert held() == before
    assert not RescheduleRequest.objects.filter(appointment=appointment).exists()


def test_a_time_can_be_typed_without_a_script(cast: Cast) -> None:
    appointment = cast.booked()
    sent = send(appointment, suggest_day="2026-11-21", suggest_time="10:20")
    assert sent.status_code == 302
    assert [start for start, _end in held()] == [new_york(21, 10, 20)]


def test_looking_at_another_day_sends_nothing_and_keeps_what_was_typed(cast: Cast) -> None:
    appointment = cast.booked()
    page = send(appointment, THURSDAY_AT_TWO, look="2026-12-01", note="See you.")
    assert page.status_code == 200
    said = words(page)
    assert "See you." in page.content.decode()
    assert "Thu, Nov 26 · 2:00 PM" in said
    assert "Tuesday, December 1" in said
    assert not RescheduleRequest.objects.exists()


def act(cast: Cast, verb: Callable[..., Answer], *given: Any, now: datetime = NOW, **named: Any) -> Answer:
    by = named.pop("by", cast.by_okafor)
    done = partial(verb, *given, **named, by=by, now=now)
    return run_command(done, key=None, body={}, by=by, now=now)


def test_a_kept_time_moves_with_the_deadline_whatever_moves_it(cast: Cast) -> None:
    request = asked_with(cast, THURSDAY_AT_TWO)
    assert held() == [(THURSDAY_AT_TWO, DEADLINE + MINUTE)]
    act(cast, extend, request.ref, by_length=12 * HOUR)
    assert held() == [(THURSDAY_AT_TWO, DEADLINE + 12 * HOUR + MINUTE)]
    # No verb at all: the row alone.
    RescheduleRequest.objects.filter(pk=request.pk).update(deadline_at=DEADLINE + 20 * HOUR)
    assert held() == [(THURSDAY_AT_TWO, DEADLINE + 20 * HOUR + MINUTE)]


def test_a_kept_time_waits_with_a_request_that_waits_for_a_person(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(do_not_auto_cancel=True)
    request = asked_with(cast, THURSDAY_AT_TWO)
    sweep(now=DEADLINE + 2 * MINUTE)
    request.refresh_from_db()
    assert request.needs_provider == "do_not_auto_cancel"
    assert held() == [(THURSDAY_AT_TWO, TUESDAY_AT_ELEVEN + MINUTE)]
    said = words(Visitor(request.batch, now=DEADLINE + HOUR).get(page_of(request)))
    assert "Dr. Okafor suggests Times in Los Angeles · Change Kept for you Thu, Nov 26 11:00 AM" in said
    cast.pick(request, THURSDAY_AT_TWO, now=DEADLINE + HOUR)
    request.refresh_from_db()
    assert request.moved_to == THURSDAY_AT_TWO


@pytest.mark.parametrize("ending", ["decline", "withdraw", "lapse", "pick another"])
def test_every_ending_gives_kept_times_back(cast: Cast, ending: str) -> None:
    request = asked_with(cast, THURSDAY_AT_TWO, SATURDAY_AT_TEN)
    if ending == "decline":
        cast.decline(request)
    elif ending == "withdraw":
        cast.withdraw(request)
    elif ending == "lapse":
        assert sweep(now=DEADLINE + 2 * MINUTE)["request lapsed"] == 1
    else:
        cast.pick(request, FRIDAY_AT_NINE)
    assert held() == []
    assert not Claim.objects.filter(hold__isnull=False).exists()


def test_a_kept_time_stays_until_its_request_ends_though_nobody_could_answer(cast: Cast) -> None:
    """While nobody knows whether pages could be opened nothing lapses; once the outage is noted, the deadline moves."""
    request = asked_with(cast, THURSDAY_AT_TWO)
    sweep(now=DEADLINE + 5 * MINUTE, real_now=clock.real_now())
    request.refresh_from_db()
    assert (request.state, held()) == ("open", [(THURSDAY_AT_TWO, DEADLINE + MINUTE)])
    RescheduleRequest.objects.filter(pk=request.pk).update(deadline_at=DEADLINE + HOUR)
    assert held() == [(THURSDAY_AT_TWO, DEADLINE + HOUR + MINUTE)]


def test_an_expired_kept_time_stands_in_nobodys_way(cast: Cast) -> None:
    asked_with(cast, THURSDAY_AT_TWO)
    cast.booked(THURSDAY_AT_TWO, client=cast.maya, now=DEADLINE + 2 * MINUTE)
    assert held() == []


def test_a_kept_time_is_for_all_of_its_batch_and_lives_while_one_of_it_is_open(cast: Cast) -> None:
    soon, late = cast.booked(new_york(18, 11)), cast.booked()
    first = asked_with(cast, THURSDAY_AT_TWO, SATURDAY_AT_TEN, appointments=(soon, late))
    second = RescheduleRequest.objects.get(appointment=late)
    assert first.deadline_at < second.deadline_at
    until = second.deadline_at + MINUTE
    assert held() == [(SATURDAY_AT_TEN, until), (THURSDAY_AT_TWO, until)]
    # The one that carries them ends; the other goes on with what is left of them, as long as it may.
    cast.pick(second, THURSDAY_AT_TWO)
    assert held() == [(SATURDAY_AT_TEN, first.deadline_at + MINUTE)]
    assert Hold.objects.get().request == first
    page = words(Visitor(first.batch).get(page_of(first)))
    assert "Sat, Nov 21 7:00 AM" in page
    cast.pick(first, SATURDAY_AT_TEN)
    assert held() == []


def test_a_time_chosen_for_one_appointment_is_not_offered_for_the_next(cast: Cast) -> None:
    soon, late = cast.booked(new_york(18, 11)), cast.booked()
    first = asked_with(cast, THURSDAY_AT_TWO, appointments=(soon, late))
    second = RescheduleRequest.objects.get(appointment=late)
    visitor = Visitor(first.batch)
    said = words(visitor.get(page_of(first), **{f"start-{first.ref}": value_of(THURSDAY_AT_TWO)}))
    assert said.count("Dr. Okafor suggests") == 1
    cast.pick(first, THURSDAY_AT_TWO)
    with pytest.raises(ClientElsewhere):
        cast.pick(second, THURSDAY_AT_TWO)


def test_what_the_client_got_elsewhere_meanwhile_is_no_longer_suggested(cast: Cast) -> None:
    request = asked_with(cast, THURSDAY_AT_TWO)
    other = cast.booked(THURSDAY_AT_TWO, provider=cast.fischer)
    assert "suggests" not in words(Visitor(request.batch).get(page_of(request)))
    with pytest.raises(ClientElsewhere):
        cast.pick(request, THURSDAY_AT_TWO)
    assert Appointment.objects.get(pk=other.pk).starts_at == THURSDAY_AT_TWO
    # By hand with the same provider the claim lets them through: it is their own time.
    booked = cast.booked(FRIDAY_AT_NINE)
    assert booked.client == cast.riley


def test_a_suggestion_outlives_a_block_that_is_made_over_it(cast: Cast) -> None:
    request = asked_with(cast, THURSDAY_AT_TWO)
    time_off(cast.okafor, new_york(26, 0), new_york(27, 0))
    cast.pick(request, THURSDAY_AT_TWO)
    request.refresh_from_db()
    assert request.moved_to == THURSDAY_AT_TWO


def test_times_can_be_suggested_later_and_the_client_is_told(cast: Cast) -> None:
    request, me = asked_with(cast, SATURDAY_AT_TEN), okafor(NOW + HOUR)
    page = me.get(f"/requests/{request.ref}/suggest/")
    assert re.findall(r'name="suggest"[^>]* value="([^"]+)" checked', page.content.decode()) == [
        value_of(SATURDAY_AT_TEN)
    ]
    since = latest()
    sent = me.post(f"/requests/{request.ref}/suggest/", suggest=[value_of(THURSDAY_AT_TWO)])
    assert (sent.status_code, sent["Location"]) == (302, f"/requests/{request.ref}/")
    assert held() == [(THURSDAY_AT_TWO, DEADLINE + MINUTE)]
    assert told(since) == ["suggested to client by email: waiting"]
    said = said_in(Notification.objects.latest("pk"), now=NOW + HOUR).words
    assert said.subject == "New times for your appointment"
    assert "Dr. Okafor suggests new times for this appointment, and keeps them for you:" in said.text
    story = section(me.get(f"/requests/{request.ref}/"), "What happened")
    assert "You suggested new times to Riley. Mon, Nov 16 · 11:00 AM" in story


def test_the_same_times_again_are_refused_and_tell_nobody(cast: Cast) -> None:
    request, since = asked_with(cast, SATURDAY_AT_TEN), latest()
    page = okafor().post(f"/requests/{request.ref}/suggest/", suggest=[value_of(SATURDAY_AT_TEN)])
    assert errors(page) == [
        "These times are suggested already, so nothing was sent. Please choose another one, or take one back."
    ]
    assert (told(since), [start for start, _end in held()]) == ([], [SATURDAY_AT_TEN])


def test_nothing_is_kept_after_the_deadline_until_somebody_extends_it(cast: Cast) -> None:
    request = asked_with(cast)
    with pytest.raises(NothingToKeepFor):
        act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO], now=DEADLINE + 2 * MINUTE)
    sweep(now=DEADLINE + 2 * MINUTE)
    with pytest.raises(AlreadySettled):
        act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO], now=DEADLINE + 3 * MINUTE)


def test_a_suggestion_is_taken_back_by_one_press(cast: Cast) -> None:
    request, me = asked_with(cast, SATURDAY_AT_TEN, THURSDAY_AT_TWO), okafor(NOW + HOUR)
    page = me.get(f"/requests/{request.ref}/")
    assert section(page, "Kept for Riley") == (
        "Kept for Riley Sat, Nov 21 · 10:00 AM Take back Thu, Nov 26 · 2:00 PM Take back"
    )
    [first, _second] = re.findall(r'action="(/requests/[^"]*/take-back/)"', page.content.decode())
    since = latest()
    assert me.post(first).status_code == 302
    assert [start for start, _end in held()] == [THURSDAY_AT_TWO]
    assert told(since) == []
    assert me.post(first).status_code == 302
    assert "That time is not suggested any more" in me.get(f"/requests/{request.ref}/").content.decode()
    cast.booked(SATURDAY_AT_TEN, client=cast.maya)


def test_who_leaves_keeps_nothing_for_anybody(cast: Cast) -> None:
    request = asked_with(cast, THURSDAY_AT_TWO)
    membership = Membership.objects.get(provider=cast.okafor)
    sasha = Membership.objects.create(
        practice=cast.practice, user=User.objects.create(email="sasha@harbor.example"), role="manager"
    )
    by = Actor(ActorKind.MANAGER, sasha.pk)
    act(cast, end_access, membership.user.ref, practice_id=cast.practice.pk, by=by)
    assert held() == []
    with pytest.raises(ProviderLeft):
        act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO], by=by)


def test_time_off_over_suggested_times_names_them_and_takes_the_ticked_back(cast: Cast) -> None:
    asked_with(cast, THURSDAY_AT_TWO, new_york(26, 16))
    me, since = okafor(NOW + HOUR), latest()
    body = {"first_day": "2026-11-26", "last_day": "2026-11-26", "all_day": "on"}
    asks = me.post("/appointments/block/", **body)
    assert asks.status_code == 422
    assert (
        "2 times inside are suggested to clients, who can still choose them:"
        " Riley Brooks, Thu, Nov 26 · 2:00 – 2:50 PM Take back" in words(asks)
    )
    [seen] = re.findall(r'name="seen" value="([^"]+)"', asks.content.decode())
    [first, _second] = re.findall(r'name="take_back" value="([^"]+)"', asks.content.decode())
    assert me.post("/appointments/block/", **body, seen=seen, take_back=first).status_code == 302
    assert [start for start, _end in held()] == [new_york(26, 16)]
    assert told(since) == []


def test_nobody_is_told_of_missing_times_while_one_is_kept(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": [], "overrides": []})
    request = asked_with(cast, SATURDAY_AT_TEN)
    look = partial(look_at_open_times, cast.okafor.pk)
    run_command(partial(look, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
    assert not Task.objects.filter(request=request).exists()
    Claim.objects.filter(hold__isnull=False).delete()
    Hold.objects.all().delete()
    run_command(partial(look, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
    assert list(Task.objects.filter(request=request).values_list("kind", flat=True)) == ["no_open_times"]


def test_staff_on_the_phone_pick_a_suggested_time_too(cast: Cast) -> None:
    request = asked_with(cast, SATURDAY_AT_TEN)
    me = okafor(NOW + HOUR)
    assert f'value="{value_of(SATURDAY_AT_TEN)}"' in me.get(f"/requests/{request.ref}/pick/").content.decode()
    assert me.post(f"/requests/{request.ref}/pick/", start=value_of(SATURDAY_AT_TEN)).status_code == 302
    request.refresh_from_db()
    assert request.moved_to == SATURDAY_AT_TEN


def test_the_grace_of_a_kept_time_is_that_of_a_lapse(cast: Cast) -> None:
    """The trigger knows it as a number of its own."""
    request = asked_with(cast, SATURDAY_AT_TEN)
    RescheduleRequest.objects.filter(pk=request.pk).update(deadline_at=DEADLINE + HOUR)
    assert held() == [(SATURDAY_AT_TEN, DEADLINE + HOUR + LAPSE_GRACE)]


def test_a_word_of_new_times_that_has_not_left_yet_tells_of_later_ones_too(cast: Cast) -> None:
    request, since = asked_with(cast), latest()
    act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO])
    act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO, SATURDAY_AT_TEN])
    assert told(since) == ["suggested to client by email: waiting"]
    Notification.objects.filter(kind="suggested").update(attempts=1)
    act(cast, suggest_times, request.ref, starts=[FRIDAY_AT_NINE])
    assert told(since) == ["suggested to client by email: waiting"] * 2


def test_staff_are_not_offered_a_suggested_time_that_the_client_needs_elsewhere(cast: Cast) -> None:
    request = asked_with(cast, SATURDAY_AT_TEN)
    cast.booked(SATURDAY_AT_TEN, provider=cast.fischer)
    page = okafor(NOW + HOUR).get(f"/requests/{request.ref}/pick/").content.decode()
    assert f'value="{value_of(SATURDAY_AT_TEN)}"' not in page


def test_nothing_of_a_suggestion_is_left_when_its_client_leaves_care(cast: Cast) -> None:
    asked_with(cast, THURSDAY_AT_TWO)
    said = Discharge(Told.NOTHING)
    act(cast, discharge, cast.riley.pk, said=said)
    assert (held(), Claim.objects.filter(hold__isnull=False).count()) == ([], 0)


@pytest.mark.parametrize("late", [False, True])
def test_nobody_is_told_of_new_times_that_were_all_taken_back(
    cast: Cast, mailroom: Mailroom, *, late: bool
) -> None:
    """Before the words are made, or while the mail server waits for them."""
    request = asked_with(cast)
    deliver_due(NOW)
    mailroom.got.clear()
    act(cast, suggest_times, request.ref, starts=[THURSDAY_AT_TWO, SATURDAY_AT_TEN])
    [first, second] = Hold.objects.order_by("starts_at")
    act(cast, take_suggestion_back, request.ref, hold=first.ref)
    word = Notification.objects.get(kind="suggested")
    if late:
        begin = partial(begin_attempt, word.pk, now=NOW)
        attempt = int(run_command(begin, key=None, body={}, by=SYSTEM, now=NOW)["attempt"])
        assert may_be_handed_over(attempt, kind=NotificationType.SUGGESTED, now=NOW)
    act(cast, take_suggestion_back, request.ref, hold=second.ref)
    if late:
        assert not may_be_handed_over(attempt, kind=NotificationType.SUGGESTED, now=NOW)
        return
    deliver_due(NOW + MINUTE)
    word.refresh_from_db()
    assert (mailroom.got, word.state, word.attempts) == ([], "obsolete", 0)
