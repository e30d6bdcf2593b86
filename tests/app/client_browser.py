"""A client on their pages: a link as a delivery attempt mints it, and a browser without an account at the tests' own time."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.cast import NOW

from raincheck import clock
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import Link
from raincheck.data.people import Recipient
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.web.requests import Arrival


def mint(about: RescheduleBatch | RebookOffer | Appointment) -> tuple[Link, str]:
    """Return a fresh link to a batch, a rebook offer or an appointment, sent to its client's e-mail, and its token."""
    token = secrets.token_urlsafe(32)
    recipient = Recipient.objects.get(client=about.client_id, is_client=True)
    link = Link.objects.create(
        practice_id=about.practice_id,
        hash=hashlib.sha256(token.encode()).digest(),
        recipient=recipient,
        client_id=about.client_id,
        batch=about if isinstance(about, RescheduleBatch) else None,
        rebook_offer=about if isinstance(about, RebookOffer) else None,
        appointment=about if isinstance(about, Appointment) else None,
        channel="email",
        address=recipient.email,
        made_at=NOW,
    )
    return link, token


class Visitor:
    """A browser that came by links. Times are those of `now`; a new one can be given at any step."""

    def __init__(self, *abouts: RescheduleBatch | RebookOffer | Appointment, now: datetime = NOW) -> None:
        self.browser = Browser()
        self.now = now
        self.key = str(uuid4())
        for about in abouts:
            _link, token = mint(about)
            assert self.get(f"/r/{token}/").status_code == 302

    def get(self, address: str, **query: str) -> HttpResponse:
        return self.browser.get(address, query, **self._arrival())

    def post(self, address: str, *, took: timedelta = timedelta(0), **said: str | list[str]) -> HttpResponse:
        """Send a form with this visitor's key unless `said` has another."""
        return self.browser.post(address, {"key": self.key, **said}, **self._arrival(took))

    def pick(
        self, address: str, start: datetime, *, took: timedelta = timedelta(0), **said: str
    ) -> HttpResponse:
        """Send the form as the page's script does: the words on the button were seen."""
        value = start.strftime("%Y-%m-%dT%H:%MZ")
        return self.post(address, took=took, start=value, confirmed=value, **said)

    def _arrival(self, took: timedelta = timedelta(0)) -> dict[str, Any]:
        return {"raincheck.arrival": Arrival(self.now, clock.monotonic() - took.total_seconds())}


def page_of(request: RescheduleRequest) -> str:
    """Return the address of the page of a request's batch."""
    return f"/choose/{request.batch.ref}/"


def form_of(request: RescheduleRequest) -> str:
    """Return the address a pick is sent to, which later shows the request's ending."""
    return f"/choose/{request.batch.ref}/{request.ref}/"


def handed_over(request: RescheduleRequest) -> RescheduleRequest:
    """Let the prompt have been taken over by the mail server at once."""
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=request.asked_at)
    return request


def words(response: HttpResponse) -> str:
    """Return what a page's main part says, as one line of text."""
    html = response.content.decode()
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert main, "every page has a main part"
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main.group())).split())


def choosable(response: HttpResponse) -> list[str]:
    """Return the accessible names of all radio buttons of a page."""
    html = response.content.decode()
    labels = re.findall(r'<input type="radio"[^>]*><label[^>]*>(.*?)</label>', html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", "", label)).split()) for label in labels]
