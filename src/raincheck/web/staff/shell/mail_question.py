"""A question about an address that looks mistyped: one press takes what was likely meant, saving once more keeps what was written."""

from django.http import QueryDict

from raincheck.domain.clients.mail_typos import likely_meant

MEANT, WRITTEN = "meant", "written"
"""The button that takes the address we ask about, and the hidden field that says which one we have asked about already."""


def with_meant(sent: QueryDict, *, field: str = "email") -> QueryDict:
    """Return the fields that were sent; with one press on the address we asked about, that address."""
    meant = sent.get(MEANT)
    if not meant:
        return sent
    taken = sent.copy()
    taken[field] = meant
    return taken


def asks_about(email: str, *, written: str, kept: str = "") -> str:
    """Return the address that was likely meant; empty for one that looks right, is kept already or was asked about."""
    email = email.strip()
    return "" if email in (kept, written) else likely_meant(email) or ""
