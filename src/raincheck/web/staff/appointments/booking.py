"""A new appointment: for whom, what, when and where; a time outside the hours is named and allowed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.appointments.booking import Booking, add_and_book, book
from raincheck.actions.appointments.series import add_and_book_series, book_series
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment, Client, Provider
from raincheck.data.slots import NOBODY
from raincheck.domain.zones import start_at
from raincheck.queries.appointments.listing import places_offered, types_of
from raincheck.queries.people import found_by
from raincheck.web.requests import words_in
from raincheck.web.staff.appointments.appointment import back_to_calendar, say_if_repeated
from raincheck.web.staff.appointments.new_client import ADDING, FIND, NewClientFields, fields_of
from raincheck.web.staff.appointments.repeating import PREVIEW, Ends, RepeatingForm
from raincheck.web.staff.appointments.times_beside import TIMES, picked, start_said, times_beside
from raincheck.web.staff.shell import (
    Alike,
    RefField,
    Staff,
    asked_about,
    chosen_provider,
    clients_seen_by,
    for_staff,
    of_provider,
    send,
    show,
    with_meant,
    zone_of,
)
from raincheck.web.submission import first_answer, has_acted, key_of

TEMPLATE = "raincheck/staff/appointments/booking.html"
SUGGESTED = 8
"""Appointments of a series, until somebody writes another number."""
SAME = "same"
"""The button that books for a client who is there, in place of the one who was written down."""


class ClientField(RefField):
    """One of the clients, by last name, as lists of people go."""

    def label_from_instance(self, obj: Client) -> str:
        return f"{obj.last_name}, {obj.known_as}" if obj.last_name else obj.known_as


class BookingForm(NewClientFields, RepeatingForm):
    """A client, known or new, and a session for them, once or again and again."""

    refused_at: ClassVar[dict[str, str]] = NewClientFields.refused_at | RepeatingForm.refused_at

    # Who comes is the first question, though the session's own fields were declared before.
    field_order = ["client", "type", "place", "day", "time"]

    client = ClientField(
        label=later("Client"),
        missing=later("Please choose a client."),
        empty_label=later("Choose a client"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        NewClientFields.clean(self)
        said = RepeatingForm.clean(self)
        chosen = said.get("client")
        if self.is_adding and chosen:
            words = _("Choose %(name)s from the list, or write somebody new below, but not both.")
            self.add_error("client", words % {"name": chosen.name})
        elif not self.is_adding and not chosen and "client" not in self.errors:
            self.add_error("client", _("Please choose a client."))
        return said

    @property
    def is_settled(self) -> bool:
        return super().is_settled and not self.asks_about


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def booking_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the form, with a stretch of the calendar filled in; book and tell the client."""
    provider = chosen_provider(request, staff)
    staff = staff.acting_for(provider)
    if getattr(request, "htmx", False) and request.htmx.target == "series-preview":  # type: ignore[attr-defined]  # its middleware's
        looked_at = _form(staff, provider, data=request.GET)
        looked_at.full_clean()
        return render(
            request, PREVIEW, {"form": looked_at, "preview_url": of_provider(request.path, staff, provider)}
        )
    if request.method != "POST":
        return _page(request, staff, _fresh(staff, provider, request.GET))
    sent = _with_same(with_meant(request.POST, field="new_email"))
    form = _form(staff, provider, data=sent)
    who = words_in(sent.get("new_who"))
    if FIND in sent or (who and not sent.get("client") and not form.is_adding):
        return _page(request, staff, _looked_for(staff, provider, who, sent), status=422)
    settled = form.is_settled
    # Sent again it gets its first answer, whatever speaks against its dates by now: they are its own.
    if not settled and not has_acted(request, staff.actor):
        return _page(request, staff, form, status=422)
    if (
        settled
        and form.is_adding
        and (alike := asked_about(request, staff, form.new_client(usual_provider=provider.pk)))
    ):
        return _page(request, staff, form, alike=alike, status=422)
    done = send(request, staff, form, _verb(staff, form) if settled else first_answer)
    if done.answer is None:
        # Somebody was quicker: the dates are looked at anew, and what was decided about them stays.
        again = _form(staff, provider, data=sent) if form.repeats else form
        if form.repeats:
            again.full_clean()
            again.errors.update(form.errors)
        return _page(request, staff, again, status=done.status)
    row = Appointment.objects.select_related("client", "provider").get(ref=done.answer["appointment"])
    told = _told(int(done.answer.get("booked", "1")), sent=staff.practice.rules.confirm_bookings)
    response = back_to_calendar(request, staff, row, told)
    say_if_repeated(request, row)
    return response


def _verb(staff: Staff, form: BookingForm) -> Callable[..., Answer]:
    """Return what a settled form books: one appointment or a series, for a client who is there or somebody new."""
    said, practice = form.cleaned_data, staff.practice.pk
    client = said["client"].pk if said["client"] else NOBODY
    assert form.start is not None, "a settled form has its start"
    if form.repeats:
        series = form.booking(said["type"], said["place"], client_id=client)
        if form.is_adding:
            new = form.new_client(usual_provider=form.provider.pk)
            return partial(add_and_book_series, new, series, practice_id=practice)
        return partial(book_series, series)
    booking = Booking(form.provider.pk, client, said["type"].pk, said["place"].pk, form.start)
    if form.is_adding:
        new = form.new_client(usual_provider=form.provider.pk)
        return partial(add_and_book, new, booking, practice_id=practice)
    return partial(book, booking)


