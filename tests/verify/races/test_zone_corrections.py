"""Two workers bring the same new zone rules, and a correction meets people who act at the same moment."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.made_up_rules import made_up_rules
from tests.verify.races.overlapping import all_at_once, carried_out, second_while_first_is_uncommitted
from tests.verify.races.promises import broken

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.timing.zone_rules import apply_zone_rules
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.reschedule.lifecycle import Reason

pytestmark = pytest.mark.sampled

HOUR = timedelta(hours=1)


def corrected() -> Answer:
    return {what: str(count) for what, count in apply_zone_rules(now=NOW).items()}


def starts() -> list[object]:
    return list(Appointment.objects.order_by("pk").values_list("starts_at", flat=True))


def test_two_workers_at_once_correct_and_tell_once(cast: Cast) -> None:
    cast.booked()
    cast.booked(new_york(24, 12), client=cast.maya)
    cast.booked(client=cast.maya, provider=cast.fischer)
    with made_up_rules("America/New_York", -5, on_20260308T0700=-4):
        outcomes = all_at_once([corrected, corrected])
    counts = sum(int(outcome.get("appointment kept on the clock", 0)) for outcome in outcomes)  # type: ignore[misc,union-attr]  # neither is refused
    assert counts == 3
    assert starts() == [TUESDAY_AT_ELEVEN - HOUR, TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN - HOUR]
    assert AppointmentHistory.objects.filter(event="zone_corrected").count() == 3
    assert Notification.objects.filter(kind="zone_corrected", recipient__isnull=False).count() == 3
    assert broken() == {}


def test_a_pick_that_is_under_way_is_not_lost(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    with made_up_rules("America/New_York", -5, on_20260308T0700=-4):
        sooner = FRIDAY_AT_NINE - HOUR
        pick = partial(pick_new_time, request.ref, start=sooner, by=cast.by_riley, now=NOW)
        outcomes = second_while_first_is_uncommitted(
            lambda hook: carried_out(pick, by=cast.by_riley, now=NOW, still_fresh=hook), corrected
        )
    assert outcomes[1] == {}, "what was picked under the new rules is where its clock says"
    assert (RescheduleRequest.objects.get().state, starts(), broken()) == ("moved", [sooner], {})


def test_an_ask_that_is_under_way_is_followed(cast: Cast) -> None:
    row = cast.booked()

    said = Ask([row.ref], Reason.TRAVEL)
    ask = partial(ask_to_reschedule, said, practice_id=cast.practice.pk, by=cast.by_okafor, now=NOW)
    with made_up_rules("America/New_York", -5, on_20260308T0700=-4):
        outcomes = second_while_first_is_uncommitted(
            lambda hook: carried_out(ask, by=cast.by_okafor, now=NOW, still_fresh=hook), corrected
        )
    assert outcomes[1] == {"appointment kept on the clock": "1"}
    assert RescheduleRequest.objects.get().asked_starts_at == TUESDAY_AT_ELEVEN - HOUR
    assert broken() == {}


def test_a_booking_that_was_first_keeps_its_time(cast: Cast) -> None:
    """A browser with new rules books Maya at the instant that Riley's correction wants: Riley's stays, a person is told."""
    cast.booked()
    with made_up_rules("America/New_York", -5, on_20260308T0700=-4):
        booking = Booking(
            cast.okafor.pk, cast.maya.pk, cast.follow_up.pk, cast.telehealth.pk, TUESDAY_AT_ELEVEN - HOUR
        )
        outcomes = second_while_first_is_uncommitted(
            lambda hook: carried_out(
                partial(book, booking, by=cast.by_okafor, now=NOW),
                by=cast.by_okafor,
                now=NOW,
                still_fresh=hook,
            ),
            corrected,
        )
    assert outcomes[1] == {"appointment that clashes": "1"}
    assert (starts(), broken()) == ([TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN - HOUR], {})
