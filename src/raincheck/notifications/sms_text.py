"""Makes a text message fit: at most 160 characters of the alphabet every phone network carries unchanged."""

import unicodedata

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


def fitting(variants: list[str]) -> str:
    """Return the first variant that fits with its link at full length; the last one when none does."""
    for words in map(carried, variants):
        # The link is minted at the hand-over only, so that its room is kept free here.
        if length(with_longest_link(words)) <= LONGEST:
            return words
    return carried(variants[-1])
