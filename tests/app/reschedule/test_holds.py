"""A client's holds: taken, replaced, renewed, let go and ended, and what they mean for everybody else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, Cast, new_york, time_off
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, page_of, words
from tests.app.staff_browser import okafor

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_longer, hold_time, let_go
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.people import Practice
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import SlotNotOpen, SlotTaken
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.reschedule.holds import (
    HeldAsLongAsCanBe,
    HoldEnded,
    HoldingIsOver,
    TooManyHeld,
    TooManyHolds,
)
from raincheck.domain.reschedule.lifecycle import AlreadySettled

FRIDAY_AT_TEN = new_york(27, 10)
LIVES = 5 * MINUTES
SECOND = timedelta(seconds=1)


def held(request: RescheduleRequest, start: datetime = FRIDAY_AT_NINE, *, now: datetime = NOW) -> Answer:
    return _acted(request, partial(hold_time, request.ref, start=start, now=now), now=now)


def renewed(request: RescheduleRequest, *, now: datetime) -> Answer:
    return _acted(request, partial(hold_longer, request.ref, now=now), now=now)


def gone(request: RescheduleRequest, hold: str, *, now: datetime = NOW) -> None:
    _acted(request, partial(let_go, request.ref, hold=UUID(hold), now=now), now=now)


def _acted(request: RescheduleRequest, verb: partial[Answer], *, now: datetime) -> Answer:
    by = Actor(ActorKind.CLIENT_BY_LINK, request.client_id)
    return run_command(verb, key=None, body={}, by=by, now=now)


@pytest.fixture
def rileys(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked()))


@pytest.fixture
def mayas(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked(new_york(25, 11), client=cast.maya)))


def holds() -> list[tuple[str, datetime, datetime, int]]:
    rows = Hold.objects.order_by("starts_at")
    return list(rows.values_list("client__first_name", "starts_at", "expires_at", "renewals"))


def test_a_chosen_time_is_held_for_the_minutes_of_the_practice(cast: Cast, rileys: RescheduleRequest) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"hold": 8 * 60})
    answer = held(rileys)
    hold = Hold.objects.get()
    assert (hold.request_id, hold.suggested, hold.began_at) == (rileys.pk, False, NOW)
    assert holds() == [("Riley", FRIDAY_AT_NINE, NOW + 8 * MINUTES, 0)]
    assert (hold.ends_at - hold.starts_at, hold.buffer_after) == (50 * MINUTES, 10 * MINUTES)
    assert answer == {
        "hold": str(hold.ref),
        "start": FRIDAY_AT_NINE.isoformat(),
        "until": (NOW + 8 * MINUTES).isoformat(),
        "renewals": "0",
    }


def test_a_held_time_is_closed_to_others_and_open_to_its_client(
    rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    mine, hers = Visitor(rileys.batch), Visitor(mayas.batch)
    day = "2026-11-27"
    name = "Friday, November 27, 9:00 AM"
    assert name in choosable(hers.get(page_of(mayas), day=day))
    held(rileys)
    assert name not in choosable(hers.get(page_of(mayas), day=day))
    assert "Friday, November 27, 6:00 AM" in choosable(mine.get(page_of(rileys), day=day))
    with pytest.raises(SlotTaken):
        held(mayas)


def test_p12_a_hold_that_ended_blocks_nobody_and_its_client_picks_without_it(
    cast: Cast, rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    held(rileys)
    held(mayas, now=NOW + LIVES)
    assert holds() == [("Maya", FRIDAY_AT_NINE, NOW + 2 * LIVES, 0)]
    # Riley's own has ended, and another time is still theirs to pick without a hold.
    cast.pick(rileys, FRIDAY_AT_TEN, now=NOW + LIVES)
    assert Appointment.objects.get(client=cast.riley).starts_at == FRIDAY_AT_TEN


def test_a_held_time_outlives_time_off_that_is_made_over_it(cast: Cast, rileys: RescheduleRequest) -> None:
    """For as long as it is held, and for its client alone."""
    held(rileys)
    time_off(cast.okafor, new_york(27, 0), new_york(28, 0))
    name = "Friday, November 27, 6:00 AM"
    for now, shown in ((NOW + 4 * MINUTES, True), (NOW + LIVES, False)):
        page = Visitor(rileys.batch, now=now).get(page_of(rileys), day="2026-11-27")
        assert (name in choosable(page)) is shown
    with pytest.raises(SlotNotOpen):
        cast.pick(rileys, FRIDAY_AT_TEN, now=NOW + 4 * MINUTES)
    cast.pick(rileys, FRIDAY_AT_NINE, now=NOW + 4 * MINUTES)
    assert Appointment.objects.get(client=cast.riley).starts_at == FRIDAY_AT_NINE


def test_another_choice_replaces_the_hold_of_its_request(rileys: RescheduleRequest) -> None:
    held(rileys)
    held(rileys, FRIDAY_AT_TEN, now=NOW + MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_TEN, NOW + MINUTES + LIVES, 0)]
    assert Claim.objects.filter(hold__isnull=False).count() == 2


def test_a_choice_that_cannot_be_held_leaves_the_hold_before_it(
    cast: Cast, rileys: RescheduleRequest
) -> None:
    held(rileys)
    cast.booked(FRIDAY_AT_TEN, client=cast.maya)
    with pytest.raises(SlotTaken):
        held(rileys, FRIDAY_AT_TEN, now=NOW + MINUTES)
    with pytest.raises(SlotNotOpen):
        held(rileys, new_york(28, 9), now=NOW + MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_NINE, NOW + LIVES, 0)]


def test_the_same_choice_again_holds_it_no_longer_than_before(rileys: RescheduleRequest) -> None:
    assert held(rileys, now=NOW + MINUTES) == held(rileys, now=NOW + 2 * MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_NINE, NOW + MINUTES + LIVES, 0)]


def test_a_hold_is_renewed_ten_times_and_the_eleventh_says_why_not(rileys: RescheduleRequest) -> None:
    held(rileys)
    at = NOW
    for _time in range(10):
        at += 4 * MINUTES
        renewed(rileys, now=at)
    assert holds() == [("Riley", FRIDAY_AT_NINE, at + LIVES, 10)]
    with pytest.raises(HeldAsLongAsCanBe):
        renewed(rileys, now=at + MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_NINE, at + LIVES, 10)]


def test_what_has_ended_is_not_renewed(rileys: RescheduleRequest) -> None:
    with pytest.raises(HoldEnded):
        renewed(rileys, now=NOW)
    held(rileys)
    with pytest.raises(HoldEnded):
        renewed(rileys, now=NOW + LIVES)


def test_after_the_deadline_nothing_is_held_renewed_or_let_go(rileys: RescheduleRequest) -> None:
    late = rileys.deadline_at
    mine = held(rileys, now=late - SECOND)
    with pytest.raises(HoldingIsOver):
        held(rileys, FRIDAY_AT_TEN, now=late)
    with pytest.raises(HoldingIsOver):
        renewed(rileys, now=late)
    # It keeps the request, and whoever comes back to the page could take no other.
    gone(rileys, mine["hold"], now=late)
    assert holds() == [("Riley", FRIDAY_AT_NINE, late - SECOND + LIVES, 0)]


def test_p8_a_hold_of_the_last_second_keeps_the_request_until_it_has_ended(
    cast: Cast, rileys: RescheduleRequest
) -> None:
    held(rileys, now=rileys.deadline_at - SECOND)
    end = rileys.deadline_at - SECOND + LIVES
    grace = MINUTES
    assert sweep(now=end + grace - SECOND)["request lapsed"] == 0
    assert sweep(now=end + grace)["request lapsed"] == 1
    assert holds() == []
    with pytest.raises(AlreadySettled):
        cast.pick(rileys, now=end + grace)


def test_p7_a_time_held_before_the_deadline_is_picked_after_it(cast: Cast, rileys: RescheduleRequest) -> None:
    held(rileys, now=rileys.deadline_at - SECOND)
    late = rileys.deadline_at + 4 * MINUTES
    assert sweep(now=late)["request lapsed"] == 0
    cast.pick(rileys, now=late)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE
    assert holds() == []


def test_a_hold_that_its_client_left_is_open_to_others_at_once(
    rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    gone(rileys, held(rileys)["hold"])
    held(mayas)
    assert holds() == [("Maya", FRIDAY_AT_NINE, NOW + LIVES, 0)]


def test_a_page_that_is_left_late_lets_no_newer_hold_go(rileys: RescheduleRequest) -> None:
    former = held(rileys)["hold"]
    held(rileys, FRIDAY_AT_TEN)
    gone(rileys, former)
    gone(rileys, str(uuid4()))
    assert holds() == [("Riley", FRIDAY_AT_TEN, NOW + LIVES, 0)]


def test_a_client_holds_two_times_at_once_and_no_third(cast: Cast) -> None:
    days = [cast.booked(new_york(day, 11, month=12)) for day in (1, 2, 3)]
    cast.asked(*days)
    one, two, three = RescheduleRequest.objects.order_by("asked_starts_at")
    held(one, FRIDAY_AT_NINE)
    held(two, FRIDAY_AT_TEN)
    with pytest.raises(TooManyHeld):
        held(three, new_york(27, 13))
    # In a request that has one already another choice replaces it.
    held(two, new_york(27, 13))
    assert [row[1] for row in holds()] == [FRIDAY_AT_NINE, new_york(27, 13)]
    held(three, FRIDAY_AT_TEN, now=NOW + LIVES)


def test_a_suggested_time_counts_apart_from_the_chosen_ones(cast: Cast) -> None:
    days = [cast.booked(new_york(day, 11, month=12)) for day in (1, 2)]
    cast.asked(*days)
    one, two = RescheduleRequest.objects.order_by("asked_starts_at")
    held(one, FRIDAY_AT_NINE)
    Hold.objects.update(suggested=True)
    held(one, FRIDAY_AT_TEN)
    held(two, new_york(27, 13))
    assert [row[1] for row in holds()] == [FRIDAY_AT_NINE, FRIDAY_AT_TEN, new_york(27, 13)]


def test_hundreds_of_holds_by_one_client_are_refused_with_a_sentence(
    cast: Cast, rileys: RescheduleRequest, mayas: RescheduleRequest
) -> None:
    wanted, other, refused = FRIDAY_AT_NINE, FRIDAY_AT_TEN, 0
    for _choice in range(200):
        try:
            held(rileys, wanted)
            wanted, other = other, wanted
        except TooManyHolds:
            refused += 1
    assert (refused, len(holds())) == (170, 1)
    # Nobody else waits for it, and its client still picks.
    held(mayas, new_york(27, 13))
    cast.pick(rileys, new_york(27, 14))
    held_again = cast.asked(cast.booked(new_york(1, 11, month=12)), repeat_confirmed=True)
    assert held(held_again, new_york(30, 9), now=NOW + 60 * MINUTES)["renewals"] == "0"


# The page's own way to them.


def hold_of(request: RescheduleRequest) -> str:
    return f"{form_of(request)}hold/"


def said(answer: HttpResponse) -> str:
    """Return what a part of the page says."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def value(start: datetime) -> str:
    return start.strftime("%Y-%m-%dT%H:%MZ")


