"""HTTP for addresses that people type: guarded, with a cap on time and size, without proxies, cookies or surprises.

Each hop is looked at by the SSRF guard and connected to by number; the certificate is checked against the name.
"""

from __future__ import annotations

import base64
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import (  # noqa: TID251  # this is the room that talks to a network
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
)
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urljoin

from raincheck.domain.calendars.faults import (
    CalendarAddressWrong,
    CalendarAnswerStrange,
    CalendarCutOff,
    CalendarDetour,
    CalendarFault,
    CalendarLineUnsafe,
    CalendarOutlookRefuses,
    CalendarTooLarge,
    CalendarTooSlow,
    CalendarUnreachable,
    CalendarWantsOtherSignIn,
    fault_of_status,
)
from raincheck.integrations.http.digest import Challenge, challenge_in, schemes_in
from raincheck.integrations.http.ssrf_guard import Endpoint, Resolver, endpoint_of, parts_of, resolve

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# For one answer of the resolver, one connection, one stretch of silence: what is further away than this is down.
SECONDS_PER_WAIT = 5.0
# Well under the half minute in which a page has to be answered.
SECONDS_IN_ALL = 20.0
# As much as the reader takes (`ics.text.LARGEST_FILE`): more would be fetched only to be refused.
LARGEST_BODY = 5 * 1024 * 1024
# A short link and a move to https are two; what needs more than this goes in circles.
MOST_REDIRECTS = 5
CHUNK = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
UNAUTHORIZED = 401
SUCCESSES = {200, 207}  # 207 is WebDAV's "several answers in one" (RFC 4918, 11.1)
NAME = "Raincheck (calendar reader)"
# For servers that answer nothing to a program; it still says who asks.
AS_A_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Raincheck"


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, and for which host alone they are meant."""

    username: str
    password: str = field(repr=False)

    def answer_to(self, challenge: Challenge | None, method: str, path: str) -> str:
        """Return the header by which a request signs in."""
        if challenge is not None:
            return challenge.answered(self.username, self.password, method=method, path=path)
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Guard:
    """The bounds of a request. The resolver and the certificates trusted can be given; everything else is fixed."""

    loopback: bool = False
    resolver: Resolver = resolve
    certificates: ssl.SSLContext | None = None
    seconds_per_wait: float = SECONDS_PER_WAIT
    seconds_in_all: float = SECONDS_IN_ALL
    largest_body: int = LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Response:
    """A server's last word. `address` is where it came from, after redirects; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    address: str = field(repr=False)

    @property
    def fault(self) -> type[CalendarFault]:
        """What a status other than success means, with what else the server said about it."""
        if "x-owa-error" in self.headers:
            return CalendarOutlookRefuses
        wanted = self.headers.get("www-authenticate", "")
        offered = schemes_in(wanted)
        if self.status == UNAUTHORIZED and offered and "basic" not in offered and not challenge_in(wanted):
            return CalendarWantsOtherSignIn
        return fault_of_status(self.status)

    def raise_for_status(self) -> None:
        """Raise the fault of any status but success."""
        if self.status not in SUCCESSES:
            raise self.fault


