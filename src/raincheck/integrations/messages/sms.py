"""Hands text messages to a gateway over HTTP; what the gateway must understand is in docs/how-to/how-do-i-send-mail-and-texts.md."""

import base64
import json
import socket
from email.message import Message
from http.client import (  # noqa: TID251  # and answers come back
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
)
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (  # noqa: TID251  # texts leave from here
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from raincheck.domain.notifications import Outcome
from raincheck.integrations.http.total_timeout import IN_ALL, cut_off_after
from raincheck.integrations.messages.outcomes import Report
from raincheck.queries.deliveries import Parcel

TRY_LATER = {408, 425, 429}
"""Answers of the 4xx kind that are no word about this text: too slow, too early, too many."""
LONGEST_ANSWER = 500


class _NoDetours(HTTPRedirectHandler):
    """A gateway that moved is for the operator to see: following it would send people's numbers elsewhere."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


class _HeldHttp(HTTPHandler):
    """Opens lines as usual, and keeps hold of the latest, so that it can be hung up."""

    line: socket.socket | None = None

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connection(HTTPConnection), req)

    def _connection(self, kind: type[HTTPConnection]) -> Any:
        holder = self

        class Held(kind):  # type: ignore[misc, valid-type]  # one way for both kinds
            def connect(self) -> None:
                super().connect()
                holder.line = self.sock

        return Held


class _HeldHttps(HTTPSHandler):
    """The same for encrypted lines."""

    def __init__(self, holder: _HeldHttp) -> None:
        super().__init__()
        self._holder = holder

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._holder._connection(HTTPSConnection), req)


def send(parcel: Parcel, *, gateway: str, timeout: float, in_all: float = IN_ALL) -> Report:
    """POST one text to the gateway and return what it made of it: 2xx accepted, 4xx refused, anything else deferred.

    `timeout` is seconds for each stretch of silence, `in_all` for everything.
    """
    parts = urlsplit(gateway)
    body = json.dumps({"to": parcel.address, "text": parcel.text, "id": str(parcel.ref)}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    # urllib would take a user and password in the address for a part of the host's name.
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    request = Request(plain, data=body, headers=headers, method="POST")

    held = _HeldHttp()
    opener = build_opener(_NoDetours, held, _HeldHttps(held))
    # A time-out of urllib counts each silence by itself: drop by drop, an answer could take for ever.
    with cut_off_after(in_all, lambda: held.line):
        try:
            with opener.open(request, timeout=timeout) as response:
                return Report(Outcome.ACCEPTED, _said(response.status, _words(response)))
        except HTTPError as error:
            refused = 400 <= error.code < 500 and error.code not in TRY_LATER
            with error:
                outcome = Outcome.REFUSED if refused else Outcome.DEFERRED
                return Report(outcome, _said(error.code, _words(error)))
        # urllib wraps what fails while the request is sent in this, and lets what fails afterwards through.
        except URLError as error:
            return Report(Outcome.DEFERRED, str(error.reason))
        except (OSError, HTTPException) as error:
            return Report(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")


def _words(response: IO[bytes]) -> bytes:
    """Return what the gateway adds to its status; nothing when that does not arrive: the status is the answer."""
    try:
        return response.read(LONGEST_ANSWER)
    except (OSError, HTTPException):
        return b""


def _said(code: int, body: bytes) -> str:
    return f"{code} {' '.join(body.decode(errors='replace').split())}".strip()
