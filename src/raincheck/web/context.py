"""The values every template has: nothing that needs the database."""

from django.conf import settings
from django.http import HttpRequest

from raincheck.web.access.networks import is_here


def product(request: HttpRequest) -> dict[str, object]:
    return {"demo": in_demo(request)}


def in_demo(request: HttpRequest) -> bool:
    """Return whether this is the demo. Since it lets anybody in, it is one only for who sits at the machine it runs on.

    `serve` refuses any other address as well; this also holds where another server runs the pages.
    """
    return settings.RAINCHECK_DEMO and is_here(request)
