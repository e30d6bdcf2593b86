"""Messages that are filled into a stencil say to the letter what their template says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN
from tests.app.notice_subjects import HOUR, everything, practice
from tests.app.notifications.test_words import CATALOGUE

from raincheck.domain.appointments import CancelledWhy
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications import stencils
from raincheck.notifications.context import Values, particulars
from raincheck.notifications.html_email import letter
from raincheck.notifications.render import rendered
from raincheck.notifications.subjects import Audience, NoticeSubject, Words

TYPED = (
    "Riley",
    "R<b>&\"'",
    "- Riley",
    "--",
    "Help: https://help.example/now",
    "Call: 911",
    "{{ first_name }}",
    "\ue000",
    "",
)
"""What people type where messages take it over: some of it is no mere word to a letter or a stencil."""
JOIN = ("https://meet.example/a?b=1&c=2", "http://x", "meet me", "- https://meet.example/room", "")


def matters() -> Iterator[list[NoticeSubject]]:
    """Return messages' matters: each typed word, each address, and appointments of every kind beside each other."""
    for word in TYPED:
        of = practice(name=word, phone=word, urgent_help=word, sender_name="Harbor")
        yield [everything(of=of, first_name=word, last_name=word)]
        yield [everything(of=practice(sender_name=word, reply_to=""), neutral_wording=True)]
    yield [everything(room=True)]
    for url in JOIN:
        one = everything()
        one.appointment.join_url = url
        yield [one]
        yield [everything(room=True), one]
    for lost in (), (0,), (1,), (0, 1):
        pair = [everything(), everything(start=TUESDAY_AT_ELEVEN + 24 * HOUR)]
        for request in (pair[number].request for number in lost):
            assert request is not None
            request.time_lost = HOUR
        yield pair
    for room, late, kept in product((False, True), repeat=3):
        deadline = NOW + (47 if late else 48) * HOUR
        first = everything(room=room, zone="Europe/London", do_not_auto_cancel=kept)
        second = everything(deadline=deadline, start=TUESDAY_AT_ELEVEN + 24 * HOUR)
        yield [first, replace(second, former=None) if kept else second]
        first.appointment.cancelled_why = CancelledWhy.RESCHEDULE_NO_TIME
        yield [replace(first, request=None)]


@pytest.mark.parametrize(("moment", "audience", "channel"), CATALOGUE)
def test_a_stencil_says_what_its_template_says(
    moment: NotificationType, audience: Audience, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stencils, "_kept", {})
    name = f"raincheck/notifications/{moment}.{audience}.{channel}.txt"
    rendering: list[Values] = []

    def render(values: Values) -> Words:
        rendering.append(values)
        return rendered(name, channel, values)

    said = 0
    for listed, has_link in product(list(matters()), (True, False)):
        values = particulars(
            listed, audience=audience, zone="America/Los_Angeles", has_link=has_link, now=NOW
        )
        for _twice in range(2):
            assert stencils.filled(name, values, render) == rendered(name, channel, values)
            said += 1
    assert len(rendering) < said * 3 / 4, "most are filled in"


def test_a_word_that_a_letter_reads_as_more_is_rendered_with_its_letter() -> None:
    values: Values = {"help": "Read this: https://help.example/now"}

    def render(values: Values) -> Words:
        return Words("Help", str(values["help"]), letter("Help", str(values["help"])))

    stencils.filled("help", {"help": "Call us."}, render)
    assert stencils.filled("help", values, render) == render(values)
    assert 'href="https://help.example/now"' in stencils.filled("help", values, render).html


def test_no_more_stencils_are_kept_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[object, ...], stencils.Stencil] = {}
    monkeypatch.setattr(stencils, "_kept", kept)
    monkeypatch.setattr(stencils, "MOST_KEPT", 3)
    for count in range(10):
        stencils.filled("count", {"count": count}, lambda values: Words("", str(values["count"])))
    assert len(kept) <= 3
