"""Tables of a provider's own calendars: busy time, feeds, pushed copies, and conflicts."""
