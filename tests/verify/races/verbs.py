"""Every verb about appointments that two people could be at in the same instant, each with something to do in a world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Q
from tests.app.cast import NEW_YORK
from tests.verify.races.deeds import Deed, Verb
from tests.verify.races.verbs_of_people import OF_PEOPLE
from tests.verify.races.worlds import HOUR, JUST_FREED, THE_SLOT, World, batch_of

from raincheck.actions.appointments.booking import (
    Booking,
    Cancellation,
    Details,
    book,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.holding import (
    hold_own_time,
    hold_own_time_longer,
    let_own_time_go,
    to_book,
    to_change,
    to_move,
)
from raincheck.actions.appointments.needed_by import set_needed_by
from raincheck.actions.appointments.outcomes import WhatHappened, say_all_took_place, say_what_happened
from raincheck.actions.appointments.rebooking import rebook, send_rebook_link
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.appointments.remind import send_due_appointment_reminders
from raincheck.actions.appointments.self_service import (
    cancel_own_appointment,
    move_own_appointment,
    want_reminders,
)
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.appointments.series_ahead import go_on_with_series
from raincheck.actions.appointments.series_changes import cancel_series, change_series
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer
from raincheck.actions.out_of_office import block_time
from raincheck.actions.practice import change_place
from raincheck.actions.reschedule.answer import decline, keep_by_video, none_work, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.choice import change_choice
from raincheck.actions.reschedule.hold import hold_longer, hold_time, let_go
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.actions.reschedule.links import mark_opened
from raincheck.actions.reschedule.suggest import suggest_times, take_suggestion_back
from raincheck.actions.reschedule.undo import undo_ask
from raincheck.actions.reschedule.urge import extend, remind_by_hand
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.appointments.claims import Hold
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason, PlaceKind, Status
from raincheck.domain.appointments.needed_by import NeededFor
from raincheck.domain.appointments.outcomes import Outcome
from raincheck.domain.appointments.series import Scope
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.practice import PlaceDetails
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span


def booking(world: World, seat: int) -> Deed:
    client = (world.maya, world.riley)[seat]
    said = Booking(world.okafor, client, world.follow_up, world.telehealth, THE_SLOT)
    return _by_okafor(world, partial(book, said, by=world.by_okafor, now=world.acted_at))


def booking_in_the_room(world: World, seat: int) -> Deed:
    """By another provider, at the time that Riley may pick in the same room."""
    client = (world.maya, world.riley)[seat]
    said = Booking(world.fischer, client, world.follow_up, world.room, THE_SLOT)
    verb = partial(book, said, by=world.by_fischer, now=world.acted_at)
    return Deed(verb, world.by_fischer, world.acted_at)


def unticking_the_room(world: World, seat: int) -> Deed:
    return _by_sasha_at_the_room(world, one_at_a_time=False, name=("Room 2", "Room 4")[seat])


def _by_sasha_at_the_room(world: World, *, one_at_a_time: bool, name: str) -> Deed:
    details = PlaceDetails(
        name=name, kind=PlaceKind.ROOM, zone="America/New_York", one_at_a_time=one_at_a_time
    )
    verb = partial(
        change_place,
        world.room_ref,
        practice_id=world.practice,
        details=details,
        seen=0,
        by=world.by_sasha,
        now=world.acted_at,
    )
    return Deed(verb, world.by_sasha, world.acted_at)


def holding(world: World, seat: int) -> Deed:
    """The slot that others are after, or in the other seat in place of what Maya holds already."""
    request, by = ((world.rileys, world.by_riley), (world.mayas, world.by_maya))[seat]
    return Deed(partial(hold_time, request, start=THE_SLOT, now=world.acted_at), by, world.acted_at)


def holding_longer(world: World, seat: int) -> Deed:
    return Deed(partial(hold_longer, world.mayas, now=world.acted_at), world.by_maya, world.acted_at)


def letting_go(world: World, seat: int) -> Deed:
    """What her page shows as held: a hold that took its place meanwhile is another, and stays."""
    verb = partial(let_go, world.mayas, hold=world.held, now=world.acted_at)
    return Deed(verb, world.by_maya, world.acted_at)


def holding_to_move_ones_own(world: World, seat: int) -> Deed:
    """The slot that others are after, or in the other seat in place of what Riley holds already."""
    wish = to_move((world.plain, world.next_week)[seat])
    verb = partial(hold_own_time, wish, start=THE_SLOT, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def holding_to_book(world: World, seat: int) -> Deed:
    verb = partial(hold_own_time, to_book(world.offer), start=THE_SLOT + seat * HOUR, now=world.acted_at)
    return Deed(verb, world.by_maya, world.acted_at)


def holding_to_change_a_choice(world: World, seat: int) -> Deed:
    verb = partial(hold_own_time, to_change(world.chosen), start=THE_SLOT + seat * HOUR, now=world.acted_at)
    return Deed(verb, world.by_maya, world.acted_at)


def holding_ones_own_longer(world: World, seat: int) -> Deed:
    verb = partial(hold_own_time_longer, to_move(world.next_week), now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def letting_ones_own_go(world: World, seat: int) -> Deed:
    verb = partial(let_own_time_go, to_move(world.next_week), hold=world.held_to_move, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def asking(world: World, seat: int) -> Deed:
    return _asking(world, world.plain)


def asking_several(world: World, seat: int) -> Deed:
    return _asking(world, world.next_week, world.plain)


def booking_a_series(world: World, seat: int) -> Deed:
    client = (world.riley, world.maya)[seat]
    first = THE_SLOT.astimezone(NEW_YORK).replace(tzinfo=None)
    # The week in between Maya comes.
    said = SeriesBooking(world.okafor, client, world.follow_up, world.telehealth, first, 2, count=3)
    return _by_okafor(world, partial(book_series, said, by=world.by_okafor, now=world.acted_at))


def asking_about_one_of_a_series(world: World, seat: int) -> Deed:
    return _asking(world, world.first_of_series)


def moving_ones_own_of_a_series(world: World, seat: int) -> Deed:
    return _moving_ones_own(world, world.first_of_series, THE_SLOT + seat * HOUR)


def changing_a_series(world: World, seat: int) -> Deed:
    said = Details(THE_SLOT + seat * HOUR, world.follow_up, world.telehealth, "https://meet.example/room")
    verb = partial(
        change_series,
        world.first_of_series,
        scope=(Scope.ALL, Scope.FOLLOWING)[seat],
        details=said,
        by=world.by_okafor,
        now=world.acted_at,
    )
    return _by_okafor(world, verb)


def cancelling_a_series(world: World, seat: int) -> Deed:
    """From the last of it on, or all that is ahead."""
    one, scope = ((world.last_of_series, Scope.FOLLOWING), (world.first_of_series, Scope.ALL))[seat]
    said = Cancellation(CancelReason.CLINICAL, rebook_link=True)
    verb = partial(cancel_series, one, scope=scope, cancellation=said, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def going_on_with_series(world: World, seat: int) -> Deed:
    def verb() -> Answer:
        done = go_on_with_series(now=world.swept_at, limit=200, among=Q(provider=world.okafor))
        return {word: str(count) for word, count in done.items()}

    return Deed(verb, SYSTEM, world.swept_at)


def sending_a_rebook_link(world: World, seat: int) -> Deed:
    return _by_okafor(world, partial(send_rebook_link, world.missed, by=world.by_okafor, now=world.acted_at))


def correcting_what_happened(world: World, seat: int) -> Deed:
    outcome = (Outcome.TOOK_PLACE, Outcome.CLIENT_ABSENT)[seat]
    said = WhatHappened(outcome, Status.PROVIDER_NO_SHOW)
    verb = partial(say_what_happened, world.missed, said=said, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def _asking(world: World, *appointments: UUID) -> Deed:
    said = Ask(appointments, Reason.TRAVEL, repeat_confirmed=True)
    verb = partial(
        ask_to_reschedule, said, practice_id=world.practice, by=world.by_okafor, now=world.acted_at
    )
    return _by_okafor(world, verb)


def picking(world: World, seat: int) -> Deed:
    request, by = ((world.rileys, world.by_riley), (world.mayas, world.by_maya))[seat]
    return Deed(
        partial(pick_new_time, request, start=THE_SLOT, by=by, now=world.acted_at), by, world.acted_at
    )


def keeping_by_video(world: World, seat: int) -> Deed:
    verb = partial(keep_by_video, world.rileys, by=world.by_riley, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def saying_where_one_will_be(world: World, seat: int) -> Deed:
    region = ("US-NJ", "US-NY")[seat]
    of = RescheduleRequest.objects.values_list("appointment__ref", flat=True).get(ref=world.chosen)
    verb = partial(say_where, of, region=region, by=world.by_maya, now=world.acted_at)
    return Deed(verb, world.by_maya, world.acted_at)


def declining(world: World, seat: int) -> Deed:
    verb = partial(decline, world.rileys, by=world.by_riley, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def withdrawing(world: World, seat: int) -> Deed:
    return _by_okafor(world, partial(withdraw, world.rileys, by=world.by_okafor, now=world.acted_at))


def undoing_an_ask(world: World, seat: int) -> Deed:
    return _by_okafor(world, partial(undo_ask, world.just_asked, by=world.by_okafor, now=world.acted_at))


def reinstating(world: World, seat: int) -> Deed:
    """Once the word that it was canceled has gone out."""
    by, now = world.by_okafor, world.swept_at
    return Deed(partial(reinstate, world.just_cancelled, new_time_confirmed=True, by=by, now=now), by, now)


def undoing_a_move(world: World, seat: int) -> Deed:
    verb = partial(undo_change, world.just_moved, sequence=1, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def undoing_a_cancellation(world: World, seat: int) -> Deed:
    verb = partial(undo_change, world.just_cancelled, sequence=1, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def taking_what_was_just_freed(world: World, seat: int) -> Deed:
    said = Booking(world.okafor, world.riley, world.follow_up, world.telehealth, JUST_FREED[seat])
    return _by_okafor(world, partial(book, said, by=world.by_okafor, now=world.acted_at))


def changing_a_choice(world: World, seat: int) -> Deed:
    verb = partial(
        change_choice,
        world.chosen,
        start=THE_SLOT + seat * HOUR,
        sequence=1,
        by=world.by_maya,
        now=world.acted_at,
    )
    return Deed(verb, world.by_maya, world.acted_at)


def picking_what_was_just_asked(world: World, seat: int) -> Deed:
    verb = partial(
        pick_new_time, world.just_asked, start=THE_SLOT + seat * HOUR, by=world.by_maya, now=world.acted_at
    )
    return Deed(verb, world.by_maya, world.acted_at)


def opening_what_was_just_asked(world: World, seat: int) -> Deed:
    def verb() -> Answer:
        return mark_opened(_just_asked(world).batch, now=world.acted_at)

    return Deed(verb, world.by_maya, world.acted_at)


def handing_over_what_was_just_asked(world: World, seat: int) -> Deed:
    """By a worker whose clock goes ahead."""

    def verb() -> Answer:
        told = Notification.objects.filter(
            batch=_just_asked(world).batch_id, channel=Channel.EMAIL, kind=NotificationType.ASKED
        )
        begun = begin_attempt(told.values_list("pk", flat=True).get(), now=world.swept_at)
        return {"begun": str("attempt" in begun)}

    return Deed(verb, SYSTEM, world.swept_at)


def _just_asked(world: World) -> RescheduleRequest:
    return RescheduleRequest.objects.select_related("batch").get(ref=world.just_asked)


def extending(world: World, seat: int) -> Deed:
    length = (12, 24)[seat] * HOUR
    verb = partial(extend, world.rileys, by_length=length, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def reminding_by_hand(world: World, seat: int) -> Deed:
    return _by_okafor(world, partial(remind_by_hand, world.rileys, by=world.by_okafor, now=world.acted_at))


def lapsing(world: World, seat: int) -> Deed:
    def verb() -> Answer:
        done = settle_due(now=world.swept_at, limit=200)
        return {word: str(count) for word, count in done.items()}

    return Deed(verb, SYSTEM, world.swept_at)


def writing_that_none_work(world: World, seat: int) -> Deed:
    def verb() -> Answer:
        return none_work(batch_of(world), words="None of these.", by=world.by_riley, now=world.acted_at)

    return Deed(verb, world.by_riley, world.acted_at)


def changing_what_is_asked(world: World, seat: int) -> Deed:
    return _changing(world, world.asked, THE_SLOT + seat * HOUR)


def changing(world: World, seat: int) -> Deed:
    return _changing(world, world.plain, THE_SLOT + seat * HOUR)


def _changing(world: World, appointment: UUID, start: datetime) -> Deed:
    said = Details(start, world.follow_up, world.telehealth, "https://meet.example/room")
    verb = partial(
        change_appointment_details, appointment, details=said, by=world.by_okafor, now=world.acted_at
    )
    return _by_okafor(world, verb)


def cancelling_what_is_asked(world: World, seat: int) -> Deed:
    return _cancelling(world, world.asked)


def cancelling(world: World, seat: int) -> Deed:
    return _cancelling(world, world.plain)


def _cancelling(world: World, appointment: UUID) -> Deed:
    said = Cancellation(CancelReason.CLINICAL)
    verb = partial(cancel_appointment, appointment, cancellation=said, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def blocking_time(world: World, seat: int) -> Deed:
    span = Span(THE_SLOT - HOUR, THE_SLOT + (seat + 1) * HOUR)
    return _by_okafor(world, partial(block_time, world.okafor, span=span, now=world.acted_at))


def rebooking(world: World, seat: int) -> Deed:
    verb = partial(rebook, world.offer, start=THE_SLOT + seat * HOUR, by=world.by_maya, now=world.acted_at)
    return Deed(verb, world.by_maya, world.acted_at)


def moving_ones_own(world: World, seat: int) -> Deed:
    return _moving_ones_own(world, world.plain, THE_SLOT + seat * HOUR)


def _moving_ones_own(world: World, appointment: UUID, start: datetime) -> Deed:
    verb = partial(
        move_own_appointment,
        appointment,
        start=start,
        sequence=0,
        by=world.by_riley,
        now=world.acted_at,
    )
    return Deed(verb, world.by_riley, world.acted_at)


def cancelling_ones_own(world: World, seat: int) -> Deed:
    verb = partial(cancel_own_appointment, world.plain, sequence=0, by=world.by_riley, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def suggesting(world: World, seat: int) -> Deed:
    starts = [THE_SLOT + seat * HOUR, THE_SLOT + 2 * HOUR]
    verb = partial(suggest_times, world.rileys, starts=starts, by=world.by_okafor, now=world.acted_at)
    return _by_okafor(world, verb)


def taking_a_suggestion_back(world: World, seat: int) -> Deed:
    """Whatever is suggested by then; nothing at first."""

    def verb() -> Answer:
        held = Hold.objects.filter(suggested=True, request__ref=world.rileys).values_list("ref", flat=True)
        ref = held.first() or UUID(int=0)
        return take_suggestion_back(world.rileys, hold=ref, by=world.by_okafor, now=world.acted_at)

    return _by_okafor(world, verb)


def saying_by_when_it_is_needed(world: World, seat: int) -> Deed:
    verb = partial(
        set_needed_by,
        world.asked,
        needed_by=(THE_SLOT + seat * timedelta(days=1)).date(),
        needed_for=NeededFor.COURT,
        by=world.by_okafor,
        now=world.acted_at,
    )
    return _by_okafor(world, verb)


def wanting_no_reminders(world: World, seat: int) -> Deed:
    recipient = Recipient.objects.get(client=world.riley, is_client=True).pk
    verb = partial(want_reminders, recipient, wanted=bool(seat), by=world.by_riley, now=world.acted_at)
    return Deed(verb, world.by_riley, world.acted_at)


def reminding(world: World, seat: int) -> Deed:
    def verb() -> Answer:
        done = send_due_appointment_reminders(
            now=world.reminded_at, limit=200, among=Q(provider=world.okafor)
        )
        return {word: str(count) for word, count in done.items()}

    return Deed(verb, SYSTEM, world.reminded_at)


def saying_what_happened(world: World, seat: int) -> Deed:
    outcome = (Outcome.TOOK_PLACE, Outcome.CLIENT_ABSENT)[seat]
    return _saying(world, world.plain, outcome)


def saying_that_it_was_called_off(world: World, seat: int) -> Deed:
    return _saying(world, world.asked, Outcome.CANCELLED_LATE)


def _saying(world: World, appointment: UUID, outcome: Outcome) -> Deed:
    said = WhatHappened(outcome, Status.SCHEDULED)
    verb = partial(say_what_happened, appointment, said=said, by=world.by_okafor, now=afterwards(world))
    return _by_okafor(world, verb)


def saying_that_all_took_place(world: World, seat: int) -> Deed:
    sessions = (world.plain, world.asked, world.next_week)
    verb = partial(say_all_took_place, sessions, by=world.by_okafor, now=afterwards(world))
    return _by_okafor(world, verb)


def afterwards(world: World) -> datetime:
    """Return when all that is booked in the world has begun."""
    return world.acted_at + timedelta(days=30)


def _by_okafor(world: World, verb: Verb) -> Deed:
    return Deed(verb, world.by_okafor, world.acted_at)


DEEDS: dict[str, Callable[[World, int], Deed]] = {
    "book": booking,
    "book in the room": booking_in_the_room,
    "untick the room": unticking_the_room,
    "book a series": booking_a_series,
    "hold": holding,
    "hold longer": holding_longer,
    "let go": letting_go,
    "hold to move one's own": holding_to_move_ones_own,
    "hold to rebook": holding_to_book,
    "hold to change a choice": holding_to_change_a_choice,
    "hold one's own longer": holding_ones_own_longer,
    "let one's own go": letting_ones_own_go,
    "ask": asking,
    "ask several": asking_several,
    "pick": picking,
    "keep by video": keeping_by_video,
    "say where": saying_where_one_will_be,
    "decline": declining,
    "withdraw": withdrawing,
    "undo an ask": undoing_an_ask,
    "reinstate": reinstating,
    "change a choice": changing_a_choice,
    "undo a move": undoing_a_move,
    "undo a cancellation": undoing_a_cancellation,
    "take what was just freed": taking_what_was_just_freed,
    "pick what was just asked": picking_what_was_just_asked,
    "open what was just asked": opening_what_was_just_asked,
    "hand over what was just asked": handing_over_what_was_just_asked,
    "extend": extending,
    "remind by hand": reminding_by_hand,
    "suggest": suggesting,
    "take a suggestion back": taking_a_suggestion_back,
    "lapse": lapsing,
    "none of these work": writing_that_none_work,
    "change what is asked": changing_what_is_asked,
    "change": changing,
    "cancel what is asked": cancelling_what_is_asked,
    "cancel": cancelling,
    "block time": blocking_time,
    "rebook": rebooking,
    "move one's own": moving_ones_own,
    "cancel one's own": cancelling_ones_own,
    "say by when it is needed": saying_by_when_it_is_needed,
    "want no reminders": wanting_no_reminders,
    "remind of appointments": reminding,
    "ask about one of a series": asking_about_one_of_a_series,
    "move one's own of a series": moving_ones_own_of_a_series,
    "change a series": changing_a_series,
    "cancel a series": cancelling_a_series,
    "go on with series": going_on_with_series,
    "send a rebook link": sending_a_rebook_link,
    "correct what happened": correcting_what_happened,
    "say what happened": saying_what_happened,
    "say that it was called off": saying_that_it_was_called_off,
    "say that all took place": saying_that_all_took_place,
    **OF_PEOPLE,
}
"""By name; the seat (0 or 1) tells a verb that meets itself to be at something else."""

SWEEPS = ("lapse", "remind of appointments", "go on with series")
"""Those that pass by whatever somebody works with, and come again within a minute."""

WITHOUT_KEY = {*SWEEPS, "set up a practice", "take the second step", "hand over what was just asked"}
"""Those that nobody sends by a form with a key: sent again, they act again."""

SAME = {"times_taken": "rows_not_ready"}
"""Refusals that say the same of what was found a moment earlier or later: by the look at the rows, or by their claims."""
