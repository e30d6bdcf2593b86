"""HTTP for addresses that people type: guarded, with a cap on time and size, without proxies, cookies or surprises.

Each hop is looked at by the address guard and connected to by number; the certificate is checked against the name.
"""

from __future__ import annotations

import base64
import io
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import (  # noqa: TID251  # this is the room that talks to a network
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
)
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin

from raincheck.domain.calendars.busy import CalendarCutOff, CalendarTooLarge
from raincheck.domain.calendars.faults import (
    CalendarAddressWrong,
    CalendarAnswerStrange,
    CalendarDetour,
    CalendarLineUnsafe,
    CalendarTooSlow,
    CalendarUnreachable,
)
from raincheck.integrations.http.ssrf_guard import Place, Resolver, parts_of, place_of, resolve

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS_PER_WAIT = 5.0
"""For one answer of the resolver, one connection, one stretch of silence."""
SECONDS_IN_ALL = 20.0
LARGEST_BODY = 5 * 1024 * 1024
MOST_REDIRECTS = 5
CHUNK = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
NAME = "Raincheck (calendar reader)"


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, and for which host alone they are meant."""

    username: str
    password: str = field(repr=False)

    @property
    def header(self) -> str:
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request may do. The resolver and the certificates trusted can be given; everything else is fixed."""

    loopback: bool = False
    resolver: Resolver = resolve
    certificates: ssl.SSLContext | None = None
    seconds_per_wait: float = SECONDS_PER_WAIT
    seconds_in_all: float = SECONDS_IN_ALL
    largest_body: int = LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said in the end. `address` is where, after redirects; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. With `login` its user name and password go to the host of `address` and to no other."""

    address: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    login: Login | None = field(default=None, repr=False)


def fetch(ask: Ask, *, guard: Guard) -> Answer:
    """Carry a request out, following redirects, and return the answer, whatever its status.

    Raises the faults of the address guard, CalendarUnreachable, CalendarLineUnsafe, CalendarTooSlow, CalendarDetour,
    CalendarAnswerStrange, and of the body CalendarTooLarge and CalendarCutOff.
    """
    until = time.monotonic() + guard.seconds_in_all
    ask = _with_its_own_login(ask)
    for hop in range(MOST_REDIRECTS + 1):
        place = place_of(
            ask.address,
            loopback=guard.loopback,
            resolver=guard.resolver,
            patience=min(guard.seconds_per_wait, _left(until)),
            redirected=hop > 0,
        )
        answer = _asked(ask, place, guard, until)
        if answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        ask = _led_on(ask, place, answer)
    raise CalendarDetour


def _with_its_own_login(ask: Ask) -> Ask:
    """Take a user name and password out of the address, where some people have them."""
    parts = parts_of(ask.address)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username and ask.login is None:
        return replace(
            ask, address=plain, login=Login(unquote(parts.username), unquote(parts.password or ""))
        )
    return replace(ask, address=plain)


def _led_on(ask: Ask, place: Place, answer: Answer) -> Ask:
    """Return the request to the place it was sent on to: never out of TLS, never with a password to another host."""
    parts = _parts_led_to(ask.address, answer.headers["location"])
    if place.scheme == "https" and parts.scheme != "https":
        raise CalendarDetour
    port = parts.port or (443 if parts.scheme == "https" else 80)
    stays = (parts.scheme, (parts.hostname or "").lower(), port) == place.origin
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    led_on = replace(ask, address=plain, login=ask.login if stays else None)
    if not stays and ask.body:
        raise CalendarDetour  # what was to be written there is meant for nobody else
    return replace(led_on, method="GET", body=b"") if answer.status == 303 else led_on


def _parts_led_to(address: str, location: str) -> SplitResult:
    try:
        return parts_of(urljoin(address, location))
    except (CalendarAddressWrong, ValueError):
        raise CalendarDetour from None


def _asked(ask: Ask, place: Place, guard: Guard, until: float) -> Answer:
    line = _Line(_connected(place, guard, until), guard.seconds_per_wait, until)
    connection = HTTPConnection(place.host, place.port)
    connection.sock = line  # it does no more with a socket than a line can
    try:
        connection.request(ask.method, place.path, body=ask.body or None, headers=_headers(ask, place))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, _body(response, headers, guard.largest_body), ask.address)
    except TimeoutError as late:
        raise CalendarTooSlow from late
    except (CalendarTooSlow, CalendarTooLarge, CalendarCutOff):
        raise
    except IncompleteRead as short:
        raise CalendarCutOff from short
    except ConnectionError as gone:
        raise CalendarUnreachable from gone
    except (HTTPException, OSError, ValueError, zlib.error) as strange:
        raise CalendarAnswerStrange from strange
    finally:
        connection.close()
        line.hang_up()


def _headers(ask: Ask, place: Place) -> dict[str, str]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    usual = 443 if place.scheme == "https" else 80
    said = {
        "Host": host if place.port == usual else f"{host}:{place.port}",
        "User-Agent": NAME,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if ask.login is not None:
        said["Authorization"] = ask.login.header
    return {**ask.headers, **said}


def _connected(place: Place, guard: Guard, until: float) -> socket.socket:
    """Connect to one of the addresses that were looked at, and to nothing else."""
    for address in place.addresses:
        try:
            plain = socket.create_connection(
                (address, place.port), timeout=min(guard.seconds_per_wait, _left(until))
            )
        except OSError:
            continue
        return _secured(plain, place, guard) if place.scheme == "https" else plain
    raise CalendarUnreachable


def _secured(plain: socket.socket, place: Place, guard: Guard) -> socket.socket:
    certificates = guard.certificates or ssl.create_default_context()
    try:
        return certificates.wrap_socket(plain, server_hostname=place.host)
    except TimeoutError as late:
        plain.close()
        raise CalendarTooSlow from late
    except ssl.SSLError as unsafe:
        plain.close()
        raise CalendarLineUnsafe from unsafe
    except OSError as gone:
        plain.close()
        raise CalendarUnreachable from gone


def _left(until: float) -> float:
    """Return the seconds left. Raises CalendarTooSlow when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise CalendarTooSlow
    return left


