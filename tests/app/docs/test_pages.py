"""The documentation is true: what it links to and names is there, and it speaks of the product only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.app.docs import pages

TESTS = re.compile(r"test_[a-z0-9_]+")
OF_OTHER_THINGS = re.compile(r"/root/|\b[Ii]ssue #?\d|\bTODO\b|\bpull request \d")

every_page = pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)


@every_page
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    assert [link for link in pages.links(page) if not pages.leads_somewhere(page, link)] == []


@every_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [mention for mention in pages.mentioned_files(page) if not pages.is_there(mention)] == []


@every_page
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = [word for word in pages.code(page) if TESTS.fullmatch(word)]
    assert [word for word in named if word not in pages.tests()] == []


@every_page
def test_pages_speak_of_the_product_only(page: Path) -> None:
    assert OF_OTHER_THINGS.findall(pages.text(page)) == []


def test_every_page_can_be_reached_from_the_first() -> None:
    reached, waiting = set(), [pages.ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        to = {(page.parent / link.partition("#")[0]).resolve() for link in pages.links(page)}
        waiting += [one for one in to - reached if one.suffix == ".md"]
    assert sorted(pages.name(page) for page in set(pages.PAGES) - reached) == []


def test_every_page_that_the_sources_name_is_there() -> None:
    sources = [
        path
        for folder in ("src", "tests", "bench")
        for kind in ("*.py", "*.html", "*.js")
        for path in (pages.ROOT / folder).rglob(kind)
    ]
    sources += [pages.ROOT / "Makefile", pages.ROOT / "pyproject.toml"]
    missing = [
        f"{pages.name(path)}: {mention}"
        for path in sources
        for mention in re.findall(r"(?<![\w/.])docs/[\w/-]+\.md", path.read_text("utf-8"))
        if not (pages.ROOT / mention).exists()
    ]
    assert missing == []


def test_the_design_is_told_in_at_most_1500_words() -> None:
    assert len((pages.ROOT / "docs" / "design.md").read_text("utf-8").split()) <= 1500
