"""Names: in one cell or two, last name first or last, with titles before and letters behind."""

import re
from collections.abc import Collection, Iterable

from raincheck.domain.imports.cells import plain

SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "v", "jnr", "snr", "esq", "phd", "md"})
# Parts that belong to the last name that follows them.
PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "zu",
        "zur",
        "zum",
        "ter",
        "ten",
        "vom",
        "st",
        "af",
        "av",
        "ap",
        "mac",
        "o",
        "ó",
        "ní",
    ]
)
TITLES = re.compile(
    r"^(?:(?:dr|prof|mr|mrs|ms|mx|miss|herr|frau|hr|fr|dipl|med|psych|rev|sir|mme|m|sra|sr|dott|dra)\.?[\s.-]+)+",
    re.IGNORECASE,
)
APOSTROPHES = re.compile("['’‘ʼʻ`´]")


def is_suffix(text: str) -> bool:
    return text.casefold().replace(".", "").strip() in SUFFIXES


def same_name(name: str) -> str:
    """Return a name to compare others with: case, accents, apostrophes and blanks aside."""
    return " ".join(APOSTROPHES.sub("", plain(name)).split())


def in_order(name: str) -> str:
    """Return a name with the first name first: “Carter Jr., Robert” and “Carter, Robert, Jr.” are Robert Carter Jr."""
    first, last = in_two(name) if "," in name else (" ".join(name.split()), "")
    return f"{first} {last}".strip()


def in_two(name: str) -> tuple[str, str]:
    """Return the first and last name of one cell; who has one name has no last name."""
    parts = [" ".join(part.split()) for part in name.split(",")]
    parts = [part for part in parts if part]
    behind = [part for part in parts[1:] if is_suffix(part)]
    parts = [part for part in parts if part not in behind]
    if len(parts) > 1:
        last, first = parts[0], " ".join(parts[1:])
    else:
        first, last = _split(parts[0].split() if parts else [])
    return first, " ".join([last, *behind]).strip()


def _split(words: list[str]) -> tuple[str, str]:
    """Return the words of a name as first and last name: the last name takes its particles and suffixes along."""
    if len(words) < 2:
        return " ".join(words), ""
    at = len(words) - 1
    while at > 1 and is_suffix(words[at]):
        at -= 1
    while at > 1 and words[at - 1].casefold().rstrip(".") in PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


class Providers:
    """The providers of a practice, found by how a file may write their names. Without any, every name is taken as it is.

    `left` are those names that only people have who work there no more.
    """

    def __init__(self, names: Iterable[str] | None, *, left: Collection[str] = ()) -> None:
        self.names, self.left = None if names is None else list(names), left
        self.by_key: dict[str, list[str]] = {}
        for name in self.names or ():
            for key in {self._key(name), self._key(name.split(",")[0])}:
                self.by_key.setdefault(key, []).append(name)

    def found(self, text: str) -> str | None:
        """Return the one provider meant, whatever its case, blanks, title before and letters after a comma."""
        before, _comma, after = text.partition(",")
        if self.names is None:
            return self._key(text) and text
        for spelled in (text, before, f"{after.partition(',')[0]} {before}"):
            meant = set(self.by_key.get(self._key(spelled), ()))
            if len(meant) == 1:
                return meant.pop()
        return None

    @staticmethod
    def _key(name: str) -> str:
        return TITLES.sub("", " ".join(name.casefold().split()) + " ", count=1).strip()
