"""Tables of reschedule requests."""
