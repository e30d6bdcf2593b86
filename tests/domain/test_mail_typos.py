"""Typos of common mail domains: what was likely meant, and what is left alone."""

from __future__ import annotations

import pytest

from raincheck.domain.clients.mail_typos import COMMON, likely_meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("riley@gmial.com", "riley@gmail.com"),
        ("riley@gmai.com", "riley@gmail.com"),
        ("riley@gmaill.com", "riley@gmail.com"),
        ("riley@gnail.com", "riley@gmail.com"),
        ("riley@gmail.co", "riley@gmail.com"),
        ("riley@gmail.con", "riley@gmail.com"),
        ("Riley@GMIAL.com", "Riley@gmail.com"),
        ("riley@gmial.con", "riley@gmail.com"),
        ("riley@hotmial.com", "riley@hotmail.com"),
        ("riley@yaho.com", "riley@yahoo.com"),
        ("riley@outlok.com", "riley@outlook.com"),
        ("riley@iclould.com", "riley@icloud.com"),
        ("riley@aol.co", "riley@aol.com"),
        ("riley@comcast.ne", "riley@comcast.net"),
        ("riley@harbor.con", "riley@harbor.com"),
        ("a@b@gmial.com", "a@b@gmail.com"),
    ],
)
def test_a_typo_is_asked_about(written: str, meant: str) -> None:
    assert likely_meant(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "gmial.com",
        "riley@clients.example",
        "riley@email.com",
        "riley@mail.com",
        "riley@gmx.at",
        "riley@yahoo.ca",
        "riley@outlook.fr",
        "riley@sol.com",
        "riley@mit.edu",
        "riley@bücher.de",
        *(f"riley@{domain}" for domain in COMMON),
        *(f"riley@{domain.upper()}" for domain in COMMON),
    ],
)
def test_other_addresses_are_left_alone(written: str) -> None:
    assert likely_meant(written) is None
