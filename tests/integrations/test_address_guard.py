"""The address guard, against real sockets: no typed address, redirect or name leads into a private network."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from tests.integrations.web_server import CALENDAR, HERE, Said, at_home, certificate_for, guard, web_server

from raincheck.domain.calendars.faults import (
    CalendarAddressPrivate,
    CalendarAddressWrong,
    CalendarAnswerStrange,
    CalendarCutOff,
    CalendarDetour,
    CalendarHostUnknown,
    CalendarLineUnsafe,
    CalendarTooLarge,
    CalendarTooSlow,
    CalendarUnreachable,
)
from raincheck.domain.refusals import Refusal
from raincheck.integrations.http.safe_http import Guard, Login, Request, Response, fetch
from raincheck.integrations.http.ssrf_guard import is_public

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104  # an address to be refused
    "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1", "::", "::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "2001::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "::808:808", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "93.184.215.14",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "2002:808:808::",
    "64:ff9b::808:808",
]


def get(address: str, **said: object) -> Response:
    return fetch(Request(address), guard=guard(**said))


def refused(address: str, **said: object) -> type[Refusal]:
    with pytest.raises(Refusal) as refusal:
        get(address, **said)
    return type(refusal.value)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_form_of_a_private_address_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public_in_every_form(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["", "calendar", "https://", "ftp://calendars.example/", "file:///etc/passwd", "javascript:alert(1)", "https://a b/",
     "https://calendars.example:99999/", "https://[::1", "https://calendars.example/\r\nHost: x", "http://calendars.example/",
     "https://" + "x" * 3000],
)  # fmt: skip
def test_what_is_no_https_address_is_not_opened(address: str) -> None:
    assert refused(address, loopback=False) is CalendarAddressWrong


@pytest.mark.parametrize("found", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_not_opened(found: str) -> None:
    assert (
        refused("https://calendars.example/", resolver=lambda *_: [found], loopback=False)
        is CalendarAddressPrivate
    )


def test_one_private_address_beside_public_ones_is_enough_to_refuse() -> None:
    mixed = ["93.184.215.14", HERE]
    for found in (mixed, mixed[::-1]):
        assert refused(
            "https://calendars.example/", resolver=lambda *_, found=found: found, loopback=False
        ) is (CalendarAddressPrivate)
        assert (
            refused("https://calendars.example/", resolver=lambda *_, found=found: found)
            is CalendarAddressPrivate
        )


def test_a_number_is_looked_at_as_a_name_is() -> None:
    addresses = ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://2130706433/"]
    assert [refused(address, loopback=False, resolver=Guard().resolver) for address in addresses] == [
        CalendarAddressPrivate
    ] * 4


def test_without_tls_only_this_machine_is_reached_and_only_where_that_is_allowed() -> None:
    with web_server(work_ics=Said()) as site:
        assert get(site.address("/work.ics")).body == CALENDAR
        assert refused(site.address("/work.ics"), loopback=False) is CalendarAddressWrong
    assert refused("http://calendars.example/", resolver=lambda *_: ["93.184.215.14"]) is CalendarAddressWrong


def test_the_address_that_was_looked_at_is_the_one_connected_to() -> None:
    """A name that says a public address first and a private one when asked again (DNS rebinding) is asked once only."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [HERE] if len(asked) == 1 else ["10.0.0.1"]

    with web_server(work_ics=Said()) as site:
        answer = get(site.address("/work.ics", host="calendars.example"), resolver=rebinding)
        assert (answer.status, asked) == (200, ["calendars.example"])
        assert site.asked[0][2]["host"] == f"calendars.example:{site.port}"


def test_a_redirect_is_looked_at_as_the_address_was() -> None:
    def resolver(host: str, _port: int) -> list[str]:
        return {"inside.example": ["10.0.0.1"], HERE: [HERE]}.get(host, [host])

    pages = {
        "private": "https://inside.example/",
        "metadata": "https://169.254.169.254/latest/",
        "file": "file:///etc/passwd",
        "broken": "https://[",
        "loop": "/loop",
    }
    with web_server() as site:
        site.pages |= {f"/{name}": Said(302, {"Location": to}) for name, to in pages.items()}
        found = [refused(site.address(f"/{name}"), resolver=resolver) for name in pages]
        assert found == [CalendarDetour] * 5
        assert len([path for _method, path, _headers in site.asked if path == "/loop"]) == 6


