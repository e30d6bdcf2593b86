"""The sign-in pages: allauth does the work, with our words, and its mail goes the way of all our messages."""

from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import (
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.account.views import (
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
    LoginView,
    LogoutView,
    PasswordResetView,
    RequestLoginCodeView,
)
from allauth.core import context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.forms import Form, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from raincheck.actions.accounts import send_code
from raincheck.actions.engine.runner import run_command
from raincheck.actions.limits import Attempt, take_back, try_to_enter
from raincheck.data.people import User
from raincheck.demo.people import accounts
from raincheck.domain.limits import Entry, TooManyTries
from raincheck.domain.people import SYSTEM
from raincheck.queries.reschedule.links import addressee
from raincheck.web.access.known_devices import device_of, remember_device
from raincheck.web.access.networks import network_of
from raincheck.web.client.link_cookie import forget_all, remembered
from raincheck.web.context import in_demo
from raincheck.web.requests import arrival_of
from raincheck.web.submission import sentence_of

CODE_LIVES = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
WAIT = "raincheck.wait"
"""The key of a request's META with how long a visitor has to wait who tried too often."""


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
        attempt = _attempt(request, Entry.PASSWORD, credentials.get("email", ""))
        _count(request, attempt)
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            now = arrival_of(request).at
            run_command(partial(take_back, attempt, now=now), key=None, body={}, by=SYSTEM, now=now)
        return user

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **named: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **named)
        remember_device(request, response, user.get_username())
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002  # allauth names it
        """Send the code that allauth wants to mail: to sign in, or to choose a new password. It mails nothing else."""
        now = arrival_of(context["request"]).at
        # What was typed may have capitals; addresses are kept without.
        user = User.objects.get(email=email.lower())
        verb = partial(send_code, user, code=context["code"], lives=CODE_LIVES, now=now)
        # The form is allauth's and has no key; the limits on codes stand against repeats.
        run_command(verb, key=None, body={}, by=SYSTEM, now=now)


class _SaysHowItEnded:
    """A page that lets in: who is refused sees its form again, with a status that tells proxies in front of us."""

    request: HttpRequest
    refused = 401

    def form_invalid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # the page's own, which comes after
        wait = self.request.META.get(WAIT)
        if wait is not None:
            response.status_code = 429
            response["Retry-After"] = str(ceil(wait.total_seconds()))
        elif response.status_code == 200:
            response.status_code = self.refused
        return response


class _KnowsWhomItWroteTo:
    """A page that asks for an address: whoever came by a link of ours finds the one it went to filled in."""

    request: HttpRequest
    asks_for: str

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_initial()  # type: ignore[misc]  # the page's own, which comes after
        refs = remembered(self.request)
        return initial | ({self.asks_for: addressee(refs, now=arrival_of(self.request).at)} if refs else {})


class CodePage(_SaysHowItEnded, _KnowsWhomItWroteTo, RequestLoginCodeView):
    refused, asks_for = 422, "email"


class ForgottenPage(_SaysHowItEnded, PasswordResetView):
    refused = 422


class EnterCodePage(_SaysHowItEnded, ConfirmLoginCodeView):
    pass


class ForgottenCodePage(_SaysHowItEnded, ConfirmPasswordResetCodeView):
    pass


class SignIn(_SaysHowItEnded, _KnowsWhomItWroteTo, LoginView):
    """The sign-in page; in the demo it also lets anybody in without a password."""

    asks_for = "login"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**named)
        return context | ({"accounts": accounts()} if in_demo(self.request) else {})


class SignOut(LogoutView):
    """Ends the session, and what a link opened in this browser; the browser forgets what pages left in it."""

    def post(self, *args: Any, **named: Any) -> HttpResponse:
        was_signed_in = self.request.user.is_authenticated
        response: HttpResponse = super().post(*args, **named)
        # Who only starts over with a code keeps the link they came by.
        if was_signed_in:
            forget_all(response)
            # Cookies stay out of it: the one of the device is meant to outlive the session.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


sign_out = SignOut.as_view()
sign_in = SignIn.as_view()
ask_for_code = CodePage.as_view()
forgotten = ForgottenPage.as_view()
enter_code = EnterCodePage.as_view()
forgotten_code = ForgottenCodePage.as_view()


def _attempt(request: HttpRequest, entry: Entry, account: str) -> Attempt:
    network = network_of(request)
    return Attempt(entry, account, network.name, proxy=network.proxy, device=device_of(request, account))


def _count(request: HttpRequest, attempt: Attempt) -> None:
    """Count a try. Raises ValidationError when it comes too soon after too many."""
    now = arrival_of(request).at
    try:
        run_command(partial(try_to_enter, attempt, now=now), key=None, body={}, by=SYSTEM, now=now)
    except TooManyTries as refusal:
        request.META[WAIT] = refusal.wait
        raise ValidationError(sentence_of(refusal)) from None


def _count_code(email: str) -> None:
    """Count that a code is asked for, whether or not the address is known."""
    # allauth's forms know no request but the one of this thread.
    request = context.request
    _count(request, _attempt(request, Entry.CODE, email))


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
