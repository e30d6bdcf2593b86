"""Guesses: addresses with a secret in them that are nobody's."""

from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.domain.limits import GUESSES
from raincheck.web.access.tallies import Tally

guesses = Tally(GUESSES)


def refused_guess(request: HttpRequest) -> HttpResponse | None:
    """Count an address that is nobody's; return the answer that refuses when there were too many of them, else None.

    Only what is nobody's is counted and refused: a real address always opens, whoever guesses in the same network.
    """
    pause = guesses.count(request)
    if not pause:
        return None
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(ceil(pause.total_seconds()))
    return response
