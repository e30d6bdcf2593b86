"""The pages for when something is wrong, which need neither database nor session."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.data.access.shown import shows_only
from raincheck.data.postgresql.faults import DatabaseFault
from raincheck.web.gate import REFUSED
from raincheck.web.unavailable import is_unavailable, unavailable

SECONDS_OF_REST = 2.0
"""How long nobody waits for a database that could not be reached at all, before somebody tries again."""
PLAIN = (
    "<!doctype html><html lang=en><title>Raincheck</title><h1>Something went wrong on our side</h1>"
    "<p>We are sorry. Nothing is half done. Please try again in a moment, and tell the practice if it stays so.</p>"
)

log = logging.getLogger("raincheck.failures")


def _page(status: int) -> HttpResponse:
    shows_only([])  # whoever was read for the page that came to nothing
    try:
        words: str = render_to_string(f"{status}.html")
    except Exception:  # whatever keeps our pages from being shown, a page about it must come
        log.exception("an error page could not be shown")
        words = PLAIN
    return HttpResponse(words, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for what can't be read; a session that could not be saved looks like one, and may be the database's trouble."""
    # Django turns a session that could not be saved into a bad request, with the error behind it.
    behind: BaseException | None = exception
    while behind is not None:
        if is_unavailable(behind):
            return refuse(request, behind)
        behind = behind.__context__
    return _page(400)


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(403)


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer for what no view and no middleware caught: a session that can't be saved is still the database's trouble."""
    error = sys.exc_info()[1]
    if error is not None and is_unavailable(error):
        return refuse(request, error)
    return _page(500)


class GateRefusals:
    """Answers for the gate, which took no whole request in: too large, too slow, broken, or too late for a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        status = request.META.get(REFUSED)
        if status is None:
            return self.get_response(request)
        return unavailable(request, fault=DatabaseFault.BUSY) if status == 503 else _page(status)


class DatabaseFailures:
    """Turns a database that does not do its work into one answer that says so, for every page.

    While it can't be reached at all, each page would wait for it, one behind the other. So after a wait in vain the next
    seconds answer at once; then somebody waits again. It stands last, so that a form has shown by then that it is ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        # Monitoring has to hear how the database is now.
        if request.path.startswith(("/health/", "/metrics")) or clock.monotonic() >= _rest.until:
            return None
        return unavailable(request, OperationalError())

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refuse(request, error) if is_unavailable(error) else None


class _Rest:
    """Until when, on the clock that cannot jump, nobody waits for the database."""

    until = 0.0


_rest = _Rest()


def refuse(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Return the page that says what ails the database."""
    shows_only([])
    log.error("database unavailable: %s", type(error.__cause__ or error).__name__)
    # Other faults are told at once, and keep nobody waiting.
    if isinstance(error.__cause__, PoolTimeout):
        _rest.until = clock.monotonic() + SECONDS_OF_REST
    return unavailable(request, error)
