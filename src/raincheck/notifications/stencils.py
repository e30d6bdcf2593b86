"""Templates of messages as stencils: rendered once for each shape of message, then filled in with each message's own words.

When thousands of requests end in the same minute, rendering their words is most of the work, and nearly all of it is the
same. A shape is what a template may decide by: how many appointments there are, and which words there are at all. Each
word then stands in the rendered text as one mark, a character that no message has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.html import escape

from raincheck.notifications.context import Item, Values
from raincheck.notifications.html_email import ADDRESS
from raincheck.notifications.links import PLACEHOLDER
from raincheck.notifications.subjects import Words

FIRST_MARK, LAST_MARK = "\ue000", "\uf8ff"
MARKS = re.compile(f"([{FIRST_MARK}-{LAST_MARK}])")
DECIDES = re.compile(f"^-|://|\n|{re.escape(PLACEHOLDER)}|[{FIRST_MARK}-{LAST_MARK}]")
"""Words that a letter would read as more than words: a line of a list, an address, a line of its own, a mark."""
URLS = frozenset({"join_url"})
"""Words that are addresses, which a letter makes links of."""
MOST_KEPT = 2_000

Path = tuple[str, int, str]
"""Where a word comes from: the name of a value, and for an appointment's its place among them (-1: it is alone) and its word."""
Render = Callable[[Values], Words]
Shape = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Stencil:
    """A rendered message in pieces: every second one is a mark, and `paths` says what each mark stands for."""

    subject: list[str]
    text: list[str]
    html: list[str]
    paths: dict[str, Path]

    def filled(self, values: Values) -> Words | None:
        """Return the message about `values`; None when one of its words would be read as more than words."""
        words = {mark: _word(path, values) for mark, path in self.paths.items()}
        if any(_decides(self.paths[mark], word) for mark, word in words.items()):
            return None
        escaped = {mark: escape(word) for mark, word in words.items()} if self.html else {}
        return Words(_joined(self.subject, words), _joined(self.text, words), _joined(self.html, escaped))


_kept: dict[tuple[object, ...], Stencil] = {}


def filled(name: str, values: Values, render: Render) -> Words:
    """Return what `render(values)` does, most of the time without calling it. `name` says what it renders, and in which language."""
    key = (name, *map(_shape, values.values()))
    stencil = _kept.get(key)
    if stencil is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        stencil = _kept[key] = _cut(values, render)
    return stencil.filled(values) or render(values)


def _shape(value: object) -> Shape:
    match value:
        case str():
            return (bool(value),)
        case Item():
            return value.shape
        case list():
            return tuple(item.shape for item in value)
        case _:
            return (value,)


class _Marks:
    """Hands out one mark for each word, in turn."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def mark(self, path: Path, word: object) -> object:
        """Return what a template reads in place of a word; what is no word, or empty, is read as it is."""
        if not isinstance(word, str) or not word:
            return word
        mark = chr(ord(FIRST_MARK) + len(self.paths))
        self.paths[mark] = path
        return f"https://{mark}" if path[2] in URLS else mark

    def marked(self, values: Values) -> Values:
        return {name: self._marked(name, value) for name, value in values.items()}

    def _marked(self, name: str, value: object) -> object:
        match value:
            case Item():
                return _MarkedItem(value, self, name, -1)
            case list():
                return [_MarkedItem(item, self, name, place) for place, item in enumerate(value)]
            case _:
                return self.mark((name, -1, ""), value)


class _MarkedItem:
    """An appointment whose words are marks, each made when a template asks for it."""

    def __init__(self, item: Item, marks: _Marks, name: str, place: int) -> None:
        self._item, self._marks, self._name, self._place = item, marks, name, place

    def __getattr__(self, word: str) -> object:
        return self._marks.mark((self._name, self._place, word), getattr(self._item, word))


def _cut(values: Values, render: Render) -> Stencil:
    marks = _Marks()
    words = render(marks.marked(values))
    subject, text, html = (_pieces(part) for part in (words.subject, words.text, words.html))
    used = {*subject[1::2], *text[1::2], *html[1::2]}
    return Stencil(subject, text, html, {mark: path for mark, path in marks.paths.items() if mark in used})


def _pieces(text: str) -> list[str]:
    return MARKS.split(re.sub(f"https://([{FIRST_MARK}-{LAST_MARK}])", r"\1", text)) if text else []


def _joined(pieces: list[str], words: Mapping[str, str]) -> str:
    return "".join([words[piece] if odd & 1 else piece for odd, piece in enumerate(pieces)])


def _word(path: Path, values: Values) -> str:
    name, place, word = path
    value = values[name]
    if isinstance(value, list):
        value = value[place]
    return str(getattr(value, word) if word else value)


def _decides(path: Path, word: str) -> bool:
    if path[2] in URLS:
        return ADDRESS.fullmatch(word) is None or MARKS.search(word) is not None
    return DECIDES.search(word) is not None
