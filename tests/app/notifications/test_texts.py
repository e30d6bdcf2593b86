"""Text messages: they fit, travel unchanged, say from whom they come, and as much else as there is room for."""

from __future__ import annotations

from datetime import datetime

import hypothesis
import hypothesis.strategies as st
import pytest
from django.conf import LazySettings
from django.test import override_settings
from django.utils.translation import override
from tests.app.cast import new_york
from tests.app.notice_subjects import FOR_THE_READER_ONLY, HOUR, everything, held, practice, said
from tests.sampling import examples

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.zones import zone_names
from raincheck.notifications.catalogue import CATALOGUE, Opens
from raincheck.notifications.context import plain
from raincheck.notifications.links import with_longest_link
from raincheck.notifications.sms_text import (
    ALPHABET,
    COUNTS_TWICE,
    carried,
    fitting,
    length,
    name_in_texts,
    shortened,
)
from raincheck.notifications.subjects import Audience

WITHOUT_TIMES = (NotificationType.MESSAGE, NotificationType.SIGN_IN_CODE)
TEXTED = [
    row.kind
    for row in CATALOGUE.values()
    if row.kind not in WITHOUT_TIMES and ((row.client and row.opens is not Opens.FRONT_PAGE) or row.calendar)
]


DOMAINS = [
    "http://127.0.0.1:8000",
    "https://hc.example",
    "https://raincheck.harborcounseling.com",
    "https://appointments.oldharborbridge.example",
    "https://" + "very-long-name." * 3 + "example",
]
"""The last is as long as an installation that sends texts may have."""
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
SENDERS = (
    st.sampled_from(
        ["Harbor", "The Practice at the Old Harbor Street Bridge", "Žižkov “Na Vršku” 🌿", "[{^}]" * 12]
    )
    | st.text(LETTERS, min_size=1, max_size=60)
    | st.text(st.sampled_from("abc Å-."), min_size=1, max_size=60)
)


@pytest.mark.sampled
@hypothesis.given(
    kind=st.sampled_from(
        [row.kind for row in CATALOGUE.values() if row.client and row.kind not in WITHOUT_TIMES]
    ),
    sender=SENDERS,
    base_url=st.sampled_from(DOMAINS),
    language=st.sampled_from(["en", "de", "fr", "ru", "el", "zh-hans", "ar", "vi"]),
    zone=st.sampled_from(sorted(zone_names())),
    place=st.none() | st.sampled_from(sorted(zone_names())),
    late=st.sampled_from([new_york(30, 22, 59), new_york(25, 12, 0)]),
    count=st.sampled_from([1, 3, 12]),
    has_link=st.booleans(),
    fee=st.booleans(),
)
@hypothesis.settings(max_examples=examples(3_000, sampled=250), deadline=None, database=None)
def test_every_text_fits_travels_unchanged_and_says_from_whom_it_comes(
    kind: NotificationType,
    sender: str,
    base_url: str,
    language: str,
    zone: str,
    place: str | None,
    late: datetime,
    count: int,
    has_link: bool,
    fee: bool,
) -> None:
    about = everything(
        of=practice(sender_name=sender), room=bool(place), start=late, deadline=late - 2 * HOUR
    )
    about.appointment.fee_allowed = fee
    if place:
        about.appointment.place.zone = place
    with override_settings(BASE_URL=base_url), override(language):
        words = said(kind, Audience.CLIENT, Channel.SMS, *[about] * count, zone=zone, has_link=has_link).text
        sent, whole = with_longest_link(words), name_in_texts(plain(sender))
    from_whom = words.rpartition(": {link}")[0] or words
    named = next(whole[:end] for end in range(len(whole), 0, -1) if from_whom.startswith(f"{whole[:end]}: "))
    assert length(sent) <= 160
    assert set(sent) <= ALPHABET | COUNTS_TWICE
    assert length(named) >= min(length(whole), 8) - 2
    assert held(FOR_THE_READER_ONLY, words.removeprefix(named)) == []


