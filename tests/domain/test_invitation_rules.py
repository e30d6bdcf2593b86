"""Invitations: who can be invited as what, how long a link opens, and what clients read of a new provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from raincheck.domain.access.invitations import (
    EmailMissing,
    InvitationState,
    Invitee,
    NoRole,
    digest_of,
    short_name_of,
    sound_invitee,
    state_of,
)
from raincheck.domain.people import NotAnEmail, Role
from raincheck.domain.practice import NameMissing, NameTooLong
from raincheck.domain.refusals import Refusal

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
# Latin, Greek and Han letters, two hundred in all.
LONG_NAME = "Ada" + "Λ" * 97 + "龍" * 100


def test_an_invitee_is_kept_as_one_line_with_a_small_address_and_each_role_once() -> None:
    said = sound_invitee(
        name="  Ada\n Lovelace ", email=" Ada@Harbor.Example ", roles=["manager", "provider", "manager"]
    )
    assert said == Invitee("Ada Lovelace", "ada@harbor.example", (Role.PROVIDER, Role.MANAGER))


def test_a_name_of_two_hundred_letters_in_three_scripts_is_a_name() -> None:
    assert sound_invitee(name=LONG_NAME, email="a@b.example", roles=["manager"]).name == LONG_NAME


@pytest.mark.parametrize(
    ("name", "email", "roles", "refusal"),
    [
        (" \x00 ", "a@b.example", ["manager"], NameMissing),
        (LONG_NAME + "x", "a@b.example", ["manager"], NameTooLong),
        ("Ada", "", ["manager"], EmailMissing),
        ("Ada", "ada at harbor", ["manager"], NotAnEmail),
        ("Ada", "a@b.example", [], NoRole),
        ("Ada", "a@b.example", ["manager", "client"], NoRole),
        ("Ada", "a@b.example", ["owner"], NoRole),
    ],
)
def test_what_can_be_no_invitee_is_refused_by_name(
    name: str, email: str, roles: list[str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        sound_invitee(name=name, email=email, roles=roles)


@pytest.mark.parametrize(
    ("used", "revoked", "now", "state"),
    [
        (None, None, NOON - INSTANT, InvitationState.OPEN),
        (None, None, NOON, InvitationState.ENDED),
        (None, NOON - INSTANT, NOON - INSTANT, InvitationState.REVOKED),
        (None, NOON - INSTANT, NOON, InvitationState.REVOKED),
        (NOON - INSTANT, None, NOON - INSTANT, InvitationState.USED),
        (NOON - INSTANT, None, NOON, InvitationState.USED),
    ],
)
def test_an_invitation_is_open_until_used_revoked_or_over(
    used: datetime | None, revoked: datetime | None, now: datetime, state: InvitationState
) -> None:
    assert state_of(ends_at=NOON, used_at=used, revoked_at=revoked, now=now) is state


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Dr. Jo Okafor", "Dr. Okafor"),
        ("Dr. Jo van der Meer", "Dr. Meer"),
        ("Marcus Bell", "Marcus Bell"),
        ("Dr. Okafor", "Dr. Okafor"),
        ("Jo", "Jo"),
        ("龍", "龍"),
    ],
)
def test_clients_read_the_title_and_last_name_of_a_provider_else_the_whole(name: str, short: str) -> None:
    assert short_name_of(name) == short


def test_the_token_cannot_be_told_from_what_is_kept() -> None:
    assert (len(digest_of("token")), b"token" in digest_of("token")) == (32, False)
