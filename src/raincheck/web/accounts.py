"""The sign-in pages: allauth does the work, with our words, and its mail goes the way of all our messages."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import (
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.mixins import RedirectAuthenticatedUserMixin
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import (
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
    LoginView,
    LogoutView,
    PasswordResetView,
    RequestLoginCodeView,
)
from allauth.core import context
from allauth.utils import get_request_param
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.cache import never_cache

from raincheck.actions.access.sessions import end_sessions_of
from raincheck.actions.accounts import send_code
from raincheck.actions.engine.runner import run_command
from raincheck.data.people import User
from raincheck.demo.people import accounts
from raincheck.domain.access.events import Event
from raincheck.domain.access.passkeys import PasskeyRefused, PasskeyTooLate
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.access.sign_in import Lack
from raincheck.domain.limits import Entry
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.queries.reschedule.links import addressee
from raincheck.queries.staff import at_work
from raincheck.web.access.attempts import SaysHowItEnded, attempt_of, count_try, forget_tries
from raincheck.web.access.guesses import refused_guess
from raincheck.web.access.known_devices import remember_device
from raincheck.web.access.networks import network_of
from raincheck.web.access.passkeys import passkey_context, prove_by_passkey, said_to_be
from raincheck.web.access.second_factor import SecondFactorStage
from raincheck.web.access.session_life import begin, farewell, key_of_session, real_arrival
from raincheck.web.access.sign_ins import note_entry
from raincheck.web.access.way_in import lack_of, proof_in_records
from raincheck.web.client.link_cookie import forget_all, remembered
from raincheck.web.context import in_demo
from raincheck.web.requests import arrival_of
from raincheck.web.submission import sentence_of

CODE_LIVES = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, since practices make accounts, and hands codes to our own messages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and password don't belong together. Please check both and try again."
        ),
        "incorrect_code": _("That is not the code we sent. Please check it, or ask for a new one."),
        "too_many_login_attempts": _("That was one try too many. Please ask for a new code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth names it
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(request).name

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Return whose address and password these are; the try counts before it is known, and no more once it succeeded."""
        attempt = attempt_of(request, Entry.PASSWORD, credentials.get("email", ""))
        count_try(request, attempt)
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            forget_tries(request, attempt)
        else:
            note_entry(request, Event.SIGN_IN_FAILED, attempt.account)
        return user

    def get_login_stages(self) -> list[str]:
        ours = f"{SecondFactorStage.__module__}.{SecondFactorStage.__name__}"
        return [
            ours if path == "allauth.mfa.stages.AuthenticateStage" else path
            for path in super().get_login_stages()
        ]

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **named: Any) -> HttpResponse:
        begin(request, user, proof_in_records(request, user))
        response: HttpResponse = super().post_login(request, user, **named)
        remember_device(request, response, user.get_username())
        note_entry(request, Event.SIGNED_IN, user.get_username())
        return response

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Keep a new password, and end what was opened with the one before."""
        super().set_password(user, password)
        # This very session ends with the next page, since it was opened by the password before.
        here = key_of_session(context.request)
        at = arrival_of(context.request).at
        real = real_arrival(context.request)
        verb = partial(end_sessions_of, user.pk, SessionEnd.PASSWORD, but=here, at=at, now=real)
        run_command(verb, key=None, body={}, by=SYSTEM, now=at)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002  # allauth names it
        """Send the code that allauth wants to mail: to sign in, or to choose a new password. It mails nothing else."""
        now = arrival_of(context["request"]).at
        # What was typed may have capitals; addresses are kept without.
        user = User.objects.get(email=email.lower())
        verb = partial(send_code, user, code=context["code"], lives=CODE_LIVES, now=now)
        # The form is allauth's and has no key; the limits on codes stand against repeats.
        run_command(verb, key=None, body={}, by=SYSTEM, now=now)


class _KnowsWhomItWroteTo:
    """A page that asks for an address: whoever came by a link of ours finds the one it went to filled in."""

    request: HttpRequest
    asks_for: str

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_initial()  # type: ignore[misc]  # the page's own, which comes after
        refs = remembered(self.request)
        return initial | ({self.asks_for: addressee(refs, now=arrival_of(self.request).at)} if refs else {})


class CodePage(SaysHowItEnded, _KnowsWhomItWroteTo, RequestLoginCodeView):
    refused, asks_for = 422, "email"


class ForgottenPage(SaysHowItEnded, PasswordResetView):
    refused = 422


class _NotesWrongCodes(SaysHowItEnded):
    """A page that asks for a code from a mail: a wrong one stands in the read log."""

    _process: Any

    def form_invalid(self, form: Form) -> HttpResponse:
        # Whom the code went to; an address of nobody is one here, too.
        note_entry(self.request, Event.CODE_FAILED, self._process.state.get("email") or "")
        return super().form_invalid(form)


class EnterCodePage(_NotesWrongCodes, ConfirmLoginCodeView):
    pass


class ForgottenCodePage(_NotesWrongCodes, ConfirmPasswordResetCodeView):
    pass


class SignIn(SaysHowItEnded, _KnowsWhomItWroteTo, LoginView):
    """The sign-in page; in the demo it also lets anybody in without a password."""

    asks_for = "login"

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        way_past: Any = super()
        if self.is_for_more:
            # Not led on, as others are who are signed in.
            way_past = super(RedirectAuthenticatedUserMixin, self)
        response: HttpResponseBase = way_past.dispatch(request, *args, **named)
        return response

    @cached_property
    def is_for_more(self) -> bool:
        """Whether somebody of a practice is signed in by less than the page takes that they are on the way to."""
        user, to = self.request.user, get_request_param(self.request, REDIRECT_FIELD_NAME) or ""
        if not user.is_authenticated or not to or to.startswith(reverse("portal")):
            return False
        return lack_of(self.request) == Lack.SIGN_IN and at_work(user.pk) is not None

    def form_valid(self, form: Form) -> HttpResponse:
        if self.is_for_more:
            logout(self.request)
        response: HttpResponse = super().form_valid(form)
        return response

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**named)
        context |= passkey_context() | {"is_for_more": self.is_for_more}
        context["farewell"] = farewell(self.request)
        return context | ({"accounts": accounts()} if in_demo(self.request) else {})


class PasskeySignIn(SignIn):
    """Signs in whose passkey it is: who makes sure of themselves on their device needs neither address nor password."""

    def get(self, *_args: Any, **_named: Any) -> HttpResponse:
        # Whoever loads a refused page again begins anew.
        return redirect("sign-in")

    def post(self, request: HttpRequest, *_args: Any, **_named: Any) -> HttpResponse:
        said = request.POST.get("credential", "")
        try:
            answer = prove_by_passkey(request, said)
        except PasskeyRefused as refusal:
            return refused_guess(request) or self._refused(refusal, said)
        except PasskeyTooLate as refusal:
            return self._again(refusal)
        user = User.objects.get(ref=answer["user"])
        if self.is_for_more:
            logout(request)
        record_authentication(request, user, "passkey")
        login = Login(user=user, email=user.email, redirect_url=get_next_redirect_url(request))
        response: HttpResponse = perform_login(request, login)
        return response

    def _refused(self, refusal: Refusal, said: str) -> HttpResponse:
        handle = said_to_be(said)
        user = User.objects.filter(ref=UUID(bytes=handle)).first() if handle and len(handle) == 16 else None
        note_entry(self.request, Event.SIGN_IN_FAILED, user.email if user is not None else "")
        return self._again(refusal)

    def _again(self, refusal: Refusal) -> HttpResponse:
        """Show the page again, without what the browser said: the password's form was not sent."""
        given = {
            name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")
        }
        form = self.get_form_class()(**given)
        context = self.get_context_data(form=form, passkey_refused=sentence_of(refusal))
        response: HttpResponse = self.render_to_response(context, status=self.refused)
        return response


