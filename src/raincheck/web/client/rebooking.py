"""The page behind "Book a new time": one new booking after a cancellation, and how it stands afterwards."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.appointments.holding import to_book
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.appointments.lifecycle import OfferEnded, SlotNotOpen, SlotTaken, Status
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import long_day, weekday_and_time
from raincheck.queries.reschedule.choose import Settled, sessions_ahead
from raincheck.queries.reschedule.rebook import booked_with, good_times, offer_named, rebook_starts
from raincheck.web.client import access_denied
from raincheck.web.client.holding import Holding, held_by, held_part
from raincheck.web.client.link_access import Visit, for_offer
from raincheck.web.client.outcome_pages import booked_ending, where
from raincheck.web.client.page import calendar_file, said_to_client, show, times_stream
from raincheck.web.client.picker import FIELD, Times, Wanted, already, chosen_in, times, way_on
from raincheck.web.client.slots import start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of


@dataclass(frozen=True, slots=True)
class StillFree:
    """A time that was chosen too late for its request and can be booked all the same."""

    weekday: str
    when: str
    short: str
    where: str
    start: str
    action: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_offer
def book(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose and book one new time; once that is done, the same address shows the booking."""
    if request.method != "POST":
        return _page(request, visit)
    # Another day to look at, or another page: nothing is booked yet.
    if "see" in request.POST or "go" in request.POST:
        ways = {"write": visit.address("write"), "zone": visit.address("zone")}
        return way_on(request, home=visit.address(), ways=ways)
    offer, start = _offer(visit), None
    try:
        start = start_from(request.POST.get("start", ""))
        # As with a pick: without a script the words on the button named no time, so they are asked about once.
        if request.POST.get("confirmed") != value_of(start):
            if offer.booked_id is not None or offer.expires_at <= visit.now:
                raise OfferEnded
            # Looked at already here, so that nobody confirms a time which the verb then refuses.
            if start not in rebook_starts(offer, now=visit.now):
                raise SlotNotOpen
            clock = Clock.at(offer.place, own=visit.zone)
            context = {
                "held": held_by(_holding(offer), visit, start=start),
                "when": clock.when(start, now=visit.now),
                "named": clock.named(start),
                "short": clock.short(start),
                "start": value_of(start),
                "action": visit.address(),
                "where": where(offer.place, visit.provider, offer.type.length),
            }
            return show(request, visit, "confirm.html", context)
        Submission.of(request, by=visit.actor).run(partial(rebook, offer.ref, start=start))
    except Refusal as refusal:
        sentence, lost = said_to_client(refusal, booking=True), ""
        if isinstance(refusal, SlotTaken) and start is not None:
            when = Clock.at(offer.place, own=visit.zone).short(start)
            lost = _("%(when)s was just taken. Nothing was booked.") % {"when": when}
        return _page(request, visit, sentence=sentence, lost=lost, status=status_of(refusal))
    # A page of its own after the POST: reloading it sends no form again.
    return HttpResponseRedirect(visit.address())


@require_POST
@for_offer
def hold(request: HttpRequest, visit: Visit, step: str = "") -> HttpResponse:
    """Hold the time that was chosen, in place of the one before; hold it longer, or let it go."""
    return held_part(request, visit, _holding(_offer(visit)), step)


