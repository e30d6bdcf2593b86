"""The table of who may do what at which address, made from the rules that the walk tries: `python -m tests.app.authorization_matrix`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import django

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "authorization.md"
HEAD = """# Who may open and send what

Made from the rules in `tests/app/authorization.py` by `.venv/bin/python -m tests.app.authorization_matrix`; a test walks every address as everybody, with rows of two practices, and compares.

**opens** shows the page, **sends** takes a form, **both** does both. **signs in**: is led to the sign-in. **·** finds nothing there (404), as if it did not exist. Where an address names a row (`{ref}`), the columns speak of the people of that row: its client, its provider, its practice. Other addresses show everybody what is theirs.
"""


def rows() -> Iterator[tuple[str, list[str]]]:
    """Yield each address with a word for everybody of `people`."""
    from django.urls import URLPattern, get_resolver
    from tests.app.authorization import ENDPOINTS, Outcome

    corner, people = _people()
    words = {(True, True): "both", (True, False): "opens", (False, True): "sends"}
    shown = set()
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern), "all addresses stand in one list"
        address = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", re.sub(r"<uuid:\w+>", "{ref}", str(pattern.pattern)))
        # allauth asks for some pages by a second name.
        if address in shown:
            continue
        shown.add(address)
        endpoint, cells = ENDPOINTS[pattern.name or ""], []
        for role in people.values():
            said = [rule(role, corner) if rule else Outcome.NOT_SO for rule in (endpoint.look, endpoint.send)]
            may = (said[0] is Outcome.IN, said[1] is Outcome.IN)
            cells.append(words.get(may, "signs in" if Outcome.SIGN_IN in said else "·"))
        yield address, cells


def _people():  # type: ignore[no-untyped-def]  # its types can be named only once Django runs
    from tests.app.authorization import Corner, Role

    from raincheck.data.people import Client, Practice, Provider

    here, elsewhere = Practice(pk=1), Practice(pk=2)
    provider, client = Provider(pk=1), Client(pk=1)
    people = {
        "stranger": Role("", "stranger"),
        "client by link": Role("", "link", client),
        "client": Role("", "client", client),
        "another client": Role("", "client", Client(pk=2)),
        "provider": Role("", "provider", provider, here),
        "another provider": Role("", "provider", Provider(pk=2), here),
        "scheduler": Role("", "scheduler", None, here),
        "manager": Role("", "manager", None, here),
        "provider and manager": Role("", "both", Provider(pk=3), here),
        "manager elsewhere": Role("", "manager", None, elsewhere),
    }
    return Corner(here, provider, client), people


def matrix() -> str:
    """Return the page."""
    _corner, people = _people()
    lines = [HEAD, f"| address | {' | '.join(people)} |", "|---" * (len(people) + 1) + "|"]
    lines += [f"| `{address}` | {' | '.join(cells)} |" for address, cells in rows()]
    return "\n".join(lines) + "\n"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(matrix(), encoding="utf-8")


if __name__ == "__main__":
    main()
