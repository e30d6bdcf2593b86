"""`raincheck check`: what an operator must know, each in one line, by looking at the real thing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections
from tests.app.cast import Cast
from tests.app.operations.backups import backed_up, brought_programs
from tests.app.smtp_server import Gateway, Mailroom, mail_server, text_gateway

from raincheck import clock
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.cli.checks import Asked, findings
from raincheck.data.access.record_keys import forget_keys
from raincheck.data.encryption import encrypt
from raincheck.data.models import BusyCalendar, Heartbeat
from raincheck.data.timing.backups import Backup
from raincheck.domain.health import ProcessKind
from raincheck.domain.people import Actor, ActorKind

HOUR = timedelta(hours=1)
EVERYTHING = [
    "database", "owner", "timeouts", "schema", "clock", "backup", "key", "proxy", "mail", "texts", "address", "disk",
]  # fmt: skip
RAINCHECK = [sys.executable, "-m", "raincheck.cli"]


def said(name: str, *, mail_to: str = "", text_to: str = "") -> tuple[str, str]:
    """Return the verdict and the sentence about one thing."""
    [found] = [one for one in findings(Asked(mail_to, text_to)) if one.name == name]
    return found.verdict, found.sentence


@pytest.fixture(autouse=True)
def _pages_here(settings: LazySettings) -> Iterator[None]:
    """Something that answers at BASE_URL, so that no test asks the network."""
    with text_gateway() as pages:
        settings.BASE_URL = pages.url
        yield


def test_where_all_is_well_everything_is_ok(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, settings: LazySettings
) -> None:
    settings.BASE_URL = gateway.url
    Backup.objects.create(made_at=clock.real_now() - 20 * HOUR, size=3_400_000)
    found = findings(Asked())
    assert [(one.name, one.verdict) for one in found] == [(name, "ok") for name in EVERYTHING]
    assert [one.sentence[-1] for one in found] == ["."] * len(found)
    assert (mailroom.got, gateway.got) == ([], [{"asked for": "/health/live"}])


def test_a_message_and_a_text_are_sent_where_somebody_looks(
    cast: Cast, mailroom: Mailroom, gateway: Gateway, settings: LazySettings
) -> None:
    settings.BASE_URL = gateway.url
    place = mailroom.url.removeprefix("smtp://").rstrip("/")
    assert said("mail", mail_to="sasha@harbor.example") == (
        "ok",
        f"The mail server {place} took a message for sasha@harbor.example. Look whether it arrives, and not as spam.",
    )
    assert [(one["To"], one["Subject"]) for one in mailroom.got] == [
        ("sasha@harbor.example", "A message to try the mail out")
    ]
    assert said("texts", text_to="+12125550101") == (
        "ok",
        "The gateway 127.0.0.1 took a text for +12125550101. Look whether it arrives.",
    )
    assert [one["to"] for one in gateway.got if "to" in one] == ["+12125550101"]


def test_what_a_server_refuses_is_told_in_its_own_words(cast: Cast, settings: LazySettings) -> None:
    with mail_server(rcpt="550 we take nothing from you") as room, text_gateway(status=403) as texts:
        settings.EMAIL_URL, settings.SMS_URL = room.url, texts.url
        assert said("mail")[0] == "ok"
        verdict, sentence = said("mail", mail_to="sasha@harbor.example")
        assert (verdict, sentence.partition(" says: ")[2]) == ("fail", "550 we take nothing from you.")
        assert said("texts", text_to="+12125550101") == (
            "fail",
            'The gateway 127.0.0.1 says: 403 {"queued": true}.',
        )


@pytest.mark.verify
def test_a_mail_server_that_wants_another_password_or_is_away(cast: Cast, settings: LazySettings) -> None:
    with mail_server() as room:
        settings.EMAIL_URL = room.url.replace("smtp://", "smtp://sasha:wrong@")
        assert said("mail")[0] == "fail"
        settings.EMAIL_URL = room.url
    verdict, sentence = said("mail")
    assert (verdict, "Connection refused" in sentence) == ("fail", True)


def test_without_servers_for_messages_it_warns(cast: Cast, settings: LazySettings) -> None:
    settings.EMAIL_URL = settings.SMS_URL = ""
    assert said("mail") == (
        "warn",
        "EMAIL_URL is not set, so no e-mail leaves; every message becomes a task.",
    )
    assert said("texts") == ("ok", "SMS_URL is not set, and nobody needs texts.")


@contextmanager
def signing_in_as(alias: str, role: str) -> Iterator[None]:
    told = connections[alias].settings_dict
    kept = told["USER"]
    connections[alias].close()
    told["USER"] = role
    try:
        yield
    finally:
        connections[alias].close()
        told["USER"] = kept


@pytest.mark.parametrize("owner_named_by", ["DATABASE_OWNER_URL", "DATABASE_URL"])
def test_a_role_that_is_not_let_in_is_named_with_the_servers_reason(
    cast: Cast, settings: LazySettings, owner_named_by: str
) -> None:
    settings.DATABASE_OWNER_NAMED_BY = owner_named_by
    for alias, name, variable in (
        ("default", "database", "DATABASE_URL"),
        ("owner", "owner", owner_named_by),
    ):
        with signing_in_as(alias, "stranger"):
            found = {one.name: one for one in findings(Asked())}
        assert found[name].verdict == "fail"
        assert found[name].sentence.startswith(f"{variable} cannot be used: ")
        # What could not be read has its line too, and is not called well.
        assert list(found) == EVERYTHING
        unread = {one.verdict for one in found.values() if one.sentence.startswith("Not looked at: ")}
        assert (unread, found["key"].sentence) == (
            {"warn"},
            "Not looked at: this is read from the database, and a line above says why it can't be.",
        )


def test_a_database_that_is_away_is_told_without_a_question(cast: Cast) -> None:
    told = connections["owner"].settings_dict
    kept = {name: told[name] for name in ("HOST", "PORT")}
    connections["owner"].close()
    told |= {"HOST": "127.0.0.1", "PORT": "1"}
    try:
        verdict, sentence = said("owner")
    finally:
        told |= kept
    assert (verdict, sentence.rpartition("failed: ")[2], sentence.count("?")) == (
        "fail",
        "Connection refused.",
        0,
    )


def test_pages_that_own_their_tables_and_an_owner_that_does_not(cast: Cast) -> None:
    owner, application = (connections[alias].settings_dict["USER"] for alias in ("owner", "default"))
    with signing_in_as("default", owner):
        verdict, sentence = said("database")
        assert verdict == "warn"
        assert f"the pages' role {owner} owns the tables" in sentence
    with signing_in_as("owner", application):
        verdict, sentence = said("owner")
        assert verdict == "fail"
        assert sentence.endswith(
            f"tables do not belong to {application}, so no update could change them. Name their owner in DATABASE_OWNER_URL."
        )


def test_timeouts_that_a_pooler_lost_are_named(cast: Cast, settings: LazySettings) -> None:
    told = connections["default"].settings_dict
    kept = told["AFTER_CONNECTING"]
    connections["default"].close()
    told["AFTER_CONNECTING"] = {"lock_timeout": "5s"}
    try:
        verdict, sentence = said("timeouts")
    finally:
        told["AFTER_CONNECTING"] = kept
    assert (verdict, sentence) == (
        "fail",
        "On the pages' lines statement_timeout is 0, not 10s, idle_in_transaction_session_timeout is 0, not 15s. Behind a pooler "
        "run `raincheck migrate`, then have the pooler open its lines anew.",
    )


def test_tables_of_another_version_are_told(cast: Cast) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('raincheck', '9999_x', now())"
        )
        try:
            assert said("schema") == (
                "fail",
                "The tables are of a newer Raincheck (change raincheck.9999_x is not known here). Install that version.",
            )
        finally:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT id FROM django_migrations WHERE app = 'raincheck'"
            " ORDER BY name DESC LIMIT 1) RETURNING name"
        )
        [(latest,)] = cursor.fetchall()
        try:
            assert said("schema")[0] == "warn"
        finally:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('raincheck', %s, now())", [latest]
            )


@pytest.mark.parametrize(
    ("hours", "verdict"), [(None, "warn"), (1, "ok"), (35, "ok"), (37, "warn"), (7 * 24 + 1, "fail")]
)
def test_a_backup_that_is_missing_is_noticed(cast: Cast, hours: int | None, verdict: str) -> None:
    if hours is not None:
        Backup.objects.create(made_at=clock.real_now() - hours * HOUR, size=3_400_000)
    found, sentence = said("backup")
    begins = "There has been no backup yet" if hours is None else f"The latest backup is {hours} hours old"
    assert (found, sentence.startswith(begins)) == (verdict, True)


def test_a_key_that_opens_no_messages_is_told(cast: Cast, settings: LazySettings) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk)
    now = clock.real_now()
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hello.", by=by, now=now)
    run_command(verb, key=None, body={}, by=by, now=now)
    forget_keys()
    settings.SECRET_KEY, former = "another-key-another-key-another-key-another-key", settings.SECRET_KEY
    assert said("key")[0] == "fail"
    assert "sealed messages and notes" in said("key")[1]
    settings.SECRET_KEY_FALLBACKS = [former]
    forget_keys()
    assert said("key")[0] == "ok"
    forget_keys()


def test_every_backup_is_written_down(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", brought_programs())
    file = backed_up(tmp_path)
    assert list(Backup.objects.values_list("size")) == [(file.stat().st_size,)]


def test_a_key_that_opens_nothing_or_lies_open_is_told(
    cast: Cast, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.real_now()
    mine = {"kind": "subscription", "name": "Mine", "read_at": now, "read_until": now, "next_check_at": now}
    calendar = BusyCalendar(practice=cast.practice, provider=cast.okafor, checked_at=now, **mine)
    calendar.sealed_address = encrypt("https://calendar.example/okafor.ics")
    calendar.save(force_insert=True)
    assert said("key")[0] == "ok"
    settings.SECRET_KEY, former = "another-key-another-key-another-key-another-key", settings.SECRET_KEY
    assert said("key")[0] == "fail"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert said("key")[0] == "ok"
    monkeypatch.delenv("SECRET_KEY")
    settings.RAINCHECK_HOME = tmp_path
    (tmp_path / "secret-key").write_text("x" * 40)
    (tmp_path / "secret-key").chmod(0o644)
    assert said("key") == (
        "fail",
        f"Others on this machine may read {tmp_path}/secret-key. Run: chmod 600 {tmp_path}/secret-key",
    )


def test_a_proxy_that_nobody_named_is_told(cast: Cast) -> None:
    now = clock.real_now()
    Heartbeat.objects.create(kind=ProcessKind.WEB, started_at=now, beat_at=now, unnamed_proxy_at=now)
    assert said("proxy") == (
        "fail",
        "A proxy forwards visitors, but TRUSTED_PROXIES is 0. Set it to the number of your proxies, so that the tries of one "
        "visitor do not count against others.",
    )


def test_the_address_people_use_leads_here_or_is_told(cast: Cast, settings: LazySettings) -> None:
    assert said("address") == ("ok", f"{settings.BASE_URL} leads to these pages.")
    with mail_server() as room:
        settings.BASE_URL = room.url.replace("smtp://", "http://").rstrip("/")
        assert said("address") == (
            "fail",
            f"{settings.BASE_URL}/health/live answers something else, not 200: another program is there, or a proxy does not "
            "pass requests on.",
        )
    assert said("address")[0] == "warn"  # nobody is there any more


@pytest.mark.verify
def test_the_command_says_it_to_people_and_programs_and_exits_with_1_on_a_fail() -> None:
    directory = Path(tempfile.mkdtemp(prefix="raincheck-check-", dir="/tmp"))
    directory.chmod(0o711)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_"))
    }
    environment = {**kept, "RAINCHECK_HOME": str(directory / "home"), "PORT": "1"}

    def run(*words: str, **settings: str) -> tuple[int, str]:
        done = subprocess.run(
            [*RAINCHECK, "check", *words],
            env=environment | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    try:
        code, told = run()
        before = ["database", "owner", "timeouts", "schema", "mail", "texts", "address", "disk"]
        assert (code, [line.split()[1].rstrip(":") for line in told.splitlines()]) == (0, before)
        subprocess.run([*RAINCHECK, "migrate"], env=environment, check=True)
        code, told = run("--json", SMS_URL="http://127.0.0.1:1")
        rows = json.loads(told)["checks"]
        assert (code, [row["name"] for row in rows]) == (1, EVERYTHING)
        assert [row["name"] for row in rows if row["status"] == "fail"] == ["texts"]
        assert run("--json", PORT="eight") == (
            1,
            json.dumps(
                {
                    "checks": [
                        {
                            "name": "start",
                            "status": "fail",
                            "sentence": "PORT must be a whole number from 1 to 65535, not “eight”.",
                        }
                    ]
                },
                indent=1,
                ensure_ascii=False,
            )
            + "\n",
        )
    finally:
        shutil.rmtree(directory)
