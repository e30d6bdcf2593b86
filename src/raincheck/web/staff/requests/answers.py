"""Answers that the practice gives: taking a request back, and picking a new time with the client on the phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms

from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import pick_new_time, withdraw
from raincheck.data.models import RescheduleRequest
from raincheck.data.out_of_office import block_freed_by_withdrawing
from raincheck.domain.appointments import SlotTaken
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule import NOTE_LIMIT
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.people import own_recipient
from raincheck.queries.reschedule.requests import times_for_staff
from raincheck.web.client.slots import start_from
from raincheck.web.staff.availability.open_times import Zones, date_in, fortnight
from raincheck.web.staff.requests.pages import own_request, record
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    PageForm,
    Staff,
    WordsField,
    _,
    arrival_of,
    for_staff,
    key_of,
    later,
    messages,
    redirect,
    send,
    show,
)

Page = Callable[..., HttpResponse]
"""Renders a request's page with a form: (request, staff, asked, form, status=…)."""


class WithdrawForm(PageForm):
    """An optional note, and what becomes of a block that somebody edited."""

    note = WordsField(required=False, widget=forms.Textarea(attrs={"maxlength": NOTE_LIMIT, "rows": 3}))
    edited_block = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("keep", later("Keep it: I am still out of office then")),
            ("remove", later("Remove it: this time can be booked again")),
        ],
        label=later("The time off you blocked"),
    )


class PickForm(PageForm):
    """The chosen time stands in the page itself. A time that was just taken is told in words for the practice."""

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, SlotTaken):
            said = _(
                "That time was just taken. The appointment stands as it was; please choose another time."
            )
            self.add_error(None, said)
        else:
            super().refuse(refusal)


@for_staff
def take_back(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Let the original time stand, after saying what the client will be told."""
    asked = own_request(staff, ref)
    if request.method != "POST":
        return _withdraw_page(request, staff, asked, WithdrawForm()) if asked.is_open else _ended(asked)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _withdraw_page(request, staff, asked, form, status=422)
    verb = partial(
        withdraw, asked.ref, note=form.cleaned_data["note"], edited_block=form.cleaned_data["edited_block"]
    )
    sent = send(request, staff, form, verb)
    if sent.answer is None:
        return _refused(request, staff, ref, form, sent.status, _withdraw_page)
    said = _("Withdrawn. %(name)s is told that the original time stands.")
    messages.success(request, said % {"name": asked.client.first_name})
    return redirect("request", ref=asked.ref)


@for_staff
def pick(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Pick a new time in the client's place, as on the phone."""
    asked = own_request(staff, ref)
    if request.method != "POST":
        return _pick_page(request, staff, asked, PickForm()) if asked.is_open else _ended(asked)
    form = PickForm(request.POST)
    sent = send(request, staff, form, partial(_pick, asked, request.POST.get("start", "")))
    if sent.answer is None:
        return _refused(request, staff, ref, form, sent.status, _pick_page)
    moved = own_request(staff, ref)
    when = long_day_and_time(moved.appointment.starts_at, moved.provider.zone, now=arrival_of(request).at)
    said = _("Moved to %(when)s. %(name)s gets a confirmation.")
    messages.success(request, said % {"when": when, "name": asked.client.first_name})
    return redirect("request", ref=asked.ref)


def _pick(asked: RescheduleRequest, start: str, *, by: Actor, now: datetime) -> Answer:
    return pick_new_time(asked.ref, start=start_from(start), by=by, now=now)


def _ended(asked: RescheduleRequest) -> HttpResponse:
    """There is nothing to answer any more: show how it ended."""
    return redirect("request", ref=asked.ref)


def _refused(
    request: HttpRequest, staff: Staff, ref: UUID, form: PageForm, status: int, page: Page
) -> HttpResponse:
    """Show the form again; when the request has ended meanwhile, how things stand now instead."""
    asked = own_request(staff, ref)
    return (page if asked.is_open else record)(request, staff, asked, form, status=status)


def _withdraw_page(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: PageForm, *, status: int = 200
) -> HttpResponse:
    block = block_freed_by_withdrawing(asked)
    context = {
        **_shared(request, asked, form),
        "time_off": block,
        "ask_about_block": block is not None and block.edited_at is not None,
        "recipient": own_recipient(asked.client),
        "note_limit": NOTE_LIMIT,
    }
    return show(
        request, staff, "raincheck/staff/requests/withdraw.html", context, current="requests", status=status
    )


def _pick_page(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: PageForm, *, status: int = 200
) -> HttpResponse:
    shown = fortnight(
        times_for_staff(asked.appointment, now=arrival_of(request).at),
        Zones(asked.provider.zone, asked.client.zone_in(asked.practice)),
        asked_at=asked.asked_starts_at,
        wanted=date_in(request.GET.get("from")),
        chosen=_chosen(request),
    )
    context = {
        **_shared(request, asked, form),
        "shown": shown,
        "recipient": own_recipient(asked.client),
    }
    return show(
        request, staff, "raincheck/staff/requests/pick.html", context, current="requests", status=status
    )


def _shared(request: HttpRequest, asked: RescheduleRequest, form: PageForm) -> dict[str, Any]:
    return {
        "asked": asked,
        "appointment": asked.appointment,
        "form": form,
        "key": key_of(request),
        "zone": asked.provider.zone,
        "client_zone": asked.client.zone_in(asked.practice),
    }


def _chosen(request: HttpRequest) -> datetime | None:
    """Return the start that was chosen in a refused form, so that it stays chosen where it is still open."""
    try:
        return start_from(request.POST.get("start", ""))
    except Refusal:
        return None
