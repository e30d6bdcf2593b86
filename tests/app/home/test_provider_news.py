"""Home's news stays true: what is overtaken by what came after goes by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.app.cast import NOW, Cast, new_york
from tests.app.staff_browser import manager, okafor, section

from raincheck.actions.timing.sweep import sweep
from raincheck.data.reschedule.request import RescheduleRequest

HOUR = timedelta(hours=1)


def reminded(cast: Cast) -> RescheduleRequest:
    """A request whose client has four hours left, of which the provider was told."""
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    for hours in (24, 44):
        sweep(now=NOW + hours * HOUR)
    return request


def never_auto_cancelled(cast: Cast, request: RescheduleRequest) -> None:
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    sweep(now=NOW + 49 * HOUR)


def lapsed(cast: Cast, request: RescheduleRequest) -> None:
    sweep(now=NOW + 49 * HOUR)


def picked(cast: Cast, request: RescheduleRequest) -> None:
    cast.pick(request, now=NOW + 45 * HOUR)


def test_a_reminder_is_news_while_the_client_can_answer(cast: Cast) -> None:
    reminded(cast)
    for who in (okafor(NOW + 44 * HOUR), manager(cast, NOW + 44 * HOUR)):
        assert "Riley B. has 4 hours left to choose" in section(who.get("/home/"), "Updates")


@pytest.mark.parametrize("ends", [lapsed, picked, never_auto_cancelled])
def test_a_reminder_is_no_news_once_the_answer_is_there_or_overdue(
    cast: Cast, ends: Callable[[Cast, RescheduleRequest], None]
) -> None:
    ends(cast, reminded(cast))
    for who in (okafor(NOW + 50 * HOUR), manager(cast, NOW + 50 * HOUR)):
        assert "left to choose" not in section(who.get("/home/"), "Updates")


def updates(cast: Cast, now: datetime = NOW + HOUR) -> list[list[str]]:
    """Return the headings of the updates of a provider and a manager."""
    pages = [who.get("/home/").content.decode() for who in (okafor(now), manager(cast, now))]
    return [re.findall(r"<p><b>(.*?)</b></p>", page.split('aria-labelledby="news"')[1]) for page in pages]


def test_what_was_asked_is_no_news_once_it_is_answered(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    # A provider's own acts are no news to themselves.
    booked, asked = "New appointment with Riley B.", "Riley B. was asked to choose a new time"
    assert updates(cast) == [[], [asked, booked]]
    cast.pick(request, now=NOW + HOUR)
    assert updates(cast) == [["Riley B. has a new time"]] * 2


def test_what_an_appointment_was_is_no_news_once_it_is_canceled(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.booked(new_york(25, 14), client=cast.maya)
    cast.decline(request, now=NOW + HOUR)
    declined = "Riley B. canceled instead of choosing a new time"
    assert updates(cast) == [[declined], [declined, "New appointment with Maya C."]]
