"""Open requests as the client's page shows them: until when, what silence brings, and the times to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.html import format_html
from django.utils.translation import gettext as _

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest, as_it_stands
from raincheck.domain.appointments.lifecycle import ClientElsewhere, SlotNotOpen, SlotTaken
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.deadlines import whole_window
from raincheck.domain.reschedule.silence import Silence, once_handed_over, silence
from raincheck.notifications.formats import (
    long_day_and_time,
    time_left,
    time_to_choose,
    with_zone,
)
from raincheck.notifications.silence import Silent
from raincheck.queries.reschedule.choose import Choice
from raincheck.web.client.link_access import Visit
from raincheck.web.client.outcome_pages import where
from raincheck.web.client.picker import SameTime, Times, Wanted, already, field_of, times
from raincheck.web.client.times import Clock
from raincheck.web.submission import fresh_key

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was refused: for which request, the start (None when it named none), its key, and why."""

    request: UUID
    chosen: datetime | None
    key: str
    refusal: Refusal

    @property
    def is_lost(self) -> bool:
        """Whether the chosen time is not to be had any more; then other times are shown in its place."""
        return self.chosen is not None and isinstance(self.refusal, (SlotTaken, SlotNotOpen, ClientElsewhere))


@dataclass(frozen=True, slots=True)
class Page:
    """What all requests of one page share: who looks, what they want to see, and what they have chosen so far.

    `sessions` are what the client already has; nobody but the client reads of them. `others_stand` says whether they have
    other appointments that nobody asks about.
    """

    visit: Visit
    several: bool
    wanted: Wanted
    chosen: Mapping[UUID, datetime]
    refused: Refused | None
    sessions: Sequence[Appointment]
    others_stand: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One open request with its part of the form."""

    ref: str
    when: str
    short: str
    where: str
    clock: Clock
    until: str
    """The sentence that names the deadline; empty once that has passed."""
    given_back: str
    """Why there is more time than at first; empty without an outage."""
    silence: str
    times: Times
    kept: str
    """Until when suggested times are kept."""
    pick_url: str
    hold_url: str
    cancel: str
    """Names the way to cancel it instead."""
    key: str
    minutes: tuple[int, int, int]
    """How long it takes, and the room it needs before and after: times chosen for two appointments must not meet."""


def asked(choice: Choice, page: Page, *, number: int, alone: bool) -> Asked:
    """Return what the page shows of one open request, its `number`-th; with others beside it its picker may be folded."""
    visit, request, appointment = page.visit, choice.request, choice.request.appointment
    mine = page.refused if page.refused is not None and page.refused.request == request.ref else None
    clock, given_back = Clock.at(appointment.place, own=visit.zone), ""
    if request.time_given_back:
        more = {"more": time_left(request.time_given_back)}
        given_back = (
            _("Our pages could not be opened for a while. You have %(more)s more because of that.") % more
        )
    return Asked(
        ref=str(request.ref),
        when=clock.when(request.asked_starts_at, now=visit.now),
        short=clock.short(request.asked_starts_at),
        where=where(appointment.place, visit.provider, appointment.length),
        clock=clock,
        until=_until(request, clock, visit),
        given_back=given_back,
        silence=_silence(request, visit, others_stand=page.others_stand),
        times=_times(choice, clock, page, mine, number=number, alone=alone),
        kept=_kept(request, clock, visit),
        pick_url=visit.address("request", request.ref),
        hold_url=visit.address("hold", request.ref),
        cancel=f"cancel/{request.ref}",
        # A refused form keeps its key; the other forms of the page must not share it.
        key=mine.key if mine else fresh_key(visit.now),
        minutes=(
            appointment.length // MINUTE,
            appointment.buffer_before // MINUTE,
            appointment.buffer_after // MINUTE,
        ),
    )


def silent(request: RescheduleRequest, visit: Visit, *, deadline: datetime | None = None) -> Silent:
    """Return what silence brings a request, in the visitor's words; `deadline` is another one than it has now, after a word."""
    stands = as_it_stands(request, request.appointment)
    if request.handed_over_at is None and request.needs_provider is None:
        # Whoever reads this was asked, and so it counts two seconds later: nobody may be promised more than holds then.
        stands = once_handed_over(
            stands, asked_at=request.asked_at, handed_over_at=visit.now, policy=visit.practice.rules
        )
    until = long_day_and_time(deadline or request.deadline_at, visit.zone, now=visit.now)
    return Silent(
        silence(stands),
        wrote=deadline is not None or request.client_wrote_at is not None,
        until=with_zone(until, visit.zone),
        who=visit.provider.short_name,
        practice=visit.practice.name,
        phone=visit.practice.phone,
    )


