"""Pages for when something is wrong. They need neither database nor session."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg_pool
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger("raincheck.failures")


def _page(status: int) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(400)


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(403)


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(404)


def broken(_request: HttpRequest) -> HttpResponse:
    return _page(500)


def unavailable() -> HttpResponse:
    response = _page(503)
    response["Retry-After"] = "30"
    return response


def csrf_failed(_request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("csrf: %s", reason)
    return _page(403)


class DatabaseFailures:
    """Turns a database that does not answer into one page that says so, for every page below it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError, psycopg_pool.PoolTimeout) as error:
            return self._refuse(error)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError | psycopg_pool.PoolTimeout):
            return self._refuse(error)
        return None

    def _refuse(self, error: Exception) -> HttpResponse:
        log.error("database unavailable: %s", type(error).__name__)
        return unavailable()
