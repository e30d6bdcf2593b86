"""The script of the calendar in a browser: a month of 500 appointments drawn, at full speed and on a processor four times slower.

A part of `make bench`. What the page asks for is answered here, so that only the drawing is measured.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, Route

    from bench.home import Home
    from bench.report import Report

APPOINTMENTS = 500
MONTHS = 9
"""So many months are turned to; the first counts nothing."""
SLOWED = 4
GOAL, GOAL_SLOWED = 0.150, 0.300
CHROMIUM = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), "")
# In a task of the page's own: what runs inside an evaluation does not count as script everywhere.
TURN = "() => new Promise((done) => setTimeout(() => { document.querySelector('[data-go=next]').click(); done(); }))"
LOOP = """() => new Promise((done) => setTimeout(() => {
    const [began, sum] = [performance.now(), [0]];
    for (let at = 0; at < 3e7; at += 1) sum[0] = (sum[0] * 31 + at) % 1000003;
    done((performance.now() - began) / 1000);
}))"""
READY = "[data-calendar][data-state=ready]"


def measure(home: Home, report: Report) -> None:
    """Serve the demo, turn its calendar from month to month, and take what the browser says of its scripts."""
    from bench.home import product, settings_for

    url = home.create("calendar")
    environment = os.environ | settings_for(url, home) | {"RAINCHECK_DEMO": "1"}
    for command in (
        ["manage.py", "collectstatic", "--noinput", "-v0"],
        ["-m", "raincheck.cli", "migrate"],
        ["-m", "raincheck.cli", "demo"],
    ):
        subprocess.run([sys.executable, "-W", "ignore", *command], env=environment, check=True)
    with product(home, "calendar", RAINCHECK_DEMO="1") as served:
        found = figures(f"http://{served.host}:{served.port}")
    rows: list[Sequence[str]] = [("processor", "script", "ratio to a fixed loop", "all of the page's work")]
    for rate, goal in ((1, GOAL), (SLOWED, GOAL_SLOWED)):
        script, loop, work = found[rate]
        speed = "as it is" if rate == 1 else f"{rate} times slower"
        rows.append((speed, f"{script * 1000:.0f} ms", f"{script / loop:.2f}", f"{work * 1000:.0f} ms"))
        report.goal(
            f"{APPOINTMENTS} appointments of a month drawn, processor {speed}: script",
            f"≤ {goal * 1000:.0f} ms",
            f"{script * 1000:.0f} ms, {script / loop:.2f} of a loop",
            kept=script <= goal,
        )
    report.section(
        "Drawing the calendar",
        f"A month with {APPOINTMENTS} appointments is turned to, {MONTHS - 1} times; medians of what Chromium counts as script "
        "(`ScriptDuration`, forced layout included) and as work of the page (`TaskDuration`). The loop counts to thirty million in the same page.",
        rows,
    )


def figures(base: str) -> dict[int, tuple[float, float, float]]:
    """Return by how much the processor was slowed: seconds of script, of the loop, and of all the page's work."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{base}/sign-in/")
        page.get_by_role("button", name="Continue as Dr. Jo Okafor").click()
        page.route("**/appointments/calendar.json*", _answer)
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")
        found = {rate: _at(page, tools, base, rate) for rate in (1, SLOWED)}
        browser.close()
    return found


def _at(page: Page, tools: CDPSession, base: str, rate: int) -> tuple[float, float, float]:
    tools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    page.goto(f"{base}/appointments/?view=calendar&span=month")
    page.wait_for_selector(READY)
    drawn, loops = [], []
    for _month in range(MONTHS):
        before = _counted(tools)
        page.evaluate(TURN)
        page.wait_for_selector(READY)
        # Two frames later all of it is drawn.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        after = _counted(tools)
        loops.append(page.evaluate(LOOP))
        drawn.append((after[0] - before[0], after[1] - before[1]))
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    script, work = zip(*drawn[1:], strict=True)
    return statistics.median(script), statistics.median(loops[1:]), statistics.median(work)


def _counted(tools: CDPSession) -> tuple[float, float]:
    found = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    return found["ScriptDuration"], found["TaskDuration"]


def _answer(route: Route) -> None:
    asked = parse_qs(urlsplit(route.request.url).query)
    first, after = (date.fromisoformat(asked[edge][0]) for edge in ("from", "to"))
    days = [first + timedelta(days=number) for number in range((after - first).days)]
    events = [_event(number, days) for number in range(APPOINTMENTS)]
    answer = {"now": f"{first}T10:00:00", "version": '"v"', "open": [], "heads": {}, "asked": []}
    route.fulfill(json=answer | {"events": events}, headers={"ETag": '"v"'})


def _event(number: int, days: list[date]) -> dict[str, Any]:
    day, hour = days[number % len(days)], 8 + number // len(days)
    ref = f"00000000-0000-4000-8000-{number:012}"
    return {
        "id": ref,
        "kind": ("appointment", "intake", "asked")[number % 3],
        "title": f"Client {number}",
        "detail": f"{hour}:00 · Follow-up",
        "label": f"Client {number}, {day}, {hour}:00, Follow-up",
        "start": f"{day}T{hour:02}:00:00",
        "end": f"{day}T{hour:02}:50:00",
        "all_day": False,
        "time": f"{hour}:00",
        "url": f"/appointments/{ref}/",
        "asks": False,
        "outcome": "",
        "place": "Telehealth",
        "video": True,
        "unread": 0,
        "phone": "",
    }
