"""No page has a serious or critical finding of axe or an error in the console; light and dark, wide and at 320 px."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page
from tests.app.access.test_accounts import WORDS
from tests.app.access.test_invitations import LINK, invited
from tests.app.access.test_second_factor import OKAFOR
from tests.app.cast import NOW, Cast, new_york, room_of
from tests.app.client_browser import handed_over, mint
from tests.app.imports.test_pages import chosen
from tests.app.smtp_server import Mailroom
from tests.app.staff_browser import manager
from tests.web.addresses import SIGNED_OUT, asked_pages, manager_pages, provider_pages
from tests.web.received_mail import link_in
from tests.web.site import Site

from raincheck import clock
from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.people import Practice, Provider, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.access.authenticator import code_at, step_at
from raincheck.domain.appointments.lifecycle import CancelReason

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = [({"width": 1440, "height": 900}, "light"), ({"width": 320, "height": 640}, "dark")]


def findings(page: Page) -> list[str]:
    """Return what axe calls serious or critical, as "rule: where"."""
    page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = page.evaluate(
        "async () => await axe.run(document, {resultTypes: ['violations']})"
    )
    return [
        f"{violation['id']}: {node['target']}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def look_at(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """Visit each address and return those with findings: axe's, and what the browser complains of, blocked parts included."""
    found = {}
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in addresses:
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        page.wait_for_load_state("networkidle")
        if bad := [*complaints, *findings(page)]:
            found[address] = bad
        complaints.clear()
    return found


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_practices_pages(browser: Browser, site: Site, cast: Cast, viewport: Any, scheme: Any) -> None:
    asked = cast.booked()
    cast.asked(asked)
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    site.enter(context, "okafor@harbor.example")
    paths = provider_pages(cast, asked)
    assert look_at(context.new_page(), [site.url + path for path in paths]) == {}
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_managers_pages(browser: Browser, site: Site, cast: Cast, viewport: Any, scheme: Any) -> None:
    manager(cast)
    cast.booked()
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    site.enter(context, "sasha@harbor.example")
    assert look_at(context.new_page(), [site.url + path for path in manager_pages(cast)]) == {}
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_pages_of_a_first_start(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom, viewport: Any, scheme: Any
) -> None:
    """The list on Home with what a server said, and an invitation: open, and taken back."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    invited(cast)
    taken_back = f"{site.url}{LINK}"
    invited(cast, token="y" * 22)  # a newer one ends the one before
    still_open = taken_back.replace("x" * 22, "y" * 22)
    page = context.new_page()
    assert look_at(page, [still_open]) == {}
    page.goto(taken_back)
    assert findings(page) == []
    Practice.objects.filter(pk=cast.practice.pk).update(being_set_up=True)
    boss = manager(cast)
    boss.post("/home/setup/mail/")
    boss.post("/home/setup/rehearsal/")
    site.enter(context, "sasha@harbor.example")
    assert look_at(context.new_page(), [f"{site.url}/home/"]) == {}
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_page_before_there_is_a_practice(
    browser: Browser, server: Site, database: None, viewport: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    assert look_at(context.new_page(), [f"{server.url}/setup/"]) == {}
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_pages_of_a_second_factor(
    browser: Browser, site: Site, cast: Cast, viewport: Any, scheme: Any
) -> None:
    """Set up, with a wrong code first; its recovery codes; asked for at the sign-in; and a colleague's reset by a manager."""
    # In words that the server's own settings read: those of the tests are quicker.
    password = PBKDF2PasswordHasher().encode(WORDS, "salt" * 6, 1000)
    User.objects.filter(email=OKAFOR).update(password=password)
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, site)
    page.wait_for_url("**/home/")
    assert look_at(page, [f"{site.url}/account/authenticator/"]) == {}
    key, code = (
        page.locator("#app-key").inner_text().replace(" ", ""),
        page.get_by_label("Code that your app"),
    )
    assert page.evaluate("document.activeElement.tagName") == "BODY"  # whoever arrives begins at the top
    for typed in ("wrong", code_at(key, step_at(clock.real_now()))):
        code.fill(typed)
        page.get_by_role("button", name="Turn on the second step").click()
        page.wait_for_load_state("networkidle")
        assert findings(page) == []
    assert page.get_by_role("heading", level=1).inner_text() == "Recovery codes"
    page.get_by_role("button", name="I have kept them").click()
    assert look_at(page, [f"{site.url}/account/recovery-codes/", f"{site.url}/account/authenticator/"]) == {}
    context.clear_cookies()
    sign_in(page, site)
    page.wait_for_url("**/sign-in/second-factor/")
    assert findings(page) == []
    page.get_by_label("Code").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert findings(page) == []
    manager(cast)
    colleague = User.objects.get(email=OKAFOR).ref
    context.clear_cookies()
    site.enter(context, "sasha@harbor.example")
    assert look_at(page, [f"{site.url}/people/{colleague}/second-factor/"]) == {}
    context.close()


