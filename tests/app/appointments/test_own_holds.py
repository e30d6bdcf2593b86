"""Holds outside a request: where a client moves their own appointment, changes their choice, or books after a cancellation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, Cast, new_york, room_of, time_off
from tests.app.client_browser import Visitor, choosable, form_of, handed_over, words

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.claims import claim_together
from raincheck.actions.appointments.holding import (
    Wish,
    hold_own_time,
    hold_own_time_longer,
    let_own_time_go,
    to_book,
    to_change,
    to_move,
)
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.appointments.places import Place
from raincheck.data.people import Practice
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import (
    CancelReason,
    OfferEnded,
    OfferUsed,
    SlotNotOpen,
    SlotTaken,
)
from raincheck.domain.appointments.self_service import AskedMeanwhile, TooNearToChange
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.holds import HeldAsLongAsCanBe, HoldEnded, TooManyHeld, TooManyHolds
from raincheck.domain.reschedule.lifecycle import ChoiceStands

FRIDAY_AT_TEN, FRIDAY_AT_ONE = new_york(27, 10), new_york(27, 13)
LIVES = 5 * MINUTES
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Way:
    """One of the pages on which a client chooses a time by themselves."""

    wish: Wish
    about: RescheduleRequest | RebookOffer | Appointment
    page: str
    done: str
    ends_at: datetime

    @property
    def holds(self) -> str:
        return f"{self.page}hold/"

    @property
    def appointment(self) -> Appointment:
        """The appointment that would move, as it is now."""
        of = self.about.pk if isinstance(self.about, Appointment) else self.about.appointment_id
        return Appointment.objects.get(pk=of)

    def visitor(self, *, now: datetime = NOW) -> Visitor:
        about = self.about.batch if isinstance(self.about, RescheduleRequest) else self.about
        return Visitor(about, now=now)

    def hold(self, start: datetime = FRIDAY_AT_NINE, *, now: datetime = NOW) -> Answer:
        return self.act(partial(hold_own_time, self.wish, start=start, now=now), now=now)

    def renew(self, *, now: datetime) -> Answer:
        return self.act(partial(hold_own_time_longer, self.wish, now=now), now=now)

    def let_go(self, hold: str, *, now: datetime = NOW) -> None:
        self.act(partial(let_own_time_go, self.wish, hold=UUID(hold), now=now), now=now)

    def act(self, verb: Callable[[], Answer], *, now: datetime) -> Answer:
        return run_command(
            verb, key=None, body={}, by=Actor(ActorKind.CLIENT_BY_LINK, self.about.client_id), now=now
        )

    def choose(self, start: datetime, *, now: datetime = NOW) -> int:
        """Carry the choice out on the page, and return its answer's status."""
        sequence = "" if isinstance(self.about, RebookOffer) else str(self.appointment.ical_sequence)
        return self.visitor(now=now).pick(self.page, start, sequence=sequence).status_code


def moving(cast: Cast, **said: Place) -> Way:
    row = cast.booked(**said)
    page = f"/my-appointment/{row.ref}/"
    return Way(to_move(row.ref), row, f"{page}move/", page, row.starts_at - timedelta(hours=24))


def changing(cast: Cast, **said: Place) -> Way:
    request = handed_over(cast.asked(cast.booked(**said)))
    cast.pick(request, new_york(25, 15))
    return Way(
        to_change(request.ref),
        request,
        f"{form_of(request)}change/",
        form_of(request),
        NOW + timedelta(hours=24),
    )


def booking(cast: Cast, **said: Place) -> Way:
    cast.decline(cast.asked(cast.booked(**said)))
    offer = RebookOffer.objects.get()
    page = f"/book/{offer.ref}/"
    return Way(to_book(offer.ref), offer, page, page, offer.expires_at)


WAYS = (moving, changing, booking)


@pytest.fixture(params=WAYS, ids=[one.__name__ for one in WAYS])
def way(cast: Cast, request: pytest.FixtureRequest) -> Way:
    found: Way = request.param(cast)
    return found


@pytest.fixture
def mayas(cast: Cast) -> RescheduleRequest:
    return handed_over(cast.asked(cast.booked(new_york(25, 11), client=cast.maya)))


