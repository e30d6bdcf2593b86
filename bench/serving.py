"""The whole of `raincheck serve`: its memory once it was used, and its answers beside those who send slowly or say nothing."""

from __future__ import annotations

import re
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.home import ROOT, family, free_port, running
from bench.load import percentile
from bench.pages import PROVIDER, Browser, enter, provider_pages
from bench.report import Report, milliseconds

LOOKS = 5
"""At each page, before memory is counted."""
SLOW, SILENT = 64, 1_000
PROBES, ROUNDS = 40, 3
STARTS_WITHIN = 120.0
LEAST_MEMORY, MOST_TIMES = 300, 2.0

PARTS = (
    ("web server", "raincheck.cli.web"),
    ("worker", "raincheck.cli worker"),
    ("database", "postgres"),
    ("what looks after them", "raincheck.cli serve"),
)

HOW = """\
`raincheck serve` with the demo's practice and the embedded database; a provider looked at every page {looks} times. Memory is PSS, the sum over all processes of
what is each one's own and its share of what is shared (`/proc/*/smaps_rollup`)."""

HOW_SLOW = """\
One visitor at a time asks for `/health/live` on a line of its own, {probes} times in each of {rounds} rounds: with nobody else there, beside {slow} forms that
come byte by byte, and beside {silent} lines that were opened and say nothing."""


def measure(report: Report) -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="raincheck-bench-serve-")))
        home.chmod(0o755)  # the database runs as another user where this runs as root
        port = free_port()
        settings = {
            "RAINCHECK_HOME": str(home / "home"),
            "RAINCHECK_DEMO": "1",
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT / "src"),
        }
        process = stack.enter_context(running([sys.executable, "-m", "raincheck.cli", "serve"], settings))
        _wait_for(port)
        browser = Browser(f"http://127.0.0.1:{port}")
        enter(browser, PROVIDER)
        for path in provider_pages(browser):
            for _look in range(LOOKS):
                browser.get(path)
        _note_memory(report, _memory(process.pid))
        _note_probes(report, _probes(port))


def _memory(pid: int) -> dict[str, float]:
    """Return the MB of each part of what descends from a process."""
    found = dict.fromkeys((name for name, _words in PARTS), 0.0)
    for one in family(pid):
        line = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        said = Path(f"/proc/{one}/smaps_rollup").read_text()
        share = re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)
        part = next((name for name, words in PARTS if words in line), None)
        if share and part:
            found[part] += int(share[1]) / 1024
    return found


def _note_memory(report: Report, parts: dict[str, float]) -> None:
    total = sum(parts.values())
    rows: list[Sequence[str]] = [
        ("part", "memory"),
        *((part, f"{used:.0f} MB") for part, used in parts.items()),
    ]
    report.section("Memory of all of it", HOW.format(looks=LOOKS), [*rows, ("all of it", f"{total:.0f} MB")])
    report.goal(
        "memory of all of it, used and then idle",
        f"≤ {LEAST_MEMORY} MB",
        f"{total:.0f} MB",
        kept=total <= LEAST_MEMORY,
    )


def _probes(port: int) -> dict[str, list[float]]:
    """Return the seconds of each answer, by who else was there; all take turns."""
    found: dict[str, list[float]] = {}
    for _round in range(ROUNDS):
        for who, number, sent in (
            ("nobody", 0, b""),
            (f"{SLOW} slow forms", SLOW, _form(port)),
            (f"{SILENT:,} silent lines", SILENT, b""),
        ):
            with _others(port, number, sent) as lines:
                for _probe in range(PROBES):
                    for line in lines if sent else []:
                        line.sendall(b"x")
                    found.setdefault(who, []).append(_probe_one(port))
    return found


@contextmanager
def _others(port: int, number: int, sent: bytes) -> Iterator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number + 256:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number + 256, hard))
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _one in range(number)]
        for line in lines:
            line.sendall(sent)
        yield lines


def _form(port: int) -> bytes:
    fields = [
        "POST /sign-in/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: raincheck_csrf={'a' * 32}",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 1000",
    ]
    return "\r\n".join([*fields, "", ""]).encode()


def _probe_one(port: int) -> float:
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(
            f"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        if not line.recv(16).startswith(b"HTTP/1.1 200"):
            raise SystemExit("A probe was not answered with 200.")
    return time.perf_counter() - began


def _note_probes(report: Report, found: dict[str, list[float]]) -> None:
    quiet, *others = found
    medians = {who: statistics.median(took) for who, took in found.items()}
    rows: list[Sequence[str]] = [("beside", "p50", "p95", "as a multiple of alone")]
    for who, took in found.items():
        rows.append(
            (
                who,
                milliseconds(medians[who]),
                milliseconds(percentile(took, 0.95)),
                f"{medians[who] / medians[quiet]:.2f} ×",
            )
        )
    how = HOW_SLOW.format(probes=PROBES, rounds=ROUNDS, slow=SLOW, silent=f"{SILENT:,}")
    report.section("Beside slow and silent visitors", how, rows)
    for who in others:
        times = medians[who] / medians[quiet]
        report.goal(
            f"an answer beside {who}, as a multiple of alone",
            f"≤ {MOST_TIMES:g} ×",
            f"{times:.2f} ×",
            kept=times <= MOST_TIMES,
        )


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            _probe_one(port)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The demo did not start in two minutes.")
