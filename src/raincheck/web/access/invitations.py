"""The page behind an invitation's link: GET shows it, POST makes whoever holds it part of the practice and signs them in."""

from dataclasses import replace
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from raincheck.actions.access.invitations import accept_invitation
from raincheck.data.models import Invitation, User
from raincheck.domain.access.invitations import (
    InvitationEnded,
    InvitationRevoked,
    InvitationState,
    InvitationUsed,
    PasswordIsKept,
    WayBackNeedsPassword,
)
from raincheck.domain.people import SYSTEM, ActorKind, Role
from raincheck.domain.refusals import Refusal
from raincheck.queries.access.invitations import account_of, invitation_behind
from raincheck.web.access.attempts import WAIT
from raincheck.web.access.guesses import refused_guess
from raincheck.web.requests import arrival_of
from raincheck.web.submission import Submission, key_of, sentence_of, status_of

GONE = 410
INVITES = "raincheck invite --manager EMAIL --practice NAME"
ROLES = {
    Role.PROVIDER: (later("Provider"), later("has a calendar and clients")),
    Role.MANAGER: (later("Manager"), later("acts for every provider, people and settings")),
    Role.SCHEDULER: (later("Scheduler"), later("calendar, requests, clients; no conversations or settings")),
}
"""What somebody is invited as, and what that means."""
PASSWORDS = {"password", "again"}


class ChooseForm(forms.Form):
    """A new password, written twice."""

    password = forms.CharField(
        label=later("Choose a password"),
        help_text=later("At least 8 characters. Several words in a row are a good one."),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": later("Please choose a password.")},
    )
    again = forms.CharField(
        label=later("The same password once more"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": later("Please write the password once more.")},
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two passwords differ. Please write the same one twice."))
        return again


class KnownForm(forms.Form):
    """The password of somebody who has one; tries count as they do at the sign-in."""

    password = forms.CharField(
        label=later("Your password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": later("Please enter your password.")},
    )

    def __init__(self, *args: Any, request: HttpRequest, email: str, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.request, self.email = request, email

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if get_adapter().authenticate(self.request, email=self.email, password=password) is None:
            raise forms.ValidationError(
                _("That is not the password of this e-mail address. Please try again.")
            )
        return password


class SignedInForm(forms.Form):
    """Nothing to fill in: who is signed in has shown who they are."""


@sensitive_post_parameters(*PASSWORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_behind(token)
    if invitation is None:
        return refused_guess(request) or render(
            request, "raincheck/access/invitation_unknown.html", status=404
        )
    if request.method == "POST":
        return _accept(request, invitation)
    if _state(request, invitation) is not InvitationState.OPEN:
        return _closed(request, invitation)
    return _show(request, invitation, _form(request, invitation))


def _accept(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = _form(request, invitation, request.POST)
    is_open = _state(request, invitation) is InvitationState.OPEN
    # One that is open no more may have been used by this very form, sent twice: its key knows.
    if is_open and not form.is_valid():
        # A wrong password is answered as at the sign-in, so that a proxy in front can count it.
        refused = 401 if isinstance(form, KnownForm) else 422
        return _show(request, invitation, form, status=429 if WAIT in request.META else refused)
    password = request.POST.get("password", "")
    # Before the transaction, since it is made to take long.
    encoded = make_password(password) if is_open and isinstance(form, ChooseForm) else None
    verb = partial(accept_invitation, invitation.ref, password=encoded)
    try:
        # A hash of everything that was sent is kept with the key, and of a password none may be that is quick to try.
        submission = replace(Submission.of(request, by=SYSTEM), body={"path": request.path})
        answer = submission.run(lambda now, **_by: verb(now=now))
    except (InvitationUsed, InvitationEnded, InvitationRevoked):
        return _closed(request, invitation)
    except (PasswordIsKept, WayBackNeedsPassword) as refusal:
        form = _form(request, invitation)
        return _show(request, invitation, form, refused=refusal, status=status_of(refusal))
    except Refusal as refusal:
        return _show(request, invitation, form, refused=refusal, status=status_of(refusal))
    return _enter(request, invitation, User.objects.get(ref=answer["user"]), password)


def _enter(request: HttpRequest, invitation: Invitation, user: User, password: str) -> HttpResponse:
    """Sign in whoever has just accepted, and lead them to Home; a second factor is asked for there, as after any sign-in."""
    # A new password may have ended the very session that this came by.
    if request.user == user and not password:
        return redirect("home")
    # A form that was sent twice got the first answer: it must have said the same password.
    if not user.check_password(password):
        return _closed(request, invitation)
    login = Login(user=user, email=user.email, redirect_url=reverse("home"))
    response: HttpResponse = perform_password_login(request, {"email": user.email}, login)
    return response


def _state(request: HttpRequest, invitation: Invitation) -> InvitationState:
    return invitation.state(now=arrival_of(request).at)


def _form(request: HttpRequest, invitation: Invitation, sent: QueryDict | None = None) -> forms.Form:
    """Return the form for whoever holds the link: a new password, the one they have, or none for who is signed in.

    Who comes back chooses a new one, whatever they have.
    """
    user = account_of(invitation.email)
    if user is None or not user.has_usable_password() or invitation.is_way_back():
        return ChooseForm(sent, user=user or User(email=invitation.email, name=invitation.name))
    if request.user == user:
        return SignedInForm(sent)
    return KnownForm(sent, request=request, email=invitation.email)


def _show(
    request: HttpRequest,
    invitation: Invitation,
    form: forms.Form,
    *,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "practice": invitation.practice,
        "roles": [ROLES[Role(role)] for role in invitation.roles],
        "form": form,
        "choosing": isinstance(form, ChooseForm),
        "way_back": invitation.is_way_back(),
        "refused": sentence_of(refused) if refused else "",
        "key": key_of(request),
    }
    return render(request, "raincheck/access/invitation.html", context, status=status)


def _closed(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Say what became of a link that opens nothing any more; it tells nothing of anybody."""
    invitation.refresh_from_db()
    context = {
        "practice": invitation.practice,
        "state": _state(request, invitation),
        "by_operator": invitation.made_by_kind == ActorKind.OPERATOR,
        "command": INVITES,
    }
    return render(request, "raincheck/access/invitation_closed.html", context, status=GONE)
