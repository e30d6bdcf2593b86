"""Reschedule requests: asking, following, answering for the client."""
