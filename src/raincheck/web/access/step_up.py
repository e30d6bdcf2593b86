"""Steps that ask again who is there: an open computer must not be enough to end an access, reset a factor or take an export along.

Whoever proved who they are in this session within the last minutes goes on. Others are asked; the form that they sent
waits in the page that asks, and is carried out with the answer.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext_lazy as later

from raincheck.data.people import User
from raincheck.domain.access.events import Event
from raincheck.domain.access.sign_in import PROOF_HOLDS
from raincheck.domain.limits import Entry
from raincheck.notifications.formats import duration
from raincheck.queries.access.second_factor import has_passkey, has_second_factor
from raincheck.web.access.attempts import WAIT, attempt_of, count_try, forget_tries
from raincheck.web.access.passkeys import passkey_context
from raincheck.web.access.second_factor import PasskeyProofForm, SecondFactorForm
from raincheck.web.access.sign_ins import note_entry
from raincheck.web.access.way_in import has_proved_lately, note_proof
from raincheck.web.context import in_demo

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEMPLATE = "raincheck/access/asked_again.html"
PREFIX = "proof"
"""What the names of our own fields begin with, beside those of the form that waits."""
NOT_PART_OF_THE_FORM = "csrfmiddlewaretoken"


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A step that asks again: its words, the page that leads to it, and whether its own asks before it is even shown.

    A `file` is saved, not shown.
    """

    words: "StrOrPromise"
    back: str = "home"
    before_showing: bool = False
    file: bool = False


SENSITIVE = {
    "person": Sensitive(later("Take a role away"), "people"),
    "person-end": Sensitive(later("End access"), "people"),
    "person-second-factor": Sensitive(later("Reset the second step"), "people"),
    "emergency-open": Sensitive(later("Open a conversation in an emergency"), "clients"),
    "authenticator": Sensitive(later("Set up your second step"), "account"),
    "authenticator-change": Sensitive(later("Replace the authenticator app"), "account", before_showing=True),
    "authenticator-remove": Sensitive(later("Remove the authenticator app"), "account"),
    "passkey-new": Sensitive(later("Add a passkey"), "account"),
    "passkey-remove": Sensitive(later("Remove a passkey"), "account"),
    "recovery-codes-new": Sensitive(later("Make new recovery codes"), "account"),
    "read-log-file": Sensitive(
        later("Save the read log as a file"), "read-log", before_showing=True, file=True
    ),
    "export-file": Sensitive(
        later("Export clients or appointments"), "export", before_showing=True, file=True
    ),
}
"""By the name of the address: all of them, and `asked_again` stands at the view of each."""


class PasswordProofForm(forms.Form):
    """Takes the password again, of who has no second factor."""

    password = forms.CharField(
        label=later("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": later("Please type your password.")},
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **options: Any) -> None:
        super().__init__(*args, **options | {"label_suffix": ""})
        self.request, self.user = request, user

    def clean_password(self) -> str:
        typed = str(self.cleaned_data["password"])
        attempt = attempt_of(self.request, Entry.PASSWORD, self.user.get_username())
        count_try(self.request, attempt)
        if not check_password(typed, self.user.password):
            note_entry(self.request, Event.PASSWORD_FAILED, attempt.account)
            raise forms.ValidationError(
                later("That is not your password. Nothing was changed. Please type it again.")
            )
        forget_tries(self.request, attempt)
        return ""


ProofForm = SecondFactorForm | PasskeyProofForm | PasswordProofForm


def asked_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask who acts to prove again who they are, before `view(request, staff, …)`; the address has a row in SENSITIVE.

    It stands below the decorator that says who may come in: others find nothing here, and are asked nothing.
    """
    return asked_again_if(lambda *_request, **_named: True)(view)


def asked_again_if(
    is_sensitive: Callable[..., bool],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The same for a page of which only some forms are sensitive: those of which `is_sensitive(request, staff, …)` says so."""
    return partial(_guarded, is_sensitive=is_sensitive)


def _guarded(
    view: Callable[..., HttpResponse], *, is_sensitive: Callable[..., bool]
) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, staff: Any, *args: Any, **named: Any) -> HttpResponse:
        assert request.resolver_match is not None
        step = SENSITIVE[request.resolver_match.url_name or ""]
        if request.method == "POST" and is_sensitive(request, staff, *args, **named):
            sent, request.POST = request.POST, _without_proof(request.POST)  # type: ignore[assignment]  # WSGIRequest lets it be set
            form = proof_form(request, staff.membership.user, sent)
            if is_free(request) or has_proved(request, form):
                return view(request, staff, *args, **named)
            waiting = [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name != NOT_PART_OF_THE_FORM
            ]
            return asking(request, step, form, waiting=waiting, action=request.get_full_path())
        if step.before_showing and not is_free(request):
            return redirect(f"{reverse('asked-again')}?{urlencode({'to': request.get_full_path()})}")
        return view(request, staff, *args, **named)

    guarded.asks_again = True  # type: ignore[attr-defined]  # a test goes by it through all addresses
    return guarded


def proof_form(request: HttpRequest, user: User, sent: QueryDict | None = None) -> ProofForm:
    """Return the form that asks for somebody's second factor, or for the password of who has none; read when it was sent."""
    form: type[ProofForm] = SecondFactorForm if has_second_factor(user.pk) else PasswordProofForm
    if sent is not None and f"{PREFIX}-credential" in sent:
        form = PasskeyProofForm
    answered = sent is not None and any(name.startswith(f"{PREFIX}-") for name in sent)
    return form(sent if answered else None, prefix=PREFIX, request=request, user=user)


def is_free(request: HttpRequest) -> bool:
    """Return whether nothing is asked: it was proved in this session a moment ago, or this is the demo, which has nothing to prove."""
    return in_demo(request) or has_proved_lately(request)


def has_proved(request: HttpRequest, form: forms.Form) -> bool:
    """Return whether the form proves it, and let the session say so."""
    if form.is_valid():
        note_proof(request)
        return True
    # The same form sent twice at once: its code was used a moment ago, by this very session.
    return form.is_bound and has_proved_lately(request, anew=True)


def asking(request: HttpRequest, step: Sensitive, form: ProofForm, **more: object) -> HttpResponse:
    """Render the page that asks, with the status of what was wrong with the last answer."""
    status = 429 if WAIT in request.META else 422 if request.method == "POST" else 200
    context = {"step": step, "form": form, "holds": duration(PROOF_HOLDS), **more, **passkey_context()}
    user = form.user
    context |= {"typed": form, "has_passkey": has_passkey(user.pk)}
    if isinstance(form, PasskeyProofForm):
        # Who tries a passkey in vain can still type a code.
        context["typed"] = SecondFactorForm(prefix=PREFIX, request=request, user=user)
    return render(request, TEMPLATE, context, status=status)


def step_at(address: str) -> Sensitive | None:
    """Return the step that an address of ours is, when its page asks before it is shown."""
    parts = urlsplit(address)
    with suppress(Resolver404):
        step = SENSITIVE.get(resolve(parts.path).url_name or "")
        if step is not None and step.before_showing and not parts.scheme and not parts.netloc:
            return step
    return None


def _without_proof(sent: QueryDict) -> QueryDict:
    """Return what the form said that waits: with the answer to us it would be another form under the same key."""
    said = sent.copy()
    for name in [name for name in said if name.startswith(f"{PREFIX}-")]:
        del said[name]
    return said
