"""The read log's place in every request: an answer that shows clients leaves one row, before it goes out."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse

from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.data.access.shown import Shown, collecting
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.domain.access.events import Event
from raincheck.domain.limits import REFUSALS
from raincheck.queries.access.read_log import as_whom
from raincheck.web.access.networks import network_of
from raincheck.web.access.tallies import Tally
from raincheck.web.failures import refuse
from raincheck.web.requests import arrival_of
from raincheck.web.unavailable import is_unavailable

HAS_NO_CONTENT = (204, 304)
REFUSED = (403, 404)
TAKES_NO_ROW = (DatabaseFault.FULL, DatabaseFault.READ_ONLY)

log = logging.getLogger("raincheck.read_log")
refusals = Tally(REFUSALS)


class ReadLogging:
    """Writes down whom each answer showed, and to whom. What is written down nowhere is not shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with collecting() as shown:
            response = self.get_response(request)
        if response.status_code in REFUSED:
            _note_refusal(request, shown)
        if not (shown.readers and shown.clients and _is_shown(request, response)):
            return response
        match = request.resolver_match
        what, network, at = match.view_name if match else "", network_of(request).name, arrival_of(request).at
        readings = [
            # A client's pages show nobody else; signed in, somebody may be a client of several practices.
            Reading(by, [by.who] if by.is_client and by.who else shown.clients, what, network, at, shown.why)
            for by in shown.readers
        ]
        try:
            log_readings(readings)
        except (DatabaseError, InterfaceError) as error:
            if fault_of(error) in TAKES_NO_ROW:
                # Whoever only reads must not go without their day: the row stands in this process's log instead.
                for one in readings:
                    log.warning(
                        "a reading that the database did not take", extra={"reading": one.as_logged()}
                    )
            elif is_unavailable(error):
                return refuse(request, error)
            else:
                raise
        return response


def _note_refusal(request: HttpRequest, shown: Shown) -> None:
    """Write down that somebody who is signed in was refused a page that there is; so many of a network, so that nobody fills the log."""
    if request.resolver_match is None or not (request.session.accessed and request.user.is_authenticated):
        return
    if refusals.count(request):
        return
    whoever = shown.readers or as_whom(request.user.get_username())[1]
    arrival, network = arrival_of(request), network_of(request).name
    detail = {"page": request.resolver_match.view_name}
    rows = [
        Reading(
            replace(by, request_id=arrival.request_id), [], Event.PAGE_REFUSED, network, arrival.at, detail
        )
        for by in whoever
    ]
    # The answer shows nobody: where no row can be written, it is refused all the same.
    with suppress(DatabaseError, InterfaceError):
        if rows:
            log_readings(rows)


def _is_shown(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether anything of the answer is seen: a redirect shows what it says on the page after it, if it says something."""
    if request.method == "HEAD" or response.status_code in HAS_NO_CONTENT:
        return False
    leads_on = 300 <= response.status_code < 400 or response.has_header("HX-Redirect")
    said = getattr(request, "_messages", None)
    return not leads_on or bool(said is not None and said.added_new)
