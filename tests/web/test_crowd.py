"""Fifty people choose one slot in the same moment, over HTTP, on the running server."""

from __future__ import annotations

import http.client
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from tests.app.cast import Cast, client_in, new_york
from tests.app.visiting import mint
from tests.races.promises import broken
from tests.web.site import Site

from raincheck.data.appointments import Appointment
from raincheck.data.reschedule import RescheduleRequest

pytestmark = pytest.mark.browser
CROWD = 50
THE_SLOT = new_york(1, 11, month=12)
FREE = [(day, hour) for day in (19, 20, 23, 24, 25, 26) for hour in range(9, 17)] + [
    (27, hour) for hour in range(9, 12)
]


class Person:
    """One client with their own link and cookies; a browser as far as a form needs one."""

    def __init__(self, site: Site, request: RescheduleRequest) -> None:
        _link, self.token = mint(request.batch)
        self.address = urlsplit(site.url).netloc
        self.batch, self.request = request.batch.ref, request.ref
        self.cookies: dict[str, str] = {}

    def open_the_page(self) -> None:
        self._send("GET", f"/r/{self.token}/")
        status, page = self._send("GET", f"/choose/{self.batch}/")
        assert status == 200
        csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        key = re.search(rf'action="[^"]*/{self.request}/".*?name="key" value="([\w-]+)"', page, re.DOTALL)
        assert csrf
        assert key
        start = THE_SLOT.strftime("%Y-%m-%dT%H:%MZ")
        self.form = urlencode(
            {"csrfmiddlewaretoken": csrf[1], "key": key[1], "start": start, "confirmed": start}
        )

    def pick(self) -> tuple[int, str]:
        return self._send("POST", f"/choose/{self.batch}/{self.request}/", self.form)

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


def test_one_of_fifty_gets_the_slot_and_the_others_the_remaining_times(site: Site, cast: Cast) -> None:
    people = [Person(site, request) for request in requests(cast)]
    for person in people:
        person.open_the_page()
    gate = threading.Barrier(CROWD)

    def at_once(person: Person) -> tuple[int, str]:
        gate.wait(60)
        return person.pick()

    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(at_once, people))
    assert Counter(status for status, _page in answers) == {302: 1, 409: CROWD - 1}
    refusals = [page for status, page in answers if status == 409]
    assert [
        page for page in refusals if "That time was just taken" not in page or 'type="radio"' not in page
    ] == []
    assert Appointment.objects.filter(starts_at=THE_SLOT, status="scheduled").count() == 1
    assert Counter(RescheduleRequest.objects.values_list("state", flat=True)) == {
        "moved": 1,
        "open": CROWD - 1,
    }
    assert broken() == {}
    connection.close()


def requests(cast: Cast) -> list[RescheduleRequest]:
    """Ask fifty clients of Dr. Okafor's about fifty appointments."""
    found = []
    for number, (day, hour) in enumerate(FREE[:CROWD]):
        client = client_in(cast.practice, f"Client{number}", "Crowd")
        found.append(cast.asked(cast.booked(new_york(day, hour), client=client)))
    return found
