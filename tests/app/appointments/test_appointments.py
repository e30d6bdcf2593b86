"""Booking, changing and cancelling by the practice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import (
    AlreadyStarted,
    CancelReason,
    CancelReasonMissing,
    ClientElsewhere,
    NotScheduled,
    OfferEnded,
    OfferUsed,
    SlotNotOpen,
    SlotTaken,
    StartsInThePast,
)


def cancel(cast: Cast, appointment: Appointment, *, now: object = NOW, **said: object) -> Answer:
    cancellation = Cancellation(**({"reason": CancelReason.CLINICAL} | said))  # type: ignore[arg-type]
    verb = partial(cancel_appointment, appointment.ref, cancellation=cancellation, by=cast.by_okafor, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def test_a_booking_keeps_instant_wall_time_offset_and_zone(cast: Cast) -> None:
    since = latest()
    row = Appointment.objects.get(pk=cast.booked().pk)
    assert (row.starts_at, row.starts_wall.isoformat(), row.utc_offset, row.zone) == (
        TUESDAY_AT_ELEVEN,
        "2026-11-24T11:00:00",
        timedelta(hours=-5),
        "America/New_York",
    )
    assert (row.ends_at - row.starts_at, row.ical_uid, row.ical_sequence) == (
        50 * MINUTES,
        f"{row.ref}@raincheck",
        0,
    )
    assert told(since) == ["booked to client by email: waiting", "booked to provider by in_app: handed_over"]


@pytest.mark.parametrize("minutes", [-50 + 1, -59, 0, 30, 59])
def test_nobody_is_booked_into_a_session_or_its_quiet_time(cast: Cast, minutes: int) -> None:
    cast.booked()
    with pytest.raises(SlotTaken):
        cast.booked(TUESDAY_AT_ELEVEN + minutes * MINUTES, client=cast.maya)
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_neighbour_may_begin_where_the_quiet_time_ends(cast: Cast, minutes: int) -> None:
    cast.booked()
    cast.booked(TUESDAY_AT_ELEVEN + minutes * MINUTES, client=cast.maya)
    assert Appointment.objects.count() == 2


def test_one_client_is_not_booked_with_two_providers_at_once(cast: Cast) -> None:
    cast.booked()
    with pytest.raises(ClientElsewhere):
        cast.booked(TUESDAY_AT_ELEVEN + 30 * MINUTES, provider=cast.fischer)


def test_the_past_cannot_be_booked(cast: Cast) -> None:
    with pytest.raises(StartsInThePast):
        cast.booked(NOW)


@pytest.mark.parametrize(
    ("reason", "hours_before", "waived", "why", "fee"),
    [
        (CancelReason.CLINICAL, 1, False, "provider_clinical", False),
        (CancelReason.UNAVAILABLE, 1, False, "provider_unavailable", False),
        (CancelReason.CLIENT_ASKED, 24, False, "client", False),
        (CancelReason.CLIENT_ASKED, 23, False, "client_late", True),
        (CancelReason.CLIENT_ASKED, 23, True, "client", False),
    ],
)
def test_a_cancellation_says_why_and_whether_a_fee_is_allowed(
    cast: Cast, reason: CancelReason, hours_before: int, waived: bool, why: str, fee: bool
) -> None:
    appointment = cast.booked()
    cancel(
        cast, appointment, now=TUESDAY_AT_ELEVEN - timedelta(hours=hours_before), reason=reason, waived=waived
    )
    row = Appointment.objects.get(pk=appointment.pk)
    assert (row.status, row.cancelled_by, row.cancelled_why, row.fee_allowed) == (
        "cancelled",
        "provider",
        why,
        fee,
    )
    assert not Claim.objects.exists()


def test_a_time_that_was_asked_about_never_costs_a_fee(cast: Cast) -> None:
    appointment = cast.booked()
    cast.withdraw(cast.asked(appointment))
    cancel(cast, appointment, now=TUESDAY_AT_ELEVEN - timedelta(hours=1), reason=CancelReason.CLIENT_ASKED)
    row = Appointment.objects.get(pk=appointment.pk)
    assert (row.cancelled_why, row.fee_allowed) == ("client_late", False)


def test_a_cancellation_is_refused_without_a_reason_twice_and_after_the_start(cast: Cast) -> None:
    appointment = cast.booked()
    with pytest.raises(CancelReasonMissing):
        cancel(cast, appointment, reason=None)
    with pytest.raises(AlreadyStarted):
        cancel(cast, appointment, now=TUESDAY_AT_ELEVEN)
    cancel(cast, appointment)
    with pytest.raises(NotScheduled):
        cancel(cast, appointment)


@pytest.fixture
def offer(cast: Cast) -> RebookOffer:
    cancel(cast, cast.booked(), rebook_link=True)
    return RebookOffer.objects.get()


def use(cast: Cast, offer: RebookOffer, *, start: object = FRIDAY_AT_NINE, now: object = NOW) -> Answer:
    verb = partial(rebook, offer.ref, start=start, by=cast.by_riley, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_riley, now=NOW)


def test_a_rebook_offer_books_once_with_the_same_provider_type_and_place(
    cast: Cast, offer: RebookOffer
) -> None:
    use(cast, offer)
    booked = Appointment.objects.get(status="scheduled")
    assert (booked.provider_id, booked.client_id, booked.type_id, booked.place_id, booked.starts_at) == (
        cast.okafor.pk,
        cast.riley.pk,
        cast.follow_up.pk,
        cast.telehealth.pk,
        FRIDAY_AT_NINE,
    )
    with pytest.raises(OfferUsed):
        use(cast, offer)


def test_a_rebook_offer_ends_after_30_days_and_offers_open_times_only(cast: Cast, offer: RebookOffer) -> None:
    with pytest.raises(SlotNotOpen):
        use(cast, offer, start=new_york(28, 9))
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    with pytest.raises(SlotTaken):
        use(cast, offer)
    with pytest.raises(OfferEnded):
        use(cast, offer, now=NOW + timedelta(days=30))


def hold(cast: Cast, start: object, *, expires_at: object, request: RescheduleRequest | None = None) -> Hold:
    """Hold a slot for Maya as a client's choice will."""
    from raincheck.actions.appointments.claims import claim

    row = Hold(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.maya,
        request=request,
        starts_at=start,
        ends_at=start + 50 * MINUTES,  # type: ignore[operator]
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=NOW,
        expires_at=expires_at,
    )

    def verb() -> Answer:
        row.save(force_insert=True)
        claim(row, now=NOW)
        return {}

    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    return row


