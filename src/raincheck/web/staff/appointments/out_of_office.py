"""Out of office: a stretch of a provider's time blocked, changed, opened again. Appointments inside stay."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.out_of_office import block_time, change_block, remove_block
from raincheck.data.models import OutOfOffice, Provider
from raincheck.data.out_of_office import blocks_meeting
from raincheck.domain.out_of_office import NOTE_LIMIT
from raincheck.domain.spans import Span
from raincheck.web.requests import Ref
from raincheck.web.staff.appointments.stretch_form import StretchForm, stretch_shown
from raincheck.web.staff.appointments.words import block_words, when, whole_days_words
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    WordsField,
    chosen_provider,
    for_staff,
    of_provider,
    send,
    show,
    shown_at,
    wall_time_in,
    zone_of,
)
from raincheck.web.submission import fresh_key, has_acted, key_of

TEMPLATE = "raincheck/staff/appointments/out_of_office.html"
DAY = timedelta(days=1)
# Proposed for a new block before anything is chosen.
MORNING, EVENING = time(9), time(17)


class BlockForm(StretchForm):
    """A stretch with a private note."""

    # The verb knows a stretch by its start; the end is what people mistype.
    refused_at: ClassVar[dict[str, str]] = {"start": "last_day"}

    all_day = forms.BooleanField(
        label=later("Whole days"),
        required=False,
        help_text=later("From midnight to midnight; the times don't count."),
    )
    note = WordsField(
        label=later("Private note"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": NOTE_LIMIT}),
        help_text=later("For you and the practice's managers; clients never see it."),
    )

    take_back = forms.Field(required=False, widget=forms.SelectMultiple)
    takes_back = True
    """Whether times inside that are held for clients can be taken back with it."""

    def __init__(self, *args: Any, with_note: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        # Who may not read it must not overwrite it either: without the field the note stays as it is.
        if not with_note:
            del self.fields["note"]

    def clean(self) -> dict[str, Any]:
        self.read_stretch(whole=self.cleaned_data.get("all_day", False))
        return self.cleaned_data

    def block(self) -> dict[str, Any]:
        """Return what a sound form says, for the verbs."""
        said = self.cleaned_data
        return {
            "span": self.span,
            "note": said.get("note"),
            "all_day": said["all_day"],
            "take_back": said["take_back"] or (),
        }

    def words(self) -> str:
        """Return the stretch as people say it; nothing while it could not be read."""
        if self.span is None:
            return ""
        whole = self["all_day"].value()
        return (whole_days_words if whole else when)(self.span, self.provider.zone, now=self.now)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new_block_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Block a stretch, filled in from the calendar; what lies inside is named before it is blocked."""
    provider = chosen_provider(request, staff)
    staff, with_note = staff.acting_for(provider), staff.may_read_private(provider)
    if request.method != "POST":
        return _page(request, staff, _prefilled(request, provider, with_note=with_note, now=staff.now))
    form = BlockForm(request.POST, provider=provider, with_note=with_note, now=staff.now)
    # News: an appointment inside that the reader has not been told of. It stays booked; blocking moves nothing.
    # Sent again it gets its first answer, whatever was booked inside since.
    if not form.is_valid() or (form.is_news and not has_acted(request, staff.actor)):
        return _page(request, staff, form, status=422)
    sent = send(request, staff, form, partial(block_time, provider.pk, **form.block()))
    if sent.answer is None:
        return _page(request, staff, form, status=sent.status)
    return _done(request, staff, form, _("Blocked: %(when)s."))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def block_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Change a block, or open its time again."""
    row = _own_block(staff, ref)
    staff, with_note = staff.acting_for(row.provider), staff.may_read_private(row.provider)
    if request.method != "POST":
        return _page(request, staff, _shown(row, with_note=with_note, now=staff.now), block=row)
    refused: PageForm
    if "remove" in request.POST:
        form, refused = _shown(row, with_note=with_note, now=staff.now), PageForm(request.POST)
        said = _("Removed: %(when)s can be booked again.")
        sent = send(
            request,
            staff,
            refused,
            lambda now, **_by: remove_block(row.ref, practice_id=row.practice_id, now=now),
        )
    else:
        refused = form = BlockForm(request.POST, provider=row.provider, with_note=with_note, now=staff.now)
        if not form.is_valid() or (form.is_news and not has_acted(request, staff.actor)):
            return _page(request, staff, form, block=row, status=422)
        said = _("Saved: out of office %(when)s.")
        sent = send(
            request,
            staff,
            form,
            partial(change_block, row.ref, practice_id=row.practice_id, **form.block()),
        )
    if sent.answer is None:
        return _page(request, staff, form, block=_own_block(staff, ref), errors=refused, status=sent.status)
    return _done(request, staff, form, said, removed="remove" in request.POST)


def _own_block(staff: Staff, ref: Ref) -> OutOfOffice:
    rows = staff.own(OutOfOffice.objects.all()).select_related("provider__practice", "batch")
    return get_object_or_404(rows, ref=ref)


def _prefilled(request: HttpRequest, provider: Provider, *, with_note: bool, now: datetime) -> BlockForm:
    today = shown_at(now, zone=zone_of(provider)).date()
    start = wall_time_in(request.GET.get("start"))
    end = wall_time_in(request.GET.get("end"))
    first_day, first_time = start or (today, MORNING)
    whole = first_time is None
    last_day, last_time = end or (first_day, None if whole else EVENING)
    if whole and end is not None:
        last_day -= DAY  # the calendar names the first day after
    initial = {
        "first_day": first_day,
        "first_time": first_time or MORNING,
        "last_day": max(last_day, first_day),
        "last_time": last_time or EVENING,
        "all_day": whole,
    }
    form = BlockForm(initial=initial, provider=provider, with_note=with_note, now=now)
    if start is not None:
        form.propose(whole=whole)
    return form


def _shown(row: OutOfOffice, *, with_note: bool, now: datetime) -> BlockForm:
    span = Span(row.starts_at, row.ends_at)
    initial = {**stretch_shown(span, provider=row.provider), "all_day": row.all_day, "note": row.note}
    if row.all_day:
        # It ends at the midnight after its last day; times stand ready for whoever unticks "Whole days".
        initial |= {"last_day": initial["last_day"] - DAY, "first_time": MORNING, "last_time": EVENING}
    form = BlockForm(initial=initial, provider=row.provider, with_note=with_note, now=now)
    form.look_inside(span)
    return form


def _page(
    request: HttpRequest,
    staff: Staff,
    form: BlockForm,
    *,
    block: OutOfOffice | None = None,
    errors: PageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "errors": errors or form,
        "key": key_of(request),
        # Saving and removing are two forms: one key for both would let the second do nothing.
        "remove_key": fresh_key(staff.now),
        "time_off": block,
        "provider": form.provider,
        "back_url": of_provider(reverse("appointments"), staff, form.provider),
        "providers": staff.choices() if block is None else [],
        "start": request.GET.get("start", ""),
        "end": request.GET.get("end", ""),
        "words": form.words() if block else "",
    }
    return show(request, staff, TEMPLATE, context, current="appointments", status=status)


def _done(
    request: HttpRequest, staff: Staff, form: BlockForm, said: str, *, removed: bool = False
) -> HttpResponse:
    assert form.span is not None, "only a sound form is sent"
    messages.success(request, said % {"when": form.words()})
    if removed and (others := list(blocks_meeting(form.provider.pk, form.span))):
        # What was just said would be too much: this part stays shut.
        zone = form.provider.zone
        still = "; ".join(block_words(block, zone, now=form.now) for block in others)
        messages.warning(request, _("Still blocked by other time off: %(when)s.") % {"when": still})
    day = shown_at(form.span.start, zone=zone_of(form.provider)).date().isoformat()
    return redirect(of_provider(f"{reverse('appointments')}?view=calendar&date={day}", staff, form.provider))
