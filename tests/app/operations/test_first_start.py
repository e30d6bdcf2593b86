"""The first start: a command makes a practice, its manager comes in by a link, and the pages know at once."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Browser
from tests.app.access.test_second_factor import set_up as set_up_second_factor
from tests.app.cast import Cast

from raincheck.cli.first_start import answers_of, invite_manager, list_practices, set_up
from raincheck.cli.refusal import CommandRefused
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Membership, Practice, User

RAINCHECK = [sys.executable, "-m", "raincheck.cli"]
HARBOR = {
    "practice": "Harbor Counseling",
    "zone": "America/New_York",
    "manager_name": "Ada Lovelace",
    "manager_email": "Ada@harbor.example",
}
LONG_NAME = "Ada" + "Λ" * 97 + "龍" * 100
LINK = re.compile(r"https?://\S+(/invitation/[\w-]{22}/)")


def answers(**said: str | None) -> dict[str, str]:
    return answers_of(argparse.Namespace(**{**HARBOR, **said}))


def made(capsys: pytest.CaptureFixture[str], **said: str) -> str:
    """Set a practice up and return the path of the one link that was printed."""
    set_up(answers(**said), as_json=False)
    [line] = capsys.readouterr().out.splitlines()
    found = LINK.search(line)
    assert found
    return found[1]


def come_in(link: str, password: str = "seven blue umbrellas") -> Browser:  # noqa: S107  # made up
    browser = Browser()
    key = re.findall(r'name="key" value="([^"]+)"', browser.get(link).content.decode())[0]
    response = browser.post(link, {"key": key, "password": password, "again": password})
    assert (response.status_code, response["Location"]) == (302, "/home/")
    set_up_second_factor(browser)
    return browser


def test_while_there_is_no_practice_everybody_reads_how_the_first_is_made(
    database: None, client: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    page = client.get("/", follow=True)
    assert (page.redirect_chain, page.status_code) == ([("/setup/", 302)], 200)
    assert re.findall("<code>(.*?)</code>", page.content.decode()) == ["raincheck setup"]
    made(capsys)
    # The same process, which was not started anew.
    assert client.get("/setup/").status_code == 404
    assert client.get("/")["Location"] == "/sign-in/"


def test_setting_up_makes_a_practice_that_its_first_manager_enters(
    database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = come_in(made(capsys))
    practice = Practice.objects.get()
    assert (practice.name, practice.zone) == ("Harbor Counseling", "America/New_York")
    members = Membership.objects.values_list("user__email", "user__name", "role", "practice")
    assert list(members) == [("ada@harbor.example", "Ada Lovelace", "manager", practice.pk)]
    assert list(AppointmentType.objects.order_by("name").values_list("name", "kind")) == [
        ("Follow-up", "follow_up"),
        ("Intake", "intake"),
    ]
    assert list(Place.objects.values_list("name", "kind")) == [("Video", "telehealth")]
    for page in ("/home/", "/requests/", "/clients/", "/practice/", "/practice/details/"):
        assert browser.get(page).status_code == 200, page


@pytest.mark.parametrize(
    "address",
    [
        "/appointments/",
        "/appointments/?view=calendar",
        "/appointments/new/",
        "/appointments/block/",
        "/availability/",
        "/availability/calendars/",
    ],
)
def test_pages_of_calendars_lead_home_while_nobody_has_one(
    database: None, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    browser = come_in(made(capsys))
    page = browser.get(address, follow=True)
    assert page.redirect_chain == [("/home/", 302)]
    assert "Nobody here has a calendar yet." in page.content.decode()


def test_once_more_makes_another_practice_and_one_person_may_manage_both(
    database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    come_in(made(capsys))
    link = made(capsys, practice="Pier Clinic", zone="Europe/London")
    browser = Browser()
    key = re.findall(r'name="key" value="([^"]+)"', browser.get(link).content.decode())[0]
    assert (
        browser.post(link, {"key": key, "password": "seven blue umbrellas"})["Location"]
        == "/sign-in/second-factor/"
    )
    assert (User.objects.count(), sorted(Membership.objects.values_list("practice__name", "role"))) == (
        1,
        [("Harbor Counseling", "manager"), ("Pier Clinic", "manager")],
    )


def test_programs_get_the_link_as_json(database: None, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(answers(), as_json=True)
    said = json.loads(capsys.readouterr().out)
    practice = Practice.objects.get()
    link = said.pop("link")
    assert LINK.fullmatch(link)
    assert said == {
        "practice": {"ref": str(practice.ref), "name": "Harbor Counseling", "zone": "America/New_York"},
        "manager": {"name": "Ada Lovelace", "email": "ada@harbor.example"},
        "minutes": 60,
    }


def test_names_of_two_hundred_letters_in_three_scripts_are_names(
    database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = come_in(made(capsys, practice=LONG_NAME, manager_name=LONG_NAME))
    assert (Practice.objects.get().name, User.objects.get().name) == (LONG_NAME, LONG_NAME)
    assert browser.get("/home/").status_code == 200


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"zone": "Mars/Olympus"},
            "--zone: “Mars/Olympus” is not a time zone we know. Nothing was changed; please choose one like America/New_York.",
        ),
        (
            {"zone": "new york"},
            "--zone: “new york” is not a time zone we know. Nothing was changed; please choose one like America/New_York."
            " Did you mean America/New_York?",
        ),
        ({"practice": " "}, "--practice: Please write a name. Nothing was changed yet."),
        (
            {"manager_name": "x" * 201},
            "--manager-name: This has 201 characters; 200 fit. Nothing was changed yet; please shorten it.",
        ),
        (
            {"manager_email": "ada"},
            "--manager-email: “ada” does not look like an e-mail address. Nothing was changed; "
            "please write it like name@example.com.",
        ),
        (
            {"zone": None, "manager_email": None},
            "There is no terminal to ask at, so these are needed: --zone, --manager-email. Nothing was changed.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_made(
    database: None, monkeypatch: pytest.MonkeyPatch, said: dict[str, str | None], sentence: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandRefused) as refused:
        answers(**said)
    assert str(refused.value) == sentence
    assert Practice.objects.count() == 0


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_what_is_left_out_is_asked_for_and_asked_again_until_it_is_sound(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Atlantis\nEurope/London\nada\nada@harbor.example\n"))
    said = answers(zone=None, manager_email=None)
    assert said == {
        "--practice": "Harbor Counseling",
        "--zone": "Europe/London",
        "--manager-name": "Ada Lovelace",
        "--manager-email": "ada@harbor.example",
    }
    told = capsys.readouterr()
    assert (told.out, told.err.count("Its time zone"), told.err.count("The manager's e-mail address")) == (
        "",
        2,
        2,
    )


def test_an_end_of_typing_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    with pytest.raises(CommandRefused) as refused:
        answers(zone=None)
    assert str(refused.value) == "Nothing was changed."


def test_practices_are_listed_with_how_many_work_there(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    made(capsys, practice="Pier Clinic", zone="Europe/London")
    list_practices(as_json=True)
    rows = json.loads(capsys.readouterr().out)
    refs = {row.name: str(row.ref) for row in Practice.objects.all()}
    assert rows == [
        {
            "ref": refs[name],
            "name": name,
            "zone": zone,
            "managers": 0,
            "providers": providers,
            "invited": invited,
        }
        for name, zone, providers, invited in (
            ("Harbor Counseling", "America/New_York", 2, 0),
            ("Elsewhere Clinic", "America/New_York", 1, 0),
            ("Pier Clinic", "Europe/London", 0, 1),
        )
    ]
    list_practices(as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "practice",
        "Harbor Counseling",
        "Elsewhere Clinic",
        "Pier Clinic",
    ]


def test_without_a_practice_the_list_says_how_to_make_one(
    database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    list_practices(as_json=False)
    assert capsys.readouterr().out == "There is no practice yet; raincheck setup makes the first one.\n"
    with pytest.raises(CommandRefused) as refused:
        invite_manager("ada@harbor.example", name=None, practice=None, as_json=False)
    assert str(refused.value) == (
        "There is no practice yet; raincheck setup makes the first one. Nothing was changed."
    )


def test_a_practice_without_managers_gets_one_by_name_or_ref(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    invite_manager("okafor@harbor.example", name=None, practice="harbor  counseling", as_json=False)
    told = capsys.readouterr().out
    assert told.startswith("Harbor Counseling: Dr. Jo Okafor opens this link within an hour, once: http")
    invite_manager("ada@new.example", name="Ada", practice=str(cast.elsewhere.ref), as_json=True)
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (said["practice"]["name"], said["manager"]) == (
        "Elsewhere Clinic",
        {"name": "Ada", "email": "ada@new.example"},
    )
    come_in(LINK.fullmatch(said["link"])[1])  # type: ignore[index]  # it matches, or the test fails


def test_the_only_manager_who_lost_everything_comes_back_by_the_command(
    database: None, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.BASE_URL, settings.PORT = "http://127.0.0.1:1", 1
    come_in(made(capsys))
    lost = set(Authenticator.objects.values_list("pk", flat=True))
    invite_manager("Ada@harbor.example", name=None, practice=None, as_json=False)
    told = capsys.readouterr()
    found = LINK.search(told.out)
    assert found
    assert told.out == f"Harbor Counseling: Ada Lovelace opens this link within an hour, once: {found[0]}\n"
    assert told.err.splitlines() == [
        "Nothing answers there yet: start raincheck serve before the hour is over.",
        "Ada Lovelace is a manager there already: the link gives them a new password and takes their second step away.",
    ]
    browser = come_in(found[1], "nine green kettles")
    assert browser.get("/home/").status_code == 200
    kept = set(Authenticator.objects.values_list("pk", flat=True))
    assert (len(lost), len(kept), lost & kept) == (2, 2, set())
    assert list(Membership.objects.values_list("user__email", "role")) == [("ada@harbor.example", "manager")]


@pytest.mark.parametrize(
    ("practice", "sentence"),
    [
        (None, "There are 2 practices. Say which one by --practice and its ref"),
        ("Pier", "There is no practice called “Pier”; raincheck practices lists them. Nothing was changed."),
    ],
)
def test_a_practice_that_is_not_meant_clearly_gets_nobody(
    cast: Cast, practice: str | None, sentence: str
) -> None:
    with pytest.raises(CommandRefused) as refused:
        invite_manager("ada@new.example", name=None, practice=practice, as_json=False)
    assert str(refused.value).startswith(sentence)


def test_a_link_that_nothing_answers_at_yet_is_said_so_beside_the_line(
    database: None, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.BASE_URL, settings.PORT = "http://127.0.0.1:1", 1
    set_up(answers(), as_json=False)
    told = capsys.readouterr()
    assert (len(told.out.splitlines()), told.err) == (
        1,
        "Nothing answers there yet: start raincheck serve before the hour is over.\n",
    )


@pytest.fixture
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="raincheck-setup-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory / "home"
    shutil.rmtree(directory)


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_"))
    }
    return subprocess.run(
        [*RAINCHECK, *words],
        env={**kept, "RAINCHECK_HOME": str(home), "PORT": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


FLAGS = [word for name, said in HARBOR.items() for word in ("--" + name.replace("_", "-"), said)]


@pytest.mark.verify
def test_two_setups_at_once_on_a_machine_with_nothing_make_two_practices(home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _number: run(home, "setup", *FLAGS), range(2)))
    assert [(done.returncode, bool(LINK.search(done.stdout))) for done in both] == [(0, True)] * 2
    listed = json.loads(run(home, "practices", "--json").stdout)
    assert [(row["name"], row["invited"]) for row in listed] == [("Harbor Counseling", 1)] * 2
    ambiguous = run(home, "invite", "--manager", "ada@new.example", "--practice", "Harbor Counseling")
    assert (ambiguous.returncode, ambiguous.stdout) == (1, "")
    assert ambiguous.stderr.startswith("raincheck: 2 practices are called “Harbor Counseling”.")
    refused = run(home, "setup", "--practice", "Pier")
    assert (refused.returncode, refused.stderr) == (
        1,
        "raincheck: There is no terminal to ask at, so these are needed: --zone, --manager-name, --manager-email. "
        "Nothing was changed.\n",
    )
