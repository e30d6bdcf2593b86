"""A browser small enough to run by the dozen: pages, forms and cookies, over plain connections to either server."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from tests.verify.soak.history import Answer, History, Operation, Reply, real_time

PATIENCE = 8.0
"""Seconds until somebody gives up on a sending and sends it again."""
TWICE = 0.1
"""Of all forms so many are sent twice, half of them at once and half one after the other."""
PAUSE = 0.25
RARE = 0.06
"""Of all operations so many begin at the last server, whose clock can be wrong; the others share the rest."""

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
PART = re.compile(
    r"<(input|button)\b([^>]*)>|<textarea\b([^>]*)>(.*?)</textarea>|<select\b([^>]*)>(.*?)</select>",
    re.DOTALL,
)
OPTION = re.compile(r"<option\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
LINK = re.compile(r'href="([^"]*)"')


class Stopped(Exception):
    """The soak is over while something was still unanswered."""


SECTION = re.compile(
    r'(?s)(<section[^>]* data-field="start-.*?)formaction="([^"]*)" name="key" value="([^"]*)" data-submit'
)
HOLDS_AT = re.compile(r' data-hold="([^"]*)"')
KEEPS = re.compile(r'value="([^"]*)" data-says=')
START = re.compile(r'name="start-[^"]*" id="[^"]*" value="([^"]*)"')


@dataclass
class Form:
    """A form as the page gave it. `values` is what would be sent untouched, `choices` what could be chosen."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    keeps: list[str] = field(default_factory=list)
    """Those of the starts by which the time is kept, by video."""

    holds_at: str = ""
    """Where the page's script has a time held that was chosen."""

    file: tuple[str, str, str] | None = None
    """The field, the name and the text of a file that goes with it."""

    @property
    def key(self) -> str:
        return next((value for name, value in self.values if name == "key"), "")

    def filled(self, **said: str | Sequence[str] | None) -> list[tuple[str, str]]:
        """Return the values to send; None leaves a field out, a list sends it several times."""
        kept = [(name, value) for name, value in self.values if name not in said]
        for name, value in said.items():
            if value is not None:
                kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return kept


@dataclass
class Page:
    """What a browser shows: where it is, the status it came with, and its HTML."""

    path: str
    status: int
    html: str

    def forms(self) -> list[Form]:
        return [_form(attributes, inside, self.path) for attributes, inside in FORM.findall(self.html)]

    def picks(self) -> list[Form]:
        """Return a form for each appointment that a time can be chosen for: where there are several they share one form."""
        csrf = next((dict(form.values).get("csrfmiddlewaretoken", "") for form in self.forms()), "")
        alone = [form for form in self.forms() if form.key and form.choices.get("start")]
        return alone + [
            Form(
                action,
                [("csrfmiddlewaretoken", csrf), ("key", key)],
                {"start": START.findall(section)},
                KEEPS.findall(section),
                next(iter(HOLDS_AT.findall(section)), ""),
            )
            for section, action, key in SECTION.findall(self.html)
        ]

    def form(self, *, where: Callable[[Form], bool] = lambda _form: True) -> Form | None:
        """Return the first form with a key for which `where` holds."""
        return next((form for form in self.forms() if form.key and where(form)), None)

    def links(self, pattern: str) -> list[str]:
        """Return the different addresses of links that match, in order."""
        matching = re.compile(pattern)
        return list(
            dict.fromkeys(
                unescape(address) for address in LINK.findall(self.html) if matching.fullmatch(address)
            )
        )


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}


def _form(attributes: str, inside: str, path: str) -> Form:
    form = Form(urldefrag(urljoin(path, _attributes(attributes).get("action", ""))).url)
    form.holds_at = next(iter(HOLDS_AT.findall(inside)), "")
    for tag, facts, area, words, select, options in PART.findall(inside):
        if tag:
            _add_input(form, tag, _attributes(facts))
        elif area:
            form.values.append((_attributes(area).get("name", ""), unescape(words).strip()))
        else:
            _add_select(
                form,
                _attributes(select).get("name", ""),
                [_attributes(one) for one in OPTION.findall(options)],
            )
    return form


def _add_input(form: Form, tag: str, facts: dict[str, str]) -> None:
    name, value, kind = facts.get("name", ""), facts.get("value", ""), facts.get("type", "text")
    if not name or "disabled" in facts or tag == "button" or kind == "submit":
        return
    if kind in ("radio", "checkbox"):
        form.choices.setdefault(name, []).append(value or "on")
        if "data-says" in facts:
            form.keeps.append(value)
        if "checked" in facts:
            form.values.append((name, value or "on"))
    else:
        form.values.append((name, value))


def _add_select(form: Form, name: str, options: list[dict[str, str]]) -> None:
    values = [option.get("value", "") for option in options]
    form.choices[name] = [value for value in values if value]
    chosen = [option.get("value", "") for option in options if "selected" in option]
    if values:
        form.values.append((name, chosen[0] if chosen else values[0]))


@dataclass(frozen=True, slots=True)
class Body:
    """What goes with a request."""

    content: bytes
    kind: str


NOTHING = Body(b"", "")
BETWEEN = "soak-soak-soak"