def _until(request: RescheduleRequest, clock: Clock, visit: Visit) -> str:
    # Past its deadline nobody is told to hurry, and who waits for a person has no deadline any more.
    if request.deadline_at <= visit.now or request.needs_provider:
        return ""
    instant = long_day_and_time(request.deadline_at, clock.own, now=visit.now)
    # The session's times are by another clock, so that a bare time here would be read by that one.
    shown = with_zone(instant, clock.own) if clock.is_elsewhere else instant
    whole = whole_window(
        request.deadline_at,
        asked_at=request.asked_at,
        prompted_at=request.prompted_at,
        window=visit.practice.rules.answer_window,
    )
    return format_html(time_to_choose("{}", whole=whole), format_html("<b>{}</b>", shown))


def _kept(request: RescheduleRequest, clock: Clock, visit: Visit) -> str:
    if request.deadline_at <= visit.now or request.needs_provider:
        return _("Kept for you")
    instant = long_day_and_time(request.deadline_at, clock.own, now=visit.now)
    until = with_zone(instant, clock.own) if clock.is_elsewhere else instant
    return _("Kept for you until %(until)s") % {"until": until}


def _silence(request: RescheduleRequest, visit: Visit, *, others_stand: bool) -> str:
    """Return what happens when the client doesn't choose."""
    said = silent(request, visit)
    if request.deadline_at <= visit.now and said.brings is not Silence.WAITS:
        return _(
            "Your appointment is still as it was. You can choose a new time as long as you see times here."
        )
    return replace(said, others_stand=others_stand).sentence()


def _times(
    choice: Choice, clock: Clock, page: Page, mine: Refused | None, *, number: int, alone: bool
) -> Times:
    request, wanted = choice.request, page.wanted
    opened = alone or wanted.request == request.ref
    chosen, same = page.chosen.get(request.ref), None
    if choice.by_video:
        start = request.asked_starts_at
        same = SameTime.of(start, clock, chosen=chosen == start)
        # No open time: the one that it has.
        chosen = None if chosen == start else chosen
    lost_at = chosen if chosen is not None and chosen not in choice.starts else None
    return times(
        choice.starts,
        choice.nearest,
        clock,
        id=f"t{number}",
        field=field_of(request.ref, several=page.several),
        asked_at=request.asked_starts_at,
        suggested=choice.suggested,
        wanted=wanted if wanted.request in (None, request.ref) else None,
        chosen=chosen,
        lost=_lost(lost_at, mine, request, clock, page.visit) if lost_at else "",
        lost_at=lost_at,
        notes=already(page.sessions, clock),
        next_at=choice.next_at,
        folded=not opened,
        same=same,
    )


def _lost(
    start: datetime, mine: Refused | None, request: RescheduleRequest, clock: Clock, visit: Visit
) -> str:
    """Return what became of a chosen time that is gone, and what is still true."""
    said = {"when": clock.short(start)}
    if mine is not None and isinstance(mine.refusal, ClientElsewhere):
        return _("You have another appointment at that time. Nothing has changed.")
    if mine is None or not isinstance(mine.refusal, SlotTaken):
        return _("%(when)s is not open any more. Nothing has changed.") % said
    if request.deadline_at <= visit.now or request.needs_provider:
        return _("%(when)s was just taken. Nothing has changed.") % said
    said["until"] = long_day_and_time(request.deadline_at, clock.own, now=visit.now)
    if clock.is_elsewhere:
        said["until"] = with_zone(said["until"], clock.own)
    return _("%(when)s was just taken. Nothing has changed, and you have until %(until)s.") % said
