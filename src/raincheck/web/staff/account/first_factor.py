"""The first second factor: whichever it is, recovery codes are shown once it stands, and then the page one was on the way to."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from raincheck.domain.access.authenticator import fresh_secret
from raincheck.domain.access.recovery_codes import fresh_codes
from raincheck.domain.access.sign_in import Lack, Proof, SecondFactor
from raincheck.web.access.way_in import lack_of, proof_of, remember_proof

UNDER_WAY = "raincheck.authenticator"
"""The session's key with the secret of an app that is being set up, and the recovery codes to come."""
FRESH_CODES = "raincheck.recovery_codes"
"""The session's key with recovery codes that are shown until somebody has kept them."""


def begun(request: HttpRequest) -> dict[str, Any]:
    """Return what is being set up: the same until it stands, since a page opened twice must not ask for two apps."""
    kept: dict[str, Any] = request.session.setdefault(
        UNDER_WAY, {"secret": fresh_secret(), "codes": fresh_codes()}
    )
    return kept


def is_over(request: HttpRequest, *, is_set_up: bool) -> HttpResponse | None:
    """Return the page that is shown in place of one that sets a factor up, when that is done; None when it is not.

    A session that began before its person had one can't change it: it proved nothing but the password.
    """
    if FRESH_CODES in request.session:
        return to_codes(request)
    if not is_set_up:
        return None
    context = {"next": leads_to(request), "lacks": lack_of(request) == Lack.SECOND_FACTOR}
    return render(request, "raincheck/staff/account/set_up_already.html", context)


def now_stands_on(request: HttpRequest, factor: SecondFactor) -> None:
    """Let the session stand on the factor that was just set up, and show its codes until they are kept."""
    remember_proof(request, Proof(proof_of(request).way, factor))
    request.session[FRESH_CODES] = begun(request)["codes"]
    del request.session[UNDER_WAY]


def to_codes(request: HttpRequest) -> HttpResponse:
    """Lead to the recovery codes, and from there on."""
    return redirect(f"{reverse('recovery-codes')}?{urlencode({'next': leads_to(request)})}")


def leads_to(request: HttpRequest) -> str:
    """Return the page of ours that somebody was on the way to."""
    to = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return to
    return reverse("start")
