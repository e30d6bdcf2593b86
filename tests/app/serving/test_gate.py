"""The gate: all of a request is there before a thread has it, its stamp is from before that, and what is too much is refused."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from raincheck.web import gate
from raincheck.web.gate import REFUSED, Gate, WholeFile, environment_of
from raincheck.web.requests import ARRIVAL, Arrival

NEVER = 3600.0


@dataclass
class Scope:
    """A request as RSGI tells of it."""

    method: str = "GET"
    path: str = "/"
    query_string: str = ""
    client: str = "203.0.113.9:51000"
    server: str = "127.0.0.1:8000"
    scheme: str = "http"
    http_version: str = "1.1"
    authority: str | None = None
    fields: Sequence[tuple[str, str]] = (("host", "harbor.example"),)

    @property
    def headers(self) -> Scope:
        return self

    def items(self) -> Sequence[tuple[str, str]]:
        return self.fields


@dataclass
class Exchange:
    """A line whose body comes in these chunks, each after so many seconds; keeps the answer it is given."""

    chunks: Sequence[bytes] = ()
    pause: float = 0.0
    answers: list[tuple[object, ...]] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            await asyncio.sleep(self.pause)
            yield chunk

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, list(headers), body))

    def response_file(self, status: int, headers: Sequence[tuple[str, str]], file: str) -> None:
        self.answers.append((status, list(headers), Path(file)))

    def response_stream(self, status: int, headers: Sequence[tuple[str, str]]) -> Exchange:
        self.answers.append((status, list(headers)))
        return self

    def send_bytes(self, data: bytes) -> Exchange:
        self.answers.append((data,))
        return self

    def __await__(self) -> Iterable[None]:
        return iter(())


class Whole(list[bytes]):
    """An answer that is there as a whole, as nearly all of Django's are."""

    streaming = False


def telling(environment: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
    """Answer with what the pages would see of a body, or with the status to refuse with."""
    refused = environment.get(REFUSED)
    start_response(f"{refused or 200} Whatever", [("X-Length", environment["CONTENT_LENGTH"])])
    return Whole([environment["wsgi.input"].read()])


def through(
    *requests: tuple[Scope, Exchange],
    pages: Callable[..., Iterable[bytes]] = telling,
    body_seconds: float = NEVER,
) -> None:
    """Send requests through one gate, all at the same time, and wait until every one is answered."""

    async def run() -> None:
        one = Gate(pages, threads=2, body_seconds=body_seconds)
        one.__rsgi_init__(asyncio.get_running_loop())
        await asyncio.gather(*(one.__rsgi__(scope, exchange) for scope, exchange in requests))
        one.__rsgi_del__(asyncio.get_running_loop())

    asyncio.run(run())


def sent(*chunks: bytes, length: int | None = None, pause: float = 0.0) -> tuple[Scope, Exchange]:
    """Return a form that says it is so long, or says nothing and comes chunked, as RSGI gives it."""
    fields = (("content-length", str(length)),) if length is not None else (("transfer-encoding", "chunked"),)
    return Scope("POST", fields=fields), Exchange(chunks, pause)


def test_the_pages_see_the_requests_own_headers_and_the_address_it_came_from() -> None:
    scope = Scope(
        "POST",
        "/clients/Zoë/",
        "q=%C3%AB",
        fields=(
            ("host", "harbor.example"),
            ("content-type", "text/plain"),
            ("content-length", "3"),
            ("x-forwarded-for", "198.51.100.7"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x_forwarded_for", "192.0.2.66"),
            ("x_forwarded_proto", "https"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ),
    )
    assert environment_of(scope) == {
        "SCRIPT_NAME": "",
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/clients/Zoë/".encode().decode("latin-1"),
        "QUERY_STRING": "q=%C3%AB",
        "REMOTE_ADDR": "203.0.113.9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_HOST": "harbor.example",
        "HTTP_X_FORWARDED_FOR": "198.51.100.7,10.0.0.1",
        "HTTP_COOKIE": "a=1; b=2",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": WholeFile,
    }


def test_an_address_of_the_sixth_version_loses_its_brackets() -> None:
    assert environment_of(Scope(client="[2001:db8::7]:443"))["REMOTE_ADDR"] == "2001:db8::7"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (sent(b"abc", b"def", length=6), (200, [("X-Length", "6")], b"abcdef")),
        (sent(b"abc", b"def", b""), (200, [("X-Length", "6")], b"abcdef")),
        (sent(b"abc", b"", length=6), (400, [("X-Length", "3")], b"abc")),
        (sent(b"abc", b"", b""), (400, [("X-Length", "3")], b"abc")),
        (sent(length=0), (200, [("X-Length", "0")], b"")),
        ((Scope(), Exchange([b"never asked for"])), (200, [("X-Length", "0")], b"")),
    ],
    ids=[
        "of the length it says",
        "of unknown length",
        "broken off",
        "broken off between chunks",
        "empty",
        "none",
    ],
)
def test_a_body_reaches_the_pages_whole_or_not_at_all(
    request_: tuple[Scope, Exchange], answer: tuple[object, ...]
) -> None:
    through(request_)
    assert request_[1].answers == [answer]


def test_a_body_too_slow_altogether_is_refused_however_often_something_comes() -> None:
    request = sent(*[b"x"] * 1000, length=1000, pause=0.01)
    through(request, body_seconds=0.05)
    [(status, *_rest)] = request[1].answers
    assert status == 408


@pytest.mark.parametrize("length", [None, 9], ids=["of unknown length", "of the length it says"])
def test_a_body_that_is_too_large_is_refused_and_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, length: int | None
) -> None:
    monkeypatch.setattr(gate, "LARGEST_BODY", 8)
    request = sent(b"abc", b"def", b"ghi", *([b""] if length is None else []), length=length)
    through(request)
    assert request[1].answers == [(413, [("X-Length", "0")], b"")]


