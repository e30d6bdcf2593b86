"""Open requests as the client's page shows them: until when, what silence brings, and the times to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from raincheck.data.reschedule import RescheduleRequest, as_it_stands
from raincheck.domain.appointments import PlaceKind
from raincheck.domain.ranking import around_asked_time
from raincheck.domain.reschedule import Silence, silence
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import (
    long_day,
    long_day_and_time,
    time_left,
    time_to_choose,
    with_zone,
)
from raincheck.notifications.silence import Silent
from raincheck.queries.reschedule.choose import Choice
from raincheck.web.client.link_access import Visit
from raincheck.web.client.outcome_pages import where
from raincheck.web.client.slots import Day, Slot, days, slot
from raincheck.web.client.times import Clock
from raincheck.web.submission import fresh_key


@dataclass(frozen=True, slots=True)
class Refused:
    """What a form said that was refused: for which request, the start (None when it named none) and its key."""

    request: UUID
    chosen: datetime | None
    key: str


@dataclass(frozen=True, slots=True)
class Times:
    """Open times in the order they are read: the nearest good ones, by day, and those after the series' next occurrence."""

    nearest: Sequence[Slot]
    days: Sequence[Day]
    later: Sequence[Day]
    later_after: str
    more: bool
    """Whether there are days that are not listed yet."""
    chosen_by_day: bool
    """Whether the start chosen before stands among the days, not among the nearest."""

    @property
    def none(self) -> bool:
        return not self.nearest

    @property
    def later_open(self) -> bool:
        """Whether the later times are unfolded: when there are no others, or one of them was chosen before."""
        return not self.days or any(slot.chosen for day in self.later for slot in day.slots)


@dataclass(frozen=True, slots=True)
class Asked:
    """One open request with its own form."""

    ref: str
    form: str
    """Begins the ids of this form's radio buttons."""
    when: str
    where: str
    in_room: bool
    clock: Clock
    until: str
    """The sentence that names the deadline; empty once that has passed."""
    given_back: str
    """Why there is more time than at first; empty without an outage."""
    silence: str
    times: Times
    pick_url: str
    cancel_url: str
    key: str


def asked(
    choice: Choice,
    visit: Visit,
    *,
    number: int,
    refused: Refused | None,
    everything: bool,
    others_stand: bool,
) -> Asked:
    """Return what the page shows of one open request, its `number`-th.

    `everything` lists all days, not only those around the asked time; `others_stand` says whether the client has other
    appointments that nobody asks about.
    """
    request, place = choice.request, choice.request.appointment.place
    mine = refused if refused is not None and refused.request == request.ref else None
    clock, given_back = Clock.at(place, own=visit.zone), ""
    if request.time_given_back:
        more = {"more": time_left(request.time_given_back)}
        given_back = (
            _("Our pages could not be opened for a while. You have %(more)s more because of that.") % more
        )
    return Asked(
        ref=str(request.ref),
        form=f"t{number}",
        when=clock.when(request.asked_starts_at, now=visit.now),
        where=where(place, visit.provider),
        in_room=place.kind == PlaceKind.ROOM,
        clock=clock,
        until=_until(request, clock, visit),
        given_back=given_back,
        silence=_silence(request, visit, others_stand=others_stand),
        times=_times(
            choice, clock, form=f"t{number}", chosen=mine.chosen if mine else None, everything=everything
        ),
        pick_url=visit.address("request", request.ref),
        cancel_url=visit.address("cancel", request.ref),
        # A refused form keeps its key; the other forms of the page must not share it.
        key=mine.key if mine else fresh_key(visit.now),
    )


def silent(request: RescheduleRequest, visit: Visit, *, deadline: datetime | None = None) -> Silent:
    """Return what silence brings a request, in the visitor's words; `deadline` is another one than it has now, after a word."""
    until = long_day_and_time(deadline or request.deadline_at, visit.zone, now=visit.now)
    return Silent(
        silence(as_it_stands(request, request.appointment)),
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
    return time_to_choose(
        shown,
        deadline=request.deadline_at,
        asked_at=request.asked_at,
        prompted_at=request.prompted_at,
        window=visit.practice.rules.answer_window,
    )


def _silence(request: RescheduleRequest, visit: Visit, *, others_stand: bool) -> str:
    """Return what happens when the client doesn't choose."""
    said = silent(request, visit)
    if request.deadline_at <= visit.now and said.brings is not Silence.WAITS:
        return _(
            "Your appointment is still as it was. You can choose a new time as long as you see times here."
        )
    return replace(said, others_stand=others_stand).sentence()


def _times(choice: Choice, clock: Clock, *, form: str, chosen: datetime | None, everything: bool) -> Times:
    zone = zone_named(choice.request.appointment.provider.zone)
    around = around_asked_time(choice.request.asked_starts_at, zone=zone)
    near = [start for start in choice.starts if around.start <= start <= around.end]
    # Far days are listed at once only when nothing is near, or when what was chosen before stands among them.
    far_needed = everything or not near or (chosen in choice.starts and chosen not in near)
    shown = choice.starts if far_needed else near
    soon = [start for start in shown if choice.next_at is None or start < choice.next_at]
    in_nearest = chosen in choice.nearest

    def by_day(starts: Sequence[datetime]) -> list[Day]:
        return days(
            starts,
            clock,
            form=form,
            usual=choice.usual,
            usual_zone=choice.request.appointment.provider.zone,
            # One start may stand in both lists, and of one name the browser keeps only the last that is checked.
            chosen=None if in_nearest else chosen,
        )

    return Times(
        nearest=[slot(start, clock, chosen=chosen) for start in choice.nearest],
        days=by_day(soon),
        later=by_day(shown[len(soon) :]),
        later_after=long_day(choice.next_at, clock.shown) if choice.next_at else "",
        more=len(shown) < len(choice.starts),
        chosen_by_day=chosen in shown and not in_nearest,
    )
