"""The recipes of CONTRIBUTING.md hold: a sample of each touches exactly the files that it lists, and works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.app.docs.pages import ROOT, SOURCE

SAMPLES = Path(__file__).parent / "samples"
NEW_MIGRATION = "src/raincheck/data/migrations/9999_"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A heading of CONTRIBUTING.md, its sample change, and the product's own tests that must be green with it."""

    heading: str
    sample: str
    tests: Sequence[str] = ()
    written: Sequence[str] = ()
    """What a command of the recipe writes besides."""

    @property
    def change(self) -> str:
        return (SAMPLES / f"{self.sample}.diff").read_text("utf-8")

    @property
    def touched(self) -> set[str]:
        """The files of the change. `make schema` writes the last one after every migration."""
        files = set(re.findall(r"^\+\+\+ b/(.+)$", self.change, re.MULTILINE))
        migrates = any(file.startswith(NEW_MIGRATION) for file in files)
        return files | set(self.written) | ({"src/raincheck/data/schema.sql"} if migrates else set())

    @property
    def listed(self) -> list[str]:
        """The files and folders that the numbered steps begin with, from the root."""
        text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
        steps = re.split(r"^##", text.partition(f"### {self.heading}\n")[2], flags=re.MULTILINE)[0]
        named = re.findall(r"^\d\. `([^`]+)`", steps, re.MULTILINE)
        return [
            path if (ROOT / path).exists() else f"{SOURCE.relative_to(ROOT).as_posix()}/{path}"
            for path in named
        ]


ONCE = "tests/app/engine/test_acting_once.py"
COMING_IN = "tests/app/access/test_authorization.py"
HOUSE = "tests/app/house/test_house.py"
RECIPES = [
    Recipe(
        "Add a notice",
        "notice",
        [
            "tests/app/notifications/test_words.py",
            "tests/app/notifications/test_catalogue.py",
            "tests/app/docs/test_words.py::test_every_code_is_told_of[NotificationType]",
        ],
        written=["tests/app/notifications/notices/running_late.txt"],
    ),
    Recipe("Add a field to the ask form", "field", ["tests/app/house/test_translation.py"]),
    Recipe(
        "Add a verb",
        "verb",
        [
            f"{ONCE}::test_no_verb_is_forgotten_here",
            f"{ONCE}::test_p14_the_same_form_sent_twice_acts_once[reopen_task]",
            f"{ONCE}::test_a_verb_that_is_too_late_leaves_no_trace[reopen_task]",
            f"{ONCE}::test_a_verb_tried_again_after_a_deadlock_acts_once[reopen_task]",
            f"{ONCE}::test_p17_no_verb_changes_what_is_not_the_business_of_whoever_acts[reopen_task]",
        ],
    ),
    Recipe(
        "Add a refusal",
        "refusal",
        [
            f"{HOUSE}::test_a_refusal_has_one_kind_a_whole_sentence_and_a_stable_code[NoteHasAddress]",
            f"{HOUSE}::test_codes_of_refusals_are_used_once",
        ],
    ),
    Recipe(
        "Add a page",
        "page",
        [
            f"{COMING_IN}::test_every_address_says_who_may_come_in",
            f"{COMING_IN}::test_looking_lets_in_whom_it_shall_and_changes_nothing[requests-stuck]",
            f"{COMING_IN}::test_sending_to_what_is_not_ones_own_is_refused_and_changes_nothing[requests-stuck]",
            "tests/app/docs/test_reference.py::test_every_address_is_told_of",
            "tests/app/practice/test_read_log_page.py::test_every_page_that_somebody_can_be_shown_has_words_in_the_log",
        ],
        written=["docs/reference/authorization.md"],
    ),
]
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.sample)


def test_every_recipe_has_its_sample() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert sorted(headings) == sorted(recipe.heading for recipe in RECIPES)
    assert {path.stem for path in SAMPLES.glob("*.diff")} == {recipe.sample for recipe in RECIPES}


@every_recipe
def test_a_sample_touches_exactly_the_files_that_its_recipe_lists(recipe: Recipe) -> None:
    listed, touched = recipe.listed, recipe.touched
    folders = tuple(path for path in listed if path.endswith("/"))
    assert sorted(file for file in touched if file not in listed and not file.startswith(folders)) == []
    assert [path for path in listed if not any(file.startswith(path) for file in touched)] == []


@pytest.mark.verify
def test_all_samples_work_in_a_copy_of_the_sources(tmp_path: Path) -> None:
    """All in one copy: none may stand in another's way, and one database does for all of them."""
    for name in ("src", "tests", "docs", "pyproject.toml", "manage.py", "CONTRIBUTING.md"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tmp_path / name)
    latest = max(path.stem for path in (SOURCE / "data" / "migrations").glob("0*.py"))
    for recipe in RECIPES:
        _apply(recipe.change.replace("LATEST", latest), to=tmp_path)
        latest = next((Path(file).stem for file in recipe.touched if file.startswith(NEW_MIGRATION)), latest)
    tests = [test for recipe in RECIPES for test in recipe.tests]
    checks = (SAMPLES / "checks.py").relative_to(ROOT).as_posix()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", checks, *tests],
        cwd=tmp_path,
        env={**_environment(), "PYTHONPATH": str(tmp_path / "src"), "WRITE_NOTICES": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _apply(change: str, *, to: Path) -> None:
    git = shutil.which("git")
    assert git is not None, "a clone was made by git"
    done = subprocess.run(
        [git, "apply", "--unidiff-zero", "--recount", "-"],
        cwd=to,
        input=change,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"the sample fits the sources no more: {done.stderr}"


def _environment() -> dict[str, str]:
    """Return what the copy may know: it has a database and a home of its own."""
    ours = ("DATABASE_URL", "DATABASE_OWNER_URL", "RAINCHECK_HOME", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", *ours))}
