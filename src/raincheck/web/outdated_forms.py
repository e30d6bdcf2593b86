"""Forms of pages that were opened before a sign-in: nothing of them acts, and what was typed comes back.

Signing in gives the browser a new secret, and what carries the former one is refused. Where the same person had that one
before, the form comes back on its page, filled in, to be sent anew. Whoever else is there reads what they have just sent.
"""

import logging
from copy import copy
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string

from raincheck.data.access.shown import shows_only
from raincheck.domain.refusals import Refusal
from raincheck.web.failures import forbidden
from raincheck.web.form_filling import Typed
from raincheck.web.kept_pages import page_of
from raincheck.web.kept_words import WAITING, keep, typed_in, words_among

FORMER = "raincheck.former_pages"
"""The session's key of the secret of pages that its own person had open when time had ended their session before."""

log = logging.getLogger("raincheck.failures")


def remember_former_pages(request: HttpRequest) -> None:
    """Note, at the sign-in of whoever was here before and nobody else, what the pages they still have open carry."""
    request.session[FORMER] = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is not this browser's. It never acts; what came from a page of ours gives its words back."""
    log.warning("csrf: %s", reason)
    # A part of a page stays as it is, with what was typed there.
    if request.headers.get("HX-Request") or not _came_from_our_page(request):
        return forbidden(request)
    typed = typed_in(request)
    if _has_token_of_former_pages(request) and _are_kept(request, typed):
        return HttpResponse(status=303, headers={"Location": page_of(request)})
    shows_only([])
    words = words_among(value for one in typed for name, value in one.fields if name in one.names())
    return HttpResponse(render_to_string("403.html", {"typed": words}), status=403)


def _came_from_our_page(request: HttpRequest) -> bool:
    """Whether the browser says so: a stranger's page must not put its words into ours."""
    own = {f"{request.scheme}://{request.get_host()}", settings.BASE_URL}
    if origin := request.headers.get("Origin"):
        return origin in own
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


class _Check(CsrfViewMiddleware):
    """Django's own check, which says why not in place of answering."""

    def _reject(self, _request: HttpRequest, reason: str) -> str:
        return reason


def _has_token_of_former_pages(request: HttpRequest) -> bool:
    """Whether this is a form of a page that the very person who is signed in had open before."""
    former = request.session.get(FORMER)
    if not former or not request.user.is_authenticated or "Referer" not in request.headers:
        return False
    then = copy(request)
    then.META = dict(request.META)
    then.COOKIES = request.COOKIES | {settings.CSRF_COOKIE_NAME: former}
    check = _Check(forbidden)
    check.process_request(then)
    return check.process_view(then, forbidden, (), {}) is None


def _are_kept(request: HttpRequest, typed: list[Typed]) -> bool:
    try:
        kept = keep(
            request, request.user.pk or 0, typed, page=page_of(request), ended=None, after=timedelta()
        )
    except (DatabaseError, InterfaceError, Refusal):
        return False
    if kept:
        request.session[WAITING] = True
    return kept
