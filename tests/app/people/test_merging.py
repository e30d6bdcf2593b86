"""Two records of one person become one: everything goes over, links go on working, and for a day it can be undone exactly."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, TUESDAY_AT_ELEVEN, Cast, client_in, new_york
from tests.app.client_browser import Visitor, page_of, words
from tests.app.people.merged import (
    BY_SASHA,
    HOUR,
    LATER,
    WEDNESDAY,
    edit,
    everything,
    merge,
    twice,
    undo,
)
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.reschedule.suggest import suggest_times
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.clients.history import ClientHistory
from raincheck.data.clients.merges import ClientMerge
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Membership
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.clients.merging import (
    AppointmentTouched,
    ConversationTouched,
    MergeMeets,
    Part,
    RecordMerged,
    RecordTouched,
    SameRecord,
    TooLateToUndo,
    UndoneAlready,
)
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice

DAY = timedelta(days=1)
THURSDAY_AT_TWO = new_york(26, 14)
HELD = ("raincheck_hold", "raincheck_claim")


def test_all_that_belongs_to_the_one_belongs_to_the_other(cast: Cast) -> None:
    other, since = twice(cast), latest()
    before = Appointment.objects.count()
    merge(cast.riley, other, Part.PHONE, Part.DATE_OF_BIRTH)
    assert [
        model.objects.filter(client=other).count() for model in (Appointment, RescheduleRequest, Claim)
    ] == [0, 0, 0]
    assert Appointment.objects.filter(client=cast.riley).count() == before
    riley = Client.objects.get(pk=cast.riley.pk)
    own = riley.recipients.get()
    assert (riley.name, riley.date_of_birth, riley.client_since, own.email, own.phone, own.gets_sms) == (
        "Riley Brooks",
        date(1990, 5, 1),
        date(2024, 1, 8),
        "riley@clients.example",
        "+13105550199",
        True,
    )
    assert Client.objects.get(pk=other.pk).merged_into_id == cast.riley.pk
    threads = Conversation.objects.filter(client=cast.riley).order_by("provider__name")
    assert [(row.provider_id, row.messages.filter(card=None).count()) for row in threads] == [
        (cast.okafor.pk, 2),
        (cast.fischer.pk, 0),
    ]
    assert told(since) == []
    assert list(
        ClientHistory.objects.filter(event="merged").order_by("pk").values_list("client", "details")
    ) == [
        (cast.riley.pk, {"merged": [other.pk]}),
        (other.pk, {"merged": [cast.riley.pk]}),
    ]


def test_open_requests_and_their_links_go_on_working(cast: Cast) -> None:
    other = twice(cast)
    request = RescheduleRequest.objects.get(client=other, state="open")
    visitor = Visitor(request.batch, now=LATER)
    merge(cast.riley, other)
    assert "please choose a new time" in words(visitor.get(page_of(request)))
    answer = visitor.pick(f"{page_of(request)}{request.ref}/", FRIDAY_AT_NINE)
    assert answer.status_code == 302
    request.refresh_from_db()
    assert (request.state, request.client_id) == ("moved", cast.riley.pk)
    # What is settled says so at every link, and reminders go to the one record.
    sweep(now=LATER + 3 * DAY)


def test_undone_everything_is_exactly_as_it_was(cast: Cast) -> None:
    other = twice(cast)
    before = everything()
    answer = merge(cast.riley, other, *Part)
    assert everything() != before
    undo(answer)
    assert everything() == before
    row = ClientMerge.objects.get()
    assert (row.moved, row.former, row.undone_at) == ({}, {}, LATER + HOUR)
    with pytest.raises(UndoneAlready):
        undo(answer)
    # And again, the other way around.
    undo(merge(other, cast.riley, *Part))
    assert everything() == before


def test_what_waits_to_be_sent_goes_back_with_its_request_and_links_to_others_end(cast: Cast) -> None:
    other = twice(cast)
    answer = merge(cast.riley, other)
    request = RescheduleRequest.objects.get(client=cast.riley, state="open")
    visitor = Visitor(request.batch, now=LATER)
    assert "please choose a new time" in words(visitor.get(page_of(request)))
    sweep(now=LATER + HOUR)
    undo(answer, now=LATER + 2 * HOUR)
    # The link went to an address that is another person's again: it opens nothing of theirs.
    assert visitor.get(page_of(request)).status_code == 404
    waiting = Notification.objects.filter(batch=request.batch, recipient__isnull=False)
    assert set(waiting.values_list("recipient__client", flat=True)) == {other.pk}


@pytest.mark.parametrize("hours", [24, 48])
def test_after_a_day_it_stays(cast: Cast, hours: int) -> None:
    other = twice(cast)
    answer = merge(cast.riley, other)
    sweep(now=LATER + hours * HOUR)
    row = ClientMerge.objects.get()
    # Names and addresses are kept only as long as somebody can still need them.
    assert (row.moved, row.former) == ({}, {})
    with pytest.raises(TooLateToUndo):
        undo(answer, now=LATER + hours * HOUR)


def test_the_day_ends_by_the_clock_and_not_by_the_sweep(cast: Cast) -> None:
    answer = merge(cast.riley, twice(cast))
    with pytest.raises(TooLateToUndo):
        undo(answer, now=LATER + 24 * HOUR)
    assert ClientMerge.objects.get().former != {}


def _changed(cast: Cast, other: Client) -> type[Exception]:
    run_command(edit(cast.riley, email="r@new.example"), key=None, body={}, by=BY_SASHA, now=LATER)
    return RecordTouched


def _moved(cast: Cast, other: Client) -> type[Exception]:
    cast.pick(RescheduleRequest.objects.get(client=cast.riley, state="open"), now=LATER)
    return AppointmentTouched


def _booked(cast: Cast, other: Client) -> type[Exception]:
    cast.booked(new_york(27, 13), now=LATER)
    return AppointmentTouched


def _wrote(cast: Cast, other: Client) -> type[Exception]:
    by = cast.by_okafor
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hi.", by=by, now=LATER)
    run_command(verb, key=None, body={}, by=by, now=LATER)
    return ConversationTouched


@pytest.mark.parametrize("touch", [_changed, _moved, _booked, _wrote])
def test_what_was_touched_refuses_and_changes_nothing(cast: Cast, touch: object) -> None:
    other = twice(cast)
    answer = merge(cast.riley, other)
    refusal = touch(cast, other)  # type: ignore[operator]
    before = everything()
    with pytest.raises(refusal):
        undo(answer)
    assert everything() == before


def test_what_is_done_with_the_ones_own_appointment_keeps_nobody_from_undoing(cast: Cast) -> None:
    other = client_in(cast.practice, "Rilee", "Brooks")
    mine, theirs = cast.booked(), cast.booked(WEDNESDAY, client=other, provider=cast.fischer)
    answer = merge(cast.riley, other)
    cast.asked(mine, now=LATER)
    undo(answer)
    assert list(Appointment.objects.order_by("pk").values_list("pk", "client")) == [
        (mine.pk, cast.riley.pk),
        (theirs.pk, other.pk),
    ]


def test_p2_two_sessions_at_one_time_are_named_and_nothing_is_merged(cast: Cast) -> None:
    other = client_in(cast.practice, "Rilee", "Brooks")
    cast.booked()
    cast.booked(TUESDAY_AT_ELEVEN + HOUR / 2, client=other, provider=cast.fischer)
    before = everything()
    with pytest.raises(MergeMeets) as refused:
        merge(cast.riley, other)
    assert refused.value.values == {
        "first": "Tue, Nov 24 · 11:00 AM, Dr. Okafor",
        "second": "Tue, Nov 24 · 11:30 AM, Dr. Fischer",
    }
    assert everything() == before


def test_nothing_more_is_written_under_the_record_that_went(cast: Cast) -> None:
    other = twice(cast)
    merge(cast.riley, other)
    verbs = [
        partial(
            book,
            Booking(cast.okafor.pk, other.pk, cast.follow_up.pk, cast.telehealth.pk, new_york(27, 15)),
            by=cast.by_okafor,
            now=LATER,
        ),
        edit(other, email="a@b.example"),
        partial(write_message, cast.okafor.pk, other.pk, words="Hi.", by=cast.by_okafor, now=LATER),
    ]
    for verb in verbs:
        with pytest.raises(RecordMerged):
            run_command(verb, key=None, body={}, by=BY_SASHA, now=LATER)
    with pytest.raises(RecordMerged):
        merge(cast.maya, other)
    with pytest.raises(SameRecord):
        merge(cast.maya, cast.maya)


def test_three_records_become_one_and_part_in_the_other_order(cast: Cast) -> None:
    other, third = twice(cast), client_in(cast.practice, "R.", "Brooks")
    cast.booked(new_york(27, 15), client=third)
    before = everything()
    first = merge(other, third)
    second = merge(cast.riley, other)
    assert set(Client.objects.filter(merged_into=cast.riley).values_list("pk", flat=True)) == {
        other.pk,
        third.pk,
    }
    with pytest.raises(RecordMerged):
        undo(first)
    undo(second)
    undo(first)
    assert everything() == before


def test_who_signs_in_by_the_chosen_address_is_this_client_and_nobody_else(cast: Cast) -> None:
    other = client_in(cast.practice, "Rilee", "Brooks")
    merge(cast.riley, other, Part.EMAIL)
    assert list(
        Membership.objects.filter(role="client", practice=cast.practice)
        .order_by("pk")
        .values_list("user__email", "client")
    ) == [
        ("maya@clients.example", cast.maya.pk),
        ("rilee@clients.example", cast.riley.pk),
    ]


def test_a_mark_that_is_taken_over_spares_what_is_open_and_is_told(cast: Cast) -> None:
    other = client_in(cast.practice, "Rilee", "Brooks")
    request = cast.asked(cast.booked())
    Client.objects.filter(pk=other.pk).update(do_not_auto_cancel=True)
    merge(cast.riley, other, Part.DO_NOT_AUTO_CANCEL)
    request.refresh_from_db()
    assert request.spared


@pytest.mark.parametrize("of", ["riley", "eve"])
def test_p17_a_record_of_another_practice_is_not_here(cast: Cast, of: str) -> None:
    here = Actor(ActorKind.MANAGER, 1, practice=cast.practice.pk)
    before = everything()
    with pytest.raises(NotInThisPractice):
        merge(cast.riley, cast.eve, by=here) if of == "riley" else merge(cast.eve, cast.riley, by=here)
    assert everything() == before


def test_p17_a_merge_of_another_practice_is_not_undone(cast: Cast) -> None:
    other = client_in(cast.practice, "Rilee", "Brooks")
    answer = merge(cast.riley, other)
    with pytest.raises(NotInThisPractice):
        undo(answer, by=Actor(ActorKind.MANAGER, 1, practice=cast.elsewhere.pk))


def suggested(cast: Cast) -> tuple[Client, RescheduleRequest]:
    """Return a second record of Riley's with an open request, Thursday suggested in it."""
    other = client_in(cast.practice, "Rilee", "Brooks")
    row = cast.booked(new_york(25, 11), client=other)
    return other, cast.asked(row, suggestions=(THURSDAY_AT_TWO,))


