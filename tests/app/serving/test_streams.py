"""Event streams: who may listen, what is said to whom, how much may wait for a slow reader, and how they end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from uuid import UUID

import pytest
from django.conf import settings
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, as_read, new_york, room_of, time_off
from tests.app.serving.test_gate import Exchange, Scope
from tests.app.serving.test_serve import SETTINGS, free_port, wait_until

from raincheck import clock
from raincheck.actions.calendars.sources import import_busy_time, remove_calendar
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.out_of_office import block_time, remove_block
from raincheck.actions.reschedule.answer import keep_by_video
from raincheck.actions.reschedule.hold import hold_time, let_go
from raincheck.cli import addresses
from raincheck.data.people import Provider
from raincheck.data.postgresql.announcements import changed_times
from raincheck.domain.people import SYSTEM
from raincheck.domain.spans import Span
from raincheck.web import streams
from raincheck.web.gate import environment_of
from raincheck.web.streams import ADDRESS, MOST_OF_A_NETWORK, MOST_WORDS, TOKEN_LIVES, Streams, address_for

OKAFOR, FISCHER = 7, 8


class Line(Exchange):
    """A page's line that notes each word, and can be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self.gone = False

    def send_bytes(self, data: bytes) -> Exchange:
        if self.gone:
            raise RuntimeError("Transport not initialized or closed")
        self.said.append(data)
        return self

    async def client_disconnect(self) -> None:
        await asyncio.get_running_loop().create_future()

    @property
    def status(self) -> object:
        return self.answers[0][0]


