"""Questions about a provider's own calendars and feeds."""
