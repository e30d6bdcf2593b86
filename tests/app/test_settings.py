"""Settings that a person can get wrong: each wrong value is one sentence that names the variable."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from raincheck.settings import _mail_address, _mail_server


@pytest.mark.parametrize(
    "value",
    [
        "",
        "smtp://mail.example",
        "smtp://mail.example:2525?starttls=0",
        "smtp://front:secret@mail.example?starttls=1",
        "smtp://front:secret@localhost:1025",
        "smtps://front:secret@mail.example",
    ],
)
def test_a_mail_server_is_taken_as_said(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    assert _mail_server("EMAIL_URL") == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("http://mail.example", "EMAIL_URL must be an address that starts with smtp:// or smtps://."),
        ("smtp://mail.example?tls=1", "EMAIL_URL knows one option: starttls=1, or starttls=0."),
        ("smtp://mail.example?starttls=yes", "EMAIL_URL knows one option: starttls=1, or starttls=0."),
        ("smtp://mail.example:many", "EMAIL_URL has a port that is not a number up to 65535."),
        (
            "smtp://front:secret@mail.example",
            "EMAIL_URL would send its password in the clear; add ?starttls=1 or use smtps://.",
        ),
    ],
)
def test_a_wrong_mail_server_is_named(value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        _mail_server("EMAIL_URL")
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("value", ["", "Harbor <front@harbor.example>", "front", "a@b@c.example", "front@"])
def test_a_sender_is_an_address_alone(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_FROM", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        _mail_address("EMAIL_FROM", "appointments@localhost")
    assert str(refusal.value) == (
        "EMAIL_FROM must be an e-mail address without a name, like front@practice.example."
    )
