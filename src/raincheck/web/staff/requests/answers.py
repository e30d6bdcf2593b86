"""Answers that the practice gives: taking a request back, and picking a new time with the client on the phone."""

from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import keep_by_video, pick_new_time, withdraw
from raincheck.data.models import RescheduleRequest
from raincheck.data.out_of_office import block_freed_by_ending
from raincheck.data.reschedule.by_video import may_be_kept, video_place
from raincheck.domain.appointments.lifecycle import SlotTaken
from raincheck.domain.people import Actor
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT, State
from raincheck.notifications.formats import dialed, long_day_and_time
from raincheck.queries.people import own_recipient
from raincheck.queries.reschedule.choose import nearest_for_staff, times_for_staff
from raincheck.web.client.picker import SameTime
from raincheck.web.client.slots import start_from
from raincheck.web.client.times import Clock
from raincheck.web.requests import Ref
from raincheck.web.staff.availability.open_times import Zones, date_in, fortnight, near
from raincheck.web.staff.requests.pages import own_request, record
from raincheck.web.staff.shell import Context, PageForm, Staff, WordsField, for_staff, send, show
from raincheck.web.submission import key_of


class WithdrawForm(PageForm):
    """An optional note, and what becomes of a block that somebody edited."""

    note = WordsField(required=False, widget=forms.Textarea(attrs={"maxlength": NOTE_LIMIT, "rows": 3}))
    edited_block = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[
            # Withdrawing removes the block made with the ask, unless somebody edited it since: then it asks.
            ("keep", later("Keep it: I am still out of office then")),
            ("remove", later("Remove it: this time can be booked again")),
        ],
        label=later("The time off you blocked"),
    )


class PickForm(PageForm):
    """The chosen time stands in the page itself. A time that was just taken is told in words for the practice."""

    def refuse(self, refusal: Refusal) -> None:
        # The verb's sentence speaks to a client; here a provider has one on the phone.
        if isinstance(refusal, SlotTaken):
            said = _(
                "That time was just taken. The appointment stands as it was; please choose another time."
            )
            self.add_error(None, said)
        else:
            super().refuse(refusal)


@for_staff
def withdraw_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Let the original time stand, after saying what the client will be told."""
    asked, form = own_request(staff, ref), WithdrawForm()
    staff = staff.acting_for(asked.provider)
    if request.method != "POST":
        return _withdraw(request, staff, asked, form) if asked.is_open else redirect("request", ref=ref)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _withdraw(request, staff, asked, form, status=422)
    said = form.cleaned_data
    sent = send(
        request, staff, form, withdraw, asked.ref, note=said["note"], edited_block=said["edited_block"]
    )
    if sent.answer is None:
        # It may have ended meanwhile: then the page shows how, with the sentence above, and no form to send again.
        asked = own_request(staff, ref)
        return (_withdraw if asked.is_open else record)(request, staff, asked, form, status=sent.status)
    told = _("Withdrawn. %(name)s is told that the original time stands.")
    messages.success(request, told % {"name": asked.client.known_as})
    return redirect("request", ref=ref)


@for_staff
def pick_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Pick a new time in the client's place, as on the phone, or keep the one it has, by video."""
    asked, start = own_request(staff, ref), request.POST.get("start", "")
    staff = staff.acting_for(asked.provider)
    if request.method != "POST":
        return _pick(request, staff, asked, PickForm()) if asked.is_open else redirect("request", ref=ref)
    form = PickForm(request.POST)
    sent = send(request, staff, form, partial(_answered, asked, start))
    now_asked = own_request(staff, ref)
    if sent.answer is None:
        return (_pick if now_asked.is_open else record)(request, staff, now_asked, form, status=sent.status)
    if now_asked.state == State.KEPT:
        told = _("Kept, by video. %(name)s gets a confirmation.")
        messages.success(request, told % {"name": asked.client.known_as})
        return redirect("request", ref=ref)
    row, zone = now_asked.appointment, now_asked.provider.zone
    when = long_day_and_time(row.starts_at, zone, now=staff.now)
    told = _("Moved to %(when)s. %(name)s gets a confirmation.")
    messages.success(request, told % {"when": when, "name": asked.client.known_as})
    return redirect("request", ref=ref)


def _answered(asked: RescheduleRequest, value: str, *, by: Actor, now: datetime) -> Answer:
    """Carry out what the form says: another time, or the one it has, by video."""
    # Read inside the verb, so that a start that is none is refused like any other.
    start = start_from(value)
    if asked.video_offered and start == asked.asked_starts_at:
        return keep_by_video(asked.ref, by=by, now=now)
    return pick_new_time(asked.ref, start=start, by=by, now=now)


def _withdraw(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: PageForm, *, status: int = 200
) -> HttpResponse:
    block = block_freed_by_ending(asked)
    context = {
        **shared(request, asked, form),
        "time_off": block,
        # A block that nobody touched goes with the request; one that somebody edited is asked about.
        "ask_about_block": block is not None and block.edited_at is not None,
        "note_limit": NOTE_LIMIT,
    }
    return show(
        request, staff, "raincheck/staff/requests/withdraw.html", context, current="requests", status=status
    )


def _pick(
    request: HttpRequest, staff: Staff, asked: RescheduleRequest, form: PageForm, *, status: int = 200
) -> HttpResponse:
    try:
        # In a refused form the chosen start stays chosen where it is still open.
        chosen = start_from(request.POST.get("start", ""))
    except Refusal:
        chosen = None
    zones, same = Zones(asked.provider.zone, asked.client.zone_in(asked.practice)), None
    if may_be_kept(asked, video_place(asked.practice_id)):
        at = asked.asked_starts_at
        same = SameTime.of(at, Clock(zones.provider, zones.client), chosen=chosen == at)
        chosen = None if chosen == at else chosen
    starts, wanted = (
        times_for_staff(asked.appointment, batch=asked.batch_id, now=staff.now),
        date_in(request.GET.get("from")),
    )
    # Whoever leafs through the weeks has seen the nearest ones.
    best = [] if wanted else nearest_for_staff(asked, starts, now=staff.now)
    shown = fortnight(
        starts,
        zones,
        asked_at=asked.asked_starts_at,
        wanted=wanted,
        # One start may stand in both lists, and of one name a browser keeps only the last that is checked.
        chosen=None if chosen in best else chosen,
    )
    context = {
        **shared(request, asked, form),
        "shown": shown,
        "same": same,
        "nearest": near(best, zones, chosen=chosen),
        "call": dialed(asked.client.phone),
    }
    return show(
        request, staff, "raincheck/staff/requests/pick.html", context, current="requests", status=status
    )


def shared(request: HttpRequest, asked: RescheduleRequest, form: PageForm) -> Context:
    return {
        "asked": asked,
        "appointment": asked.appointment,
        "form": form,
        "key": key_of(request),
        "zone": asked.provider.zone,
        "client_zone": asked.client.zone_in(asked.practice),
        "recipient": own_recipient(asked.client),
    }
