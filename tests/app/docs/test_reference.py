"""The reference is complete: commands, addresses, figures and variables are those of the product, no more and no less."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver
from tests.app.docs.pages import ROOT, SOURCE

from raincheck.cli import commands
from raincheck.domain.health import Health, Part
from raincheck.web import metrics

REFERENCE = ROOT / "docs" / "reference"
GUIDES = ROOT / "docs" / "how-to"


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def test_every_command_is_told_of() -> None:
    told = re.findall(r"^\| `raincheck ([a-z-]+)", page("commands.md"), re.MULTILINE)
    there = [module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)]
    assert sorted(told) == sorted(there)


def test_every_target_of_make_is_told_of() -> None:
    told = re.findall(r"^\| `make ([a-z-]+)", page("commands.md"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    offered = re.findall(r"@echo 'make ([a-z-]+)", makefile)
    assert sorted(set(offered) - set(told)) == []
    assert sorted(set(told) - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))) == []


def addresses(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """Yield every address with its variable parts named as in the reference."""
    for pattern in patterns:
        assert isinstance(pattern, URLPattern), "all addresses stand in one list"
        address = re.sub(r"<uuid:\w+>", "{ref}", str(pattern.pattern))
        yield "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", address)


def test_every_address_is_told_of() -> None:
    rows = [line.split("|")[1] for line in page("addresses.md").splitlines() if line.startswith("| `/")]
    told = {address for row in rows for address in re.findall(r"`(/[^`?]*)`", row)}
    assert sorted(told) == sorted(set(addresses(get_resolver().url_patterns)))


HEALTHY = Health(
    web_beat_age=timedelta(0),
    worker_beat_age=timedelta(0),
    sweep_age=timedelta(0),
    processes={},
    clock_fault=None,
    clock_difference=timedelta(0),
    queue_age=None,
    waiting=0,
    failing=0,
    failed_today=0,
    open_requests=0,
    waiting_for_people=0,
    request_age=None,
    outages=0,
    disk_is_full=False,
    unnamed_proxy=False,
)


def test_every_figure_is_told_of() -> None:
    written = "".join([metrics._UP.of(1), *metrics._written(HEALTHY)])
    gauges = set(re.findall(r"^# TYPE (\w+)", written, re.MULTILINE))
    labels = dict(re.findall(r"^(\w+)\{(\w+)=", written, re.MULTILINE))
    told = re.findall(r"^\| `(raincheck_\w+)(?:\{(\w+)\})?`", page("figures.md"), re.MULTILINE)
    assert dict(told) == {gauge: labels.get(gauge, "") for gauge in gauges}


def test_every_alert_asks_for_a_figure_that_there_is() -> None:
    asked = re.findall(r"\braincheck_\w+", (GUIDES / "how-do-i-watch-it.md").read_text("utf-8"))
    told = re.findall(r"^\| `(raincheck_\w+)", page("figures.md"), re.MULTILINE)
    assert asked
    assert sorted(set(asked) - set(told)) == []


def test_every_sentence_of_a_start_that_fails_is_one_of_the_products() -> None:
    guide = (GUIDES / "what-does-the-start-tell-me.md").read_text("utf-8")
    sentences = [row.strip() for row in re.findall(r"^\| (.+?) \|", guide, re.MULTILINE)[1:]]
    sources = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    assert sentences
    assert [
        sentence
        for sentence in sentences
        if not re.search(".{1,60}".join(re.escape(part.strip()) for part in sentence.split("…")), sources)
    ] == []


def test_every_part_that_can_be_red_is_told_of() -> None:
    told = re.findall(r"^\| `([a-z]+)` \|", page("figures.md"), re.MULTILINE)
    assert told == list(Part)


TEMPLATES = SOURCE / "templates" / "raincheck"


def test_every_part_of_pages_is_told_of() -> None:
    told = re.findall(r"^\| `([a-z_]+\.html)` \|", page("page-parts.md"), re.MULTILINE)
    assert sorted(told) == sorted(path.name for path in (TEMPLATES / "parts").glob("*.html"))


def test_every_icon_is_told_of() -> None:
    [row] = re.findall(r"^\| `icon\.html` \| `name`: ([a-z, -]+)\.", page("page-parts.md"), re.MULTILINE)
    icons = (SOURCE / "static" / "raincheck" / "icons.svg").read_text("utf-8")
    assert row.split(", ") == re.findall(r'<symbol id="([a-z-]+)"', icons)


def test_every_bundle_is_told_of() -> None:
    rows = [
        line.split("|")[1]
        for line in page("page-parts.md").splitlines()
        if re.match(r"\| `\w+\.(css|js)`", line)
    ]
    told = {name for row in rows for name in re.findall(r"`([a-z]+\.(?:css|js))`", row)}
    build = (SOURCE / "assets" / "build.mjs").read_text("utf-8")
    made = re.findall(r"\[([^\]]+)\]\.map\(\(name\) => \(\{ in: here\(`(styles|scripts)/", build)
    kinds = {"styles": "css", "scripts": "js"}
    assert told == {f"{name}.{kinds[kind]}" for names, kind in made for name in re.findall(r'"(\w+)"', names)}


SET_BY_TESTS = {"PATH", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "DATABASE_OWNER_URL", "DIES_WHILE"}


def test_every_variable_of_tests_and_benchmarks_is_told_of() -> None:
    told = {
        name
        for line in page("test-hooks.md").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1])
    }
    paths: list[Path] = [*(ROOT / "tests").rglob("*.py"), ROOT / "bench" / "__main__.py"]
    read = {
        name
        for path in paths
        for name in re.findall(r'os\.environ(?:\.get\(|\[)"([A-Z_]+)"', path.read_text("utf-8"))
    }
    assert sorted(told) == sorted(read - SET_BY_TESTS)