def test_the_page_is_told_until_when_its_time_is_held(rileys: RescheduleRequest) -> None:
    answer = Visitor(rileys.batch).post(hold_of(rileys), start=value(FRIDAY_AT_NINE))
    html = answer.content.decode()
    assert (answer.status_code, said(answer)) == (
        200,
        "Held for you until 7:05 AM. Held for you · left Hold longer",
    )
    assert f'data-held="{Hold.objects.get().ref}" data-seconds="300"' in html
    assert 'data-said="Fri, Nov 27 at 6:00 AM is held for you until 7:05 AM."' in html


def test_a_hold_counts_as_opened_and_a_look_does_not(rileys: RescheduleRequest) -> None:
    visitor = Visitor(rileys.batch)
    visitor.get(page_of(rileys), start=value(FRIDAY_AT_NINE))
    rileys.batch.refresh_from_db()
    assert (rileys.batch.opened_at, holds()) == (None, [])
    assert visitor.get(hold_of(rileys)).status_code == 405
    visitor.post(hold_of(rileys), start=value(FRIDAY_AT_NINE))
    rileys.batch.refresh_from_db()
    assert rileys.batch.opened_at == NOW


def test_the_tenth_renewal_offers_no_other(rileys: RescheduleRequest) -> None:
    visitor = Visitor(rileys.batch)
    visitor.post(hold_of(rileys), start=value(FRIDAY_AT_NINE))
    Hold.objects.update(renewals=9)
    longer = visitor.post(f"{hold_of(rileys)}longer/", key=str(uuid4()))
    assert said(longer) == "Held for you until 7:05 AM. Held for you · left"
    refused = visitor.post(f"{hold_of(rileys)}longer/", key=str(uuid4()))
    assert (refused.status_code, said(refused)) == (
        409,
        "A time can't be held longer than this. You can still move to it while it is open.",
    )


