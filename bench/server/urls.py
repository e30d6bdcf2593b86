"""Every address of the product, and what its answers are measured against."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from raincheck.urls import handler400, handler403, handler404, handler500
from raincheck.urls import urlpatterns as addresses
from raincheck.web.staff import Staff, for_staff

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def no_query(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"answer": 1})


def one_query(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return JsonResponse({"answer": cursor.fetchone()[0]})


@for_staff
def who_asks(_request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with nothing but who is signed in: session, user and membership are what it costs."""
    return JsonResponse({"answer": staff.practice.pk})


urlpatterns = [
    *addresses,
    path("bench/no-query.json", no_query),
    path("bench/one-query.json", one_query),
    path("bench/who-asks.json", who_asks),
]
