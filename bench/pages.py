"""The processor time of each page of the demo: web server and database server together, beside the fixed loop of the same run.

A part of `make bench`. By itself it asks a demo that runs and tells how long each page takes to answer:

    .venv/bin/python bench/pages.py http://127.0.0.1:8000

Enters by the demo's buttons, so it needs the demo. One client asks one thing after the other.
"""

from __future__ import annotations

import http.client
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from bench.home import Home, Served
    from bench.report import Report

LOOKS = 40
WARM_UP = 8
"""Looks at a page that count nothing: each of the two web processes reads the templates once, and asks its first questions."""
PROVIDER = "Continue as Dr. Jo Okafor"
GOALS = {"client's page": 25, "Home": 45, "Availability": 80}
"""Milliseconds of processor time, in all."""
NAMES = {"/home/": "Home", "/availability/": "Availability"}

Row = tuple[str, "Browser", str]
"""A page: what people call it, who looks at it, its address."""


class Browser:
    """As much of a browser as pages need: cookies and forms."""

    def __init__(self, url: str) -> None:
        self.line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.origin = url.rstrip("/")
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str, str]:
        return self._send("GET", path, None)

    def look(self, path: str) -> None:
        """Ask for a page as a browser does, compressed, and pass its words over."""
        status, _page, _to = self._send("GET", path, None, {"Accept-Encoding": "gzip"})
        assert status == 200, (path, status)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        return self._send("POST", path, urlencode(form))

    def _send(
        self, method: str, path: str, body: str | None, more: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie, **(more or {})}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        try:
            self.line.request(method, path, body, headers)
            response = self.line.getresponse()
        except http.client.RemoteDisconnected:  # the server ends lines that were silent for a while
            self.line.close()
            self.line.request(method, path, body, headers)
            response = self.line.getresponse()
        for header in response.headers.get_all("Set-Cookie") or []:
            name, _equals, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.read().decode(errors="replace"), response.headers.get("Location", "")


def enter(browser: Browser, button: str) -> None:
    """Press one of the demo's buttons on the sign-in page."""
    _status, page, _to = browser.get("/sign-in/")
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if button in " ".join(re.sub(r"<[^>]*>", " ", form).split()):
            action = re.search(r'action="([^"]*)"', form)
            fields = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form))
            status, _page, _to = browser.post(action[1] if action else "/sign-in/", fields)
            assert status == 302, status
            return
    raise SystemExit(f"There is no button “{button}”: is this the demo?")


def first(pattern: str, page: str, *, whole: bool = False) -> str:
    """Return the group of the first match, or the `whole` of it."""
    found = re.search(pattern, page)
    if found is None:
        raise SystemExit(f"The page has nothing like {pattern}.")
    return found[0 if whole else 1]


def provider_pages(browser: Browser) -> list[str]:
    listing = browser.get("/appointments/?view=list")[1]
    appointment = first(r"/appointments/([0-9a-f-]{36})/", listing + browser.get("/home/")[1])
    request = first(r"/requests/([0-9a-f-]{36})/", browser.get("/requests/")[1])
    client = first(r"/clients/([0-9a-f-]{36})/", browser.get("/clients/")[1])
    thread = first(r"/messages/([0-9a-f-]{36})/", browser.get("/messages/")[1])
    return [
        "/home/", "/appointments/?view=list", "/appointments/?view=calendar", f"/appointments/{appointment}/",
        f"/appointments/{appointment}/ask/", f"/appointments/{appointment}/change/", f"/appointments/{appointment}/cancel/",
        "/appointments/new/", "/appointments/block/", "/requests/", f"/requests/{request}/", f"/requests/{request}/pick/",
        "/clients/", f"/clients/{client}/", "/messages/", f"/messages/{thread}/", "/availability/",
    ]  # fmt: skip


def client_pages(provider: Browser, url: str) -> tuple[Browser, list[str]]:
    """Open the newest link of the demo's mailbox that leads to times to choose from."""
    mailbox = provider.get("/demo/")[1]
    for token in re.findall(r"/r/([\w-]{22})/", mailbox):
        visitor = Browser(url)
        _status, _page, to = visitor.get(f"/r/{token}/")
        if to.startswith("/choose/"):
            return visitor, [to, f"{to}write/", f"{to}zone/"]
    raise SystemExit("The mailbox has no link to times to choose from: ask somebody first.")


def measure(home: Home, report: Report) -> None:
    """Fill a database with the demo, serve it, and take the processor time of each page in turns with the loop."""
    from bench.home import product, settings_for

    # The demo fills only an empty database, and the first one holds the measured practice.
    url = home.create("pages")
    environment = os.environ | settings_for(url, home) | {"RAINCHECK_DEMO": "1"}
    for command in (
        ["manage.py", "collectstatic", "--noinput", "-v0"],
        ["-m", "raincheck.cli", "migrate"],
        ["-m", "raincheck.cli", "demo"],
    ):
        subprocess.run([sys.executable, "-W", "ignore", *command], env=environment, check=True)
    with product(home, "pages", RAINCHECK_DEMO="1") as served:
        rows = _rows(f"http://{served.host}:{served.port}")
        taken = [(name, *_processor_time(served, browser, path)) for name, browser, path in rows]
    for name, seconds, ratio in taken:
        if name in GOALS:
            now = f"{seconds * 1000:.0f} ms, {ratio:.3f} of the loop"
            report.goal(
                f"{name}, processor time", f"≤ {GOALS[name]} ms", now, kept=seconds * 1000 <= GOALS[name]
            )
    table = [(name, f"{seconds * 1000:.1f} ms", f"{ratio:.3f}") for name, seconds, ratio in taken]
    how = (
        f"The demo's practice, {LOOKS} looks at each page by one client, after {WARM_UP} that don't count. Processor time of web server "
        "and database server together, compressing included; the ratio is to the fixed loop, run before each page."
    )
    report.section("Pages", how, [("page", "processor time", "ratio to the loop"), *table])


def _rows(url: str) -> Sequence[Row]:
    provider = Browser(url)
    enter(provider, PROVIDER)
    visitor, visited = client_pages(provider, url)
    return [
        ("client's page", visitor, visited[0]),
        *(
            (NAMES.get(path, re.sub(r"[0-9a-f-]{36}", "…", path)), provider, path)
            for path in provider_pages(provider)
        ),
    ]


def _processor_time(served: Served, browser: Browser, path: str) -> tuple[float, float]:
    """Return the processor seconds of one look, and the same as a share of the fixed loop's."""
    from bench.anchor import fixed_loop, processor_seconds

    for _look in range(WARM_UP):
        browser.look(path)
    loop, began = processor_seconds(fixed_loop), served.seconds_used()
    for _look in range(LOOKS):
        browser.look(path)
    took = (served.seconds_used() - began) / LOOKS
    return took, took / loop


def median(browser: Browser, path: str) -> tuple[int, float]:
    took = []
    for _look in range(LOOKS):
        began = time.perf_counter()
        status, _page, _to = browser.get(path)
        took.append(time.perf_counter() - began)
    return status, statistics.median(took) * 1000


def main(url: str) -> None:
    provider = Browser(url)
    enter(provider, PROVIDER)
    visitor, visited = client_pages(provider, url)
    rows = [(provider, path) for path in provider_pages(provider)] + [(visitor, path) for path in visited]
    print("| page | status | median ms |\n|---|---|---|")
    for browser, path in rows:
        status, took = median(browser, path)
        print(f"| {re.sub(r'[0-9a-f-]{36}', '…', path)} | {status} | {took:.0f} |")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
