"""Kind pages for somebody whose link opens nothing (any more); they tell nothing about anybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.data.people import Practice
from raincheck.web.kept_pages import standing_alone

GONE = 410


def unknown(request: HttpRequest) -> HttpResponse:
    """The link or address is not one we know, or not one that this browser may open."""
    return _show(request, "unknown", status=404)


def revoked(request: HttpRequest) -> HttpResponse:
    """The link was given up, by "Not you?" or by a new address. Whoever holds it may be a stranger: no name, no number."""
    return _show(request, "revoked", status=GONE)


def ended(request: HttpRequest, practice: Practice) -> HttpResponse:
    """Everything the link was about is long settled."""
    return _show(request, "ended", practice=practice, status=GONE)


def given_up(request: HttpRequest) -> HttpResponse:
    """The answer to "Not you?", after which the page of that form opens no more."""
    return standing_alone(_show(request, "given_up", status=200))


def _show(request: HttpRequest, page: str, *, practice: Practice | None = None, status: int) -> HttpResponse:
    context = {"practice": practice, "sign_in_url": settings.LOGIN_URL}
    return render(request, f"raincheck/client/links/{page}.html", context, status=status)
