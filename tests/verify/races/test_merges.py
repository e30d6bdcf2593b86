"""Two records become one while somebody picks, books, edits, merges or undoes: one after the other, and nothing is lost."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, client_in
from tests.app.people.merged import BY_SASHA, HOUR, LATER, edit, everything, merge
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.clients.merging import merge_clients
from raincheck.actions.clients.unmerging import undo_merge
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import none_work, pick_new_time
from raincheck.actions.reschedule.links import choose_zone
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.clients.history import changes_of_client
from raincheck.data.clients.merges import ClientMerge
from raincheck.data.conversations import Message
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.clients.merging import (
    AppointmentTouched,
    MergeMeets,
    RecordMerged,
    RecordsChangedMeanwhile,
    UndoneAlready,
)
from raincheck.domain.people import Actor, ActorKind

pytestmark = pytest.mark.sampled


@pytest.fixture
def other(cast: Cast) -> Client:
    return client_in(cast.practice, "Rilee", "Brooks")


def merging(kept: Client, gone: Client) -> partial[Answer]:
    seen = changes_of_client(kept.pk), changes_of_client(gone.pk)
    return partial(merge_clients, kept.pk, gone.pk, taken=(), seen=seen, by=BY_SASHA, now=LATER)


def met(
    first: partial[Answer], second: partial[Answer], *, by: Actor = BY_SASHA, then: Actor = BY_SASHA
) -> tuple[Outcome, Outcome]:
    return second_while_first_is_uncommitted(
        lambda hook: carried_out(first, by=by, now=LATER, still_fresh=hook),
        lambda: carried_out(second, by=then, now=LATER),
    )


def whose() -> list[tuple[str, int]]:
    return list(Appointment.objects.order_by("pk").values_list("status", "client"))


@pytest.mark.parametrize("merge_first", [True, False])
def test_a_pick_and_a_merge_both_stand(cast: Cast, other: Client, merge_first: bool) -> None:
    request = cast.asked(cast.booked(client=other))
    # As the page knew them when it was opened: the client of the record that goes.
    by = Actor(ActorKind.CLIENT_BY_LINK, other.pk, practice=cast.practice.pk)
    picking = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=by, now=LATER)
    joining = merging(cast.riley, other)
    one, two = met(joining, picking, then=by) if merge_first else met(picking, joining, by=by)
    assert [isinstance(outcome, dict) for outcome in (one, two)] == [True, True]
    request.refresh_from_db()
    row = Appointment.objects.get()
    assert (request.state, request.client_id, row.client_id, row.starts_at) == (
        "moved",
        cast.riley.pk,
        cast.riley.pk,
        FRIDAY_AT_NINE,
    )
    assert broken() == {}


@pytest.mark.parametrize("merge_first", [True, False])
@pytest.mark.parametrize("what", ["none of these work", "a message", "a zone"])
def test_a_clients_word_and_a_merge_both_stand(
    cast: Cast, other: Client, what: str, merge_first: bool
) -> None:
    batch = cast.asked(cast.booked(client=other)).batch
    by = Actor(ActorKind.CLIENT_BY_LINK, other.pk, practice=cast.practice.pk)
    saying = {
        "none of these work": partial(none_work, batch, words="Mornings?", by=by, now=LATER),
        "a message": partial(write_message, cast.okafor.pk, other.pk, words="Mornings?", by=by, now=LATER),
        "a zone": partial(choose_zone, other, zone="Europe/London", by=by, now=LATER),
    }[what]
    joining = merging(cast.riley, other)
    one, two = met(joining, saying, then=by) if merge_first else met(saying, joining, by=by)
    if what == "a zone" and not merge_first:
        # What the client said of their record is to be looked at before anybody merges it.
        assert (isinstance(one, dict), two) == (True, RecordsChangedMeanwhile)
        return
    assert [isinstance(outcome, dict) for outcome in (one, two)] == [True, True]
    said = list(
        Message.objects.exclude(card="asked").exclude(card="booked").values_list("conversation__client")
    )
    assert said == [] if what == "a zone" else said == [(cast.riley.pk,)]
    assert broken() == {}


def test_a_booking_for_the_record_that_goes_is_refused_in_words(cast: Cast, other: Client) -> None:
    booking = Booking(cast.okafor.pk, other.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    verb = partial(book, booking, by=cast.by_okafor, now=LATER)
    _merged, refused = met(merging(cast.riley, other), verb, then=cast.by_okafor)
    assert (refused, whose(), broken()) == (RecordMerged, [], {})


def test_a_booking_that_came_first_goes_over(cast: Cast, other: Client) -> None:
    booking = Booking(cast.okafor.pk, other.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    verb = partial(book, booking, by=cast.by_okafor, now=LATER)
    met(verb, merging(cast.riley, other), by=cast.by_okafor)
    assert (whose(), broken()) == ([("scheduled", cast.riley.pk)], {})


def test_p2_a_booking_at_the_same_time_that_came_first_keeps_them_apart(cast: Cast, other: Client) -> None:
    cast.booked()
    booking = Booking(cast.fischer.pk, other.pk, cast.follow_up.pk, cast.telehealth.pk, TUESDAY_AT_ELEVEN)
    verb = partial(book, booking, by=Actor(ActorKind.PROVIDER, cast.fischer.pk), now=LATER)
    _booked, refused = met(verb, merging(cast.riley, other), by=Actor(ActorKind.PROVIDER, cast.fischer.pk))
    assert (refused, broken()) == (MergeMeets, {})
    assert Client.objects.filter(merged_into__isnull=False).count() == 0


@pytest.mark.parametrize("of", ["kept", "gone"])
def test_an_edit_that_came_first_is_looked_at_before_anybody_merges(
    cast: Cast, other: Client, of: str
) -> None:
    client = cast.riley if of == "kept" else other
    editing = edit(client, email="new@clients.example")
    _edited, refused = met(editing, merging(cast.riley, other))
    assert refused is RecordsChangedMeanwhile
    assert ClientMerge.objects.count() == 0


def test_an_edit_of_the_record_that_goes_is_refused(cast: Cast, other: Client) -> None:
    editing = edit(other, email="new@clients.example")
    _merged, refused = met(merging(cast.riley, other), editing)
    assert refused is RecordMerged


@pytest.mark.parametrize("turned", [True, False])
def test_of_two_merges_of_the_same_records_one_stands(cast: Cast, other: Client, turned: bool) -> None:
    second = merging(other, cast.riley) if turned else merging(cast.riley, other)
    _merged, refused = met(merging(cast.riley, other), second)
    assert (refused, ClientMerge.objects.count()) == (RecordMerged, 1)


def test_a_record_becomes_part_of_one_other_only(cast: Cast, other: Client) -> None:
    _merged, refused = met(merging(cast.riley, other), merging(cast.maya, other))
    assert (refused, list(ClientMerge.objects.values_list("kept", flat=True))) == (
        RecordMerged,
        [cast.riley.pk],
    )


def test_of_two_who_undo_one_does(cast: Cast, other: Client) -> None:
    cast.booked(client=other)
    before = everything()
    verb = partial(undo_merge, UUID(merge(cast.riley, other)["merge"]), by=BY_SASHA, now=LATER)
    undone, refused = met(verb, verb)
    assert (undone, refused) == ({"client": str(cast.riley.ref), "other": str(other.ref)}, UndoneAlready)
    assert everything() == before


@pytest.mark.parametrize("undo_first", [True, False])
def test_a_pick_and_an_undoing_meet(cast: Cast, other: Client, undo_first: bool) -> None:
    request = cast.asked(cast.booked(client=other))
    answer = merge(cast.riley, other)
    undoing = partial(undo_merge, UUID(answer["merge"]), by=BY_SASHA, now=LATER)
    picking = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_okafor, now=LATER)
    if undo_first:
        _undone, picked = met(undoing, picking, then=cast.by_okafor)
        assert isinstance(picked, dict)
        assert whose() == [("scheduled", other.pk)]
    else:
        _picked, refused = met(picking, undoing, by=cast.by_okafor)
        assert (refused, whose()) == (AppointmentTouched, [("scheduled", cast.riley.pk)])
    assert broken() == {}


def test_a_request_that_is_due_lapses_once_whoever_it_belongs_to(cast: Cast, other: Client) -> None:
    request = cast.asked(cast.booked(client=other))
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    ripe = request.deadline_at + HOUR

    def swept() -> Answer:
        sweep(now=ripe)
        return {}

    second_while_first_is_uncommitted(
        lambda hook: carried_out(merging(cast.riley, other), by=BY_SASHA, now=LATER, still_fresh=hook), swept
    )
    sweep(now=ripe)
    request.refresh_from_db()
    assert (request.state, request.client_id, whose(), broken()) == (
        "lapsed",
        cast.riley.pk,
        [("cancelled", cast.riley.pk)],
        {},
    )
