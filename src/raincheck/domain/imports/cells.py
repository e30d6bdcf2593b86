"""Cells: text as a spreadsheet hands it over, without the marks that nobody sees."""

import re
import unicodedata

# Marks of direction, joins without width, soft hyphens, byte order: they come along when people copy, and mean nothing in
# a field. Not the two joiners inside a word: scripts of India and Iran, and emoji, are written with them.
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u00ad\ufeff\x00-\x08\x0e-\x1f\x7f]")
JOINERS_AT_THE_EDGE = "\u200c\u200d"
BLANKS = re.compile(r"[^\S\n]+")  # no-break and narrow ones too
# What keeps a spreadsheet from computing a text; it shows it without.
DISARMED = re.compile(r"^'(?=[-+@])")
LISTED = re.compile(r"\s*:::\s*")
# What people write where they have nothing to write.
NOTHING = frozenset({"-", "--", "---", "–", "—", "n/a", "na", "n.a.", "none", "null", "nil", "unknown"})
YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "x",
        "1",
        "✓",
        "✔",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "si",
        "sí",
        "s",
        "verdadero",
        "sim",
        "verdadeiro",
        "vero",
        "tak",
        "igen",
        "kyllä",
    ]
)
NO = frozenset(
    [
        "no",
        "n",
        "false",
        "f",
        "0",
        "-",
        "nein",
        "falsch",
        "non",
        "faux",
        "falso",
        "não",
        "nao",
        "nee",
        "onwaar",
        "nie",
        "nem",
        "ei",
        "nej",
    ]
)


def clean(text: str) -> str:
    """Return what a person sees in a cell, trimmed, with plain blanks and line breaks."""
    seen = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return DISARMED.sub("", BLANKS.sub(" ", seen).strip().strip(JOINERS_AT_THE_EDGE).strip())


def disarmed(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula when it opens it; `clean` gives it back as it was."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def first_listed(text: str) -> str:
    """Return the first of several values in one cell, as Google Contacts joins them."""
    return next((value for value in LISTED.split(text) if value), "")


def is_formula(text: str) -> bool:
    return text.startswith("=")


def says_nothing(text: str) -> bool:
    return text.casefold() in NOTHING


def says_yes(text: str) -> bool:
    """Return whether a cell of a column like “Canceled” says so: by a yes in some language, or by the time it happened."""
    said = text.casefold()
    return bool(said) and not says_nothing(said) and said not in NO


def plain(text: str) -> str:
    """Return a text to compare others with: case, accents, apostrophes and signs aside."""
    lowered = unicodedata.normalize("NFKD", text.casefold())
    # Accents of letters only: in other scripts such marks are vowels.
    bare = re.sub("[\u0300-\u036f]", "", lowered)
    return bare.translate(UNACCENTED)


# Letters that Unicode does not take apart.
UNACCENTED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
