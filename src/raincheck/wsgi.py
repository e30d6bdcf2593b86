"""The pages as a WSGI application, for any server that speaks it."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raincheck.settings")

application = get_wsgi_application()

# Load every page now: a mistake in one stops the start, and the first visitor does not wait for it.
resolve("/health/live")
