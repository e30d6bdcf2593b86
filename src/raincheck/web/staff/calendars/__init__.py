"""Pages of a provider's own calendars, feeds and pushed copies."""
