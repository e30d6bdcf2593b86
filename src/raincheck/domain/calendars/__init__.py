"""A provider's own calendars: what keeps them busy, how they are read again, and what can go wrong."""
