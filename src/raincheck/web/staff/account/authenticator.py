"""Authenticator apps, set up, replaced and taken away: the QR code, the key in text, and the first code that proves it took."""

import base64
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import qrcode
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods
from qrcode.image.svg import SvgPathImage

from raincheck import clock
from raincheck.actions.access.second_factor import (
    change_authenticator,
    remove_authenticator,
    set_up_authenticator,
)
from raincheck.actions.engine.runner import Answer
from raincheck.domain.access.authenticator import fresh_secret
from raincheck.domain.access.sign_in import SecondFactor
from raincheck.queries.access.second_factor import has_authenticator, has_second_factor
from raincheck.web.access.attempts import forget_tries
from raincheck.web.access.passkeys import passkey_context
from raincheck.web.access.second_factor import CodeField, try_second_factor
from raincheck.web.access.session_life import key_of_session
from raincheck.web.access.step_up import asked_again
from raincheck.web.staff.account.first_factor import begun, is_over, leads_to, now_stands_on, to_codes
from raincheck.web.staff.shell import PageForm, Staff, for_staff, for_staff_without_second_factor, send, show
from raincheck.web.submission import key_of

TEMPLATE = "raincheck/staff/account/authenticator.html"
NEXT_ONE = "raincheck.next_authenticator"
"""The session's key with the secret of the app that shall replace the present one."""
PRODUCT = "Raincheck"


class FirstCodeForm(PageForm):
    code = CodeField(
        label=later("Code that your app shows"), error_messages={"required": later("Please type the code.")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff_without_second_factor
@asked_again
def authenticator_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Set an app up as the first second factor, or choose a passkey instead."""
    if over := is_over(request, is_set_up=has_second_factor(staff.membership.user_id)):
        return over
    kept = begun(request)
    form = FirstCodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        verb = partial(set_up_authenticator, codes=kept["codes"])
        answer, status = _prove(request, staff, form, verb, kept["secret"])
        if answer is not None:
            now_stands_on(request, SecondFactor(answer["factor"]))
            return to_codes(request)
    context = _context(request, staff, form, kept["secret"]) | {"next": leads_to(request)}
    return render(request, TEMPLATE, context | passkey_context(), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@asked_again
def change_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Take a new app in the place of the present one, which works until the new one has shown its code; or one beside a passkey."""
    user_id = staff.membership.user_id
    if not has_second_factor(user_id):
        return redirect("authenticator")
    secret = request.session.setdefault(NEXT_ONE, fresh_secret())
    form = FirstCodeForm(request.POST or None)
    status, replaces = 200, has_authenticator(user_id)
    if request.method == "POST":
        verb = partial(change_authenticator, here=key_of_session(request))
        answer, status = _prove(request, staff, form, verb, secret)
        if answer is not None:
            request.session.pop(NEXT_ONE, None)
            told = _("The new app is the one that counts. The one before opens nothing any more.")
            messages.success(request, told if replaces else _("Your app works from now on."))
            return redirect("account")
    context = _context(request, staff, form, secret) | {"changing": True, "replaces": replaces}
    return render(request, TEMPLATE, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@asked_again
def remove_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Ask once more, then take the app away from who has a passkey besides."""
    if not has_authenticator(staff.membership.user_id):
        return redirect("account")
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        verb = partial(remove_authenticator, here=key_of_session(request), at=clock.real_now())
        sent = send(request, staff, form, verb, staff.membership.pk)
        if sent.answer is not None:
            messages.success(
                request, _("The app opens nothing any more, and every other device has to sign in again.")
            )
            return redirect("account")
        status = sent.status
    context = {"form": form, "key": key_of(request)}
    template = "raincheck/staff/account/remove_authenticator.html"
    return show(request, staff, template, context, current="account", status=status)


def _prove(
    request: HttpRequest, staff: Staff, form: FirstCodeForm, verb: partial[Answer], secret: str
) -> tuple[Answer | None, int]:
    """Carry the verb out with the code that the new app shows. Returns its answer, or the status of the page that says why not."""
    if not form.is_valid():
        return None, 422
    attempt = try_second_factor(request, staff.membership.user, form)
    if attempt is None:
        return None, 429
    named = {"secret": secret, "typed": form.cleaned_data["code"], "at": clock.real_now()}
    sent = send(request, staff, form, verb, staff.membership.pk, **named)
    if sent.answer is not None:
        forget_tries(request, attempt)
    return sent.answer, sent.status


def _context(request: HttpRequest, staff: Staff, form: FirstCodeForm, secret: str) -> dict[str, Any]:
    email = staff.membership.user.email
    return {
        "form": form,
        "key": key_of(request),
        # As it is typed without losing one's place.
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": picture_of(address_for_app(secret, account=email)),
        "email": email,
    }


def address_for_app(secret: str, *, account: str) -> str:
    """Return what an app reads in the QR code, in the form that all of them know."""
    query = urlencode({"secret": secret, "issuer": PRODUCT}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{PRODUCT}:{account}')}?{query}"


def picture_of(text: str) -> str:
    """Return a QR code as the address of a picture that holds itself: our pages take no styles or scripts in it."""
    drawn: bytes = qrcode.make(text, image_factory=SvgPathImage, border=4).to_string()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"
