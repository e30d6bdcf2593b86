"""Rules of reschedule requests."""
