"""Stories are requests of the demo's past: what a provider asked about, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import QuerySet

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.reschedule.answer import decline, keep_by_video, none_work, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.hold import hold_time
from raincheck.actions.reschedule.links import mark_opened
from raincheck.data.models import Appointment, RebookOffer, RescheduleRequest
from raincheck.data.slots import rebook_question, reschedule_question
from raincheck.demo.past import Past, acted
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.ranking import UsualTime, nearest_good_times
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall, zone_named

HOUR = timedelta(hours=1)
# A client has the page open for so long before they answer.
READS_FOR = timedelta(minutes=6)
BOOKABLE_AFTER = timedelta(hours=12)
LOOK_AHEAD = timedelta(days=21)


def good_times(appointment: int, *, now: datetime) -> list[datetime]:
    """Return the open times nearest to an appointment, as its client is shown them.

    Times run out between the plan and its day, so a story names which of these, not which time.
    """
    row = Appointment.objects.select_related("practice", "provider", "place").get(pk=appointment)
    zone = zone_named(row.provider.zone)
    within = Span(now, row.starts_at + LOOK_AHEAD)
    shown = wall(row.starts_at, zone=zone)
    return nearest_good_times(
        open_slots(reschedule_question(row, now=now, notice=BOOKABLE_AFTER, within=within)),
        asked_at=row.starts_at,
        usual=UsualTime(shown.weekday(), shown.hour),
        zone=zone,
        client_zone=zone,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was made, and the ways in which people may end it. Each way is a step of the past."""

    request: RescheduleRequest
    at: datetime

    @property
    def by_client(self) -> Actor:
        return Actor(ActorKind.CLIENT_BY_LINK, self.request.client_id)

    @property
    def by_provider(self) -> Actor:
        return Actor(ActorKind.PROVIDER, self.request.provider_id)

    @property
    def by_phone(self) -> Actor:
        return Actor(ActorKind.PROVIDER, self.request.provider_id, for_client=self.request.client_id)

    def open(self, now: datetime) -> None:
        acted(partial(mark_opened, self.request.batch, now=now))

    def pick(self, now: datetime, *, choice: int, by: Actor) -> None:
        start = good_times(self.request.appointment_id, now=now)[choice]
        acted(partial(pick_new_time, self.request.ref, start=start, by=by, now=now))

    def hold(self, now: datetime, *, choice: int) -> None:
        start = good_times(self.request.appointment_id, now=now)[choice]
        acted(partial(hold_time, self.request.ref, start=start, now=now))

    def keep(self, now: datetime) -> None:
        acted(partial(keep_by_video, self.request.ref, by=self.by_client, now=now))

    def decline(self, now: datetime, *, words: str) -> None:
        acted(partial(decline, self.request.ref, reason=words, by=self.by_client, now=now))

    def withdraw(self, now: datetime, *, note: str) -> None:
        acted(partial(withdraw, self.request.ref, note=note, by=self.by_provider, now=now))

    def none_work(self, now: datetime, *, words: str) -> None:
        acted(partial(none_work, self.request.batch, words=words, by=self.by_client, now=now))

    def cancel(self, now: datetime, *, reason: CancelReason) -> None:
        verb = partial(
            cancel_appointment,
            self.request.appointment.ref,
            cancellation=Cancellation(reason, rebook_link=True),
            by=self.by_provider,
            now=now,
        )
        acted(verb)

    def rebook(self, now: datetime) -> None:
        offer = RebookOffer.objects.select_related("practice", "provider", "type", "place").get(
            appointment=self.request.appointment_id
        )
        start = open_slots(rebook_question(offer, now=now))[2]
        acted(partial(rebook, offer.ref, start=start, by=self.by_client, now=now))


# Plans how a request goes on.
Ending = Callable[[Past, Asked], None]


def silence(_past: Past, _asked: Asked) -> None:
    """Nobody answers: time ends the request."""


def looks(after: timedelta) -> Ending:
    """The client opens the page and has not answered yet."""
    return lambda past, asked: past.at(asked.at + after, asked.open)


