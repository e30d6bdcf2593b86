"""The second factor: staff set one up before they see anything, and are asked for it at every sign-in by password."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from tests.app import authorization as who
from tests.app.access.test_accounts import (
    WORDS,
    ask_for_code,
    code_sent,
    errors,
    sign_in,
    signed_in,
    text_of,
)
from tests.app.authorization import ENDPOINTS, build
from tests.app.cast import Cast
from tests.app.client_browser import words
from tests.app.smtp_server import mail_server
from tests.app.staff_browser import key_in, manager

from raincheck import clock
from raincheck.data.access.read_log import ReadLog
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, User
from raincheck.domain.access import authenticator
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import Role
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.notifications.formats import long_day_and_time
from raincheck.web.access.way_in import PROOF

OKAFOR = "okafor@harbor.example"
SET_UP = "/account/authenticator/"
ASKED = "/sign-in/second-factor/"


@pytest.fixture(autouse=True)
def no_tries_yet(database: None) -> None:
    """Begin with a database in which nobody has tried anything."""


class Phone:
    """An authenticator app with one account. It shows each code once, as somebody who waits for the next one would use it."""

    def __init__(self, page: HttpResponse) -> None:
        found = re.search(r'id="app-key">([A-Z2-7 ]+)<', page.content.decode())
        assert found, "the key stands on the page as text"
        self.key = found[1].replace(" ", "")
        self.step = 0

    def code(self) -> str:
        # The one of now is good for half a minute and more; the one before may end before it arrives. The next one is
        # taken already, so that a test can use two.
        self.step = max(self.step + 1, authenticator.step_at(clock.real_now()))
        return authenticator.code_at(self.key, self.step)


def set_up(browser: Browser) -> tuple[Phone, list[str]]:
    """Set an app up as the page says. Returns it, and the recovery codes."""
    page = browser.get(SET_UP)
    phone = Phone(page)
    response = browser.post(SET_UP, {"key": key_in(page), "code": phone.code()}, follow=True)
    codes = re.findall(r"<li>([a-z0-9-]+)</li>", text_of(response))
    assert len(codes) == 10
    browser.post("/account/recovery-codes/")
    return phone, codes


def enrolled(email: str = OKAFOR) -> tuple[Phone, list[str]]:
    browser = Browser()
    sign_in(browser, email)
    return set_up(browser)


def state(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.get("Location", "")


def test_staff_without_a_second_factor_are_led_to_set_one_up_and_then_on(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    led = client.get("/requests/?at=once")
    assert state(led) == (302, f"{SET_UP}?next=/requests/%3Fat%3Donce")
    page = client.get(led["Location"])
    assert "Set up your second step" in text_of(page)
    phone = Phone(page)
    kept = client.post(led["Location"], {"key": key_in(page), "code": phone.code()})
    assert state(kept) == (302, "/account/recovery-codes/?next=%2Frequests%2F%3Fat%3Donce")
    done = client.post(kept["Location"])
    assert state(done) == (302, "/requests/?at=once")
    assert client.get(done["Location"]).status_code == 200


OTHERS = (
    who.anybody,
    who.nobody,
    who.whoever_is_signed_in,
    who.clients,
    who.its_client,
    who.its_client_by_link,
    who.its_client_by_link_too,
    None,
)


def staff_pages() -> list[str]:
    return [name for name, end in ENDPOINTS.items() if {end.look, end.send} - set(OTHERS)]


def test_no_page_of_a_practice_opens_without_a_second_factor() -> None:
    world = build()
    # Who has the one that everybody has there is asked for it, and comes no further.
    Authenticator.objects.all().delete()
    browser = Browser()
    sign_in(browser, OKAFOR)
    opened = {}
    for name in staff_pages():
        refs = [world.corners[0].refs[ref] for ref in ENDPOINTS[name].refs]
        at = reverse(name, args=refs)
        ways = [browser.get] if ENDPOINTS[name].look else []
        ways += [browser.post] if ENDPOINTS[name].send else []
        answers = [way(at) for way in ways]
        opened[name] = {one.get("Location", "").partition("?")[0] or one.status_code for one in answers}
    theirs = {name: to for name, to in opened.items() if to != {SET_UP}}
    assert len(opened) >= 50
    # The pages where one is set up show themselves; a form without a code is refused. The first start is over here.
    of_first_ones = {"authenticator": {200, 422}, "passkey-new": {200, 422}, "passkey-new-options": {409}}
    assert theirs == of_first_ones | {"setup": {404}}


def test_a_mailed_code_alone_never_opens_a_practices_pages(cast: Cast, client: Browser) -> None:
    enrolled()
    ask_for_code(client, OKAFOR)
    client.post("/sign-in/code/enter/", {"code": code_sent()})
    assert signed_in(client) == OKAFOR
    assert state(client.get("/")) == (302, "/home/")
    led = client.get("/home/")
    assert state(led) == (302, "/sign-in/?next=/home/")
    page = text_of(client.get(led["Location"]))
    assert "You came in by a code from a mail. That opens what is yours as a client." in page
    assert [state(client.get(at)) for at in (SET_UP, "/account/recovery-codes/")] == [
        (302, f"/sign-in/?next={SET_UP}"),
        (302, "/sign-in/?next=/account/recovery-codes/"),
    ]


def test_whoever_came_by_a_code_goes_on_to_the_practice_by_password_and_app(
    cast: Cast, client: Browser
) -> None:
    phone, _codes = enrolled()
    ask_for_code(client, OKAFOR)
    client.post("/sign-in/code/enter/", {"code": code_sent()})
    assert state(sign_in(client, OKAFOR, next="/requests/")) == (302, ASKED)
    assert state(client.post(ASKED, {"code": phone.code()})) == (302, "/requests/")
    assert client.get("/requests/").status_code == 200


def test_somebody_who_is_a_client_as_well_comes_by_code_to_the_portal_alone(
    cast: Cast, client: Browser
) -> None:
    user = User.objects.get(email="riley@clients.example")
    Membership.objects.create(practice=cast.elsewhere, user=user, role=Role.MANAGER)
    ask_for_code(client, user.email)
    client.post("/sign-in/code/enter/", {"code": code_sent()})
    assert state(client.get("/")) == (302, "/portal/")
    assert client.get("/portal/").status_code == 200
    assert state(client.get("/home/")) == (302, "/sign-in/?next=/home/")
    # What is theirs as a client, they are led on to as any client is.
    assert state(client.get("/sign-in/?next=/portal/")) == (302, "/portal/")


def test_the_right_password_opens_nothing_before_the_second_factor(cast: Cast, client: Browser) -> None:
    phone, _codes = enrolled()
    assert state(sign_in(client, OKAFOR, next="/requests/")) == (302, ASKED)
    assert signed_in(client) == ""
    assert state(client.get("/home/")) == (302, "/sign-in/?next=/home/")
    assert "Second step" in text_of(client.get(ASKED))
    assert state(client.post(ASKED, {"code": phone.code()})) == (302, "/requests/")
    assert signed_in(client) == OKAFOR
    assert client.session[PROOF] == {"way": "password", "factor": "authenticator"}


def test_a_code_of_the_app_works_once(cast: Cast, client: Browser) -> None:
    phone, _codes = enrolled()
    code = phone.code()
    sign_in(client, OKAFOR)
    client.post(ASKED, {"code": code})
    other = Browser()
    sign_in(other, OKAFOR)
    assert errors(other.post(ASKED, {"code": code})) == [
        "Code: This code was used already, and each works once. Nothing was changed."
        " Please wait until your app shows the next one, and type that."
    ]
    assert signed_in(other) == ""


def test_a_recovery_code_takes_the_place_of_the_app_once(cast: Cast, client: Browser) -> None:
    _phone, codes = enrolled()
    sign_in(client, OKAFOR)
    client.post(ASKED, {"code": codes[4].upper()})
    assert signed_in(client) == OKAFOR
    assert "You have 9 recovery codes left." in text_of(client.get("/account/recovery-codes/"))
    other = Browser()
    sign_in(other, OKAFOR)
    assert errors(other.post(ASKED, {"code": codes[4]})) == [
        "Code: That is neither the code your app shows now nor a recovery code that is left."
        " Nothing was changed. Please check it and type it again."
    ]


def test_a_new_password_does_not_replace_the_second_factor(cast: Cast, client: Browser) -> None:
    phone, _codes = enrolled()
    client.post("/sign-in/new-password/", {"email": OKAFOR})
    client.post("/sign-in/new-password/code/", {"code": code_sent()})
    strong = {"password1": "four umbrellas by the door", "password2": "four umbrellas by the door"}
    assert state(client.post("/sign-in/new-password/choose/", strong)) == (302, ASKED)
    assert signed_in(client) == ""
    client.post(ASKED, {"code": phone.code()})
    assert client.get("/home/").status_code == 200


def test_the_pages_show_recovery_codes_until_they_are_kept_and_never_again(
    cast: Cast, client: Browser
) -> None:
    sign_in(client, OKAFOR)
    page = client.get(SET_UP)
    client.post(SET_UP, {"key": key_in(page), "code": Phone(page).code()})
    shown = re.findall(r"<li>([a-z0-9-]+)</li>", text_of(client.get("/account/recovery-codes/")))
    # Whoever opens the first page again is led back to them.
    assert state(client.get(SET_UP)) == (302, "/account/recovery-codes/?next=%2F")
    file = client.post("/account/recovery-codes/file/")
    assert file["Content-Disposition"] == 'attachment; filename="raincheck-recovery-codes.txt"'
    assert file.content.decode().splitlines() == [
        "Recovery codes of okafor@harbor.example for Raincheck",
        "",
        *shown,
        "",
        "Each signs you in once, in place of the code from your phone."
        " Keep them where you would find them without it.",
        "",
    ]
    client.post("/account/recovery-codes/")
    again = text_of(client.get("/account/recovery-codes/"))
    assert [code in again for code in shown] == [False] * 10
    assert state(client.post("/account/recovery-codes/file/")) == (302, "/account/recovery-codes/")


def test_neither_key_nor_codes_lie_open_in_the_database(cast: Cast) -> None:
    phone, codes = enrolled()
    kept = "".join(str(row.data) for row in Authenticator.objects.all())
    assert Authenticator.objects.count() == 2
    assert [text in kept for text in (phone.key, *codes, *(code.replace("-", "") for code in codes))] == [
        False
    ] * 21


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_key(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    page = client.get(SET_UP)
    phone = Phone(page)
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    response = client.post(SET_UP, {"key": key_in(page), "code": wrong})
    assert errors(response, status=422) == [
        "Code that your app shows: That is not the code your app shows now. Nothing was changed."
        " Please check that the clock of your phone is right, and type the code it shows."
    ]
    assert Phone(response).key == phone.key
    assert Authenticator.objects.count() == 0
    assert state(client.get("/home/")) == (302, f"{SET_UP}?next=/home/")


def test_a_session_from_before_the_second_factor_signs_in_anew(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    begun = client.get(SET_UP)
    enrolled()
    page = client.get("/home/", follow=True)
    assert "This session began before it was. Please sign in again, and use it." in unescape(text_of(page))
    # What was begun here before is too late.
    late = client.post(SET_UP, {"key": key_in(begun), "code": Phone(begun).code()}, follow=True)
    assert "Your second step is set up" in text_of(late)
    assert Authenticator.objects.count() == 2


def test_the_picture_holds_the_key_and_the_account(cast: Cast) -> None:
    from raincheck.web.staff.account.authenticator import address_for_app

    assert address_for_app("JBSWY3DPEHPK3PXP", account=OKAFOR) == (
        "otpauth://totp/Raincheck%3Aokafor%40harbor.example?secret=JBSWY3DPEHPK3PXP&issuer=Raincheck"
    )


def test_who_guesses_second_factors_waits_and_locks_nobody_out(cast: Cast, client: Browser) -> None:
    """A guesser has the password; the owner's own device, which signed in before, is counted apart."""
    owner = Browser()
    sign_in(owner, OKAFOR)
    phone, _codes = set_up(owner)
    owner.post("/sign-out/")
    sign_in(client, OKAFOR)
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    for _try in range(5):
        assert client.post(ASKED, {"code": "000000"}).status_code == 401
    refused = client.post(ASKED, {"code": phone.code()})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    owner.defaults["REMOTE_ADDR"] = "203.0.113.7"
    sign_in(owner, OKAFOR)
    phone.step -= 1
    owner.post(ASKED, {"code": phone.code()})
    assert signed_in(owner) == OKAFOR


