"""An invitation's link: it shows, it lets one person in once, and says kindly what it has become."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.access.test_second_factor import enrolled, set_up
from tests.app.cast import NOW, Cast, a_key
from tests.app.staff_browser import BACKEND, errors, key_in

from raincheck import clock
from raincheck.actions.access.invitations import accept_invitation, invite, revoke_invitation
from raincheck.actions.access.people import change_person, end_access
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.people import RightsHistory
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.people import Membership, Provider, User
from raincheck.domain.access.invitations import (
    OPERATORS_LIVE,
    AlreadyHere,
    InvitationGone,
    InvitationUsed,
    WayBackNeedsPassword,
    digest_of,
    sound_invitee,
)
from raincheck.domain.access.people import Person
from raincheck.domain.people import OPERATOR, SYSTEM, Actor, ActorKind, NotInThisPractice, Role
from raincheck.web.requests import Arrival

TOKEN = "x" * 22
LINK = f"/invitation/{TOKEN}/"
ADA, VANCE = "ada@harbor.example", "vance@elsewhere.example"
WORDS, VANCES_WORDS = "seven blue umbrellas", "let me in please"
WRONG = "some other words"
HOUR = timedelta(hours=1)


def invited(
    cast: Cast,
    *,
    email: str = ADA,
    roles: tuple[str, ...] = ("manager",),
    token: str = TOKEN,
    by: Actor = OPERATOR,
    now: datetime = NOW,
) -> Invitation:
    who = sound_invitee(name="Ada Lovelace", email=email, roles=roles)
    verb = partial(
        invite, cast.practice.pk, who=who, digest=digest_of(token), lives=OPERATORS_LIVE, by=by, now=now
    )
    return Invitation.objects.get(ref=run_command(verb, key=None, body={}, by=by, now=now)["invitation"])


def at(now: datetime) -> dict[str, Any]:
    return {"raincheck.arrival": Arrival(now, clock.monotonic())}


def opened(browser: Browser, *, now: datetime = NOW, link: str = LINK) -> HttpResponse:
    return browser.get(link, **at(now))


def sent(browser: Browser, *, key: str = "", now: datetime = NOW, **said: str) -> HttpResponse:
    return browser.post(LINK, {"key": key or str(a_key()), **said}, **at(now))


def chosen(browser: Browser, password: str = WORDS, **said: Any) -> HttpResponse:
    return sent(browser, **{"password": password, "again": password, **said})


def signed_in(browser: Browser) -> str:
    number = browser.session.get("_auth_user_id")
    return User.objects.get(pk=number).email if number else ""


def heading(response: HttpResponse) -> tuple[int, str]:
    [found] = re.findall(r"<h1>(.*?)</h1>", response.content.decode())
    return response.status_code, unescape(found)


def members(email: str = ADA) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(user__email=email).order_by("pk")
    return list(rows.values_list("practice__name", "role"))


def test_opening_the_link_shows_who_is_invited_as_what_and_acts_on_nothing(
    cast: Cast, client: Browser
) -> None:
    invitation = invited(cast, roles=("manager", "provider"))
    page = opened(client)
    words = " ".join(re.sub(r"<[^>]*>", " ", page.content.decode().split("<main", 1)[1]).split())
    assert heading(page) == (200, "Welcome to Harbor Counseling")
    assert (
        "Ada Lovelace, you are invited to work here as: Provider : has a calendar and clients Manager"
        in words
    )
    assert f"You will sign in with {ADA} ." in words
    invitation.refresh_from_db()
    assert (invitation.used_at, User.objects.filter(email=ADA).exists()) == (None, False)


def test_a_new_person_chooses_a_password_and_lands_on_home_as_a_manager(cast: Cast, client: Browser) -> None:
    now = clock.now()  # the second factor is set up by the real clock
    invitation = invited(cast, now=now)
    response = chosen(client, key=key_in(opened(client, now=now)), now=now)
    assert (response.status_code, response["Location"]) == (302, "/home/")
    assert (signed_in(client), members()) == (ADA, [("Harbor Counseling", "manager")])
    user = User.objects.get(email=ADA)
    assert (user.name, user.check_password(WORDS)) == ("Ada Lovelace", True)
    invitation.refresh_from_db()
    assert (invitation.used_at, invitation.used_by) == (now, user)
    # Whoever is new sets a second factor up first.
    assert client.get("/home/")["Location"] == "/account/authenticator/?next=/home/"
    set_up(client)
    assert client.get("/home/").status_code == 200


def test_a_new_provider_has_the_practices_zone_and_no_hours_yet(cast: Cast, client: Browser) -> None:
    now = clock.now()
    invited(cast, roles=("provider", "manager"), now=now)
    chosen(client, key=key_in(opened(client, now=now)), now=now)
    provider = Provider.objects.get(email=ADA)
    assert (provider.practice, provider.name, provider.short_name, provider.zone, provider.availability) == (
        cast.practice,
        "Ada Lovelace",
        "Ada Lovelace",
        "America/New_York",
        {},
    )
    assert members() == [("Harbor Counseling", "provider"), ("Harbor Counseling", "manager")]
    set_up(client)
    for page in ("/home/", "/availability/", "/appointments/", "/appointments/?view=calendar", "/clients/"):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"password": "", "again": ""}, "Please choose a password."),
        ({"password": "7 chars", "again": "7 chars"}, "This password is too short."),
        ({"password": "password1", "again": "password1"}, "This password is too common."),
        ({"password": WORDS, "again": "seven"}, "The two passwords differ. Please write the same one twice."),
        ({"password": WORDS, "again": ""}, "Please write the password once more."),
    ],
)
def test_a_password_that_cannot_be_is_refused_at_its_field(
    cast: Cast, client: Browser, said: dict[str, str], sentence: str
) -> None:
    invited(cast)
    response = sent(client, **said)
    assert (response.status_code, signed_in(client), members()) == (422, "", [])
    assert errors(response)[0].startswith(sentence)


def test_eight_characters_are_enough(cast: Cast, client: Browser) -> None:
    invited(cast)
    assert chosen(client, "uÞ龍 4tr!").status_code == 302


def test_a_link_that_was_used_says_so_and_lets_nobody_in(cast: Cast, client: Browser) -> None:
    invited(cast)
    chosen(client)
    other = Browser()
    for page in (opened(other), chosen(other, WRONG)):
        assert heading(page) == (410, "This invitation was used already")
    assert (signed_in(other), User.objects.get(email=ADA).check_password(WORDS)) == ("", True)


def test_the_same_form_sent_twice_lets_the_same_person_in_twice(cast: Cast, client: Browser) -> None:
    invited(cast)
    key = key_in(opened(client))
    chosen(client, key=key)
    # The second press of one button: its browser has not heard of the first one's session yet.
    again = Browser()
    assert (chosen(again, key=key)["Location"], signed_in(again)) == ("/home/", ADA)
    guess = Browser()
    page = chosen(guess, WRONG, key=key)
    assert (heading(page), signed_in(guess)) == ((410, "This invitation was used already"), "")
    assert members() == [("Harbor Counseling", "manager")]


def test_a_link_that_is_over_says_how_the_operator_makes_another(cast: Cast, client: Browser) -> None:
    invited(cast)
    assert heading(opened(client, now=NOW + HOUR - timedelta(seconds=1)))[0] == 200
    late = opened(client, now=NOW + HOUR)
    assert heading(late) == (410, "This invitation has ended")
    assert "raincheck invite --manager EMAIL --practice NAME" in late.content.decode()
    assert heading(chosen(client, now=NOW + HOUR)) == (410, "This invitation has ended")
    assert members() == []


def test_a_link_that_was_taken_back_lets_nobody_in(cast: Cast, client: Browser) -> None:
    taken_back(cast, invited(cast))
    for page in (opened(client), chosen(client)):
        assert heading(page) == (410, "This invitation was taken back")
    assert members() == []


def test_a_link_that_is_nobodys_shows_nothing(cast: Cast, client: Browser) -> None:
    invited(cast)
    page = client.get("/invitation/" + "y" * 22 + "/")
    assert heading(page) == (404, "We can't open this page")
    assert "Harbor" not in page.content.decode()


def test_somebody_with_a_password_keeps_it_and_shows_it(cast: Cast, client: Browser) -> None:
    """Dr. Vance of the other practice becomes a manager here, and keeps the password of there."""
    invited(cast, email=VANCE)
    assert "has a password here already" in opened(client).content.decode()
    wrong = sent(client, password=WRONG)
    assert (wrong.status_code, errors(wrong)) == (
        401,
        ["That is not the password of this e-mail address. Please try again."],
    )
    right = sent(client, password=VANCES_WORDS)
    assert (right["Location"], signed_in(client)) == ("/home/", VANCE)
    assert members(VANCE) == [
        ("Elsewhere Clinic", "provider"),
        ("Harbor Counseling", "manager"),
    ]


def test_tries_at_a_password_count_as_they_do_at_the_sign_in(cast: Cast, client: Browser) -> None:
    invited(cast, email=VANCE)
    answers = [sent(client, password=WRONG).status_code for _try in range(6)]
    assert answers == [401] * 5 + [429]


def test_who_is_signed_in_has_only_to_accept(cast: Cast, client: Browser) -> None:
    invited(cast, email="okafor@harbor.example")
    client.force_login(User.objects.get(email="okafor@harbor.example"), backend=BACKEND)
    page = opened(client).content.decode()
    assert ("Accept</button>" in page, 'type="password"' in page) == (True, False)
    assert sent(client)["Location"] == "/home/"
    assert members("okafor@harbor.example") == [
        ("Harbor Counseling", "provider"),
        ("Harbor Counseling", "manager"),
    ]


def test_who_is_signed_in_as_somebody_else_is_told_and_becomes_the_invited(
    cast: Cast, client: Browser
) -> None:
    invited(cast)
    client.force_login(User.objects.get(email="okafor@harbor.example"), backend=BACKEND)
    assert "okafor@harbor.example is signed in" in opened(client).content.decode()
    chosen(client)
    assert signed_in(client) == ADA


def test_a_client_without_a_password_chooses_one(cast: Cast, client: Browser) -> None:
    user = User.objects.get(email="eve@clients.example")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    invited(cast, email=user.email)
    chosen(client)
    assert members(user.email) == [("Elsewhere Clinic", "client"), ("Harbor Counseling", "manager")]


def test_a_new_invitation_ends_the_one_before(cast: Cast, client: Browser) -> None:
    first = invited(cast)
    second = invited(cast, token="y" * 22, roles=("provider",))
    assert heading(opened(client)) == (410, "This invitation was taken back")
    assert heading(opened(client, link=f"/invitation/{'y' * 22}/"))[0] == 200
    first.refresh_from_db()
    assert (first.revoked_at, second.revoked_at) == (NOW, None)


def test_who_has_all_these_roles_is_not_invited_again(cast: Cast) -> None:
    with pytest.raises(AlreadyHere):
        invited(cast, email="okafor@harbor.example", roles=("provider",))
    assert Invitation.objects.count() == 0
    invited(cast, email="okafor@harbor.example", roles=("provider", "manager"))


def managing(cast: Cast) -> User:
    """Make Dr. Vance, who has a password of elsewhere, a manager here, with a second step."""
    user = User.objects.get(email=VANCE)
    Membership.objects.create(practice=cast.practice, user=user, role="manager")
    enrolled(VANCE)
    return user


def resets(user: User) -> list[tuple[str, str, str, int | None]]:
    rows = RightsHistory.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("practice__name", "event", "actor_kind", "actor"))


def test_a_manager_comes_back_with_a_new_password_and_without_the_old_second_step(
    cast: Cast, client: Browser
) -> None:
    now = clock.now()  # sessions go by the real clock
    user = managing(cast)
    other = Browser()
    other.force_login(user, backend=BACKEND)
    client.force_login(user, backend=BACKEND)
    invitation = invited(cast, email=VANCE, now=now)
    page = opened(client, now=now)
    words = " ".join(re.sub(r"<[^>]*>", " ", page.content.decode().split("<main", 1)[1]).split())
    assert heading(page) == (200, "Your way back into Harbor Counseling")
    assert (
        "When you save: The password you choose takes the place of the old one. "
        "Your second step and its recovery codes are taken away. The next page sets up a new one. "
        "You are signed out everywhere else."
    ) in words
    # Looking changes nothing.
    assert (Authenticator.objects.filter(user=user).count(), resets(user)) == (2, [])
    response = chosen(client, key=key_in(page), now=now)
    assert (response.status_code, response["Location"], signed_in(client)) == (302, "/home/", VANCE)
    assert client.get("/home/")["Location"] == "/account/authenticator/?next=/home/"
    assert other.get("/home/")["Location"].startswith("/sign-in/")
    user.refresh_from_db()
    invitation.refresh_from_db()
    assert (user.check_password(WORDS), Authenticator.objects.filter(user=user).count()) == (True, 0)
    assert (invitation.used_at, invitation.used_by) == (now, user)
    assert resets(user) == [
        ("Harbor Counseling", "second_factor_reset", "operator", None),
        ("Elsewhere Clinic", "second_factor_reset", "operator", None),
    ]
    assert members(VANCE) == [("Elsewhere Clinic", "provider"), ("Harbor Counseling", "manager")]
    assert heading(chosen(Browser(), WRONG, now=now)) == (410, "This invitation was used already")


def test_only_an_operators_link_brings_a_manager_back(cast: Cast) -> None:
    user = managing(cast)
    own = Membership.objects.get(user=user, role="manager")
    with pytest.raises(AlreadyHere):
        invited(cast, email=VANCE, by=Actor(ActorKind.MANAGER, own.pk, practice=cast.practice.pk))
    assert Invitation.objects.count() == 0


def test_a_way_back_is_refused_without_a_new_password(cast: Cast) -> None:
    """The page was opened before they were a manager, and asked for the password they have."""
    user = managing(cast)
    verb = partial(accept_invitation, invited(cast, email=VANCE).ref, password=None, now=NOW)
    with pytest.raises(WayBackNeedsPassword):
        run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)
    assert (Authenticator.objects.filter(user=user).count(), resets(user)) == (2, [])


def test_whose_access_ends_has_no_way_back_left(cast: Cast, client: Browser) -> None:
    user = managing(cast)
    Membership.objects.create(
        practice=cast.practice, user=User.objects.get(email="okafor@harbor.example"), role="manager"
    )
    invited(cast, email=VANCE)
    verb = partial(end_access, user.ref, practice_id=cast.practice.pk, by=OPERATOR, now=NOW)
    run_command(verb, key=None, body={}, by=OPERATOR, now=NOW)
    assert heading(chosen(client)) == (410, "This invitation was taken back")
    user.refresh_from_db()
    assert (user.check_password(VANCES_WORDS), Authenticator.objects.filter(user=user).count()) == (True, 2)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("manager", Person("Dr. Jo Okafor", "jo@harbor.example", frozenset({Role.MANAGER, Role.PROVIDER}))),
        (
            "scheduler",
            Person("Dr. Jo Okafor", "okafor@harbor.example", frozenset({Role.MANAGER, Role.PROVIDER})),
        ),
    ],
)
def test_a_link_ends_when_its_address_or_their_right_to_manage_changes(
    cast: Cast, client: Browser, held: str, said: Person
) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    Membership.objects.create(practice=cast.practice, user=user, role=held)
    invited(cast, email=user.email)
    verb = partial(
        change_person, user.ref, practice_id=cast.practice.pk, said=said, seen=0, by=OPERATOR, now=NOW
    )
    run_command(verb, key=None, body={}, by=OPERATOR, now=NOW)
    assert heading(chosen(client)) == (410, "This invitation was taken back")


def taken_back(cast: Cast, invitation: Invitation, *, by: Actor = OPERATOR, now: datetime = NOW) -> Answer:
    practice = cast.practice.pk if by.practice is None else by.practice
    verb = partial(revoke_invitation, invitation.ref, practice_id=practice, by=by, now=now)
    return run_command(verb, key=None, body={}, by=by, now=now)


def test_who_comes_back_has_the_calendar_they_had(cast: Cast, client: Browser) -> None:
    gone = Membership.objects.get(provider=cast.okafor)
    gone.ended_at = NOW
    gone.save(update_fields=["ended_at"])
    invited(cast, email="okafor@harbor.example", roles=("provider",))
    assert sent(client, password=VANCES_WORDS)["Location"] == "/home/"
    gone.refresh_from_db()
    assert (gone.ended_at, gone.provider, Membership.objects.filter(provider=cast.okafor).count()) == (
        None,
        cast.okafor,
        1,
    )


def test_only_the_practices_own_managers_invite_and_take_back(cast: Cast) -> None:
    invitation = invited(cast, by=Actor(ActorKind.MANAGER, 1, practice=cast.practice.pk))
    stranger = Actor(ActorKind.MANAGER, 2, practice=cast.elsewhere.pk)
    provider = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    for by in (stranger, provider):
        with pytest.raises(NotInThisPractice):
            invited(cast, email="eve@clients.example", token="y" * 22, by=by)
    with pytest.raises(InvitationGone):
        taken_back(cast, invitation, by=stranger)
    with pytest.raises(NotInThisPractice):
        taken_back(cast, invitation, by=provider)
    invitation.refresh_from_db()
    assert (Invitation.objects.count(), invitation.revoked_at) == (1, None)


def test_one_that_was_used_is_not_taken_back(cast: Cast, client: Browser) -> None:
    invitation = invited(cast)
    chosen(client)
    with pytest.raises(InvitationUsed):
        taken_back(cast, invitation)


def test_neither_the_link_nor_the_password_is_kept(cast: Cast, client: Browser) -> None:
    """Not in the invitation, nor in the row of the form's key, whose hash is quick to try."""
    invited(cast)
    key = key_in(opened(client))
    chosen(client, key=key)
    row = IdempotencyKey.objects.get(key=UUID(key))
    said = json.dumps({"path": LINK}, sort_keys=True).encode()
    assert (bytes(row.body_hash), set(row.answer or {})) == (sha256(said).digest(), {"user", "practice"})
    kept = Invitation.objects.get()
    assert bytes(kept.hash) == sha256(TOKEN.encode()).digest()