class SignOut(LogoutView):
    """Ends the session, and what a link opened in this browser; the browser forgets what pages left in it."""

    def post(self, *args: Any, **named: Any) -> HttpResponse:
        was_signed_in = self.request.user.is_authenticated
        if was_signed_in:
            note_entry(self.request, Event.SIGNED_OUT, self.request.user.get_username())
        response: HttpResponse = super().post(*args, **named)
        # Who only starts over with a code keeps the link they came by.
        if was_signed_in:
            forget_all(response)
            # Cookies stay out of it: the one of the device is meant to outlive the session.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


sign_out = SignOut.as_view()
sign_in = SignIn.as_view()
sign_in_by_passkey = PasskeySignIn.as_view()
ask_for_code = CodePage.as_view()
forgotten = ForgottenPage.as_view()
enter_code = EnterCodePage.as_view()
forgotten_code = ForgottenCodePage.as_view()


def _count_code(email: str) -> None:
    """Count that a code is asked for, whether or not the address is known."""
    # allauth's forms know no request but the one of this thread.
    request = context.request
    count_try(request, attempt_of(request, Entry.CODE, email))


def _say(form: Form, **labels: str) -> None:
    """Give a form's fields our labels, and take the placeholders and hints away that allauth adds."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


class PasswordForm(LoginForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, login=gettext("E-mail address"), password=gettext("Password"))


class AddressForm(RequestLoginCodeForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, email=gettext("E-mail address"))

    def clean_email(self) -> str:
        _count_code(self.cleaned_data["email"])
        return str(super().clean_email())


class CodeForm(ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say_code(self)


class ForgottenForm(ResetPasswordForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, email=gettext("E-mail address"))

    def clean_email(self) -> str:
        _count_code(self.cleaned_data["email"])
        return str(super().clean_email())


class ForgottenCodeForm(ConfirmPasswordResetCodeForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say_code(self)


class NewPasswordForm(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, password1=gettext("New password"), password2=gettext("New password, once more"))
        self.fields["password1"].help_text = gettext(
            "At least 8 characters. Several words in a row are a good one."
        )


def _say_code(form: Form) -> None:
    _say(form, code=gettext("Code"))
    # So that telephones show their digits: codes hold nothing else.
    form.fields["code"].widget.attrs.update(inputmode="numeric", autofocus=True)
