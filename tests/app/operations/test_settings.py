"""Settings: each is documented, and a wrong one stops the start with a sentence that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import raincheck

ROOT = Path(raincheck.__file__).parents[2]
SETTINGS = Path(raincheck.__file__).parent / "settings.py"


def names() -> set[str]:
    text = SETTINGS.read_text("utf-8")
    read = re.findall(r'os\.environ\.get\(\s*"([A-Z_]+)"', text)
    return {*read, *re.findall(r'(?:_flag|_number|_address|_mail_address|_token)\(\s*"([A-Z_]+)"', text)}


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
        ("RAINCHECK_DEMO", "yes"),
        ("EMAIL_URL", "http://mail.example"),
        ("SMS_URL", "gateway"),
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
