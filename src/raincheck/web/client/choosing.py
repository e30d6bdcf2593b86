"""The client's page of a batch: what was asked and the open times, and every ending under the same address."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from raincheck.actions.reschedule.links import mark_opened
from raincheck.data.reschedule import RescheduleBatch, RescheduleRequest
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import reason_sentence
from raincheck.queries.reschedule.choose import choices, requests_of, settled, waiting_in
from raincheck.web.client import access_denied
from raincheck.web.client.asked import Refused, asked
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.outcome_pages import ending_of, others_stand
from raincheck.web.client.page import calendar_file, show
from raincheck.web.client.receipts import receipt_of
from raincheck.web.submission import Submission


@require_safe
@for_batch
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that was asked at once: open requests with their times, soonest deadline first, then the settled ones."""
    return batch_page(request, visit)


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
    everything = request.GET.get("days") == "all"
    stands = others_stand(visit)
    waiting = [
        asked(choice, visit, number=number, refused=refused, everything=everything, others_stand=stands)
        for number, choice in enumerate(choices(batch, requests, zone=visit.zone, now=visit.now), start=1)
    ]
    endings = [ending_of(row, visit, others_stand=stands) for row in settled(requests, now=visit.now)]
    # A lone ending is a page of its own, with a heading that says what became of it.
    if not waiting and len(endings) == 1:
        context = {"ending": endings[0], "refused": sentence}
        return show(request, visit, "ending.html", context, status=status)
    context = {
        "batch": batch,
        "receipt": receipt_of(batch, requests, visit) if waiting else None,
        "several": len(requests) > 1,
        "opened_url": visit.address("opened"),
        "reason": reason_sentence(visit.provider.short_name),
        "waiting": waiting,
        "endings": endings,
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
    ending = ending_of(found, visit, others_stand=others_stand(visit))
    context = {"ending": ending, "others": others, "refused": sentence}
    return show(request, visit, "ending.html", context, status=status)


def request_row(visit: Visit, ref: UUID) -> RescheduleRequest | None:
    """Return one request of the visited batch as it is now; None for any other."""
    return next((row for row in requests_of(batch=batch_of(visit).pk) if row.ref == ref), None)


def batch_of(visit: Visit) -> RescheduleBatch:
    assert isinstance(visit.about, RescheduleBatch), "the address names a batch"
    return visit.about