def test_a_redirect_within_reason_is_followed() -> None:
    with web_server(work_ics=Said()) as site:
        site.pages["/old"] = Said(301, {"Location": "/older"})
        site.pages["/older"] = Said(307, {"Location": site.address("/work.ics", host="moved.example")})
        answer = get(site.address("/old"))
        assert (answer.body, answer.address) == (CALENDAR, site.address("/work.ics", host="moved.example"))


def test_nothing_leads_out_of_tls(tmp_path: Path) -> None:
    serves, trusts = certificate_for("calendars.example", tmp_path)
    with web_server(work_ics=Said()) as plain, web_server(serves) as site:
        site.pages["/old"] = Said(302, {"Location": plain.address("/work.ics")})
        assert refused(
            site.address("/old", host="calendars.example", scheme="https"), certificates=trusts
        ) is (CalendarDetour)
        assert plain.asked == []


def test_a_password_goes_to_its_host_and_to_no_other() -> None:
    with web_server(work_ics=Said()) as site:
        elsewhere = site.address("/work.ics", host="elsewhere.example")
        site.pages |= {
            "/away": Said(302, {"Location": elsewhere}),
            "/here": Said(302, {"Location": "/work.ics"}),
        }
        request = Request(site.address("/away"), login=Login("okafor", "open sesame"))
        fetch(request, guard=guard())
        get(site.address("/here").replace("http://", "http://okafor:open%20sesame@"))
        sent = [(path, "authorization" in headers, headers["host"]) for _method, path, headers in site.asked]
        own, other = f"{HERE}:{site.port}", f"elsewhere.example:{site.port}"
        assert sent == [
            ("/away", True, own),
            ("/work.ics", False, other),
            ("/here", True, own),
            ("/work.ics", True, own),
        ]
        assert (
            site.asked[0][2]["authorization"]
            == site.asked[2][2]["authorization"]
            == "Basic b2thZm9yOm9wZW4gc2VzYW1l"
        )


def test_what_is_to_be_written_goes_to_no_other_host() -> None:
    with web_server(work_ics=Said()) as site:
        site.pages["/away"] = Said(307, {"Location": site.address("/work.ics", host="elsewhere.example")})
        with pytest.raises(CalendarDetour):
            fetch(Request(site.address("/away"), "PUT", body=CALENDAR), guard=guard())


def test_neither_cookies_nor_the_proxies_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with web_server(work_ics=Said(headers={"Set-Cookie": "a=b"})) as site:
        site.pages["/old"] = Said(302, {"Location": "/work.ics", "Set-Cookie": "a=b"})
        assert get(site.address("/old")).status == 200
        assert [headers.get("cookie") for _method, _path, headers in site.asked] == [None, None]


def test_a_certificate_must_be_good_for_the_very_name(tmp_path: Path) -> None:
    serves, trusts = certificate_for("calendars.example", tmp_path)
    with web_server(serves, work_ics=Said()) as site:
        right = site.address("/work.ics", host="calendars.example", scheme="https")
        wrong = site.address("/work.ics", host="other.example", scheme="https")
        assert get(right, certificates=trusts).body == CALENDAR
        assert refused(wrong, certificates=trusts) is CalendarLineUnsafe
        assert refused(right) is CalendarLineUnsafe


def test_a_server_that_speaks_no_tls_is_not_safe() -> None:
    with web_server(work_ics=Said()) as site:
        assert refused(site.address("/work.ics", scheme="https"), seconds_per_wait=1.0) in (
            CalendarLineUnsafe,
            CalendarTooSlow,
        )


def test_a_host_that_nobody_knows_or_that_does_not_answer_says_so() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with socket.socket() as free:
        free.bind((HERE, 0))
        closed = f"http://{HERE}:{free.getsockname()[1]}/"
        assert refused(closed) is CalendarUnreachable
    assert refused("https://nobody.example/", resolver=nobody) is CalendarHostUnknown


