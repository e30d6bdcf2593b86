"""Ends requests, one pick or two hundred lapses, with all that follows: a statement for each table, whatever their number.

That a request ends is decided by verbs and by the sweep; what it means is a row of `domain/reschedule/endings.py`, carried out here alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from raincheck.actions.appointments.claims import end_holds_of
from raincheck.actions.appointments.moving import (
    cancel,
    cancel_details,
    go_by_video,
    move,
    offer_to_rebook,
)
from raincheck.actions.engine.side_effects import (
    Shown,
    asked_together,
    close_tasks,
    history_row,
    make_tasks,
    show_cards,
)
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.actions.reschedule.suggest import free_suggestions_meeting
from raincheck.data.models import Appointment, AppointmentHistory, Place, RebookOffer, RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelledWhy, TypeKind
from raincheck.domain.conversations import Card
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.endings import Ending, ending_of
from raincheck.domain.reschedule.lifecycle import Event, State
from raincheck.domain.spans import Span
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject


def end_requests(
    event: Event,
    requests: Sequence[RescheduleRequest],
    *,
    by: Actor,
    now: datetime,
    to: datetime | None = None,
    place: Place | None = None,
    words: str = "",
    queued: bool = True,
) -> None:
    """Give requests, locked with their appointments, their one ending and everything that follows from it.

    `to` (UTC) is the time that was picked, `place` the one by video where the time is kept; `words` is what somebody said with their answer. What is told waits for the
    worker's next look unless it is `queued`. Raises AlreadySettled, and SlotTaken or ClientElsewhere for a picked time.
    """
    if not requests:
        return
    # They share one ending, so that each table is written once.
    [ending] = {ending_of(State(request.state), event) for request in requests}
    rooms = {row.appointment_id: row.appointment.place_id for row in requests}
    former = _settle(ending, requests, by=by, now=now, to=to, place=place, note=words)
    offers: dict[int, RebookOffer] = {}
    if ending.cancels:
        offers = offer_to_rebook((row.appointment for row in requests), now=now)
    _remember(ending, requests, former, rooms, by=by, now=now, words=words)
    if ending.notice is not None:
        told = [
            Dispatch(
                ending.notice,
                [
                    NoticeSubject(
                        row.appointment,
                        row,
                        former=former.get(row.appointment_id),
                        offer=offers.get(row.appointment_id),
                    )
                    for row in together
                ],
                batch=together[0].batch,
            )
            for together in asked_together(requests)
        ]
        notify_many(told, by=by, now=now, queued=queued)
    # By a worker, after the commit: who answers does not wait until everybody else's times were looked at.
    if ending.frees_time:
        look_soon(request.provider_id for request in requests)


def _settle(
    ending: Ending,
    requests: Sequence[RescheduleRequest],
    *,
    by: Actor,
    now: datetime,
    to: datetime | None,
    place: Place | None,
    note: str,
) -> dict[int, Span]:
    """Write the ending into requests and appointments; return by appointment the time that it had, where it moved.

    Holds and the tasks that waited for an answer end with their requests.
    """
    values = {
        "state": ending.state,
        "settled_at": now,
        "settled_by": by.kind,
        "moved_to": to if ending.moves else None,
        "remind_at": None,
    }
    for request in requests:
        for name, value in values.items():
            setattr(request, name, value)  # notices and cards read the rows at hand
    ids = [request.pk for request in requests]
    RescheduleRequest.objects.filter(pk__in=ids).update(**values)
    end_holds_of(ids)
    close_tasks(ids, now=now)
    former: dict[int, Span] = {}
    by_reason: dict[CancelledWhy, list[Appointment]] = defaultdict(list)
    for request in requests:
        row = request.appointment
        if ending.moves:
            assert to is not None, "whoever picks says which time"
            former[row.pk] = move(row, to=to, length=row.ends_at - row.starts_at, now=now)
        if ending.goes_by_video:
            assert place is not None, "whoever keeps the time says at which place by video"
            go_by_video(row, place)
        if ending.cancels:
            wrote = request.client_wrote_at is not None
            reason = (wrote and ending.cancels_if_client_wrote) or ending.cancels
            by_reason[reason].append(row)
    for reason, appointments in by_reason.items():
        # Never a fee for a time that was asked about, whatever the ending.
        cancel(appointments, why=reason, by=by, now=now, note=note, asked_about=True)
    if ending.moves:
        # What is left of the batch keeps the other suggested times, and this one is gone for it.
        free_suggestions_meeting(
            (row.appointment for row in requests), batches={row.batch_id for row in requests}
        )
    return former


def _remember(
    ending: Ending,
    requests: Sequence[RescheduleRequest],
    former: dict[int, Span],
    rooms: dict[int, int],
    *,
    by: Actor,
    now: datetime,
    words: str,
) -> None:
    """Leave the traces, `rooms` being where each appointment was: history, a card in each conversation, and what a person has to look at."""
    if ending.history is not None:
        AppointmentHistory.objects.bulk_create(
            history_row(
                request.appointment,
                ending.history,
                by=by,
                now=now,
                request=request,
                former=former.get(request.appointment_id),
                details=_details(ending, request.appointment, rooms[request.appointment_id]),
            )
            for request in requests
        )
    if ending.card is not None:
        by_card: dict[Card, list[Shown]] = defaultdict(list)
        for row in requests:
            wrote = row.client_wrote_at is not None
            card = (wrote and ending.card_if_client_wrote) or ending.card
            by_card[card].append(Shown(row.appointment, row, former.get(row.appointment_id)))
        for card, shown in by_card.items():
            show_cards(card, shown, by=by, now=now, body=words)
    if ending.leaves is not None:
        make_tasks(ending.leaves, requests, now=now)
    if ending.leaves_of_intake is not None:
        intakes = [row for row in requests if row.appointment.type.kind == TypeKind.INTAKE]
        make_tasks(ending.leaves_of_intake, intakes, now=now)


def _details(ending: Ending, appointment: Appointment, room: int) -> dict[str, str | int] | None:
    """Return what the history keeps of an ending beside who and when."""
    if ending.cancels:
        return cancel_details(appointment)
    if ending.goes_by_video:
        return {"from_place": room, "to_place": appointment.place_id}
    return None
