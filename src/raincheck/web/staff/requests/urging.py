"""More time for an open request, and a reminder by hand: the page of the one, the button of the other."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.reschedule.urge import extend, remind_by_hand
from raincheck.data.models import RescheduleRequest
from raincheck.domain.policy import HOUR
from raincheck.domain.reschedule.urging import EXTENSIONS, LengthMissing
from raincheck.notifications.formats import duration, long_day_and_time
from raincheck.web.requests import Ref
from raincheck.web.staff.requests.answers import shared
from raincheck.web.staff.requests.pages import own_request, record
from raincheck.web.staff.shell import PageForm, Staff, for_staff, send, send_and_tell, show
from raincheck.web.staff.shell.possible import deadline_after, why_no_extension

HOURS = {str(length // HOUR): length for length in EXTENSIONS}


class ExtendForm(PageForm):
    """By how many hours; the page says how long each is, and where there is no room for it."""

    by = forms.ChoiceField(choices=[(hours, hours) for hours in HOURS], required=False)


@dataclass(frozen=True, slots=True)
class Offered:
    """A length that may be chosen: in words, with the deadline it would bring; None where there is no room for it."""

    hours: str
    length: str
    deadline: datetime | None
    chosen: bool


@for_staff
def extend_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Give a client more time, once, after saying what they will be told."""
    asked, form = own_request(staff, ref), ExtendForm(request.POST if request.method == "POST" else None)
    staff = staff.acting_for(asked.provider)
    if request.method != "POST":
        # Its own page says why there is nothing to choose from.
        closed = not asked.is_open or why_no_extension(asked, now=staff.now)
        return redirect("request", ref=ref) if closed else _extend(request, staff, asked, form)
    length = HOURS.get(form.cleaned_data["by"]) if form.is_valid() else None
    if length is None and not form.errors:
        form.refuse(LengthMissing(name=asked.client.known_as))
    if length is None:
        return _extend(request, staff, asked, form, status=422)
    sent = send(request, staff, form, extend, asked.ref, by_length=length)
    asked = own_request(staff, ref)
    if sent.answer is None:
        closed = not asked.is_open or why_no_extension(asked, now=staff.now)
        return (record if closed else _extend)(request, staff, asked, form, status=sent.status)
    until = long_day_and_time(asked.deadline_at, asked.provider.zone, now=staff.now)
    told = _("Extended. %(name)s is told that they have until %(until)s.")
    messages.success(request, told % {"name": asked.client.known_as, "until": until})
    return redirect("request", ref=ref)


@require_POST
@for_staff
def remind_button(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Remind the client now, and go back to where the button stood."""
    asked = own_request(staff, ref)
    staff = staff.acting_for(asked.provider)
    told = _("The reminder to %(name)s is on its way.") % {"name": asked.client.known_as}
    to = reverse("requests") if request.POST.get("back") == "list" else reverse("request", args=[ref])
    return send_and_tell(request, staff, partial(remind_by_hand, asked.ref), told=told, to=to)


def _extend(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: PageForm, *, status: int = 200
) -> HttpResponse:
    offered = [
        Offered(
            hours, duration(length), deadline_after(asked, length, now=staff.now), form["by"].value() == hours
        )
        for hours, length in HOURS.items()
    ]
    context = {
        **shared(request, asked, form),
        "offered": offered,
        "lead": duration(asked.practice.rules.lead),
    }
    return show(
        request, staff, "raincheck/staff/requests/extend.html", context, current="requests", status=status
    )
