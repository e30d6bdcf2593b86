"""The sign-in pages: allauth does the work, with our words, and its mail goes the way of all our messages."""

from datetime import timedelta
from functools import partial
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
from allauth.account.views import LoginView
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from raincheck.actions.accounts import send_code
from raincheck.actions.engine.runner import run_command
from raincheck.data.people import User
from raincheck.demo.people import accounts
from raincheck.domain.people import SYSTEM
from raincheck.web.context import in_demo
from raincheck.web.requests import arrival_of

CODE_LIVES = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, since practices make accounts, and hands codes to our own messages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and password don't belong together. Please check both and try again."
        ),
        "incorrect_code": _("That is not the code we sent. Please check it, or ask for a new one."),
        "too_many_login_attempts": _("That was one try too many. Please wait a few minutes and try again."),
        "rate_limited": _("That was one try too many. Please wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth names it
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002  # allauth names it
        """Send the code that allauth wants to mail: to sign in, or to choose a new password. It mails nothing else."""
        now = arrival_of(context["request"]).at
        # What was typed may have capitals; addresses are kept without.
        user = User.objects.get(email=email.lower())
        verb = partial(send_code, user, code=context["code"], lives=CODE_LIVES, now=now)
        # The form is allauth's and has no key; its rate limits stand against repeats.
        run_command(verb, key=None, body={}, by=SYSTEM, now=now)


class SignIn(LoginView):
    """The sign-in page; in the demo it also lets anybody in without a password."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**named)
        return context | ({"accounts": accounts()} if in_demo(self.request) else {})


sign_in = SignIn.as_view()


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


class CodeForm(ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say_code(self)


class ForgottenForm(ResetPasswordForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, email=gettext("E-mail address"))


class ForgottenCodeForm(ConfirmPasswordResetCodeForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say_code(self)


class NewPasswordForm(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        _say(self, password1=gettext("New password"), password2=gettext("New password, once more"))
        self.fields["password1"].help_text = gettext(
            "At least 10 characters. Several words in a row are a good one."
        )


def _say_code(form: Form) -> None:
    _say(form, code=gettext("Code"))
    # So that telephones show their digits: codes hold nothing else.
    form.fields["code"].widget.attrs.update(inputmode="numeric", autofocus=True)
