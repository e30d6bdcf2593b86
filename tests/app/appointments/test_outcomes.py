"""After the session: what is said of it, by whom, what it costs, and who hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import MINUTES, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.outcomes import WhatHappened, say_all_took_place, say_what_happened
from raincheck.actions.appointments.rebooking import send_rebook_link
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.conversations import Message
from raincheck.data.people import Client
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.appointments.outcomes import (
    LinkSentAlready,
    NotBegun,
    NotMissedByUs,
    Outcome,
    OutcomeMissing,
    OverForGood,
    SaidMeanwhile,
    TimeGivenAway,
    TooLateToCorrect,
)
from raincheck.domain.clients.leaving import NotInCare
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice

AT_NOON = TUESDAY_AT_ELEVEN + 60 * MINUTES


def say(
    cast: Cast,
    row: Appointment,
    outcome: Outcome | None,
    *,
    now: datetime = AT_NOON,
    seen: Status | None = None,
    by: Actor | None = None,
) -> Answer:
    said = WhatHappened(outcome, seen or Status(Appointment.objects.get(pk=row.pk).status))
    by = by or cast.by_okafor
    verb = partial(say_what_happened, row.ref, said=said, by=by, now=now)
    return run_command(verb, key=None, body={}, by=by, now=now)


def standing(row: Appointment) -> tuple[object, ...]:
    row = Appointment.objects.get(pk=row.pk)
    claims = Claim.objects.filter(appointment=row).count()
    return row.status, row.cancelled_why, row.fee_allowed, row.outcome_at, row.outcome_by_kind, claims


def story(row: Appointment) -> list[tuple[str, dict[str, object]]]:
    rows = AppointmentHistory.objects.filter(appointment=row).order_by("pk")[1:]
    return [(one.event, one.details) for one in rows]


@pytest.mark.parametrize(
    ("outcome", "status", "fee"),
    [
        (Outcome.TOOK_PLACE, "completed", False),
        (Outcome.CLIENT_ABSENT, "client_no_show", True),
        (Outcome.PROVIDER_ABSENT, "provider_no_show", False),
    ],
)
def test_what_happened_is_kept_with_who_said_it_and_told_to_nobody(
    cast: Cast, outcome: Outcome, status: str, fee: bool
) -> None:
    row = cast.booked()
    since = latest()
    say(cast, row, outcome)
    assert standing(row) == (status, None, fee, AT_NOON, "provider", 2)
    assert story(row) == [(status, {"former": "scheduled", "fee_allowed": fee})]
    assert told(since) == []


def test_canceled_late_frees_the_time_and_is_told(cast: Cast) -> None:
    row = cast.booked()
    since = latest()
    say(cast, row, Outcome.CANCELLED_LATE)
    assert standing(row) == ("cancelled", "client_late", True, AT_NOON, "provider", 0)
    details = {"why": "client_late", "fee_allowed": True, "former": "scheduled"}
    assert story(row) == [("cancelled", details)]
    assert told(since) == [
        "cancelled to client by email: waiting",
        "cancelled to provider by in_app: handed_over",
    ]


def test_a_late_cancellation_by_mistake_is_put_right_with_the_client(cast: Cast) -> None:
    row = cast.booked()
    say(cast, row, Outcome.CANCELLED_LATE)
    since = latest()
    say(cast, row, Outcome.TOOK_PLACE, now=AT_NOON + MINUTES)
    assert standing(row) == ("completed", None, False, AT_NOON + MINUTES, "provider", 2)
    assert story(row)[1:] == [
        ("reinstated", {}),
        ("completed", {"former": "cancelled", "fee_allowed": False}),
    ]
    assert told(since) == ["not_cancelled to client by email: waiting"]
    cards = Message.objects.filter(appointment=row).order_by("pk").values_list("card", flat=True)
    assert list(cards) == ["booked", "cancelled", "not_cancelled"]


def test_a_time_that_went_to_somebody_else_cannot_be_taken_back(cast: Cast) -> None:
    row = cast.booked()
    # The session was called off at its start, and the rest of its time was booked.
    say(cast, row, Outcome.CANCELLED_LATE, now=TUESDAY_AT_ELEVEN)
    cast.booked(TUESDAY_AT_ELEVEN + 30 * MINUTES, client=cast.maya, now=TUESDAY_AT_ELEVEN + MINUTES)
    before = standing(row)
    with pytest.raises(TimeGivenAway):
        say(cast, row, Outcome.TOOK_PLACE)
    assert standing(row) == before


def test_a_time_that_was_asked_about_costs_nothing_whatever_happened(cast: Cast) -> None:
    missed, late = cast.booked(), cast.booked(TUESDAY_AT_ELEVEN + 120 * MINUTES, client=cast.maya)
    for row in (missed, late):
        cast.withdraw(cast.asked(row))
    say(cast, missed, Outcome.CLIENT_ABSENT)
    say(cast, late, Outcome.CANCELLED_LATE, now=AT_NOON + 180 * MINUTES)
    assert [standing(row)[2] for row in (missed, late)] == [False, False]


def test_whose_payer_forbids_fees_is_charged_for_nothing(cast: Cast) -> None:
    Client.objects.filter(pk=cast.maya.pk).update(payer_forbids_fees=True)
    rows = [
        cast.booked(TUESDAY_AT_ELEVEN + hours * 60 * MINUTES, client=client)
        for hours, client in enumerate((cast.maya, cast.riley, cast.maya, cast.riley))
    ]
    for row, outcome in zip(rows, [Outcome.CLIENT_ABSENT] * 2 + [Outcome.CANCELLED_LATE] * 2, strict=True):
        say(cast, row, outcome, now=AT_NOON + 180 * MINUTES)
    assert [standing(row)[2] for row in rows] == [False, True, False, True]


@pytest.mark.parametrize("swept", [True, False])
def test_an_answer_ends_what_was_still_open_as_void_with_its_tasks(cast: Cast, swept: bool) -> None:
    row = cast.booked(TUESDAY_AT_ELEVEN)
    request = cast.asked(row, now=TUESDAY_AT_ELEVEN - timedelta(hours=30), last_minute_confirmed=True)
    if swept:
        sweep(now=TUESDAY_AT_ELEVEN + MINUTES)
    say(cast, row, Outcome.TOOK_PLACE)
    request.refresh_from_db()
    assert (request.state, standing(row)[0]) == ("void", "completed")
    assert list(Task.objects.filter(kind="what_happened").values_list("done_at", flat=True)) == [AT_NOON]


def test_nothing_is_said_before_the_start_or_without_an_answer(cast: Cast) -> None:
    row = cast.booked()
    with pytest.raises(NotBegun):
        say(cast, row, Outcome.TOOK_PLACE, now=TUESDAY_AT_ELEVEN - timedelta(microseconds=1))
    with pytest.raises(OutcomeMissing):
        say(cast, row, None)
    assert standing(row) == ("scheduled", None, False, None, None, 2)


def test_of_what_was_canceled_before_its_time_nothing_is_said(cast: Cast) -> None:
    row = cast.booked()
    cast.decline(cast.asked(row))
    before = standing(row)
    for outcome in Outcome:
        with pytest.raises(OverForGood):
            say(cast, row, outcome)
    assert (before[0], standing(row)) == ("cancelled", before)


def test_two_answers_that_differ_do_not_overwrite_each_other(cast: Cast) -> None:
    row = cast.booked()
    say(cast, row, Outcome.TOOK_PLACE)
    with pytest.raises(SaidMeanwhile):
        say(cast, row, Outcome.CLIENT_ABSENT, seen=Status.SCHEDULED)
    say(cast, row, Outcome.TOOK_PLACE, seen=Status.SCHEDULED)
    assert story(row) == [("completed", {"former": "scheduled", "fee_allowed": False})]


def test_an_answer_is_corrected_for_two_weeks_after_it_was_first_given(cast: Cast) -> None:
    row, first = cast.booked(), AT_NOON
    say(cast, row, Outcome.TOOK_PLACE, now=first)
    say(cast, row, Outcome.CLIENT_ABSENT, now=first + timedelta(days=13))
    with pytest.raises(TooLateToCorrect):
        say(cast, row, Outcome.TOOK_PLACE, now=first + timedelta(days=14))
    assert standing(row)[:3] == ("client_no_show", None, True)


def test_all_of_a_day_takes_place_but_what_was_answered_or_has_not_begun(cast: Cast) -> None:
    rows = [cast.booked(new_york(24, hour), client=cast.maya) for hour in (9, 10)]
    missed, ahead = cast.booked(), cast.booked(new_york(24, 15))
    say(cast, missed, Outcome.CLIENT_ABSENT)
    everything = [row.ref for row in (*rows, missed, ahead)]
    verb = partial(say_all_took_place, everything, by=cast.by_okafor, now=AT_NOON)
    assert run_command(verb, key=None, body={}, by=cast.by_okafor, now=AT_NOON) == {"said": "2"}
    assert [standing(row)[0] for row in (*rows, missed, ahead)] == [
        "completed",
        "completed",
        "client_no_show",
        "scheduled",
    ]


def test_nobody_says_what_happened_in_anothers_calendar_or_practice(cast: Cast) -> None:
    row = cast.booked()
    strangers = [
        Actor(ActorKind.PROVIDER, cast.fischer.pk, practice=cast.practice.pk),
        Actor(ActorKind.PROVIDER, cast.mallory.pk, practice=cast.elsewhere.pk),
    ]
    for by in strangers:
        with pytest.raises(NotInThisPractice):
            say(cast, row, Outcome.TOOK_PLACE, by=by)
        verb = partial(say_all_took_place, [row.ref], by=by, now=AT_NOON)
        with pytest.raises(NotInThisPractice):
            run_command(verb, key=None, body={}, by=by, now=AT_NOON)
    assert standing(row) == ("scheduled", None, False, None, None, 2)


def sends_link(cast: Cast, row: Appointment, *, now: datetime = AT_NOON) -> Answer:
    verb = partial(send_rebook_link, row.ref, by=cast.by_okafor, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def missed(cast: Cast) -> Appointment:
    row = cast.booked()
    say(cast, row, Outcome.PROVIDER_ABSENT)
    return row


def test_whom_we_missed_is_sent_one_link_to_another_time(cast: Cast) -> None:
    row, since = missed(cast), latest()
    sends_link(cast, row)
    offer = RebookOffer.objects.get()
    assert (offer.appointment_id, offer.client_id, offer.expires_at) == (
        row.pk,
        cast.riley.pk,
        AT_NOON + timedelta(days=30),
    )
    assert told(since) == ["rebook_link to client by email: waiting"]
    assert story(row)[1:] == [("rebook_link_sent", {})]
    with pytest.raises(LinkSentAlready):
        sends_link(cast, row, now=offer.expires_at - timedelta(microseconds=1))
    sends_link(cast, row, now=offer.expires_at)
    renewed = RebookOffer.objects.get()
    assert (renewed.pk, renewed.expires_at) == (offer.pk, AT_NOON + timedelta(days=60))


@pytest.mark.parametrize("outcome", [Outcome.TOOK_PLACE, Outcome.CANCELLED_LATE])
def test_the_link_ends_when_we_were_there_after_all(cast: Cast, outcome: Outcome) -> None:
    row = missed(cast)
    sends_link(cast, row)
    say(cast, row, outcome, now=AT_NOON + MINUTES)
    assert RebookOffer.objects.get().expires_at == AT_NOON + MINUTES
    with pytest.raises(NotMissedByUs):
        sends_link(cast, row, now=AT_NOON + 2 * MINUTES)


def test_nobody_whose_care_has_ended_is_sent_a_link(cast: Cast) -> None:
    row = missed(cast)
    Client.objects.filter(pk=cast.riley.pk).update(discharged_at=AT_NOON)
    with pytest.raises(NotInCare):
        sends_link(cast, row)
    assert RebookOffer.objects.count() == 0
