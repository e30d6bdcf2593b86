"""What `docs/how-to/start-a-practice.md` says is typed, word for word, on a machine with nothing on it, up to an answered ask."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.app.operations.test_packages import clone, wheel  # noqa: F401  fixtures
from tests.app.smtp_server import Mailroom, mail_server
from tests.verify.installing.machine import Machine, is_possible, new_machine, sections
from tests.verify.installing.visitor import Visitor
from tests.verify.soak.browser import Page

from raincheck import clock
from raincheck.domain.access import authenticator

HEADING = re.compile(r"<h1[^>]*>\s*([^<]*?)\s*</h1>")
KEY = re.compile(r'id="app-key">([A-Z2-7 ]+)<')
LINK = re.compile(r"https://harbor\.example(/\S+)")
CERTIFICATE = """
mkdir -p /etc/letsencrypt/live/harbor.example
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=harbor.example \\
  -keyout /etc/letsencrypt/live/harbor.example/privkey.pem -out /etc/letsencrypt/live/harbor.example/fullchain.pem 2>/dev/null
"""


@pytest.fixture
def mailroom() -> Iterator[Mailroom]:
    with mail_server() as room:
        yield room


@pytest.fixture
def machine(wheel: Path) -> Iterator[Machine]:  # noqa: F811
    if not is_possible():
        pytest.skip(
            "Nobody here may lay a layer over the root directory (overlay), so no new machine can be made of it."
        )
    with new_machine(wheel, Path(tempfile.mkdtemp(prefix="raincheck-machine-", dir="/tmp"))) as machine:
        yield machine


def test_the_page_leads_from_an_empty_machine_to_an_ask_that_was_answered(
    machine: Machine, mailroom: Mailroom
) -> None:
    commands = sections()
    first = re.sub(
        r"^EMAIL_URL=.*$", f"EMAIL_URL={mailroom.url}", commands.pop("1. Who you are"), flags=re.MULTILINE
    )
    machine.type(first)
    nginx = commands.pop("nginx instead of Caddy")
    for title, block in commands.items():
        said = machine.type(block)
        if title.startswith("6."):
            assert [line for line in said.splitlines() if line.startswith("fail")] == []
            assert wait_for(lambda: mails_to(mailroom, "ada@harbor.example"))
        if title.startswith("7."):
            the_first_ask(mailroom, LINK.search(said)[1])
        if title.startswith("9."):
            assert "Harbor Counseling" in said
    machine.type(CERTIFICATE + nginx)
    assert Visitor().read("/sign-in/").status == 200


def the_first_ask(mailroom: Mailroom, link: str) -> None:
    ada, riley = Visitor(), Visitor()
    form = ada.read(link).form()
    password = "seven blue umbrellas"  # noqa: S105  # made up
    set_up_second_step(ada, ada.send(form, password=password, again=password))
    become_a_provider(ada)

    details = ada.read("/practice/details/").form(where=lambda form: "sender_name" in dict(form.values))
    said = {"sender_name": "Harbor", "phone": "+1 212 555 0100", "reply_to": "front@harbor.example"}
    assert ada.send(details, **said).status == 200
    booking = ada.read("/appointments/new/").form(where=lambda form: "client" in form.choices)
    day = f"{clock.real_now() + timedelta(days=14):%Y-%m-%d}"
    riley_chen = {"new_first_name": "Riley", "new_last_name": "Chen", "new_email": "riley@mail.example"}
    booked = ada.send(booking, day=day, time="10:00", **riley_chen)
    assert booked.status == 200
    address = appointment_of(ada.read("/appointments/?view=list"))
    asking = ada.read(f"{address}ask/").form(where=lambda form: "appointments" in form.choices)
    asked = ada.send(asking, reason="travel", note="Away that week.")
    assert asked.status == 200

    [letter] = wait_for(lambda: mails_to(mailroom, "riley@mail.example", saying="/r/"))
    page = riley.read(LINK.search(letter)[1])
    for choice in page.forms():  # the link's page is opened by a press
        if not page.picks() and choice.action.startswith("/r/"):
            page = riley.send(choice)
    [pick] = page.picks()
    asked_again = riley.send(pick, start=pick.choices["start"][0])  # a browser without scripts
    moved = riley.send(asked_again.form())
    assert (moved.status, unescape(HEADING.search(moved.html)[1])) == (200, "You're all set, Riley")
    # The booking's confirmation may come before, or be obsolete by then; this one always comes.
    assert wait_for(lambda: mails_to(mailroom, "riley@mail.example", saying="You're all set, Riley."))


def set_up_second_step(ada: Visitor, page: Page) -> None:
    """As her phone does it."""
    key = KEY.search(page.html)[1].replace(" ", "")
    code = authenticator.code_at(key, authenticator.step_at(clock.real_now()))
    codes = ada.send(
        page.form(where=lambda form: form.action.startswith("/account/authenticator/")), code=code
    )
    [kept] = [form for form in codes.forms() if form.action.startswith("/account/recovery-codes/?")]
    assert ada.send(kept).path == "/home/"


def become_a_provider(ada: Visitor) -> None:
    """A therapist alone is manager and provider, with hours every day."""
    [herself] = ada.read("/people/").links(r"/people/[0-9a-f-]{36}/")
    person = ada.read(herself).form(where=lambda form: "roles" in form.choices)
    assert ada.send(person, roles=["manager", "provider"], short_name="Ada").status == 200
    hours = ada.read("/availability/").form(where=lambda form: form.action.startswith("/availability/"))
    every_day = {
        f"{day}-0-{edge}": at for day in range(7) for edge, at in (("from", "08:00"), ("until", "20:00"))
    }
    assert ada.send(hours, save="yes", **every_day).status == 200


def appointment_of(page: Page) -> str:
    uuid = r"[0-9a-f]{8}-[0-9a-f-]{27}"
    [found] = set(re.findall(f"appointment=({uuid})", page.html)) or set(
        re.findall(f"/appointments/({uuid})/", page.html)
    )
    return f"/appointments/{found}/"


def mails_to(mailroom: Mailroom, address: str, *, saying: str = "") -> list[str]:
    texts = [one.get_body(("plain",)).get_content() for one in mailroom.got if address in str(one["To"])]
    return [text for text in texts if saying in text]


def wait_for(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + 90
    while not (found := look()):
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.2)
    return found
