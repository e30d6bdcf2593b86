"""Whoever has the browser's letters twice as large reads every page of both sides without scrolling sideways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import handed_over
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import manager
from tests.web.addresses import SIGNED_OUT, asked_pages, provider_pages
from tests.web.conftest import CHROMIUM, arguments
from tests.web.received_mail import letter, link_in
from tests.web.site import Site
from tests.web.test_stories import PROMPT

pytestmark = pytest.mark.browser


@pytest.fixture
def large(browser: Browser) -> Iterator[Browser]:
    """A browser whose reader has set letters of 32 px, where others have 16."""
    opened = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*arguments(), "--blink-settings=defaultFontSize=32"]
    )
    yield opened
    opened.close()


def sticking_out(page: Page, addresses: list[str]) -> dict[str, int]:
    """Return by address how many pixels of a page are to the right of the window."""
    found = {}
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if out := page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        ):
            found[address] = out
    return found


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_the_practice_sticks_out(large: Browser, site: Site, cast: Cast, width: int) -> None:
    asked = cast.booked()
    cast.asked(asked)
    context = large.new_context(viewport={"width": width, "height": 900})
    site.enter(context, "okafor@harbor.example")
    addresses = [site.url + path for path in provider_pages(cast, asked)]
    assert sticking_out(context.new_page(), addresses) == {}
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_the_client_sticks_out(
    large: Browser, site: Site, cast: Cast, mailroom: Mailroom, width: int
) -> None:
    request = cast.asked(cast.booked())
    site.hand_over(NOW)
    page = large.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(link_in(letter(mailroom, to="riley@clients.example", subject=PROMPT)))
    here = page.url
    assert sticking_out(page, asked_pages(here, request)) == {}
    cast.decline(request)
    assert sticking_out(page, [here]) == {}
    page.get_by_role("link", name="Book a new time").first.click()
    assert sticking_out(page, [page.url, *(site.url + path for path in SIGNED_OUT)]) == {}
    page.context.close()


@pytest.mark.parametrize("width", [768, 1024, 1210, 1300, 1350])
def test_each_way_on_from_a_request_can_be_pressed(site: Site, cast: Cast, page: Page, width: int) -> None:
    # A settled one stands below it, in one line with long words.
    cast.pick(cast.asked(cast.booked(new_york(30, 15), client=cast.maya)))
    handed_over(cast.asked(cast.booked()))
    site.enter(page.context, "okafor@harbor.example")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/requests/")
    card = page.locator(".card:has(table)").bounding_box()
    assert card is not None
    ways = page.locator(".actions").locator("a, button")
    offered = ["Pick with Riley", "Withdraw", "Remind", "Extend", "Suggest times", "Message"]
    assert ways.all_inner_texts() == [*offered, "Message"]
    for way in ways.all():
        box = way.bounding_box()
        assert box is not None
        # In one line, and no part of it beyond the card.
        assert box["height"] < 50
        assert box["x"] + box["width"] <= card["x"] + card["width"]


@pytest.mark.parametrize("width", [768, 1440])
def test_a_long_address_pushes_no_button_out_of_the_people(
    site: Site, cast: Cast, page: Page, width: int
) -> None:
    address = "wolfeschlegelsteinhausenberger@elsewhere-counseling.example"
    said = {"name": "Ada Wolfeschlegelsteinhausenberger", "email": address, "roles": ["scheduler"]}
    assert manager(cast).post("/people/", **said).status_code == 302
    site.enter(page.context, "sasha@harbor.example")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/people/")
    assert page.evaluate("(w => w.scrollWidth - w.clientWidth)(document.querySelector('.table-wrap'))") == 0
