"""The conversation shows the ask, the answer and every ending as a card, whoever or whatever brought it about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.actions.timing.sweep import sweep
from raincheck.data.conversations import Conversation, Message
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + timedelta(minutes=1)


def handed_over() -> None:
    RescheduleRequest.objects.update(handed_over_at=NOW)


def picks(cast: Cast, request: RescheduleRequest) -> None:
    cast.pick(request)


def declines(cast: Cast, request: RescheduleRequest) -> None:
    cast.decline(request)


def withdraws(cast: Cast, request: RescheduleRequest) -> None:
    cast.withdraw(request, note="All is well.")


def stays_silent(cast: Cast, request: RescheduleRequest) -> None:
    handed_over()
    sweep(now=RIPE)


def starts(cast: Cast, request: RescheduleRequest) -> None:
    sweep(now=TUESDAY_AT_ELEVEN)


def cancels(cast: Cast, request: RescheduleRequest) -> None:
    said = Cancellation(CancelReason.CLINICAL, note="Kept by the practice")
    verb = partial(cancel_appointment, request.appointment.ref, cancellation=said, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def changes(cast: Cast, request: RescheduleRequest, *, start: datetime, type_id: int) -> None:
    details = Details(start, type_id, request.appointment.place_id, join_url=request.appointment.join_url)
    verb = partial(
        change_appointment_details, request.appointment.ref, details=details, by=cast.by_okafor, now=NOW
    )
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def makes_it_an_intake(cast: Cast, request: RescheduleRequest) -> None:
    changes(cast, request, start=TUESDAY_AT_ELEVEN, type_id=cast.intake.pk)


def makes_it_an_intake_on_friday(cast: Cast, request: RescheduleRequest) -> None:
    changes(cast, request, start=FRIDAY_AT_NINE, type_id=cast.intake.pk)


def agrees_on_friday(cast: Cast, request: RescheduleRequest) -> None:
    changes(cast, request, start=FRIDAY_AT_NINE, type_id=cast.follow_up.pk)


@pytest.mark.parametrize(
    ("happens", "state", "card", "author", "body", "times"),
    [
        (picks, "moved", "moved", "client_by_link", "", (TUESDAY_AT_ELEVEN, FRIDAY_AT_NINE)),
        (declines, "declined", "declined", "client_by_link", "", (None, TUESDAY_AT_ELEVEN)),
        (withdraws, "withdrawn", "withdrawn", "provider", "All is well.", (None, TUESDAY_AT_ELEVEN)),
        (stays_silent, "lapsed", "lapsed", "system", "", (None, TUESDAY_AT_ELEVEN)),
        (starts, "void", "void", "system", "", (None, TUESDAY_AT_ELEVEN)),
        (cancels, "superseded", "cancelled", "provider", "", (None, TUESDAY_AT_ELEVEN)),
        (makes_it_an_intake, "superseded", "superseded", "provider", "", (None, TUESDAY_AT_ELEVEN)),
        (
            makes_it_an_intake_on_friday,
            "superseded",
            "moved",
            "provider",
            "",
            (TUESDAY_AT_ELEVEN, FRIDAY_AT_NINE),
        ),
        (agrees_on_friday, "moved", "moved", "provider", "", (TUESDAY_AT_ELEVEN, FRIDAY_AT_NINE)),
    ],
)
def test_every_ending_is_a_card(
    cast: Cast,
    happens: Callable[[Cast, RescheduleRequest], None],
    state: str,
    card: str,
    author: str,
    body: str,
    times: tuple[datetime | None, datetime],
) -> None:
    request = cast.asked(cast.booked())
    happens(cast, request)
    request.refresh_from_db()
    assert request.state == state
    shown = list(Message.objects.order_by("pk"))
    assert [row.card for row in shown] == ["booked", "asked", card]
    last, thread = shown[-1], Conversation.objects.get()
    assert (last.author_kind, last.body, last.batch_id, last.appointment_id) == (
        author,
        body,
        request.batch_id,
        request.appointment_id,
    )
    assert (last.former_starts_at, last.starts_at) == times
    assert thread.latest_at == last.at == request.settled_at


def test_the_clients_word_is_a_card_and_the_asks_note_is_not_repeated(cast: Cast) -> None:
    request = cast.asked(cast.booked(), note="Sorry!")
    verb = partial(none_work, request.batch, words="Only evenings.", by=cast.by_riley, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)
    shown = [(row.card, row.body) for row in Message.objects.order_by("pk")]
    assert shown == [("booked", ""), ("asked", ""), ("none_work", "Only evenings.")]


def test_each_provider_has_a_thread_of_their_own_with_a_client(cast: Cast) -> None:
    cast.booked()
    cast.booked(FRIDAY_AT_NINE, provider=cast.fischer)
    threads = Conversation.objects.order_by("pk").values_list("provider", "client")
    assert list(threads) == [(cast.okafor.pk, cast.riley.pk), (cast.fischer.pk, cast.riley.pk)]
