"""Messages that became obsolete: what speaks of an open request is not sent once the request has ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.app.cast import NOW, Cast

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.notifications.wording import has_a_point, listed_rows

HOURS = timedelta(hours=1)


@pytest.fixture
def late_words(cast: Cast) -> RescheduleRequest:
    """Riley writes an hour before the deadline, so that there is a prompt, a reminder and a message about the new deadline."""
    noon = NOW + 5 * HOURS
    request = cast.asked(cast.booked(), now=noon)
    RescheduleRequest.objects.update(handed_over_at=noon)
    word_at = request.deadline_at - HOURS
    sweep(now=request.deadline_at - 4 * HOURS)
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="Hm.", by=cast.by_riley, now=word_at)
    run_command(verb, key=None, body={}, by=cast.by_riley, now=word_at)
    request.refresh_from_db()
    return request


def obsolete(request: RescheduleRequest) -> list[str]:
    return pointless(request.deadline_at - HOURS)


def pointless(now: datetime) -> list[str]:
    rows = Notification.objects.filter(recipient__isnull=False).order_by("pk")
    told = listed_rows(rows)
    return [row.kind for row in rows if not has_a_point(row, told[row.pk], now=now)]


def test_while_the_request_is_open_everything_about_it_is_sent(late_words: RescheduleRequest) -> None:
    assert obsolete(late_words) == []


def test_after_its_ending_nobody_is_asked_reminded_or_given_more_time(
    cast: Cast, late_words: RescheduleRequest
) -> None:
    cast.decline(late_words, now=late_words.deadline_at - 2 * HOURS)
    assert obsolete(late_words) == ["asked", "request_reminder", "deadline_moved"]


def test_after_the_deadline_nobody_is_told_how_much_time_there_is(late_words: RescheduleRequest) -> None:
    assert pointless(late_words.deadline_at) == ["request_reminder", "deadline_moved"]
