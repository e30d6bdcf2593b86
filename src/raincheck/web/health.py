"""The health addresses: one for the life of this process, one for its readiness, one for the whole installation."""

from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from raincheck import clock
from raincheck.data_directory import disk_is_full
from raincheck.domain.health import Health, Part, red_parts
from raincheck.integrations.messages.delivery import warnings
from raincheck.queries.health import health

UNREACHABLE = (DatabaseError, InterfaceError, PoolTimeout)


@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    # It asks nothing of others: restarting this process would bring no database back.
    return JsonResponse({"status": "live"})


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database does, with warnings about what cannot be sent; else 503."""
    # First: a database on a full disk still answers, but takes nothing down.
    if disk_is_full():
        return JsonResponse({"status": "the disk that holds the records is full"}, status=503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found = warnings()
    except UNREACHABLE:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ready"} | ({"warnings": found} if found else {}))


@require_safe
@never_cache
def overview(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything works, 503 with the parts that do not; figures only, nothing private."""
    try:
        found, mail = figures(), warnings()
    except UNREACHABLE:
        return JsonResponse({"status": "red", "red": [Part.DATABASE]}, status=503)
    red = red_parts(found)
    answer = {
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
        "warnings": mail,
    }
    return JsonResponse(answer, status=503 if red else 200)


def figures() -> Health:
    """Return the figures of this moment. Raises one of UNREACHABLE."""
    return health(now=clock.now(), real_clock=clock.real_now, disk_is_full=disk_is_full())


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 1)
