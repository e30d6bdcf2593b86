"""Turns the plain text of an e-mail into its HTML, so that both always say the same.

Paragraphs are parted by empty lines, and the first is the head. Lines that begin with "- " are a list, more of an item is
set in by two spaces; a paragraph "Words: address" is a link, and with `{link}` for an address the button; what follows a
line "--" is the small print at the foot. Styles stand with what they are for, since mail programs take others away; only
the colors for dark screens can't.
"""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string

from raincheck.notifications.links import PLACEHOLDER

ADDRESS = re.compile(r"https?://\S+")
ITEM = re.compile(r"\n- ")
LINK = re.compile(rf"(?P<label>[^:\n]+): (?P<address>{re.escape(PLACEHOLDER)}|{ADDRESS.pattern})")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its lines, an item of a list with all of its own, and an address when it is a link."""

    kind: str
    lines: list[list[str]]
    address: str = ""


def letter(subject: str, text: str) -> str:
    """Return the HTML of an e-mail; everything in `text` is escaped."""
    words, _mark, foot = text.partition("\n--\n")
    head, _end, body = words.partition("\n\n")
    paragraphs = []
    for part in filter(None, map(str.strip, body.split("\n\n"))):
        lines, link = part.splitlines(), LINK.fullmatch(part)
        if all(line.startswith(("- ", "  ")) for line in lines):
            items = ITEM.split(part.removeprefix("- "))
            paragraphs.append(
                Paragraph("list", [[line.strip() for line in one.splitlines()] for one in items])
            )
        elif link is None:
            paragraphs.append(Paragraph("words", [lines]))
        else:
            kind = "button" if link["address"] == PLACEHOLDER else "link"
            paragraphs.append(Paragraph(kind, [[link["label"]]], link["address"]))
    return render_to_string(
        "raincheck/notifications/letter.html",
        {"subject": subject, "head": head, "paragraphs": paragraphs, "foot": foot.strip().splitlines()},
    )
