"""Sessions of the practice's people: how long one may lie idle, how long it lasts in all, and the device it is on."""

from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.access.sign_in import WayIn

LASTS = timedelta(hours=12)
"""After so long a session ends in any case; sooner without a sign of its person, as the practice says (`Policy.idle`)."""
SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that somebody is there."""
LISTED_FOR = timedelta(days=30)
"""How long a session that ended stays on record."""


class SessionEnd(StrEnum):
    """How a session ended, other than by signing out: by time, by its person from elsewhere, or with what it stood on."""

    IDLE = "idle"
    AGE = "age"
    ONESELF = "oneself"
    PASSWORD = "password"  # noqa: S105  # its name, not one
    SECOND_FACTOR = "second_factor"
    ACCESS = "access"


# In this order: most browsers name those they descend from as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def how_over(
    way: WayIn, *, made_at: datetime, seen_at: datetime, idle: timedelta, now: datetime
) -> SessionEnd | None:
    """Return what of time ended a session, None while it lasts; `idle` is how long it may lie without its person.

    What a mailed code opened, or the demo, lasts as the browser keeps it.
    """
    if way in (WayIn.CODE, WayIn.DEMO):
        return None
    if now - made_at >= LASTS:
        return SessionEnd.AGE
    return SessionEnd.IDLE if now - seen_at >= idle else None


def device_words(user_agent: str) -> str:
    """Return browser and system as people call them; empty when neither is known."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(word for word in (browser, system) if word)
