"""Times suggested later, inside an open request: the page to choose them on, and the button that takes one back."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.reschedule.suggest import suggest_times, take_suggestion_back
from raincheck.data.models import Appointment, Provider, RescheduleRequest
from raincheck.data.reschedule.suggestions import suggested_in
from raincheck.queries.reschedule.choose import open_in
from raincheck.web.requests import Ref
from raincheck.web.staff.requests.answers import shared
from raincheck.web.staff.requests.pages import own_request, record
from raincheck.web.staff.requests.suggest_calendar import LOOK, day_looked_at, suggest_calendar
from raincheck.web.staff.requests.suggest_form import SuggestForm
from raincheck.web.staff.shell import Context, Staff, for_staff, send, send_and_tell, show


class SuggestLaterForm(SuggestForm):
    """All times that are to be suggested from now on, those that are already among them."""

    def __init__(self, *args: object, provider: Provider, **options: object) -> None:
        super().__init__(*args, **options)
        self.provider = provider

    def clean(self) -> dict[str, object]:
        self.read_typed(self.provider)
        return self.cleaned_data


@for_staff
def suggest_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Suggest times for an open request, after saying what the client will be told."""
    asked = own_request(staff, ref)
    staff = staff.acting_for(asked.provider)
    if not asked.is_open and request.method != "POST":
        return redirect("request", ref=ref)
    if request.method != "POST":
        before = {"suggest": [one.starts_at for one in suggested_in(batch=asked.batch_id)]}
        if not getattr(request, "htmx", False):
            return _suggest(request, staff, asked, SuggestLaterForm(initial=before, provider=asked.provider))
        form = SuggestLaterForm(request.GET, provider=asked.provider)
        form.is_valid()
        context = _calendar(request, staff, asked, form)
        return render(request, "raincheck/staff/requests/suggest_times.html", context)
    form = SuggestLaterForm(request.POST, provider=asked.provider)
    sound = form.is_valid()
    # A button of the calendar shows another day of it, without a script too, and nothing is sent.
    if LOOK in request.POST and asked.is_open:
        return _suggest(request, staff, asked, form)
    if not sound:
        return _suggest(request, staff, asked, form, status=422)
    sent = send(request, staff, form, suggest_times, asked.ref, starts=form.starts)
    if sent.answer is None:
        asked = own_request(staff, ref)
        return (_suggest if asked.is_open else record)(request, staff, asked, form, status=sent.status)
    messages.success(request, _("Done. What %(name)s reads is up to date.") % {"name": asked.client.known_as})
    return redirect("request", ref=ref)


@require_POST
@for_staff
def take_back_button(request: HttpRequest, staff: Staff, ref: Ref, hold: Ref) -> HttpResponse:
    """Take one suggested time back, and go back to the request."""
    asked = own_request(staff, ref)
    staff = staff.acting_for(asked.provider)
    told = _("Taken back. That time can be booked again.")
    verb = partial(take_suggestion_back, asked.ref, hold=hold)
    return send_and_tell(request, staff, verb, told=told, to=reverse("request", args=[ref]))


def _suggest(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: SuggestForm, *, status: int = 200
) -> HttpResponse:
    context = {**shared(request, asked, form), **_calendar(request, staff, asked, form)}
    return show(
        request, staff, "raincheck/staff/requests/suggest.html", context, current="requests", status=status
    )


def _calendar(request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: SuggestForm) -> Context:
    said = request.POST if request.method == "POST" else request.GET
    starts = form.starts
    return {
        "calendar": suggest_calendar(
            _appointments(asked),
            starts,
            wanted=day_looked_at(said, starts, provider=asked.provider),
            now=staff.now,
            batch=asked.batch_id,
        ),
        "form": form,
        "client": asked.client,
        "asked": asked,
        "path": request.path,
        "zone": asked.provider.zone,
    }


def _appointments(asked: RescheduleRequest) -> list[Appointment]:
    """Return the appointment of a request, and those of the others of its batch that wait, each with its people at hand."""
    rows = [row.appointment for row in open_in(asked)]
    for row in rows:
        row.practice, row.provider, row.client = asked.practice, asked.provider, asked.client
    return [asked.appointment, *rows]
