"""The pages of documentation, and what they mention: links, file names, names of tests."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "raincheck"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
GENERATED = re.compile(r"<!-- guards: begin -->.*<!-- guards: end -->", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.-]+(/[\w.*-]+)*\.(py|html|js|mjs|css|txt|toml|lock|in|md|json|ics|sql|diff)")
TEMPLATE = re.compile(r"{% (?:extends|include) \"([^\"]+)\"")
FOLDER = re.compile(r"[\w.-]+(/[\w.-]+)*/")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

OTHERS_FOLDERS = (".raincheck/", ".venv/", "node_modules/", "17/", "18/")
"""Folders of an installation or a checkout, which are no part of the sources."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    """Return what people wrote: without what a run puts into the page between two marks."""
    return GENERATED.sub("", page.read_text("utf-8"))


def code(page: Path) -> list[str]:
    """Return what stands between single backticks, outside of blocks."""
    return CODE.findall(FENCED.sub("", text(page)))


def links(page: Path) -> list[str]:
    """Return the links that lead to another place of this repository."""
    found = [one or other for one, other in LINK.findall(FENCED.sub("", text(page)))]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _hash, heading = link.partition("#")
    to = (page.parent / path).resolve() if path else page
    return to.exists() and (not heading or heading in slugs(to))


def slugs(page: Path) -> set[str]:
    """Return the headings of a page as they stand in addresses."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(page.read_text("utf-8")))
    return {heading.replace(" ", "-") for heading in words}


def mentioned_files(page: Path) -> list[str]:
    """Return what reads like a file or folder of the sources."""
    named = [
        word
        for word in code(page)
        if FILE.fullmatch(word) or (FOLDER.fullmatch(word) and not word.startswith(OTHERS_FOLDERS))
    ]
    return named + TEMPLATE.findall(text(page))


def is_there(mention: str) -> bool:
    """Return whether a file is there, named from the root, from the package, or by the end of its path alone."""
    bases = (ROOT, SOURCE, SOURCE / "templates")
    if any(next(base.glob(mention.rstrip("/")), None) is not None for base in bases):
        return True
    return any(path.endswith(f"/{mention}") for path in files())


@cache
def files() -> frozenset[str]:
    folders = (SOURCE, ROOT / "tests", ROOT / "bench", ROOT / "docs")
    return frozenset(path.as_posix() for folder in folders for path in folder.rglob("*.*"))


@cache
def tests() -> frozenset[str]:
    """Return the names of all tests."""
    paths = (ROOT / "tests").rglob("test_*.py")
    return frozenset(
        name for path in paths for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    )
