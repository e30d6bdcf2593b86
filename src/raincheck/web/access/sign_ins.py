"""Sign-ins in the read log: each that succeeded, failed or was refused is a row in every practice of the person's."""

from dataclasses import replace

from django.http import HttpRequest

from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.domain.access.events import Event
from raincheck.domain.people import SYSTEM
from raincheck.queries.access.read_log import as_whom
from raincheck.web.access.networks import network_of
from raincheck.web.requests import arrival_of

BY_THEMSELVES = (Event.SIGNED_IN, Event.SIGNED_OUT)


def note_entry(request: HttpRequest, what: Event, email: str) -> None:
    """Write down what came of a try to enter as the person of an address, who may be nobody.

    Nobody knows who failed, so such a row names the account and no actor. Asked and written alike for an address of
    nobody, so that how long it takes tells nothing.
    """
    arrival, (user, whoever) = arrival_of(request), as_whom(email)
    named = [who if what in BY_THEMSELVES else replace(SYSTEM, practice=who.practice) for who in whoever]
    log_readings(
        [
            Reading(
                replace(by, request_id=arrival.request_id),
                [],
                what,
                network_of(request).name,
                arrival.at,
                {"user": user} if user is not None else {},
            )
            for by in named or [SYSTEM]
        ]
    )
