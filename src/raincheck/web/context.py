"""The values every template has: nothing that needs the database."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, object]:
    return {"demo": in_demo(request)}


def in_demo(request: HttpRequest) -> bool:
    """Return whether this is the demo. Since it lets anybody in, it is one only for who sits at the machine it runs on.

    `serve` refuses any other address as well; this also holds where another server runs the pages.
    """
    return settings.RAINCHECK_DEMO and _is_here(request.META.get("REMOTE_ADDR", ""))


def _is_here(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    # A socket for both families shows IPv4 callers as ::ffff:127.0.0.1.
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback
