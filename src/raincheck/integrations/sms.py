"""Hands text messages to a gateway over HTTP; what the gateway must understand is in docs/operating.md."""

from __future__ import annotations

import base64
import json
from email.message import Message
from http.client import HTTPException  # noqa: TID251  # and answers come back
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (  # noqa: TID251  # texts leave from here
    HTTPRedirectHandler,
    Request,
    build_opener,
)

from raincheck.domain.notifications import Outcome
from raincheck.integrations.outcomes import Report
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


def send(parcel: Parcel, *, gateway: str, timeout: float) -> Report:
    """POST one text to the gateway and return what it made of it: 2xx accepted, 4xx refused, anything else deferred."""
    request = _request(parcel, gateway)
    try:
        with build_opener(_NoDetours).open(request, timeout=timeout) as response:
            return Report(Outcome.ACCEPTED, _said(response.status, response.read(LONGEST_ANSWER)))
    except HTTPError as error:
        with error:
            return Report(_judged(error.code), _said(error.code, error.read(LONGEST_ANSWER)))
    except URLError as error:
        return Report(Outcome.DEFERRED, str(error.reason))
    except (OSError, HTTPException) as error:
        return Report(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")


def _request(parcel: Parcel, gateway: str) -> Request:
    parts = urlsplit(gateway)
    body = json.dumps({"to": parcel.address, "text": parcel.text, "id": str(parcel.ref)}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return Request(plain, data=body, headers=headers, method="POST")


def _judged(code: int) -> Outcome:
    return Outcome.REFUSED if 400 <= code < 500 and code not in TRY_LATER else Outcome.DEFERRED


def _said(code: int, body: bytes) -> str:
    return f"{code} {' '.join(body.decode(errors='replace').split())}".strip()
