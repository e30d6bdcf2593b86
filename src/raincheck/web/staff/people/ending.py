"""The end of somebody's access: what becomes of each appointment that is booked with them, and the way back."""

from collections.abc import Iterable
from functools import partial
from uuid import uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.access.people import end_access, give_access_back
from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.engine.runner import run_command
from raincheck.data.models import Appointment
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Role
from raincheck.domain.refusals import Refusal
from raincheck.queries.access.people import Colleague, booked_ahead_with
from raincheck.web.access.step_up import asked_again
from raincheck.web.requests import Ref
from raincheck.web.staff.people.person import colleague, show_person
from raincheck.web.staff.shell import PageForm, Staff, for_managers, send, send_and_tell, show
from raincheck.web.submission import Submission, key_of, sentence_of

CANCEL = "cancel"
"""What a row's choice says besides keeping it."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
@asked_again
def end_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Ask once more, with everything that is booked; end the access, then cancel what was chosen."""
    one = colleague(staff, ref)
    if one.ended_at is not None and request.method != "POST":
        return redirect("person", ref=ref)
    if request.method != "POST":
        return _page(request, staff, one, PageForm())
    form = PageForm(request.POST)
    sent = send(request, staff, form, end_access, ref, practice_id=staff.practice.pk)
    if sent.answer is None:
        return _page(request, staff, one, form, status=sent.status)
    messages.success(request, _("%(name)s can't enter here any more, from now on.") % {"name": one.user.name})
    _cancel_chosen(request, staff, one)
    if one.user.pk == staff.membership.user_id:
        return redirect("home")
    return redirect("person", ref=ref)


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def appointments_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Cancel what was chosen of the appointments with somebody who left."""
    one = colleague(staff, ref)
    if request.method != "POST" or one.provider is None or one.provider.left_at is None:
        return redirect("person", ref=ref)
    try:
        Submission.of(request, by=staff.actor)
    except Refusal as refusal:
        form = PageForm(request.POST)
        form.refuse(refusal)
        return show_person(request, staff, one, form, status=422)
    _cancel_chosen(request, staff, one)
    return redirect("person", ref=ref)


@require_POST
@for_managers
def give_back(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Let somebody in again."""
    one = colleague(staff, ref)
    return send_and_tell(
        request,
        staff,
        partial(give_access_back, ref, practice_id=staff.practice.pk),
        told=_("%(name)s can enter again, as before.") % {"name": one.user.name},
        to=reverse("person", args=[ref]),
    )


def _cancel_chosen(request: HttpRequest, staff: Staff, one: Colleague) -> None:
    """Cancel each appointment that was chosen so, by itself: one that can't be is named, and keeps no other."""
    if one.provider is None:
        return
    chosen = [
        row
        for row in booked_ahead_with(one.provider, now=staff.now)
        if request.POST.get(f"row-{row.ref}") == CANCEL
    ]
    failed = [(row, refusal) for row in chosen if (refusal := _cancelled(request, staff, row))]
    done = len(chosen) - len(failed)
    if done:
        words = ngettext(
            "One appointment is canceled, and the client is told.",
            "%(count)d appointments are canceled, and the clients are told.",
            done,
        )
        messages.success(request, words % {"count": done})
    for row, refusal in failed:
        messages.error(request, f"{row.client.name}: {sentence_of(refusal)}")


def _cancelled(request: HttpRequest, staff: Staff, row: Appointment) -> Refusal | None:
    """Cancel one of several appointments of a form, once however often it is sent; return why not when it can't be."""
    sent = Submission.of(request, by=staff.actor)
    # Nobody is there any more with whom a new time could be booked: the client reads whom to call instead.
    cancellation = Cancellation(CancelReason.UNAVAILABLE, rebook_link=False)
    verb = partial(
        cancel_appointment, row.ref, cancellation=cancellation, by=staff.actor, now=sent.arrival.at
    )
    try:
        run_command(
            verb,
            key=uuid5(sent.key, str(row.ref)),
            body={"path": request.path, "appointment": str(row.ref)},
            by=staff.actor,
            now=sent.arrival.at,
        )
    except Refusal as refusal:
        return refusal
    return None


def _page(
    request: HttpRequest, staff: Staff, one: Colleague, form: PageForm, *, status: int = 200
) -> HttpResponse:
    ahead: Iterable[Appointment] = ()
    if Role.PROVIDER in one.roles and one.provider is not None:
        ahead = list(booked_ahead_with(one.provider, now=staff.now))
    context = {
        "one": one,
        "form": form,
        "ahead": [(row, request.POST.get(f"row-{row.ref}") == CANCEL) for row in ahead],
        "is_me": one.user.pk == staff.membership.user_id,
        "zone": one.provider.zone if one.provider else staff.zone,
        "key": key_of(request),
    }
    return show(request, staff, "raincheck/staff/people/end.html", context, current="people", status=status)
