"""Tries of strangers, who have no session: counted by network in this process, since asking the database would be what they want."""

import threading
from collections import OrderedDict
from datetime import timedelta

from django.http import HttpRequest

from raincheck.domain.limits import Limit, Tries, counted, wait
from raincheck.web.access.networks import network_of
from raincheck.web.requests import arrival_of

REMEMBERED = 10_000
"""So many networks; the one that was counted longest ago falls out first."""


class Tally:
    """The tries of each network at one thing."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._networks: OrderedDict[str, Tries] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, request: HttpRequest) -> timedelta:
        """Count one try and return NO_WAIT; when it comes too soon, count nothing and return how long to wait."""
        name, now = network_of(request).name, arrival_of(request).at
        with self._lock:
            tries = self._networks.get(name)
            pause = wait(tries, self._limit, now=now)
            if not pause:
                self._networks[name] = counted(tries, self._limit, now=now)
                self._networks.move_to_end(name)
                if len(self._networks) > REMEMBERED:
                    self._networks.popitem(last=False)
            return pause

    def forget(self) -> None:
        """Begin anew, as in a process that was just started."""
        with self._lock:
            self._networks.clear()
