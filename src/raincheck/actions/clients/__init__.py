"""Verbs about a client's record."""
