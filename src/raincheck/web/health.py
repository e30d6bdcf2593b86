"""The health addresses: one for the life of this process, one for its readiness, one for the whole installation."""

import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.data_directory import disk_is_full
from raincheck.domain.health import UNNAMED_PROXY, Health, Part, red_parts
from raincheck.integrations.messages.delivery import warnings
from raincheck.queries.health import health
from raincheck.web.access.networks import is_operator

UNREACHABLE = (DatabaseError, InterfaceError, PoolTimeout)


READY_WITHIN = 0.5
"""Seconds that the database has for an answer, before a probe hears that it gave none."""


class ProbesByAddress:
    """Lets probes in under whatever name they call a process: a balancer asks each one by its address, and no page is shown."""

    PATHS = ("/health/live", "/health/ready")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.PATHS:
            request.META["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        return self.get_response(request)


@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    # It asks nothing of others: restarting this process would bring no database back.
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database does, else 503; why, and what cannot be sent, is for the operator."""
    said: dict[str, object] = {"status": "ready"}
    # First: a database on a full disk still answers, but takes nothing down.
    if disk_is_full():
        said = {"status": "the disk that holds the records is full"}
    elif (found := _answer_of_the_database()) is None:
        said = {"status": "the database does not answer"}
    elif found:
        said["warnings"] = found
    is_ready = said["status"] == "ready"
    if not is_operator(request):
        said = {"status": "ready" if is_ready else "not ready"}
    return JsonResponse(said, status=200 if is_ready else 503)


@require_safe
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything works, else 503; which parts do not, and the figures, are for the operator."""
    said = _figures_told()
    status = 503 if said["red"] else 200
    if not is_operator(request):
        said = {"status": said["status"]}
    return JsonResponse(said, status=status)


def _figures_told() -> dict[str, object]:
    try:
        found, warned = figures(), warnings()
    except UNREACHABLE:
        return {"status": "red", "red": [Part.DATABASE]}
    red = red_parts(found)
    if found.unnamed_proxy:
        warned.append(UNNAMED_PROXY)
    return {
        "status": "red" if red else "green",
        "red": red,
        Part.WEB: {"seconds_since_sign_of_life": seconds(found.web_beat_age)},
        Part.WORKER: {"seconds_since_sign_of_life": seconds(found.worker_beat_age)},
        Part.SWEEP: {"seconds_since_last": seconds(found.sweep_age)},
        Part.CLOCK: {
            "fault": found.clock_fault,
            "seconds_database_is_ahead": seconds(found.clock_difference),
        },
        Part.QUEUE: {"messages": found.waiting, "seconds_oldest_is_late": seconds(found.queue_age)},
        Part.REQUESTS: {"open": found.open_requests, "seconds_oldest_is_late": seconds(found.request_age)},
        "warnings": warned,
    }


class _Asking(threading.Thread):
    """Asks the database on a line of its own, however long it takes; `found` is None until it has answered."""

    def __init__(self) -> None:
        super().__init__(name="ready", daemon=True)
        self.found: list[str] | None = None

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.found = warnings()
        except UNREACHABLE:
            pass
        finally:
            connection.close()


_one_at_a_time = threading.Lock()
_asking: _Asking | None = None


def _answer_of_the_database() -> list[str] | None:
    """Return what cannot be sent, once the database answered; None when it did not within READY_WITHIN.

    Probes that come while one is asking wait for that one: a database that hangs is not asked by ever more threads.
    """
    global _asking
    with _one_at_a_time:
        if _asking is None or not _asking.is_alive():
            _asking = _Asking()
            _asking.start()
        asking = _asking
    asking.join(READY_WITHIN)
    return asking.found


def figures() -> Health:
    """Return the figures of this moment. Raises one of UNREACHABLE."""
    return health(now=clock.now(), real_clock=clock.real_now, disk_is_full=disk_is_full())


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 1)