def test_setting_one_up_and_failing_at_it_stand_in_the_read_log(cast: Cast, client: Browser) -> None:
    phone, _codes = enrolled()
    sign_in(client, OKAFOR)
    client.post(ASKED, {"code": f"{(int(phone.code()) + 1) % 10**6:06}"})
    found = ReadLog.objects.filter(practice=cast.practice).order_by("pk").values_list("what", flat=True)
    assert [what for what in found if what.startswith("event:")] == [
        "event:signed_in",
        "event:second_factor_set_up",
        "event:second_factor_failed",
    ]


def led_by_sasha(cast: Cast) -> tuple[Browser, Phone]:
    user = User.objects.create_user("sasha@harbor.example", WORDS, name="Sasha Lindqvist")
    Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    browser = Browser()
    sign_in(browser, user.email)
    return browser, set_up(browser)[0]


def reset_of(email: str) -> str:
    return f"/people/{User.objects.get(email=email).ref}/second-factor/"


def test_a_manager_resets_a_lost_second_factor(cast: Cast, client: Browser) -> None:
    phone, _codes = enrolled()
    sign_in(client, OKAFOR)
    client.post(ASKED, {"code": phone.code()})
    manager, _own = led_by_sasha(cast)
    page = manager.get(reset_of(OKAFOR))
    assert (signed_in(client), Authenticator.objects.filter(user__email=OKAFOR).count()) == (OKAFOR, 2)
    done = manager.post(reset_of(OKAFOR), {"key": key_in(page)}, follow=True)
    assert "Dr. Jo Okafor sets up a new second step at the next sign-in." in text_of(done)
    assert "Second step reset" in text_of(done)
    assert (signed_in(client), Authenticator.objects.filter(user__email=OKAFOR).count()) == ("", 0)
    sign_in(client, OKAFOR)
    assert state(client.get("/home/")) == (302, f"{SET_UP}?next=/home/")


