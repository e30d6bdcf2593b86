"""Turns the plain text of an e-mail into its HTML, so that both always say the same.

Paragraphs are parted by empty lines. Lines that begin with "- " are a list; a paragraph "Words: address" is a link, and
with `{link}` for an address the button; what follows a line "--" is the small print at the foot.
"""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string

from raincheck.notifications.links import PLACEHOLDER

ADDRESS = re.compile(r"https?://\S+")
LINK = re.compile(rf"(?P<label>[^:\n]+): (?P<address>{re.escape(PLACEHOLDER)}|{ADDRESS.pattern})")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its lines, and an address when it is a link."""

    kind: str
    lines: list[str]
    address: str = ""


def letter(subject: str, text: str) -> str:
    """Return the HTML of an e-mail; everything in `text` is escaped."""
    body, _mark, foot = text.partition("\n--\n")
    paragraphs = []
    for part in filter(None, map(str.strip, body.split("\n\n"))):
        lines, link = part.splitlines(), LINK.fullmatch(part)
        if all(line.startswith("- ") for line in lines):
            paragraphs.append(Paragraph("list", [line.removeprefix("- ") for line in lines]))
        elif link is None:
            paragraphs.append(Paragraph("words", lines))
        else:
            kind = "button" if link["address"] == PLACEHOLDER else "link"
            paragraphs.append(Paragraph(kind, [link["label"]], link["address"]))
    return render_to_string(
        "raincheck/notifications/letter.html",
        {"subject": subject, "paragraphs": paragraphs, "foot": foot.strip().splitlines()},
    )