class Announced:
    """What the tables announce, one after the other as a test says it."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[int | None] = asyncio.Queue()

    async def __call__(self) -> AsyncIterator[int | None]:
        yield None
        while True:
            yield await self.queue.get()


def opened(
    one: Streams, address: str, *, client: str = "203.0.113.9:51000"
) -> tuple[Line, asyncio.Task[None]]:
    line = Line()
    task = asyncio.create_task(one.serve(line, environment_of(Scope(path=address, client=client))))
    return line, task


async def settled(*, seconds: float = 0.0) -> None:
    """Let the loop do what is to be done by now."""
    await asyncio.sleep(seconds)
    for _turn in range(10):
        await asyncio.sleep(0)


def address(provider: int = OKAFOR) -> str:
    return address_for(provider, now=clock.real_now())


def test_a_page_hears_of_its_own_provider_and_nothing_but_that_something_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.01)

    async def run() -> None:
        announced = Announced()
        one = Streams(announced.__call__)
        (his, _), (hers, _) = opened(one, address(OKAFOR)), opened(one, address(FISCHER))
        await settled()
        # Five changes at once are one word.
        for _change in range(5):
            announced.queue.put_nowait(OKAFOR)
        await settled(seconds=0.05)
        assert (his.status, his.said[1:], hers.said[1:]) == (200, [b"data: 1\n\n"], [])
        # After the line to the database broke nobody knows what was missed.
        announced.queue.put_nowait(None)
        await settled()
        assert (his.said[2:], hers.said[1:]) == ([b"data: 20\n\n"], [b"data: 20\n\n"])
        one.close()

    asyncio.run(run())


def test_only_a_token_of_ours_opens_a_stream_and_only_while_it_lives() -> None:
    async def run() -> None:
        one = Streams(Announced().__call__)
        old = address_for(OKAFOR, now=clock.real_now() - TOKEN_LIVES)
        forged = address()[:-1] + ("a" if address()[-1] != "a" else "b")
        for said, status in (
            (ADDRESS, 404),
            (f"{ADDRESS}7", 404),
            (f"{ADDRESS}{'x' * 5000}", 404),
            (forged, 404),
            (old, 204),
        ):
            line, task = opened(one, said)
            await task
            assert line.status == status
        assert one.open == 0

    asyncio.run(run())


def test_an_address_names_no_row_and_nobody() -> None:
    now = clock.real_now()
    until = int((now + TOKEN_LIVES).timestamp())
    one, other = (address_for(provider, now=now) for provider in (OKAFOR, FISCHER))
    assert re.fullmatch(rf"{ADDRESS}[0-9a-f]{{24}}\.{until}:[\w-]+", one)
    assert one.split(".")[0] != other.split(".")[0]


def test_p20_one_network_opens_so_many_streams_and_others_find_room() -> None:
    async def run() -> None:
        one = Streams(Announced().__call__)
        lines = [opened(one, address()) for _page in range(MOST_OF_A_NETWORK + 1)]
        await settled()
        assert [line.status for line, _task in lines] == [200] * MOST_OF_A_NETWORK + [429]
        other, _task = opened(one, address(), client="198.51.100.7:4000")
        await settled()
        assert other.status == 200
        one.close()
        await asyncio.gather(*(task for _line, task in lines))
        assert one.open == 0

    asyncio.run(run())


def test_p20_all_networks_together_open_so_many_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 3)

    async def run() -> None:
        one = Streams(Announced().__call__)
        lines = [opened(one, address(), client=f"198.51.100.{number}:1") for number in range(4)]
        await settled()
        assert [line.status for line, _task in lines] == [200, 200, 200, 503]
        one.close()

    asyncio.run(run())


def test_p20_a_reader_who_has_gone_or_reads_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.001)

    async def run() -> None:
        one = Streams(Announced().__call__)
        (gone, left), (slow, ended) = opened(one, address()), opened(one, address())
        await settled()
        gone.gone = True
        await asyncio.wait_for(asyncio.gather(left, ended), 30)
        # What waits for who reads nothing has an end.
        assert (len(slow.said), sum(map(len, slow.said)) < 15_000) == (MOST_WORDS, True)
        assert one.open == 0
        one.close()

    asyncio.run(run())


def test_a_stream_ends_with_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.01)

    async def run() -> None:
        one = Streams(Announced().__call__)
        nearly = clock.real_now() - TOKEN_LIVES + timedelta(seconds=1.5)
        line, task = opened(one, address_for(OKAFOR, now=nearly))
        await asyncio.wait_for(task, 5)
        assert line.said[-1] == b":\n\n"
        one.close()

    asyncio.run(run())


def test_when_the_process_ends_streams_end_and_none_begins() -> None:
    async def run() -> None:
        one = Streams(Announced().__call__)
        _line, task = opened(one, address())
        await settled()
        one.close()
        await asyncio.wait_for(task, 1)
        late, _task = opened(one, address())
        await settled()
        assert late.status == 503

    asyncio.run(run())


# What the tables announce.


class Listener:
    """Hears on a line of its own what is announced, until it is left."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[int | None] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._listen(),), daemon=True)
        self._thread.start()
        assert self.heard.get(timeout=10) is None

    async def _listen(self) -> None:
        async for one in changed_times():
            self.heard.put(one)

    def next(self) -> int | None:
        return self.heard.get(timeout=10)


