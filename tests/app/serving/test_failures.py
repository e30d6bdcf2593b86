"""Pages for when something is wrong: whole, plain, and without database or session."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from raincheck.web import failures
from raincheck.web.unavailable import unavailable


def lost(_request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a mistake of ours")


WITHOUT_FILES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
}
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


@override_settings(ROOT_URLCONF=__name__, STORAGES=WITHOUT_FILES)
def test_an_error_page_comes_even_without_its_styles(caplog: pytest.LogCaptureFixture) -> None:
    """As where nobody has gathered the pages' files: no page of ours can be shown then, and still there are words."""
    response = Client(raise_request_exception=False).get("/broken/")
    assert (response.status_code, b"Please try again in a moment" in response.content) == (500, True)
    assert "an error page could not be shown" in caplog.text


def test_the_way_back_to_a_page_never_leads_to_another_host() -> None:
    request = RequestFactory().get("/", {"day": ["1", "2"]})
    request.path = "//elsewhere.example/"
    page = unavailable(request, OperationalError()).content.decode()
    assert re.findall(r'(?:action|value)="([^"]*)"', page) == ["/%2Felsewhere.example/", "1", "2"]
