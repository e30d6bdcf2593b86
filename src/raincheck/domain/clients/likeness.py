"""Likeness of records that may be one person's: two clients share an address, a number, or a name and a date of birth."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations


class Likeness(StrEnum):
    """Why two records may be of one person."""

    EMAIL = "email"
    PHONE = "phone"
    NAME_AND_BIRTH = "name_and_birth"


@dataclass(frozen=True, slots=True)
class Person:
    """What of a record tells who somebody is. What is not known is empty; `phone` is E.164 where it could be read."""

    first_name: str
    last_name: str = ""
    goes_by: str = ""
    born: date | None = None
    email: str = ""
    phone: str = ""


def likenesses(one: Person, other: Person) -> frozenset[Likeness]:
    """Return all that makes two records likely to be of the same person; nothing for most."""
    return frozenset(kind for kind, _key in _keys(one) & _keys(other))


def likely_pairs(people: Iterable[tuple[int, Person]]) -> dict[tuple[int, int], frozenset[Likeness]]:
    """Return, by the numbers of both in order, which of many records may be of the same person, and why."""
    sharing: dict[tuple[Likeness, object], list[int]] = defaultdict(list)
    for number, person in people:
        for key in _keys(person):
            sharing[key].append(number)
    found: dict[tuple[int, int], frozenset[Likeness]] = defaultdict(frozenset)
    for (kind, _value), numbers in sharing.items():
        for pair in combinations(sorted(set(numbers)), 2):
            found[pair] |= {kind}
    return dict(found)


def _keys(person: Person) -> frozenset[tuple[Likeness, object]]:
    """Return what two records of one person have in common at least one of."""
    keys: set[tuple[Likeness, object]] = set()
    if email := person.email.strip().lower():
        keys.add((Likeness.EMAIL, email))
    if digits := re.sub(r"\D", "", person.phone):
        keys.add((Likeness.PHONE, digits))
    if person.born is not None:
        keys |= {(Likeness.NAME_AND_BIRTH, (person.born, name)) for name in _names(person)}
    return frozenset(keys)


def _names(person: Person) -> Iterator[tuple[str, ...]]:
    """Return what somebody is called as sorted plain words: whoever typed the last name first meant the same."""
    for called in {person.first_name, person.goes_by or person.first_name}:
        if words := _plain(f"{called} {person.last_name}"):
            yield tuple(sorted(SHORT_FOR.get(word, word) for word in words))


def _plain(name: str) -> list[str]:
    """Return the words of a name in small letters without accents, apostrophes and hyphens."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(
        sign for sign in unicodedata.normalize("NFKD", decomposed) if not unicodedata.combining(sign)
    )
    return re.sub(r"[-‐‑–]", " ", re.sub(r"['’‘`´ʼʻ.]", "", letters)).split()


SHORT_FOR = {
    short: name
    for name, shorts in {
        "alexander": "alex alec sasha xander",
        "andrew": "andy drew",
        "anthony": "tony",
        "barbara": "barb",
        "benjamin": "ben benny",
        "catherine": "kate katie cathy kathy katherine kathryn catharine",
        "charles": "charlie chuck",
        "christopher": "chris topher",
        "daniel": "dan danny",
        "david": "dave",
        "deborah": "deb debbie debra",
        "donald": "don donnie",
        "edward": "ed eddie ted",
        "elizabeth": "liz lizzie beth betty eliza elisabeth",
        "francis": "frank frankie",
        "gregory": "greg",
        "james": "jim jimmy jamie",
        "jennifer": "jen jenny",
        "jessica": "jess jessie",
        "john": "johnny jack",
        "jonathan": "jon",
        "joseph": "joe joey",
        "joshua": "josh",
        "kenneth": "ken kenny",
        "lawrence": "larry",
        "margaret": "maggie meg peggy",
        "matthew": "matt",
        "michael": "mike mikey",
        "nicholas": "nick",
        "pamela": "pam",
        "patricia": "pat patty tricia",
        "peter": "pete",
        "rebecca": "becca becky",
        "richard": "rick dick rich",
        "robert": "rob bob bobby robbie",
        "samuel": "sam sammy",
        "stephen": "steve steven",
        "susan": "sue susie",
        "thomas": "tom tommy",
        "timothy": "tim",
        "victoria": "vicky tori",
        "william": "will bill billy liam",
        "zachary": "zach zack",
    }.items()
    for short in shorts.split()
}
"""The short names that people write for each other's full ones; only with the same date of birth they make anybody alike."""