def is_choosing(after: timedelta, *, holds_after: timedelta) -> Ending:
    """The client opened the page, came back to it, and holds a time that they have not confirmed yet."""

    def plan(past: Past, asked: Asked) -> None:
        past.at(asked.at + after, asked.open)
        past.at(asked.at + holds_after, partial(asked.hold, choice=0))

    return plan


def picks(after: timedelta, *, choice: int = 0) -> Ending:
    def plan(past: Past, asked: Asked) -> None:
        # Opened first, as people do: the first sign of life has a time of its own.
        past.at(asked.at + after - READS_FOR, asked.open)
        past.at(asked.at + after, partial(asked.pick, choice=choice, by=asked.by_client))

    return plan


def keeps(after: timedelta) -> Ending:
    """The client keeps the time, by video."""

    def plan(past: Past, asked: Asked) -> None:
        past.at(asked.at + after - READS_FOR, asked.open)
        past.at(asked.at + after, asked.keep)

    return plan


def declines(after: timedelta, *, words: str = "") -> Ending:
    def plan(past: Past, asked: Asked) -> None:
        past.at(asked.at + after - READS_FOR, asked.open)
        past.at(asked.at + after, partial(asked.decline, words=words))

    return plan


def withdrawn(after: timedelta, *, note: str = "") -> Ending:
    return lambda past, asked: past.at(asked.at + after, partial(asked.withdraw, note=note))


def superseded(after: timedelta, *, reason: CancelReason) -> Ending:
    return lambda past, asked: past.at(asked.at + after, partial(asked.cancel, reason=reason))


def asks_for_help(after: timedelta, *, words: str, answered_after: timedelta | None = None) -> Ending:
    """None of the times work; when it is answered, provider and client find one on the phone."""

    def plan(past: Past, asked: Asked) -> None:
        past.at(asked.at + after - READS_FOR, asked.open)
        past.at(asked.at + after, partial(asked.none_work, words=words))
        if answered_after is not None:
            past.at(asked.at + answered_after, partial(asked.pick, choice=1, by=asked.by_phone))

    return plan


def rebooks(after: timedelta) -> Ending:
    """The request lapses, and the client books anew by the link in the message that says so."""
    return lambda past, asked: past.at(asked.at + after, asked.rebook)


@dataclass(frozen=True, slots=True)
class Story:
    """One request to a client of a provider about their appointment in a week, made some days before it.

    `blocks`: the asked time was marked out of office with it; `by_video`: it may be kept by video instead.
    """

    name: str
    week: int
    ending: Ending
    days_before: int = 4
    reason: Reason = Reason.SCHEDULING_CONFLICT
    note: str = ""
    private_note: str = ""
    blocks: bool = False
    by_video: bool = False
    by_manager: bool = False
    suggests: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request of these days: made so long ago, about the first appointment that starts so long after now.

    `suggests`: so many of the open times are kept for the client.
    """

    name: str
    asked_ago: timedelta
    ahead: timedelta
    ending: Ending
    reason: Reason = Reason.SCHEDULING_CONFLICT
    note: str = ""
    private_note: str = ""
    blocks: bool = False
    by_video: bool = False
    suggests: int = 0


def ask(
    story: Story | Waiting, now: datetime, *, about: QuerySet[Appointment], past: Past, by: Actor
) -> None:
    """Make a story's request about the first of these appointments, and plan how it goes on."""
    # Read only now: between the plan and its day the past may have moved or ended some.
    appointment = about.earliest("starts_at")
    # With its buffer: who is away is away until somebody else could have begun.
    buffered_until = appointment.ends_at + appointment.buffer_after
    said = Ask(
        [appointment.ref],
        story.reason,
        note=story.note,
        private_note=story.private_note,
        block=Span(appointment.starts_at, buffered_until) if story.blocks else None,
        by_video=story.by_video,
        suggestions=good_times(appointment.pk, now=now)[: story.suggests] if story.suggests else (),
        # Confirmed as the form would: a story is made at its hour, with nobody there to be asked.
        last_minute_confirmed=True,
        repeat_confirmed=True,
    )
    verb = partial(ask_to_reschedule, said, practice_id=appointment.practice_id, by=by, now=now)
    answer = acted(verb)
    request = RescheduleRequest.objects.select_related("batch", "appointment").get(ref=answer["request"])
    story.ending(past, Asked(request, now))
