"""Handing texts to a real gateway over HTTP."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.app.smtp_server import HERE, dripping, text_gateway

from raincheck.domain.notifications import Channel, Outcome
from raincheck.integrations.messages.outcomes import Report
from raincheck.integrations.messages.sms import send
from raincheck.queries.deliveries import Parcel

PROMPT = Parcel(
    ref=UUID("7d9b0f0e-6f3e-4f0e-9a55-0d3b6a3f6a10"),
    channel=Channel.SMS,
    address="+12125550123",
    sender="Harbor",
    reply_to="",
    subject="",
    text="Harbor: choose a new time: https://harbor.example/r/x/",
    html="",
    calendar="",
    link="https://harbor.example/r/x/",
    made_at=datetime(2026, 11, 16, 15, tzinfo=UTC),
)


def test_a_gateway_gets_number_words_and_a_stable_id() -> None:
    with text_gateway() as gateway:
        report = send(PROMPT, gateway=f"{gateway.url}/texts", timeout=5)
    assert report == Report(Outcome.ACCEPTED, '202 {"queued": true}')
    assert gateway.got == [{"to": PROMPT.address, "text": PROMPT.text, "id": str(PROMPT.ref)}]


def test_user_and_password_of_the_address_become_basic_authentication() -> None:
    with text_gateway() as gateway:
        send(PROMPT, gateway=gateway.url.replace("//", "//harbor:open%20sesame@"), timeout=5)
    (headers,) = gateway.headers
    assert (headers["Authorization"], headers["Host"], headers["Content-Type"]) == (
        "Basic aGFyYm9yOm9wZW4gc2VzYW1l",
        gateway.url.removeprefix("http://"),
        "application/json",
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (408, Outcome.DEFERRED),
        (429, Outcome.DEFERRED),
        (500, Outcome.DEFERRED),
        (503, Outcome.DEFERRED),
    ],
)
def test_the_status_says_what_became_of_the_text(status: int, outcome: Outcome) -> None:
    with text_gateway(status=status) as gateway:
        assert send(PROMPT, gateway=gateway.url, timeout=5) == Report(outcome, f'{status} {{"queued": true}}')


def test_nobody_is_sent_elsewhere() -> None:
    with text_gateway(status=302) as gateway:
        assert send(PROMPT, gateway=gateway.url, timeout=5).outcome is Outcome.DEFERRED
        assert [body["id"] for body in gateway.got] == [str(PROMPT.ref)]


def test_a_gateway_that_falls_silent_leaves_the_text_unknown() -> None:
    with text_gateway(hangs=True) as gateway:
        assert send(PROMPT, gateway=gateway.url, timeout=0.3) == Report(
            Outcome.UNKNOWN, "TimeoutError: timed out"
        )


def test_a_gateway_that_is_away_is_tried_later() -> None:
    with closing(socket.socket()) as nobody_listens:
        nobody_listens.bind((HERE, 0))
        url = f"http://{HERE}:{nobody_listens.getsockname()[1]}"
        assert send(PROMPT, gateway=url, timeout=5).outcome is Outcome.DEFERRED


def test_a_gateway_that_drips_is_left_after_so_many_seconds_in_all() -> None:
    """Each byte comes in time, and the answer never ends: nobody knows what became of the text."""
    with dripping() as port:
        report = send(PROMPT, gateway=f"http://{HERE}:{port}", timeout=5, in_all=0.3)
    assert report.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("status", "outcome"), [(202, Outcome.ACCEPTED), (400, Outcome.REFUSED)])
def test_a_status_counts_even_when_nothing_follows_it(status: int, outcome: Outcome) -> None:
    head = f"HTTP/1.1 {status} So\r\nContent-Length: 50\r\n\r\n"
    with dripping(head.encode()) as port:
        report = send(PROMPT, gateway=f"http://{HERE}:{port}", timeout=5, in_all=0.3)
    assert report.outcome is outcome
