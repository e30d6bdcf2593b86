"""Every sentence of the pages goes through gettext: templates hold no bare words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import raincheck

TEMPLATES = Path(raincheck.__file__).parent / "templates"
TRANSLATED = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
COMMENTS = re.compile(
    r"{#.*?#}|{% comment.*?{% endcomment %}|<!--.*?-->|<style.*?</style>|<!doctype[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
LOGIC = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'(?<![-\w])(?:aria-label|title|placeholder|alt)="([^"]*)"')
TAGS = re.compile(r"<[^>]*>", re.DOTALL)
NOT_SPOKEN = re.compile(r"\b\w+\.ics\b|hx-headers='[^']*'")
"""A file's name, and an attribute that stands in a block of its own."""
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = {"Raincheck", "nbsp", "middot", "rsaquo", "rarr", "ndash", "mdash", "amp", "quot", "lt", "gt"}


def bare_words(template: Path) -> list[str]:
    """Return words that a reader would see and a translator would not."""
    text = NOT_SPOKEN.sub(
        "", LOGIC.sub("", TRANSLATED.sub("", COMMENTS.sub("", template.read_text("utf-8"))))
    )
    seen = " ".join([TAGS.sub(" ", text), *SPOKEN_ATTRIBUTE.findall(text)])
    return [word for word in WORD.findall(seen) if word not in NOT_WORDS]


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_a_template_has_no_bare_words(template: Path) -> None:
    assert bare_words(template) == []
