"""The web server's address, tried out: free to listen on, reached by this machine only, answering."""

import errno
import ipaddress
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from raincheck.cli.refusal import CommandRefused


def must_be_free(host: str, port: int) -> str:
    """Return the number of `host`, which the server wants. Raises CommandRefused unless `port` can be listened on there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Without it the connections of a server that just ended (TIME_WAIT) would look like a taken port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # With SO_REUSEADDR two may bind one port, and only listening is refused.
            probe.listen(1)
        return str(address[0])
    except OSError as error:
        why = f"HOST is {host}, and nothing can listen there: {error.strerror}."
        if error.errno == errno.EADDRINUSE:
            raise _taken(port) from error
        if error.errno == errno.EACCES:
            why = f"Port {port} may not be used by this user. Set PORT to a number above 1023."
        raise CommandRefused(why) from error


def must_stay_on_this_machine(host: str, base_url: str) -> None:
    """Raise CommandRefused unless both the bind address and BASE_URL are loopback, as the demo requires."""
    for name, value, named in (
        ("HOST", host, host),
        ("BASE_URL", base_url, urlsplit(base_url).hostname or ""),
    ):
        try:
            is_loopback = named == "localhost" or ipaddress.ip_address(named).is_loopback
        except ValueError:
            is_loopback = False
        if not is_loopback:
            raise CommandRefused(
                f"{name} is {value}, but the demo lets anyone in without a password, so it only starts on this "
                "machine's own address (127.0.0.1). Unset RAINCHECK_DEMO for a real practice."
            )


@contextmanager
def claimed(host: str, port: int) -> Iterator[None]:
    """Keep the address from every other `serve` meanwhile. Raises CommandRefused when one has it.

    The server shares its port among its processes, and so it would with another server that starts in the same instant.
    """
    with socket.socket(socket.AF_UNIX) as claim:
        if sys.platform == "linux":
            try:
                # A name of the kernel's own, seen by whoever could listen there too, and gone with this process.
                claim.bind(f"\0raincheck serve {host} {port}")
            except OSError as error:
                raise _taken(port) from error
        yield


def _taken(port: int) -> CommandRefused:
    return CommandRefused(f"Port {port} is taken by another program. Stop it, or set PORT to another number.")


def status(host: str, port: int, *, base_url: str) -> str:
    """Return what the web server says of its readiness: "ready", or what is missing; nothing when it does not answer."""
    # A server may listen on every address, which is none to ask at.
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read, not bound
    question = f"GET /health/ready HTTP/1.1\r\nHost: {urlsplit(base_url).netloc}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((reachable, port), timeout=2) as connection:
            connection.sendall(question.encode())
            _head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
        return str(json.loads(body)["status"])
    except (OSError, ValueError, KeyError):
        return ""


def answers(host: str, port: int, *, base_url: str) -> bool:
    """Whether the web server says that it is ready."""
    return status(host, port, base_url=base_url) == "ready"
