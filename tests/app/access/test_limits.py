"""P20: nobody's tries at a way in lock anybody else out, and whoever guesses waits longer each time."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.access.test_accounts import code_sent, errors, signed_in
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor, mint
from tests.verify.races.overlapping import all_at_once

from raincheck.actions.limits import count_words
from raincheck.actions.timing.sweep import sweep
from raincheck.data.conversations import Message
from raincheck.data.limits import RateLimit
from raincheck.data.notifications import Notification
from raincheck.domain.limits import TooManyMessages
from raincheck.web.requests import ARRIVAL, Arrival

OKAFOR, RILEY, WORDS = "okafor@harbor.example", "riley@clients.example", "let me in please"
SECONDS = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)
TOO_MANY = (
    "That was one try too many from here. Nothing has changed. Please wait 1 min and try again, "
    "or use a device on which you signed in before."
)


def sign_in(
    browser: Browser,
    password: str = WORDS,
    *,
    account: str = OKAFOR,
    place: str = "203.0.113.7",
    after: timedelta = timedelta(0),
    **more: str,
) -> HttpResponse:
    """Send the sign-in form from a network, some time after NOW."""
    said = {"login": account, "password": password}
    return browser.post("/sign-in/", said, REMOTE_ADDR=place, **{ARRIVAL: Arrival(at=NOW + after)}, **more)


def ask_for_code(
    browser: Browser, *, place: str = "203.0.113.7", account: str = RILEY, path: str = "/sign-in/code/"
) -> HttpResponse:
    return browser.post(path, {"email": account}, REMOTE_ADDR=place, **{ARRIVAL: Arrival(at=NOW)})


def guess(times: int, *, place: str = "203.0.113.7", account: str = OKAFOR, **more: str) -> list[int]:
    """Try wrong passwords, each in a browser that nobody knows, and return the statuses."""
    return [
        sign_in(Browser(), f"guess {number}", place=place, account=account, **more).status_code
        for number in range(times)
    ]


def test_p20_five_wrong_passwords_from_five_places_do_not_stop_the_owner(cast: Cast, client: Browser) -> None:
    for place in range(1, 6):
        assert guess(5, place=f"198.51.100.{place}") == [401] * 5
    assert sign_in(client).status_code == 302
    assert signed_in(client) == OKAFOR


@pytest.mark.verify
def test_p20_not_even_a_hundred_places_stop_the_owner_at_a_new_one(cast: Cast, client: Browser) -> None:
    statuses = [guess(2, place=f"198.51.100.{place}") for place in range(1, 101)]
    # While an account is tried so much, each place has one try at it and then waits.
    assert (statuses[0], statuses[-1]) == ([401, 401], [401, 429])
    assert sign_in(client).status_code == 302


def test_whoever_guesses_in_one_place_waits_longer_each_time(cast: Cast) -> None:
    assert guess(6) == [401] * 5 + [429]
    browser = Browser()
    refused = sign_in(browser, after=29 * SECONDS)
    assert (refused["Retry-After"], errors(refused, status=429)) == ("1", [TOO_MANY])
    assert sign_in(browser, "not it", after=30 * SECONDS).status_code == 401
    assert sign_in(browser, after=89 * SECONDS).status_code == 429
    assert sign_in(browser, after=90 * SECONDS).status_code == 302


def test_a_refused_try_is_not_even_looked_at(cast: Cast, client: Browser) -> None:
    guess(5)
    assert sign_in(client).status_code == 429
    assert signed_in(client) == ""


def test_a_device_used_before_waits_only_for_its_own_tries(cast: Cast, client: Browser) -> None:
    assert sign_in(client).status_code == 302
    client.post("/sign-out/")
    # From the same network: a neighbor at the same front desk, or in the same house.
    assert guess(40)[-1] == 429
    assert sign_in(client).status_code == 302
    client.post("/sign-out/")
    statuses = [sign_in(client, "not it").status_code for _try in range(11)]
    assert statuses == [401] * 10 + [429]


def test_a_device_is_known_for_its_own_accounts_only(cast: Cast, client: Browser) -> None:
    assert sign_in(client).status_code == 302
    client.post("/sign-out/")
    statuses = [sign_in(client, "not it", account="fischer@harbor.example").status_code for _try in range(6)]
    assert statuses == [401] * 5 + [429]


def test_a_made_up_device_is_a_strange_one(cast: Cast, client: Browser) -> None:
    assert sign_in(client).status_code == 302
    client.post("/sign-out/")
    client.cookies["raincheck_device"] = client.cookies["raincheck_device"].value[:-1] + "!"
    guess(5)
    assert sign_in(client).status_code == 429


def test_the_cookie_of_a_device_names_nobody(cast: Cast, client: Browser) -> None:
    cookie = sign_in(client).cookies["raincheck_device"]
    assert ("okafor" in cookie.value, cookie["httponly"], cookie["samesite"]) == (False, True, "Lax")


def test_an_answer_tells_nobody_whether_an_address_is_known(cast: Cast) -> None:
    answers = [
        [
            errors(sign_in(Browser(), "not it", account=account, place=place), status=status)
            for status in [401] * 5 + [429]
        ]
        for account, place in ((OKAFOR, "198.51.100.1"), ("nobody@harbor.example", "198.51.100.2"))
    ]
    assert answers[0] == answers[1]


def test_p20_codes_that_others_ask_for_do_not_keep_the_owner_from_one(cast: Cast, client: Browser) -> None:
    for place in range(1, 31):
        ask_for_code(Browser(), place=f"198.51.100.{place}")
    before = Notification.objects.count()
    assert ask_for_code(client).status_code == 302
    assert Notification.objects.count() == before + 1
    client.post("/sign-in/code/enter/", {"code": code_sent()})
    assert signed_in(client) == RILEY


@pytest.mark.parametrize("path", ["/sign-in/code/", "/sign-in/new-password/"])
def test_only_a_few_codes_can_be_asked_for_in_one_place(cast: Cast, path: str) -> None:
    answers = [ask_for_code(Browser(), path=path) for _try in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert errors(answers[-1], status=429) == [f"E-mail address: {TOO_MANY}"]
    assert Notification.objects.count() == 3


def test_a_wrong_code_is_answered_so_that_a_proxy_sees_it(cast: Cast, client: Browser) -> None:
    ask_for_code(client)
    assert client.post("/sign-in/code/enter/", {"code": "0000-0000"}).status_code == 401


def test_p20_behind_an_unnamed_proxy_eleven_tries_do_not_refuse_everybody(
    cast: Cast, client: Browser
) -> None:
    assert (
        guess(40, place="127.0.0.1", account="nobody@harbor.example", HTTP_X_FORWARDED_FOR="198.51.100.1")[-1]
        == 429
    )
    assert sign_in(client, place="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 302


def test_a_visitor_from_outside_cannot_make_networks_up(cast: Cast) -> None:
    statuses = [
        guess(1, place="198.51.100.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")[0] for number in range(6)
    ]
    assert statuses == [401] * 5 + [429]


def test_behind_a_named_proxy_the_network_is_the_one_it_tells(cast: Cast, settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    # What stands before the proxy's own entry came with the request, and may be made up.
    statuses = [
        guess(1, place="127.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.1")[0]
        for number in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    assert guess(1, place="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.2:40000") == [401]


def test_a_household_counts_as_one_network_whatever_addresses_it_has(cast: Cast) -> None:
    statuses = [guess(1, place=f"2001:db8:0:42:{number}::1")[0] for number in range(6)]
    assert statuses == [401] * 5 + [429]


def test_many_tries_at_once_get_no_more_than_one_after_the_other(cast: Cast) -> None:
    statuses = all_at_once([lambda: sign_in(Browser(), "not it").status_code] * 12)
    assert sorted(statuses) == [401] * 5 + [429] * 7


def test_the_counts_name_nobody_and_the_sweep_forgets_them(cast: Cast) -> None:
    guess(3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT raincheck_ratelimit::text FROM raincheck_ratelimit")
        kept = " ".join(row for (row,) in cursor.fetchall())
    assert ("okafor" in kept, "203.0.113" in kept, RateLimit.objects.count()) == (False, False, 3)
    sweep(now=NOW + 10 * MINUTES)
    assert RateLimit.objects.count() == 1
    sweep(now=NOW + 91 * MINUTES)
    assert RateLimit.objects.count() == 0


def test_a_client_who_writes_too_much_is_told_so_and_loses_no_word(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    visitor = Visitor(request.batch)
    address = f"/choose/{request.batch.ref}/write/"
    statuses = [
        visitor.post(address, key=str(uuid4()), words=f"word {number}").status_code for number in range(21)
    ]
    assert statuses == [302] * 20 + [429]
    page = visitor.post(address, key=str(uuid4()), words="one more thing").content.decode()
    assert (
        "That is a lot of messages in a short time, so this one was not sent. The earlier ones were. "
        "Please wait 3 min and send it again."
    ) in page
    assert ("one more thing" in page, Message.objects.filter(author_kind="client_by_link").count()) == (
        True,
        20,
    )
    visitor.now += 3 * MINUTES
    assert visitor.post(address, key=str(uuid4()), words="one more thing").status_code == 302


def test_what_one_client_writes_counts_for_no_other(cast: Cast) -> None:
    for _time in range(20):
        count(cast.riley.pk, cast.okafor.pk)
    with pytest.raises(TooManyMessages):
        count(cast.riley.pk, cast.okafor.pk)
    count(cast.maya.pk, cast.okafor.pk)
    count(cast.riley.pk, cast.fischer.pk)


@transaction.atomic
def count(client: int, provider: int) -> None:
    count_words(client, provider, now=NOW)


def opened(address: str, *, place: str = "203.0.113.7", after: timedelta = timedelta(0)) -> HttpResponse:
    return Browser().get(address, REMOTE_ADDR=place, **{ARRIVAL: Arrival(at=NOW + after)})


@pytest.mark.parametrize("address", ["/r/never-was-any-such-link/", "/feeds/never-was-any-such-feed.ics"])
def test_p20_whoever_guesses_addresses_is_refused_and_nobody_else(cast: Cast, address: str) -> None:
    statuses = [opened(address).status_code for _try in range(16)]
    assert statuses == [404] * 15 + [429]
    assert int(opened(address)["Retry-After"]) == 5
    assert opened(address, place="198.51.100.9").status_code == 404
    # A client in the same network has the link that was sent to them.
    _link, token = mint(cast.asked(cast.booked()).batch)
    assert opened(f"/r/{token}/").status_code == 302
    assert opened(address, after=6 * SECONDS).status_code == 404


def test_whoever_guesses_the_token_of_the_figures_is_refused(cast: Cast, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "rain on the tin roof"  # noqa: S105  # of this test
    said = [
        Browser()
        .get("/metrics", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION=f"Bearer {number}")
        .status_code
        for number in range(16)
    ]
    assert said == [401] * 15 + [429]
    right = Browser().get(
        "/metrics", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION="Bearer rain on the tin roof"
    )
    assert right.status_code == 200