def held_by_maya(
    request: RescheduleRequest, start: datetime = FRIDAY_AT_NINE, *, now: datetime = NOW
) -> None:
    by = Actor(ActorKind.CLIENT_BY_LINK, request.client_id)
    verb = partial(hold_time, request.ref, start=start, now=now)
    run_command(verb, key=None, body={}, by=by, now=now)


def holds() -> list[tuple[str, datetime, datetime, int]]:
    rows = Hold.objects.order_by("starts_at")
    return list(rows.values_list("client__first_name", "starts_at", "expires_at", "renewals"))


def value(start: datetime) -> str:
    return start.strftime("%Y-%m-%dT%H:%MZ")


def test_a_time_chosen_by_oneself_is_held_for_the_practices_minutes(cast: Cast, way: Way) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"hold": 8 * 60})
    answer = way.hold()
    hold = Hold.objects.get()
    assert holds() == [("Riley", FRIDAY_AT_NINE, NOW + 8 * MINUTES, 0)]
    assert (hold.ends_at - hold.starts_at, hold.buffer_after) == (50 * MINUTES, 10 * MINUTES)
    assert answer == {
        "hold": str(hold.ref),
        "start": FRIDAY_AT_NINE.isoformat(),
        "until": (NOW + 8 * MINUTES).isoformat(),
        "renewals": "0",
        "closes": "",
    }


def test_it_is_closed_to_others_and_open_to_its_client(way: Way, mayas: RescheduleRequest) -> None:
    hers, day, name = Visitor(mayas.batch), "2026-11-27", "Friday, November 27, 9:00 AM"
    page = f"/choose/{mayas.batch.ref}/"
    assert name in choosable(hers.get(page, day=day))
    way.hold()
    assert name not in choosable(hers.get(page, day=day))
    assert "Friday, November 27, 6:00 AM" in choosable(way.visitor().get(way.page, day=day))
    with pytest.raises(SlotTaken):
        held_by_maya(mayas)
    with pytest.raises(SlotTaken):
        held_by_maya(mayas, now=NOW + LIVES - SECOND)
    held_by_maya(mayas, now=NOW + LIVES)
    assert [row[0] for row in holds()] == ["Maya"]


def test_what_another_client_holds_is_not_held_and_the_former_stays(
    way: Way, mayas: RescheduleRequest
) -> None:
    held_by_maya(mayas)
    way.hold(FRIDAY_AT_TEN)
    with pytest.raises(SlotTaken):
        way.hold()
    with pytest.raises(SlotNotOpen):
        way.hold(new_york(28, 9))
    assert [row[:2] for row in holds()] == [("Maya", FRIDAY_AT_NINE), ("Riley", FRIDAY_AT_TEN)]


def test_another_choice_replaces_it_and_the_same_leaves_it(way: Way) -> None:
    assert way.hold() == way.hold(now=NOW + MINUTES)
    way.hold(FRIDAY_AT_TEN, now=NOW + MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_TEN, NOW + MINUTES + LIVES, 0)]
    assert Claim.objects.filter(hold__isnull=False).count() == 2


def test_it_is_renewed_ten_times_and_what_has_ended_is_not(way: Way) -> None:
    with pytest.raises(HoldEnded):
        way.renew(now=NOW)
    way.hold()
    at = NOW
    for _time in range(10):
        at += 4 * MINUTES
        way.renew(now=at)
    with pytest.raises(HeldAsLongAsCanBe):
        way.renew(now=at + MINUTES)
    assert holds() == [("Riley", FRIDAY_AT_NINE, at + LIVES, 10)]
    with pytest.raises(HoldEnded):
        way.renew(now=at + LIVES)


def test_it_is_let_go_and_one_that_took_its_place_stays(way: Way) -> None:
    former = way.hold()["hold"]
    mine = way.hold(FRIDAY_AT_TEN)["hold"]
    way.let_go(former)
    way.let_go(str(uuid4()))
    assert [row[1] for row in holds()] == [FRIDAY_AT_TEN]
    way.let_go(mine)
    assert (holds(), Claim.objects.filter(hold__isnull=False).count()) == ([], 0)


