"""New zone rules over calendars nobody thought of: what can stay on the clock does, what cannot has somebody in its way."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from tests.app.cast import NOW, Cast, new_york
from tests.app.engine.test_acting_once import everything
from tests.app.timing.test_zone_rules import CLASH, MOVED
from tests.made_up_rules import made_up_rules
from tests.verify.races.promises import broken

from raincheck.actions.timing.zone_rules import apply_zone_rules
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.people import Provider
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import ClientElsewhere, SlotTaken
from raincheck.domain.reschedule.lifecycle import TooLateToAsk
from raincheck.domain.spans import Span
from raincheck.domain.zones import local_time, start_at, zone_named

MINUTE = timedelta(minutes=1)


def fill(cast: Cast, dice: Random) -> None:
    """Book what fits into two days, with Dr. Okafor and with Dr. Fischer, and ask about some of it."""
    fischer = Provider.objects.get(pk=cast.fischer.pk)
    for _number in range(40):
        start = new_york(dice.choice([24, 25]), 8) + dice.randrange(0, 600, 10) * MINUTE
        try:
            row = cast.booked(
                start,
                client=dice.choice([cast.riley, cast.maya]),
                provider=dice.choice([cast.okafor, fischer]),
                kind=dice.choice([cast.follow_up, cast.intake]),
            )
            if dice.random() < 0.2:
                cast.asked(row, repeat_confirmed=True)
        except (SlotTaken, ClientElsewhere, TooLateToAsk):
            continue


def meets(one: Appointment, span: Span, other: Appointment) -> bool:
    if one.client_id == other.client_id:
        return span.overlaps(other.span)
    wide = span.widened(before=one.buffer_before, after=one.buffer_after)
    theirs = other.span.widened(before=other.buffer_before, after=other.buffer_after)
    return one.provider_id == other.provider_id and (wide.overlaps(other.span) or span.overlaps(theirs))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_stands_in_the_calendars(cast: Cast, seed: int) -> None:
    """Dr. Fischer works in Chicago, whose rules stay, every other time."""
    dice = Random(seed)
    if seed % 2:
        Provider.objects.filter(pk=cast.fischer.pk).update(zone="America/Chicago")
    fill(cast, dice)
    before = {row.pk: row for row in Appointment.objects.all()}
    deadlines = dict(RescheduleRequest.objects.values_list("pk", "deadline_at"))
    with made_up_rules("America/New_York", -5, on_20261118T0700=dice.choice([-7, -6, -5.5, -4.5, -4, -3])):
        done = apply_zone_rules(now=NOW)
        after = list(Appointment.objects.all())
        clashing = set(
            AppointmentHistory.objects.filter(event="zone_clash").values_list("appointment", flat=True)
        )
        for row in after:
            zone = zone_named(row.zone)
            assert local_time(row.starts_at, zone=zone).wall == row.starts_wall
            agreed = start_at(before[row.pk].starts_wall, zone=zone)
            if row.pk in clashing:
                wanted = Span(agreed, agreed + (row.ends_at - row.starts_at))
                assert row.starts_at == before[row.pk].starts_at
                assert any(meets(row, wanted, other) for other in after if other.pk != row.pk)
            else:
                assert row.starts_at == agreed
        moved = [row for row in after if row.starts_at != before[row.pk].starts_at]
        assert (done[MOVED], done[CLASH]) == (len(moved), len(clashing))
        once = everything()
        assert apply_zone_rules(now=NOW) == {}
    assert everything() == once
    assert broken() == {}
    for request in RescheduleRequest.objects.select_related("appointment"):
        assert request.deadline_at >= deadlines[request.pk]
        assert request.needs_provider or request.deadline_at <= request.appointment.starts_at - timedelta(
            hours=2
        )
