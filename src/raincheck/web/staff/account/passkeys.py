"""One's own passkeys: made with a name, renamed, removed."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_safe

from raincheck import clock
from raincheck.actions.access.passkeys import add_passkey, remove_passkey, rename_passkey, set_up_passkey
from raincheck.actions.access.webauthn import LARGEST, creation_options, passkey_made
from raincheck.data.access.passkeys import Passkey, passkeys_of
from raincheck.domain.access.passkeys import NAME_LIMIT, PasskeyNotMade, sound_name
from raincheck.domain.access.sign_in import Lack, SecondFactor
from raincheck.domain.refusals import Refusal
from raincheck.queries.access.second_factor import has_second_factor
from raincheck.web.access.passkeys import (
    MAKING,
    challenge_of,
    fresh_challenge,
    passkey_context,
    why_not_here,
    with_challenge,
)
from raincheck.web.access.session_life import key_of_session
from raincheck.web.access.step_up import asked_again
from raincheck.web.access.way_in import lack_of
from raincheck.web.requests import Ref
from raincheck.web.staff.account.first_factor import begun, is_over, leads_to, now_stands_on, to_codes
from raincheck.web.staff.shell import PageForm, Staff, for_staff, for_staff_without_second_factor, send, show
from raincheck.web.submission import key_of, status_of

TEMPLATES = "raincheck/staff/account"


class NameForm(PageForm):
    name = forms.CharField(
        label=later("Name"),
        help_text=later("So that you know it again, like Laptop or Blue key."),
        widget=forms.TextInput(attrs={"maxlength": NAME_LIMIT, "autocomplete": "off"}),
        error_messages={"required": later("Please give the passkey a name, like Laptop.")},
    )


class NewPasskeyForm(NameForm):
    credential = forms.CharField(max_length=LARGEST, required=False, widget=forms.HiddenInput)


@require_safe
@for_staff_without_second_factor
def options_page(_request: HttpRequest, staff: Staff) -> JsonResponse:
    """Tell the browser what kind of passkey to make, and which ones there are already."""
    if why := why_not_here():
        return JsonResponse({"why": why}, status=409)
    user, challenge = staff.membership.user, fresh_challenge()
    known = [one for _row, one in passkeys_of(user.pk)]
    return with_challenge(creation_options(user, challenge, known=known), challenge, cookie=MAKING)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff_without_second_factor
@asked_again
def new_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Add a passkey: the first second factor of who has none, else one more."""
    is_first = not has_second_factor(staff.membership.user_id)
    lacks = lack_of(request) == Lack.SECOND_FACTOR
    if over := is_over(request, is_set_up=lacks and not is_first):
        return over
    form = NewPasskeyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _add(request, staff, form, is_first=is_first) if form.is_valid() else 422
        if status == 200 and is_first:
            return to_codes(request)
        if status == 200:
            messages.success(request, _("Your new passkey signs you in from now on."))
            return redirect("account")
    context = {"form": form, "key": key_of(request), "is_first": is_first, "next": leads_to(request)}
    return render(request, f"{TEMPLATES}/new_passkey.html", context | passkey_context(), status=status)


def _add(request: HttpRequest, staff: Staff, form: NewPasskeyForm, *, is_first: bool) -> int:
    """Carry it out. Returns the status of the page that says why not; else 200."""
    name = form.cleaned_data["name"]
    try:
        # Before the passkey is looked at: it was made for nothing when its name is no good.
        sound_name(name)
        if why_not_here():
            raise PasskeyNotMade
        made = passkey_made(form.cleaned_data["credential"], challenge_of(request, cookie=MAKING))
    except Refusal as refusal:
        form.refuse(refusal)
        return status_of(refusal)
    verb = partial(set_up_passkey, codes=begun(request)["codes"]) if is_first else add_passkey
    sent = send(request, staff, form, verb, staff.membership.pk, name=name, made=made, at=clock.real_now())
    if sent.answer is None:
        return sent.status
    if is_first:
        now_stands_on(request, SecondFactor.PASSKEY)
    return 200


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def rename_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Call a passkey something else."""
    one = _own(staff, ref)
    form = NameForm(request.POST or None, initial={"name": one.name})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            verb = partial(rename_passkey, staff.membership.pk, ref, name=form.cleaned_data["name"])
            sent = send(request, staff, form, verb)
            if sent.answer is not None:
                messages.success(request, _("The passkey has a new name."))
                return redirect("account")
            status = sent.status
    context = {"form": form, "key": key_of(request), "one": one}
    return show(request, staff, f"{TEMPLATES}/rename_passkey.html", context, current="account", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@asked_again
def remove_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Ask once more, then take a passkey away; the last second factor stays."""
    one = _own(staff, ref)
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        verb = partial(
            remove_passkey, staff.membership.pk, ref, here=key_of_session(request), at=clock.real_now()
        )
        sent = send(request, staff, form, verb)
        if sent.answer is not None:
            messages.success(
                request, _("The passkey opens nothing any more, and every other device has to sign in again.")
            )
            return redirect("account")
        status = sent.status
    context = {"form": form, "key": key_of(request), "one": one}
    return show(request, staff, f"{TEMPLATES}/remove_passkey.html", context, current="account", status=status)


def _own(staff: Staff, ref: Ref) -> Passkey:
    for _row, one in passkeys_of(staff.membership.user_id):
        if one.ref == ref:
            return one
    raise Http404
