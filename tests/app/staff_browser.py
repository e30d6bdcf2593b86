"""Somebody of the practice at work: a browser that is signed in, at the tests' own time; and what pages say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, client_in, new_york

from raincheck import clock
from raincheck.actions.access.sessions import begin_session
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.people import Membership, User
from raincheck.domain.access.sign_in import SecondFactor, WayIn
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.web.access.way_in import PROOF, PROVED_AT
from raincheck.web.requests import Arrival
from raincheck.web.sessions import kept_key

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sign_in_staff(browser: Browser, email: str) -> None:
    """Give a browser the session that signing in by password and second factor gives."""
    browser.force_login(User.objects.get(email=email), backend=BACKEND)
    session = browser.session
    session[PROOF] = {"way": WayIn.PASSWORD, "factor": SecondFactor.AUTHENTICATOR}
    session[PROVED_AT] = clock.real_now().isoformat()
    session.save()
    # Tests tell their own times, weeks apart: this session is never idle, and nothing is written while it is used.
    user, key = User.objects.get(email=email), kept_key(session.session_key or "")
    begin_session(user.pk, key=key, way=WayIn.PASSWORD, device="", network="", now=FAR_AHEAD)


def prove_again(browser: Browser) -> None:
    """Let a browser's person have proved who they are just now."""
    session = browser.session
    session[PROVED_AT] = clock.real_now().isoformat()
    session.save()


class StaffBrowser:
    """A signed-in browser. Times are those of `now`; a form is sent with the key of the page it stood on."""

    def __init__(self, email: str, *, now: datetime = NOW) -> None:
        self.browser = Browser()
        sign_in_staff(self.browser, email)
        self.now = now

    def get(self, address: str, *, headers: dict[str, str] | None = None, **query: str) -> HttpResponse:
        return self.browser.get(address, query, headers=headers, **self._arrival())

    def post(self, address: str, /, *, key: str = "", htmx: bool = False, **said: Any) -> HttpResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        body = {"key": key or str(uuid4()), **said}
        return self.browser.post(address, body, headers=headers, **self._arrival())

    def queries(self, address: str) -> int:
        """Return how many queries a page makes."""
        with CaptureQueriesContext(connection) as made:
            assert self.get(address).status_code == 200
        return len(made)

    def _arrival(self, took: timedelta = timedelta(0)) -> dict[str, Any]:
        return {"raincheck.arrival": Arrival(self.now, clock.monotonic() - took.total_seconds())}


def okafor(now: datetime = NOW) -> StaffBrowser:
    return StaffBrowser("okafor@harbor.example", now=now)


def mallory(now: datetime = NOW) -> StaffBrowser:
    """A provider of another practice, who must see nothing."""
    return StaffBrowser("vance@elsewhere.example", now=now)


def manager(cast: Cast, now: datetime = NOW) -> StaffBrowser:
    """Sasha Lindqvist, who acts for every provider of Harbor Counseling."""
    return _member(cast, Role.MANAGER, "sasha@harbor.example", "Sasha Lindqvist", now=now)


def scheduler(cast: Cast, now: datetime = NOW) -> StaffBrowser:
    """Pia Vance, who keeps every calendar of Harbor Counseling, and reads nobody's words."""
    return _member(cast, Role.SCHEDULER, "pia@harbor.example", "Pia Vance", now=now)


def _member(cast: Cast, role: Role, email: str, name: str, *, now: datetime) -> StaffBrowser:
    user, made = User.objects.get_or_create(email=email, defaults={"name": name})
    if made:
        Membership.objects.create(practice=cast.practice, user=user, role=role)
    return StaffBrowser(email, now=now)


def crowd(cast: Cast, numbers: range, *, now: datetime = NOW) -> None:
    """Give Dr. Okafor more clients, one for each number, each asked about an appointment and having written since."""
    clients = [client_in(cast.practice, f"Client{number}", "Crowd") for number in numbers]
    starts = [new_york(18 + number // 8, 8 + number % 8) for number in numbers]
    booked = [cast.booked(start, client=client) for start, client in zip(starts, clients, strict=True)]
    for client, appointment in zip(clients, booked, strict=True):
        cast.asked(appointment, now=now)
        by = Actor(ActorKind.CLIENT, client.pk)
        verb = partial(write_message, cast.okafor.pk, client.pk, words="Let me see.", by=by, now=now)
        run_command(verb, key=None, body={}, by=by, now=now)


def section(response: HttpResponse, heading: str) -> str:
    """Return what the section below a heading says, as one line of text."""
    html = response.content.decode()
    found = re.search(rf"<h2[^>]*>{re.escape(heading)}</h2>.*?</section>", html, re.DOTALL)
    assert found, f"there is no section {heading}"
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found.group())).split())


def links(response: HttpResponse) -> dict[str, str]:
    """Return the links of a page's main part: address by words (the last of equal ones)."""
    main = response.content.decode().split("<main", 1)[1]
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', main, re.DOTALL)
    return {
        " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split()): unescape(address)
        for address, text in found
    }


def errors(response: HttpResponse) -> list[str]:
    """Return the sentences at the fields of a refused form."""
    html = response.content.decode()
    found = re.findall(r'<(?:div|p) class="error"[^>]*id=[^>]*>(.*?)</(?:div|p)>', html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split()) for text in found]


def key_in(response: HttpResponse) -> str:
    """Return the key of a page's forms."""
    found = re.search(r'name="key" value="([^"]+)"', response.content.decode().split("<main", 1)[1])
    assert found, "every form has a key"
    return found.group(1)


def a_file(data: bytes, name: str = "calendar.ics") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/calendar")
