"""Signing in: staff by password, clients by a code; and what nobody learns by trying."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from tests.app.cast import Cast

from raincheck import clock
from raincheck.data.encryption import CODES, unseal
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Membership, User
from raincheck.integrations.messages.delivery import deliver_due

WORDS = "let me in please"
CODE = re.compile(r"\b(\d{4}-\d{4})\b")


@pytest.fixture(autouse=True)
def no_tries_yet(database: None) -> None:
    """Begin with a database in which nobody has tried anything."""


def text_of(response: HttpResponse, *, status: int = 200) -> str:
    assert response.status_code == status
    return unescape(response.content.decode())


def errors(response: HttpResponse, *, status: int = 401) -> list[str]:
    """Return the sentences of the error summary of a page that refused."""
    summary = re.search(r'class="error-summary".*?</div>', text_of(response, status=status), re.DOTALL)
    return re.findall(r"<(?:p|a href=\"#[\w-]+\")>(.+?)</(?:p|a)>", summary[0])[1:] if summary else []


def signed_in(browser: Browser) -> str:
    """Return the e-mail of whoever is signed in."""
    number = browser.session.get("_auth_user_id")
    return User.objects.get(pk=number).email if number else ""


def sign_in(browser: Browser, email: str, password: str = WORDS, **more: str) -> HttpResponse:
    return browser.post("/sign-in/", {"login": email, "password": password, **more})


def ask_for_code(browser: Browser, email: str) -> HttpResponse:
    return browser.post("/sign-in/code/", {"email": email}, follow=True)


def code_sent() -> str:
    sealed = Notification.objects.latest("pk").facts["code"]
    code = unseal(sealed.encode(), purpose=CODES).decode()
    assert CODE.fullmatch(code)
    return str(code)


def test_the_sign_in_page_tells_clients_and_staff_apart_at_once(cast: Cast, client: Browser) -> None:
    page = text_of(client.get("/", follow=True))
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", page) == ["I am a client", "I work at a practice"]
    of_clients = page[page.index("I am a client") : page.index("I work at a practice")]
    assert re.findall(r'href="([^"]+)">([^<]+)<', of_clients) == [("/sign-in/code/", "Get a code by e-mail")]


@pytest.mark.parametrize("email", ["okafor@harbor.example", "Okafor@Harbor.example"])
def test_a_provider_signs_in_by_password_and_lands_on_home(cast: Cast, client: Browser, email: str) -> None:
    response = sign_in(client, email)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client) == "okafor@harbor.example"
    assert client.get("/")["Location"] == "/home/"


def test_signing_in_leads_on_to_where_one_wanted_to_go_but_never_elsewhere(
    cast: Cast, client: Browser
) -> None:
    assert sign_in(client, "okafor@harbor.example", next="/requests/")["Location"] == "/requests/"
    client.post("/sign-out/")
    assert sign_in(client, "okafor@harbor.example", next="https://evil.example/")["Location"] == "/"


def test_signing_out_is_a_post(cast: Cast, client: Browser) -> None:
    sign_in(client, "okafor@harbor.example")
    assert "Sign out?" in text_of(client.get("/sign-out/"))
    assert signed_in(client) == "okafor@harbor.example"
    response = client.post("/sign-out/", follow=True)
    assert signed_in(client) == ""
    assert "You are signed out." in text_of(response)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(cast: Cast, client: Browser) -> None:
    wrong = sign_in(client, "okafor@harbor.example", "not the password")
    unknown = sign_in(client, "nobody@harbor.example", "not the password")
    assert errors(wrong) == errors(unknown)
    assert errors(wrong) == [
        "This e-mail address and password don't belong together. Please check both and try again."
    ]
    assert signed_in(client) == ""


def test_a_client_signs_in_by_a_code_sent_by_mail(cast: Cast, client: Browser) -> None:
    assert "Enter your code" in text_of(ask_for_code(client, "riley@clients.example"))
    row = Notification.objects.get()
    assert (row.kind, row.channel, row.practice, row.user and row.user.email) == (
        "sign_in_code",
        "email",
        cast.practice,
        "riley@clients.example",
    )
    response = client.post("/sign-in/code/enter/", {"code": code_sent()})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client) == "riley@clients.example"
    assert client.get("/")["Location"] == "/portal/"


def test_the_codes_words_are_erased_once_they_were_handed_over(
    cast: Cast, client: Browser, settings: object
) -> None:
    settings.RAINCHECK_DEMO = True  # type: ignore[attr-defined]  # delivers into the mailbox
    ask_for_code(client, "riley@clients.example")
    code = code_sent()
    deliver_due(clock.now())
    row = Notification.objects.get()
    assert (row.state, row.address, row.facts) == ("handed_over", "riley@clients.example", {})
    [attempt] = row.tries.all()
    assert (code in attempt.subject + attempt.text + attempt.html, "{code}" in attempt.text) == (False, True)
    assert code in text_of(client.get("/demo/"))


def test_outside_the_demo_no_trace_of_a_code_stays(cast: Cast, client: Browser) -> None:
    ask_for_code(client, "riley@clients.example")
    code = code_sent()
    deliver_due(clock.now())  # refused, since there is no mail server: that ends it, too
    row = Notification.objects.get()
    assert (row.state, row.facts) == ("failed", {})
    assert [
        code in attempt.answer + attempt.text + attempt.html for attempt in DeliveryAttempt.objects.all()
    ] == [False]


def test_a_code_that_is_too_old_to_work_is_not_sent_any_more(cast: Cast, client: Browser) -> None:
    ask_for_code(client, "riley@clients.example")
    row = Notification.objects.get()
    deliver_due(row.give_up_at)
    row.refresh_from_db()
    assert (row.state, row.facts, row.attempts) == ("obsolete", {}, 0)


def without_key(response: HttpResponse, *, status: int = 200) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(response, status=status))


def test_asking_for_a_code_tells_nobody_whether_an_address_is_known(cast: Cast) -> None:
    known, unknown = Browser(), Browser()
    first = without_key(ask_for_code(known, "riley@clients.example"))
    second = without_key(ask_for_code(unknown, "nobody@clients.example"))
    assert first.replace("riley@", "nobody@") == second
    wrong = {"code": "0000-0000"}
    first = without_key(known.post("/sign-in/code/enter/", wrong), status=401)
    second = without_key(unknown.post("/sign-in/code/enter/", wrong), status=401)
    assert first.replace("riley@", "nobody@") == second
    assert Notification.objects.count() == 1


def test_three_wrong_codes_end_the_code(cast: Cast, client: Browser) -> None:
    ask_for_code(client, "riley@clients.example")
    code = code_sent()
    for _try in range(2):
        response = client.post("/sign-in/code/enter/", {"code": "0000-0000"})
        assert errors(response) == [
            "Code: That is not the code we sent. Please check it, or ask for a new one."
        ]
    assert client.post("/sign-in/code/enter/", {"code": "0000-0000"})["Location"] == "/sign-in/code/"
    client.post("/sign-in/code/enter/", {"code": code})
    assert signed_in(client) == ""


def test_a_new_code_replaces_the_first(cast: Cast, client: Browser) -> None:
    ask_for_code(client, "riley@clients.example")
    first = code_sent()
    client.post("/sign-in/code/enter/", {"action": "resend"})
    second = code_sent()
    client.post("/sign-in/code/enter/", {"code": first})
    assert signed_in(client) == ""
    client.post("/sign-in/code/enter/", {"code": second.replace("-", " ")})
    assert signed_in(client) == "riley@clients.example"


def test_whoever_waits_for_a_code_can_start_over(cast: Cast, client: Browser) -> None:
    ask_for_code(client, "riley@clients.example")
    assert client.get("/sign-in/")["Location"] == "/sign-in/code/enter/"
    client.post("/sign-out/", {"next": "/sign-in/"})
    assert "I forgot my password" in text_of(client.get("/sign-in/"))


def test_a_forgotten_password_is_replaced_by_means_of_a_code(cast: Cast, client: Browser) -> None:
    response = client.post("/sign-in/new-password/", {"email": "okafor@harbor.example"}, follow=True)
    assert "Enter your code" in text_of(response)
    response = client.post("/sign-in/new-password/code/", {"code": code_sent()}, follow=True)
    assert "Choose a new password" in text_of(response)
    weak = {"password1": "password", "password2": "password"}
    assert len(errors(client.post("/sign-in/new-password/choose/", weak), status=200)) >= 1
    strong = {"password1": "four umbrellas by the door", "password2": "four umbrellas by the door"}
    assert client.post("/sign-in/new-password/choose/", strong)["Location"] == "/"
    assert signed_in(client) == "okafor@harbor.example"
    other = Browser()
    sign_in(other, "okafor@harbor.example", "four umbrellas by the door")
    assert signed_in(other) == "okafor@harbor.example"


def test_a_forgotten_password_tells_nobody_whether_an_address_is_known(cast: Cast) -> None:
    known, unknown = Browser(), Browser()
    first, second = (
        without_key(browser.post("/sign-in/new-password/", {"email": email}, follow=True))
        for browser, email in ((known, "okafor@harbor.example"), (unknown, "nobody@harbor.example"))
    )
    assert first.replace("okafor@", "nobody@") == second
    wrong = {"code": "0000-0000"}
    first, second = (
        without_key(browser.post("/sign-in/new-password/code/", wrong), status=401)
        for browser in (known, unknown)
    )
    assert first.replace("okafor@", "nobody@") == second


def test_an_account_that_was_closed_lets_nobody_in(cast: Cast, client: Browser) -> None:
    User.objects.filter(email="okafor@harbor.example").update(is_active=False)
    sign_in(client, "okafor@harbor.example")
    assert signed_in(client) == ""
    client.post("/sign-out/")
    ask_for_code(client, "okafor@harbor.example")
    assert Notification.objects.count() == 0


def test_a_user_of_no_practice_is_sent_nothing(cast: Cast, client: Browser) -> None:
    Membership.objects.filter(user__email="riley@clients.example").delete()
    assert "Enter your code" in text_of(ask_for_code(client, "riley@clients.example"))
    assert Notification.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_change_password", "account_set_password"]
)
def test_nobody_signs_up_or_manages_addresses(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_stranger_in_part_of_a_page_signs_in_on_the_whole_page_and_comes_back(client: Browser) -> None:
    """Somebody's sign-in ends while their appointments are on screen: the sidebar must not show the sign-in page."""
    response = client.get(
        "/appointments/4e7c1c1e-3f9c-4a6e-9d5b-0c1d2e3f4a5b/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/appointments/?view=list"},
    )
    assert response["HX-Redirect"] == "/sign-in/?next=/appointments/%3Fview%3Dlist"
    assert client.get("/home/", headers={"HX-Request": "true"})["HX-Redirect"] == "/sign-in/?next=/home/"
