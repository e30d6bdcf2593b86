"""The signed cookie that says which accounts were used on this device: other people's tries don't count on it.

It lets nobody in. It holds keyed hashes, never an address, and outlives the sign-out.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = f"{settings.COOKIE_PREFIX}raincheck_device"
SALT = "raincheck.device"
REMEMBERED = timedelta(days=180)
KEPT = 8
"""So many accounts of one device; the one that was used longest ago falls out first."""


def device_of(request: HttpRequest, account: str) -> str:
    """Return the name of the device when `account` was used on it before, else nothing."""
    device, known = _read(request)
    return device if _hash(account) in known else ""


def remember_device(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """Remember that `account` was used on the device that gets `response`."""
    device, known = _read(request)
    mark = _hash(account)
    accounts = [*(one for one in known if one != mark), mark][-KEPT:]
    response.set_signed_cookie(
        COOKIE,
        ".".join([device or secrets.token_urlsafe(16), *accounts]),
        salt=SALT,
        max_age=REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    said = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=REMEMBERED) or ""
    device, *known = said.split(".")
    return device, known


def _hash(account: str) -> str:
    return salted_hmac(SALT, account.strip().lower(), algorithm="sha256").hexdigest()[:32]
