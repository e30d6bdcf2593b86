"""Moving an appointment at its client's wish: the page to choose on, one that asks once more, and the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from raincheck.actions.appointments.holding import Wish
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment
from raincheck.domain.appointments.lifecycle import SlotNotOpen, SlotTaken
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.appointments.own import good_times_to_move
from raincheck.queries.reschedule.choose import sessions_ahead
from raincheck.web.client.holding import HeldTime, Holding, held_by
from raincheck.web.client.link_access import Visit
from raincheck.web.client.outcome_pages import where
from raincheck.web.client.page import said_to_client, show, times_stream
from raincheck.web.client.picker import FIELD, Times, Wanted, already, chosen_in, times, way_on
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of


@dataclass(frozen=True, slots=True)
class Moving:
    """A way to move an appointment without being asked: until when it is open, to which starts, and what carries it out.

    `until` is None where it is not open. `home` is the page to choose on, `back` the one that shows how it stands, `hold_url`
    where a choice is held for `wish`; `ways` are those on from the form.
    """

    row: Appointment
    until: datetime | None
    starts: list[datetime]
    verb: Callable[..., Answer]
    wish: Wish
    home: str
    back: str
    hold_url: str
    ways: Mapping[str, str]


Look = Callable[[], Moving]
"""How it stands right now: it is asked again once somebody else was quicker."""
Closed = Callable[[str, int], HttpResponse]
"""The page where the way is not open: with a sentence above it, or none, and its status."""


def move_at_wish(request: HttpRequest, visit: Visit, look: Look, closed: Closed) -> HttpResponse:
    """Show the page to choose on, and carry out what was chosen. A POST may also only look at another day."""
    moving = look()
    if request.method != "POST":
        return _page(request, visit, moving, closed)
    if "see" in request.POST or "go" in request.POST:
        return way_on(request, home=moving.home, ways=moving.ways)
    start = None
    try:
        start = start_from(request.POST.get("start", ""))
        # As with a pick: without a script the words on the button named no time, so they are asked about once.
        if request.POST.get("confirmed") != value_of(start):
            if start not in moving.starts:
                raise SlotNotOpen
            held = held_by(Holding.of_wish(moving.wish, moving.row.place), visit, start=start)
            return _confirm_page(request, visit, moving, start, held)
        Submission.of(request, by=visit.actor).run(
            partial(moving.verb, start=start, sequence=sequence_of(request))
        )
    except Refusal as refusal:
        lost = ""
        if isinstance(refusal, SlotTaken) and start is not None:
            when = Clock.at(moving.row.place, own=visit.zone).short(start)
            lost = _("%(when)s was just taken. Your appointment stands as it was.") % {"when": when}
        told = said_to_client(refusal)
        return _page(request, visit, look(), closed, sentence=told, lost=lost, status=status_of(refusal))
    messages.success(request, _("Your appointment was moved. A confirmation is on its way to you."))
    return HttpResponseRedirect(moving.back)


def sequence_of(request: HttpRequest) -> int:
    """Return the sequence the appointment had on the page that a form came from."""
    said = request.POST.get("sequence", "")
    # Of a form without it nobody knows what its sender saw, so that it changes nothing.
    return int(said) if said.isdecimal() and len(said) < 10 else -1


def _page(
    request: HttpRequest,
    visit: Visit,
    moving: Moving,
    closed: Closed,
    *,
    sentence: str = "",
    lost: str = "",
    status: int = 200,
) -> HttpResponse:
    row, until = moving.row, moving.until
    if until is None:
        return closed(sentence, status)
    clock = Clock.at(row.place, own=visit.zone)
    context = {
        "when": clock.when(row.starts_at, now=visit.now),
        "until": long_day_and_time(until, visit.zone, now=visit.now),
        "where": where(row.place, visit.provider, row.length),
        "clock": clock,
        "ref": str(row.ref),
        "sequence": row.ical_sequence,
        "times": _times(request, visit, moving, clock, lost=lost),
        "refused": "" if lost else sentence,
        "look_url": moving.home,
        "hold_url": moving.hold_url,
        "times_stream": times_stream(visit),
        "back_url": moving.back,
        "may_cancel": "cancel" in moving.ways,
    }
    return show(request, visit, "move.html", context, status=status)


def _confirm_page(
    request: HttpRequest, visit: Visit, moving: Moving, start: datetime, held: HeldTime | None
) -> HttpResponse:
    row = moving.row
    clock = Clock.at(row.place, own=visit.zone)
    context = {
        "held": held,
        "former": clock.when(row.starts_at, now=visit.now),
        "when": clock.when(start, now=visit.now),
        "named": clock.named(start),
        "short": clock.short(start),
        "start": value_of(start),
        "action": moving.home,
        "where": where(row.place, visit.provider, row.length),
        "chosen": {"sequence": sequence_of(request)},
        "home": moving.home,
    }
    return show(request, visit, "confirm.html", context)


def _times(request: HttpRequest, visit: Visit, moving: Moving, clock: Clock, *, lost: str) -> Times:
    said = request.POST if request.method == "POST" else request.GET
    row, starts = moving.row, moving.starts
    chosen = chosen_in(said, FIELD)
    lost_at = chosen if chosen not in starts else None
    if lost_at and not lost:
        lost = _("%(when)s is not open any more. Your appointment stands as it was.") % {
            "when": clock.short(lost_at)
        }
    own = visit.link is None or visit.link.recipient.is_client
    ahead = sessions_ahead(visit.client.pk, now=visit.now, but=[row.pk])
    return times(
        starts,
        good_times_to_move(row, starts, zone=visit.zone, now=visit.now),
        clock,
        id="move",
        field=FIELD,
        asked_at=row.starts_at,
        wanted=Wanted.of(request.GET),
        chosen=chosen,
        lost=lost if lost_at else "",
        lost_at=lost_at,
        notes=already(ahead, clock) if own else None,
    )
