"""Passkeys in a real browser, with a device that the browser pretends to have: made, used, taken away, and never used by others."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import CDPSession, Page, expect
from tests.app.cast import Cast
from tests.web.conftest import serving
from tests.web.site import Site
from tests.web.test_accessibility import VIEWS, findings, look_at

from raincheck.data.access.passkeys import passkeys_of
from raincheck.data.people import User

pytestmark = pytest.mark.browser
OKAFOR, VANCE = "okafor@harbor.example", "vance@elsewhere.example"
WORDS = "let me in please"
REFUSED = "This passkey opens nothing here. Nothing has changed."


@pytest.fixture(scope="session")
def named_server(django_db_setup: None) -> Iterator[Site]:
    """The web server reached by a name, as passkeys want it, and no demo: the second factor is asked for."""
    with serving(name="localhost", RAINCHECK_DEMO="0") as site:
        yield site


@pytest.fixture
def home(named_server: Site, cast: Cast) -> str:
    """The address of the running pages, over a database that holds the cast."""
    # Tests hash passwords in a way that takes no time, which the pages know nothing of.
    for user in User.objects.filter(email__in=(OKAFOR, VANCE)):
        user.password = PBKDF2PasswordHasher().encode(WORDS, "salt", 1)
        user.save(update_fields=["password"])
    return named_server.url


class Device:
    """What the browser takes for a device with passkeys: it makes sure of its person, unless told otherwise."""

    def __init__(self, page: Page) -> None:
        self.line: CDPSession = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        self.id = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, *, verified: bool) -> None:
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})

    def credentials(self) -> list[dict[str, Any]]:
        found = self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def holds(self, credential: dict[str, Any]) -> None:
        self.line.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})


def type_password(page: Page, home: str, email: str = OKAFOR) -> None:
    page.goto(f"{home}/sign-in/")
    page.get_by_role("textbox", name="E-mail address").fill(email)
    page.get_by_role("textbox", name="Password").fill(WORDS)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_up(page: Page, home: str, email: str = OKAFOR, *, name: str = "Laptop") -> Device:
    """Sign in by password, and choose a passkey where a second step is set up."""
    device = Device(page)
    type_password(page, home, email)
    page.get_by_role("link", name="Set up a passkey instead").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return device


def sign_out(page: Page, home: str) -> None:
    page.goto(f"{home}/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def by_passkey(page: Page, home: str, *, to: str = "") -> None:
    page.goto(f"{home}/sign-in/{to}")
    page.get_by_role("button", name="Sign in with a passkey").click()


def test_somebody_sets_a_passkey_up_and_signs_in_by_it_alone(home: str, page: Page) -> None:
    device = set_up(page, home)
    assert len(page.locator(".codes li").all()) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page).to_have_url(f"{home}/home/")
    (made,) = device.credentials()
    okafor = User.objects.get(email=OKAFOR)
    assert (made["isResidentCredential"], made["rpId"]) == (True, "localhost")
    assert base64.b64decode(made["userHandle"]) == okafor.ref.bytes
    sign_out(page, home)
    by_passkey(page, home, to="?next=/account/")
    expect(page).to_have_url(f"{home}/account/")
    expect(page.get_by_role("region", name="Passkeys").get_by_text("Laptop").first).to_be_visible()
    ((row, _one),) = passkeys_of(okafor.pk)
    assert row.last_used_at is not None


def in_a_fresh_browser(page: Page) -> Page:
    """Return a page of a browser that nobody has used."""
    browser = page.context.browser
    assert browser
    fresh = browser.new_context(locale="en-US", timezone_id="America/New_York").new_page()
    fresh.set_default_timeout(15_000)
    return fresh


def refused(page: Page) -> None:
    expect(page.get_by_text(REFUSED).first).to_be_visible()


def test_a_device_that_does_not_make_sure_of_its_person_opens_nothing(home: str, page: Page) -> None:
    device = set_up(page, home)
    sign_out(page, home)
    device.verifies(verified=False)
    by_passkey(page, home)
    expect(page.get_by_text("No passkey was used, and nothing has changed.")).to_be_visible()
    device.verifies(verified=True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{home}/home/")


def test_a_removed_passkey_opens_nothing_though_the_device_has_it_still(home: str, page: Page) -> None:
    set_up(page, home)
    page.get_by_role("button", name="I have kept them").click()
    okafor = User.objects.get(email=OKAFOR)
    sign_out(page, home)
    Authenticator.objects.filter(user=okafor).delete()
    by_passkey(page, home)
    refused(page)


def test_an_answer_that_was_overheard_opens_nothing_a_second_time(home: str, page: Page) -> None:
    device = set_up(page, home)
    sign_out(page, home)
    page.goto(f"{home}/sign-in/")
    with page.expect_request(f"{home}/sign-in/passkey/") as sent:
        page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{home}/home/")
    said = {name: values[0] for name, values in parse_qs(sent.value.post_data).items()}
    assert len(device.credentials()) == 1
    other = in_a_fresh_browser(page)
    other.goto(f"{home}/sign-in/")
    other.evaluate("fetch('/sign-in/passkey/options/')")
    send = """said => {
        const form = document.querySelector('form[data-passkey]');
        form.querySelector('[data-passkey-credential]').value = said;
        form.requestSubmit();
    }"""
    other.evaluate(send, said["credential"])
    refused(other)


def test_a_passkey_of_another_practice_is_no_second_step_here(home: str, page: Page) -> None:
    hers = in_a_fresh_browser(page)
    set_up(hers, home, VANCE)
    set_up(page, home)
    sign_out(hers, home)
    # She knows his password, and has nothing but her own device.
    type_password(hers, home)
    hers.get_by_role("button", name="Use a passkey").click()
    refused(hers)


def test_a_copied_passkey_stops_working_once_the_other_was_used(home: str, page: Page) -> None:
    device = set_up(page, home)
    (copied,) = device.credentials()
    for _time in range(2):
        sign_out(page, home)
        by_passkey(page, home)
        expect(page).to_have_url(f"{home}/home/")
    thief = in_a_fresh_browser(page)
    thief.goto(f"{home}/sign-in/")
    Device(thief).holds(copied)
    thief.get_by_role("button", name="Sign in with a passkey").click()
    refused(thief)


def test_passkeys_are_added_named_and_removed_on_the_page_of_ones_account(home: str, page: Page) -> None:
    set_up(page, home)
    page.get_by_role("button", name="I have kept them").click()
    page.goto(f"{home}/account/passkeys/new/")
    page.get_by_role("button", name="Make a passkey").click()
    # Without a name the device is not asked.
    expect(page.get_by_text("Please give the passkey a name, like Laptop.").first).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("Phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("This device has a passkey of yours for Raincheck already.")).to_be_visible()
    other = in_a_fresh_browser(page)
    other.context.add_cookies(page.context.cookies())
    Device(other)
    other.goto(f"{home}/account/passkeys/new/")
    other.get_by_role("textbox", name="Name").fill("Blue key")
    other.get_by_role("button", name="Make a passkey").click()
    expect(other.get_by_text("Your new passkey signs you in from now on.")).to_be_visible()
    other.get_by_role("link", name="Rename Blue key").click()
    other.get_by_role("textbox", name="Name").fill("Red key")
    other.get_by_role("button", name="Save").click()
    other.get_by_role("link", name="Remove Laptop").click()
    other.get_by_role("button", name="Remove the passkey").click()
    expect(other.get_by_text("The passkey opens nothing any more")).to_be_visible()
    names = [one.name for _row, one in passkeys_of(User.objects.get(email=OKAFOR).pk)]
    assert names == ["Red key"]


def test_pages_without_scripts_say_so_and_offer_the_password(home: str, page: Page) -> None:
    browser = page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{home}/sign-in/")
    expect(plain.get_by_text("Passkeys need scripts, which are off in this browser.")).to_be_visible()
    expect(plain.get_by_role("button", name="Sign in with a passkey")).not_to_be_visible()
    expect(plain.get_by_role("textbox", name="Password")).to_be_visible()


def test_no_page_with_passkeys_breaks_the_rules_about_scripts(home: str, page: Page) -> None:
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    set_up(page, home)
    page.goto(f"{home}/account/")
    sign_out(page, home)
    by_passkey(page, home)
    expect(page).to_have_url(f"{home}/home/")
    assert broken == []


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_axe_finds_nothing_on_pages_with_passkeys(home: str, page: Page, viewport: Any, scheme: Any) -> None:
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    device = set_up(page, home)
    page.get_by_role("button", name="I have kept them").click()
    ((_row, one),) = passkeys_of(User.objects.get(email=OKAFOR).pk)
    own = ("", "passkeys/new/", "authenticator/change/", "recovery-codes/new/")
    addresses = [*own, f"passkeys/{one.ref}/rename/", f"passkeys/{one.ref}/remove/"]
    assert look_at(page, [f"{home}/account/{address}" for address in addresses]) == {}
    sign_out(page, home)
    assert look_at(page, [f"{home}/sign-in/"]) == {}
    device.verifies(verified=False)
    type_password(page, home)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey was used, and nothing has changed.")).to_be_visible()
    assert findings(page) == []


def test_the_keyboard_alone_signs_in_by_passkey(home: str, page: Page) -> None:
    set_up(page, home)
    sign_out(page, home)
    page.goto(f"{home}/sign-in/")
    for _press in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Sign in with a passkey":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{home}/home/")
