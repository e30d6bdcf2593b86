"""The client's page of a batch: what was asked and the open times, and every ending under the same address."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.reschedule.links import mark_opened
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import State
from raincheck.notifications.formats import reason_sentence
from raincheck.queries.reschedule.choose import (
    Settled,
    choices,
    requests_of,
    sessions_ahead,
    settled,
    waiting_in,
    waits,
)
from raincheck.web.client import access_denied
from raincheck.web.client.asked import Asked, Page, Refused, asked
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.outcome_pages import Ending, ending_of, others_stand
from raincheck.web.client.page import calendar_file, show, times_stream
from raincheck.web.client.picker import FIELD, Wanted, chosen_in, field_of, way_on
from raincheck.web.client.rebooking import still_free
from raincheck.web.client.receipts import receipt_of
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission


@require_http_methods(["GET", "HEAD", "POST"])
@for_batch
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that was asked at once: open requests with their times, soonest deadline first, then the settled ones.

    A POST only leads on, to another day or another page, and takes along what is chosen so far.
    """
    if request.method != "POST":
        return batch_page(request, visit)
    cancels = {
        f"cancel/{row.ref}": visit.address("cancel", row.ref) for row in requests_of(batch=batch_of(visit).pk)
    }
    ways = {"write": visit.address("write"), "zone": visit.address("zone"), **cancels}
    return way_on(request, home=visit.address(), ways=ways)


@require_POST
@for_batch
def opened(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page's script says that a person has had it in view."""
    batch = batch_of(visit)
    # Nobody waits for the answer to this, so a refusal has nobody to be told to.
    with suppress(Refusal):
        Submission.of(request, by=visit.actor).run(lambda now, **_by: mark_opened(batch, now=now))
    return HttpResponse(status=204)


@require_safe
@for_batch
def times(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page's form alone, as things stand now: what its script puts in place of the one that is shown.

    204 once nothing waits any more; then the page itself says what became of it.
    """
    requests = requests_of(batch=batch_of(visit).pk)
    page = _page(request, visit, requests, None)
    waiting = _waiting(requests, page)
    if not waiting:
        return HttpResponse(status=204)
    return show(request, visit, "parts/choose_form.html", _choosing(waiting, page))


@require_safe
@for_batch
def calendar(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """The appointment of one request as a calendar file."""
    row = request_row(visit, request_ref)
    return access_denied.unknown(request) if row is None else calendar_file(request, visit, row.appointment)


def batch_page(
    request: HttpRequest,
    visit: Visit,
    *,
    refused: Refused | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the batch as it stands; `sentence` says above it what was refused, and `refused` keeps what was chosen."""
    batch = batch_of(visit)
    requests = requests_of(batch=batch.pk)
    page = _page(request, visit, requests, refused)
    waiting = _waiting(requests, page)
    over = settled(requests, now=visit.now)
    # A lone ending is a page of its own, with a heading that says what became of it.
    if not waiting and len(over) == 1:
        return _ending(request, visit, over[0], 0, page.others_stand, sentence=sentence, status=status)
    endings = [_ending_among(row, visit, others=len(waiting), stands=page.others_stand) for row in over]
    context = {
        **_choosing(waiting, page),
        "batch": batch,
        "receipt": receipt_of(batch, requests, visit) if waiting else None,
        "opened_url": visit.address("opened"),
        "reason": reason_sentence(visit.provider.short_name),
        "endings": endings,
        "for_medicine": any(row.appointment.type.for_medicine for row in requests),
        "all_moved": all(ending.moved for ending in endings),
        "refused": sentence,
    }
    template = "choose.html" if waiting else "endings.html"
    return show(request, visit, template, context, status=status)


def ending_page(
    request: HttpRequest, visit: Visit, row: RescheduleRequest, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    """Show the ending of one settled request, and the way to those of its batch that still wait."""
    [found] = settled([row], now=visit.now)
    others = waiting_in(batch_of(visit), now=visit.now).count()
    return _ending(request, visit, found, others, others_stand(visit), sentence=sentence, status=status)


def _waiting(requests: Sequence[RescheduleRequest], page: Page) -> list[Asked]:
    """Return what the page shows of each request that waits for an answer."""
    visit = page.visit
    found = choices(batch_of(visit), requests, zone=visit.zone, now=visit.now, chosen=page.chosen)
    return [
        asked(choice, page, number=number, alone=len(found) == 1)
        for number, choice in enumerate(found, start=1)
    ]


def _choosing(waiting: Sequence[Asked], page: Page) -> dict[str, object]:
    """Return what the form of times needs to be shown."""
    return {
        "several": page.several,
        "look_url": page.visit.address(),
        "waiting": waiting,
        "part_url": page.visit.address("times"),
        "times_stream": times_stream(page.visit),
    }


def _page(
    request: HttpRequest, visit: Visit, requests: Sequence[RescheduleRequest], refused: Refused | None
) -> Page:
    """Read what was chosen and is to be shown, from the address or from the form that was refused."""
    several, said = len(requests) > 1, request.POST if request.method == "POST" else request.GET
    starts = {row.ref: chosen_in(said, field_of(row.ref, several=several)) for row in requests}
    if refused is not None:
        starts[refused.request] = refused.chosen
    waiting = [row for row in requests if waits(row, now=visit.now)]
    # A contact must not learn of anything else the client comes for.
    own = visit.link is None or visit.link.recipient.is_client
    but = [row.appointment_id for row in waiting]
    return Page(
        visit,
        several,
        Wanted.of(request.GET),
        {ref: start for ref, start in starts.items() if start is not None},
        refused,
        sessions_ahead(visit.client.pk, now=visit.now, but=but) if waiting and own else [],
        others_stand(visit),
    )


def _ending(
    request: HttpRequest, visit: Visit, row: Settled, others: int, stands: bool, *, sentence: str, status: int
) -> HttpResponse:
    """Show one ending by itself, and where the chosen time of a canceled one is still free, the way to book it."""
    ref, said = row.request.ref, request.POST if request.method == "POST" else request.GET
    chosen = chosen_in(said, field_of(ref, several=True)) or chosen_in(said, FIELD)
    free, gone = still_free(row, visit, chosen), ""
    if chosen is not None and row.offer is not None and free is None:
        when = Clock.at(row.request.appointment.place, own=visit.zone).short(chosen)
        gone = _("%(when)s is no longer free.") % {"when": when}
    context = {
        "ending": _ending_among(row, visit, others=others, stands=stands),
        "others": others,
        "free": free,
        "refused": "" if free else gone or sentence,
        # Who comes late has done nothing wrong.
        **({"calm": True} if gone else {}),
        "for_medicine": row.request.appointment.type.for_medicine,
        "request_ref": ref,
        "bookable": row.offer is not None and row.offer.booked_id is None,
    }
    return show(request, visit, "ending.html", context, status=status)


def _ending_among(row: Settled, visit: Visit, *, others: int, stands: bool) -> Ending:
    ending = ending_of(row, visit, others_stand=stands)
    # Nobody is all set while another appointment waits for an answer.
    if ending.moved and others:
        kept = row.request.state == State.KEPT
        ending.heading = _("You keep this time, by video") if kept else _("This appointment is moved")
    return ending


def request_row(visit: Visit, ref: UUID) -> RescheduleRequest | None:
    """Return one request of the visited batch as it is now; None for any other."""
    return next((row for row in requests_of(batch=batch_of(visit).pk) if row.ref == ref), None)


def batch_of(visit: Visit) -> RescheduleBatch:
    assert isinstance(visit.about, RescheduleBatch), "the address names a batch"
    return visit.about
