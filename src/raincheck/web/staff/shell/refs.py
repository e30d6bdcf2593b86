"""Refs that come in a form or behind a question mark, where no route has looked at them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404


def ref_in(text: str | None) -> UUID:
    """Return the ref that stands there. What is none leads nowhere: 404."""
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404 from None
