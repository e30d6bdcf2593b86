"""Pages for when something is wrong: whole, plain, and without database or session."""

from __future__ import annotations

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from pytest_django.plugin import DjangoDbBlocker

from raincheck.web import failures


def lost(_request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a mistake of ours")


urlpatterns = [path("lost/", lost), path("broken/", broken)]
handler400, handler403, handler404, handler500 = (
    failures.bad_request,
    failures.forbidden,
    failures.not_found,
    failures.broken,
)


@pytest.mark.parametrize(("address", "status"), [("/lost/", 404), ("/broken/", 500), ("/nowhere/", 404)])
@override_settings(ROOT_URLCONF=__name__)
def test_an_error_page_needs_no_database(address: str, status: int) -> None:
    """No database fixture: a query would fail this test."""
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<h1" in response.content.decode()


def test_a_database_that_does_not_answer_is_one_clear_page(django_db_blocker: DjangoDbBlocker) -> None:
    from django.db import connections

    settings = connections["default"].settings_dict
    kept = dict(settings)
    connections["default"].close()
    settings |= {"HOST": "/nowhere", "PORT": "1"}
    try:
        with django_db_blocker.unblock():
            response = Client(raise_request_exception=False).get(
                "/home/", headers={"cookie": "raincheck_session=anything"}
            )
            ready = Client().get("/health/ready")
            live = Client().get("/health/live")
    finally:
        settings.update(kept)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert (ready.status_code, live.status_code) == (503, 200)