def sign_in(page: Page, site: Site) -> None:
    """Type Dr. Okafor's password."""
    page.goto(f"{site.url}/sign-in/")
    page.get_by_label("E-mail").fill(OKAFOR)
    page.get_by_label("Password", exact=True).fill(WORDS)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_pages_of_an_import(browser: Browser, site: Site, cast: Cast, viewport: Any, scheme: Any) -> None:
    """Columns, rows to correct, and one that was left out."""
    file = chosen(manager(cast))
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    site.enter(context, "sasha@harbor.example")
    page = context.new_page()
    here = f"{site.url}/import/{file.ref}/"
    assert look_at(page, [f"{here}columns/", here, f"{site.url}/import/", f"{site.url}/export/"]) == {}
    page.goto(here)
    page.get_by_role("group", name="Row 2").get_by_role("button", name="Leave this row out").click()
    page.get_by_text("1 row is left out").click()
    assert findings(page) == []
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_clients_pages(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom, viewport: Any, scheme: Any
) -> None:
    request = cast.asked(cast.booked())
    site.hand_over(NOW)
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    page.goto(link_in(next(one for one in mailroom.got if "choose" in str(one["subject"]))))
    here = page.url
    assert look_at(page, asked_pages(here, request)) == {}
    cast.decline(request)
    assert look_at(page, [here]) == {}
    page.get_by_role("link", name="Book a new time").first.click()
    assert look_at(page, [page.url]) == {}
    assert look_at(context.new_page(), [site.url + path for path in SIGNED_OUT]) == {}
    context.close()


@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_the_clients_pages_of_times(
    browser: Browser, site: Site, cast: Cast, mailroom: Mailroom, viewport: Any, scheme: Any
) -> None:
    rows = [cast.booked(), cast.booked(new_york(25, 11))]
    cast.asked(*rows)
    first, second = RescheduleRequest.objects.order_by("asked_starts_at")
    cast.booked(new_york(27, 9), client=cast.maya)
    cast.booked(new_york(26, 15), provider=cast.fischer)
    site.hand_over(NOW)
    context = browser.new_context(viewport=viewport, color_scheme=scheme, timezone_id="Europe/London")
    page = context.new_page()
    page.goto(link_in(next(one for one in mailroom.got if "choose" in str(one["subject"]))))
    here = page.url
    # A day with something the client already has, a choice of another day, and one that was lost.
    kept, lost = f"start-{first.ref}=2026-11-30T16:00Z", f"start-{second.ref}=2026-11-27T14:00Z"
    assert look_at(page, [f"{here}?open={first.ref}&day=2026-11-26&{kept}&{lost}"]) == {}
    # An open page would go on to hold what is chosen on it, and be refused once time has passed.
    page.goto("about:blank")
    handed_over(first)
    handed_over(second)
    late = second.deadline_at + timedelta(minutes=2)
    sweep(now=late)
    site.set_clock(late)
    assert (
        look_at(
            page,
            [
                here,
                f"{here}{first.ref}/?start=2026-11-30T16:00Z",
                f"{here}{first.ref}/?start=2026-11-27T14:00Z",
            ],
        )
        == {}
    )
    context.close()


