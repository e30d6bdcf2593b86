"""Redirects after forms: whatever page answers one is shown at the address of the page it stood on.

A browser that goes back, or loads such a page again, asks for it; it never offers to send the form once more. The page
is kept sealed for the browser and the person that sent the form. Its name in the address tells nothing of what it says.
Programs, which do not ask for a page, get the answer itself with its status.
"""

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import escape_leading_slashes

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.kept_pages import Kept, forget_pages, keep_page
from raincheck.data.access.shown import shown_now, shows_only
from raincheck.data.encryption import DecryptionFailed, seal, unseal
from raincheck.data.kept_pages import KeptPage
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.web.client.link_cookie import remembered
from raincheck.web.requests import arrival_of, ref_or_none
from raincheck.web.submission import KEY

NAME = "kept"
"""The part of an address that names a kept page."""
PURPOSE = b"raincheck: pages that answered a form"
LARGEST = 2_000_000
"""Bytes of a page; none of ours comes near."""
# A refused sign-in says so to a proxy that counts them; 405 and 413 are answers to no form of ours; 5xx say their own.
ANSWERED_AT_ONCE = {401, 405, 413, 429}
ALONE = "raincheck_stands_alone"


class RedirectAfterForms:
    """Turns the page that answers a browser's form into a redirect, and shows it there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        try:
            if request.method == "POST" and _is_form(request):
                return _after_form(request, response)
            if request.method == "GET" and NAME in request.GET and response.status_code < 500:
                return _kept(request, response)
        except (DatabaseError, InterfaceError, Refusal):
            # What can't be kept is shown as it is: worse to go back to, but nothing is lost.
            pass
        return response


def standing_alone(response: HttpResponse) -> HttpResponse:
    """Return an answer that is shown although the page of its form can't be opened any more."""
    setattr(response, ALONE, True)
    return response


def _is_form(request: HttpRequest) -> bool:
    """Whether a browser sent a form of ours and will show the answer as a page."""
    shown = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    asked = "text/html" in request.headers.get("Accept", "") and not request.headers.get("HX-Request")
    # Django marks what passed its CSRF check.
    return shown and asked and getattr(request, "csrf_processing_done", False)


def _after_form(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    owner, key = _owner(request), ref_or_none(request.POST.get(KEY))
    if isinstance(response, HttpResponseRedirectBase):
        response.status_code = 303
        # A form that went through: nobody has to correct it any more.
        if owner and key:
            _run(request, partial(forget_pages, owner=owner, form_key=key))
        return response
    if not owner or response.status_code >= 500 or response.status_code in ANSWERED_AT_ONCE:
        return response
    if not response.get("Content-Type", "").startswith("text/html") or response.streaming:
        return response
    shown_at = page_of(request)
    page = page_to_keep(request, response, response.content.decode(), shown_at=shown_at, form_key=key)
    if page is None:
        return response
    kept = _run(request, partial(keep_page, page, now=arrival_of(request).at)).get("kept")
    return response if kept is None else lead_to_kept(response, shown_at, kept)


def page_to_keep(
    request: HttpRequest, response: HttpResponse, words: str, *, shown_at: str, form_key: UUID | None
) -> Kept | None:
    """Return the page that `words` are, sealed for whoever asks in this browser; None when it can't be kept."""
    owner = _owner(request)
    contents = {
        "at": shown_at,
        "status": response.status_code,
        "alone": getattr(response, ALONE, False),
        "words": words,
        "clients": shown_now(),
    }
    sealed = seal(zlib.compress(json.dumps(contents).encode()), purpose=PURPOSE)
    if not owner or len(sealed) > LARGEST:
        return None
    stranger = not request.user.is_authenticated and not remembered(request)
    return Kept(owner, form_key, sealed, by_stranger=stranger)


def lead_to_kept(response: HttpResponse, shown_at: str, kept: str) -> HttpResponse:
    """Return the redirect to the kept page that stands for `response`."""
    shown_at += f"{'&' if '?' in shown_at else '?'}{NAME}={kept}"
    redirect = HttpResponse(status=303, headers={"Location": shown_at})
    redirect.cookies = response.cookies
    return redirect


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the kept page in place of the one that stands at this address, when that may be seen at all."""
    ref = ref_or_none(request.GET[NAME])
    if ref is None:
        return response
    rows = KeptPage.objects.filter(ref=ref, owner=_owner(request), kept_until__gt=arrival_of(request).at)
    row = rows.first()
    if row is None:
        return response
    try:
        contents = json.loads(zlib.decompress(unseal(bytes(row.sealed), purpose=PURPOSE)))
    except DecryptionFailed:
        return response
    if contents["at"] != address_of(request):
        return response
    # Looked at anew: whose session, link or right has ended since sees what anybody would. An address that only takes
    # forms shows nothing of its own, and one that leads on would lead away from the words.
    may_see = response.status_code in (200, 405) or (
        300 <= response.status_code < 400
        and not response["Location"].startswith((settings.LOGIN_URL, reverse("authenticator")))
    )
    if not (may_see or contents["alone"]):
        return response
    shows_only(contents.get("clients", []))
    page = HttpResponse(contents["words"], status=contents["status"])
    page.cookies = response.cookies
    return page


def _run(request: HttpRequest, verb: Callable[[], Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=arrival_of(request).at)


def _owner(request: HttpRequest) -> str:
    """Return a digest of the browser (its CSRF secret, which signing in changes) and of who is signed in there; else nothing."""
    secret = request.META.get("CSRF_COOKIE")
    if not secret:
        return ""
    who = f"{secret}:{request.user.pk if request.user.is_authenticated else ''}"
    return salted_hmac("raincheck.kept_pages", who, algorithm="sha256").hexdigest()


def page_of(request: HttpRequest) -> str:
    """Return the address of the page that the form stood on; that of the form itself when the browser doesn't say."""
    with suppress(ValueError):
        came_from = urlsplit(request.headers.get("Referer", ""))
        if came_from.netloc == request.get_host() and came_from.path:
            return _address(came_from)
    return address_of(request)


def address_of(request: HttpRequest) -> str:
    """Return the address that was asked for, without the name of a kept page."""
    return _address(urlsplit(request.get_full_path()))


def address_in(text: str) -> str:
    """Return path and query of an address that a script of ours sent; what is none leads to the first page."""
    with suppress(ValueError):
        return _address(urlsplit(text)) or "/"
    return "/"


def _address(parts: SplitResult) -> str:
    """Return path and query of an address of ours without the name of a kept page."""
    query = QueryDict(parts.query, mutable=True)
    query.pop(NAME, None)
    # A path may begin with two slashes, which an address would read as another host.
    path = escape_leading_slashes(parts.path)
    return f"{path}?{query.urlencode()}" if query else path
