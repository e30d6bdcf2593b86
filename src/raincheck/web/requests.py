"""The stamp of each request (its time, its id), and the one line it leaves in the log."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse

from raincheck import clock
from raincheck.web.access.unnamed_proxy import look_for_unnamed_proxy

ARRIVAL = "raincheck.arrival"
"""The key of a request's META with the stamp that the gate gave it, before its body was there and before it waited for a thread."""

Ref = uuid.UUID
"""A row's random name: addresses, mails and calendars carry it, never the row's number."""

LONGEST_SEARCH = 80
"""Letters; longer than any name, short enough to be compared with all of them."""

log = logging.getLogger("raincheck.requests")


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request came in. Answers are stamped with `at`; `elapsed()` is measured on a clock that cannot jump.

    `real` is what this machine's clock showed then, right or wrong.
    """

    at: datetime = field(default_factory=clock.now)
    started: float = field(default_factory=clock.monotonic)
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    real: datetime = field(default_factory=clock.real_now)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=clock.monotonic() - self.started)


def arrival_of(request: HttpRequest) -> Arrival:
    """Return the stamp that the gate gave `request`; one of this instant where another server took it in."""
    arrival = request.META.get(ARRIVAL)
    if not isinstance(arrival, Arrival):
        arrival = request.META[ARRIVAL] = Arrival()
    return arrival


def ref_in(text: str | None) -> Ref:
    """Return the ref in a form or behind a question mark, where no route has looked at it. What is none leads nowhere: 404."""
    try:
        return Ref(text or "")
    except ValueError:
        raise Http404 from None


def ref_or_none(text: str | None) -> Ref | None:
    """The same where a form may name none, or where what is none is passed by."""
    try:
        return Ref(text or "")
    except ValueError:
        return None


def words_in(text: str | None) -> str:
    """Return the words of a search as they can be looked for."""
    # A NUL can be no part of a name, and the database refuses to be asked about one.
    return (text or "").replace("\x00", "")[:LONGEST_SEARCH].strip()


class RequestLog:
    """Sees that each request has its stamp, and writes one line for it: route name instead of address, since addresses hold refs and tokens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        arrival = arrival_of(request)
        look_for_unnamed_proxy(request)
        response = self.get_response(request)
        response["X-Request-ID"] = arrival.request_id
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "request_id": arrival.request_id,
                "method": request.method,
                "route": match.view_name if match else "",
                "status": response.status_code,
                "milliseconds": round(arrival.elapsed() / timedelta(milliseconds=1), 1),
            },
        )
        return response
