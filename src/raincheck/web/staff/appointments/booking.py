"""A new appointment: for whom, what, when and where; a time outside the hours is named and allowed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.booking import Booking, book
from raincheck.data.models import Appointment, Client, Provider
from raincheck.data.slots import NOBODY
from raincheck.domain.zones import start_at
from raincheck.queries.appointments.listing import places_offered, types_of
from raincheck.queries.people import clients_of
from raincheck.web.staff.appointments.appointment import back_to_calendar, say_if_repeated
from raincheck.web.staff.appointments.session_form import SessionForm
from raincheck.web.staff.appointments.times_beside import TIMES, picked, start_said, times_beside
from raincheck.web.staff.shell import (
    RefField,
    Staff,
    chosen_provider,
    for_staff,
    of_provider,
    send,
    show,
    zone_of,
)
from raincheck.web.submission import key_of

TEMPLATE = "raincheck/staff/appointments/booking.html"


class ClientField(RefField):
    """One of the clients, by last name, as lists of people go."""

    def label_from_instance(self, obj: Client) -> str:
        return f"{obj.last_name}, {obj.known_as}" if obj.last_name else obj.known_as


class BookingForm(SessionForm):
    """A client, and a session for them."""

    # Who comes is the first question, though the session's own fields were declared before.
    field_order = ["client", "type", "place", "day", "time"]

    client = ClientField(
        label=later("Client"), missing=later("Please choose a client."), empty_label=later("Choose a client")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def booking_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the form, with a stretch of the calendar filled in; book and tell the client."""
    provider = chosen_provider(request, staff)
    staff = staff.acting_for(provider)
    if request.method != "POST":
        form = _form(staff, provider)
        # What the calendar said; a start without a time of day was chosen in the month.
        day, clock = start_said(request.GET)
        # The first of each is the usual one; a practice with one of each has nothing to choose.
        kind = picked(form, "type", request.GET) or types_of(staff.practice).first()
        place = picked(form, "place", request.GET) or places_offered(staff.practice).first()
        client = picked(form, "client", request.GET)
        form.initial = {"day": day, "time": clock, "type": kind, "place": place, "client": client}
        if day and clock and kind and place:
            form.weigh(start_at(datetime.combine(day, clock), zone=zone_of(provider)), kind, place)
        return _page(request, staff, form)
    form = _form(staff, provider, data=request.POST)
    if not form.is_settled:
        return _page(request, staff, form, status=422)
    said = form.cleaned_data
    assert form.start is not None, "a settled form has its start"
    booking = Booking(provider.pk, said["client"].pk, said["type"].pk, said["place"].pk, form.start)
    sent = send(request, staff, form, book, booking)
    if sent.answer is None:
        return _page(request, staff, form, status=sent.status)
    row = Appointment.objects.select_related("client", "provider").get(ref=sent.answer["appointment"])
    response = back_to_calendar(request, staff, row, _("Booked: %(name)s, %(when)s. %(first_name)s is told."))
    say_if_repeated(request, row)
    return response


def _form(staff: Staff, provider: Provider, **values: Any) -> BookingForm:
    form = BookingForm(provider=provider, now=staff.now, **values)
    # A provider books their own clients, who acts for all those of the whole practice.
    own = None if staff.acts_for_all or staff.provider is None else staff.provider.pk
    clients = clients_of(practice_id=staff.practice.pk, provider_id=own)
    form.offer("client", clients.order_by("last_name", "first_name", "pk"))
    return form


def _page(request: HttpRequest, staff: Staff, form: BookingForm, *, status: int = 200) -> HttpResponse:
    said = request.GET.dict() | request.POST.dict()
    kind = picked(form, "type", said) or form.initial.get("type")
    place = picked(form, "place", said) or form.initial.get("place")
    client = picked(form, "client", said)
    client_id = client.pk if client else NOBODY
    context = {
        "form": form,
        "times": times_beside(form, said, kind, place, client_id=client_id) if kind and place else None,
        "times_url": of_provider(request.path, staff, form.provider),
        "zone": form.provider.zone,
        "key": key_of(request),
        "provider": form.provider,
        "back_url": of_provider(reverse("appointments"), staff, form.provider),
        "providers": staff.choices(),
        # Kept while a manager changes the provider, or the stretch that was drawn would be lost.
        "start": request.GET.get("start", ""),
    }
    # Another choice in the form: only the times beside it are asked for.
    if getattr(request, "htmx", False) and request.method != "POST":
        return render(request, TIMES, context)
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)
