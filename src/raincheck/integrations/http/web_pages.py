"""Pages for people that come instead of a calendar: which they are, so that the fault can say what to do."""

import re

from raincheck.domain.calendars.faults import CalendarFault, CalendarIsAPage, CalendarIsASignIn
from raincheck.integrations.http.safe_http import Response

# As much of a page is looked at as tells what it is.
LOOKED_AT = 100_000
PASSWORD_FIELD = re.compile(rb"""<input[^>]{0,500}type\s*=\s*["']?password""", re.IGNORECASE)
TITLE = re.compile(rb"<title[^>]{0,200}>[^<]{0,200}(?:sign|log)[ -]?(?:in|on)", re.IGNORECASE)
SIGN_IN_ADDRESS = re.compile(
    r"^https?://(?:login|signin|accounts?|auth|sso|idp|idmsa)\.|/(?:login|log-in|signin|sign-in|sso|oauth2?)(?:[/.?]|$)",
    re.IGNORECASE,
)


def is_page(answer: Response) -> bool:
    """Return whether an answer is a page for people, whatever it calls itself."""
    start = answer.body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    named = "html" in answer.headers.get("content-type", "").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (named and start.startswith(b"<"))


def fault_of_page(answer: Response) -> type[CalendarFault] | None:
    """Return what to say of a page for people, None where the answer is none."""
    return which_page(answer) if is_page(answer) else None


def is_sign_in(address: str) -> bool:
    """Return whether an address is one at which people sign in, by its host or path."""
    return SIGN_IN_ADDRESS.search(address) is not None


def which_page(answer: Response) -> type[CalendarFault]:
    seen = answer.body[:LOOKED_AT]
    if is_sign_in(answer.address) or PASSWORD_FIELD.search(seen) or TITLE.search(seen):
        return CalendarIsASignIn
    return CalendarIsAPage