def done(verb: Callable[[], Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)


def changes_of(cast: Cast) -> dict[str, Callable[[], object]]:
    """Return by the trigger that announces it what changes open times; all that each needs is there already."""
    okafor = cast.okafor.pk
    request = cast.asked(cast.booked())
    held = UUID(done(partial(hold_time, request.ref, start=FRIDAY_AT_NINE, now=NOW))["hold"])
    block = time_off(cast.okafor, new_york(25, 9), new_york(25, 10))
    wednesday = Span(new_york(26, 9), new_york(26, 10))
    calendar = UUID(
        done(partial(import_busy_time, okafor, name="Old", reading=as_read(wednesday), now=NOW))["calendar"]
    )
    return {
        "claimed_time_is_announced": lambda: cast.booked(new_york(30, 9), client=cast.maya),
        "freed_time_is_announced": lambda: done(partial(let_go, request.ref, hold=held, now=NOW)),
        "time_off_is_announced": lambda: done(partial(block_time, okafor, span=wednesday, now=NOW)),
        "changed_time_off_is_announced": lambda: done(
            partial(remove_block, block.ref, practice_id=cast.practice.pk, now=NOW)
        ),
        "busy_time_is_announced": lambda: done(
            partial(import_busy_time, okafor, name="New", reading=as_read(wednesday), now=NOW)
        ),
        "busy_time_that_ended_is_announced": lambda: done(
            partial(remove_calendar, calendar, provider_id=okafor, now=NOW)
        ),
        "changed_hours_are_announced": lambda: Provider.objects.filter(pk=okafor).update(
            availability={"weekly": [], "overrides": []}
        ),
    }


@pytest.mark.parametrize(
    "trigger",
    [
        "claimed_time_is_announced",
        "freed_time_is_announced",
        "time_off_is_announced",
        "changed_time_off_is_announced",
        "busy_time_is_announced",
        "busy_time_that_ended_is_announced",
        "changed_hours_are_announced",
    ],
)
def test_whatever_changes_open_times_is_announced_by_the_providers_number(cast: Cast, trigger: str) -> None:
    change = changes_of(cast)[trigger]
    listener = Listener()
    change()
    assert listener.next() == cast.okafor.pk


@pytest.mark.parametrize("change", ["taken", "freed", "given back"])
def test_what_changes_in_a_room_is_announced_to_the_practices_other_providers(
    cast: Cast, change: str
) -> None:
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    request = cast.asked(cast.booked(place=room), by_video=True)
    keep = partial(keep_by_video, request.ref, by=cast.by_riley, now=NOW)
    changes: dict[str, Callable[[], object]] = {
        "taken": lambda: cast.booked(FRIDAY_AT_NINE, client=cast.maya, place=room),
        "freed": lambda: cast.decline(request),
        "given back": lambda: run_command(keep, key=None, body={}, by=cast.by_riley, now=NOW),
    }
    listener = Listener()
    changes[change]()
    assert {listener.next(), listener.next()} == {cast.okafor.pk, cast.fischer.pk}


def test_what_changes_no_open_time_is_announced_to_nobody(cast: Cast) -> None:
    listener = Listener()
    Provider.objects.filter(pk=cast.okafor.pk).update(short_name="Dr. O.")
    cast.booked(provider=cast.fischer)
    # The first thing heard is the second thing done.
    assert listener.next() == cast.fischer.pk


# A real web server, whose database is away: streams need none to be open.


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    own = {
        "RAINCHECK_HOME": str(tmp_path),
        "PORT": str(port),
        "DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/nowhere",
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-W", "ignore", "-m", "raincheck.cli.web", "127.0.0.1", str(port)]
    process = subprocess.Popen(command, env=kept | own, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: bool(addresses.status("127.0.0.1", port, base_url=f"http://127.0.0.1:{port}")))
        yield port, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def listening(port: int, *, network: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    said = f"GET {address()} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: {network}\r\n\r\n"
    line.sendall(said.encode())
    assert line.recv(15) == b"HTTP/1.1 200 OK"
    return line


def test_streams_keep_no_thread_and_no_page_and_end_with_the_server(
    served: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, process = served
    with ExitStack() as lines:
        open_ones = [
            lines.enter_context(listening(port, network=f"203.0.113.{number}")) for number in range(100)
        ]
        # Many more than there are threads, and a page is answered all the same.
        assert addresses.status("127.0.0.1", port, base_url=f"http://127.0.0.1:{port}")
        began = time.monotonic()
        process.terminate()
        process.wait(10)
        assert (process.returncode, time.monotonic() - began < 5) == (0, True)
        for line in open_ones:
            assert b"".join(iter(lambda line=line: line.recv(4096), b"")).endswith(b"0\r\n\r\n")  # type: ignore[misc]


def test_p20_a_reader_who_goes_makes_room_at_once(served: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, _process = served
    for _round in range(4):
        with ExitStack() as lines:
            for _page in range(50):
                lines.enter_context(listening(port, network="203.0.113.7"))
