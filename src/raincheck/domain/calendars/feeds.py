"""Calendar feeds: an address under which a calendar program reads the appointments of one provider or one client."""

import hashlib
from datetime import timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

# An appointment stays in a feed this long after its end, and a cancelled one after its cancellation: a program that
# finds an entry gone may keep it for ever.
SHOWN_AFTER_THE_END = timedelta(days=30)
# How often a feed asks programs to come back; most choose for themselves.
READ_AGAIN_AFTER = timedelta(hours=1)
# A program that asks every minute shall not write every minute.
USE_IS_NOTED_AGAIN_AFTER = timedelta(minutes=5)


class Titles(StrEnum):
    """What the entries of a provider's feed are called. A client's are always neutral."""

    NEUTRAL = "neutral"
    INITIALS = "initials"


class FeedGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "feed_gone"
    sentence = _("That calendar address had already ended. Nothing was changed.")


def digest_of(token: str) -> bytes:
    """Return what is kept of a feed's token: 32 bytes from which nobody finds the token."""
    # No salt and no slow hash: 256 random bits cannot be guessed, and each request looks its row up by this.
    return hashlib.sha256(token.encode()).digest()