def test_a_resolver_that_takes_too_long_is_not_waited_for() -> None:
    with web_server() as site:

        def slow(_host: str, _port: int) -> list[str]:
            site.done.wait(5)
            return [HERE]

        assert refused("https://slow.example/", resolver=slow, seconds_per_wait=0.2) is CalendarTooSlow


@pytest.mark.parametrize("part", ["silent", "body"])
def test_neither_silence_nor_a_drip_is_waited_for(part: str) -> None:
    with web_server() as site:

        def silent(_handler: BaseHTTPRequestHandler) -> None:
            site.done.wait(10)

        def body(handler: BaseHTTPRequestHandler) -> None:
            while not site.done.wait(0.05):
                handler.wfile.write(b"X")

        sends = {"silent": silent, "body": body}[part]
        site.pages["/slow"] = Said(sends=sends, headers={"Connection": "close"})
        patience = {"seconds_per_wait": 0.3, "seconds_in_all": 0.8}
        assert refused(site.address("/slow"), **patience) is CalendarTooSlow


def test_a_drip_of_headers_is_not_waited_for() -> None:
    with socket.create_server((HERE, 0)) as listening:
        address = f"http://{HERE}:{listening.getsockname()[1]}/"
        taken: list[socket.socket] = []

        def drip() -> None:
            plain, _ = listening.accept()
            taken.append(plain)
            plain.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            try:
                for _ in range(200):
                    plain.sendall(b"x")
                    stop.wait(0.05)
            except OSError:
                return

        stop = threading.Event()
        dripping = threading.Thread(target=drip)
        dripping.start()
        assert refused(address, seconds_per_wait=0.3, seconds_in_all=0.8) is CalendarTooSlow
        stop.set()
        dripping.join()
        taken[0].close()


def endless(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"BEGIN:VEVENT\r\n" * 5000)


def test_a_body_without_end_is_cut() -> None:
    with web_server(work_ics=Said(sends=endless, headers={"Connection": "close"})) as site:
        assert refused(site.address("/work.ics")) is CalendarTooLarge


def test_a_body_that_is_large_once_unpacked_is_cut() -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packing.compress(b"\0" * 1024 * 1024) for _ in range(200)) + packing.flush()
    with web_server(work_ics=Said(body=bomb, headers={"Content-Encoding": "gzip"})) as site:
        assert len(bomb) < 300_000
        assert refused(site.address("/work.ics")) is CalendarTooLarge


def test_five_mebibytes_are_read_and_not_a_byte_more() -> None:
    most = 5 * 1024 * 1024
    with web_server(work_ics=Said(body=b"x" * most), more_ics=Said(body=b"x" * (most + 1))) as site:
        assert len(get(site.address("/work.ics")).body) == most
        assert refused(site.address("/more.ics")) is CalendarTooLarge


def test_a_packed_calendar_is_unpacked() -> None:
    packed = Said(body=gzip.compress(CALENDAR), headers={"Content-Encoding": "gzip"})
    with web_server(work_ics=packed, half_ics=Said(body=packed.body[:-12], headers=packed.headers)) as site:
        assert get(site.address("/work.ics")).body == CALENDAR
        assert refused(site.address("/half.ics")) is CalendarCutOff


def test_a_body_that_ends_too_soon_is_no_body() -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(CALENDAR)
        handler.close_connection = True

    headers = {"Content-Length": str(len(CALENDAR) + 10), "Connection": "close"}
    chunked = {"Transfer-Encoding": "chunked", "Connection": "close"}
    with web_server(
        work_ics=Said(sends=half, headers=headers), more_ics=Said(sends=half, headers=chunked)
    ) as site:
        assert refused(site.address("/work.ics")) is CalendarCutOff
        assert refused(site.address("/more.ics")) in (CalendarCutOff, CalendarAnswerStrange)


def test_an_answer_in_no_known_packing_is_strange() -> None:
    with web_server(work_ics=Said(headers={"Content-Encoding": "br"})) as site:
        assert refused(site.address("/work.ics")) is CalendarAnswerStrange


def test_what_is_secret_about_a_request_is_not_part_of_its_words() -> None:
    request = Request("https://calendars.example/secret-token", login=Login("okafor", "open sesame"))
    assert "secret" not in repr(request)
    assert "sesame" not in repr(request.login)
    assert at_home("calendars.example", 443) == [HERE]
