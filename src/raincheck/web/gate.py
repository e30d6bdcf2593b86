"""The gate before the pages: it takes each request in on one event loop, and gives it to a thread when all of it is there.

    RSGI (granian) -> Gate: arrival, headers, body -> a few threads -> the pages' WSGI application
                           event streams stay here (`streams.py`)

A thread that read a body itself would be lost to everybody else for as long as its sender likes.
"""

import asyncio
import io
import logging
import queue
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol, cast

from raincheck.web import streams
from raincheck.web.requests import ARRIVAL, Arrival

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes. Above what the largest form takes (6 MiB), so that a file somewhat too large is still refused beside its field."""
ROOM = 64 * 1024 * 1024
"""Bytes of the bodies that one process holds at a time."""
ALWAYS_TAKEN = 64 * 1024
"""Bytes of a body that is taken whatever room is left: larger than the answer of any person without a file."""
BODY_SECONDS = 20.0
"""From the headers to the last byte of the body; what is left of an answer's 30 s is for its commit."""
LONGEST_WAIT = timedelta(seconds=10)
"""A page that waited so long for a thread has lost its reader, and would only keep answers from being committed in time."""
REFUSED = "raincheck.refused"
"""The key of the environment with the status of what is refused before any page sees it."""

log = logging.getLogger("raincheck.gate")

Environment = dict[str, Any]
Headers = Sequence[tuple[str, str]]


class Scope(Protocol):
    """What RSGI tells of a request; `path` is decoded already."""

    method: str
    path: str
    query_string: str
    client: str
    server: str
    scheme: str
    http_version: str
    authority: str | None
    headers: Any


class Exchange(Protocol):
    """One request's line, as RSGI gives it: its body comes in chunks, and it takes one answer, from any thread.

    After the last chunk an empty one comes; one that broke off gives an empty chunk more.
    """

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def client_disconnect(self) -> Awaitable[None]: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_file(self, status: int, headers: Headers, file: str) -> None: ...
    def response_stream(self, status: int, headers: Headers) -> Any: ...


class Gate:
    """An RSGI application around a WSGI one, which runs in so many threads."""

    def __init__(
        self,
        pages: Callable[[Environment, Callable[..., Any]], Iterable[bytes]],
        *,
        threads: int,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._pages, self._threads, self._body_seconds = pages, threads, body_seconds
        self._waiting: queue.SimpleQueue[tuple[Environment, Exchange, Callable[[], None]] | None] = (
            queue.SimpleQueue()
        )
        self._held = 0
        self._streams = streams.Streams()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._streams.watch_for_the_end(loop)
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"pages-{number}", daemon=True).start()

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        for _thread in range(self._threads):
            self._waiting.put(None)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        arrival = Arrival()
        environment = environment_of(scope)
        if scope.method == "GET" and scope.path.startswith(streams.ADDRESS):
            await self._streams.serve(exchange, environment)
            return
        environment[ARRIVAL] = arrival
        body = bytearray()
        try:
            if environment.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environment:
                refused = await self._take_in(exchange, environment, body)
                if refused:
                    environment[REFUSED] = refused
            # Django reads no further than this, also where the body came in chunks and told no length.
            environment["CONTENT_LENGTH"] = str(len(body))
            environment["wsgi.input"] = io.BytesIO(body)
            await self._answered(environment, exchange)
        finally:
            self._held -= len(body)

    async def _take_in(self, exchange: Exchange, environment: Environment, body: bytearray) -> int | None:
        """Fill `body`, and return the status to refuse with when it is too large, too slow or broken, None for a whole one.

        One too large is read to its end all the same: a browser shows the answer only to what it could send.
        """
        length = None if "HTTP_TRANSFER_ENCODING" in environment else int(environment["CONTENT_LENGTH"])
        # Who asks first (Expect: 100-continue, RFC 9110 10.1.1) has sent nothing that had to be read.
        if length is not None and length > LARGEST_BODY and "HTTP_EXPECT" in environment:
            return 413
        refused, size, empty = None, 0, 0
        chunks = exchange.__aiter__()
        with suppress(StopAsyncIteration):
            try:
                async with asyncio.timeout(self._body_seconds):
                    while length is None or (size < length and not empty):
                        chunk = await chunks.__anext__()
                        size += len(chunk)
                        empty += not chunk
                        refused = refused or self._refusal(size, len(chunk))
                        if refused:
                            self._held -= len(body)
                            # Read on, but no longer kept.
                            body.clear()
                        else:
                            self._held += len(chunk)
                            body += chunk
            except TimeoutError:
                return refused or 408
        # Chunks end with one empty piece, a broken connection with two (see Exchange).
        if refused is None and (empty > 1 if length is None else size != length):
            refused = 400
        return refused

    def _refusal(self, size: int, more: int) -> int | None:
        if size > LARGEST_BODY:
            return 413
        return 503 if size > ALWAYS_TAKEN and self._held + more > ROOM else None

    def _answered(self, environment: Environment, exchange: Exchange) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[None] = loop.create_future()

        def done() -> None:
            with suppress(RuntimeError):  # the loop ended: nobody waits any more
                loop.call_soon_threadsafe(answered.set_result, None)

        self._waiting.put((environment, exchange, done))
        return answered

    def _work(self) -> None:
        while job := self._waiting.get():
            environment, exchange, done = job
            try:
                if (
                    # No form is given up here: whether it is in time is asked right before its commit.
                    environment["REQUEST_METHOD"] in ("GET", "HEAD")
                    and environment[ARRIVAL].elapsed() > LONGEST_WAIT
                ):
                    environment[REFUSED] = 503
                answer(self._pages, environment, exchange)
            except Exception:  # a thread that ended would be missed by everybody
                log.exception("an answer could not be given")
            finally:
                done()


