"""The cookie that says in which of several practices somebody is at work in this browser. It lets nobody in: it only chooses among their own."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from raincheck.data.people import User
from raincheck.web.requests import ref_or_none

COOKIE = f"{settings.COOKIE_PREFIX}raincheck_practice"
REMEMBERED = timedelta(days=365)


def chosen_practice(request: HttpRequest) -> UUID | None:
    """Return the ref of the practice that was chosen last in this browser; None where nothing readable was."""
    return ref_or_none(request.COOKIES.get(COOKIE))


def remember_practice(response: HttpResponseBase, practice: UUID) -> None:
    """Let this browser go on with a practice, after signing out and in again too."""
    response.set_cookie(
        COOKIE,
        str(practice),
        max_age=REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def who_is_here(request: HttpRequest, user: User) -> str:
    """Return what tells an open page whether it is still of the same person in the same practice."""
    chosen = chosen_practice(request)
    return f"{user.ref}/{chosen}" if chosen else str(user.ref)
