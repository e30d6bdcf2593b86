"""After the session: the question "What happened?" beside an appointment, in the list and on Home, and its answers."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from raincheck.actions.appointments.outcomes import WhatHappened, say_all_took_place, say_what_happened
from raincheck.actions.appointments.rebooking import send_rebook_link
from raincheck.data.appointments.outcomes import first_said_at, was_asked_about
from raincheck.data.models import Appointment, Provider, RebookOffer
from raincheck.domain.appointments.lifecycle import CancelledWhy, Status, fee_allowed
from raincheck.domain.appointments.outcomes import OUTCOMES, Outcome, correctable_until, outcome_of
from raincheck.domain.policy import REBOOK_LINK_LIVES
from raincheck.notifications.formats import duration, short_day_and_time
from raincheck.queries.appointments.outcomes import unanswered_beside
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.appointments.appointment import own_appointment
from raincheck.web.staff.appointments.words import OUTCOMES as WORDS
from raincheck.web.staff.shell import Names, PageForm, Staff, for_staff, send


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its button, what it brings in a few words, its key, and whether it was given."""

    value: str
    label: str
    brings: str
    key: int
    given: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What became of a session, as its page asks it. Without choices it can't be corrected any more."""

    choices: list[Choice]
    seen: str
    said: str
    until: str
    others: list[str]
    all_took_place: str
    may_send_link: bool
    link: str


def question_about(staff: Staff, row: Appointment, names: Names) -> Question | None:
    """Return what the page of a session asks; None before it has begun, and of what was canceled before."""
    status = Status(row.status)
    if row.starts_at > staff.now or (status is Status.CANCELLED and row.outcome_at is None):
        return None
    first, zone = first_said_at(row), row.provider.zone
    until = correctable_until(first or staff.now)
    given = outcome_of(status, said=first is not None)
    others = [] if first else unanswered_beside(row, now=staff.now)
    said = ""
    if row.outcome_at is not None:
        by = names.of(row.outcome_by_kind or "", row.outcome_by)
        said = _("%(who)s said so on %(when)s.") % {
            "who": by,
            "when": short_day_and_time(row.outcome_at, zone),
        }
    return Question(
        choices=_choices(row, given) if staff.now < until else [],
        seen=status,
        said=said,
        until=_("You can correct this until %(when)s.") % {"when": short_day_and_time(until, zone)},
        others=[str(ref) for ref in others],
        all_took_place=ngettext(
            "The one other session of that day took place, too",
            "All %(count)d other sessions of that day took place, too",
            len(others),
        )
        % {"count": len(others)},
        **_another_time(staff, row),
    )


def _another_time(staff: Staff, row: Appointment) -> dict[str, Any]:
    """Return whether the client of a session that we could not hold may be sent a link now, and what became of the last one."""
    if row.status != Status.PROVIDER_NO_SHOW:
        return {"may_send_link": False, "link": ""}
    offer = RebookOffer.objects.filter(appointment=row).select_related("booked").first()
    if offer is None or (offer.booked is None and offer.expires_at <= staff.now):
        client = row.client
        return {"may_send_link": client.discharged_at is None and client.archived_at is None, "link": ""}
    if offer.booked is not None:
        said, at = _("%(name)s booked another time with the link: %(when)s."), offer.booked.starts_at
    else:
        said, at = _("%(name)s has a link to book another time until %(when)s."), offer.expires_at
    values = {"name": row.client.known_as, "when": short_day_and_time(at, row.provider.zone, now=staff.now)}
    return {"may_send_link": False, "link": said % values}


def _choices(row: Appointment, given: Outcome | None) -> list[Choice]:
    asked_about = was_asked_about(row)
    fee = {
        outcome: fee_allowed(
            status=said.status,
            why=why,
            time_was_asked_about=asked_about,
            payer_forbids_fees=row.client.payer_forbids_fees,
        )
        for outcome, said in OUTCOMES.items()
        for why in [CancelledWhy.CLIENT_LATE if outcome is Outcome.CANCELLED_LATE else None]
    }
    cut_off = duration(row.practice.rules.self_service_cut_off)
    brings = {
        Outcome.TOOK_PLACE: "",
        Outcome.CLIENT_ABSENT: _("A fee is allowed.") if fee[Outcome.CLIENT_ABSENT] else _("No fee."),
        Outcome.PROVIDER_ABSENT: _("No fee. You can send a link to book another time."),
        Outcome.CANCELLED_LATE: _("By the client, inside %(cut_off)s. %(name)s is told.")
        % {"cut_off": cut_off, "name": row.client.known_as},
    }
    return [
        Choice(outcome, str(words), brings[outcome], number, outcome is given)
        for number, (outcome, words) in enumerate(WORDS.items(), start=1)
    ]


