"""Every address of the product, and what its answers are measured against."""

from functools import cache
from inspect import unwrap

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from raincheck import clock
from raincheck.data.people import Membership, Practice
from raincheck.domain.people import Actor, ActorKind
from raincheck.urls import handler400, handler403, handler404, handler500, urlpatterns as addresses
from raincheck.web.staff.appointments.calendar_view import open_times_feed
from raincheck.web.staff.shell.access import Staff, for_staff

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def no_query(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"answer": 1})


def one_query(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return JsonResponse({"answer": cursor.fetchone()[0]})


def one_row(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"answer": Practice.objects.get(pk=1).name})


@for_staff
def who_asks(_request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with nothing but who is signed in: session, user and membership are what it costs."""
    return JsonResponse({"answer": staff.practice.pk})


def question_itself(request: HttpRequest) -> HttpResponse:
    """Answer the product's question as if it were known who asks."""
    answer: HttpResponse = unwrap(open_times_feed)(request, _measured())
    return answer


@cache
def _measured() -> Staff:
    found = Membership.objects.select_related("practice", "provider").get(provider__name="Dr. Measured")
    return Staff(
        found.practice, found, found.provider, Actor(ActorKind.PROVIDER, found.provider_id), clock.now()
    )


def _beside_open_times() -> list[object]:
    """Return all addresses, ours right behind the one that is measured: as many are looked through for each of them."""
    names = [getattr(address, "name", "") for address in addresses]
    here = names.index("open-times") + 1
    return [
        *addresses[:here],
        path("bench/no-query.json", no_query),
        path("bench/one-query.json", one_query),
        path("bench/one-row.json", one_row),
        path("bench/who-asks.json", who_asks),
        path("bench/question-itself.json", question_itself),
        *addresses[here:],
    ]


urlpatterns = _beside_open_times()
