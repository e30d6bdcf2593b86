"""Ways in: what somebody proved when they signed in, and what is lacking before the practice's pages open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WayIn(StrEnum):
    """How a session began."""

    PASSWORD = "password"  # noqa: S105  # its name, not one
    CODE = "code"
    """A code that was mailed. It opens a client's own pages only."""
    PASSKEY = "passkey"
    """A device that made sure of its person by fingerprint, face or PIN: both factors at once."""
    DEMO = "demo"
    """The one press of the demo."""


class SecondFactor(StrEnum):
    """What was proved besides the password."""

    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class Lack(StrEnum):
    """What a session lacks before it opens the practice's pages."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a session stands on: the way in, and the second factor that was proved, if any."""

    way: WayIn
    factor: SecondFactor | None = None

    def lacks(self, *, demo: bool) -> Lack | None:
        """Return what keeps this session out of the practice's pages; None when it may enter.

        The demo has no second factor. Outside it, a session that began there opens nothing.
        """
        if self.way == WayIn.CODE or (self.way == WayIn.DEMO and not demo):
            return Lack.SIGN_IN
        return None if demo or self.factor else Lack.SECOND_FACTOR


PROOF_HOLDS = timedelta(minutes=5)
"""So long after somebody proved who they are, they are not asked again in the same session."""


def still_holds(proved_at: datetime, *, now: datetime) -> bool:
    """Return whether a proof is new enough. One ahead of `now` comes of a clock that was set back, and proves nothing."""
    return timedelta(0) <= now - proved_at < PROOF_HOLDS
