"""What every page can rely on: readable colors, no inline script or style, light client pages, and error pages that stand alone."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from raincheck.domain.access.appearance import Color

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "raincheck"
BUNDLE = PACKAGE / "static" / "raincheck" / "bundle"

TEXT = 4.5
MARK = 3.0
SURFACES = ("paper", "card", "sunk")
READABLE = [
    *((ink, surface, TEXT) for ink in ("ink", "ink-2", "ink-3", "green") for surface in SURFACES),
    *((ink, surface, TEXT) for ink in ("green-ink", "red-ink", "amber-ink") for surface in ("paper", "card")),
    *((f"{color}-ink", f"{color}-soft", TEXT) for color in ("green", "amber", "red", "blue")),
    *((f"who-{color}-ink", f"who-{color}-soft", TEXT) for color in Color),
    *((f"who-{color}", surface, MARK) for color in Color for surface in (*SURFACES, f"who-{color}-soft")),
    *(("ink-2", surface, TEXT) for surface in ("hatch-1", "hatch-2", "track")),
    ("on-green", "green", TEXT),
    ("on-green", "green-hover", TEXT),
    *(("edge", surface, MARK) for surface in ("paper", "card")),
    *(("focus", surface, MARK) for surface in (*SURFACES, "green-soft", "amber-soft")),
    *((color, "card", MARK) for color in ("green", "amber", "red", "blue")),
]


def _tokens() -> dict[str, dict[str, str]]:
    light, dark = (PACKAGE / "assets/styles/tokens.css").read_text(encoding="utf-8").split("@media screen")
    colors = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
    day = dict(colors.findall(light))
    return {"light": day, "dark": day | dict(colors.findall(dark))}


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_color_can_be_read_on_what_it_stands_on(scheme: str) -> None:
    tokens = _tokens()[scheme]
    faint = [
        f"{ink} on {surface}: {ratio:.2f}"
        for ink, surface, least in READABLE
        if (ratio := _contrast(tokens[ink], tokens[surface])) < least
    ]
    assert faint == []


def test_both_schemes_name_the_same_colors() -> None:
    text = (PACKAGE / "assets/styles/tokens.css").read_text(encoding="utf-8")
    light, dark = (set(re.findall(r"--([a-z0-9-]+): #", half)) for half in text.split("@media screen"))
    assert light == dark


def test_no_page_carries_a_script_or_a_style_inside() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    pages = [path for path in (PACKAGE / "templates").rglob("*.html") if "notifications" not in path.parts]
    assert pages
    found = {path.name: match.group() for path in pages if (match := inline.search(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_error_pages_need_neither_context_nor_database(status: int) -> None:
    page = render_to_string(f"{status}.html")
    assert re.findall(r"<h1>(.+?)</h1>", page) == re.findall(r"<title>(.+?) · Raincheck</title>", page)


def test_a_client_page_loads_little() -> None:
    assert BUNDLE.exists(), "The pages' styles and scripts are not built: npm run build"
    parts = [gzip.compress((BUNDLE / name).read_bytes()) for name in ("client.css", "client.js", "slots.js")]
    fonts = [path.stat().st_size for path in BUNDLE.glob("*.woff2")]
    # Under 62 kB with the page itself: whoever opens the link from a mail is often far from a good line.
    assert sum(map(len, parts)) < 15_000
    assert len(fonts) == 2
    assert sum(fonts) < 42_000


def test_nothing_in_the_bundle_comes_from_elsewhere() -> None:
    addresses = re.compile(rb"""(?:url\(|import\(|@import |fetch\()["']?(?:https?:)?//""")
    assert [path.name for path in BUNDLE.iterdir() if addresses.search(path.read_bytes())] == []


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
