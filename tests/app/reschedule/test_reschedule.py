"""The life of a request, from the ask to each of its endings."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, a_key, new_york
from tests.app.queued_looks import look_as_queued
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import Answer, KeyUsedForAnother, run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.conversations import Message
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Recipient
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason, ClientElsewhere, SlotNotOpen, SlotTaken
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import (
    AlreadyAsked,
    AlreadySettled,
    BlockWasEdited,
    LastMinuteNotConfirmed,
    NoOpenTimes,
    NoteTooLong,
    NotReachable,
    ReasonMissing,
    RepeatNotConfirmed,
    TookTooLong,
    TooLateToAsk,
)
from raincheck.domain.spans import Span

HOURS = timedelta(hours=1)
GRACE = timedelta(minutes=1)


def handed_over(request: RescheduleRequest) -> RescheduleRequest:
    """Let the prompt have been taken over by the mail server at once."""
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=request.asked_at)
    request.refresh_from_db()
    return request


def history(appointment: Appointment) -> list[str]:
    rows = AppointmentHistory.objects.filter(appointment=appointment).order_by("pk")
    return [f"{row.event} by {row.actor_kind}" for row in rows]


def cards(appointment: Appointment) -> list[str | None]:
    return list(Message.objects.filter(appointment=appointment).order_by("pk").values_list("card", flat=True))


def state_of(appointment: Appointment) -> tuple[str, str | None, str | None, bool]:
    row = Appointment.objects.get(pk=appointment.pk)
    return row.status, row.cancelled_by, row.cancelled_why, row.fee_allowed


def refused(kind: type[Refusal], verb: object) -> None:
    """Expect a refusal that leaves every row as it was."""
    before = everything()
    with pytest.raises(kind):
        verb()  # type: ignore[operator]
    assert everything() == before


def everything() -> dict[str, object]:
    tables = (
        Appointment,
        RescheduleRequest,
        RescheduleBatch,
        Claim,
        AppointmentHistory,
        Message,
        OutOfOffice,
        Task,
    )
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return rows | {"jobs": cursor.fetchone(), "told": told()}


def test_asking_prompts_the_client_and_keeps_the_time(cast: Cast) -> None:
    appointment = cast.booked()
    since = latest()
    request = cast.asked(appointment, note="I have to be in court.")
    assert (request.state, request.deadline_at, request.last_minute) == ("open", NOW + 48 * HOURS, False)
    assert told(since) == ["asked to client by email: waiting", "asked to provider by in_app: handed_over"]
    assert history(appointment) == ["booked by provider", "asked by provider"]
    assert cards(appointment) == ["booked", "asked"]
    assert state_of(appointment) == ("scheduled", None, None, False)
    assert Claim.objects.filter(appointment=appointment).count() == 2


def test_a_pick_moves_the_appointment_and_confirms_it(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    since = latest()
    assert cast.pick(request) == {"request": str(request.ref), "state": "moved"}
    moved = Appointment.objects.get(pk=appointment.pk)
    assert (moved.status, moved.starts_at, moved.ends_at) == (
        "scheduled",
        FRIDAY_AT_NINE,
        FRIDAY_AT_NINE + 50 * MINUTES,
    )
    assert (moved.ical_uid, moved.ical_sequence, moved.starts_wall.isoformat()) == (
        appointment.ical_uid,
        1,
        "2026-11-27T09:00:00",
    )
    assert told(since) == [
        "moved to client by email: waiting",
        "moved to provider by email: waiting",
        "moved to provider by in_app: handed_over",
    ]
    assert history(appointment) == ["booked by provider", "asked by provider", "moved by client_by_link"]
    assert cards(appointment) == ["booked", "asked", "moved"]
    row = AppointmentHistory.objects.filter(appointment=appointment).latest("pk")
    assert (row.from_starts_at, row.to_starts_at, row.sequence) == (TUESDAY_AT_ELEVEN, FRIDAY_AT_NINE, 1)


def test_declining_cancels_without_a_fee_and_offers_a_new_booking(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    since = latest()
    cast.decline(request)
    assert state_of(appointment) == ("cancelled", "client", "reschedule_declined", False)
    assert told(since) == [
        "declined to client by email: waiting",
        "declined to provider by email: waiting",
        "declined to provider by in_app: handed_over",
    ]
    assert RebookOffer.objects.get(appointment=appointment).expires_at == NOW + timedelta(days=30)
    assert not Claim.objects.filter(appointment=appointment).exists()


def test_silence_for_48_hours_cancels_and_tells_both(cast: Cast) -> None:
    appointment = cast.booked()
    request = handed_over(cast.asked(appointment))
    since = latest()
    assert sweep(now=request.deadline_at + GRACE - timedelta(microseconds=1)).get("request lapsed") is None
    assert state_of(appointment)[0] == "scheduled"
    assert sweep(now=request.deadline_at + GRACE)["request lapsed"] == 1
    assert state_of(appointment) == ("cancelled", "system", "reschedule_unanswered", False)
    assert [line for line in told(since) if line.startswith("lapsed")] == [
        "lapsed to client by email: waiting",
        "lapsed to provider by email: waiting",
        "lapsed to provider by in_app: handed_over",
    ]
    request.refresh_from_db()
    assert (request.state, request.settled_by, request.settled_at) == (
        "lapsed",
        "system",
        request.deadline_at + GRACE,
    )
    assert sweep(now=request.deadline_at + GRACE).get("request lapsed") is None


def test_who_answers_after_the_ending_learns_of_it_before_anything_else(cast: Cast) -> None:
    """Also when the time they chose is gone by now, or the appointment has begun."""
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    refused(AlreadySettled, partial(cast.pick, request))
    refused(AlreadySettled, partial(cast.decline, request, now=TUESDAY_AT_ELEVEN))


def test_a_lapsed_intake_is_a_task(cast: Cast) -> None:
    appointment = cast.booked(kind=cast.intake)
    request = handed_over(cast.asked(appointment))
    sweep(now=request.deadline_at + GRACE)
    assert list(Task.objects.values_list("kind", flat=True)) == ["intake_lapsed"]


def test_withdrawing_lets_the_time_stand_and_opens_the_block(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment, block=Span(appointment.starts_at, appointment.ends_at))
    since = latest()
    cast.withdraw(request)
    assert state_of(appointment) == ("scheduled", None, None, False)
    assert told(since) == ["withdrawn to client by email: waiting"]
    assert OutOfOffice.objects.get().removed_at == NOW
    assert cards(appointment) == ["booked", "asked", "withdrawn"]


def test_an_edited_block_is_left_to_the_person_who_withdraws(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment, block=Span(appointment.starts_at, appointment.ends_at))
    OutOfOffice.objects.update(edited_at=NOW)
    refused(BlockWasEdited, partial(cast.withdraw, request))
    cast.withdraw(request, edited_block="keep")
    assert OutOfOffice.objects.get().removed_at is None


def test_none_of_these_work_leaves_a_day_and_ends_as_no_time(cast: Cast) -> None:
    appointment = cast.booked()
    request = handed_over(cast.asked(appointment))
    word_at = request.deadline_at - 2 * HOURS
    since = latest()
    by = cast.by_riley
    run_command(
        partial(none_work, request.batch, words="Only evenings, sorry.", by=by, now=word_at),
        key=None,
        body={},
        by=by,
        now=word_at,
    )
    request.refresh_from_db()
    assert (request.client_wrote_at, request.deadline_at) == (word_at, word_at + 24 * HOURS)
    assert list(Task.objects.values_list("kind", flat=True)) == ["client_wrote"]
    assert told(since) == [
        "deadline_moved to client by email: waiting",
        "none_work to provider by email: waiting",
        "none_work to provider by in_app: handed_over",
    ]
    sweep(now=request.deadline_at + GRACE)
    assert state_of(appointment) == ("cancelled", "system", "reschedule_no_time", False)


def test_several_appointments_are_asked_in_one_prompt_and_answered_one_by_one(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    since = latest()
    cast.asked(first, second)
    requests = list(RescheduleRequest.objects.order_by("asked_starts_at"))
    assert [line for line in told(since) if "client" in line] == ["asked to client by email: waiting"]
    assert [row.deadline_at for row in requests] == [NOW + 48 * HOURS] * 2
    cast.pick(requests[0])
    refused(ClientElsewhere, partial(cast.pick, requests[1], FRIDAY_AT_NINE))
    cast.decline(requests[1])
    assert [row.state for row in RescheduleRequest.objects.order_by("asked_starts_at")] == [
        "moved",
        "declined",
    ]


def test_changing_the_time_while_asked_ends_the_request_as_moved(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    change(cast, appointment, start=FRIDAY_AT_NINE)
    request.refresh_from_db()
    assert (request.state, request.settled_by, request.moved_to) == ("moved", "provider", FRIDAY_AT_NINE)
    assert history(appointment)[-1] == "moved by provider"


def test_another_type_supersedes_the_request(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    change(cast, appointment, type_id=cast.intake.pk)
    request.refresh_from_db()
    assert request.state == "superseded"
    assert Appointment.objects.get(pk=appointment.pk).ends_at - appointment.starts_at == 80 * MINUTES


def test_another_join_link_leaves_the_request_open(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    change(cast, appointment, join_url="https://meet.example/other")
    request.refresh_from_db()
    assert request.state == "open"
    assert history(appointment)[-1] == "details_changed by provider"


def change(cast: Cast, appointment: Appointment, **changes: object) -> Answer:
    now_so = {
        "start": appointment.starts_at,
        "type_id": appointment.type_id,
        "place_id": appointment.place_id,
        "join_url": appointment.join_url,
    }
    details = Details(**(now_so | changes))  # type: ignore[arg-type]
    verb = partial(change_appointment_details, appointment.ref, details=details, by=cast.by_okafor, now=NOW)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def test_cancelling_supersedes_the_request_and_tells_only_of_the_cancellation(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    since = latest()
    verb = partial(
        cancel_appointment,
        appointment.ref,
        cancellation=Cancellation(CancelReason.CLINICAL),
        by=cast.by_okafor,
        now=NOW,
    )
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    request.refresh_from_db()
    assert request.state == "superseded"
    assert state_of(appointment) == ("cancelled", "provider", "provider_clinical", False)
    assert told(since) == [
        "cancelled to client by email: waiting",
        "cancelled to provider by in_app: handed_over",
    ]


def test_at_its_start_an_open_request_is_void_and_the_session_stands(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    done = sweep(now=request.deadline_at + GRACE)
    assert done["request waits for provider"] == 1
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "not_handed_over")
    assert sweep(now=appointment.starts_at)["request void"] == 1
    request.refresh_from_db()
    assert request.state == "void"
    assert state_of(appointment) == ("scheduled", None, None, False)
    open_tasks = Task.objects.filter(done_at__isnull=True).order_by("kind").values_list("kind", flat=True)
    assert list(open_tasks) == ["what_happened"]


def test_a_client_marked_do_not_auto_cancel_waits_for_a_person(cast: Cast) -> None:
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    request = handed_over(cast.asked(cast.booked()))
    sweep(now=request.deadline_at + GRACE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "do_not_auto_cancel")
    assert cast.pick(request, now=request.deadline_at + HOURS)["state"] == "moved"


def test_a_pick_after_the_deadline_counts_while_the_request_is_open(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    assert cast.pick(request, now=request.deadline_at + timedelta(seconds=50))["state"] == "moved"


def test_a_reminder_goes_at_24_and_at_4_hours(cast: Cast) -> None:
    request = handed_over(cast.asked(cast.booked()))
    since = latest()
    for left in (24, 4):
        assert sweep(now=request.deadline_at - left * HOURS)["reminder sent"] == 1
    assert sweep(now=request.deadline_at - HOURS).get("reminder sent") is None
    assert told(since) == [
        "request_reminder to client by email: waiting",
        "request_reminder to client by email: waiting",
        "request_reminder to provider by in_app: handed_over",
    ]


def test_a_slot_that_was_just_taken_leaves_the_request_open(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    refused(SlotTaken, partial(cast.pick, request))


@pytest.mark.parametrize(
    "start",
    [
        new_york(27, 9, 10),  # off the grid
        new_york(27, 18),  # outside hours
        new_york(16, 15),  # less than 12 hours away
        TUESDAY_AT_ELEVEN,  # the asked time itself
        new_york(28, 9),  # a Saturday
    ],
)
def test_a_slot_that_was_never_offered_is_refused(cast: Cast, start: object) -> None:
    request = cast.asked(cast.booked())
    refused(SlotNotOpen, partial(cast.pick, request, start))


def test_a_second_answer_learns_that_the_first_one_stands(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.pick(request)
    refused(AlreadySettled, partial(cast.decline, request))
    refused(AlreadySettled, partial(cast.withdraw, request))


def test_the_same_form_sent_twice_acts_once(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    key = a_key()
    first = cast.pick(request, key=key)
    before = everything()
    assert cast.pick(request, key=key) == first
    assert everything() == before
    refused(KeyUsedForAnother, partial(cast.pick, request, new_york(27, 10), key=key))


def test_an_answer_that_took_too_long_is_refused_and_changes_nothing(cast: Cast) -> None:
    request = cast.asked(cast.booked())

    def late() -> Answer:
        from raincheck.actions.reschedule.answer import pick_new_time

        verb = partial(pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=NOW)
        return run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW, still_fresh=lambda: False)

    refused(TookTooLong, late)


def test_an_ask_is_refused_in_a_sentence_and_nothing_is_sent(cast: Cast) -> None:
    appointment = cast.booked()
    refused(ReasonMissing, partial(cast.asked, appointment, reason=None))
    refused(NoteTooLong, partial(cast.asked, appointment, note="x" * 501))
    soon = appointment.starts_at - 6 * HOURS + timedelta(microseconds=1)
    refused(TooLateToAsk, partial(cast.asked, appointment, now=soon, last_minute_confirmed=True))
    refused(LastMinuteNotConfirmed, partial(cast.asked, appointment, now=appointment.starts_at - 20 * HOURS))
    cast.asked(appointment)
    refused(AlreadyAsked, partial(cast.asked, appointment))


def test_the_second_ask_within_90_days_is_confirmed(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12))
    cast.withdraw(cast.asked(first))
    refused(RepeatNotConfirmed, partial(cast.asked, second))
    assert cast.asked(second, repeat_confirmed=True).state == "open"


def test_nobody_is_asked_who_cannot_be_reached(cast: Cast) -> None:
    appointment = cast.booked()
    Recipient.objects.update(email="")
    refused(NotReachable, partial(cast.asked, appointment))


def test_an_ask_without_any_open_time_is_refused(cast: Cast) -> None:
    appointment = cast.booked()
    cast.okafor.availability = {"weekly": [], "overrides": []}
    cast.okafor.save(update_fields=["availability"])
    refused(NoOpenTimes, partial(cast.asked, appointment))


def test_the_last_open_time_going_is_a_task(cast: Cast) -> None:
    cast.okafor.availability = {
        "weekly": [{"weekday": 4, "start": "09:00", "end": "10:00", "places": []}],
        "overrides": [],
    }
    cast.okafor.save(update_fields=["availability"])
    cast.asked(cast.booked())
    for friday in (20, 27):
        cast.booked(new_york(friday, 9), client=cast.maya)
    for month, days in ((12, (4, 11, 18, 25)), (1, ())):
        for day in days:
            cast.booked(new_york(day, 9, month=month), client=cast.maya)
    look_as_queued(now=NOW)
    assert list(Task.objects.values_list("kind", flat=True)) == []
    for day in (1, 8, 15):
        cast.booked(new_york(day, 9, month=1).replace(year=2027), client=cast.maya)
    look_as_queued(now=NOW)
    assert list(Task.objects.values_list("kind", flat=True)) == ["no_open_times"]
