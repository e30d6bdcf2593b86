"""Reads what the mail server got, as a person with a mail program would."""

from __future__ import annotations

import re
from email.message import EmailMessage

from tests.app.smtp_server import Mailroom


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(message: EmailMessage) -> str:
    """Return the one link to the pages that a message carries."""
    links = sorted(set(re.findall(r"http://127\.0\.0\.1:\d+/r/[\w-]+/", text_of(message))))
    assert len(links) == 1, links
    return links[0]


def subjects(room: Mailroom, *, to: str) -> list[str]:
    return [str(message["subject"]) for message in room.got if to in str(message["to"])]


def letter(room: Mailroom, *, to: str, subject: str) -> EmailMessage:
    """Return the newest message to an address with a subject."""
    found = [
        message for message in room.got if to in str(message["to"]) and str(message["subject"]) == subject
    ]
    assert found, subjects(room, to=to)
    return found[-1]
