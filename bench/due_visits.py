"""People on the pages while something big goes on: a client who looks, a provider who looks, clients who choose."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from bench.home import Served
from bench.pages import Browser, first
from bench.practice import Measured

PAUSE = 1.0
"""Seconds between two questions of one visitor, so that the questions are no load by themselves."""
PAGE, CALENDAR, PICK = "a client's page of open times", "a provider's calendar", "choosing a new time"


@dataclass(slots=True)
class Visits:
    """How long answers took, in seconds, by page and by the phase they were asked in; None while nobody counts."""

    phase: str | None = None
    took: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, page: str, phase: str | None, seconds: float) -> None:
        if phase is not None:
            self.took[page, phase].append(seconds)

    def median(self, page: str, phase: str) -> float:
        return statistics.median(self.took[page, phase])

    def longest(self, page: str, phase: str) -> float:
        return max(self.took[page, phase])


@contextmanager
def visiting(served: Served, measured: Measured, tokens: Sequence[str]) -> Iterator[Visits]:
    """Let three visitors ask one page each, over and over, until this is left. The first of the `tokens` only looks."""
    visits, over, url = Visits(), threading.Event(), f"http://{served.host}:{served.port}"
    failed: list[BaseException] = []

    def ask_on(page: str, questions: Iterator[Callable[[], float]]) -> None:
        try:
            for question in questions:
                phase = visits.phase  # an answer counts where its question was asked
                visits.note(page, phase, question())
                if over.wait(PAUSE):
                    return
        except BaseException as error:  # noqa: BLE001  # handed on to who waits for the visitors
            failed.append(error)

    asking = (
        (PAGE, _looks(_by_link(url, tokens[0]))),
        (CALENDAR, _looks(_signed_in(url, measured))),
        (PICK, _picks(url, tokens[1:])),
    )
    threads = [threading.Thread(target=ask_on, args=one, daemon=True) for one in asking]
    for thread in threads:
        thread.start()
    try:
        yield visits
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failed:
        raise SystemExit(f"A visitor gave up: {failed[0]}")


def _by_link(url: str, token: str) -> tuple[Browser, str]:
    visitor = Browser(url)
    _status, _page, address = visitor.get(f"/r/{token}/")
    return visitor, address


def _signed_in(url: str, measured: Measured) -> tuple[Browser, str]:
    visitor = Browser(url)
    name, _equals, value = measured.cookie.partition("=")
    visitor.cookies[name] = value
    return visitor, f"/appointments/calendar.json?from={measured.first}&to={measured.after}"


def _looks(visitor: tuple[Browser, str]) -> Iterator[Callable[[], float]]:
    browser, address = visitor
    while True:
        yield partial(_timed, partial(browser.get, address), 200)


def _picks(url: str, tokens: Sequence[str]) -> Iterator[Callable[[], float]]:
    """Each client comes by their link, looks at the page, and takes its first time; the taking is what counts."""
    for token in tokens:
        browser, address = _by_link(url, token)
        page = browser.get(address)[1]
        form = first(r'(?s)<form class="stack" id="choose".*?</form>', page, whole=True)
        start = first(r'name="start" id="[^"]*" value="([^"]*)"', form)
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|key)" value="([^"]*)"', form))
        action = first(r'action="([^"]*)"', form)
        chosen = fields | {"start": start, "confirmed": start}
        yield partial(_timed, partial(browser.post, action, chosen), 302)


def _timed(ask: Callable[[], tuple[int, str, str]], expected: int) -> float:
    began = time.perf_counter()
    status, page, to = ask()
    took = time.perf_counter() - began
    if status != expected:
        raise SystemExit(f"an answer with status {status}, {to}: {page[:300]}")
    return took
