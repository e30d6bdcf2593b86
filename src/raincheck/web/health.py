"""Addresses that say whether this process lives and whether it can serve."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from raincheck.home import disk_is_full
from raincheck.integrations.delivery import warnings


@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "live"})


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database does, with warnings about what cannot be sent; else 503."""
    if disk_is_full():
        return JsonResponse({"status": "the disk that holds the records is full"}, status=503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found = warnings()
    except (DatabaseError, InterfaceError, PoolTimeout):
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ready"} | ({"warnings": found} if found else {}))
