"""Raincheck: when something comes up, the client is asked, not canceled."""

import zoneinfo

# Zone rules come from the PyPI package `tzdata` only: the operating system's copy is often a year old
# and differs in several cities, so two machines would show two truths.
zoneinfo.reset_tzpath(())
zoneinfo.ZoneInfo.clear_cache()

__version__ = "0.1.0"
