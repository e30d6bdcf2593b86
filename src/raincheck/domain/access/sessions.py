"""Sessions of the practice's people: how long one may lie idle, how long it lasts in all, and the device it is on."""

from datetime import datetime, timedelta

from raincheck.domain.access.sign_in import WayIn

IDLE = timedelta(minutes=15)
"""Without a sign of its person for so long, a session ends."""
LASTS = timedelta(hours=12)
"""And after so long in any case."""
SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that somebody is there."""
LISTED_FOR = timedelta(days=30)
"""How long a session that ended stays on record."""

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


def is_over(way: WayIn, *, made_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Return whether a session's time is over. What a mailed code opened, or the demo, lasts as the browser keeps it."""
    if way in (WayIn.CODE, WayIn.DEMO):
        return False
    return now - seen_at >= IDLE or now - made_at >= LASTS


def device_words(user_agent: str) -> str:
    """Return browser and system as people call them; empty when neither is known."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(word for word in (browser, system) if word)
