"""Home's news stays true: a reminder goes once its request waits for the client no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.app.cast import NOW, Cast
from tests.app.staff_browser import manager, okafor, section

from raincheck.actions.timing.sweep import sweep
from raincheck.data.reschedule import RescheduleRequest

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