def test_what_waits_to_hear_whether_it_may_be_sent_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "LARGEST_BODY", 8)
    exchange = Exchange([b"123456789"], pause=NEVER)
    through((Scope("POST", fields=(("content-length", "9"), ("expect", "100-continue"))), exchange))
    assert exchange.answers == [(413, [("X-Length", "0")], b"")]


def test_large_bodies_together_have_limited_room_which_no_small_one_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "ROOM", 8)
    monkeypatch.setattr(gate, "ALWAYS_TAKEN", 3)
    large = [sent(b"12345", length=5, pause=0.02 * number) for number in (1, 2)]
    small = sent(b"abc", length=3, pause=0.06)
    held = threading.Event()

    def slow(environment: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
        held.wait(0.2) if environment["CONTENT_LENGTH"] == "5" else held.set()
        return telling(environment, start_response)

    through(*large, small, pages=slow)
    statuses = [exchange.answers[0][0] for _scope, exchange in (*large, small)]
    assert statuses == [200, 503, 200]
    again = sent(b"12345", length=5)
    through(again, pages=slow)
    assert again[1].answers == [(200, [("X-Length", "5")], b"12345")]


def test_p7_an_answer_is_stamped_before_its_body_came_and_before_it_waited() -> None:
    seen: list[Arrival] = []

    def noting(environment: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
        seen.append(environment[ARRIVAL])
        assert environment[ARRIVAL].elapsed() >= timedelta(seconds=0.05)
        return telling(environment, start_response)

    request = sent(b"answer", length=6, pause=0.05)
    through(request, pages=noting)
    assert [type(arrival) for arrival in seen] == [Arrival]
    assert request[1].answers == [(200, [("X-Length", "6")], b"answer")]


@pytest.mark.parametrize(("method", "status"), [("GET", 503), ("HEAD", 503), ("POST", 200)])
def test_a_page_that_waited_too_long_gives_way_to_answers(
    monkeypatch: pytest.MonkeyPatch, method: str, status: int
) -> None:
    monkeypatch.setattr(gate, "LONGEST_WAIT", timedelta(0))
    exchange = Exchange()
    through((Scope(method), exchange))
    assert exchange.answers == [(status, [("X-Length", "0")], b"")]


def test_a_page_that_breaks_keeps_no_thread_from_the_next_one() -> None:
    def broken(environment: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
        if environment["PATH_INFO"] == "/broken/":
            raise RuntimeError("on purpose")
        return telling(environment, start_response)

    sound = Exchange()
    through(*((Scope(path="/broken/"), Exchange()) for _thread in range(3)), (Scope(), sound), pages=broken)
    assert sound.answers == [(200, [("X-Length", "0")], b"")]


def test_a_file_is_sent_by_the_server_itself_and_a_part_of_one_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "app.css"
    path.write_bytes(b"body {}")

    def whole(_environment: dict[str, Any], start_response: Callable[..., Any]) -> WholeFile:
        start_response("200 OK", [])
        return WholeFile(path.open("rb"))

    def part(_environment: dict[str, Any], start_response: Callable[..., Any]) -> WholeFile:
        start_response("206 Partial Content", [])
        return WholeFile(io.BytesIO(b"body"), 3)

    for pages, answers in ((whole, [(200, [], path)]), (part, [(206, []), (b"bod",), (b"y",)])):
        exchange = Exchange()
        through((Scope(), exchange), pages=pages)
        assert exchange.answers == answers
