"""Setting an authenticator app up: the QR code, the key in text, and the first code that proves it took."""

import base64
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import qrcode
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from qrcode.image.svg import SvgPathImage

from raincheck import clock
from raincheck.actions.access.second_factor import set_up_authenticator
from raincheck.domain.access.authenticator import fresh_secret
from raincheck.domain.access.recovery_codes import fresh_codes
from raincheck.domain.access.sign_in import Lack, Proof, SecondFactor
from raincheck.queries.access.second_factor import has_second_factor
from raincheck.web.access.attempts import forget_tries
from raincheck.web.access.second_factor import CodeField, try_second_factor
from raincheck.web.access.step_up import asked_again
from raincheck.web.access.way_in import lack_of, proof_of, remember_proof
from raincheck.web.staff.shell import PageForm, Staff, for_staff_without_second_factor, send
from raincheck.web.submission import key_of

TEMPLATE = "raincheck/staff/account/authenticator.html"
UNDER_WAY = "raincheck.authenticator"
"""The session's key with the secret and the recovery codes of an app that is being set up."""
FRESH_CODES = "raincheck.recovery_codes"
"""The session's key with recovery codes that are shown until somebody has kept them."""
PRODUCT = "Raincheck"


class FirstCodeForm(PageForm):
    code = CodeField(
        label=_("Code that your app shows"), error_messages={"required": _("Please type the code.")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff_without_second_factor
@asked_again
def authenticator_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Set an app up. Who has a second factor already can't replace it here."""
    user = staff.membership.user
    if FRESH_CODES in request.session:
        return redirect(f"{reverse('recovery-codes')}?{urlencode({'next': leads_to(request)})}")
    if has_second_factor(user.pk):
        lacks = lack_of(request) == Lack.SECOND_FACTOR
        return render(request, TEMPLATE, {"is_set_up": True, "lacks": lacks, "next": leads_to(request)})
    # The same until it is done: a page that was opened twice must not ask for two apps.
    begun = request.session.setdefault(UNDER_WAY, {"secret": fresh_secret(), "codes": fresh_codes()})
    form = FirstCodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        status = _set_up(request, staff, form, begun)
        if status == 200:
            return redirect(f"{reverse('recovery-codes')}?{urlencode({'next': leads_to(request)})}")
    elif request.method == "POST":
        status = 422
    context = {
        "form": form,
        "key": key_of(request),
        "secret": _spaced(begun["secret"]),
        "picture": picture_of(address_for_app(begun["secret"], account=user.email)),
        "email": user.email,
    }
    return render(request, TEMPLATE, context, status=status)


def _set_up(request: HttpRequest, staff: Staff, form: FirstCodeForm, begun: dict[str, Any]) -> int:
    """Carry it out, and let the session stand on it. Returns the status of the page that says why not; else 200."""
    user = staff.membership.user
    attempt = try_second_factor(request, user, form)
    if attempt is None:
        return 429
    verb = partial(
        set_up_authenticator, staff.membership.pk, typed=form.cleaned_data["code"], at=clock.real_now()
    )
    sent = send(request, staff, form, verb, secret=begun["secret"], codes=begun["codes"])
    if sent.answer is None:
        return sent.status
    forget_tries(request, attempt)
    remember_proof(request, Proof(proof_of(request).way, SecondFactor(sent.answer["factor"])))
    request.session.pop(UNDER_WAY, None)
    request.session[FRESH_CODES] = begun["codes"]
    return 200


def leads_to(request: HttpRequest) -> str:
    """Return the page of ours that somebody was on the way to."""
    to = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return to
    return reverse("start")


def address_for_app(secret: str, *, account: str) -> str:
    """Return what an app reads in the QR code, in the form that all of them know."""
    query = urlencode({"secret": secret, "issuer": PRODUCT}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{PRODUCT}:{account}')}?{query}"


def picture_of(text: str) -> str:
    """Return a QR code as the address of a picture that holds itself: our pages take no styles or scripts in it."""
    drawn: bytes = qrcode.make(text, image_factory=SvgPathImage, border=4).to_string()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"


def _spaced(secret: str) -> str:
    """Return a key as it is typed without losing one's place."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
