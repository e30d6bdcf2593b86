"""Text messages: they fit, travel unchanged, and say as much as there is room for."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from tests.app.cast import new_york
from tests.app.notice_subjects import HOUR, everything, practice, said

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.zones import zone_names
from raincheck.notifications.catalogue import CATALOGUE, Opens
from raincheck.notifications.formats import zone_city
from raincheck.notifications.links import with_longest_link
from raincheck.notifications.sms_text import ALPHABET, carried, fitting, length
from raincheck.notifications.subjects import Audience

TEXTED = [
    row.kind
    for row in CATALOGUE.values()
    if (row.client and row.opens is not Opens.FRONT_PAGE) or row.calendar
]
LONGEST_CITY = max(zone_names(), key=lambda zone: len(zone_city(zone)))


@pytest.mark.parametrize(
    "sender", ["Harbor", "The Practice at the Old Harbor Street Bridge", "Žižkov “Na Vršku” 🌿"]
)
@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8000", "https://appointments.oldharborbridge.example"]
)
@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("kind", TEXTED)
def test_texts_fit_and_travel_unchanged(
    kind: NotificationType, count: int, base_url: str, sender: str, settings: LazySettings
) -> None:
    settings.BASE_URL = base_url
    late = new_york(30, 22, 59)
    matters = [everything(of=practice(sender_name=sender), start=late, deadline=late - 2 * HOUR)] * count
    words = said(kind, Audience.CLIENT, Channel.SMS, *matters, zone=LONGEST_CITY)
    sent = with_longest_link(words.text)
    assert length(sent) <= 160
    assert set(sent) <= ALPHABET
    assert zone_city(LONGEST_CITY) in sent


def test_a_prompt_by_text_says_all_it_has_room_for(settings: LazySettings) -> None:
    settings.BASE_URL = "https://hc.example"
    assert said(NotificationType.ASKED, Audience.CLIENT, Channel.SMS, everything()).text == (
        "Harbor: please choose a new appointment time by Wed, Nov 18, 7:00 AM (Los Angeles time): {link}"
    )


def test_a_lapse_by_text_names_time_zone_and_price() -> None:
    assert said(NotificationType.LAPSED, Audience.CLIENT, Channel.SMS, everything()).text == (
        "Harbor: Tue, Nov 24, 8:00 AM (Los Angeles time) was canceled, no charge. Book again: {link}"
    )


def test_the_first_variant_that_fits_is_sent_and_the_last_when_none_does(settings: LazySettings) -> None:
    settings.BASE_URL = "https://hc.example"
    assert fitting(["a" * 161, "b" * 160, "c"]) == "b" * 160
    assert fitting(["a" * 161, "b" * 162]) == "b" * 162
    assert fitting(["{link}" + "a" * 100, "no link"]) == "no link"
    assert fitting(["[" * 81, "["]) == "["


def test_letters_that_phones_lack_are_replaced() -> None:
    assert carried("Žižkov — “Ñandú” · àé 🌿") == 'Zizkov - "Ñandu" , àé ?'
