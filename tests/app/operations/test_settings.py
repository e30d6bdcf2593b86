"""Settings: each is documented, and a wrong one stops the start with a sentence that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.app.cast import NOW
from tests.sampling import sample

import raincheck
from raincheck.data.postgresql.base import MOST_PARAMETERS
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import ProcessKind

ROOT = Path(raincheck.__file__).parents[2]
KEY = "Tq7-e4zPzS_8vKjC0aX1mN5bY9dWfG2hL6rUoIiEsAQ3wBnMxZ"
SETTINGS = Path(raincheck.__file__).parent / "settings.py"


def names() -> set[str]:
    text = SETTINGS.read_text("utf-8")
    read = re.findall(r'os\.environ\.get\(\s*"([A-Z_]+)"', text)
    return {*read, *re.findall(r'\b(?:number|address)\(\s*"([A-Z_]+)"', text)}


def test_every_setting_is_documented() -> None:
    table = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert {
        "DATABASE_URL",
        "EMAIL_URL",
        "SMS_URL",
        "PORT",
        "BASE_URL",
        "SECRET_KEY",
        "RAINCHECK_DEMO",
    } <= names() | {"EMAIL_URL"}
    assert sorted(name for name in names() if f"`{name}`" not in table) == []


def test_every_documented_setting_is_read() -> None:
    rows = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8").splitlines()
    told = {
        name
        for row in rows
        if row.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])
    }
    code = SETTINGS.read_text("utf-8") + SETTINGS.with_name("data_directory.py").read_text("utf-8")
    assert sorted(name for name in told if f'"{name}"' not in code) == []


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("name", "value"),
    sample(
        [
            ("PORT", "eighty"),
            ("PORT", "0"),
            ("PORT", "70000"),
            ("DATABASE_URL", "mysql://somewhere/else"),
            ("DATABASE_POOL", "-1"),
            ("DATABASE_POOLER", "session"),
            ("DATABASE_POOLER", "transaction"),
            ("RAINCHECK_DEMO", "yes"),
            ("EMAIL_URL", "http://mail.example"),
            ("SMS_URL", "gateway"),
            ("SMS_URL", "https://gateway.example"),
            ("BASE_URL", "ftp://harbor.example"),
            ("SECRET_KEY", "short"),
            ("METRICS_TOKEN", "short"),
            ("SECRET_KEY_FALLBACKS", "short"),
            ("DELIVERY_TIMEOUT", "never"),
            ("LOG_LEVEL", "chatty"),
            ("HOST", "two words"),
            ("HSTS", "yes"),
            ("BASE_URL", "https://harbor.example/raincheck"),
            ("BASE_URL", "http://harbor.example"),
            ("EMAIL_URL", "smtp://mail.example"),
            ("EMAIL_URL", "smtp://mail.example?starttls=0"),
            ("SMS_URL", "http://gateway.example"),
            ("DATABASE_URL", "postgresql://db.example/raincheck"),
            ("DATABASE_URL", "postgresql://127.0.0.1,db.example/raincheck?sslmode=prefer"),
            ("DATABASE_OWNER_URL", "postgresql://owner@db.example/raincheck"),
            ("SECRET_KEY", "k" * 40),
            ("SECRET_KEY", "django-insecure-9f8a7s6d5f4g3h2j1k0l9z8x7c6v5b4n"),
            ("SECRET_KEY_FILE", "/nowhere/key"),
            ("ALLOW_CLEARTEXT", "everything"),
        ],
        every=4,
    ),
)
def test_a_wrong_value_stops_the_start_with_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    environment = {key: kept for key, kept in os.environ.items() if key in ("PATH", "HOME", "PYTHONPATH")}
    environment |= {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": KEY,
        "DATABASE_URL": "postgresql://nowhere/raincheck?sslmode=require",
        # Too long for a text, and so for an installation that sends some.
        "BASE_URL": f"https://appointments.{'h' * 50}.example",
        name: value,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "raincheck.cli", "migrate"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line for line in ended.stderr.splitlines() if line]
    assert (ended.returncode, len(lines)) == (1, 1), ended.stderr
    assert name in lines[0]
    assert lines[0].endswith(".")


@pytest.mark.verify
def test_django_finds_nothing_to_better_for_an_https_address(tmp_path: Path) -> None:
    environment = {key: kept for key, kept in os.environ.items() if key in ("PATH", "HOME", "PYTHONPATH")}
    environment |= {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": "Tq7-e4zPzS_8vKjC0aX1mN5bY9dWfG2hL6rUoIiEsAQ3wBnMxZ",
        "BASE_URL": "https://harbor.example",
        "DATABASE_URL": "postgresql://nowhere/raincheck?sslmode=require",
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "HSTS": "preload",
    }
    ended = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (0, "System check identified no issues (0 silenced).\n"), (
        ended.stderr
    )


@pytest.mark.parametrize("alias", ["default", "owner"])
def test_a_database_that_vanishes_without_a_word_is_noticed(tmp_path: Path, alias: str) -> None:
    """And whoever runs it may say otherwise in its address."""
    code = f"from raincheck.settings import DATABASES; print(DATABASES['{alias}']['OPTIONS'])"
    environment = {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": KEY,
        "DATABASE_URL": "postgresql://nowhere/raincheck?sslmode=require&keepalives_idle=60",
    }
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    for option in (
        "'keepalives_idle': '60'",
        "'keepalives_interval': '5'",
        "'keepalives_count': '3'",
        "'tcp_user_timeout': '15000'",
    ):
        assert option in said


def database_settings(home: Path, alias: str, *asked: str, **settings: str) -> list[str]:
    """Return what the settings say of a database, each as Python prints it."""
    code = f"from raincheck.settings import DATABASES; one = DATABASES['{alias}']; print(*[{', '.join(asked)}], sep='\\n')"
    environment = {
        "RAINCHECK_HOME": str(home),
        "SECRET_KEY": KEY,
        "PYTHONPATH": str(ROOT / "src"),
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_a_database_may_have_several_hosts(tmp_path: Path) -> None:
    url = "postgresql://riley:p%40ss@one.example:5433,two.example,[2001:db8::7]:5434/rain?sslmode=require&target_session_attrs=read-write"
    asked = ("one['HOST']", "one['PORT']", "one['USER']", "one['PASSWORD']", "one['NAME']")
    options = "one['OPTIONS']['target_session_attrs']"
    assert database_settings(tmp_path, "default", *asked, options, DATABASE_URL=url) == [
        "one.example,two.example,2001:db8::7", "5433,,5434", "riley", "p@ss", "rain", "read-write",
    ]  # fmt: skip


def test_statements_are_prepared_unless_a_pooler_stands_between(tmp_path: Path) -> None:
    asked = ("one['OPTIONS'].get('server_side_binding')", "one['OPTIONS'].get('prepare_threshold')")
    url, direct = (
        "postgresql://nowhere/raincheck?sslmode=require",
        "postgresql://direct/raincheck?sslmode=require",
    )
    pooler = {"DATABASE_URL": url, "DATABASE_POOLER": "transaction", "DATABASE_DIRECT_URL": direct}
    assert database_settings(tmp_path, "default", *asked, DATABASE_URL=url) == ["True", "5"]
    assert database_settings(tmp_path, "default", *asked, **pooler) == ["False", "None"]
    assert database_settings(tmp_path, "owner", *asked, DATABASE_URL=url) == ["None", "None"]
    assert database_settings(tmp_path, "owner", "one['HOST']", **pooler) == ["direct"]


def test_timeouts_are_set_once_a_line_is_open(database: None) -> None:
    from django.db import connections

    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")
    for alias, in_force in (("default", ("5s", "10s", "15s", "UTC")), ("owner", ("0", "0", "0", "UTC"))):
        connections[alias].close()
        with connections[alias].cursor() as cursor:
            asked = ", ".join(f"current_setting('{name}')" for name in names)
            cursor.execute(f"SELECT {asked}")
            assert cursor.fetchone() == in_force


@pytest.mark.verify
def test_more_values_than_one_statement_takes_are_written_in_several(database: None) -> None:
    from django.db import connection

    rows, fields = 11_000, ["kind", "started_at", "beat_at", "clock_fault"]
    Heartbeat.objects.bulk_create(
        Heartbeat(kind=ProcessKind.WEB, started_at=NOW, beat_at=NOW) for _row in range(rows)
    )
    beats = list(Heartbeat.objects.all())
    for beat in beats:
        beat.kind = ProcessKind.WORKER
    assert rows * (len(fields) + 2) > MOST_PARAMETERS
    with connection.cursor() as cursor:
        # Beside other work the statements take longer to be written than a transaction may be idle.
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        Heartbeat.objects.bulk_update(beats, fields)
        cursor.execute("SET idle_in_transaction_session_timeout = '15s'")
    assert Heartbeat.objects.filter(kind=ProcessKind.WORKER).count() == rows


def settings_read(home: Path, *asked: str, **environment: str) -> list[str]:
    """Return settings as Python prints them, with nothing in the environment but what is given."""
    code = f"from raincheck import settings as s; print(*[{', '.join(asked)}], sep='\\n')"
    given = {"RAINCHECK_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.splitlines() or [done.stderr.strip().splitlines()[-1].partition(": ")[2]]


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("BASE_URL", "http://192.168.1.7:8000", "use an https address"),
        ("EMAIL_URL", "smtp://mail.example", "add ?starttls=1 or use smtps://"),
        ("SMS_URL", "http://10.0.0.7", "use an https address"),
        ("DATABASE_URL", "postgresql://db.example/raincheck", "add ?sslmode=verify-full or ?sslmode=require"),
    ],
)
def test_clear_text_to_another_machine_is_refused_unless_allowed(
    tmp_path: Path, name: str, value: str, instead: str
) -> None:
    given = {"SECRET_KEY": KEY, name: value}
    assert settings_read(tmp_path, "s.PORT", **given) == [
        f"{name} would send what is private in clear text over the network; {instead}, or name {name} in ALLOW_CLEARTEXT."
    ]
    assert settings_read(tmp_path, "s.PORT", **given, ALLOW_CLEARTEXT=f"SMS_URL,{name}") == ["8000"]


def test_pages_that_others_reach_need_https_whatever_the_address_says(tmp_path: Path) -> None:
    [said] = settings_read(tmp_path, "s.PORT", SECRET_KEY=KEY, HOST="0.0.0.0")  # noqa: S104  # that is the mistake
    assert said == (
        "HOST is 0.0.0.0, which other machines reach, so BASE_URL would send what is private in clear text over the "
        "network; use an https address, or name BASE_URL in ALLOW_CLEARTEXT."
    )
    fine = {"SECRET_KEY": KEY, "HOST": "0.0.0.0", "BASE_URL": "https://harbor.example"}  # noqa: S104  # behind a proxy
    assert settings_read(tmp_path, "s.PORT", **fine) == ["8000"]


def test_what_stays_on_this_machine_may_be_plain(tmp_path: Path) -> None:
    given = {
        "SECRET_KEY": KEY,
        "BASE_URL": "http://[::1]:8000",
        "HOST": "::1",
        "EMAIL_URL": "smtp://riley:secret@localhost:1025",
        "SMS_URL": "http://127.0.0.1:8080",
        "DATABASE_URL": "postgresql://127.0.0.1,localhost/raincheck",
    }
    assert settings_read(tmp_path, "s.PORT", **given) == ["8000"]


def test_subdomains_and_preload_are_asked_for(tmp_path: Path) -> None:
    given = {"SECRET_KEY": KEY, "BASE_URL": "https://harbor.example"}
    asked = ("s.SECURE_HSTS_SECONDS", "s.SECURE_HSTS_INCLUDE_SUBDOMAINS", "s.SECURE_HSTS_PRELOAD")
    said = [settings_read(tmp_path, *asked, **given, HSTS=value) for value in ("", "subdomains", "preload")]
    assert said == [
        ["31536000", "False", "False"],
        ["31536000", "True", "False"],
        ["31536000", "True", "True"],
    ]


def test_secrets_are_read_from_files_and_from_credentials_of_systemd(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", "utf-8")
    (tmp_path / "METRICS_TOKEN").write_text("rain on the tin roof", "utf-8")
    given = {"SECRET_KEY_FILE": str(tmp_path / "key"), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    [said] = settings_read(tmp_path, "s.SECRET_KEY", **given)
    assert said == "METRICS_TOKEN must have at least 16 characters, without spaces."
    (tmp_path / "METRICS_TOKEN").write_text("rain-on-the-tin-roof\n", "utf-8")
    assert settings_read(tmp_path, "s.SECRET_KEY", "s.METRICS_TOKEN", **given) == [
        KEY,
        "rain-on-the-tin-roof",
    ]
    # What processes inherit from one that read them names no file any more.
    assert settings_read(tmp_path, "'SECRET_KEY_FILE' in s.os.environ", **given) == ["False"]
    both = settings_read(tmp_path, "s.PORT", **given, SECRET_KEY=KEY)
    assert both == ["SECRET_KEY and SECRET_KEY_FILE are both set; keep one of them."]
    (tmp_path / "key").write_text("", "utf-8")
    assert settings_read(tmp_path, "s.PORT", **given) == [
        f"SECRET_KEY_FILE names {tmp_path}/key, and that file is empty."
    ]
