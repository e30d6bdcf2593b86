"""The proxy that nobody named: visitors come through it, and TRUSTED_PROXIES says that there is none."""

import logging
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from raincheck import clock
from raincheck.web.access.networks import is_forwarded, is_near, peer_of

log = logging.getLogger("raincheck.networks")


class Unnamed:
    """When a proxy that nobody named was last seen forwarding to this process, by real time; None while none was."""

    seen_at: datetime | None = None


def look_for_unnamed_proxy(request: HttpRequest) -> None:
    """Note, and log once, that a proxy forwards though TRUSTED_PROXIES names none."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or not is_forwarded(request):
        return
    # Anybody outside can send such a header; only what stands near is likely to be a proxy.
    if not is_near(peer_of(request)):
        return
    if Unnamed.seen_at is None:
        log.warning(
            "a proxy forwards visitors, but TRUSTED_PROXIES is 0; set it to the number of your proxies"
        )
    Unnamed.seen_at = clock.real_now()
