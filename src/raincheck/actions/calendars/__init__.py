"""Verbs of a provider's own calendars: brought in, checked, pushed to, followed."""