def _holding(offer: RebookOffer) -> Holding:
    return Holding.of_wish(to_book(offer.ref), offer.place, booking=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_offer
def where_will_you_be(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say where one will be at a session by video that was booked; its page then shows what was said."""
    booked = booked_with(_offer(visit))
    if booked is None:
        return access_denied.unknown(request)
    if request.method == "POST":
        region = request.POST.get("region", "")
        try:
            Submission.of(request, by=visit.actor).run(partial(say_where, booked.ref, region=region))
        except Refusal as refusal:
            return _page(request, visit, sentence=said_to_client(refusal), status=status_of(refusal))
    return HttpResponseRedirect(visit.address())


@require_safe
@for_offer
def calendar(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The booked appointment as a calendar file."""
    appointment = booked_with(_offer(visit))
    return (
        access_denied.unknown(request) if appointment is None else calendar_file(request, visit, appointment)
    )


def _page(
    request: HttpRequest,
    visit: Visit,
    *,
    sentence: str = "",
    lost: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show how the offer stands now: booked, over, or the times to choose from."""
    offer = offer_named(visit.about.ref) or _offer(visit)  # as it is after whatever was refused
    appointment = booked_with(offer)
    # Before the expiry: who has booked goes on seeing the booking.
    if appointment is not None:
        context = {"ending": booked_ending(appointment, visit), "refused": sentence}
        return show(request, visit, "ending.html", context, status=status)
    clock = Clock.at(offer.place, own=visit.zone)
    if offer.expires_at <= visit.now:
        # Put back by undo or Reinstate, which ended the offer with it.
        row = offer.appointment
        back = row.status == Status.SCHEDULED and row.starts_at > visit.now
        ended = {
            "refused": "",
            "stands": clock.when(row.starts_at, now=visit.now) if back else "",
            "named": clock.named(row.starts_at),
            "where": where(offer.place, visit.provider, row.length),
        }
        return show(request, visit, "offer_ended.html", ended, status=status)
    context = {
        "for_medicine": offer.type.for_medicine,
        "former": clock.when(offer.appointment.starts_at, now=visit.now),
        "missed_by_us": offer.appointment.status == Status.PROVIDER_NO_SHOW,
        "first_name": visit.client.known_as,
        "until": long_day(offer.expires_at, visit.zone, now=visit.now),
        "where": where(offer.place, visit.provider, offer.type.length),
        "clock": clock,
        "ref": str(offer.ref),
        "times": _times(request, visit, offer, clock, lost=lost),
        "refused": "" if lost else sentence,
        "look_url": visit.address(),
        "hold_url": visit.address("hold"),
        "times_stream": times_stream(visit),
    }
    return show(request, visit, "book.html", context, status=status)


def still_free(row: Settled, visit: Visit, start: datetime | None) -> StillFree | None:
    """Return the time somebody chose for a request that has ended, where its offer can still book it; else None."""
    if start is None or row.offer is None or row.offer.booked_id is not None:
        return None
    offer = offer_named(row.offer.ref)
    if offer is None or offer.expires_at <= visit.now or start not in rebook_starts(offer, now=visit.now):
        return None
    clock = Clock.at(offer.place, own=visit.zone)
    return StillFree(
        weekday=weekday_and_time(start, clock.shown),
        when=clock.when(start, now=visit.now),
        short=clock.short(start),
        where=where(offer.place, visit.provider, offer.type.length),
        start=value_of(start),
        action=reverse("book", args=[offer.ref]),
    )


def _times(request: HttpRequest, visit: Visit, offer: RebookOffer, clock: Clock, *, lost: str) -> Times:
    said = request.POST if request.method == "POST" else request.GET
    chosen, starts = chosen_in(said, FIELD), rebook_starts(offer, now=visit.now)
    lost_at = chosen if chosen not in starts else None
    if lost_at and not lost:
        lost = _("%(when)s is not open any more. Nothing was booked.") % {"when": clock.short(lost_at)}
    own = visit.link is None or visit.link.recipient.is_client
    return times(
        starts,
        good_times(offer, starts, zone=visit.zone, now=visit.now),
        clock,
        id="book",
        field=FIELD,
        asked_at=offer.appointment.starts_at,
        wanted=Wanted.of(request.GET),
        chosen=chosen,
        lost=lost if lost_at else "",
        lost_at=lost_at,
        notes=already(sessions_ahead(visit.client.pk, now=visit.now), clock) if own else None,
    )


def _offer(visit: Visit) -> RebookOffer:
    assert isinstance(visit.about, RebookOffer), "the address names an offer"
    return visit.about
