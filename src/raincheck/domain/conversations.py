"""Conversations: what a message may be, and the cards that events put between messages."""

from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

MESSAGE_LIMIT = 4000
"""Characters of one message."""


class Card(StrEnum):
    """An event that appears in the thread by itself."""

    ASKED = "asked"
    MOVED = "moved"
    KEPT = "kept"
    DECLINED = "declined"
    LAPSED = "lapsed"
    NO_TIME_FOUND = "no_time_found"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VOID = "void"
    NONE_WORK = "none_work"
    CANCELLED = "cancelled"
    NOT_CANCELLED = "not_cancelled"
    REINSTATED = "reinstated"
    BOOKED = "booked"


class MessageMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "message_missing"
    sentence = _("Please write a few words first. Nothing was sent yet.")
    field = "words"


class MessageTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "message_too_long"
    sentence = _("Your message has {count} characters; {limit} fit. Nothing was sent yet; please shorten it.")
    field = "words"


def plain_text(words: str) -> str:
    """Return what somebody wrote without spaces at its edges and without the one character no table can hold."""
    # PostgreSQL's text holds every character but NUL.
    return words.replace("\x00", "").strip()


def message_text(words: str) -> str:
    """Return what will be sent. Raises MessageMissing or MessageTooLong."""
    text = plain_text(words)
    if not text:
        raise MessageMissing
    if len(text) > MESSAGE_LIMIT:
        raise MessageTooLong(count=str(len(text)), limit=str(MESSAGE_LIMIT))
    return text
