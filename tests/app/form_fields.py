"""The fields of a form as a browser would send them untouched."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from tests.app.staff_browser import StaffBrowser

TICKED = ("checkbox", "radio")


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._posts = False
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._posts = said.get("method") == "post"
        if not self._posts:
            return
        name = said.get("name", "")
        if tag == "input" and name and (said.get("type") not in TICKED or "checked" in said):
            self.found[name] = said.get("value", "on" if said.get("type") in TICKED else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in self.found):
            self.found[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data


def fields(response: HttpResponse) -> dict[str, str]:
    """Return what the forms of a page that are sent would send, hidden fields with what stood there included."""
    parser = _Fields()
    parser.feed(response.content.decode().split("<main", 1)[1])
    return parser.found


def filled(
    browser: StaffBrowser, address: str, *, page: HttpResponse | None = None, **changed: Any
) -> HttpResponse:
    """Send the form of a page with some fields changed; None unticks one. `page` is one that was opened before."""
    said = {**fields(page or browser.get(address)), **changed}
    return browser.post(address, **{name: value for name, value in said.items() if value is not None})
