"""What `docs/how-to/start-a-practice.md` says is typed, word for word, on a machine with nothing on it, by people who then use it."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.operations.test_packages import clone, wheel  # noqa: F401  fixtures
from tests.app.smtp_server import Mailroom, mail_server
from tests.verify.installing.machine import Machine, is_possible, new_machine, sections
from tests.verify.installing.new_practice import (
    CLIENTS,
    LINK,
    NewPractice,
    Person,
    mails_to,
    wait_for,
    words,
)
from tests.verify.installing.visitor import Visitor, found

CERTIFICATE = """
mkdir -p /etc/letsencrypt/live/harbor.example
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=harbor.example \\
  -keyout /etc/letsencrypt/live/harbor.example/privkey.pem -out /etc/letsencrypt/live/harbor.example/fullchain.pem 2>/dev/null
"""
LOST = """
systemctl stop raincheck
find /var/lib/raincheck -mindepth 1 -delete
systemctl start raincheck
"""
"""The machine is another one: its settings and its backup were kept, and nothing else."""


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
    with tempfile.TemporaryDirectory(prefix="raincheck-newer-", dir="/tmp") as newer:
        wheels = [wheel, newer_version(wheel, Path(newer))]
        directory = Path(tempfile.mkdtemp(prefix="raincheck-machine-", dir="/tmp"))
        with new_machine(wheels, directory) as machine:
            yield machine


def newer_version(wheel: Path, directory: Path) -> Path:  # noqa: F811
    """Return the same program under a number that is higher, so that pip has something to do."""
    name, number, *rest = wheel.name.split("-")
    newer = directory / "-".join([name, f"{number}.1", *rest])
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(newer, "w") as new:
        for one in old.infolist():
            said = old.read(one)
            if one.filename.endswith((".dist-info/METADATA", ".dist-info/RECORD")):
                said = said.replace(f"Version: {number}\n".encode(), f"Version: {number}.1\n".encode())
                said = said.replace(
                    f"{name}-{number}.dist-info".encode(), f"{name}-{number}.1.dist-info".encode()
                )
            new.writestr(one.filename.replace(f"-{number}.dist-info", f"-{number}.1.dist-info"), said)
    return newer


def test_the_page_leads_from_an_empty_machine_to_a_practice_at_work(
    machine: Machine, mailroom: Mailroom
) -> None:
    commands, practice = sections(), NewPractice(mailroom)
    first = re.sub(
        r"^EMAIL_URL=.*$", f"EMAIL_URL={mailroom.url}", commands.pop("1. Who you are"), flags=re.MULTILINE
    )
    machine.type(f"mkdir newer; mv raincheck-*.1-py3-*.whl newer\n{first}")
    nginx = commands.pop("nginx instead of Caddy")
    for title, block in commands.items():
        number = title.partition(".")[0]
        shown = before(number, machine, practice)
        after(number, title, machine.type(block), practice, shown)
    machine.type(CERTIFICATE + nginx)
    assert Visitor().read("/sign-in/").status == 200


def before(number: str, machine: Machine, practice: NewPractice) -> dict[str, str]:
    """Do what a section takes for granted, and return what the practice's pages show before it."""
    if number == "11":
        machine.type("WHEEL=$(ls newer/raincheck-*.whl)")
    shown = practice.shown() if number == "12" else {}
    if number == "12":
        machine.type(LOST)
        assert "There is no practice yet" in words(Visitor().read("/"))
    return shown


def after(number: str, title: str, said: str, practice: NewPractice, shown: dict[str, str]) -> None:
    """Look at what a section promises."""
    if number in ("6", "11", "12"):
        assert [line for line in said.splitlines() if line.startswith("fail")] == []
    if number == "6":
        assert wait_for(lambda: mails_to(practice.mailroom, practice.ada.email))
    if number == "7":
        assert practice.ada.comes_in(found(LINK, said)).path == "/home/"
        practice.at_work()
    if number == "9":
        assert "Harbor Counseling" in said
        assert f"\n{CLIENTS}\n" in said
    if number == "10":
        assert json.loads(said[said.index("{") : said.index("}") + 1]) == {"status": "green"}
        assert "raincheck_up 1\n" in said
    if number == "12":
        assert practice.ada.signs_in().path == "/home/"
        assert practice.shown() == shown
    if title.startswith("Another practice"):
        dana = Person("Dana Cho", "dana@elsewhere.example")
        assert dana.comes_in(found(LINK, said)).path == "/home/"
        assert "Brook" not in words(dana.browser.read("/clients/"))
        assert re.findall(r"^(Harbor Counseling|Elsewhere Clinic)\b(?!:)", said, re.MULTILINE) == [
            "Harbor Counseling",
            "Elsewhere Clinic",
        ]
