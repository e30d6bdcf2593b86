"""A move or cancellation by staff is undone within its time to undo: all is as it was, and nobody was written to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from raincheck.actions.appointments.booking import must_be_in_care
from raincheck.actions.appointments.claims import claim_together
from raincheck.actions.appointments.moving import end_offers
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import close_tasks_of_need, history_row, take_back_what_waits
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.reinstating import series_has_ended
from raincheck.data.appointments.undo import (
    PUT_BEFORE,
    Before,
    changed_together,
    put_before,
    put_series_before,
    remind_as_before,
    undo_until,
)
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Message,
    Notification,
    NotificationAppointment,
    RebookOffer,
    RescheduleRequest,
    Series,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import (
    AppointmentGone,
    ChangedMeanwhile,
    History,
    Status,
)
from raincheck.domain.appointments.reinstating import SeriesEndedBefore
from raincheck.domain.appointments.undo import (
    ClientWasQuicker,
    EndedARequest,
    TakenBackAlready,
    TimeTakenSince,
    UndoTooLate,
)
from raincheck.domain.conversations import Card
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Actor

ENDS_A_REQUEST = (History.MOVED, History.DETAILS_CHANGED, History.CANCELLED)
WHAT_WAITS = (NotificationType.MOVED, NotificationType.CANCELLED)


def undo_change(ref: UUID, *, sequence: int, by: Actor, now: datetime) -> Answer:
    """Put an appointment back that staff moved or canceled as its `sequence`, before anything of that leaves.

    Of several of a series that were changed at once all are put back, whichever of them is named. Raises UndoTooLate,
    TakenBackAlready, TimeTakenSince, EndedARequest, SeriesEndedBefore, NotInCare, ClientWasQuicker when they have booked anew,
    or ChangedMeanwhile when anything else has happened to one: then they stand as they are.
    """
    row, rows = _locked(ref)
    if row.ical_sequence != sequence:
        undone = AppointmentHistory.objects.filter(
            appointment=row, event=History.UNDONE, sequence=sequence + 1, request__isnull=True
        )
        raise TakenBackAlready if undone.exists() else ChangedMeanwhile
    became = AppointmentHistory.objects.filter(
        appointment=row, sequence=sequence, event__in=ENDS_A_REQUEST, request__isnull=False
    )
    if row.before is None and became.exists():
        raise EndedARequest
    until = undo_until(row)
    if until is None or until <= now:
        raise UndoTooLate
    if _something_else_happened(row, rows):
        raise ChangedMeanwhile
    of_these = [Q(appointment=one, sequence=one.ical_sequence) for one in rows]
    told = Notification.objects.filter(kind__in=WHAT_WAITS).filter(
        pk__in=NotificationAppointment.objects.filter(reduce(or_, of_these)).values("notification")
    )
    cards = Message.objects.filter(appointment__in=rows, card__in=(Card.MOVED, Card.CANCELLED))
    if not take_back_what_waits(told, cards, now=now):
        raise UndoTooLate
    former = {one.pk: one.span for one in rows}
    _put_back(row, rows, now=now)
    AppointmentHistory.objects.bulk_create(
        history_row(
            one, History.UNDONE, by=by, now=now, former=former[one.pk] if former[one.pk] != one.span else None
        )
        for one in rows
    )
    look_soon([row.provider_id])
    return {"appointment": str(row.ref)}


def _locked(ref: UUID) -> tuple[Appointment, list[Appointment]]:
    """Return the appointment that is named, and all that were changed with it, itself included."""
    found = Appointment.objects.filter(ref=ref).first()
    if found is None:
        raise AppointmentGone
    together = {one.pk: one.before for one in changed_together(found)}
    locked = lock(
        providers=[found.provider_id],
        clients=[found.client_id],
        appointments=together,
        # They may go back into another room.
        places={before["place_id"] for before in together.values() if before},
    )
    row = locked.appointments[found.pk]
    again = {one.pk: one.before for one in changed_together(row)}
    if row.provider_id != found.provider_id or again != together:
        raise ReadAgain
    return row, [locked.appointments[number] for number in sorted(together)]


def _something_else_happened(row: Appointment, rows: Sequence[Appointment]) -> bool:
    """Return whether one of several was changed or asked about since, or their series went on."""
    until = undo_until(row)
    if any(undo_until(one) != until for one in rows):
        return True
    if RescheduleRequest.objects.filter(OPEN, appointment__in=rows).exists():
        return True
    if row.before is None or "series" not in row.before:
        return False
    if Series.objects.get(pk=row.before["series"]).ical_sequence != row.before["series_sequence"]:
        return True
    began_another = row.before["series"] != row.series_id
    return began_another and Appointment.objects.filter(series=row.series_id).count() > len(rows)


def _put_back(row: Appointment, rows: Sequence[Appointment], *, now: datetime) -> None:
    """Give locked appointments back what they were, with their claims; the way to book anew that came with it ends."""
    assert row.before is not None, "it was kept"
    were_cancelled = row.status == Status.CANCELLED
    offers = RebookOffer.objects.filter(appointment__in=rows)
    if were_cancelled:
        must_be_in_care(row.client)
        # Older ones were booked before an appointment was put back and canceled once more.
        if offers.filter(booked_at__gte=row.cancelled_at).exists():
            raise ClientWasQuicker(name=row.client.known_as)
    if "series" in row.before:
        _let_go_on(row, row.before)
    elif were_cancelled and series_has_ended(row):
        raise SeriesEndedBefore
    for one in rows:
        before = one.before
        put_before(one)
        one.before = one.release_at = None
        # Counted on, not back: whoever has seen the change in a form has seen something that is no more.
        one.ical_sequence += 1
        one.save(update_fields=[*PUT_BEFORE, "ical_sequence", "before", "release_at"])
        remind_as_before(one, before)
        close_tasks_of_need(one, now=now)
    if claim_together([one.pk for one in rows], now=now):
        raise TimeTakenSince
    if were_cancelled:
        end_offers(offers, now=now)


def _let_go_on(row: Appointment, before: Before) -> None:
    """Let the series go on that was ended before some of its occurrences; the one that they began has none any more."""
    old = Series.objects.get(pk=before["series"])
    if row.series_id != old.pk:
        assert row.series_id is not None, "an occurrence of a series"
        new = Series.objects.get(pk=row.series_id)
        new.ends_on = new.begins_on - timedelta(days=1)
        new.save(update_fields=["ends_on"])
    put_series_before(old, before["series_ends_on"])
    # Calendars take an update of the same entry only with a higher number.
    old.ical_sequence += 1
    old.save(update_fields=["ends_on", "ical_sequence"])
