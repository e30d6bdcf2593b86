"""The catalogue of notices: every row has its words, and everything else about a notice is derived from its row."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.notifications.notices_in_words import FOLDER, in_words

import raincheck
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import CATALOGUE, Holds, Notice, Wakes
from raincheck.queries.deliveries import MAY_GO

TEMPLATES = Path(raincheck.__file__).parent / "templates"
EMAIL, SMS, IN_APP = Channel.EMAIL, Channel.SMS, Channel.IN_APP


def templates(rows: Iterable[Notice]) -> set[str]:
    return {row.template(*to) for row in rows for to in row.spoken}


def there_are() -> set[str]:
    found = (TEMPLATES / "raincheck" / "notifications").glob("*.txt")
    return {str(path.relative_to(TEMPLATES)) for path in found}


def kinds(holds: Holds) -> list[NotificationType]:
    return [row.kind for row in CATALOGUE.values() if row.holds is holds]


def test_every_kind_has_its_row_and_every_row_its_templates_and_no_others_lie_about() -> None:
    assert list(CATALOGUE) == [row.kind for row in CATALOGUE.values()]
    assert set(CATALOGUE) == set(NotificationType)
    assert templates(CATALOGUE.values()) == there_are()


def test_there_is_a_last_look_for_every_time_that_a_notice_holds() -> None:
    assert set(MAY_GO) == set(Holds)


def test_a_new_row_without_templates_is_found() -> None:
    told_by_text_too = replace(CATALOGUE[NotificationType.BOOKED], provider=(EMAIL, IN_APP))
    missing = templates([*CATALOGUE.values(), told_by_text_too]) - there_are()
    assert missing == {"raincheck/notifications/booked.provider.email.txt"}


@pytest.mark.parametrize("notice", CATALOGUE.values(), ids=lambda notice: str(notice.kind))
def test_every_notice_says_word_for_word_what_is_kept_of_it(notice: Notice) -> None:
    """After a change of words, run this with `WRITE_NOTICES=1` and read what changed."""
    if os.environ.get("WRITE_NOTICES"):
        (FOLDER / f"{notice.kind}.txt").write_text(in_words(notice), encoding="utf-8")
    assert in_words(notice) == (FOLDER / f"{notice.kind}.txt").read_text(encoding="utf-8")


def test_no_words_are_kept_of_notices_that_are_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {str(kind) for kind in CATALOGUE}


def test_only_prompts_withdrawals_and_cancellations_may_wake_anybody() -> None:
    assert {row.kind: row.wakes for row in CATALOGUE.values() if row.wakes is not Wakes.NEVER} == {
        NotificationType.ASKED: Wakes.BEFORE_THE_DEADLINE,
        NotificationType.WITHDRAWN: Wakes.BEFORE_THE_DEADLINE,
        NotificationType.CANCELLED: Wakes.BEFORE_THE_START,
        NotificationType.LAPSED: Wakes.BEFORE_THE_START,
    }


def test_what_speaks_of_an_open_request_is_dropped_with_it() -> None:
    assert kinds(Holds.WHILE_OPEN) == [NotificationType.ASKED]
    assert kinds(Holds.WHILE_SUGGESTED) == [NotificationType.SUGGESTED]
    assert kinds(Holds.UNTIL_THE_DEADLINE) == [
        NotificationType.REQUEST_REMINDER,
        NotificationType.DEADLINE_MOVED,
        NotificationType.SPARED,
        NotificationType.OUTAGE,
    ]
    assert kinds(Holds.UNTIL_GIVEN_UP) == [NotificationType.SIGN_IN_CODE, NotificationType.INVITATION]


@pytest.mark.parametrize(
    ("gets_email", "gets_texts", "email_only", "asked", "booked"),
    [
        (True, False, False, (EMAIL,), (EMAIL,)),
        (True, True, False, (EMAIL, SMS), (EMAIL,)),
        (True, True, True, (EMAIL,), (EMAIL,)),
        (False, True, False, (SMS,), (SMS,)),
        (False, True, True, (), ()),
        (False, False, False, (EMAIL,), (EMAIL,)),
    ],
)
def test_whom_texts_reach_gets_texts_whom_nothing_reaches_a_mail_that_fails(
    gets_email: bool,
    gets_texts: bool,
    email_only: bool,
    asked: tuple[Channel, ...],
    booked: tuple[Channel, ...],
) -> None:
    reach = {"gets_email": gets_email, "gets_texts": gets_texts, "email_only": email_only}
    assert CATALOGUE[NotificationType.ASKED].client_channels(**reach) == asked
    assert CATALOGUE[NotificationType.BOOKED].client_channels(**reach) == booked
    assert CATALOGUE[NotificationType.NONE_WORK].client_channels(**reach) == ()