def test_it_ends_with_the_way_itself_and_says_so(way: Way) -> None:
    last = way.ends_at - MINUTES
    start = FRIDAY_AT_NINE if last < new_york(25, 0) else new_york(28, 9, month=12)
    answer = way.hold(start, now=last)
    assert (answer["until"], answer["renewals"], answer["closes"]) == (way.ends_at.isoformat(), "10", "yes")
    refused: dict[str, type[Refusal]] = {"moving": TooNearToChange, "changing": ChoiceStands}
    closed = OfferEnded if isinstance(way.about, RebookOffer) else None
    kind = closed or refused["changing" if isinstance(way.about, RescheduleRequest) else "moving"]
    with pytest.raises(kind):
        way.hold(start, now=way.ends_at)
    said = way.visitor(now=last + SECOND).post(way.holds, start=value(start)).content.decode()
    assert 'data-over="No longer held for you: your time to choose has ended."' in said
    assert "data-longer" not in said


def test_what_is_chosen_in_the_end_frees_what_was_held(way: Way) -> None:
    way.hold()
    assert way.choose(FRIDAY_AT_TEN) == 302
    assert holds() == []
    assert Appointment.objects.exclude(status="cancelled").get().starts_at == FRIDAY_AT_TEN


def test_a_time_held_by_oneself_outlives_time_off_over_it(cast: Cast, way: Way) -> None:
    """For as long as it is held, and for its client alone."""
    way.hold()
    time_off(cast.okafor, new_york(27, 0), new_york(28, 0))
    name = "Friday, November 27, 6:00 AM"
    for now, shown in ((NOW + 4 * MINUTES, True), (NOW + LIVES, False)):
        assert (name in choosable(way.visitor(now=now).get(way.page, day="2026-11-27"))) is shown
    assert way.choose(FRIDAY_AT_TEN, now=NOW + 4 * MINUTES) == 409
    assert way.choose(FRIDAY_AT_NINE, now=NOW + LIVES) == 409
    assert way.choose(FRIDAY_AT_NINE, now=NOW + 4 * MINUTES) == 302


@pytest.mark.parametrize("kind", WAYS)
def test_a_time_held_by_oneself_holds_the_room_it_would_be_in(cast: Cast, kind: Callable[..., Way]) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    kind(cast, place=room).hold()
    held = Claim.objects.filter(hold__isnull=False, part="session")
    assert list(held.values_list("room", flat=True)) == [room.pk]


def test_a_client_holds_two_times_at_once_whatever_for(cast: Cast, way: Way) -> None:
    rows = [cast.booked(new_york(day, 11, month=12)) for day in (1, 2)]
    for row, start in zip(rows, (FRIDAY_AT_TEN, FRIDAY_AT_ONE), strict=True):
        way.act(partial(hold_own_time, to_move(row.ref), start=start, now=NOW), now=NOW)
    with pytest.raises(TooManyHeld):
        way.hold()
    said = way.visitor().post(way.holds, start=value(FRIDAY_AT_NINE))
    words_said = "book it" if isinstance(way.about, RebookOffer) else "move to it"
    assert (said.status_code, f"You can still {words_said} while it is open." in said.content.decode()) == (
        409,
        True,
    )
    way.hold(now=NOW + LIVES)


def test_an_hour_has_so_many_holds_whatever_for(way: Way) -> None:
    wanted, other, refused = FRIDAY_AT_NINE, FRIDAY_AT_TEN, 0
    for _choice in range(40):
        try:
            way.hold(wanted)
            wanted, other = other, wanted
        except TooManyHolds:
            refused += 1
    assert (refused, len(holds())) == (10, 1)


def test_a_form_holds_it_longer_and_leaving_lets_it_go(way: Way) -> None:
    visitor = way.visitor()
    assert visitor.get(way.holds).status_code == 405
    held = visitor.post(way.holds, start=value(FRIDAY_AT_NINE)).content.decode()
    ref = str(Hold.objects.get().ref)
    assert f'data-held="{ref}" data-seconds="300"' in held
    assert 'data-said="Fri, Nov 27 at 6:00 AM is held for you until 7:05 AM."' in held
    assert "data-longer" in visitor.post(f"{way.holds}longer/", key=str(uuid4())).content.decode()
    for said in ("", "nonsense", str(uuid4())):
        assert visitor.post(f"{way.holds}let-go/", key=str(uuid4()), hold=said).status_code == 204
    assert [row[3] for row in holds()] == [1]
    assert visitor.post(f"{way.holds}let-go/", key=str(uuid4()), hold=ref).status_code == 204
    assert holds() == []


