"""Open pages and who sits at them: signs of a person, the time that is left, and the practice's own minutes."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client as Browser
from tests.app.access.test_accounts import text_of
from tests.app.access.test_kept_words import (
    BLOCK,
    HERE_AGAIN,
    SAID,
    away,
    come,
    come_back,
    held,
    okafor,
    send,
)
from tests.app.access.test_second_factor import OKAFOR, Phone
from tests.app.access.test_session_lists import no_tries_yet, phone
from tests.app.cast import Cast
from tests.app.staff_browser import sign_in_staff

from raincheck.data.access.sessions import UserSession
from raincheck.data.kept_pages import KeptPage
from raincheck.data.people import Membership, Practice, User
from raincheck.domain.people import Role

__all__ = ["no_tries_yet", "okafor", "phone"]

MINUTE = timedelta(minutes=1)
FORMS = [
    {"action": f"http://testserver{BLOCK}?kept=1", "fields": [["key", "x"], *SAID.items()], "files": []},
    {"action": "/nowhere/", "fields": [["words", "A letter that has no place any more"]], "files": []},
]


def keep(browser: Browser, forms: object = FORMS, **stamp: object) -> dict[str, object]:
    said = {"page": f"http://testserver{BLOCK}", "forms": json.dumps(forms)}
    answer = browser.post("/account/keep/", said, **stamp)
    return {"status": answer.status_code, **answer.json()}


def test_typing_on_an_open_page_keeps_its_person_signed_in(okafor: Browser) -> None:
    began = UserSession.objects.get().last_seen_at
    for minutes in (10, 10, 10):
        assert okafor.post("/account/here/", **away(of=okafor, after=minutes * MINUTE)).status_code == 204
    assert UserSession.objects.get().last_seen_at == began + 30 * MINUTE


def test_asking_how_much_time_is_left_is_no_sign_and_ends_nothing(okafor: Browser) -> None:
    left = [
        okafor.get("/account/time-left/", **away(of=okafor, after=after)).json()["left"]
        for after in (MINUTE, 14.5 * MINUTE, 15 * MINUTE, 16 * MINUTE)
    ]
    assert left == [14 * 60, 30, 0, 0]
    assert UserSession.objects.get().ended_at is None
    assert Browser().get("/account/time-left/").json() == {"left": 0}


def test_a_page_says_how_long_it_stays_open_and_after_which_time(okafor: Browser) -> None:
    page = unescape(text_of(okafor.get(BLOCK, **away(of=okafor, after=timedelta(0)))))
    assert 'data-left="900"' in page
    assert "That happens after 15 minutes without you, and after 12 hours in any case." in page


def test_what_stands_unsent_when_time_is_up_is_kept_and_comes_back(okafor: Browser, phone: Phone) -> None:
    assert keep(okafor, **away(of=okafor)) == {"status": 200, "to": f"/sign-in/?next={BLOCK}"}
    signed_out = unescape(text_of(okafor.get(f"/sign-in/?next={BLOCK}")))
    assert signed_out.count("You were signed out after 15 minutes without you. What you typed is kept") == 1
    back = come_back(okafor, phone, BLOCK)
    assert held(back)[1:] == [*SAID.items()]
    assert HERE_AGAIN in text_of(back)
    assert "readonly>A letter that has no place any more</textarea>" in text_of(back)
    assert "Funeral" not in text_of(come(okafor, BLOCK))


def test_a_page_that_had_nothing_to_keep_only_leads_to_the_sign_in(okafor: Browser) -> None:
    assert keep(okafor, [], **away(of=okafor)) == {"status": 200, "to": f"/sign-in/?next={BLOCK}"}
    assert "Please sign in again to go on where you were." in text_of(okafor.get("/sign-in/"))
    assert not KeptPage.objects.exists()


def test_while_somebody_is_signed_in_nothing_is_kept(okafor: Browser) -> None:
    assert keep(okafor, **away(of=okafor, after=14 * MINUTE)) == {"status": 409, "left": 60}
    assert not KeptPage.objects.exists()


def test_words_of_a_page_whose_session_another_tab_ended_are_kept(okafor: Browser, phone: Phone) -> None:
    late = away(of=okafor)
    okafor.get("/home/", **late)
    keep(okafor, **late)
    assert held(come_back(okafor, phone, BLOCK))[1:] == [*SAID.items()]


def test_whoever_signed_in_meanwhile_gets_none_of_it(okafor: Browser) -> None:
    okafor.get("/home/", **away(of=okafor))
    sign_in_staff(okafor, "fischer@harbor.example")
    assert keep(okafor)["status"] == 409
    assert "Funeral" not in text_of(come(okafor, BLOCK))


@pytest.mark.parametrize("forms", ["x", 1, [1], [{}], [{"action": "/", "fields": [1], "files": []}]])
def test_what_is_no_form_is_refused(okafor: Browser, forms: object) -> None:
    assert keep(okafor, forms, **away(of=okafor))["status"] == 400


def test_a_practice_chooses_its_own_minutes(okafor: Browser, cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={"idle": 5 * 60})
    assert okafor.get("/account/", **away(of=okafor, after=4 * MINUTE)).status_code == 200
    page = unescape(text_of(okafor.get("/account/", **away(of=okafor, after=0 * MINUTE))))
    assert "A session ends by itself after 5 minutes without you" in page
    assert send(okafor, BLOCK, away(of=okafor, after=5 * MINUTE), **SAID).status_code == 303
    assert "You were signed out after 5 minutes without you." in text_of(okafor.get("/sign-in/"))


@pytest.mark.parametrize(
    ("here", "there", "ends"), [(60, 10, 10), (10, 60, 10), (None, 60, 15), (None, None, 15)]
)
def test_of_two_practices_the_shorter_time_counts(
    okafor: Browser, cast: Cast, here: int | None, there: int | None, ends: int
) -> None:
    other = Practice.objects.exclude(pk=cast.practice.pk).first()
    assert other is not None
    Membership(practice=other, user=User.objects.get(email=OKAFOR), role=Role.MANAGER).save(force_insert=True)
    for practice, minutes in ((cast.practice, here), (other, there)):
        policy = {} if minutes is None else {"idle": minutes * 60}
        Practice.objects.filter(pk=practice.pk).update(policy=policy)
    left = okafor.get("/account/time-left/", **away(of=okafor, after=timedelta(0))).json()["left"]
    assert left == ends * 60