def test_the_clients_pages_of_times_that_are_held_and_kept(browser: Browser, site: Site, cast: Cast) -> None:
    """Suggested and held, the question where they will be and its answer, a choice changed, one's own move, booking anew, nobody came."""
    Provider.objects.update(licensed_in=["US-NY"])
    row, other = cast.booked(), cast.booked(new_york(24, 14), client=cast.maya, place=room_of(cast))
    request = handed_over(cast.asked(row, suggestions=[new_york(25, 14), new_york(26, 18)]))
    by_video = handed_over(cast.asked(other, by_video=True))
    own = cast.booked(new_york(1, 11, month=12))
    context = browser.new_context(viewport=VIEWS[1][0], color_scheme="dark", locale="en-US")
    page = context.new_page()

    def held() -> list[str]:
        """Choose a time, and look once it is held."""
        page.locator("[data-set=near] input").last.check()
        page.locator("[data-held]").wait_for()
        return findings(page)

    page.goto(f"{site.url}/r/{mint(request.batch)[1]}/")
    assert held() == []
    page.locator("[data-submit]").click()
    where = page.get_by_label("Where will you be?")
    where.wait_for()
    assert findings(page) == []
    where.select_option("US-CA")
    page.get_by_role("button", name="Tell us").click()
    page.get_by_text("You told us that you will be in California.").wait_for()
    assert findings(page) == []
    page.get_by_role("button", name="Change my choice").click()
    assert held() == []
    page.goto(f"{site.url}/r/{mint(own)[1]}/")
    assert findings(page) == []
    page.get_by_role("link", name="Move it to another time").click()
    assert held() == []
    context.clear_cookies()
    page.goto(f"{site.url}/r/{mint(by_video.batch)[1]}/")
    page.locator("[data-set=same] input").check()
    assert findings(page) == []
    cast.decline(by_video)
    page.reload()
    page.get_by_role("link", name="Book a new time").click()
    assert held() == []
    context.close()


def test_the_clients_pages_of_what_stands_or_never_began(browser: Browser, site: Site, cast: Cast) -> None:
    """An appointment that was put back after its client was offered a new booking, and one to which nobody came."""
    row = cast.booked()
    request = handed_over(cast.asked(row))
    cast.decline(request)
    offer = RebookOffer.objects.get()
    verb = partial(reinstate, row.ref, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    waits = handed_over(cast.asked(cast.booked(new_york(24, 14), client=cast.maya)))
    RescheduleRequest.objects.filter(pk=waits.pk).update(
        needs_provider="outage", needs_provider_at=NOW, remind_at=None
    )
    context = browser.new_context(viewport=VIEWS[1][0], color_scheme="dark", locale="en-US")
    page = context.new_page()
    page.goto(f"{site.url}/r/{mint(offer)[1]}/")
    page.get_by_role("heading", name="Your appointment stands").wait_for()
    assert findings(page) == []
    context.clear_cookies()
    page.goto(f"{site.url}/r/{mint(waits.batch)[1]}/")
    page.get_by_text("This appointment isn't settled.").wait_for()
    assert findings(page) == []
    site.set_clock(new_york(24, 14, 11))
    page.reload()
    page.get_by_role("button", name="Nobody came").wait_for()
    assert findings(page) == []
    context.close()


def test_the_practices_pages_of_what_can_be_undone_or_put_back(
    browser: Browser, site: Site, cast: Cast
) -> None:
    """Just asked with times kept, the request and its appointment while they wait, and canceled with a new time instead."""
    cast.choose()
    row, gone = cast.booked(), cast.booked(new_york(24, 14), client=cast.maya)
    request = cast.asked(row, suggestions=[new_york(25, 14)])
    cancelled = Cancellation(CancelReason.CLIENT_ASKED, rebook_link=True)
    verb = partial(cancel_appointment, gone.ref, cancellation=cancelled, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    context = browser.new_context(viewport=VIEWS[1][0], color_scheme="dark", locale="en-US")
    site.enter(context, "okafor@harbor.example")
    page = context.new_page()
    paths = [f"/requests/{request.ref}/", f"/requests/{request.ref}/suggest/", f"/appointments/{row.ref}/"]
    assert look_at(page, [site.url + path for path in paths]) == {}
    # On its own page nothing lies under the details: the way back can be pressed on a phone, too.
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Appointments").click()
    page.wait_for_url("**/appointments/")
    site.set_clock(NOW + timedelta(minutes=2))
    assert look_at(page, [f"{site.url}/appointments/{gone.ref}/reinstate/"]) == {}
    context.close()
