"""Appointments whose time was taken by something that appeared after they got it, read by verbs and questions alike."""

from datetime import datetime

from django.db.models import CharField, DateTimeField, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from raincheck.data.models import Appointment, AppointmentHistory, BusyTime, OutOfOffice, RescheduleRequest
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.lifecycle import History, Status


def conflicting(appointments: QuerySet[Appointment], *, now: datetime) -> QuerySet[Appointment]:
    """Return appointments ahead whose time was taken by busy time or time off that appeared after they got it.

    `busy_in` names the calendar, `busy_since` is when its busy time appeared, `blocked` says that it is time off. What is
    already asked about is left out: there the client chooses a new time.
    """
    own = {
        "provider": OuterRef("provider"),
        "starts_at__lt": OuterRef("ends_at"),
        "ends_at__gt": OuterRef("starts_at"),
    }
    busy = BusyTime.objects.filter(**own, appeared_at__gt=OuterRef("placed_at")).order_by("-appeared_at")
    blocks = OutOfOffice.objects.filter(**own, removed_at__isnull=True)
    # A block that was moved or lengthened appeared anew.
    later = blocks.annotate(blocked_at=Greatest("made_at", Coalesce("edited_at", "made_at")))
    rows = appointments.filter(status=Status.SCHEDULED, starts_at__gt=now).annotate(
        placed_at=_placed_at(),
        busy_in=Subquery(busy.values("calendar__name")[:1], output_field=CharField(null=True)),
        busy_since=Subquery(busy.values("appeared_at")[:1], output_field=DateTimeField(null=True)),
        blocked=Exists(later.filter(blocked_at__gt=OuterRef("placed_at"))),
    )
    asked = RescheduleRequest.objects.filter(OPEN, appointment=OuterRef("pk"))
    return rows.filter(Q(busy_in__isnull=False) | Q(blocked=True)).exclude(Exists(asked))


def _placed_at() -> Coalesce:
    """When an appointment got the time it has: with its last change of time, else with its booking.

    New zone rules give none: what they brought together is a conflict that nobody has chosen.
    """
    moves = AppointmentHistory.objects.filter(appointment=OuterRef("pk"), from_starts_at__isnull=False)
    moves = moves.exclude(event=History.ZONE_CORRECTED)
    # The history has every change of time in a row of its own, so the latest is when the present time was chosen.
    last = moves.order_by().values("appointment").annotate(last=Max("at")).values("last")
    return Coalesce(Subquery(last, output_field=DateTimeField()), "booked_at")
