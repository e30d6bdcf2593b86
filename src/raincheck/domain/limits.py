"""Limits on tries: how many are free, and how the wait grows after that, for one visitor apart from all others.

Nobody's tries may lock somebody else out. So what is counted for an account everywhere together refuses nobody: it only
leaves each network fewer free tries on that account, and a network that has not tried it yet always has one. A device on
which the account was used before is counted by itself alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

NO_WAIT = timedelta(0)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries are free; each `refill` brings one back. Beyond them the wait after a try doubles, up to the longest."""

    free: int
    refill: timedelta
    first_wait: timedelta
    longest_wait: timedelta


@dataclass(frozen=True, slots=True)
class Tries:
    """The tries of one visitor that count still, as they were after the last of them."""

    level: float
    last_at: datetime


class Entry(StrEnum):
    """A way in that strangers can try."""

    PASSWORD = "password"  # noqa: S105  # its name, not one
    CODE = "code"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """The limits of one way in.

    `network` holds for all accounts together, `here` for one account from one network, `beset` takes its place while the
    account has more tries from everywhere than `everywhere` leaves free, `device` is a known device's own.
    """

    network: Limit
    here: Limit
    beset: Limit
    everywhere: Limit
    device: Limit


ENTRIES = {
    Entry.PASSWORD: EntryLimits(
        network=Limit(30, 20 * SECOND, 5 * SECOND, 15 * MINUTE),
        here=Limit(5, 30 * MINUTE, 30 * SECOND, 15 * MINUTE),
        beset=Limit(1, HOUR, 5 * MINUTE, 6 * HOUR),
        everywhere=Limit(30, 2 * MINUTE, NO_WAIT, NO_WAIT),
        device=Limit(10, 10 * MINUTE, 30 * SECOND, 15 * MINUTE),
    ),
    Entry.CODE: EntryLimits(
        network=Limit(20, 3 * MINUTE, MINUTE, 30 * MINUTE),
        here=Limit(3, 20 * MINUTE, MINUTE, 30 * MINUTE),
        beset=Limit(1, HOUR, 30 * MINUTE, 6 * HOUR),
        everywhere=Limit(10, 6 * MINUTE, NO_WAIT, NO_WAIT),
        device=Limit(5, 10 * MINUTE, MINUTE, 30 * MINUTE),
    ),
    # Only who knows the password comes this far. A million codes, of which three are right at any time.
    Entry.SECOND_FACTOR: EntryLimits(
        network=Limit(30, 20 * SECOND, 5 * SECOND, 15 * MINUTE),
        here=Limit(5, 30 * MINUTE, 30 * SECOND, 15 * MINUTE),
        beset=Limit(1, HOUR, 5 * MINUTE, 6 * HOUR),
        everywhere=Limit(30, 10 * MINUTE, NO_WAIT, NO_WAIT),
        device=Limit(10, 10 * MINUTE, 30 * SECOND, 15 * MINUTE),
    ),
}
UNNAMED_PROXY = Limit(300, 10 * SECOND, 5 * SECOND, MINUTE)
"""For all visitors of a proxy that nobody named: what they say of their networks may be made up."""
WORDS = Limit(20, 3 * MINUTE, 3 * MINUTE, HOUR)
"""Messages of one client to one provider: twenty at once, then twenty an hour."""
HOLDS = Limit(30, 2 * MINUTE, MINUTE, HOUR)
"""Times that one client holds, one after the other: thirty at once, then thirty an hour."""
GUESSES = Limit(15, 20 * SECOND, 5 * SECOND, 15 * MINUTE)
"""Addresses with a secret in them that are nobody's, of one network, at each process that serves pages."""


REPORTS = Limit(20, 3 * MINUTE, 3 * MINUTE, HOUR)
"""What browsers of one network report of pages."""


REFUSALS = Limit(20, MINUTE, MINUTE, HOUR)
"""Refused pages of one network that stand in the read log; of more nothing is written."""


class TooManyTries(Refusal):
    """Too many tries at a way in. `wait` is how long until the next one."""

    kind = Kind.TOO_MANY
    code = "too_many_tries"
    sentence = _(
        "That was one try too many from here. Nothing has changed. Please wait {minutes} min and try again, "
        "or use a device on which you signed in before."
    )

    def __init__(self, wait: timedelta = NO_WAIT) -> None:
        self.wait = wait
        super().__init__(minutes=str(minutes(wait)))


class TooManyMessages(Refusal):
    kind = Kind.TOO_MANY
    code = "too_many_messages"
    sentence = _(
        "That is a lot of messages in a short time, so this one was not sent. The earlier ones were. "
        "Please wait {minutes} min and send it again."
    )
    field = "words"


def level_at(tries: Tries | None, limit: Limit, *, now: datetime) -> float:
    """Return how many tries count at `now`."""
    # A time ahead of now comes of a clock that was set back: it must not shut anybody out until then.
    if tries is None or tries.last_at > now:
        return 0.0
    return max(0.0, tries.level - (now - tries.last_at) / limit.refill)


def wait(tries: Tries | None, limit: Limit, *, now: datetime) -> timedelta:
    """Return how long until the next try may be made; NO_WAIT when it may be made now."""
    if tries is None or level_at(tries, limit, now=now) + 1 <= limit.free:
        return NO_WAIT
    # Twenty doublings are far above the longest wait; without an end the power would overflow.
    over = min(max(round(tries.level) - limit.free, 0), 20)
    pause = min(limit.first_wait * (1 << over), limit.longest_wait)
    return max(tries.last_at + pause - now, NO_WAIT)


def counted(tries: Tries | None, limit: Limit, *, now: datetime) -> Tries:
    """Return the tries with one more, made at `now`."""
    return Tries(level_at(tries, limit, now=now) + 1, now)


def forgotten_at(tries: Tries, limit: Limit) -> datetime:
    """Return when none of the tries counts any more."""
    return tries.last_at + limit.refill * tries.level


def is_beset(everywhere: Tries | None, limits: EntryLimits, *, now: datetime) -> bool:
    """Return whether an account is tried so much that each network gets fewer free tries on it."""
    return level_at(everywhere, limits.everywhere, now=now) >= limits.everywhere.free


def minutes(length: timedelta) -> int:
    """Return a wait as people are told it: whole minutes, rounded up."""
    return max(1, -(-length // MINUTE))
