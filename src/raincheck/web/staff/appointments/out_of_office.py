"""Out of office: blocking a stretch of a provider's time, changing it, opening it again. Appointments inside stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from raincheck.actions.engine.runner import Answer
from raincheck.actions.out_of_office import block_time, change_block, remove_block
from raincheck.data.models import OutOfOffice, Provider
from raincheck.domain.out_of_office import NOTE_LIMIT
from raincheck.domain.people import Actor
from raincheck.domain.spans import Span
from raincheck.web.staff.appointments.stretch_form import StretchForm, stretch_shown
from raincheck.web.staff.appointments.words import when, whole_days_words
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    PageForm,
    Staff,
    WordsField,
    _,
    arrival_of,
    chosen_provider,
    for_staff,
    fresh_key,
    get_object_or_404,
    key_of,
    later,
    messages,
    of_provider,
    redirect,
    require_http_methods,
    reverse,
    send,
    show,
    shown_at,
    wall_time_in,
    zone_of,
)

DAY = timedelta(days=1)
MORNING, EVENING = time(9), time(17)
"""What a new block proposes before anything is chosen."""


class BlockForm(StretchForm):
    """A stretch with a private note."""

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

    def clean(self) -> dict[str, Any]:
        self.read_stretch(whole=self.cleaned_data.get("all_day", False))
        return self.cleaned_data


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Block a stretch, filled in from the calendar; what lies inside is named before it is blocked."""
    provider, now = chosen_provider(request, staff), arrival_of(request).at
    if request.method != "POST":
        return _page(request, staff, _prefilled(request, provider, now=now))
    form = BlockForm(request.POST, provider=provider, now=now)
    if not form.is_valid() or form.is_news:
        return _page(request, staff, form, status=422)
    sent = send(request, staff, form, _as_verb(partial(block_time, provider.pk, **_said(form))))
    if sent.answer is None:
        return _page(request, staff, form, status=sent.status)
    return _done(request, staff, form, _("Blocked: %(when)s."))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def block(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Change a block, or open its time again."""
    row, now = _own_block(staff, ref), arrival_of(request).at
    if request.method != "POST":
        return _page(request, staff, _shown(row, now=now), block=row)
    if "remove" in request.POST:
        return _remove(request, staff, row, now=now)
    form = BlockForm(request.POST, provider=row.provider, now=now)
    if not form.is_valid() or form.is_news:
        return _page(request, staff, form, block=row, status=422)
    verb = partial(change_block, row.ref, practice_id=row.practice_id, **_said(form))
    sent = send(request, staff, form, _as_verb(verb))
    if sent.answer is None:
        return _page(request, staff, form, block=_own_block(staff, ref), status=sent.status)
    return _done(request, staff, form, _("Saved: out of office %(when)s."))


def _remove(request: HttpRequest, staff: Staff, row: OutOfOffice, *, now: datetime) -> HttpResponse:
    form = _shown(row, now=now)
    refusals = PageForm(request.POST)
    verb = partial(remove_block, row.ref, practice_id=row.practice_id)
    sent = send(request, staff, refusals, _as_verb(verb))
    if sent.answer is None:
        return _page(
            request, staff, form, block=_own_block(staff, row.ref), errors=refusals, status=sent.status
        )
    return _done(request, staff, form, _("Removed: %(when)s can be booked again."))


def _own_block(staff: Staff, ref: UUID) -> OutOfOffice:
    rows = staff.own(OutOfOffice.objects.all()).select_related("provider__practice", "batch")
    return get_object_or_404(rows, ref=ref)


def _as_verb(step: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a verb that keeps no record of its actor be carried out like the others."""

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # a block does not say who made it
        return step(now=now)

    return verb


def _said(form: BlockForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {"span": form.span, "note": said["note"], "all_day": said["all_day"]}


def _prefilled(request: HttpRequest, provider: Provider, *, now: datetime) -> BlockForm:
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
    form = BlockForm(initial=initial, provider=provider, now=now)
    if start is not None:
        form.propose(whole=whole)
    return form


def _shown(row: OutOfOffice, *, now: datetime) -> BlockForm:
    span = Span(row.starts_at, row.ends_at)
    initial = {**stretch_shown(span, provider=row.provider), "all_day": row.all_day, "note": row.note}
    if row.all_day:
        initial |= {"last_day": initial["last_day"] - DAY, "first_time": MORNING, "last_time": EVENING}
    form = BlockForm(initial=initial, provider=row.provider, now=now)
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
        "remove_key": fresh_key(arrival_of(request).at),
        "time_off": block,
        "provider": form.provider,
        "back_url": of_provider(reverse("appointments"), staff, form.provider),
        "providers": list(staff.providers()) if staff.is_manager and block is None else [],
        "start": request.GET.get("start", ""),
        "end": request.GET.get("end", ""),
        "words": _words(form) if block else "",
    }
    return show(
        request,
        staff,
        "raincheck/staff/appointments/out_of_office.html",
        context,
        current="appointments",
        status=status,
    )


def _words(form: BlockForm) -> str:
    if form.span is None:
        return ""
    whole = form["all_day"].value()
    return (whole_days_words if whole else when)(form.span, form.provider.zone, now=form.now)


def _done(request: HttpRequest, staff: Staff, form: BlockForm, said: str) -> HttpResponse:
    assert form.span is not None, "only a sound form is sent"
    messages.success(request, said % {"when": _words(form)})
    day = shown_at(form.span.start, zone=zone_of(form.provider)).date().isoformat()
    return redirect(of_provider(f"{reverse('appointments')}?view=calendar&date={day}", staff, form.provider))
