"""Passkeys, with a device that can lie: what is taken, and everything that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.access.test_accounts import errors, sign_in, signed_in, text_of
from tests.app.access.test_second_factor import OKAFOR, enrolled, state
from tests.app.access.test_step_up import came_long_ago, waiting_in
from tests.app.cast import Cast
from tests.app.software_key import PRESENT, SoftwareKey, text
from tests.app.staff_browser import key_in

from raincheck.actions.access.webauthn import origin
from raincheck.data.access.passkeys import passkeys_of
from raincheck.data.access.read_log import ReadLog
from raincheck.data.access.sessions import UserSession
from raincheck.data.notifications import Notification
from raincheck.data.people import User
from raincheck.web.access.passkeys import SHOWING
from raincheck.web.access.way_in import PROOF

HERE, VANCE = "http://localhost:8000", "vance@elsewhere.example"
NEW, OPTIONS, BY_PASSKEY = "/account/passkeys/new/", "/sign-in/passkey/options/", "/sign-in/passkey/"
ASKED = "/sign-in/second-factor/"
REFUSED = [
    "This passkey opens nothing here. Nothing has changed. Please use another passkey, or your password."
]
TOO_LATE = [
    "That took too long, or it was sent twice, so nothing has changed. Please press the button again."
]
NOT_MADE = [
    "The passkey could not be made, so nothing was changed. Please try again, on a device that asks for your"
    " fingerprint, your face or a PIN."
]


@pytest.fixture(autouse=True)
def named(database: None, settings: LazySettings) -> None:
    """Reach the site by a name, and begin with a database in which nobody has tried anything."""
    settings.BASE_URL = HERE


def made_by(browser: Browser, key: SoftwareKey, *, name: str = "Laptop") -> HttpResponse:
    page = browser.get(NEW)
    credential = key.make(browser.get("/account/passkeys/options/").json())
    return browser.post(NEW, {"key": key_in(page), "name": name, "credential": credential})


def with_passkey(email: str = OKAFOR) -> tuple[Browser, SoftwareKey]:
    """Return a browser in which somebody has just set a passkey up as their second factor."""
    browser, key = Browser(), SoftwareKey(HERE)
    sign_in(browser, email)
    assert state(made_by(browser, key)) == (302, "/account/recovery-codes/?next=%2F")
    browser.post("/account/recovery-codes/")
    return browser, key


def by_passkey(
    browser: Browser,
    device: SoftwareKey,
    /,
    *,
    counted: bool = True,
    to: str = BY_PASSKEY,
    field: str = "credential",
    **more: str,
) -> HttpResponse:
    device.counter += counted
    return browser.post(to, {**more, field: device.show(browser.get(OPTIONS).json())})


def events(cast: Cast) -> list[str]:
    found = ReadLog.objects.filter(practice=cast.practice, what__startswith="event:").order_by("pk")
    return [what.removeprefix("event:") for what in found.values_list("what", flat=True)]


def mails() -> list[tuple[str, str, object]]:
    rows = Notification.objects.filter(kind__startswith="second_factor").order_by("pk")
    return [(row.kind, row.user.email, row.facts) for row in rows.select_related("user") if row.user]


def test_a_passkey_is_both_factors_at_once(cast: Cast) -> None:
    _browser, key = with_passkey()
    fresh = Browser()
    assert state(by_passkey(fresh, key, next="/requests/")) == (302, "/requests/")
    assert signed_in(fresh) == OKAFOR
    assert fresh.session[PROOF] == {"way": "passkey", "factor": "passkey"}
    assert fresh.get("/requests/").status_code == 200
    assert UserSession.objects.latest("pk").way == "passkey"
    assert events(cast) == ["signed_in", "second_factor_set_up", "signed_in"]


def test_who_signs_in_by_passkey_is_led_to_no_other_site(cast: Cast) -> None:
    _browser, key = with_passkey()
    assert state(by_passkey(Browser(), key, next="https://evil.example/")) == (302, "/")


def test_who_loads_a_refused_sign_in_again_finds_the_sign_in(cast: Cast, client: Browser) -> None:
    assert client.post(BY_PASSKEY, {"credential": "{}"}).status_code == 401
    assert state(client.get(BY_PASSKEY)) == (302, "/sign-in/")


def test_what_a_browser_is_asked_is_the_same_for_everybody(cast: Cast, client: Browser) -> None:
    with_passkey()
    asked = client.get(OPTIONS).json()
    assert len(asked.pop("challenge")) == 43
    assert asked == {"rpId": "localhost", "userVerification": "required"}
    answer = client.get(OPTIONS)
    cookie = answer.cookies[SHOWING]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 300)
    assert "no-store" in answer["Cache-Control"]


def test_the_sites_name_is_that_of_its_settings_never_of_the_visitors_browser(
    cast: Cast, client: Browser
) -> None:
    asked = client.get(OPTIONS, headers={"Host": "127.0.0.1"}).json()
    assert asked["rpId"] == "localhost"


def test_a_passkey_is_made_so_that_it_needs_no_address_and_always_asks_who_is_there(cast: Cast) -> None:
    browser, key = with_passkey()
    options = browser.get("/account/passkeys/options/").json()
    okafor = User.objects.get(email=OKAFOR)
    assert options["user"] == {"id": text(okafor.ref.bytes), "name": OKAFOR, "displayName": okafor.name}
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [one["id"] for one in options["excludeCredentials"]] == [text(key.credential_id)]


Lie = Callable[[SoftwareKey], object]
LIES: dict[str, Lie] = {
    "the person was not verified": lambda key: setattr(key, "flags", PRESENT),
    "nobody was there": lambda key: setattr(key, "flags", 4),
    "another site": lambda key: setattr(key, "rp_id", "evil.example"),
    "another origin": lambda key: setattr(key, "origin", "http://localhost:9000"),
    "a part of the site": lambda key: setattr(key, "origin", "https://evil.localhost"),
    "inside another site's page": lambda key: setattr(key, "framed", True),
    "another person": lambda key: setattr(key, "user_handle", User.objects.get(email=VANCE).ref.bytes),
    "nobody": lambda key: setattr(key, "user_handle", b"x" * 16),
    "no name": lambda key: setattr(key, "user_handle", b""),
    "a name of another length": lambda key: setattr(key, "user_handle", b"x" * 63),
    "an unknown credential": lambda key: setattr(key, "credential_id", b"x" * 32),
    "another key": lambda key: setattr(key, "private", SoftwareKey(HERE).private),
    "a copy": lambda key: setattr(key, "counter", key.counter - 1),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_every_lie_gets_the_same_answer(cast: Cast, client: Browser, lie: Lie) -> None:
    with_passkey(VANCE)
    _browser, key = with_passkey()
    lie(key)
    refused = by_passkey(client, key, counted=False)
    assert errors(refused) == REFUSED
    assert signed_in(client) == ""


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"rawId": 7}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "W10", "authenticatorData": "", "signature": ""}}',
        "[" * 20_000,
        "x" * 70_000,
        "\x00",
    ],
)
def test_nonsense_is_refused_in_the_same_words(cast: Cast, client: Browser, said: str) -> None:
    client.get(OPTIONS)
    assert errors(client.post(BY_PASSKEY, {"credential": said})) == REFUSED
    sign_in(client, OKAFOR)
    page = client.get(NEW)
    client.get("/account/passkeys/options/")
    refused = client.post(NEW, {"key": key_in(page), "name": "Laptop", "credential": said})
    assert (refused.status_code, Authenticator.objects.count()) == (422, 0)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_an_answer_that_was_cut_or_turned_is_refused(cast: Cast, client: Browser, part: str) -> None:
    _browser, key = with_passkey()
    key.counter += 1
    said = json.loads(key.show(client.get(OPTIONS).json()))
    whole = said["response"][part]
    for spoiled in (whole[:-4], whole[::-1], "", "!", "A" * 400):
        said["response"][part] = spoiled
        assert errors(client.post(BY_PASSKEY, {"credential": json.dumps(said)})) == REFUSED
    said["response"][part] = whole
    client.post(BY_PASSKEY, {"credential": json.dumps(said)})
    assert signed_in(client) == OKAFOR


def test_an_answer_is_taken_once(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    key.counter = 0
    _forget_count()
    said = key.show(client.get(OPTIONS).json())
    cookie = client.cookies[SHOWING].value
    client.post(BY_PASSKEY, {"credential": said})
    assert signed_in(client) == OKAFOR
    again = Browser()
    # Whoever reads the line has the answer and the cookie that goes with it.
    again.cookies[SHOWING] = cookie
    assert errors(again.post(BY_PASSKEY, {"credential": said})) == TOO_LATE
    assert signed_in(again) == ""


def _forget_count() -> None:
    """Let the passkey be one that does not count, as most are."""
    row = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    row.data["counter"] = 0
    row.save()


def test_an_answer_to_an_older_challenge_than_the_last_is_too_late(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    key.counter = 0
    _forget_count()
    older, other = key.show(client.get(OPTIONS).json()), Browser()
    by_passkey(other, key, counted=False)
    assert errors(client.post(BY_PASSKEY, {"credential": older})) == TOO_LATE


def test_an_answer_to_somebody_elses_challenge_is_refused(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    said = key.show(Browser().get(OPTIONS).json())
    client.get(OPTIONS)
    assert errors(client.post(BY_PASSKEY, {"credential": said})) == REFUSED
    assert errors(Browser().post(BY_PASSKEY, {"credential": said})) == TOO_LATE


def test_an_answer_for_making_one_signs_nobody_in(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    key.counter += 1
    said = key.show(client.get(OPTIONS).json(), kind="webauthn.create")
    assert errors(client.post(BY_PASSKEY, {"credential": said})) == REFUSED


def test_of_two_copies_of_a_passkey_one_stops_working_and_it_stands_in_the_log(
    cast: Cast, client: Browser
) -> None:
    _browser, key = with_passkey()
    copied_at = key.counter
    for _time in range(3):
        by_passkey(Browser(), key)
    key.counter = copied_at
    assert errors(by_passkey(client, key)) == REFUSED
    row = ReadLog.objects.filter(practice=cast.practice).latest("pk")
    assert (row.what, row.detail) == ("event:sign_in_failed", {"user": User.objects.get(email=OKAFOR).pk})


def test_a_removed_passkey_opens_nothing_and_ends_every_other_session(cast: Cast, client: Browser) -> None:
    browser, key = with_passkey()
    by_passkey(client, key)
    other = SoftwareKey(HERE)
    made_by(browser, other, name="Blue key")
    one = passkeys_of(User.objects.get(email=OKAFOR).pk)[0][1]
    at = f"/account/passkeys/{one.ref}/remove/"
    told = browser.post(at, {"key": key_in(browser.get(at))}, follow=True)
    assert "opens nothing any more" in text_of(told)
    assert client.get("/home/").status_code == 302
    assert errors(by_passkey(Browser(), key)) == REFUSED
    again = Browser()
    by_passkey(again, other)
    assert signed_in(again) == OKAFOR
    assert [facts for _kind, _to, facts in mails()] == [
        {"what": "event:second_factor_set_up"},
        {"what": "event:passkey_added"},
        {"what": "event:passkey_removed"},
    ]
    assert {(kind, to) for kind, to, _facts in mails()} == {("second_factor_changed", OKAFOR)}


def test_the_last_second_factor_stays(cast: Cast) -> None:
    browser, key = with_passkey()
    one = passkeys_of(User.objects.get(email=OKAFOR).pk)[0][1]
    at = f"/account/passkeys/{one.ref}/remove/"
    refused = browser.post(at, {"key": key_in(browser.get(at))})
    assert errors(refused, status=409) == [
        "This is the only second step you have, so it stays. Nothing was changed; add another one first,"
        " then remove this one."
    ]
    again = Browser()
    by_passkey(again, key)
    assert signed_in(again) == OKAFOR


def test_somebody_elses_passkey_is_nobodys_to_rename_or_remove(cast: Cast) -> None:
    with_passkey(VANCE)
    browser, _key = with_passkey()
    theirs = passkeys_of(User.objects.get(email=VANCE).pk)[0][1]
    found = [
        getattr(browser, way)(f"/account/passkeys/{theirs.ref}/{what}/").status_code
        for way in ("get", "post")
        for what in ("rename", "remove")
    ]
    assert (found, len(passkeys_of(theirs.user))) == ([404] * 4, 1)


def test_a_passkey_gets_another_name_of_which_nobody_is_told_by_mail(cast: Cast) -> None:
    browser, _key = with_passkey()
    one = passkeys_of(User.objects.get(email=OKAFOR).pk)[0][1]
    at = f"/account/passkeys/{one.ref}/rename/"
    page = browser.get(at)
    assert errors(browser.post(at, {"key": key_in(page), "name": " "}), status=422) == [
        "Name: Please give the passkey a name, like Laptop."
    ]
    browser.post(at, {"key": key_in(page), "name": "Work laptop"})
    shown = text_of(browser.get("/account/"))
    assert ("Work laptop" in shown, "not used yet" in shown) == (True, True)
    assert (events(cast)[-1], len(mails())) == ("passkey_renamed", 1)


def test_a_passkey_is_a_second_step_after_the_password_too(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    assert state(sign_in(client, OKAFOR, next="/requests/")) == (302, ASKED)
    page = text_of(client.get(ASKED))
    assert ("Use a passkey" in page, "authenticator app shows" in page) == (True, False)
    assert state(by_passkey(client, key, to=ASKED)) == (302, "/requests/")
    assert client.session[PROOF] == {"way": "password", "factor": "passkey"}


def test_another_persons_passkey_is_no_second_step(cast: Cast, client: Browser) -> None:
    _browser, hers = with_passkey(VANCE)
    with_passkey()
    sign_in(client, OKAFOR)
    assert errors(by_passkey(client, hers, to=ASKED)) == REFUSED
    hers.user_handle = User.objects.get(email=OKAFOR).ref.bytes
    assert errors(by_passkey(client, hers, to=ASKED)) == REFUSED
    assert (signed_in(client), events(cast)[-1]) == ("", "second_factor_failed")


def test_recovery_codes_come_with_a_passkey_too(cast: Cast, client: Browser) -> None:
    browser = Browser()
    sign_in(browser, OKAFOR)
    made_by(browser, SoftwareKey(HERE))
    code = browser.session["raincheck.recovery_codes"][0]
    sign_in(client, OKAFOR)
    client.post(ASKED, {"code": code})
    assert signed_in(client) == OKAFOR
    assert "9 are left." in text_of(client.get("/account/"))


MADE_LIES = {name: LIES[name] for name in list(LIES)[:6]}


@pytest.mark.parametrize("lie", MADE_LIES.values(), ids=list(MADE_LIES))
def test_no_passkey_is_made_by_a_lie(cast: Cast, client: Browser, lie: Lie) -> None:
    sign_in(client, OKAFOR)
    key = SoftwareKey(HERE)
    lie(key)
    refused = made_by(client, key)
    assert errors(refused, status=422) == NOT_MADE
    assert ('value="Laptop"' in text_of(refused, status=422), Authenticator.objects.count()) == (True, 0)


def test_a_passkey_is_added_once(cast: Cast) -> None:
    browser, key = with_passkey()
    assert errors(made_by(browser, key), status=409) == [
        "This passkey was added already. Nothing was changed."
    ]
    hers = Browser()
    sign_in(hers, VANCE)
    assert errors(made_by(hers, key), status=409) == ["This passkey was added already. Nothing was changed."]


def test_nobody_has_more_than_ten_passkeys(cast: Cast) -> None:
    browser, _key = with_passkey()
    for number in range(9):
        assert state(made_by(browser, SoftwareKey(HERE), name=f"Key {number}")) == (302, "/account/")
    refused = errors(made_by(browser, SoftwareKey(HERE)), status=409)
    assert refused == ["You have 10 passkeys, and more are not kept. Nothing was changed; remove one first."]


def test_neither_name_nor_key_of_a_passkey_lies_open(cast: Cast) -> None:
    _browser, key = with_passkey()
    row = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    kept = str(row.data)
    assert [said in kept for said in ("Laptop", text(key.credential_id), key.credential_id.hex())] == [
        False
    ] * 3


def test_a_passkey_put_under_another_person_is_not_read(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    vance = User.objects.get(email=VANCE)
    Authenticator.objects.update(user=vance)
    key.user_handle = vance.ref.bytes
    assert errors(by_passkey(client, key)) == REFUSED


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://127.0.0.1:8000", "reached by a number (127.0.0.1), so they are not offered here."),
        ("http://harbor.example", "begins with https://, so they are not offered here."),
    ],
)
def test_where_browsers_know_no_passkeys_the_pages_say_why(
    cast: Cast, client: Browser, settings: LazySettings, base_url: str, said: str
) -> None:
    enrolled()
    settings.BASE_URL = base_url
    sign_in(client, VANCE)
    pages = [
        text_of(Browser().get("/sign-in/")),
        text_of(client.get(NEW)),
        text_of(client.get("/account/authenticator/")),
    ]
    assert [(said in page, "data-passkey-button" in page) for page in pages] == [(True, False)] * 3
    assert [Browser().get(OPTIONS).status_code, client.get("/account/passkeys/options/").status_code] == [
        409
    ] * 2
    assert errors(Browser().post(BY_PASSKEY, {"credential": "{}"})) == REFUSED


def test_a_session_from_before_a_second_factor_adds_none(cast: Cast, client: Browser) -> None:
    sign_in(client, OKAFOR)
    with_passkey()
    assert "This session began before it was." in text_of(client.get(NEW))
    credential = SoftwareKey(HERE).make(client.get("/account/passkeys/options/").json())
    client.post(NEW, {"key": "0" * 32, "name": "Mine", "credential": credential})
    assert len(passkeys_of(User.objects.get(email=OKAFOR).pk)) == 1


def test_who_is_closed_out_is_let_in_by_no_passkey(cast: Cast, client: Browser) -> None:
    _browser, key = with_passkey()
    User.objects.filter(email=OKAFOR).update(is_active=False)
    assert state(by_passkey(client, key)) == (302, "/sign-in/closed/")
    assert signed_in(client) == ""


def test_an_origin_is_written_as_browsers_write_it(settings: LazySettings) -> None:
    found = {}
    for base_url in ("https://Harbor.example:443", "https://harbor.example:8443", "http://localhost:80"):
        settings.BASE_URL = base_url
        found[base_url] = origin()
    assert list(found.values()) == [
        "https://harbor.example",
        "https://harbor.example:8443",
        "http://localhost",
    ]


def test_who_tries_many_passkeys_waits_and_keeps_nobody_out(cast: Cast, client: Browser) -> None:
    from raincheck.web.access.guesses import guesses

    _browser, key = with_passkey()
    guesses.forget()
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    tried = [client.post(BY_PASSKEY, {"credential": "{}"}).status_code for _try in range(17)]
    # Without a challenge nothing is looked at.
    assert set(tried) == {401}
    client.get(OPTIONS)
    tried = [client.post(BY_PASSKEY, {"credential": "{}"}).status_code for _try in range(17)]
    assert (tried[0], tried[-1]) == (401, 429)
    by_passkey(client, key)
    assert signed_in(client) == OKAFOR
    guesses.forget()


def test_who_is_asked_again_may_answer_by_passkey_and_what_they_sent_goes_on(cast: Cast) -> None:
    browser, key = with_passkey()
    came_long_ago(browser)
    other = SoftwareKey(HERE)
    asked = made_by(browser, other, name="Blue key")
    page = text_of(asked, status=422)
    assert ("Is it still you?" in page, "Use a passkey" in page) == (True, True)
    wrong = by_passkey(browser, other, to=NEW, field="proof-credential", **waiting_in(asked))
    assert errors(wrong, status=422) == REFUSED
    done = by_passkey(browser, key, to=NEW, field="proof-credential", **waiting_in(asked))
    assert state(done) == (302, "/account/")
    names = [one.name for _row, one in passkeys_of(User.objects.get(email=OKAFOR).pk)]
    assert names == ["Laptop", "Blue key"]


def test_somebody_elses_passkey_proves_nothing_where_one_is_asked_again(cast: Cast) -> None:
    _hers, theirs = with_passkey(VANCE)
    browser, _key = with_passkey()
    came_long_ago(browser)
    at = "/account/recovery-codes/new/"
    asked = browser.post(at, {"key": key_in(browser.get(at))})
    refused = by_passkey(browser, theirs, to=at, field="proof-credential", **waiting_in(asked))
    assert errors(refused, status=422) == REFUSED
    assert events(cast)[-1] == "second_factor_failed"


def test_the_log_names_no_passkey(cast: Cast, client: Browser, caplog: pytest.LogCaptureFixture) -> None:
    _browser, key = with_passkey()
    by_passkey(client, key)
    assert key.credential_id.hex() not in caplog.text
    assert text(key.credential_id) not in caplog.text
