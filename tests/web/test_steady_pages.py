"""Nothing on a page moves by itself while it loads: not when its script has run, nor when its typefaces come late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection  # noqa: TID251  # stands between a browser and the site
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.app.cast import NOW, Cast
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import manager
from tests.web.addresses import SIGNED_OUT, asked_pages, manager_pages, provider_pages
from tests.web.received_mail import link_in
from tests.web.site import Site

pytestmark = pytest.mark.browser
MOST = 0.02
"""The most that a page may shift in all, by the measure of the Layout Instability API; 0.1 counts as good."""
WIDTHS = [1440, 390]

OBSERVE = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)

PAINTED_OR_HELD = f"() => Promise.race([({PAINTED})(), new Promise((done) => setTimeout(done, 500))])"


def shift(page: Page, address: str) -> float:
    """Return how much a page shifts when its typefaces come after everything else."""
    late: list[Route] = []
    page.route("**/*.woff2", lambda route: late.append(route))
    page.goto(address, wait_until="domcontentloaded")
    if page.locator("#calendar").count():
        page.locator("#calendar[data-drawn]").wait_for()
    page.evaluate(PAINTED)
    for route in late:
        route.continue_()
    page.unroute("**/*.woff2")
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.evaluate(PAINTED)
    assert page.evaluate("() => document.fonts.check('1rem Inter Variable')"), "the typefaces came"
    return float(page.evaluate("() => window.shifted"))


def unsteady(page: Page, addresses: list[str]) -> dict[str, float]:
    """Return the pages that shift by more than MOST."""
    page.add_init_script(OBSERVE)
    shifts = {address: shift(page, address) for address in addresses}
    return {address: value for address, value in shifts.items() if value > MOST}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_practices_pages_stay_where_they_are(
    browser: Browser, site: Site, cast: Cast, width: int
) -> None:
    asked = cast.booked()
    cast.asked(asked)
    manager(cast)
    for email, paths in (
        ("okafor@harbor.example", provider_pages(cast, asked)),
        ("sasha@harbor.example", manager_pages(cast)),
    ):
        context = browser.new_context(viewport={"width": width, "height": 900})
        site.enter(context, email)
        assert unsteady(context.new_page(), [site.url + path for path in paths]) == {}
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_clients_pages_stay_where_they_are(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom, width: int
) -> None:
    request = cast.asked(cast.booked())
    site.hand_over(NOW)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(link_in(next(one for one in mailroom.got if "choose" in str(one["subject"]))))
    here = page.url
    expect(page.get_by_role("button", name="Week after")).to_be_visible()
    addresses = [*asked_pages(here, request), *(site.url + path for path in SIGNED_OUT)]
    assert unsteady(page, addresses) == {}
    cast.decline(request)
    assert unsteady(page, [here]) == {}
    context.close()


def test_the_times_are_there_when_the_script_never_comes(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom
) -> None:
    cast.asked(cast.booked())
    site.hand_over(NOW)
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(link_in(next(one for one in mailroom.got if "choose" in str(one["subject"]))))
    page.get_by_role("button", name="Week after").click()
    expect(page.get_by_role("heading", name="Tuesday, December 1")).to_be_visible()
    page.get_by_role("radio", name="Tuesday, December 1, 8:00 AM").check()
    page.get_by_role("button", name="Move my appointment", exact=True).click()
    page.get_by_role("button", name="Move my appointment to Tue, Dec 1 at 8:00 AM").click()
    expect(page.get_by_role("heading", name="You're all set, Riley")).to_be_visible()
    context.close()


@contextmanager
def in_two_pieces(site: Site, cut: bytes) -> Iterator[tuple[str, threading.Event]]:
    """Yield an address that serves the site's pages, what comes after `cut` not before the event is set."""
    rest = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with closing(HTTPConnection(site.url.removeprefix("http://"))) as line:
                line.request("GET", self.path, headers={"Cookie": self.headers.get("Cookie", "")})
                answer = line.getresponse()
                body, kind = answer.read(), answer.headers["Content-Type"]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            at = body.find(cut) if kind.startswith("text/html") else -1
            if at > 0:
                self.wfile.write(body[:at])
                self.wfile.flush()
                rest.wait(30)
            self.wfile.write(body[max(at, 0) :])

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", rest
        rest.set()
        server.shutdown()


def test_a_page_that_comes_in_two_pieces_is_painted_as_one(page: Page, site: Site, cast: Cast) -> None:
    cast.booked()
    site.enter(page.context, "okafor@harbor.example")
    page.add_init_script(OBSERVE)
    with in_two_pieces(site, b'<details class="calendar-box" data-calendar-more>') as (address, rest):
        page.goto(f"{address}/appointments/?view=calendar", wait_until="commit")
        page.wait_for_function("document.querySelector('[data-calendar-jump]')", polling=50)
        page.evaluate(PAINTED_OR_HELD)
        rest.set()
        page.locator("#calendar[data-drawn]").wait_for()
        page.evaluate(PAINTED)
        assert page.evaluate("() => window.shifted") <= 0.001