def test_p12_a_hold_blocks_others_until_it_ends_and_nobody_afterwards(cast: Cast) -> None:
    hold(cast, FRIDAY_AT_NINE, expires_at=NOW + 5 * MINUTES)
    with pytest.raises(SlotTaken):
        cast.booked(FRIDAY_AT_NINE)
    assert cast.booked(FRIDAY_AT_NINE, now=NOW + 5 * MINUTES).starts_at == FRIDAY_AT_NINE
    assert not Hold.objects.exists()


def test_p12_an_ending_gives_the_time_back_that_was_held_for_the_request(cast: Cast) -> None:
    request = cast.asked(cast.booked(client=cast.maya))
    hold(cast, FRIDAY_AT_NINE, expires_at=NOW + 5 * MINUTES, request=request)
    cast.withdraw(request)
    assert cast.booked(FRIDAY_AT_NINE).starts_at == FRIDAY_AT_NINE


def test_p12_the_sweep_ends_holds_and_prunes_old_claims(cast: Cast) -> None:
    hold(cast, FRIDAY_AT_NINE, expires_at=NOW + 5 * MINUTES)
    appointment = cast.booked()
    assert sweep(now=NOW + 5 * MINUTES)["hold ended"] == 1
    later = appointment.ends_at + timedelta(days=30, seconds=1)
    assert sweep(now=later)["claim pruned"] == 1
    assert not Claim.objects.exists()
    assert Appointment.objects.get(pk=appointment.pk).claims_pruned_at == later
