"""Makes a text message fit: at most 160 characters of the alphabet every phone network carries unchanged."""

import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from raincheck.notifications.links import with_longest_link

# 140 octets of seven-bit characters (3GPP TS 23.038); what is longer goes out as several messages.
LONGEST = 160
# One character outside this alphabet makes a whole text UCS-2, which has room for 70.
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
COUNTS_TWICE = frozenset("^{}\\[~]|€\f")
"""Characters of the extension table (3GPP TS 23.038): each takes the room of two."""
SHORTEST_NAME = 8
"""Characters that remain of a sender's name at least."""
LOOK_ALIKES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "·": ",", "…": "..."}
)


def carried(words: str) -> str:
    """Return `words` in the alphabet of text messages: accents it lacks are dropped, other characters become "?"."""
    # Composed first: an accent that stands apart from its letter would become a "?" of its own.
    plain = unicodedata.normalize("NFC", words.translate(LOOK_ALIKES))
    letters = []
    for letter in plain:
        if letter in ALPHABET or letter in COUNTS_TWICE:
            letters.append(letter)
        else:
            bare = (part for part in unicodedata.normalize("NFKD", letter) if part in ALPHABET)
            letters.append("".join(bare) or "?")
    return "".join(letters)


def length(words: str) -> int:
    """Return how much of a text message's room the words take."""
    return sum(2 if letter in COUNTS_TWICE else 1 for letter in words)


def excess(words: str) -> int:
    """Return by how much words are too long for one text with their link at full length; nought or less when they fit."""
    # The link is minted at the hand-over only, so that its room is kept free here.
    return length(with_longest_link(carried(words))) - LONGEST


def fitting(variants: Iterable[str]) -> str | None:
    """Return the first variant that fits; None when none does."""
    return next((carried(words) for words in variants if excess(words) <= 0), None)


def name_in_texts(name: str) -> str:
    """Return a sender's name as texts carry it, without letters that they can't; with none left, the name of our pages."""
    kept = "".join(letter for letter in unicodedata.normalize("NFC", name) if "?" not in carried(letter))
    return " ".join(carried(kept).split()) or urlsplit(settings.BASE_URL).hostname or ""


def shortened(name: str, *, by: int) -> str:
    """Return a name that takes less room, ended after a word where that leaves half of it, never less than `SHORTEST_NAME`."""
    room = max(length(name) - by, SHORTEST_NAME)
    while length(name) > room:
        name = name.rpartition(" ")[0] if " " in name[room // 2 :] else name[:-1]
    return name.rstrip(" ,.;:&+-") or name
