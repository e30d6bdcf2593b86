"""Prompts that arrive late or never: whose business that is, and when silence may cancel after all."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, page_of

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.conversations import mark_read
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.delivered import note_hand_over
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.conversations import Conversation
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import SYSTEM, Actor, ActorKind

HOURS = timedelta(hours=1)
GRACE = timedelta(minutes=1)
SOON = TUESDAY_AT_ELEVEN - 20 * HOURS
"""An ask at this time has five hours until its deadline, which lies right before the lead."""


def handed_over(request: RescheduleRequest, *, now: datetime) -> RescheduleRequest:
    """Let the mail server take the prompt over at `now`, for the first time."""

    def verb() -> Answer:
        locked = lock(appointments=[request.appointment_id], requests=[request.pk])
        note_hand_over(locked, at={request.pk: now})
        return {}

    run_command(verb, key=None, body={}, by=SYSTEM, now=now)
    request.refresh_from_db()
    return request


def open_tasks() -> list[str]:
    rows = Task.objects.filter(done_at__isnull=True).order_by("kind")
    return list(rows.values_list("kind", flat=True))


def test_a_prompt_that_nobody_took_over_is_a_task_after_a_quarter_of_an_hour(cast: Cast) -> None:
    cast.asked(cast.booked())
    assert sweep(now=NOW + 15 * MINUTES - timedelta(microseconds=1))["prompt not handed over"] == 0
    assert sweep(now=NOW + 15 * MINUTES)["prompt not handed over"] == 1
    assert sweep(now=NOW + 16 * MINUTES)["prompt not handed over"] == 0
    task = Task.objects.get()
    assert (task.kind, task.provider_id, task.client_id, task.for_managers_at) == (
        "not_delivered",
        cast.okafor.pk,
        cast.riley.pk,
        NOW + 75 * MINUTES,
    )


def test_what_arrives_late_is_reminded_of_also_where_its_deadline_has_no_room(cast: Cast) -> None:
    # By the ask its one reminder is due at 8:00 PM in Los Angeles; then nothing has arrived that could be reminded of.
    request = cast.asked(cast.booked(), now=TUESDAY_AT_ELEVEN - 27 * HOURS)
    evening = TUESDAY_AT_ELEVEN - 12 * HOURS
    assert (request.remind_at, sweep(now=evening)["reminder sent"]) == (evening, 0)
    request = handed_over(request, now=evening + 10 * MINUTES)
    # Two hours before the start, less four, which is night in Los Angeles: by e-mail only.
    last = TUESDAY_AT_ELEVEN - 6 * HOURS
    assert (request.deadline_at, request.remind_at) == (TUESDAY_AT_ELEVEN - 2 * HOURS, last)
    assert sweep(now=last)["reminder sent"] == 1


def test_somebody_who_is_done_with_the_task_does_not_get_it_again(cast: Cast) -> None:
    cast.asked(cast.booked())
    sweep(now=NOW + 15 * MINUTES)
    Task.objects.update(done_at=NOW + 20 * MINUTES)
    sweep(now=NOW + 30 * MINUTES)
    assert open_tasks() == []


@pytest.mark.parametrize("ending", ["moved", "declined", "withdrawn", "superseded"])
def test_after_the_ending_nobody_waits_for_the_prompt_any_more(cast: Cast, ending: str) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    sweep(now=NOW + 15 * MINUTES)
    cancel = partial(
        cancel_appointment,
        appointment.ref,
        cancellation=Cancellation(CancelReason.CLINICAL),
        by=cast.by_okafor,
        now=NOW,
    )
    {
        "moved": partial(cast.pick, request),
        "declined": partial(cast.decline, request),
        "withdrawn": partial(cast.withdraw, request),
        "superseded": partial(run_command, cancel, key=None, body={}, by=cast.by_okafor, now=NOW),
    }[ending]()
    assert open_tasks() == []


def test_what_was_never_handed_over_waits_for_the_provider_and_lapses_once_it_was(cast: Cast) -> None:
    """The mail server was away for 50 hours: the client has the 48 hours from then on."""
    request = cast.asked(cast.booked())
    sweep(now=request.deadline_at + GRACE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "not_handed_over")
    handed_over(request, now=NOW + 50 * HOURS)
    assert (request.needs_provider, request.needs_provider_at, request.deadline_at) == (
        None,
        None,
        NOW + 98 * HOURS,
    )
    assert open_tasks() == []
    assert sweep(now=request.deadline_at)["request lapsed"] == 0
    assert sweep(now=request.deadline_at + GRACE)["request lapsed"] == 1


def test_a_prompt_that_came_after_the_last_moment_leaves_it_to_the_provider(cast: Cast) -> None:
    """There is no room to move the deadline."""
    request = cast.asked(cast.booked(now=SOON), now=SOON, last_minute_confirmed=True)
    sweep(now=request.deadline_at + GRACE)
    handed_over(request, now=request.deadline_at + 10 * MINUTES)
    assert (request.needs_provider, request.deadline_at) == ("not_handed_over", TUESDAY_AT_ELEVEN - 2 * HOURS)
    assert sweep(now=request.deadline_at + 30 * MINUTES)["request lapsed"] == 0
    assert open_tasks() == ["needs_provider"]


def test_a_prompt_that_came_between_the_deadline_and_the_sweep_cancels_nothing(cast: Cast) -> None:
    request = cast.asked(cast.booked(now=SOON), now=SOON, last_minute_confirmed=True)
    handed_over(request, now=request.deadline_at + timedelta(seconds=30))
    sweep(now=request.deadline_at + GRACE)
    request.refresh_from_db()
    assert (request.state, request.needs_provider) == ("open", "not_handed_over")
    assert Appointment.objects.get().status == "scheduled"


def test_a_client_who_sees_the_page_or_the_card_was_asked_without_any_mail(cast: Cast) -> None:
    """A card in the app that nobody has seen is no hand-over; one that was seen 40 minutes late gives them back."""
    by_page, by_card = cast.asked(cast.booked()), cast.asked(cast.booked(new_york(24, 14), client=cast.maya))
    at = NOW + 40 * MINUTES
    assert states(by_page, by_card) == [(None, NOW + 48 * HOURS)] * 2
    Visitor(by_page.batch, now=at).post(f"{page_of(by_page)}opened/")
    thread = Conversation.objects.get(client=cast.maya)
    by_maya = Actor(ActorKind.CLIENT, cast.maya.pk, practice=cast.practice.pk)
    run_command(partial(mark_read, thread, by=by_maya, now=at), key=None, body={}, by=by_maya, now=at)
    assert states(by_page, by_card) == [(at, at + 48 * HOURS)] * 2
    run_command(partial(mark_read, thread, by=by_maya, now=at + HOURS), key=None, body={}, by=by_maya, now=at)
    assert states(by_page, by_card) == [(at, at + 48 * HOURS)] * 2


def test_what_the_provider_reads_of_the_conversation_hands_nothing_over(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    verb = partial(mark_read, Conversation.objects.get(), by=cast.by_okafor, now=NOW + HOURS)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW + HOURS)
    assert states(request) == [(None, NOW + 48 * HOURS)]


def states(*requests: RescheduleRequest) -> list[tuple[datetime | None, datetime]]:
    for request in requests:
        request.refresh_from_db()
    return [(request.handed_over_at, request.deadline_at) for request in requests]
