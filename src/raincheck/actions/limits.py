"""Counts tries, and refuses one that comes too soon after too many."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.crypto import salted_hmac

from raincheck.actions.engine.runner import Answer
from raincheck.actions.timing.quarantine import Done
from raincheck.data.limits import RateLimit, keep, take
from raincheck.domain.limits import (
    ENTRIES,
    HOLDS,
    UNNAMED_PROXY,
    WORDS,
    Entry,
    Limit,
    TooManyMessages,
    TooManyTries,
    Tries,
    counted,
    is_beset,
    minutes,
    wait,
)
from raincheck.domain.reschedule.holds import TooManyHolds


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody at a way in: the account as they typed it, their network, and their device if the account was used on it.

    `proxy` is set where a proxy that nobody named tells of the network.
    """

    entry: Entry
    account: str
    network: str
    proxy: str = ""
    device: str = ""

    def limits(self) -> dict[bytes, tuple[str, Limit]]:
        """Return what counts for this attempt: for each key its part and the limit."""
        limits, account = ENTRIES[self.entry], self.account.strip().lower()
        # On a device that the account was used on before, nobody else's tries count, and it counts for nobody else.
        if self.device:
            return {_key(self.entry, "device", self.device, account): ("device", limits.device)}
        found = {
            _key(self.entry, "network", self.network): ("network", limits.network),
            _key(self.entry, "here", self.network, account): ("here", limits.here),
            _key(self.entry, "everywhere", account): ("everywhere", limits.everywhere),
        }
        if self.proxy:
            found[_key(self.entry, "proxy", self.proxy)] = ("proxy", UNNAMED_PROXY)
        return found


def try_to_enter(attempt: Attempt, *, now: datetime) -> Answer:
    """Count one try. It is counted before it is looked at, so that many at once get no more than one after the other.

    Raises TooManyTries, and then it is not counted.
    """
    limits = attempt.limits()
    tries = take(list(limits), now=now)
    parts = {part: tries[key] for key, (part, _limit) in limits.items()}
    beset = "everywhere" in parts and is_beset(parts["everywhere"], ENTRIES[attempt.entry], now=now)
    waits = [
        wait(tries[key], ENTRIES[attempt.entry].beset if part == "here" and beset else limit, now=now)
        for key, (part, limit) in limits.items()
        if part != "everywhere"
    ]
    if longest := max(waits):
        raise TooManyTries(longest)
    _keep(limits, {key: counted(tries[key], limit, now=now) for key, (_part, limit) in limits.items()})
    return {}


def take_back(attempt: Attempt, *, now: datetime) -> Answer:
    """Take a try back that succeeded: what somebody failed here on their own account is forgotten with it."""
    limits = attempt.limits()
    tries = take(list(limits), now=now)
    kept = {
        key: replace(one, level=0.0 if limits[key][0] in ("here", "device") else max(0.0, one.level - 1))
        for key, one in tries.items()
    }
    _keep(limits, kept)
    return {}


def count_words(client_id: int, provider_id: int, *, now: datetime) -> None:
    """Count one message of a client's. A step, not a verb. Raises TooManyMessages."""
    key = _key("words", str(client_id), str(provider_id))
    tries = take([key], now=now)
    if pause := wait(tries[key], WORDS, now=now):
        raise TooManyMessages(minutes=str(minutes(pause)))
    keep({key: counted(tries[key], WORDS, now=now)}, {key: WORDS})


def count_hold(client_id: int, *, now: datetime) -> None:
    """Count one time that a client holds. A step, not a verb. Raises TooManyHolds."""
    key = _key("holds", str(client_id))
    tries = take([key], now=now)
    if wait(tries[key], HOLDS, now=now):
        raise TooManyHolds
    keep({key: counted(tries[key], HOLDS, now=now)}, {key: HOLDS})


def forget_limits(*, now: datetime, limit: int) -> Done:
    """Delete what counts no more."""
    old = (
        RateLimit.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(forget_at__lt=now)
        .order_by("forget_at")
    )
    keys = list(old.values_list("pk", flat=True)[:limit])
    RateLimit.objects.filter(pk__in=keys).delete()
    return Done({"rate limit forgotten": len(keys)} if keys else {})


def _keep(limits: Mapping[bytes, tuple[str, Limit]], tries: Mapping[bytes, Tries]) -> None:
    keep(tries, {key: limit for key, (_part, limit) in limits.items()})


def _key(*parts: str) -> bytes:
    # The lengths keep two lists of parts from reading as one.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return salted_hmac("raincheck.limits", text, algorithm="sha256").digest()