def _body(response: HTTPResponse, headers: Mapping[str, str], most: int) -> bytes:
    """Read the body, unpacked, up to `most` bytes of it. Raises CalendarTooLarge or CalendarCutOff."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "", "gzip", "x-gzip"):
        raise CalendarAnswerStrange
    unpacking = zlib.decompressobj(wbits=31) if "gzip" in packed else None
    read, body = 0, bytearray()
    while chunk := response.read1(CHUNK):
        read += len(chunk)
        body += chunk if unpacking is None else unpacking.decompress(chunk, most + 1 - len(body))
        if max(read, len(body)) > most:
            raise CalendarTooLarge
    if response.length or (unpacking is not None and read and not unpacking.eof):
        raise CalendarCutOff
    return bytes(body)


class _Arriving(io.RawIOBase):
    """What arrives on a line, as a file."""

    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer) -> int:
        return self.line.receive(into)


class _Line:
    """A socket on which nothing waits longer than it may, however little arrives each time."""

    def __init__(self, plain: socket.socket, seconds_per_wait: float, until: float) -> None:
        self.plain, self.seconds_per_wait, self.until = plain, seconds_per_wait, until

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Arriving(self))

    def receive(self, into: WriteableBuffer) -> int:
        self.plain.settimeout(min(self.seconds_per_wait, _left(self.until)))
        return self.plain.recv_into(into)

    def sendall(self, data: bytes) -> None:
        self.plain.settimeout(min(self.seconds_per_wait, _left(self.until)))
        self.plain.sendall(data)

    def close(self) -> None:
        """The connection lets go of its line before the body has arrived; `hang_up` is for when all is done."""

    def hang_up(self) -> None:
        self.plain.close()
