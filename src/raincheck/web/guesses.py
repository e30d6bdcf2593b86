"""Guesses at addresses that hold a secret, counted by network in this process: asking the database would be what they want."""

import threading
from collections import OrderedDict
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.domain.limits import GUESSES, Tries, counted, wait
from raincheck.web.networks import network_of
from raincheck.web.requests import arrival_of

REMEMBERED = 10_000
"""So many networks; the one that guessed longest ago falls out first."""

_networks: OrderedDict[str, Tries] = OrderedDict()
_lock = threading.Lock()


def refused_guess(request: HttpRequest) -> HttpResponse | None:
    """Count an address that is nobody's; return the answer that refuses when there were too many of them, else None.

    Only what is nobody's is counted and refused: a real address always opens, whoever guesses in the same network.
    """
    name, now = network_of(request).name, arrival_of(request).at
    with _lock:
        tries = _networks.get(name)
        pause = wait(tries, GUESSES, now=now)
        if not pause:
            _networks[name] = counted(tries, GUESSES, now=now)
            _networks.move_to_end(name)
            if len(_networks) > REMEMBERED:
                _networks.popitem(last=False)
            return None
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(ceil(pause.total_seconds()))
    return response


def forget_guesses() -> None:
    """Begin anew, as a process that was just started."""
    with _lock:
        _networks.clear()
