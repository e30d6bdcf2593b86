"""Crowds choose the same times in the same moment, over HTTP, on the running server."""

from __future__ import annotations

import http.client
import re
import secrets
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from tests.app.cast import Cast, new_york, provider_in
from tests.app.client_browser import mint
from tests.verify.races.crowd import HOUR, asked_crowd
from tests.verify.races.promises import broken
from tests.web.site import Site

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleRequest

pytestmark = pytest.mark.browser
CROWD = 50
TOOK_TOO_LONG = "That took too long, nothing has changed, please try again."
DAY = timedelta(days=1)
THE_SLOT = new_york(1, 11, month=12)
MORE = ("Ames", "Bell", "Cole", "Dunn", "Ebel", "Frey", "Gray", "Hall")


class Person:
    """One client with their own link and cookies; a browser as far as a form needs one."""

    def __init__(self, site: Site, request: RescheduleRequest, start: datetime = THE_SLOT) -> None:
        _link, self.token = mint(request.batch)
        self.address = urlsplit(site.url).netloc
        self.batch, self.request = request.batch.ref, request.ref
        self.start = start.strftime("%Y-%m-%dT%H:%MZ")
        self.cookies: dict[str, str] = {}
        self.said: dict[str, str] = {}

    def come(self) -> None:
        """Follow the link and have a form at hand as its page would have made it."""
        self._send("GET", f"/r/{self.token}/")
        self.cookies["raincheck_csrf"] = secrets.token_hex(16)
        self.said = {"csrfmiddlewaretoken": self.cookies["raincheck_csrf"], "key": str(uuid.uuid4())}

    def open_the_page(self) -> None:
        self._send("GET", f"/r/{self.token}/")
        status, page = self._send("GET", f"/choose/{self.batch}/")
        assert status == 200
        csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        key = re.search(rf'action="[^"]*/{self.request}/".*?name="key" value="([\w-]+)"', page, re.DOTALL)
        assert csrf
        assert key
        self.said = {"csrfmiddlewaretoken": csrf[1], "key": key[1]}

    def pick(self) -> tuple[int, str]:
        """Pick as a person does: who is told that it took too long, which says nothing of the time, sends the form again."""
        form = urlencode({**self.said, "start": self.start, "confirmed": self.start})
        while True:
            status, page = self._send("POST", f"/choose/{self.batch}/{self.request}/", form)
            if TOOK_TOO_LONG not in page:
                return status, page

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        line = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://{self.address}",
            }
        line.request(method, path, body, headers)
        response = line.getresponse()
        for header in response.headers.get_all("Set-Cookie") or []:
            name, _equals, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        text = response.read().decode()
        line.close()
        return response.status, text


def all_at_once(people: list[Person]) -> list[tuple[int, str]]:
    gate = threading.Barrier(CROWD)

    def picked(number: int) -> tuple[int, str]:
        if number < CROWD:
            gate.wait(60)
        return people[number].pick()

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(picked, range(len(people))))


def states() -> Counter[str]:
    return Counter(RescheduleRequest.objects.values_list("state", flat=True))


def test_one_of_fifty_gets_the_slot_and_the_others_the_remaining_times(site: Site, cast: Cast) -> None:
    people = [Person(site, request) for request in asked_crowd(cast, cast.okafor, CROWD)]
    for person in people:
        person.open_the_page()
    answers = all_at_once(people)
    assert Counter(status for status, _page in answers) == {302: 1, 409: CROWD - 1}
    refusals = [page for status, page in answers if status == 409]
    said = "Tue, Dec 1 at 11:00 AM was just taken. Nothing has changed"
    assert [page for page in refusals if said not in page or 'type="radio"' not in page] == []
    assert Appointment.objects.filter(starts_at=THE_SLOT, status="scheduled").count() == 1
    assert (states(), broken()) == ({"moved": 1, "open": CROWD - 1}, {})
    connection.close()


def test_of_two_hundred_one_hundred_get_the_hundred_slots_and_nobody_an_error(site: Site, cast: Cast) -> None:
    """Each of ten providers has ten open times and twenty clients; every time is wanted by two."""
    others = [provider_in(cast.practice, f"Dr. Ira {name}", f"Dr. {name}") for name in MORE]
    slots = [THE_SLOT + day * DAY + hour * HOUR for day in range(2) for hour in range(5)]
    people = [
        Person(site, request, slots[number % 10])
        for provider in (cast.okafor, cast.fischer, *others)
        for number, request in enumerate(asked_crowd(cast, provider, 20))
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Person.come, people))
    answers = all_at_once(people)
    assert Counter(status for status, _page in answers) == {302: 100, 409: 100}
    assert (states(), broken()) == ({"moved": 100, "open": 100}, {})
    connection.close()
