"""`python -m tests.verify.soak`: many people work while everything breaks; in the end nothing may be lost, doubled or untold."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from types import FrameType

from tests.verify.soak import found, practice
from tests.verify.soak.browser import PATIENCE
from tests.verify.soak.chaos import Chaos
from tests.verify.soak.checker import Soak, unknown, violations
from tests.verify.soak.found import Request
from tests.verify.soak.history import History, real_time
from tests.verify.soak.installation import DidNotStart, Installation, prepare
from tests.verify.soak.managing import Manager
from tests.verify.soak.people import Clients, Somebody, Staff, World
from tests.verify.soak.smtp_server import Letterbox, letterbox

CLIENT_THREADS = 8
SHOWN = 40
"""So many violations are printed."""
LONGEST = 5.0
"""A machine too slow for the least number of operations gets so many times the time."""
TO_ANSWER = 60.0
"""Seconds after the last fault in which everything must be answered."""


def main() -> int:
    arguments = _arguments()
    for ending in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # even where a shell has said to ignore them
        signal.signal(ending, _interrupted)
    print(f"seed={arguments.seed}", flush=True)
    with letterbox() as box:
        installation = prepare(email_url=box.url)
        try:
            return _soak(installation, box, arguments)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        finally:
            installation.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.verify.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long people work")
    parser.add_argument(
        "--calm", type=float, default=10.0, help="how many of these seconds, at the end, nothing breaks"
    )
    parser.add_argument(
        "--least", type=int, default=0, help="go on, on a slow machine, until there are so many operations"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _soak(installation: Installation, box: Letterbox, asked: argparse.Namespace) -> int:
    began = time.monotonic()
    people = practice.read(
        installation.run("tests.verify.soak.practice", str(asked.seed), str(asked.seconds))
    )
    for person in people.everybody:
        box.give(person.email, person.links)
    installation.start()
    print(
        f"started after {time.monotonic() - began:.0f} s, {people.deadlines} requests near their deadline",
        flush=True,
    )
    world = World(asked.seed, installation.ports, History(), box)
    seals = found.Seals(installation.secret_key())
    before, started = found.look(installation.database_url(), seals), real_time()
    _work(_crowd(people, world), world, installation, asked)
    after = found.settled(installation.database_url(), seals)
    history = world.history
    _verify_read_log(installation, history)
    # On a slow machine mail still goes out while the log is read; of an attempt that began later the database says nothing yet.
    arrivals = [arrival for arrival in box.arrivals if arrival.began <= after.at]
    soak = Soak(started, history.operations, arrivals, history.troubles, before, after, history.complaints)
    return _report(soak, history, took=time.monotonic() - began)


def _verify_read_log(installation: Installation, history: History) -> None:
    try:
        print(installation.run("raincheck.cli", "audit", "verify").strip(), flush=True)
    except DidNotStart as fault:
        history.complain(f"the read log does not hold together: {fault}")


def _work(crowd: list[Somebody], world: World, installation: Installation, asked: argparse.Namespace) -> None:
    """Let people work while things break; then nothing breaks; then nobody begins anything new."""
    for somebody in crowd:
        somebody.come_in()
    mended = threading.Event()
    chaos = Chaos(installation, world.letterbox, seed=asked.seed, history=world.history, over=mended)
    try:
        for thread in (*crowd, chaos):
            thread.start()
        _until_enough(world.history, asked)
        mended.set()
        chaos.join()
        last_fault = time.monotonic()
        found.let_pauses_pass(installation.database_url())
        time.sleep(asked.calm)
        world.at_rest.set()
        _wait_for(crowd, until=last_fault + TO_ANSWER)
    finally:
        for ending in (mended, world.at_rest, world.over):
            ending.set()
        _wait_for([*crowd, chaos], until=time.monotonic() + PATIENCE * 2)
    for operation in world.history.under_way():
        world.history.end(operation)


def _until_enough(history: History, asked: argparse.Namespace) -> None:
    began = time.monotonic()
    time.sleep(max(1.0, asked.seconds - asked.calm))
    while len(history.operations) < asked.least and time.monotonic() < began + LONGEST * asked.seconds:
        time.sleep(0.5)


def _crowd(people: practice.People, world: World) -> list[Somebody]:
    clients = [client for client in people.who_are("client") if not client.silent]
    return [
        *(Staff(one, world) for one in people.who_are("provider")),
        *(Manager(one, world) for one in people.who_are("manager")),
        *(
            Clients(clients[number::CLIENT_THREADS], world, has_portal=number % 2 == 0)
            for number in range(CLIENT_THREADS)
        ),
    ]


def _wait_for(threads: Sequence[threading.Thread], *, until: float) -> None:
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _report(soak: Soak, history: History, *, took: float) -> int:
    wrong, open_ends = violations(soak), unknown(soak.operations)
    print("\n".join(history.table()))
    lapsed = sum(request.state == "lapsed" for request in soak.after.requests.values())
    mails = len(soak.arrivals)
    became = Counter(
        _became(soak.after.requests[ref], request) for ref, request in soak.before.requests.items()
    )
    print(
        "\nof the requests near their deadline: "
        + ", ".join(f"{times} {what}" for what, times in became.most_common())
    )
    print(f"lapsed by silence {lapsed}, mails {mails}, load {os.getloadavg()[0]:.1f}, took {took:.0f} s")
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
    # Without any mail nothing was tried of what is promised about them.
    return 1 if wrong or open_ends or not mails else 0


def _became(now: Request, before: Request) -> str:
    """Return what became of a request, in a word or two."""
    if now.state != "open":
        return now.state
    if now.needs_provider is not None:
        return f"open, {now.needs_provider}"
    return "open, with more time" if now.deadline_at > before.deadline_at else "open"


if __name__ == "__main__":
    sys.exit(main())
