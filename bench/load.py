"""Asks a web server with several visitors at once and says how long answers took and how many came."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.client import Line, question
from bench.home import ROOT, Served

VISITORS = 8
"""As many as the server has threads: 2 processes with 4 each."""
STARTING = 1.0
"""Seconds until every visitor is there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A question: one address, or several that are asked one after the other and count as one answer."""

    name: str
    served: Served
    paths: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)

    def answers(self) -> list[bytes]:
        """Return the bodies of one whole round. Raises SystemExit when one is not a plain 200."""
        line = Line(self.served.host, self.served.port)
        found = [line.ask(self._question(path)) for path in self.paths]
        for path, (status, body) in zip(self.paths, found, strict=True):
            if status != 200:
                raise SystemExit(f"{self.name}: {path} answered {status}: {body[:200]!r}")
        return [body for _status, body in found]

    def _question(self, path: str) -> bytes:
        return question(path, host=self.served.host, port=self.served.port, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Burst:
    """What some seconds of questions gave: seconds for each answer, answers a second, the server's seconds for each."""

    took: Sequence[float]
    rate: float
    processor: float


def burst(target: Target, *, visitors: int, seconds: float) -> Burst:
    """Let visitors ask at the same time for so many seconds."""
    begin = time.monotonic() + STARTING
    task = {
        "host": target.served.host,
        "port": target.served.port,
        "headers": target.headers,
        "paths": list(target.paths),
        "begin": begin,
        "end": begin + seconds,
    }
    used = target.served.seconds_used()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        for _visitor in range(visitors)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(json.dumps(task).encode())
        process.stdin.close()
    took: list[float] = []
    rate = 0.0
    for process in processes:
        assert process.stdout is not None
        said = process.stdout.read()
        if process.wait() != 0:
            raise SystemExit(f"{target.name}: a visitor gave up")
        took.extend(own := json.loads(said))
        # A visitor's last answer may come after the end: what counts is the time they spent, not the clock's.
        rate += len(own) / sum(own)
    used = target.served.seconds_used() - used
    return Burst(took, rate, used / len(took))


def percentile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=100)[round(share * 100) - 1] if len(values) > 1 else values[0]
