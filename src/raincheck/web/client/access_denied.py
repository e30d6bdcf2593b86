"""Kind pages for somebody whose link opens nothing (any more); they tell nothing about anybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.data.access.shown import shows_only
from raincheck.data.people import Practice
from raincheck.web.kept_pages import standing_alone

GONE = 410


def unknown(request: HttpRequest) -> HttpResponse:
    """The link or address is not one we know, or not one that this browser may open."""
    return _show(request, "unknown", status=404)


def revoked(request: HttpRequest, practice: Practice) -> HttpResponse:
    """The link was given up, by "Not you?" or by a new address. Whoever holds it may be a stranger: a number, no name."""
    return _show(request, "revoked", phone=practice.phone, status=GONE)


def ended(request: HttpRequest, practice: Practice, *, to_book: bool = False) -> HttpResponse:
    """Everything the link was about is long settled, or the time for a new booking is over."""
    return _show(request, "ended", practice=practice, to_book=to_book, status=GONE)


def given_up(request: HttpRequest, practice: Practice) -> HttpResponse:
    """The answer to "Not you?", after which the page of that form opens no more; whose link it was after all calls."""
    return standing_alone(_show(request, "given_up", phone=practice.phone, status=200))


def _show(request: HttpRequest, page: str, *, status: int, **context: object) -> HttpResponse:
    shows_only([])  # whoever was read to find out
    context["sign_in_url"] = settings.LOGIN_URL
    return render(request, f"raincheck/client/links/{page}.html", context, status=status)