def environment_of(scope: Scope) -> Environment:
    """Return a request's WSGI environment, without its body.

    Names with an underscore are dropped: `X_Forwarded_For` would otherwise be taken for the `X-Forwarded-For` of a proxy.
    """
    client, server = _parted(scope.client), _parted(scope.server)
    environment: Environment = {
        "SCRIPT_NAME": "",
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # as WSGI wants its bytes
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "REMOTE_ADDR": client[0],
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": WholeFile,
    }
    for name, value in cast(Mapping[str, str], scope.headers).items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        # Fields of one name are joined by commas (RFC 9110 5.3), cookies by semicolons (RFC 9113 8.2.3).
        former = environment.get(key)
        if former is not None:
            value = f"{former}{'; ' if name == 'cookie' else ','}{value}"
        environment[key] = value
    environment.setdefault("HTTP_HOST", scope.authority or "")
    return environment


def answer(
    pages: Callable[[Environment, Callable[..., Any]], Iterable[bytes]],
    environment: Environment,
    exchange: Exchange,
) -> None:
    """Give a request to the pages and send what they answer: files by the server itself, streams piece by piece."""
    status, headers = 500, cast(Headers, [])

    def start_response(line: str, fields: Headers, _error: object = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), fields

    found = pages(environment, start_response)
    try:
        if isinstance(found, WholeFile) and found.path:
            exchange.response_file(status, headers, found.path)
        elif getattr(found, "streaming", True):
            stream = exchange.response_stream(status, headers)
            for chunk in found:
                # It needs no loop: the server keeps the chunk, or says that the reader has gone.
                next(iter(stream.send_bytes(chunk).__await__()), None)
        else:
            exchange.response_bytes(status, headers, b"".join(found))
    finally:
        if close := getattr(found, "close", None):
            close()


class WholeFile:
    """An answer that is a file (PEP 3333's file_wrapper); `path` is empty for one that is not read whole, from its beginning."""

    def __init__(self, file: Any, block_size: int = 65_536) -> None:
        self._file, self._block_size = file, block_size
        is_whole = isinstance(file, io.BufferedReader) and isinstance(file.name, str) and not file.tell()
        self.path: str = file.name if is_whole else ""

    def __iter__(self) -> Iterable[bytes]:
        return iter(lambda: self._file.read(self._block_size), b"")

    def close(self) -> None:
        self._file.close()


def _parted(address: str) -> tuple[str, str]:
    host, _colon, port = address.rpartition(":")
    return host.strip("[]"), port
