"""Who may be the same person: addresses, numbers, and names with a date of birth, however they are written."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from raincheck.domain.clients.likeness import Likeness, Person, likely_pairs, likenesses

BORN = date(1988, 3, 7)
EMAIL, PHONE, NAME = Likeness.EMAIL, Likeness.PHONE, Likeness.NAME_AND_BIRTH


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Person("Riley", "Brooks", email="Riley@Clients.example"), Person("R.", email=" riley@clients.example"), {EMAIL}),
        (Person("Riley", phone="+12125550100"), Person("Sam", phone="+1 (212) 555-0100"), {PHONE}),
        (Person("Zoë", "Núñez", born=BORN), Person("zoe", "NUNEZ", born=BORN), {NAME}),
        (Person("Brooks", "Riley", born=BORN), Person("Riley", "Brooks", born=BORN), {NAME}),
        (Person("Mary-Jane", "O’Neill", born=BORN), Person("Mary Jane", "ONeill", born=BORN), {NAME}),
        (Person("William", "Hart", born=BORN), Person("Bill", "Hart", born=BORN), {NAME}),
        (Person("Margaret", "Hart", "Robin", BORN), Person("Robin", "Hart", born=BORN), {NAME}),
        (Person("Riley", "Brooks", born=BORN), Person("Riley", "Brooks", born=date(1988, 7, 3)), set()),
        (Person("Riley", "Brooks"), Person("Riley", "Brooks"), set()),
        (Person("Riley", "Brooks", born=BORN), Person("Maya", "Chen", born=BORN), set()),
        (Person("", email="", phone=""), Person("", email="", phone=""), set()),
        (
            Person("Riley", "Brooks", born=BORN, email="r@x.example", phone="+12125550100"),
            Person("Riley", "Brooks", born=BORN, email="R@x.example", phone="+12125550100"),
            {EMAIL, PHONE, NAME},
        ),
    ],
    ids=["e-mail", "phone", "accents", "order", "hyphen", "short name", "goes by", "another birth date", "name alone", "birth date alone", "nothing known", "all"],
)  # fmt: skip
def test_what_makes_two_records_alike(one: Person, other: Person, alike: set[Likeness]) -> None:
    assert (likenesses(one, other), likenesses(other, one)) == (alike, alike)


NAMES = st.sampled_from(
    ["Riley", "Zoë", "Zoe", "Bill", "William", "Brooks", "Núñez", "NUNEZ", "", "李", "O’Neill"]
)
PEOPLE = st.builds(
    Person,
    NAMES,
    NAMES,
    NAMES,
    st.none() | st.sampled_from([BORN, date(2001, 1, 1)]),
    st.sampled_from(["", "a@x.example", "A@X.example", "b@x.example"]),
    st.sampled_from(["", "+12125550100", "+1 212 555 0100", "+442079460000"]),
)


@given(PEOPLE, PEOPLE)
def test_likeness_is_mutual_and_whoever_tells_something_is_like_themselves(
    one: Person, other: Person
) -> None:
    assert likenesses(one, other) == likenesses(other, one)
    tells = one.email or one.phone or (one.born and f"{one.first_name}{one.goes_by}{one.last_name}")
    assert bool(likenesses(one, one)) == bool(tells)


@given(st.lists(PEOPLE, max_size=8))
def test_pairs_of_many_are_those_that_are_alike_two_by_two(people: list[Person]) -> None:
    expected = {
        (one, other): alike
        for (one, first), (other, second) in combinations(enumerate(people), 2)
        if (alike := likenesses(first, second))
    }
    assert likely_pairs(enumerate(people)) == expected


@given(PEOPLE)
def test_the_way_a_name_is_written_changes_nothing(one: Person) -> None:
    words = f"{one.first_name} {one.last_name}".upper().split()
    if not words or one.born is None:
        return
    turned = Person(" ".join(reversed(words)), born=one.born)
    assert Likeness.NAME_AND_BIRTH in likenesses(one, turned)
