"""Promises over several rows, kept when a transaction ends: whoever leaves one step out is refused as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, room_of
from tests.app.engine.test_promises import SETTLE, refused, sql

from raincheck.actions.appointments.moving import cancel, go_by_video, move
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.side_effects import record
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.places import Place
from raincheck.data.notifications import Notification, NotificationAppointment
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelledWhy, History
from raincheck.domain.notifications import NotificationType
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject


def locked(appointment: Appointment) -> Appointment:
    found = lock(
        providers=[appointment.provider_id],
        clients=[appointment.client_id],
        appointments=[appointment.pk],
    )
    return found.appointments[appointment.pk]


def cancelled(cast: Cast, appointment: Appointment, why: CancelledWhy) -> None:
    """Cancel with everything that belongs to it, but for the request."""
    row = locked(appointment)
    cancel([row], why=why, by=cast.by_okafor, now=NOW, asked_about=True)
    record(row, History.CANCELLED, by=cast.by_okafor, now=NOW)
    notify(NotificationType.CANCELLED, NoticeSubject(row), by=cast.by_okafor, now=NOW)


def moved(cast: Cast, appointment: Appointment, *, without: str = "") -> None:
    """Move to Friday with everything that belongs to it, but for the request and for one step."""
    row = locked(appointment)
    if without == "sequence":  # what is sent has this number already
        sql("UPDATE raincheck_appointment SET ical_sequence = 1 WHERE id = %s", row.pk)
    former = move(row, to=FRIDAY_AT_NINE, length=50 * MINUTES, now=NOW)
    if without != "history":
        record(row, History.MOVED, by=cast.by_okafor, now=NOW, former=former)
    notify(NotificationType.MOVED, NoticeSubject(row, former=former), by=cast.by_riley, now=NOW)
    mine = Notification.objects.filter(kind="moved")
    if without == "word to the client":
        forget(mine.filter(recipient__isnull=False))
    if without == "word to the provider":
        forget(mine.filter(provider__isnull=False))


def forget(rows: object) -> None:
    NotificationAppointment.objects.filter(notification__in=rows).delete()


def settled(
    request: RescheduleRequest, state: str, *, to: datetime | None = None, at: datetime = NOW
) -> None:
    sql(SETTLE, state=state, now=at, request=request.pk, moved_to=to)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("declined", CancelledWhy.RESCHEDULE_DECLINED),
        ("lapsed", CancelledWhy.RESCHEDULE_UNANSWERED),
        ("lapsed", CancelledWhy.RESCHEDULE_NO_TIME),
        ("superseded", CancelledWhy.PROVIDER_CLINICAL),
    ],
)
def test_p6_a_true_ending_is_kept(cast: Cast, state: str, why: CancelledWhy) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    with transaction.atomic():
        cancelled(cast, appointment, why)
        settled(request, state)
    assert RescheduleRequest.objects.get().state == state


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("declined", CancelledWhy.RESCHEDULE_UNANSWERED),
        ("declined", CancelledWhy.CLIENT),
        ("lapsed", CancelledWhy.RESCHEDULE_DECLINED),
        ("lapsed", CancelledWhy.PROVIDER_UNAVAILABLE),
        ("moved", CancelledWhy.RESCHEDULE_DECLINED),
        ("withdrawn", CancelledWhy.RESCHEDULE_DECLINED),
        ("void", CancelledWhy.RESCHEDULE_UNANSWERED),
    ],
)
def test_p6_a_cancellation_of_another_kind_is_no_such_ending(
    cast: Cast, state: str, why: CancelledWhy
) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    with refused("an_ending_is_what_it_says"):
        cancelled(cast, appointment, why)
        settled(request, state, to=FRIDAY_AT_NINE if state == "moved" else None)
    assert (RescheduleRequest.objects.get().state, Appointment.objects.get().status) == ("open", "scheduled")


def test_p6_an_ending_is_superseded_by_what_happened_then(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    with refused("an_ending_is_what_it_says"):
        cancelled(cast, appointment, CancelledWhy.PROVIDER_CLINICAL)
        settled(request, "superseded", at=NOW + MINUTES)


def test_p6_moved_means_moved_there(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    for state, to in (
        ("moved", FRIDAY_AT_NINE + 30 * MINUTES),
        ("withdrawn", None),
        ("void", None),
        ("declined", None),
        ("lapsed", None),
    ):
        with refused("an_ending_is_what_it_says"):
            moved(cast, appointment)
            settled(request, state, to=to)
    with transaction.atomic():
        moved(cast, appointment)
        settled(request, "moved", to=FRIDAY_AT_NINE)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


@pytest.mark.parametrize("wrong", ["", "another time", "the room it had", "another room", "no history"])
def test_p6_kept_means_the_same_time_at_another_place_by_video(cast: Cast, wrong: str) -> None:
    room = room_of(cast)
    appointment = cast.booked(place=room)
    request = cast.asked(appointment, by_video=True)
    other = Place.objects.create(practice=cast.practice, name="Room 3", kind="room", zone=cast.practice.zone)
    to = {"the room it had": room, "another room": other}.get(wrong, cast.telehealth)

    def keep() -> None:
        row = locked(appointment)
        go_by_video(row, to)
        said = {"from_place": room.pk, "to_place": to.pk}
        if wrong == "another time":
            moved(cast, appointment)
        if wrong != "no history":
            record(row, History.KEPT, by=cast.by_riley, now=NOW, request=request, details=said)
        settled(request, "kept")

    if wrong:
        with refused("an_ending_is_what_it_says"):
            keep()
    else:
        with transaction.atomic():
            keep()
    assert RescheduleRequest.objects.get().state == ("open" if wrong else "kept")


def test_p5_a_moved_or_cancelled_appointment_leaves_no_request_open(cast: Cast) -> None:
    appointment = cast.booked()
    cast.asked(appointment)
    with refused("an_open_request_is_about_a_live_appointment"):
        moved(cast, appointment)
    with refused("an_open_request_is_about_a_live_appointment"):
        cancelled(cast, appointment, CancelledWhy.PROVIDER_CLINICAL)


def test_p5_nobody_is_asked_about_another_time_or_what_is_cancelled(cast: Cast) -> None:
    appointment = cast.booked()
    former = cast.asked(appointment)
    cast.withdraw(former)
    again = RescheduleRequest.objects.get()
    again.pk, again.ref, again.state = None, cast.riley.ref, "open"
    again.settled_at = again.settled_by = None
    again.asked_starts_at += timedelta(hours=1)
    with refused("an_open_request_is_about_a_live_appointment"):
        again.save(force_insert=True)
    again.pk, again.asked_starts_at = None, TUESDAY_AT_ELEVEN
    with transaction.atomic():
        cancelled(cast, appointment, CancelledWhy.PROVIDER_CLINICAL)
    with refused("an_open_request_is_about_a_live_appointment"):
        again.save(force_insert=True)


@pytest.mark.parametrize("step", ["history", "word to the client", "word to the provider", "sequence"])
def test_p9_no_step_of_leaving_the_calendar_may_be_left_out(cast: Cast, step: str) -> None:
    appointment = cast.booked()
    with refused("nothing_leaves_the_calendar_untold"):
        moved(cast, appointment, without=step)
    assert Appointment.objects.get().starts_at == TUESDAY_AT_ELEVEN
    with transaction.atomic():
        moved(cast, appointment)
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


def test_p9_a_word_about_an_earlier_change_does_not_count(cast: Cast) -> None:
    appointment = cast.booked()
    with transaction.atomic():
        moved(cast, appointment)
    with refused("nothing_leaves_the_calendar_untold"):
        row = locked(appointment)
        cancel([row], why=CancelledWhy.PROVIDER_OTHER, by=cast.by_okafor, now=NOW, asked_about=False)
        record(row, History.CANCELLED, by=cast.by_okafor, now=NOW)


def test_p1_a_cancelled_appointment_keeps_no_claim(cast: Cast) -> None:
    appointment = cast.booked()
    claims = list(Claim.objects.filter(appointment=appointment))
    with refused("a_live_appointment_has_exactly_its_claim"):
        cancelled(cast, appointment, CancelledWhy.PROVIDER_OTHER)
        for claim in claims:
            claim.pk = None
            claim.save(force_insert=True)


def test_p1_an_appointment_whose_claims_were_pruned_needs_none(cast: Cast) -> None:
    appointment = cast.booked()
    with transaction.atomic():
        Appointment.objects.filter(pk=appointment.pk).update(claims_pruned_at=NOW)
        Claim.objects.all().delete()
    assert Appointment.objects.get().status == "scheduled"