def test_suggested_times_go_over_with_their_request_and_come_back(cast: Cast) -> None:
    other, request = suggested(cast)
    before = everything()
    answer = merge(cast.riley, other)
    assert (
        list(Claim.objects.filter(hold__isnull=False).values_list("client", flat=True)) == [cast.riley.pk] * 2
    )
    undo(answer)
    after = everything()
    assert [after[table] for table in HELD] == [before[table] for table in HELD]
    merge(cast.riley, other, now=LATER + 2 * HOUR)
    cast.pick(request, THURSDAY_AT_TWO, now=LATER + 3 * HOUR)
    assert RescheduleRequest.objects.get(pk=request.pk).state == "moved"


def test_what_is_chosen_for_a_moment_keeps_no_merge_from_being_undone(cast: Cast) -> None:
    """As one client's, a time they hold by themselves may lie over one that was suggested to the other record."""
    mine, (other, _request) = cast.asked(cast.booked()), suggested(cast)
    answer = merge(cast.riley, other)
    verb = partial(hold_time, mine.ref, start=THURSDAY_AT_TWO, now=LATER)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=LATER)
    undo(answer, now=LATER + MINUTES)
    assert list(Hold.objects.values_list("client", "suggested")) == [(other.pk, True)]


def test_what_was_suggested_over_it_since_keeps_a_merge_as_it_is(cast: Cast) -> None:
    mine, (other, _request) = cast.asked(cast.booked()), suggested(cast)
    answer = merge(cast.riley, other)
    by = cast.by_okafor
    verb = partial(suggest_times, mine.ref, starts=[THURSDAY_AT_TWO], by=by, now=LATER)
    run_command(verb, key=None, body={}, by=by, now=LATER)
    with pytest.raises(AppointmentTouched):
        undo(answer)
    assert Hold.objects.filter(client=cast.riley).count() == 2
