"""The pages as a WSGI application, for any server that speaks it."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raincheck.settings")

pages = get_wsgi_application()

# Load every page now: a mistake in one stops the start, and the first visitor does not wait for it.
resolve("/health/live")

from raincheck.web.heartbeat import keep_beating  # noqa: E402  # it needs Django set up


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request. From its first one on, a process gives signs of life, whichever server runs it."""
    keep_beating()
    return pages(environ, start_response)
