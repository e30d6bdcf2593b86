"""Files of ours that are damaged, missing or can't be written: a sentence at the start, and no page that breaks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from tests.app.cast import Cast

from raincheck import clock
from raincheck.cli.refusal import CommandRefused
from raincheck.cli.static_files import collect_static_files
from raincheck.cli.time_travel import advance_clock
from raincheck.environment import kept_key


@pytest.mark.parametrize(
    "text", [b"", b"rubbish", b"\xff\x00", b"nan", b"inf", b"-inf", b"1e12", b"1e400", None]
)
def test_a_damaged_clock_shows_the_real_time(
    settings: LazySettings, tmp_path: Path, text: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    settings.RAINCHECK_DEMO, settings.RAINCHECK_HOME = True, tmp_path
    file = clock.demo_directory() / Path(clock.OFFSET_FILE).name
    file.write_bytes(text) if text is not None else file.mkdir()
    assert clock.demo_offset() == timedelta(0)
    assert Browser().get("/health/live").status_code == 200
    assert "the demo's clock can't be read, so it shows the real time" in caplog.text


@pytest.mark.verify
def test_a_key_is_made_once_however_many_start_at_once(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret-key"
    with ThreadPoolExecutor(8) as starts:
        keys = set(starts.map(kept_key, [file] * 32))
    assert keys == {file.read_text("ascii")}
    assert (file.stat().st_mode & 0o777, [path.name for path in file.parent.iterdir()]) == (
        0o600,
        ["secret-key"],
    )


@pytest.mark.parametrize("kept", [b"", b"half", b"\xff" * 64])
def test_a_damaged_key_is_named_and_never_replaced_in_silence(tmp_path: Path, kept: bytes) -> None:
    file = tmp_path / "secret-key"
    file.write_bytes(kept)
    with pytest.raises(ImproperlyConfigured) as refusal:
        kept_key(file)
    assert str(refusal.value) == (
        f"{file} holds no key. Put the key back from a backup, or delete the file: then everybody signs in again, and "
        "connected calendars have to be entered again."
    )
    assert file.read_bytes() == kept


@pytest.fixture
def gathering(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """A place of its own for the gathered files."""
    settings.STATIC_ROOT = tmp_path / "home" / "static"
    finders.get_finder.cache_clear()
    yield tmp_path
    finders.get_finder.cache_clear()


def test_pages_without_their_styles_are_named_before_anybody_sees_one(
    settings: LazySettings, gathering: Path
) -> None:
    settings.STATICFILES_DIRS = [gathering]
    with pytest.raises(CommandRefused) as refusal:
        collect_static_files()
    assert str(refusal.value) == (
        "The pages' styles and scripts are not complete (raincheck/bundle/app.css is missing). In a checkout, run "
        "`make assets`; otherwise install Raincheck again."
    )


def test_a_place_that_takes_no_files_is_named(gathering: Path) -> None:
    (gathering / "home").write_text("no directory")
    with pytest.raises(
        CommandRefused, match=r"^The pages' files can't be gathered in .*/home/static: .* and start again"
    ):
        collect_static_files()


def test_a_clock_that_cannot_be_written_stays_and_says_so(
    cast: Cast, settings: LazySettings, tmp_path: Path
) -> None:
    settings.RAINCHECK_DEMO, settings.RAINCHECK_HOME = True, tmp_path
    (tmp_path / clock.OFFSET_FILE).mkdir(parents=True)
    page = Browser().post("/demo/clock/", {"hours": "1"}, follow=True)
    assert "The clock can't be moved, because its file can't be written (Is a directory)." in unescape(
        page.content.decode()
    )
    with pytest.raises(
        CommandRefused, match=r"^The demo's clock can't be moved, .* It shows the time it had\.$"
    ):
        advance_clock("1h")
    assert clock.demo_offset() == timedelta(0)


@pytest.mark.verify
def test_servers_that_start_in_one_home_gather_the_pages_files_in_turn(
    tmp_path: Path,
) -> None:
    code = "import django; django.setup(); from raincheck.cli.static_files import collect_static_files as gather; gather()"
    environment = os.environ | {
        "RAINCHECK_HOME": str(tmp_path),
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "DATABASE_URL": "postgresql://nowhere/raincheck?sslmode=require",
    }
    starting = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True)
        for _server in range(4)
    ]
    said = [process.communicate(timeout=120)[1] for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0, 0], said
