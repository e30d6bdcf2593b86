"""The page behind "Book a new time": one new booking after a cancellation, and how it stands afterwards."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from raincheck.actions.appointments.rebooking import rebook
from raincheck.data.reschedule import RebookOffer
from raincheck.domain.appointments import OfferEnded, SlotNotOpen
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import long_day
from raincheck.queries.reschedule.rebook import booked_with, offer_named, rebook_starts
from raincheck.web.client import access_denied
from raincheck.web.client.link_access import Visit, for_offer
from raincheck.web.client.outcome_pages import booked_ending, where
from raincheck.web.client.page import calendar_file, said_to_client, show
from raincheck.web.client.slots import days, start_from, value_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, status_of

DAYS_AT_FIRST = 10
"""So many days with open times are listed at first: about two weeks."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_offer
def book(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose and book one new time; once that is done, the same address shows the booking."""
    if request.method != "POST":
        return _page(request, visit)
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
                "when": clock.when(start, now=visit.now),
                "named": clock.named(start),
                "short": clock.short(start),
                "start": value_of(start),
                "action": visit.address(),
            }
            return show(request, visit, "confirm.html", context)
        Submission.of(request, by=visit.actor).run(partial(rebook, offer.ref, start=start))
    except Refusal as refusal:
        sentence = said_to_client(refusal, booking=True)
        return _page(request, visit, chosen=start, sentence=sentence, status=status_of(refusal))
    # A page of its own after the POST: reloading it sends no form again.
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
    chosen: datetime | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show how the offer stands now: booked, over, or the times to choose from."""
    offer = offer_named(visit.about.ref) or _offer(visit)  # as it is after whatever was refused
    appointment = booked_with(offer)
    # Before the expiry: who has booked goes on seeing the booking.
    if appointment is not None:
        context = {"ending": booked_ending(appointment, visit), "refused": sentence}
        return show(request, visit, "ending.html", context, status=status)
    if offer.expires_at <= visit.now:
        return show(request, visit, "offer_ended.html", {"refused": ""}, status=status)
    everything = request.GET.get("days") == "all"
    starts = rebook_starts(offer, now=visit.now)
    clock = Clock.at(offer.place, own=visit.zone)
    listed = days(starts, clock, form="book", chosen=chosen)
    # What was chosen before must stand on the page, checked, however far ahead it is.
    shown = listed if everything or chosen in starts else listed[:DAYS_AT_FIRST]
    context = {
        "former": clock.when(offer.appointment.starts_at, now=visit.now),
        "first_name": visit.client.first_name,
        "until": long_day(offer.expires_at, visit.zone, now=visit.now),
        "where": where(offer.place, visit.provider),
        "clock": clock,
        "days": shown,
        "more": len(shown) < len(listed),
        "refused": sentence,
    }
    return show(request, visit, "book.html", context, status=status)


def _offer(visit: Visit) -> RebookOffer:
    assert isinstance(visit.about, RebookOffer), "the address names an offer"
    return visit.about
