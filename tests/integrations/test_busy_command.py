"""`raincheck busy`: the busy time of a file on the screen, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integrations.calendar_cases import OURS

from raincheck.cli import busy

SEPTEMBER = {"start": "2026-09-01T00:00:00Z", "end": "2026-10-01T00:00:00Z", "zone": "America/New_York"}


def said(capsys: pytest.CaptureFixture[str], path: Path, **changes: str) -> tuple[int, Any]:
    code = busy.run(path, **{**SEPTEMBER, **changes})
    return code, json.loads(capsys.readouterr().out)


def test_busy_time_is_printed_merged_and_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, OURS / "broken.ics") == (
        0,
        {
            "busy": [
                [f"2026-09-{day:02}T13:00:00Z", f"2026-09-{day:02}T14:00:00Z"]
                for day in (2, 3, 4, 5, 6, 8, 9)
            ],
            "problems": [
                "Event 7 has no proper end in the file; what it says was read.",
                "Event 1 is left out: its start “soon” is not a time.",
                "The end “later” of event 2 is not a time; one hour counts as busy, or the day if it is all day.",
                "Event 3 ends before it starts; one hour counts as busy, or the day if it is all day.",
                "How event 4 repeats (“FREQ=SOMETIMES”) can't be read; only the times it names count as busy.",
                "Event 5 names “never”, which is not a time; it is read without it.",
                "Event 6 has no start, so it is left out.",
            ],
        },
    )


def test_an_empty_calendar_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, OURS / "hostile" / "s16-empty-calendar.ics") == (0, {"busy": [], "problems": []})


def test_times_without_an_offset_are_utc_and_any_offset_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    same = [("2026-09-01", "2026-10-01"), ("2026-09-01T02:00+02:00", "2026-10-01T00:00")]
    answers = [said(capsys, OURS / "everyday.ics", start=start, end=end) for start, end in same]
    assert answers == [said(capsys, OURS / "everyday.ics")] * 2


@pytest.mark.parametrize(
    ("path", "changes", "sentence"),
    [
        (OURS / "none.ics", {}, "The file can't be opened: No such file or directory."),
        (OURS, {}, "The file can't be opened: Is a directory."),
        (
            OURS / "everyday.ics",
            {"start": "soon"},
            "“soon” is not a time; write it like 2026-09-01T00:00:00Z.",
        ),
        (OURS / "everyday.ics", {"end": "2026-09-01"}, "The end must be after the start."),
        (OURS / "everyday.ics", {"end": "2126-09-01"}, "Please ask for ten years at most."),
        (
            OURS / "everyday.ics",
            {"zone": "Harbor"},
            "“Harbor” is not a time zone we know. Nothing was changed; please choose one like America/New_York.",
        ),
        (
            OURS / "hostile" / "s15-html-login-page.ics",
            {},
            "This is not a calendar file. It may be a web page or a sign-in page. "
            "Nothing has changed; export the calendar as an .ics file and try again.",
        ),
    ],
    ids=["no file", "a folder", "no time", "backwards", "too long", "no zone", "no calendar"],
)
def test_what_cannot_be_done_is_one_sentence(
    capsys: pytest.CaptureFixture[str], path: Path, changes: dict[str, str], sentence: str
) -> None:
    assert said(capsys, path, **changes) == (1, {"busy": [], "problems": [sentence]})


def test_a_file_of_which_nothing_was_read_says_what_was_wrong_with_each_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, OURS / "hostile" / "s08-year-9999.ics") == (
        1,
        {
            "busy": [],
            "problems": [
                "Event 1 is left out: its times are too far away.",
                "Nothing in this calendar could be read, so nothing has changed.",
            ],
        },
    )


def test_the_command_needs_neither_django_nor_a_database() -> None:
    asked = [
        "busy",
        str(OURS / "zones.ics"),
        "--from",
        "2026-09-02",
        "--to",
        "2026-09-03",
        "--zone",
        "Europe/Berlin",
    ]
    program = f"import sys; from raincheck.cli import main; code = main({asked!r}); sys.exit(code or 'django' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, json.loads(ended.stdout)["busy"]) == (
        0,
        [["2026-09-02T07:00:00Z", "2026-09-02T08:00:00Z"]],
    )
