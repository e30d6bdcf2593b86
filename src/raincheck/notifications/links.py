"""The address of a link, and what stands in its place in words that are kept."""

from django.conf import settings

PLACEHOLDER = "{link}"
CODE = "{code}"
"""Where a code to sign in goes, which words that are kept hold no more than a link."""
TOKEN_BYTES, TOKEN_LENGTH = 16, 22
"""128 random bits, and their characters in URL-safe base64: short, so that a text keeps its sender's name."""


def link_address(token: str) -> str:
    """Return the address that opens what a link was minted for."""
    return f"{settings.BASE_URL}/r/{token}/"


def stop_address(link: str) -> str:
    """Return where whoever got a link says that they want no more reminders."""
    return f"{link}reminders/"


def invitation_address(token: str) -> str:
    """Return the address that opens an invitation."""
    return f"{settings.BASE_URL}/invitation/{token}/"


def with_link(words: str, address: str) -> str:
    """Return the words with the address in its place."""
    return words.replace(PLACEHOLDER, address)


def with_longest_link(words: str) -> str:
    """Return the words as long as they can get, for whoever must count characters."""
    return with_link(words, link_address("x" * TOKEN_LENGTH))
