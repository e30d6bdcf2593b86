"""Tries at the ways in: each is counted before it is looked at, and a refusal says how long to wait."""

from functools import partial
from math import ceil

from django.forms import Form, ValidationError
from django.http import HttpRequest, HttpResponse

from raincheck.actions.engine.runner import run_command
from raincheck.actions.limits import Attempt, take_back, try_to_enter
from raincheck.domain.access.events import Event
from raincheck.domain.limits import Entry, TooManyTries
from raincheck.domain.people import SYSTEM
from raincheck.web.access.known_devices import device_of
from raincheck.web.access.networks import network_of
from raincheck.web.access.sign_ins import note_entry
from raincheck.web.requests import arrival_of
from raincheck.web.submission import sentence_of

WAIT = "raincheck.wait"
"""The key of a request's META with how long a visitor has to wait who tried too often."""


def attempt_of(request: HttpRequest, entry: Entry, account: str) -> Attempt:
    """Return who tries a way in."""
    network = network_of(request)
    return Attempt(entry, account, network.name, proxy=network.proxy, device=device_of(request, account))


def count_try(request: HttpRequest, attempt: Attempt) -> None:
    """Count a try. Raises ValidationError when it comes too soon after too many."""
    now = arrival_of(request).at
    try:
        run_command(partial(try_to_enter, attempt, now=now), key=None, body={}, by=SYSTEM, now=now)
    except TooManyTries as refusal:
        request.META[WAIT] = refusal.wait
        note_entry(request, Event.SIGN_IN_REFUSED, attempt.account)
        raise ValidationError(sentence_of(refusal)) from None


def forget_tries(request: HttpRequest, attempt: Attempt) -> None:
    """Take back a try that succeeded."""
    now = arrival_of(request).at
    run_command(partial(take_back, attempt, now=now), key=None, body={}, by=SYSTEM, now=now)


class SaysHowItEnded:
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
