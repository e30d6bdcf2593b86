"""The client of a calendar's event: found by the address of whom it invites, then by a client's name in what it says."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from raincheck.domain.imports.calendar_files import Person
from raincheck.domain.imports.names import same_name

WORDS = re.compile(r"[^\W_]+")
MOST_LIKELY = 5
# Shorter words are in many names and in every second title.
TELLING = 3

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """Return the words of a text to compare others with: case, accents, apostrophes and signs aside."""
    return tuple(WORDS.findall(same_name(text)))


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an event is: one client's, or nobody knows, and then those who are likely come first."""

    client: int | None
    likely: tuple[int, ...] = ()


@dataclass(slots=True)
class Clients:
    """The clients whom events may be about: each with the names they go by and the addresses they have."""

    by_email: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_first_word: dict[str, set[tuple[Words, int]]] = field(default_factory=lambda: defaultdict(set))
    by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, client: int, *, names: Iterable[tuple[str, str]], emails: Iterable[str]) -> None:
        """Take a client in; `names` are pairs of first and last name, read in either order."""
        for first, last in names:
            for words in {words_of(f"{first} {last}"), words_of(f"{last} {first}")} - {()}:
                self.by_first_word[words[0]].add((words, client))
                for word in words:
                    self.by_word[word].add(client)
        for email in emails:
            self.by_email[email.lower()].add(client)

    def of(self, title: str, people: Sequence[Person]) -> Whose:
        """Return whose an event with this title and these people is.

        In doubt nobody's: when an address and a name disagree, when several clients fit, when a name is not whole.
        """
        addressed = {client for one in people for client in self.by_email.get(one.email, ())}
        named = self.named_in(title) or {client for one in people for client in self.named_in(one.name)}
        fitting = addressed & named if addressed and named else addressed | named
        if len(fitting) == 1:
            return Whose(next(iter(fitting)))
        said = " ".join([title, *(one.name for one in people)])
        return Whose(None, self._likely(said, first=fitting or addressed | named))

    def named_in(self, text: str) -> set[int]:
        """Return the clients whose whole name stands in a text; "Ann Lee" does not where it is a part of "Mary Ann Lee"."""
        words = words_of(text)
        found: list[tuple[int, int, int]] = []
        for start, word in enumerate(words):
            for name, client in self.by_first_word.get(word, ()):
                end = start + len(name)
                # A single word is a name only where nothing else is said.
                if words[start:end] == name and (len(name) > 1 or len(words) == 1):
                    found.append((start, end, client))
        return {
            client
            for start, end, client in found
            if not any(a <= start and end <= b and b - a > end - start for a, b, _other in found)
        }

    def _likely(self, text: str, *, first: set[int]) -> tuple[int, ...]:
        shared: dict[int, int] = defaultdict(int)
        for word in set(words_of(text)):
            if len(word) >= TELLING:
                for client in self.by_word.get(word, ()):
                    shared[client] += 1
        ranked = sorted(
            first | shared.keys(), key=lambda client: (client not in first, -shared.get(client, 0), client)
        )
        return tuple(ranked[:MOST_LIKELY])
