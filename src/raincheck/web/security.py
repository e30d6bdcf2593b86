"""The Content-Security-Policy: everything from here, nothing inline, no frames."""

import json
import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from raincheck.domain.limits import REPORTS as REPORTS_LIMIT
from raincheck.web.access.tallies import Tally

REPORTS = "/csp-report/"
LARGEST_REPORT = 64 * 1024
FIELDS = ("effective-directive", "blocked-uri", "document-uri")
WORD = re.compile(r"[a-z0-9-]{1,40}")

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
        # Scripts of ours make HTML of text by one policy only, and scripts of text by none.
        "require-trusted-types-for 'script'",
        "trusted-types default",
        f"report-uri {REPORTS}",
    ]
)


log = logging.getLogger("raincheck.security")
reports = Tally(REPORTS_LIMIT)


class ContentSecurityPolicy:
    """Adds the policy, and tells caches that pages are private."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A view that needs a rule of its own has set it by now.
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        # Those are named by content, so WhiteNoise lets browsers keep them.
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "private, no-store")
        return response


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log what a browser kept from happening: the rule, from which host, on which page; nothing else of what it says.

    Anybody can send one, so each network has a few an hour, and nothing of it is written but words we know.
    """
    if len(request.body) <= LARGEST_REPORT and not reports.count(request):
        try:
            said = json.loads(request.body)["csp-report"]
            rule, blocked, page = (str(said.get(name, "")) for name in FIELDS)
        except (ValueError, KeyError, TypeError, AttributeError):
            return HttpResponse(status=204)
        log.warning(
            "csp: %s kept %s from %s",
            rule if WORD.fullmatch(rule) else "?",
            blocked if WORD.fullmatch(blocked) else _host(blocked),
            _route(page),
        )
    return HttpResponse(status=204)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "?"
    except ValueError:
        return "?"


def _route(page: str) -> str:
    """Return the name of a page's route: addresses hold refs and tokens."""
    try:
        return resolve(urlsplit(page).path).view_name
    except (Resolver404, ValueError):
        return "?"
