"""A thousand open pages that hear of changed times: what they cost while nothing happens, how soon all hear, and who reads nothing."""

from __future__ import annotations

import re
import resource
import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.home import family, product, seconds_used
from bench.load import percentile
from bench.report import Report, milliseconds

if TYPE_CHECKING:
    from bench.home import Home
    from bench.practice import Measured

PAGES, SILENT_READERS = 1_000, 50
QUIET_SECONDS = 100
"""Two signs of life on each stream are among them."""
WORDS, PROBES = 5, 40
MOST_OF_A_CORE, MOST_SECONDS, MOST_TIMES = 1.0, 2.0, 1.5

HOW = """\
{pages:,} pages of one provider's times, each with its stream, from as many networks, and {silent} more that never read a byte. Processor time is that of the web
server's two processes and the database over {seconds} s in which nothing happens but signs of life, less what the same processes take without any stream. Then the provider's times change {words}
times, two seconds apart. One visitor at a time asks for `/health/live`, {probes} times with the streams open and as often without."""


def measure(home: Home, measured: Measured, report: Report) -> None:
    with product(home, "raincheck") as served:
        alone, quiet = _share(served.pids), _probes(served.port)
        before = _memory(served.pids)
        with _streams(served.port, measured.provider_id, PAGES + SILENT_READERS) as lines:
            heard, readers = _Ears(lines[:PAGES]), lines[PAGES:]
            memory = (_memory(served.pids) - before) / len(lines)
            open_ones = _share(served.pids)
            took = [heard.seconds_until_all(lambda: _change(measured.provider_id)) for _word in range(WORDS)]
            beside = _probes(served.port)
            assert len(readers) == SILENT_READERS
    share = open_ones - alone
    times = statistics.median(beside) / statistics.median(quiet)
    how = HOW.format(pages=PAGES, silent=SILENT_READERS, seconds=QUIET_SECONDS, words=WORDS, probes=PROBES)
    report.section(
        "Event streams",
        how,
        [
            ("what", "figure"),
            ("share of a core while nothing happens", f"{share:.2f} % ({alone:.2f} % without streams)"),
            ("memory of each stream", f"{memory:.1f} kB"),
            (
                "from the commit until all pages heard",
                f"{statistics.median(took):.2f} s, at most {max(took):.2f} s",
            ),
            (
                "an answer beside them",
                f"p50 {milliseconds(statistics.median(beside))}, p95 {milliseconds(percentile(beside, 0.95))}",
            ),
            (
                "an answer without them",
                f"p50 {milliseconds(statistics.median(quiet))}, p95 {milliseconds(percentile(quiet, 0.95))}",
            ),
        ],
    )
    report.goal(
        f"{PAGES:,} streams while nothing happens",
        f"≤ {MOST_OF_A_CORE:g} % of a core",
        f"{share:.2f} %",
        kept=share <= MOST_OF_A_CORE,
    )
    report.goal(
        "all pages have heard of a change",
        f"≤ {MOST_SECONDS:g} s",
        f"{max(took):.2f} s",
        kept=max(took) <= MOST_SECONDS,
    )
    report.goal(
        "an answer beside the streams, as a multiple of alone",
        f"≤ {MOST_TIMES:g} ×",
        f"{times:.2f} ×",
        kept=times <= MOST_TIMES,
    )


def _share(pids: tuple[int, ...]) -> float:
    """Return the processor time of some processes while nothing happens, in percent of a core."""
    before, began = seconds_used(pids), time.monotonic()
    time.sleep(QUIET_SECONDS)
    return 100 * (seconds_used(pids) - before) / (time.monotonic() - began)


def _memory(pids: tuple[int, ...]) -> float:
    """Return the kB that are some processes' own."""
    found = 0.0
    for pid in {one for root in pids for one in family(root)}:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found += sum(
            float(kb) for kb in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", said, re.MULTILINE)
        )
    return found


@contextmanager
def _streams(port: int, provider: int, number: int) -> Iterator[list[socket.socket]]:
    from raincheck import clock
    from raincheck.web.streams import address_for

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number + 256), hard))
    lines = []
    try:
        for page in range(number):
            line = socket.create_connection(("127.0.0.1", port), timeout=30)
            lines.append(line)
            address = address_for(provider, now=clock.real_now())
            network = f"198.{18 + page // 65_536}.{page // 256 % 256}.{page % 256}"
            line.sendall(
                f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: {network}\r\n\r\n".encode()
            )
            if b" 200 " not in line.recv(64):
                raise SystemExit("A stream was not opened.")
        yield lines
    finally:
        for line in lines:
            line.close()


class _Ears:
    """Pages that listen: how long it takes until each has heard a word."""

    def __init__(self, lines: list[socket.socket]) -> None:
        self._lines = lines
        for line in lines:
            line.setblocking(False)

    def seconds_until_all(self, change: object) -> float:
        self._read_what_is_there()
        waiting = set(self._lines)
        with selectors.DefaultSelector() as chosen:
            for line in waiting:
                chosen.register(line, selectors.EVENT_READ)
            began = time.perf_counter()
            assert callable(change)
            change()
            while waiting:
                for key, _events in chosen.select(timeout=30):
                    line = key.fileobj
                    assert isinstance(line, socket.socket)
                    if b"data:" in line.recv(65_536):
                        waiting.discard(line)
            took = time.perf_counter() - began
        time.sleep(2)
        return took

    def _read_what_is_there(self) -> None:
        for line in self._lines:
            try:
                line.recv(65_536)
            except BlockingIOError:
                continue


def _change(provider: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('raincheck_times', %s)", [str(provider)])


def _probes(port: int) -> list[float]:
    found = []
    for _probe in range(PROBES):
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(
                f"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
            )
            if not line.recv(16).startswith(b"HTTP/1.1 200"):
                raise SystemExit("A probe was not answered with 200.")
        found.append(time.perf_counter() - began)
    return found
