"""Verbs of appointments: booked, changed, cancelled, and the claims they lay on time."""
