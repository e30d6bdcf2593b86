"""Keys of forms: random, and telling when they were made, so that none outlives the memory of what was done under it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from raincheck.domain.policy import KEYS_KEPT
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

# RFC 9562, 5.7: milliseconds since 1970 in front, then 74 random bits.
VERSION = 7
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PageTooOld(Refusal):
    kind = Kind.CONFLICT
    code = "page_too_old"
    sentence = _(
        "This page was open for more than a week, so nothing was changed. Please look at it again and send it once more."
    )


def key_made_at(now: datetime) -> UUID:
    """Return a fresh key that says it was made at `now`."""
    # The variant and the random bits of version 4 stay; only the front and the version's number are replaced.
    random = uuid4().int & ~(0xF << 76) & ((1 << 80) - 1)
    return UUID(int=((now - _EPOCH) // _MILLISECOND) << 80 | VERSION << 76 | random)


def is_forgotten(key: UUID, *, now: datetime) -> bool:
    """Return whether something may have been done under a key that nobody remembers any more.

    What was done is remembered for a week. A key that does not say when it was made is no page's.
    """
    return key.version == VERSION and _EPOCH + (key.int >> 80) * _MILLISECOND < now - KEYS_KEPT
