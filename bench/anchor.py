"""The fixed Python loop that processor times are put beside: how fast this machine is, right now."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

COUNT = 10_000_000


def fixed_loop() -> int:
    total = 0
    for i in range(COUNT):
        total += i
    return total


@dataclass(frozen=True, slots=True)
class Taken:
    """Processor seconds of one pass, and the same as a share of the fixed loop's; medians."""

    seconds: float
    ratio: float


def beside_the_loop(
    passes: Mapping[str, tuple[Callable[[], object], int]], *, rounds: int
) -> dict[str, Taken]:
    """Run the loop and each of the passes (a function, and how often it runs in a round) in turns.

    Every round compares its passes with its own loop, so that a machine that slows down slows both.
    """
    for run, _times in passes.values():
        run()
    gc.collect()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in passes}
    for _round in range(rounds):
        loop = processor_seconds(fixed_loop)
        for name, (run, times) in passes.items():
            took = statistics.median(processor_seconds(run) for _time in range(times))
            found[name].append((took, took / loop))
    return {
        name: Taken(*(statistics.median(values) for values in zip(*pairs, strict=True)))
        for name, pairs in found.items()
    }


def processor_seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began
