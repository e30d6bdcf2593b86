"""`raincheck` lists its commands, and those that need no database load no Django."""

from __future__ import annotations

import subprocess
import sys

import pytest

from raincheck.cli import main


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")}
    promised = {
        "serve",
        "worker",
        "migrate",
        "demo",
        "slots",
        "busy",
        "clock",
        "sweep",
        "upgrade-database",
        "backup",
        "restore",
        "database",
    }
    assert (ended.value.code, promised - listed) == (0, set())


@pytest.mark.parametrize(
    "words",
    [
        ["slots", "absent.json"],
        [
            "busy",
            "absent.ics",
            "--from",
            "2027-03-01T00:00:00Z",
            "--to",
            "2027-03-02T00:00:00Z",
            "--zone",
            "UTC",
        ],
    ],
)
def test_commands_about_files_load_no_django(words: list[str]) -> None:
    loading = f"import sys; from raincheck.cli import main; main({words!r}); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_an_unknown_command_ends_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["reschedule-everyone"])
    assert (ended.value.code, "invalid choice" in capsys.readouterr().err) == (2, True)