def test_a_time_that_is_gone_has_the_page_look_how_things_stand(
    cast: Cast, rileys: RescheduleRequest
) -> None:
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    answer = Visitor(rileys.batch).post(hold_of(rileys), start=value(FRIDAY_AT_NINE))
    assert (answer.status_code, "data-look" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize("start", ["", "yesterday", "2026-13-01T00:00Z"])
def test_a_form_that_names_no_time_holds_none(rileys: RescheduleRequest, start: str) -> None:
    assert Visitor(rileys.batch).post(hold_of(rileys), start=start).status_code in (409, 422)
    assert holds() == []


def test_leaving_the_page_lets_its_hold_go_and_nothing_else(rileys: RescheduleRequest) -> None:
    visitor = Visitor(rileys.batch)
    visitor.post(hold_of(rileys), start=value(FRIDAY_AT_NINE))
    ref = str(Hold.objects.get().ref)
    for said in ("", "nonsense", str(uuid4())):
        assert visitor.post(f"{hold_of(rileys)}let-go/", key=str(uuid4()), hold=said).status_code == 204
    assert len(holds()) == 1
    assert visitor.post(f"{hold_of(rileys)}let-go/", key=str(uuid4()), hold=ref).status_code == 204
    assert holds() == []


def test_without_a_script_one_page_holds_the_time_and_carries_the_full_label(
    rileys: RescheduleRequest,
) -> None:
    visitor = Visitor(rileys.batch)
    page = visitor.post(form_of(rileys), start=value(FRIDAY_AT_NINE))
    assert (page.status_code, holds()) == (200, [("Riley", FRIDAY_AT_NINE, NOW + LIVES, 0)])
    assert "Held for you until 7:05 AM. Move my appointment to Fri, Nov 27 at 6:00 AM" in words(page)
    assert visitor.pick(form_of(rileys), FRIDAY_AT_NINE).status_code == 302
    assert holds() == []


def test_without_a_script_a_time_that_cannot_be_held_is_confirmed_all_the_same(
    rileys: RescheduleRequest,
) -> None:
    late = rileys.deadline_at + 30 * SECOND
    visitor = Visitor(rileys.batch, now=late)
    page = words(visitor.post(form_of(rileys), start=value(FRIDAY_AT_NINE)))
    assert "Move my appointment to Fri, Nov 27 at 6:00 AM" in page
    assert "Held" not in page


@pytest.mark.parametrize("late", [False, True])
def test_time_off_over_a_time_that_a_client_holds_names_it_and_takes_it_back(
    cast: Cast, *, late: bool
) -> None:
    """After the deadline it stays: it keeps the request open."""
    request = handed_over(cast.asked(cast.booked()))
    now = request.deadline_at - SECOND
    held(request, now=now)
    now += 2 * SECOND if late else timedelta(0)
    me, body = okafor(now), {"first_day": "2026-11-27", "last_day": "2026-11-27", "all_day": "on"}
    asks = me.post("/appointments/block/", **body)
    assert (
        "One time inside is held for a client who is choosing just now, and who can still choose it:"
        " Riley Brooks, Fri, Nov 27 · 9:00 – 9:50 AM Take back" in words(asks)
    )
    [seen] = re.findall(r'name="seen" value="([^"]+)"', asks.content.decode())
    [ref] = re.findall(r'name="take_back" value="([^"]+)"', asks.content.decode())
    assert me.post("/appointments/block/", **body, seen=seen, take_back=ref).status_code == 302
    assert Hold.objects.exists() is late