class OutcomeForm(PageForm):
    """An answer, with how the session stood on the page that asked, and the page to go back to."""

    outcome = forms.ChoiceField(choices=[(one.value, one.value) for one in Outcome], required=False)
    seen = forms.ChoiceField(choices=[(one.value, one.value) for one in Status], required=False)
    back = forms.ChoiceField(choices=[("home", "home"), ("list", "list")], required=False)

    def where(self, row: Appointment | None, provider: Provider | None) -> str:
        """Return the address of the page the answer came from."""
        if self.cleaned_data.get("back") == "home":
            return reverse("home")
        whose = f"&provider={provider.ref}" if provider else ""
        if self.cleaned_data.get("back") == "list":
            return f"{reverse('appointments')}?view=list&when=past{whose}"
        return reverse("appointment", args=[row.ref]) if row else reverse("appointments")


@require_POST
@for_staff
def outcome_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Say what became of one session, and go back to where it was asked."""
    row = own_appointment(staff, ref)
    staff = staff.acting_for(row.provider)
    form = OutcomeForm(request.POST)
    form.is_valid()
    outcome, seen = form.cleaned_data.get("outcome"), form.cleaned_data.get("seen")
    answer = WhatHappened(Outcome(outcome) if outcome else None, Status(seen or Status.SCHEDULED))
    sent = send(request, staff, form, say_what_happened, row.ref, said=answer)
    if sent.answer is None:
        # Shown where the question stood, with how things stand now.
        for sentence in form.non_field_errors():
            messages.error(request, str(sentence))
    else:
        words = _("Noted for %(name)s: %(outcome)s.")
        outcome = Outcome(sent.answer["outcome"])
        told = words % {"name": row.client.name, "outcome": WORDS[outcome]}
        # The page of the appointment offers it itself.
        if outcome is Outcome.PROVIDER_ABSENT and form.cleaned_data.get("back"):
            there = format_html(
                '<a href="{}">{}</a>', reverse("appointment", args=[row.ref]), _("Offer another time")
            )
            told = format_html("{} {}", told, there)
        messages.success(request, told)
    return redirect(form.where(row, row.provider))


@require_POST
@for_staff
def rebook_link_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Send the client of a session that we could not hold a link to book another time."""
    row = own_appointment(staff, ref)
    staff, form = staff.acting_for(row.provider), PageForm(request.POST)
    form.is_valid()
    sent = send(request, staff, form, send_rebook_link, row.ref)
    if sent.answer is None:
        for sentence in form.non_field_errors():
            messages.error(request, str(sentence))
    else:
        words = _("%(name)s is sent a link to book another time. It works for %(days)d days.")
        messages.success(request, words % {"name": row.client.known_as, "days": REBOOK_LINK_LIVES.days})
    return redirect("appointment", row.ref)


@require_POST
@for_staff
def took_place_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Say of several sessions at once that they took place: those that stood on the page, of one provider."""
    form = OutcomeForm(request.POST)
    form.is_valid()
    named = [ref_in(text) for text in request.POST.getlist("appointment")]
    # This person's to answer for; of several providers the first one's.
    found = list(staff.own(Appointment.objects.filter(ref__in=named)).select_related("provider"))
    rows = [row for row in found if row.provider_id == found[0].provider_id]
    if not rows:
        messages.info(request, _("There is nothing left to say about these sessions."))
        return redirect(form.where(None, None))
    staff = staff.acting_for(rows[0].provider)
    sent = send(request, staff, form, say_all_took_place, [row.ref for row in rows])
    if sent.answer is None:
        for sentence in form.non_field_errors():
            messages.error(request, str(sentence))
    else:
        count = int(sent.answer["said"])
        told = ngettext("%(count)d session took place.", "%(count)d sessions took place.", count)
        messages.success(request, told % {"count": count})
    return redirect(form.where(rows[0], rows[0].provider))
