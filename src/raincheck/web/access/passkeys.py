"""Passkeys in browsers: the challenge that a device signs, kept in a cookie of this browser, and the answer that comes back."""

import base64
import secrets
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from raincheck import clock
from raincheck.actions.access.passkeys import prove_passkey
from raincheck.actions.access.webauthn import Challenge, passkey_shown, request_options
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.access.passkeys import (
    CHALLENGE_LIVES,
    NoPasskeysHere,
    PasskeyRefused,
    PasskeyTooLate,
    relying_party,
)
from raincheck.domain.people import SYSTEM
from raincheck.web.requests import arrival_of

SHOWING, MAKING = (f"{settings.COOKIE_PREFIX}raincheck_{name}" for name in ("challenge", "new_passkey"))
"""The cookies with a challenge. Whoever shows one passkey while another waits to be added has both."""
SALT = "raincheck.passkeys"
LENGTH = 32
"""Bytes of a challenge; the specification wants 16 at least."""


def why_not_here() -> str:
    """Return why no passkey can be used at the address of this site, in one sentence; empty when one can."""
    match relying_party(settings.BASE_URL):
        case NoPasskeysHere.ADDRESS_IS_A_NUMBER:
            host = urlsplit(settings.BASE_URL).hostname
            said = _(
                "Passkeys need a site with a name, and this one is reached by a number (%(host)s), so they are not offered here."
            )
            return said % {"host": host}
        case NoPasskeysHere.NOT_ENCRYPTED:
            return _("Passkeys need an address that begins with https://, so they are not offered here.")
        case _name:
            return ""


def passkey_context() -> dict[str, str]:
    """Return what the parts of pages about passkeys say of this site."""
    return {"no_passkeys": why_not_here(), "site_address": settings.BASE_URL}


@require_safe
def options_page(_request: HttpRequest) -> JsonResponse:
    """Tell a browser what to sign. It is the same for everybody: nobody has said yet who they are."""
    if why := why_not_here():
        return JsonResponse({"why": why}, status=409)
    challenge = fresh_challenge()
    return with_challenge(request_options(challenge), challenge, cookie=SHOWING)


def fresh_challenge() -> Challenge:
    return Challenge(secrets.token_bytes(LENGTH), clock.real_now())


def with_challenge(options: dict[str, Any], challenge: Challenge, *, cookie: str) -> JsonResponse:
    """Answer with what a browser needs, and let it keep the challenge: no secret, and signed so that it is one of ours."""
    response = JsonResponse(options)
    said = f"{base64.urlsafe_b64encode(challenge.value).decode('ascii')} {challenge.made_at.isoformat()}"
    response.set_signed_cookie(
        cookie,
        said,
        salt=SALT,
        max_age=CHALLENGE_LIVES,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def challenge_of(request: HttpRequest, *, cookie: str) -> Challenge:
    """Return the challenge that this browser was given last. Raises PasskeyTooLate when there is none, or its time is over."""
    said = request.get_signed_cookie(cookie, "", salt=SALT, max_age=CHALLENGE_LIVES) or ""
    value, _space, made_at = said.partition(" ")
    if not made_at:
        raise PasskeyTooLate
    return Challenge(base64.urlsafe_b64decode(value), datetime.fromisoformat(made_at))


def prove_by_passkey(request: HttpRequest, said: str, *, user_id: int | None = None) -> Answer:
    """Return whose passkey a browser's answer shows, `user_id`'s where they are known. Raises PasskeyRefused and PasskeyTooLate."""
    if why_not_here():
        raise PasskeyRefused
    challenge, shown = challenge_of(request, cookie=SHOWING), passkey_shown(said)
    verb = partial(prove_passkey, shown, challenge, user_id=user_id, at=clock.real_now())
    # A challenge is answered once: sent twice, the form is refused the second time.
    return run_command(verb, key=None, body={}, by=SYSTEM, now=arrival_of(request).at)


def said_to_be(said: str) -> bytes | None:
    """Return whose passkey an answer says it is of, for the log; nobody has looked at it."""
    try:
        return passkey_shown(said).user_handle
    except PasskeyRefused:
        return None
