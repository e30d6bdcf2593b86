"""Questions about reschedule requests, for the practice and for clients."""
