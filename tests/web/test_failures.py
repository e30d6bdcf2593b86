"""A database that is away, in a real browser: what was typed is sent again from the page that refused it, and parts say why they stay."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast, new_york
from tests.app.notifications.test_worker_process import closed_database
from tests.web.site import Site
from tests.web.test_preview import opened

from raincheck.data.conversations import Message

pytestmark = pytest.mark.browser
AWAY = "Raincheck can't reach its records right now."


def test_what_was_typed_is_sent_again_from_the_page_that_refused_it(
    page: Page, site: Site, cast: Cast
) -> None:
    cast.booked(new_york(18, 14))
    site.enter(page.context, "okafor@harbor.example")
    page.goto(f"{site.url}/clients/{cast.riley.ref}/message/")
    page.get_by_role("textbox").fill("See you on Tuesday.")
    send = page.locator("form.composer button")
    with closed_database():
        send.click()
        expect(page.get_by_role("heading", name="We will be right back")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text(AWAY)
    again = page.get_by_role("button", name="Send it again")
    for _try in range(20):  # nobody waits for the database in the seconds after it was away
        again.click()
        page.wait_for_load_state()
        if not again.is_visible():
            break
    expect(page.get_by_role("main")).to_contain_text("See you on Tuesday.")
    assert list(Message.objects.exclude(body="").values_list("body", flat=True)) == ["See you on Tuesday."]


def test_a_part_that_cannot_be_loaded_says_why_and_stays_as_it_was(
    page: Page, site: Site, cast: Cast
) -> None:
    preview = opened(page, site, cast)
    before = preview.locator("[data-count]").inner_text()
    field = page.locator("#hours-form input[type=time]").first
    with closed_database():
        field.fill("10:00")
        expect(page.get_by_role("status").filter(has_text=AWAY)).to_be_visible()
        assert preview.locator("[data-count]").inner_text() == before
    for minute in range(10, 40):
        with page.expect_response("**/availability/preview/") as answered:
            field.fill(f"10:{minute}")
        if answered.value.status == 200:
            break
    expect(page.get_by_text(AWAY)).to_have_count(0)
