"""The SSRF guard keeps addresses that people type from leading into private networks: each they stand for must be public.

A name becomes addresses once. Whoever connects must connect to the very address that was looked at here: a name that is
asked a second time may say another.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

from raincheck.domain.calendars.faults import (
    CalendarAddressPrivate,
    CalendarAddressWrong,
    CalendarDetour,
    CalendarHostUnknown,
    CalendarTooSlow,
)

Resolver = Callable[[str, int], list[str]]
"""Returns the numeric addresses of a host, in the order in which to try them. Raises OSError when it has none."""

LONGEST_ADDRESS = 2000  # far more than any secret address of a calendar has
# All else in an address, such as umlauts, is written with percent signs: what was written so already stays as it is.
UNTOUCHED = "/%?:@!$&'()*+,;=~[]|"
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address it stands for is in its last 32 bits
# Networks that some versions of Python call global, and that lead inside somebody's own network or nowhere.
NOT_FOR_ANYBODY = (
    IPv6Network("64:ff9b:1::/48"),  # NAT64 inside one network
    IPv6Network("::/96"),  # IPv4 written as IPv6, long given up
    IPv6Network("2001::/32"),  # Teredo: hides another address
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("5f00::/16"),  # segment routing inside one network
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, long given up
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The end of a request's way: the name its certificate must bear, and the looked-at addresses behind it."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address that can be asked for. Raises CalendarAddressWrong.

    `webcal` is what calendar programs write for an https address that is meant to be subscribed to.
    """
    text = address.strip()
    try:
        parts = urlsplit(text)
        # Rewritten before anything is looked at, so that no other scheme slips past the checks below.
        parts = parts._replace(scheme="https") if parts.scheme in ("webcal", "webcals") else parts
        sound = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise CalendarAddressWrong from None
    if not sound or len(text) > LONGEST_ADDRESS or not text.isprintable() or " " in text:
        raise CalendarAddressWrong
    return parts


def endpoint_of(
    address: str, *, loopback: bool, resolver: Resolver = resolve, patience: float, redirected: bool = False
) -> Endpoint:
    """Look at an address and return where it leads.

    With `loopback` it may also lead to this very machine, and only there without TLS. The resolver is waited for
    `patience` seconds. An address that somebody else gave (`redirected`) is a detour where a typed one is wrong.
    """
    try:
        parts = parts_of(address)
        secure = parts.scheme == "https"
        if not secure and not loopback:
            raise CalendarAddressWrong
        host, port = ascii_name(parts.hostname or ""), parts.port or (443 if secure else 80)
        found = addresses_of(host, port, resolver=resolver, patience=patience)
        local = loopback and all(one.is_loopback for one in found)
        # All of them: whoever answers for the name may give a public address beside the private one it is after.
        if not local and not all(is_public(one) for one in found):
            raise CalendarAddressPrivate
        if not secure and not local:
            raise CalendarAddressWrong
    except (CalendarAddressWrong, CalendarAddressPrivate):
        if redirected:
            raise CalendarDetour from None
        raise
    query = f"?{quote(parts.query, safe=UNTOUCHED)}" if parts.query else ""
    path = quote(parts.path or "/", safe=UNTOUCHED) + query
    return Endpoint(parts.scheme, host, port, path, tuple(str(one) for one in found))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether anybody on the internet could mean this address, whatever form it is written in."""
    if isinstance(address, IPv6Address):
        # An IPv4 address in IPv6 clothes is judged as what it is: 2002:7f00:1:: reaches 127.0.0.1 where 6to4 is on.
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address.scope_id:
            return False
    if any(address in network for network in NOT_FOR_ANYBODY if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def ascii_name(host: str) -> str:
    """Return a host as it is asked for: in small ASCII letters (IDNA), a number as it is."""
    try:
        return host.rstrip(".").encode("idna").decode("ascii").lower() if not host.isascii() else host.lower()
    except UnicodeError:
        raise CalendarAddressWrong from None


def addresses_of(
    host: str, port: int, *, resolver: Resolver, patience: float
) -> list[IPv4Address | IPv6Address]:
    """Return a host's addresses, each once, in the order in which to try them."""
    said: list[list[str]] = []

    def ask() -> None:
        try:
            said.append(resolver(host, port))
        except (OSError, UnicodeError):
            said.append([])

    # In a thread of its own: nothing stops `getaddrinfo`, and the system's may take longer than anybody waits.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    if not said:
        raise CalendarTooSlow
    found = list(dict.fromkeys(ip_address(one) for one in said[0]))
    if not found:
        raise CalendarHostUnknown
    return found