def _body(form: Form, said: Sequence[tuple[str, str]]) -> Body:
    if form.file is None:
        return Body(urlencode(said).encode(), "application/x-www-form-urlencoded")
    field_name, name, text = form.file
    parts = [f'name="{named}"\r\n\r\n{value}' for named, value in said]
    parts.append(f'name="{field_name}"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{text}')
    lines = [f"--{BETWEEN}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts]
    return Body(f"{''.join(lines)}--{BETWEEN}--\r\n".encode(), f"multipart/form-data; boundary={BETWEEN}")


class Browser:
    """One person's browser. Every page read and every form sent becomes an operation of the history."""

    def __init__(
        self,
        who: str,
        *,
        ports: Sequence[int],
        history: History,
        chance: random.Random,
        over: threading.Event,
    ) -> None:
        self.who, self.history, self.chance = who, history, chance
        self._ports, self._at = ports, 0
        self._over = over
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self.cookies: dict[str, str] = {}

    def read(self, path: str, kind: str) -> Page:
        """Open a page, following what it redirects to, again and again until it is answered. Raises Stopped."""
        with self.history.running(Operation(f"read {kind}", self.who, real_time())) as operation:
            for _hop in range(4):
                reply, html = self._until_answered(operation, "GET", path, NOTHING)
                if reply.status != 302:
                    break
                path = _path(reply.location)
            return Page(path.split("#")[0], reply.status, html)

    def send(
        self,
        kind: str,
        form: Form,
        said: Sequence[tuple[str, str]],
        *,
        trace: str = "",
        ends: Sequence[str] = (),
        told: str = "",
    ) -> Page:
        """Send a form until it is answered, now and then twice; return the page it came back with. Raises Stopped.

        `told` is what the page behind a button, or the part that comes back, says when it is done; it comes in any case.
        """
        body = _body(form, said)
        key = next((value for name, value in said if name == "key"), "")
        operation = Operation(
            kind, self.who, real_time(), key=key, trace=trace, ends=tuple(ends), told=False if told else None
        )
        twice = self.chance.random() < TWICE and bool(key)
        # Who has come in has a new token for forms, so that only a second press before the answer sends the former one.
        comes_in = kind == "accept an invitation"
        at_once = twice and (self.chance.random() < 0.5 or comes_in)
        with self.history.running(operation):
            other = self._also(operation, form.action, body) if at_once else None
            try:
                reply, html = self._until_answered(operation, "POST", form.action, body)
                if twice and not at_once:
                    self._until_answered(operation, "POST", form.action, body)
            finally:
                if other is not None:
                    other.join()
            # Of two at once nobody knows which was first, and a refusal leaves the key to the other: a third surely comes after.
            if at_once and not comes_in and operation.was_done:
                reply, html = self._until_answered(operation, "POST", form.action, body)
        if reply.answer is Answer.DONE and reply.location and not self._over.is_set():
            html = self.read(_path(reply.location), "what came of it").html
            operation.told = told in html if told else None
        elif told and reply.answer is Answer.SHOWN:
            operation.told = told in html
        return Page(_path(reply.location) or form.action, reply.status, html)

    def _also(self, operation: Operation, path: str, body: Body) -> threading.Thread:
        """Send the same form at the same time from another window, to the next server."""
        window = Browser(
            self.who,
            ports=self._ports,
            history=self.history,
            chance=random.Random(self.chance.random()),
            over=self._over,
        )
        window.cookies = dict(self.cookies)

        def sending() -> None:
            try:
                window._until_answered(operation, "POST", path, body)
            except Stopped:
                pass
            finally:
                window.close()

        thread = threading.Thread(target=sending, daemon=True)
        thread.start()
        return thread

    def _until_answered(self, operation: Operation, method: str, path: str, body: Body) -> tuple[Reply, str]:
        last = len(self._ports) - 1
        self._at = last if self.chance.random() < RARE else self.chance.randrange(last)
        while True:
            try:
                reply, html = self._once(method, path, body)
            except (OSError, http.client.HTTPException):
                operation.lost += 1
            else:
                operation.replies.append(reply)
                if reply.answer is not Answer.UNANSWERED:
                    return reply, html
            if self._over.is_set():
                raise Stopped
            self._at = (self._at + 1) % len(self._ports)
            time.sleep(PAUSE)

    def _once(self, method: str, path: str, body: Body) -> tuple[Reply, str]:
        """Make one request and read the whole answer. Raises OSError or HTTPException, and then nobody knows."""
        port = self._ports[self._at]
        connection = self._connections.get(port)
        if connection is None:
            connection = self._connections[port] = http.client.HTTPConnection(
                "127.0.0.1", port, timeout=PATIENCE
            )
        began = real_time()
        try:
            connection.request(method, path, body=body.content or None, headers=self._headers(body))
            response = connection.getresponse()
            html = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            connection.close()
            del self._connections[port]
            raise
        self._remember(response.headers.get_all("Set-Cookie") or [])
        location = response.headers.get("Location", "")
        return Reply(response.status, began, real_time(), path, location, method), html

    def _headers(self, body: Body) -> Mapping[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return headers | ({"Content-Type": body.kind} if body.content else {})

    def _remember(self, lines: Sequence[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.coded_value

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


def _path(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
