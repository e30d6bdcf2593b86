"""A browser for one person who comes in over https, by the name of the practice's machine."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.verify.soak.browser import Form, Page

NAME = "harbor.example"
BOUNDARY = "what-stands-in-no-spreadsheet"


class _Line(http.client.HTTPSConnection):
    """Leads to this machine, whatever the name's real address is."""

    def connect(self) -> None:
        self.sock = self._context.wrap_socket(  # type: ignore[attr-defined]
            socket.create_connection(("127.0.0.1", 443), 30), server_hostname=NAME
        )


def found(pattern: str | re.Pattern[str], text: str) -> str:
    """Return what a pattern's group stands for in a text that has it."""
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not there: {text[:2000]}"
    return str(match[1])


class Visitor:
    """Reads pages and sends forms. Whom the certificate is from is not what is tried here."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self._context = ssl.create_default_context()
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE

    def read(self, path: str) -> Page:
        return self._asked("GET", path, "")

    def send(self, form: Form | None, **said: Any) -> Page:
        assert form is not None, "the page has no such form"
        return self._asked("POST", form.action, urlencode(form.filled(**said)))

    def send_file(self, form: Form | None, *, file: tuple[str, bytes], **said: Any) -> Page:
        """Send a form with a file in it, as browsers do."""
        assert form is not None, "the page has no such form"
        name, content = file
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in form.filled(**said)
            if key != "file"
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        body = "".join([*parts, head]).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self._asked("POST", form.action, body, kind=f"multipart/form-data; boundary={BOUNDARY}")

    def _asked(
        self, method: str, path: str, body: str | bytes, *, kind: str = "application/x-www-form-urlencoded"
    ) -> Page:
        for _hop in range(6):
            status, location, html = self._once(method, path, body, kind)
            if status not in (302, 303):
                break
            parts = urlsplit(location)
            method, path, body = "GET", f"{parts.path}?{parts.query}".rstrip("?"), ""
        return Page(path, status, html)

    def _once(self, method: str, path: str, body: str | bytes, kind: str) -> tuple[int, str, str]:
        line = _Line(NAME, context=self._context)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"https://{NAME}{path}",
            "Accept": "text/html",
        }
        if method == "POST":
            headers |= {"Content-Type": kind, "Origin": f"https://{NAME}"}
        line.request(method, path, body=body or None, headers=headers)
        answer = line.getresponse()
        html = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.coded_value
        line.close()
        return answer.status, answer.headers.get("Location", ""), html