def _told(booked: int, *, sent: bool) -> str:
    """Return what is said once it is done, with places for whom and when; `sent` is whether the client is told."""
    if booked == 1:
        if not sent:
            return _("Booked: %(name)s, %(when)s. Nothing was sent to %(first_name)s.")
        return _("Booked: %(name)s, %(when)s. %(first_name)s is told.")
    words = _("Booked: %(count)d appointments of %%(name)s, the first %%(when)s. %%(first_name)s is told.")
    if not sent:
        words = _(
            "Booked: %(count)d appointments of %%(name)s, the first %%(when)s. Nothing was sent to %%(first_name)s."
        )
    return words % {"count": booked}


def _with_same(sent: QueryDict) -> QueryDict:
    """Take over the button that says that somebody who was written down is a client who is there: it is they who come."""
    if not (same := sent.get(SAME)):
        return sent
    known = sent.copy()
    known["client"] = same
    for name in (*ADDING, "new_who"):
        known[name] = ""
    return known


def _fresh(staff: Staff, provider: Provider, said: Mapping[str, Any]) -> BookingForm:
    """Return a form with what an address says filled in."""
    form = _form(staff, provider)
    # What the calendar said; a start without a time of day was chosen in the month.
    day, clock = start_said(said)
    # The first of each is the usual one; a practice with one of each has nothing to choose.
    kind = picked(form, "type", said) or types_of(staff.practice).first()
    place = picked(form, "place", said) or places_offered(staff.practice).first()
    client = picked(form, "client", said)
    form.initial = {
        "day": day,
        "time": clock,
        "type": kind,
        "place": place,
        "client": client,
        "every_weeks": 1,
        "ends": Ends.COUNT,
        "count": SUGGESTED,
    }
    if day and clock and kind and place:
        form.weigh(start_at(datetime.combine(day, clock), zone=zone_of(provider)), kind, place)
    return form


def _looked_for(staff: Staff, provider: Provider, who: str, sent: QueryDict) -> BookingForm:
    """Return the form with those to choose from who are so called; where nobody is, with their name ready to be added.

    Nothing else that was typed is lost.
    """
    form = _fresh(staff, provider, sent.dict())
    clients = _clients(staff)
    found = clients.filter(pk__in=found_by(who, practice_id=staff.practice.pk)) if who else clients
    typed = {name: sent.get(name, "") for name in NewClientFields.base_fields}
    form.found = found.count() if who else 0
    if form.found or not who:
        form.offer("client", found)
        chosen = found[0] if form.found == 1 else form.initial["client"]
        # A name that stands there from an earlier search would say that somebody new is meant.
        if not (typed["new_email"] or typed["new_phone"]):
            typed |= dict.fromkeys(ADDING, "")
    else:
        form.nobody_called, chosen = who, None
        typed |= fields_of(who)
    form.initial = {**form.initial, **typed, "client": chosen}
    return form


def _form(staff: Staff, provider: Provider, **values: Any) -> BookingForm:
    form = BookingForm(provider=provider, now=staff.now, **values)
    form.offer("client", _clients(staff))
    return form


def _clients(staff: Staff) -> QuerySet[Client]:
    # Who was discharged or archived is brought back first.
    clients = clients_seen_by(staff).filter(discharged_at__isnull=True, archived_at__isnull=True)
    return clients.order_by("last_name", "first_name", "pk")


def _bookable(staff: Staff, alike: Sequence[Alike]) -> list[str]:
    """Return the refs of those who can be booked for in place of somebody new: not everybody is in care here, or theirs."""
    found = _clients(staff).filter(ref__in=[row.ref for row in alike])
    return [str(ref) for ref in found.values_list("ref", flat=True)]


def _page(
    request: HttpRequest,
    staff: Staff,
    form: BookingForm,
    *,
    alike: Sequence[Alike] = (),
    status: int = 200,
) -> HttpResponse:
    said = request.GET.dict() | request.POST.dict()
    # Of a form that was looked through, the client found and not the one that was chosen before.
    if not form.is_bound and form.initial.get("client"):
        said["client"] = str(form.initial["client"].ref)
    kind = picked(form, "type", said) or form.initial.get("type")
    place = picked(form, "place", said) or form.initial.get("place")
    client = picked(form, "client", said)
    client_id = client.pk if client else NOBODY
    context = {
        "form": form,
        "alike": alike,
        "bookable": _bookable(staff, alike),
        "times": times_beside(form, said, kind, place, client_id=client_id) if kind and place else None,
        "times_url": of_provider(request.path, staff, form.provider),
        "preview_url": of_provider(request.path, staff, form.provider),
        "zone": form.provider.zone,
        "key": key_of(request),
        "provider": form.provider,
        "tells": staff.practice.rules.confirm_bookings,
        "back_url": of_provider(reverse("appointments"), staff, form.provider),
        "providers": [one for one in staff.choices() if one.left_at is None],
        # Kept while a manager changes the provider, or the stretch that was drawn would be lost.
        "start": request.GET.get("start", ""),
    }
    # Another choice in the form: only the times beside it are asked for.
    if getattr(request, "htmx", False) and request.method != "POST":
        return render(request, TIMES, context)
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)
