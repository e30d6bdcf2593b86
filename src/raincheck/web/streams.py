"""Event streams: a client's open page hears that its provider's times have changed, without a thread and without a question.

    the tables announce a provider -> one line of each process hears it -> a word to each page of that provider's times

A word says no more than that something changed: what is open the page asks for as it would when it is loaded again. Who may
listen says a signed token that came with the page, so that nothing is looked up here.
"""

import asyncio
import random
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from raincheck import clock
from raincheck.data.postgresql.announcements import changed_times
from raincheck.web.access.networks import network_of

if TYPE_CHECKING:
    from raincheck.web.gate import Environment, Exchange

ADDRESS = "/streams/times/"
TOKEN_LIVES = timedelta(hours=2)
"""Then the stream ends, and whoever still may see the page gets another token with its times."""
BEAT_SECONDS = 45.0
"""Between two signs of life on a silent stream: proxies close lines that say nothing for a minute."""
PAUSE_SECONDS = 0.5
"""Between two words about one provider: an import that changes a thousand times is one word."""
MOST, MOST_OF_A_NETWORK = 1_500, 60
"""Streams of one process: of all, and of one network. Who is refused has a page that works as one without a stream."""
MOST_WORDS = 500
"""Words on one stream, after which it ends: so much waits at most for a reader who reads nothing, about 12 kB."""
SOON, BY_AND_BY = 1, 20
"""Seconds over which pages spread their look: after a change, and after an interruption that concerns all of them."""
SALT = "raincheck.streams"
HEADERS = [
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-accel-buffering", "no"),  # nginx would keep what is said until it is much
]

_signer = Signer(salt=SALT)


def address_for(provider_id: int, *, now: datetime) -> str:
    """Return the address of the stream of a provider's times, as a page carries it that may show them; `now` is real time."""
    until = int((now + TOKEN_LIVES).timestamp())
    return f"{ADDRESS}{_signer.sign(f'{_name_of(provider_id)}.{until}')}"


def _name_of(provider_id: int) -> str:
    # Addresses never carry a row's number.
    return salted_hmac(SALT, str(provider_id), algorithm="sha256").hexdigest()[:24]


class _Stream:
    """One open page's line."""

    def __init__(self, transport: Any, *, name: str, network: str, until: datetime) -> None:
        self._transport, self.name, self.network, self.until = transport, name, network, until
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._words = 0

    def say(self, word: bytes) -> None:
        """Hand a word to the server, which keeps it for its reader; a reader who has gone, or reads nothing, ends it."""
        if self._transport is None:
            return
        self._words += 1
        try:
            next(iter(self._transport.send_bytes(word).__await__()), None)
        except RuntimeError:  # the line is closed
            self.end()
        if self._words >= MOST_WORDS:
            self.end()

    def end(self) -> None:
        # The server ends the answer once nobody has this any more.
        self._transport = None
        if not self.ended.done():
            self.ended.set_result(None)


class Streams:
    """All streams of one process, on its event loop."""

    def __init__(self, announced: Callable[[], AsyncIterator[int | None]] = changed_times) -> None:
        self._announced = announced
        self._by_name: defaultdict[str, set[_Stream]] = defaultdict(set)
        self._networks: Counter[str] = Counter()
        self._waiting: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    def watch_for_the_end(self, loop: asyncio.AbstractEventLoop) -> None:
        """End all streams when the process is told to end: the server waits until every line has had its answer."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            # Beside the server's own: that one hears of signals through the loop, and the loop through their descriptor.
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(self.close))
            signal.siginterrupt(number, False)

    async def serve(self, exchange: "Exchange", environment: "Environment") -> None:
        """Keep one page's line open until its token, its reader or this process ends. Raises nothing."""
        network = _network(environment)
        token = environment["PATH_INFO"].removeprefix(ADDRESS)
        status, name, until = self._let_in(token, network)
        if status != 200:
            exchange.response_bytes(status, [("cache-control", "no-store")], b"")
            return
        stream = _Stream(exchange.response_stream(200, HEADERS), name=name, network=network, until=until)
        self._by_name[name].add(stream)
        self._networks[network] += 1
        self._begin()
        # A sign of life every 45 s is soon enough to miss a reader; room for the next page is not.
        asyncio.ensure_future(exchange.client_disconnect()).add_done_callback(lambda _gone: stream.end())
        # After a break all of them would come back in the same instant.
        stream.say(b"retry: %d\n\n" % random.randint(3_000, 15_000))  # no secret
        try:
            await stream.ended
        finally:
            self._forget(stream)

    def close(self) -> None:
        """End every stream, and let no other begin."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for stream in self._all():
            stream.end()

    @property
    def open(self) -> int:
        return self._networks.total()

    def _let_in(self, token: str, network: str) -> tuple[int, str, datetime]:
        """Return the status, and of a stream that may be opened its name and its end."""
        none = ("", datetime.min.replace(tzinfo=UTC))
        try:
            name, _dot, until = _signer.unsign(token).partition(".")
        except BadSignature:
            return 404, *none
        ends_at = datetime.fromtimestamp(int(until), UTC)
        if ends_at <= clock.real_now():
            return 204, *none  # a browser asks no more after this status
        if self._closed or self.open >= MOST:
            return 503, *none
        if self._networks[network] >= MOST_OF_A_NETWORK:
            return 429, *none
        return 200, name, ends_at

    def _begin(self) -> None:
        """Listen and beat from the first stream on: a process without any needs no line."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    async def _listen(self) -> None:
        again = False
        async for provider in self._announced():
            if provider is not None:
                self._soon(_name_of(provider))
            elif again:
                # What was announced while the line was broken is lost.
                for stream in self._all():
                    stream.say(b"data: %d\n\n" % BY_AND_BY)
            again = True

    def _soon(self, name: str) -> None:
        if name in self._by_name and name not in self._waiting:
            self._waiting.add(name)
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._say, name)

    def _say(self, name: str) -> None:
        self._waiting.discard(name)
        for stream in list(self._by_name.get(name, ())):
            stream.say(b"data: %d\n\n" % SOON)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = clock.real_now()
            for stream in self._all():
                if stream.until <= now:
                    stream.end()
                else:
                    stream.say(b":\n\n")

    def _forget(self, stream: _Stream) -> None:
        self._by_name[stream.name].discard(stream)
        if not self._by_name[stream.name]:
            del self._by_name[stream.name]
        self._networks[stream.network] -= 1
        if not self._networks[stream.network]:
            del self._networks[stream.network]

    def _all(self) -> list[_Stream]:
        return [stream for streams in self._by_name.values() for stream in streams]


def _network(environment: "Environment") -> str:
    request = HttpRequest()
    request.META = environment
    return network_of(request).name