class Sieve(Protocol):
    """Takes a body piece by piece and says what is left of it. Both raise CalendarTooLarge."""

    def take(self, piece: bytes) -> None: ...

    def left(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request. With `login` its user name and password go to the host of `address` and to no other."""

    address: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    login: Login | None = field(default=None, repr=False)
    challenge: Challenge | None = field(default=None, repr=False)
    # Makes what a body too large for the guard is passed through: its own bounds hold for what is left.
    sieve: Callable[[], Sieve] | None = field(default=None, repr=False)
    agent: str = NAME

    def with_login_apart(self) -> Request:
        """Return the request with the user name and password taken out of its address, where some people have them."""
        parts = parts_of(self.address)
        # In the address they would end up in the request line, and from there in the server's log.
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        login = self.login
        if parts.username and login is None:
            login = Login(unquote(parts.username), unquote(parts.password or ""))
        return replace(self, address=plain, login=login)

    def redirected(self, endpoint: Endpoint, response: Response) -> Request:
        """Return the request to the address it was sent on to: never out of TLS, never with a password to another host."""
        try:
            parts = parts_of(urljoin(self.address, response.headers["location"]))
        except (CalendarAddressWrong, ValueError):
            raise CalendarDetour from None
        if endpoint.scheme == "https" and parts.scheme != "https":
            raise CalendarDetour
        port = parts.port or (443 if parts.scheme == "https" else 80)
        stays = (parts.scheme, (parts.hostname or "").lower(), port) == endpoint.origin
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
        onward = replace(self, address=plain, login=self.login if stays else None, challenge=None)
        if not stays and self.body:
            raise CalendarDetour  # what was to be written there is meant for nobody else
        # 303 alone says that the answer is fetched, not the request repeated (RFC 9110, 15.4.4).
        return replace(onward, method="GET", body=b"") if response.status == 303 else onward

    def headers_for(self, endpoint: Endpoint) -> dict[str, str]:
        """Return all headers; ours come last, so that nobody can overwrite the host or the login."""
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        usual = 443 if endpoint.scheme == "https" else 80
        ours = {
            "Host": host if endpoint.port == usual else f"{host}:{endpoint.port}",
            "User-Agent": self.agent,
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if self.login is not None:
            ours["Authorization"] = self.login.answer_to(self.challenge, self.method, endpoint.path)
        return {**self.headers, **ours}


def fetch(request: Request, *, guard: Guard) -> Response:
    """Carry a request out, following redirects, and return the last answer, whatever its status.

    Raises the faults of the guard, of the connection, and of a body that is too large or cut off.
    """
    until = time.monotonic() + guard.seconds_in_all
    request = request.with_login_apart()
    for hop in range(MOST_REDIRECTS + 1):
        endpoint = endpoint_of(
            request.address,
            loopback=guard.loopback,
            resolver=guard.resolver,
            patience=min(guard.seconds_per_wait, seconds_left(until)),
            redirected=hop > 0,
        )
        response = send(request, endpoint, guard=guard, until=until)
        if response.status == UNAUTHORIZED and request.login is not None and request.challenge is None:
            challenge = challenge_in(response.headers.get("www-authenticate", ""))
            if challenge is not None:
                request = replace(request, challenge=challenge)
                response = send(request, endpoint, guard=guard, until=until)
        if response.status not in REDIRECTS or "location" not in response.headers:
            return response
        request = request.redirected(endpoint, response)
    raise CalendarDetour


def send(request: Request, endpoint: Endpoint, *, guard: Guard, until: float) -> Response:
    """Send one request to an endpoint that was looked at; whatever goes wrong on the line becomes a fault."""
    line = Line.to(endpoint, guard=guard, until=until)
    connection = HTTPConnection(endpoint.host, endpoint.port)
    connection.sock = line  # it does no more with a socket than a line can
    try:
        headers = request.headers_for(endpoint)
        connection.request(request.method, endpoint.path, body=request.body or None, headers=headers)
        answer = connection.getresponse()
        said: dict[str, str] = {}
        for name, value in answer.getheaders():  # one name may stand several times (RFC 9110, 5.3)
            said[name.lower()] = f"{said[name.lower()]}, {value}" if name.lower() in said else value
        body = body_of(answer, said, guard.largest_body, sieve=request.sieve)
        return Response(answer.status, said, body, request.address)
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


def body_of(
    response: HTTPResponse,
    headers: Mapping[str, str],
    most: int,
    *,
    sieve: Callable[[], Sieve] | None = None,
) -> bytes:
    """Return the body, unpacked, up to `most` bytes of it; of a larger one, what a sieve leaves."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "", "gzip", "x-gzip"):
        raise CalendarAnswerStrange
    unpacking = zlib.decompressobj(wbits=31) if "gzip" in packed else None
    body, passing = bytearray(), None
    for piece in pieces_of(response, unpacking):
        if passing is not None:
            passing.take(piece)
            continue
        body += piece
        if len(body) > most:
            if sieve is None:
                raise CalendarTooLarge
            passing = sieve()
            passing.take(bytes(body))
    # Half a calendar reads as a whole one with free time at its end.
    if response.length or (unpacking is not None and body and not unpacking.eof):
        raise CalendarCutOff
    return bytes(body) if passing is None else passing.left()


def pieces_of(response: HTTPResponse, unpacking: zlib._Decompress | None) -> Iterator[bytes]:
    """Return a body by the piece, unpacked: a few kilobytes of gzip can stand for gigabytes."""
    while chunk := response.read1(CHUNK):
        if unpacking is None:
            yield chunk
            continue
        piece = None
        while chunk or piece is None or len(piece) == CHUNK:
            piece = unpacking.decompress(chunk, CHUNK)
            chunk = unpacking.unconsumed_tail
            yield piece


def seconds_left(until: float) -> float:
    """Return the seconds left. Raises CalendarTooSlow when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise CalendarTooSlow
    return left


class Arriving(io.RawIOBase):
    """The bytes that arrive on a line, as a file."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer) -> int:
        return self.line.receive(into)


class Line:
    """A socket on which nothing waits longer than it may, however little arrives each time."""

    def __init__(self, plain: socket.socket, seconds_per_wait: float, until: float) -> None:
        self.plain, self.seconds_per_wait, self.until = plain, seconds_per_wait, until

    @classmethod
    def to(cls, endpoint: Endpoint, *, guard: Guard, until: float) -> Line:
        """Connect to one of the addresses that were looked at, and to nothing else."""
        for address in endpoint.addresses:
            patience = min(guard.seconds_per_wait, seconds_left(until))
            try:
                plain = socket.create_connection((address, endpoint.port), timeout=patience)
            except OSError:
                continue
            line = cls(plain, guard.seconds_per_wait, until)
            if endpoint.scheme == "https":
                line.secure(endpoint.host, guard.certificates or ssl.create_default_context())
            return line
        raise CalendarUnreachable

    def secure(self, host: str, certificates: ssl.SSLContext) -> None:
        """Go on under TLS, with a certificate that is good for the name."""
        plain = self.plain
        try:
            self.plain = certificates.wrap_socket(plain, server_hostname=host)
        except TimeoutError as late:
            plain.close()
            raise CalendarTooSlow from late
        except ssl.SSLError as unsafe:
            plain.close()
            raise CalendarLineUnsafe from unsafe
        except OSError as gone:
            plain.close()
            raise CalendarUnreachable from gone

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(Arriving(self))

    def receive(self, into: WriteableBuffer) -> int:
        # Asked anew before each wait: a byte every four seconds would else keep a line open for hours.
        self.plain.settimeout(min(self.seconds_per_wait, seconds_left(self.until)))
        return self.plain.recv_into(into)

    def sendall(self, data: bytes) -> None:
        self.plain.settimeout(min(self.seconds_per_wait, seconds_left(self.until)))
        self.plain.sendall(data)

    def close(self) -> None:
        """The connection lets go of its line before the body has arrived; `hang_up` is for when all is done."""

    def hang_up(self) -> None:
        self.plain.close()
