"""`python -m tests.soak`: many people work while everything breaks; in the end nothing may be lost, doubled or untold."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from types import FrameType

from tests.soak import found, practice
from tests.soak.chaos import Chaos
from tests.soak.checker import Soak, unknown, violations
from tests.soak.history import History, real_time
from tests.soak.installation import Installation, prepare
from tests.soak.letterbox import Letterbox, letterbox
from tests.soak.people import Clients, Somebody, Staff

CLIENT_THREADS = 8
SHOWN = 40
"""So many violations are printed."""
TO_ANSWER = 60.0
"""Seconds after the last fault in which everything must be answered."""


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupted)
    print(f"seed={arguments.seed}", flush=True)
    with letterbox() as box:
        installation = prepare(email_url=box.url)
        try:
            return _soak(
                installation, box, seconds=arguments.seconds, seed=arguments.seed, calm=arguments.calm
            )
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        finally:
            installation.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long people work")
    parser.add_argument(
        "--calm", type=float, default=10.0, help="how many of these seconds, at the end, nothing breaks"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _soak(installation: Installation, box: Letterbox, *, seconds: float, seed: int, calm: float) -> int:
    began = time.monotonic()
    people = practice.read(installation.run("tests.soak.practice", str(seed), str(seconds)))
    for person in people.everybody:
        box.give(person.email, person.links)
    installation.start()
    print(
        f"started after {time.monotonic() - began:.0f} s: {len(people.everybody)} people, {people.deadlines} deadlines",
        flush=True,
    )
    history, over, at_rest = History(), threading.Event(), threading.Event()
    before = found.look(installation.database_url())
    started = real_time()
    crowd = _crowd(people, installation, box, seed=seed, history=history, over=over, calm=at_rest)
    for somebody in crowd:
        somebody.come_in()
    quiet = threading.Event()
    chaos = Chaos(installation, box, seed=seed, history=history, over=quiet)
    for thread in (*crowd, chaos):
        thread.start()
    time.sleep(max(1.0, seconds - calm))
    quiet.set()
    chaos.join()
    mended = time.monotonic()
    time.sleep(calm)
    at_rest.set()
    _wait_for(crowd, until=mended + TO_ANSWER)
    over.set()
    _wait_for(crowd, until=time.monotonic() + 20)
    for operation in history.under_way():
        history.end(operation)
    after = found.settled(installation.database_url())
    soak = Soak(
        started, history.operations, list(box.arrivals), history.troubles, before, after, history.complaints
    )
    return _report(soak, history, took=time.monotonic() - began)


def _crowd(
    people: practice.People,
    installation: Installation,
    box: Letterbox,
    *,
    seed: int,
    history: History,
    over: threading.Event,
    calm: threading.Event,
) -> list[Somebody]:
    ports = installation.ports
    at_work = [*people.who_are("provider"), *people.who_are("manager")]
    staff = [Staff(one, seed=seed, ports=ports, history=history, over=over, calm=calm) for one in at_work]
    clients = people.who_are("client")
    return [
        *staff,
        *(
            Clients(
                clients[number::CLIENT_THREADS],
                seed=seed,
                ports=ports,
                history=history,
                over=over,
                calm=calm,
                letterbox=box,
                has_portal=number % 2 == 0,
            )
            for number in range(CLIENT_THREADS)
        ),
    ]


def _wait_for(crowd: list[Somebody], *, until: float) -> None:
    for somebody in crowd:
        somebody.join(max(0.0, until - time.monotonic()))


def _report(soak: Soak, history: History, *, took: float) -> int:
    wrong, open_ends = violations(soak), unknown(soak.operations)
    print("\n".join(history.table()))
    lapsed = sum(
        request.state == "lapsed" and soak.before.requests.get(ref) != request
        for ref, request in soak.after.requests.items()
    )
    mails = len(soak.arrivals)
    print(f"\nlapsed by silence {lapsed}, mails {mails}, load {os.getloadavg()[0]:.1f}, took {took:.0f} s")
    for sentence in wrong[:SHOWN]:
        print(f"violation: {sentence}")
    for operation in open_ends[:SHOWN]:
        print(
            f"unknown: {operation.kind} of {operation.who} {operation.trace}, sent {operation.lost + len(operation.replies)} times"
        )
    print(
        f"ops={len(soak.operations)} faults={len(soak.troubles)} unknown={len(open_ends)} violations={len(wrong)}",
        flush=True,
    )
    return 1 if wrong or open_ends else 0


if __name__ == "__main__":
    sys.exit(main())
