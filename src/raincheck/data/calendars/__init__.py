"""Tables of a provider's own calendars: busy time, feeds, pushes, and conflicts."""
