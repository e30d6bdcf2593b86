"""A sign-in that was refused is answered with its own status, for proxies that count; going back to it sends nothing again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.app.cast import Cast
from tests.web.site import Site

pytestmark = pytest.mark.browser


def test_going_back_to_a_refused_sign_in_shows_the_page(site: Site, page: Page, cast: Cast) -> None:
    page.goto(f"{site.url}/sign-in/")
    page.get_by_role("textbox", name="E-mail address").fill("okafor@harbor.example")
    page.get_by_role("textbox", name="Password").fill("not the password")
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.get_by_role("button", name="Sign in", exact=True).click()
    assert sent.value.status in (303, 401)
    expect(page.get_by_text("don't belong together").first).to_be_visible()
    page.goto(f"{site.url}/sign-in/code/")
    page.go_back()
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    assert page.url.startswith(f"{site.url}/sign-in/")