def test_a_taken_time_has_the_page_look_how_things_stand(cast: Cast, way: Way) -> None:
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    answer = way.visitor().post(way.holds, start=value(FRIDAY_AT_NINE))
    assert (answer.status_code, "data-look" in answer.content.decode()) == (409, True)


def test_the_page_says_where_it_holds_and_hears_of_changes(way: Way) -> None:
    html = way.visitor().get(way.page).content.decode()
    assert f'data-hold="{way.holds}"' in html
    assert 'data-times="/streams/times/' in html
    assert "data-hold-foot" in html


def test_without_a_script_one_page_holds_the_time_chosen_by_oneself(way: Way) -> None:
    page = words(way.visitor().post(way.page, start=value(FRIDAY_AT_NINE), sequence="0"))
    assert holds() == [("Riley", FRIDAY_AT_NINE, NOW + LIVES, 0)]
    assert "Held for you until 7:05 AM." in page
    assert way.choose(FRIDAY_AT_NINE) == 302
    assert holds() == []


def test_a_canceled_appointment_gives_back_what_was_held_to_move_it(cast: Cast) -> None:
    way = moving(cast)
    way.hold()
    said = Cancellation(CancelReason.CLINICAL, rebook_link=False)
    verb = partial(cancel_appointment, way.about.ref, cancellation=said, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert (holds(), Claim.objects.count()) == ([], 0)


def test_appointments_that_move_together_give_back_what_was_held_for_them(cast: Cast) -> None:
    moving(cast).hold()
    with transaction.atomic():
        claim_together([Appointment.objects.get().pk], now=NOW)
    assert (holds(), Claim.objects.count()) == ([], 2)


def test_who_is_asked_meanwhile_holds_nothing_by_themselves(cast: Cast) -> None:
    way = moving(cast)
    cast.asked(Appointment.objects.get())
    with pytest.raises(AskedMeanwhile):
        way.hold()


def test_an_offer_that_was_used_holds_nothing(cast: Cast) -> None:
    way = booking(cast)
    assert way.choose(FRIDAY_AT_NINE) == 302
    with pytest.raises(OfferUsed):
        way.hold(FRIDAY_AT_TEN)


def test_nobody_goes_back_to_the_time_that_was_asked_about(cast: Cast) -> None:
    way = changing(cast)
    for start in (new_york(24, 11), new_york(25, 15)):
        with pytest.raises(SlotNotOpen):
            way.hold(start)
    assert holds() == []


def test_a_held_time_is_none_on_a_day_on_which_its_client_comes_by_now(cast: Cast, way: Way) -> None:
    way.hold()
    cast.booked(FRIDAY_AT_ONE)
    assert "Friday, November 27, 6:00 AM" not in choosable(way.visitor().get(way.page, day="2026-11-27"))
    assert way.choose(FRIDAY_AT_NINE) == 409
    assert not Appointment.objects.filter(starts_at=FRIDAY_AT_NINE).exists()


def test_a_held_time_is_none_while_its_client_is_with_somebody_else(cast: Cast, way: Way) -> None:
    way.hold()
    cast.booked(FRIDAY_AT_NINE, provider=cast.fischer)
    assert "Friday, November 27, 6:00 AM" not in choosable(way.visitor().get(way.page, day="2026-11-27"))


@pytest.mark.parametrize("undone", [True, False])
def test_what_was_held_to_book_anew_ends_when_the_appointment_stands_again(
    cast: Cast, *, undone: bool
) -> None:
    if undone:
        cast.choose()
    row = cast.booked()
    said = Cancellation(CancelReason.CLINICAL, rebook_link=True)
    by = cast.by_okafor
    run_command(
        partial(cancel_appointment, row.ref, cancellation=said, by=by, now=NOW),
        key=None,
        body={},
        by=by,
        now=NOW,
    )
    offer = RebookOffer.objects.get()
    verb = partial(hold_own_time, to_book(offer.ref), start=FRIDAY_AT_NINE, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    back = partial(undo_change, row.ref, sequence=1) if undone else partial(reinstate, row.ref)
    run_command(partial(back, by=by, now=NOW + SECOND), key=None, body={}, by=by, now=NOW + SECOND)
    assert (holds(), Claim.objects.filter(hold__isnull=False).count()) == ([], 0)
