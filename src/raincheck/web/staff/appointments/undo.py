"""Undo of a move or cancellation: one press, and on to the appointment, which says how it stands."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.appointments.undo import undo_change
from raincheck.data.appointments.undo import changed_together
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.appointment import own_appointment
from raincheck.web.staff.shell import Staff, for_staff, send_and_tell


@require_POST
@for_staff
def undo_page(request: HttpRequest, staff: Staff, ref: Ref, sequence: int) -> HttpResponse:
    """Put an appointment back as it was before its `sequence`, while nothing of that has left."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    told = _("Undone. Nothing was sent to %(name)s, and the appointment is as it was.")
    if changed_together(row).count() > 1:
        told = _("Undone. Nothing was sent to %(name)s, and all the appointments are as they were.")
    verb = partial(undo_change, row.ref, sequence=sequence)
    told %= {"name": row.client.known_as}
    return send_and_tell(request, staff, verb, told=told, to=reverse("appointment", args=[ref]))
