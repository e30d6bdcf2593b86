"""The endings of a reschedule request: one row for each event says everything that follows from it.

A row is all there is to an ending: `actions/reschedule/ending.py` carries it out, for one request or for two hundred.
"""

from dataclasses import dataclass

from raincheck.domain.appointments.lifecycle import CancelledWhy, History
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.reschedule.lifecycle import AlreadySettled, Event, State
from raincheck.domain.tasks import TaskKind


@dataclass(frozen=True, slots=True)
class Ending:
    """What an event makes of an open request, its appointment and those concerned; None is nothing of that kind.

    Every ending ends the request's holds and closes the tasks that waited for an answer, CLOSES.
    """

    state: State
    history: History | None = None
    card: Card | None = None
    card_if_client_wrote: Card | None = None
    """The card instead, when the client has written that none of the times work, or anything else."""
    notice: NotificationType | None = None
    moves: bool = False
    """The appointment gets the time that was picked."""
    goes_by_video: bool = False
    """The appointment keeps its time and is held by video."""
    cancels: CancelledWhy | None = None
    """The appointment is canceled for this reason, never with a fee, and its client gets a rebook offer."""
    cancels_if_client_wrote: CancelledWhy | None = None
    """The reason instead, then as well."""
    frees_time: bool = False
    """Others may have open times now that had none: theirs are looked at again."""
    leaves: TaskKind | None = None
    """A person has to look at what came of it."""
    leaves_of_intake: TaskKind | None = None
    """The same only when it was a first appointment: nobody else would notice that this client is gone."""


ENDINGS = {
    Event.PICK: Ending(
        State.MOVED,
        history=History.MOVED,
        card=Card.MOVED,
        notice=NotificationType.MOVED,
        moves=True,
        frees_time=True,
    ),
    Event.KEEP: Ending(
        State.KEPT,
        history=History.KEPT,
        card=Card.KEPT,
        notice=NotificationType.KEPT,
        goes_by_video=True,
        # The room is free, and the block that came with the ask may go.
        frees_time=True,
    ),
    Event.DECLINE: Ending(
        State.DECLINED,
        history=History.DECLINED,
        card=Card.DECLINED,
        notice=NotificationType.DECLINED,
        cancels=CancelledWhy.RESCHEDULE_DECLINED,
        frees_time=True,
    ),
    Event.LAPSE: Ending(
        State.LAPSED,
        history=History.LAPSED,
        card=Card.LAPSED,
        card_if_client_wrote=Card.NO_TIME_FOUND,
        notice=NotificationType.LAPSED,
        cancels=CancelledWhy.RESCHEDULE_UNANSWERED,
        cancels_if_client_wrote=CancelledWhy.RESCHEDULE_NO_TIME,
        frees_time=True,
        leaves_of_intake=TaskKind.INTAKE_LAPSED,
    ),
    Event.WITHDRAW: Ending(
        State.WITHDRAWN,
        history=History.WITHDRAWN,
        card=Card.WITHDRAWN,
        notice=NotificationType.WITHDRAWN,
        # The block that came with the ask may go with it.
        frees_time=True,
    ),
    # What supersedes a request is an act of its own, which is recorded, told and looked after by itself.
    Event.SUPERSEDE: Ending(State.SUPERSEDED),
    # The session may be under way: nobody is written to, and a person says later what became of it.
    Event.VOID: Ending(State.VOID, history=History.VOID, card=Card.VOID, leaves=TaskKind.WHAT_HAPPENED),
    # Nobody was written to, so that there is nothing to take back but the block that came with the ask.
    Event.UNDO: Ending(State.UNDONE, history=History.UNDONE, frees_time=True),
}

CLOSES = (
    TaskKind.CLIENT_WROTE,
    TaskKind.NEEDS_PROVIDER,
    TaskKind.NO_OPEN_TIMES,
    TaskKind.NOT_DONE,
    TaskKind.NOT_DELIVERED,
)
"""Tasks about a request that waits. One about a message that failed for good stays: it still reached nobody."""


def ending_of(state: State, event: Event) -> Ending:
    """Return what `event` brings. Raises AlreadySettled: a request has one ending, and no way on from it."""
    if state is not State.OPEN:
        raise AlreadySettled
    return ENDINGS[event]
