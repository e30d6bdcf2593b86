"""The time for which what concerns clients is kept, before it is erased or cut off (section 13)."""

from datetime import timedelta

RETENTION = timedelta(days=2557)
"""Seven years, with the leap days there may be in them."""
FROM_EIGHTEEN = RETENTION + timedelta(days=6575)
"""For a minor the seven years begin with their eighteenth birthday: so long after their birth."""
