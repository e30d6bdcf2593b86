"""The pages as a WSGI application, for any server that speaks it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raincheck.settings")

pages = get_wsgi_application()

# Load every page now: a mistake in one stops the start, and the first visitor does not wait for it.
resolve("/health/live")

from raincheck.web.heartbeat import keep_beating  # noqa: E402  # it needs Django set up


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request. From its first one on, a process gives signs of life, whichever server runs it."""
    keep_beating()
    return pages(environ, start_response)