def test_nobody_resets_their_own_nor_that_of_who_works_elsewhere_too(cast: Cast) -> None:
    manager, _own = led_by_sasha(cast)
    enrolled()
    okafor = User.objects.get(email=OKAFOR)
    Membership.objects.create(practice=cast.elsewhere, user=okafor, role=Role.MANAGER)
    statuses = []
    for email in ("sasha@harbor.example", OKAFOR):
        page = manager.get(reset_of(email))
        statuses.append(manager.post(reset_of(email), {"key": key_in(page)}).status_code)
    assert (statuses, Authenticator.objects.count()) == ([403, 403], 4)


def test_a_failed_notice_about_a_second_step_is_shown_to_its_person_and_managers(
    cast: Cast, settings: LazySettings
) -> None:
    phone, _codes = enrolled()
    [notice] = Notification.objects.filter(kind="second_factor_changed")
    boss = manager(cast, now=clock.now())
    said = "an e-mail about a second step could not be delivered"
    assert said not in words(boss.get("/people/"))
    with mail_server(rcpt="550 5.1.1 no such user") as room:
        settings.EMAIL_URL = room.url
        assert deliver_due(clock.now()) == {Outcome.REFUSED: 1}
    browser = Browser()
    sign_in(browser, OKAFOR)
    browser.post(ASKED, {"code": phone.code()})
    told = f"We could not e-mail you the word that a second step was changed, from {long_day_and_time(notice.made_at, 'America/New_York')}."
    assert told in words(browser.get("/account/"))
    assert said in words(boss.get("/people/"))
    # Until long after, and only to whom it concerns.
    later = manager(cast, now=clock.now() + timedelta(days=31))
    assert said not in words(later.get("/people/"))
    assert "We could not e-mail you" not in words(boss.get("/account/"))
