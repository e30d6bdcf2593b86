"""No page breaks its own policies, Trusted Types among them, while it is shown and used."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import NOW, Cast
from tests.web.addresses import provider_pages
from tests.web.site import Site

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command

pytestmark = pytest.mark.browser
WATCH = "document.addEventListener('securitypolicyviolation', ({violatedDirective, sample}) => console.error(`KEPT ${violatedDirective} ${sample}`));"
MAKE_A_SCRIPT = """() => {
  try { document.createElement("script").text = "1"; return "made"; } catch (error) { return error.name; }
}"""


@pytest.fixture
def kept(page: Page) -> list[str]:
    """What the browser kept from happening on the pages that are opened from here on."""
    found: list[str] = []
    page.add_init_script(WATCH)
    page.on(
        "console",
        lambda line: (
            found.append(line.text) if re.search(r"KEPT|Content Security|Trusted", line.text) else None
        ),
    )
    return found


def test_no_page_of_the_practice_breaks_its_policies(
    page: Page, site: Site, cast: Cast, kept: list[str]
) -> None:
    asked = cast.booked()
    cast.asked(asked)
    run_command(
        lambda: write_message(cast.okafor.pk, cast.riley.pk, words="Hello.", by=cast.by_riley, now=NOW),
        key=None, body={}, by=cast.by_riley, now=NOW,
    )  # fmt: skip
    site.enter(page.context, "okafor@harbor.example")
    for address in provider_pages(cast, asked):
        page.goto(site.url + address, wait_until="networkidle")
    assert kept == []


def test_what_is_loaded_into_a_page_is_html_and_text_never_becomes_a_script(
    page: Page, site: Site, cast: Cast, kept: list[str]
) -> None:
    cast.booked()
    site.enter(page.context, "okafor@harbor.example")
    page.goto(site.url + "/appointments/?view=list")
    page.get_by_role("link", name=re.compile("Riley Brooks")).first.click()
    expect(page.get_by_role("region", name="Appointment details")).to_be_visible()
    assert kept == []
    assert page.evaluate(MAKE_A_SCRIPT) == "TypeError"
