"""The network a visitor comes from, as far as it can be known: limits count by it, and the operator is told by it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

IPV6_PREFIX = 56
"""Bits that one household or office has in common."""
UNKNOWN = "unknown"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What proxies add to a request."""

NEIGHBORS = [
    ip_network(block)
    for block in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
]
"""Where a proxy of one's own stands: this machine, and what nobody reaches from the internet."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where somebody comes from. `proxy` is the proxy that says so without being named in TRUSTED_PROXIES, else empty."""

    name: str
    proxy: str = ""


def network_of(request: HttpRequest) -> Network:
    """Return the network of whoever sent `request`.

    A proxy that is not named can only be told by its header. From a public address that header is taken for made up; from
    an address of this machine or its neighbors, where proxies stand, it tells visitors apart, so that they do not all count
    as one.
    """
    peer = peer_of(request)
    forwarded = [place.strip() for place in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    named = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if named:
        # Fewer than there should be: nobody before our own proxies said where it came from.
        place = _address(forwarded[max(len(forwarded) - named, 0)])
        return Network(_name(place or peer))
    claimed = _address(forwarded[-1])
    if claimed is None or not is_near(peer):
        return Network(_name(peer))
    return Network(_name(claimed), proxy=_name(peer))


def coarse(request: HttpRequest) -> str:
    """Return about where `request` came from, as its own person may be told: never the whole address."""
    name = network_of(request).name
    return f"{name.rpartition('.')[0]}.…" if name.count(".") == 3 else name


def is_near(peer: IPv4Address | IPv6Address | None) -> bool:
    """Return whether a proxy of one's own may stand at an address."""
    return peer is not None and any(peer in block for block in NEIGHBORS)


def peer_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Return the address that connected to us: the visitor's, or that of the last proxy before us."""
    return _address(request.META.get("REMOTE_ADDR", ""))


def is_forwarded(request: HttpRequest) -> bool:
    """Return whether a proxy passed `request` on, as far as its headers say."""
    return any(name in request.META for name in FORWARDED)


def is_operator(request: HttpRequest) -> bool:
    """Return whether METRICS_TOKEN was said, or somebody on this machine asks without any proxy between us."""
    given = request.headers.get("Authorization", "")
    # In constant time: how long a refusal takes must not tell how much of it was right.
    if settings.METRICS_TOKEN and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return True
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or is_forwarded(request):
        return False  # a proxy on this machine asks for others
    return is_here(request)


def is_here(request: HttpRequest) -> bool:
    """Return whether who connects to us is on this machine: somebody who sits at it, or a proxy that asks for others."""
    peer = peer_of(request)
    return peer is not None and peer.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    host = text.strip()
    # Some proxies add the port: 203.0.113.7:51034 and [2001:db8::1]:51034.
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    # A socket for both families shows IPv4 callers as ::ffff:203.0.113.7.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _name(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address) if address else UNKNOWN
