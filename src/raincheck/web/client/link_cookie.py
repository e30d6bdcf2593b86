"""The signed cookie that remembers by which links a browser came: their refs, never their tokens, newest last."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from raincheck.data.notifications import Link
from raincheck.domain.policy import LINK_LIVES_AFTER_SETTLING

COOKIE = f"{settings.COOKIE_PREFIX}raincheck_links"
SALT = "raincheck.links"
KEPT = 20
"""So many links fit into one cookie with room to spare."""


def remembered(request: HttpRequest) -> list[UUID]:
    """Return the refs of the links this browser opened; none when the cookie is missing, old or not ours."""
    signed = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=LINK_LIVES_AFTER_SETTLING)
    return [UUID(hex=ref) for ref in (signed or "").split(".") if ref]


def remember(request: HttpRequest, response: HttpResponse, link: Link) -> None:
    """Let this browser open what `link` opens, until it is closed."""
    # Opened again it becomes the newest, and the oldest falls out first.
    others = [ref for ref in remembered(request) if ref != link.ref]
    _write(response, [*others, link.ref][-KEPT:])


def forget(request: HttpRequest, response: HttpResponse, link: Link) -> None:
    _write(response, [ref for ref in remembered(request) if ref != link.ref])


def forget_all(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def _write(response: HttpResponse, refs: list[UUID]) -> None:
    # Ends with the browser: a computer in a library must not remember whose appointments were looked at.
    response.set_signed_cookie(
        COOKIE,
        ".".join(ref.hex for ref in refs),
        salt=SALT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        # Strict would leave it out when somebody comes from the link in their mail.
        samesite="Lax",
    )
