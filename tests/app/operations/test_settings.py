"""Settings: each is documented, and a wrong one stops the start with a sentence that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.app.cast import NOW

import raincheck
from raincheck.data.postgresql.base import MOST_PARAMETERS
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.domain.health import ProcessKind

ROOT = Path(raincheck.__file__).parents[2]
SETTINGS = Path(raincheck.__file__).parent / "settings.py"


def names() -> set[str]:
    text = SETTINGS.read_text("utf-8")
    read = re.findall(r'os\.environ\.get\(\s*"([A-Z_]+)"', text)
    return {*read, *re.findall(r'(?:_number|_address)\(\s*"([A-Z_]+)"', text)}


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


@pytest.mark.parametrize(
    ("name", "value"),
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
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    environment = {key: kept for key, kept in os.environ.items() if key in ("PATH", "HOME")}
    environment |= {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": "k" * 40,
        "DATABASE_URL": "postgresql://nowhere/raincheck",
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


def test_django_finds_nothing_to_better_for_an_https_address(tmp_path: Path) -> None:
    environment = {key: kept for key, kept in os.environ.items() if key in ("PATH", "HOME")}
    environment |= {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": "Tq7-e4zPzS_8vKjC0aX1mN5bY9dWfG2hL6rUoIiEsAQ3wBnMxZ",
        "BASE_URL": "https://harbor.example",
        "DATABASE_URL": "postgresql://nowhere/raincheck",
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
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
        "SECRET_KEY": "k" * 40,
        "DATABASE_URL": "postgresql://nowhere/raincheck?keepalives_idle=60",
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
    environment = {"RAINCHECK_HOME": str(home), "SECRET_KEY": "k" * 40, "PYTHONPATH": "src", **settings}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_a_database_may_have_several_hosts(tmp_path: Path) -> None:
    url = "postgresql://riley:p%40ss@one.example:5433,two.example,[2001:db8::7]:5434/rain?target_session_attrs=read-write"
    asked = ("one['HOST']", "one['PORT']", "one['USER']", "one['PASSWORD']", "one['NAME']")
    options = "one['OPTIONS']['target_session_attrs']"
    assert database_settings(tmp_path, "default", *asked, options, DATABASE_URL=url) == [
        "one.example,two.example,2001:db8::7", "5433,,5434", "riley", "p@ss", "rain", "read-write",
    ]  # fmt: skip


def test_statements_are_prepared_unless_a_pooler_stands_between(tmp_path: Path) -> None:
    asked = ("one['OPTIONS'].get('server_side_binding')", "one['OPTIONS'].get('prepare_threshold')")
    url, direct = "postgresql://nowhere/raincheck", "postgresql://direct/raincheck"
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


def test_more_values_than_one_statement_takes_are_written_in_several(database: None) -> None:
    rows, fields = 11_000, ["kind", "started_at", "beat_at", "clock_fault"]
    Heartbeat.objects.bulk_create(
        Heartbeat(kind=ProcessKind.WEB, started_at=NOW, beat_at=NOW) for _row in range(rows)
    )
    beats = list(Heartbeat.objects.all())
    for beat in beats:
        beat.kind = ProcessKind.WORKER
    assert rows * (len(fields) + 2) > MOST_PARAMETERS
    Heartbeat.objects.bulk_update(beats, fields)
    assert Heartbeat.objects.filter(kind=ProcessKind.WORKER).count() == rows
