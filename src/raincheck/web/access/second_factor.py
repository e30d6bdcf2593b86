"""The second factor at the sign-in: who signs in by password and has one is asked for it before anything opens."""

from functools import partial
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.httpkit import headed_redirect_response
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic.edit import FormView

from raincheck import clock
from raincheck.actions.access.second_factor import prove_second_factor
from raincheck.actions.access.webauthn import LARGEST
from raincheck.actions.engine.runner import run_command
from raincheck.actions.limits import Attempt
from raincheck.data.encryption import SECOND_FACTORS, seal, unseal
from raincheck.data.people import User
from raincheck.domain.access.events import Event
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.limits import Entry
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.queries.access.second_factor import has_authenticator, has_passkey, has_second_factor
from raincheck.web.access.attempts import SaysHowItEnded, attempt_of, count_try, forget_tries
from raincheck.web.access.passkeys import passkey_context, prove_by_passkey
from raincheck.web.access.sign_ins import note_entry
from raincheck.web.access.way_in import proof_in_records
from raincheck.web.requests import arrival_of
from raincheck.web.submission import sentence_of


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seals what allauth keeps of second factors, as all of ours is sealed."""

    def encrypt(self, text: str) -> str:
        return seal(text.encode(), purpose=SECOND_FACTORS).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text.encode("ascii"), purpose=SECOND_FACTORS).decode()


class SecondFactorStage(AuthenticateStage):
    """The step of the sign-in that asks for it. A code by mail opens no page of a practice, so it is asked nothing more."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        asked = (
            proof_in_records(self.request, user).way == WayIn.PASSWORD
            and user is not None
            and has_second_factor(user.pk)
        )
        return (headed_redirect_response("mfa_authenticate") if asked else None), True


class PasskeyProofForm(forms.Form):
    """Takes a passkey in place of a code, as the browser hands it over."""

    credential = forms.CharField(max_length=LARGEST, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, user: User, **options: Any) -> None:
        super().__init__(*args, **options | {"label_suffix": ""})
        self.request, self.user = request, user
        self.factor = ""

    def clean(self) -> dict[str, Any]:
        said = str(self.cleaned_data.get("credential", ""))
        try:
            self.factor = prove_by_passkey(self.request, said, user_id=self.user.pk)["factor"]
        except Refusal as refusal:
            note_entry(self.request, Event.SECOND_FACTOR_FAILED, self.user.get_username())
            raise forms.ValidationError(sentence_of(refusal)) from None
        return self.cleaned_data


class CodeField(forms.CharField):
    """A code, as people type it."""

    def __init__(self, *, at_once: bool = False, **options: Any) -> None:
        """Make one. Only where the code is all that the page is about may it have the focus `at_once`."""
        widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": at_once})
        # Longer than any code with its spaces; nothing that long is looked at.
        super().__init__(max_length=40, widget=widget, **options)


def try_second_factor(request: HttpRequest, user: User, form: forms.Form) -> Attempt | None:
    """Count a try at somebody's second factor; None, with the sentence at the form's code, when it comes too soon."""
    attempt = attempt_of(request, Entry.SECOND_FACTOR, user.get_username())
    try:
        count_try(request, attempt)
    except forms.ValidationError as refused:
        form.add_error("code", refused)
        return None
    return attempt


class SecondFactorForm(forms.Form):
    """Takes a code of the app, or a recovery code."""

    code = CodeField(at_once=True, label=_("Code"), error_messages={"required": _("Please type the code.")})

    def __init__(self, *args: Any, request: HttpRequest, user: User, **options: Any) -> None:
        super().__init__(*args, **options | {"label_suffix": ""})
        self.request, self.user = request, user
        self.factor = ""

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"])
        attempt = attempt_of(self.request, Entry.SECOND_FACTOR, self.user.get_username())
        count_try(self.request, attempt)
        verb = partial(prove_second_factor, self.user.pk, typed=typed, at=clock.real_now())
        try:
            # A code works once: sent twice, the form is refused the second time.
            answer = run_command(verb, key=None, body={}, by=SYSTEM, now=arrival_of(self.request).at)
        except Refusal as refusal:
            note_entry(self.request, Event.SECOND_FACTOR_FAILED, attempt.account)
            raise forms.ValidationError(sentence_of(refusal)) from None
        forget_tries(self.request, attempt)
        self.factor = answer["factor"]
        return typed


@method_decorator(
    login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login"), name="dispatch"
)
class SecondFactorPage(SaysHowItEnded, FormView):  # type: ignore[type-arg]  # the stubs' generic has no arguments at run time
    """Asks for the second factor of whoever typed the right password."""

    template_name = "account/second_factor.html"

    def get_form_class(self) -> type[SecondFactorForm | PasskeyProofForm]:
        return PasskeyProofForm if "credential" in self.request.POST else SecondFactorForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self._whose()

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        whose = self._whose()
        user, form = whose["user"], named.get("form")
        # Who tries a passkey in vain can still type a code, and the other way round.
        code_form = form if isinstance(form, SecondFactorForm) else SecondFactorForm(**whose)
        factors = {"has_app": has_authenticator(user.pk), "has_passkey": has_passkey(user.pk)}
        return super().get_context_data(**named, code_form=code_form, **factors, **passkey_context())

    def form_valid(self, form: SecondFactorForm | PasskeyProofForm) -> HttpResponse:
        record_authentication(self.request, form.user, "mfa", type=form.factor)
        response: HttpResponse = self.request._login_stage.exit()  # type: ignore[attr-defined]
        return response

    def _whose(self) -> dict[str, Any]:
        stage = self.request._login_stage  # type: ignore[attr-defined]  # allauth keeps it there
        return {"request": self.request, "user": stage.login.user}


second_factor = SecondFactorPage.as_view()
