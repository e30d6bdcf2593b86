"""A client changes what they chose: the page to choose on once more, for a day after the request was settled."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.appointments.holding import to_change
from raincheck.actions.reschedule.choice import change_choice
from raincheck.data.models import RescheduleRequest
from raincheck.data.reschedule.choices import choice_changes_until
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.spans import Span
from raincheck.queries.appointments.own import move_starts
from raincheck.queries.reschedule.choose import waits
from raincheck.web.client import access_denied
from raincheck.web.client.choosing import ending_page, request_row
from raincheck.web.client.holding import Holding, held_part
from raincheck.web.client.link_access import Visit, for_batch
from raincheck.web.client.moving import Moving, move_at_wish


@require_http_methods(["GET", "HEAD", "POST"])
@for_batch
def change(request: HttpRequest, visit: Visit, request_ref: UUID) -> HttpResponse:
    """Choose again and move the appointment to it, without an open request."""
    settled = request_row(visit, request_ref)
    if settled is None:
        return access_denied.unknown(request)
    if waits(settled, now=visit.now):
        return HttpResponseRedirect(f"{visit.address()}#request-{settled.ref}")

    def closed(sentence: str, status: int) -> HttpResponse:
        row = request_row(visit, request_ref)
        assert row is not None, "a request is never deleted"
        return ending_page(request, visit, row, sentence=sentence, status=status)

    return move_at_wish(request, visit, partial(_look, visit, request_ref), closed)


@require_POST
@for_batch
def hold(request: HttpRequest, visit: Visit, request_ref: UUID, step: str = "") -> HttpResponse:
    """Hold the time that was chosen, in place of the one before; hold it longer, or let it go."""
    row = request_row(visit, request_ref)
    if row is None:
        return access_denied.unknown(request)
    return held_part(request, visit, Holding.of_wish(to_change(row.ref), row.appointment.place), step)


def _look(visit: Visit, ref: UUID) -> Moving:
    settled = request_row(visit, ref)
    assert settled is not None, "a request is never deleted"
    row = settled.appointment
    until = choice_changes_until(settled, row)
    asked_again = RescheduleRequest.objects.filter(OPEN, appointment=row).exists()
    is_open = until is not None and until > visit.now and not asked_again
    starts = move_starts(row, now=visit.now) if is_open else []
    return Moving(
        row,
        until if is_open else None,
        # The provider could not make the time that was asked about.
        [start for start in starts if not Span(start, start + row.length).overlaps(settled.asked_span)],
        partial(change_choice, settled.ref),
        to_change(settled.ref),
        home=visit.address("change", settled.ref),
        back=visit.address("request", settled.ref),
        hold_url=visit.address("change-hold", settled.ref),
        ways={name: visit.address(name) for name in ("write", "zone")},
    )
