"""Forms and their keys over HTTP: kept open for long, sent again after the memory was pruned, or into a server that died."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPException  # noqa: TID251  # this test is a browser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor, mint, page_of, words
from tests.app.notifications.test_worker_process import PATIENCE, url_of, waits_until
from tests.app.staff_browser import key_in
from tests.verify.soak.browser import Page

from raincheck import clock
from raincheck.actions.timing.sweep import sweep
from raincheck.data.conversations import Message
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.subprocesses import ending_with_parent

DAY = timedelta(days=1)
SAID = "Mornings only, please."
TOO_OLD = "This page was open for more than a week, so nothing was changed. Please look at it again and send it once more."


def said() -> list[str]:
    return list(Message.objects.exclude(body="").order_by("pk").values_list("body", flat=True))


@pytest.fixture
def request_of_riley(cast: Cast) -> RescheduleRequest:
    return cast.asked(cast.booked())


def writing(request: RescheduleRequest) -> str:
    return f"{page_of(request)}write/"


def test_p14_a_form_sent_after_its_key_was_forgotten_does_nothing(
    request_of_riley: RescheduleRequest,
) -> None:
    """What was done under a key is remembered for a week; a key that is older than that is not taken for a new one."""
    visitor, form = Visitor(request_of_riley.batch), writing(request_of_riley)
    key = key_in(visitor.get(form))
    assert visitor.post(form, key=key, words=SAID).status_code == 302
    visitor.now = NOW + 7 * DAY
    assert visitor.post(form, key=key, words=SAID).status_code == 302
    assert sweep(now=NOW + 7 * DAY + timedelta(seconds=1))["key forgotten"] == 1
    visitor.now = NOW + 7 * DAY + timedelta(seconds=2)
    response = visitor.post(form, key=key, words=SAID)
    assert (response.status_code, said(), IdempotencyKey.objects.count()) == (409, [SAID], 0)
    assert TOO_OLD in words(response)
    assert SAID in response.content.decode()
    fresh = key_in(response)
    assert fresh != key
    assert visitor.post(form, key=fresh, words=SAID).status_code == 302
    assert said() == [SAID, SAID]


def test_a_form_kept_open_for_a_week_is_still_good(request_of_riley: RescheduleRequest) -> None:
    visitor, form = Visitor(request_of_riley.batch), writing(request_of_riley)
    key = key_in(visitor.get(form))
    visitor.now = NOW + 7 * DAY
    assert visitor.post(form, key=key, words=SAID).status_code == 302
    visitor.now = NOW + 13 * DAY
    assert visitor.post(form, key=key, words=SAID).status_code == 302
    assert said() == [SAID]


@contextmanager
def dying_server(home: Path) -> Iterator[int]:
    """Run the real web server, one of whose processes dies at the first form after it has acted; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    order = home / "die"
    order.touch()
    settings = {
        "DATABASE_URL": url_of("default"),
        "RAINCHECK_HOME": str(home),
        "PORT": str(port),
        "DIES_WHILE": str(order),
        "DJANGO_SETTINGS_MODULE": "tests.app.serving.settings_that_die_once",
        "PYTHONPATH": os.pathsep.join(("src", ".")),
    }
    command = [sys.executable, "-m", "raincheck.cli.web", "127.0.0.1", str(port)]
    process = subprocess.Popen(
        command,
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
        preexec_fn=ending_with_parent(signal.SIGTERM),
    )
    try:
        waits_until(lambda: _answers(port), "the web server answers")
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return _asked(port, "GET", "/health/live", SimpleCookie())[0] == 200
    except (OSError, HTTPException):
        return False


def _asked(
    port: int, method: str, path: str, cookies: SimpleCookie, form: list[tuple[str, str]] | None = None
) -> tuple[int, str, str]:
    """Return status, where it leads to, and the page; cookies are kept."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items())}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        line.request(method, path, body=urlencode(form) if form else None, headers=headers)
        answer = line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            cookies.load(cookie)
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()
    finally:
        line.close()


@pytest.mark.slow
def test_p13_p14_a_form_whose_server_died_after_the_commit_gets_its_answer_again(
    cast: Cast, tmp_path: Path
) -> None:
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    request = cast.asked(cast.booked(now + 9 * DAY, now=now), now=now)
    _link, token = mint(request.batch)
    with dying_server(tmp_path) as port:
        cookies: SimpleCookie = SimpleCookie()
        assert _asked(port, "GET", f"/r/{token}/", cookies)[0] == 302
        status, _to, html = _asked(port, "GET", writing(request), cookies)
        form = Page(writing(request), status, html).form(where=lambda one: "words" in dict(one.values))
        assert form is not None
        sent = form.filled(words=SAID)
        with pytest.raises((HTTPException, ConnectionError)):
            _asked(port, "POST", form.action, cookies, sent)
        assert (said(), IdempotencyKey.objects.filter(key=form.key).count()) == ([SAID], 1)
        waits_until(lambda: _answers(port), "another process has taken its place")
        again, leads_to, _html = _asked(port, "POST", form.action, cookies, sent)
    assert (again, leads_to, said()) == (302, page_of(request), [SAID])
