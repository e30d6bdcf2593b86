"""Rows of an import that somebody has worked with since it came in, so that it can't be undone."""

from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.clients.history import ClientHistory
from raincheck.data.clients.merges import DifferentPeople
from raincheck.data.conversations import Conversation, Message
from raincheck.data.imports.files import Import, ImportRow
from raincheck.data.notifications import NotificationAppointment
from raincheck.domain.appointments.lifecycle import History, Status
from raincheck.domain.conversations import Card
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import InTheWay
from raincheck.domain.notifications import NotificationType


def rows_in_the_way(file: Import, *, now: datetime) -> QuerySet[ImportRow]:
    """Return the rows whose client or appointment is not as it came in, each with `in_the_way`, as the file has them."""
    if file.kind == Kind.APPOINTMENTS:
        rows, reasons = ImportRow.objects.filter(file=file, appointment__isnull=False), _of_appointments(now)
    else:
        rows, reasons = ImportRow.objects.filter(file=file, client__isnull=False), _of_clients()
    found = rows.annotate(
        in_the_way=Case(*(When(condition, then=Value(why.value)) for why, condition in reasons.items()))
    )
    about = ("client", "appointment__client", "appointment__provider")
    return found.filter(in_the_way__isnull=False).select_related(*about).order_by("number")


def _of_appointments(now: datetime) -> dict[InTheWay, Q]:
    own = {"appointment": OuterRef("appointment")}
    since = AppointmentHistory.objects.filter(**own).exclude(event=History.BOOKED)
    # What told of its coming is no word about it yet; anything later is.
    notices = NotificationAppointment.objects.filter(**own).exclude(
        notification__kind=NotificationType.BOOKED
    )
    words = Message.objects.filter(**own).exclude(card=Card.BOOKED)
    return {
        InTheWay.CHANGED: Q(Exists(since)) | ~Q(appointment__status=Status.SCHEDULED),
        InTheWay.TOLD: Q(Exists(notices)) | Q(Exists(words)),
        # A session that may have begun is never taken off the calendar.
        InTheWay.BEGUN: Q(appointment__starts_at__lte=now),
    }


def _of_clients() -> dict[InTheWay, Q]:
    own = {"client": OuterRef("client")}
    told_apart = DifferentPeople.objects.filter(Q(one=OuterRef("client")) | Q(other=OuterRef("client")))
    return {
        InTheWay.BOOKED: Q(Exists(Appointment.objects.filter(**own))),
        InTheWay.WROTE: Q(Exists(Conversation.objects.filter(**own))),
        InTheWay.FOLLOWED: Q(Exists(CalendarFeed.objects.filter(**own))),
        InTheWay.EDITED: Q(Exists(ClientHistory.objects.filter(**own))) | Q(Exists(told_apart)),
    }