@pytest.mark.parametrize("kind", TEXTED)
def test_where_room_gets_short_the_zone_gives_way_first(
    kind: NotificationType, settings: LazySettings
) -> None:
    texts: list[str] = []
    for extra in range(60):
        settings.BASE_URL = f"https://{'h' * extra}hc.example"
        texts.append(said(kind, Audience.CLIENT, Channel.SMS, everything()).text)
    [longest, *shorter] = dict.fromkeys(texts)
    assert "(Los Angeles time)" in longest
    assert shorter[:1] in ([], [longest.replace("(Los Angeles time)", "PST")])


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        (
            "https://hc.example",
            "Harbor: please choose a new appointment time by Wed, Nov 18, 7:00 AM (Los Angeles time): {link}",
        ),
        (
            "https://appointments.harbor-counseling.example",
            "Harbor: please choose a new appointment time by Wed, Nov 18, 7:00 AM PST: {link}",
        ),
    ],
)
def test_a_prompt_by_text_says_all_it_has_room_for(base_url: str, words: str, settings: LazySettings) -> None:
    settings.BASE_URL = base_url
    assert said(NotificationType.ASKED, Audience.CLIENT, Channel.SMS, everything()).text == words


def test_a_long_name_is_cut_after_a_word_where_nothing_else_is_left_to_shorten(
    settings: LazySettings,
) -> None:
    settings.BASE_URL = "https://appointments.oldharborbridge.example"
    of = practice(sender_name="The Practice at the Old Harbor Street Bridge")
    asked = everything(of=of)
    assert said(NotificationType.ASKED, Audience.CLIENT, Channel.SMS, asked).text == (
        "The Practice at the Old Harbor Street: choose a new time by Wed, Nov 18, 7:00 AM PST: {link}"
    )


@pytest.mark.parametrize(
    ("name", "by", "kept"),
    [
        ("Harbor", 40, "Harbor"),
        ("Harbor Street & Partners", 6, "Harbor Street"),
        ("Psychotherapiepraxis", 5, "Psychotherapiep"),
        ("A Psychotherapiepraxis", 8, "A Psychotherap"),
        ("[[[[[[[[[[", 6, "[[[[[[["),
    ],
)
def test_a_name_is_shortened_to_what_can_still_be_recognized(name: str, by: int, kept: str) -> None:
    assert shortened(name, by=by) == kept


@pytest.mark.parametrize(
    ("name", "carried_as"),
    [
        ("Harbor 🌿", "Harbor"),
        ("Z\u030cižkov", "Zizkov"),
        ("Клиника", "hc.example"),
        ("诊所 Harbor", "Harbor"),
    ],
)
def test_a_name_that_phones_cannot_write_is_never_a_row_of_question_marks(
    name: str, carried_as: str, settings: LazySettings
) -> None:
    settings.BASE_URL = "https://hc.example"
    assert name_in_texts(name) == carried_as


def test_a_lapse_by_text_names_time_zone_and_price() -> None:
    assert said(NotificationType.LAPSED, Audience.CLIENT, Channel.SMS, everything()).text == (
        "Harbor: your appointment on Tue, Nov 24, 8:00 AM (Los Angeles time) was canceled, no charge. "
        "Book a new time: {link}"
    )


def test_the_first_variant_that_fits_is_sent(settings: LazySettings) -> None:
    settings.BASE_URL = "https://hc.example"
    assert fitting(["a" * 161, "b" * 160, "c"]) == "b" * 160
    assert fitting(["a" * 161, "b" * 162]) is None
    assert fitting(["{link}" + "a" * 120, "no link"]) == "no link"
    assert fitting(["[" * 81, "["]) == "["


def test_letters_that_phones_lack_are_replaced() -> None:
    assert carried("Žižkov — “Ñandú” · àé 🌿") == 'Zizkov - "Ñandu" , àé ?'
