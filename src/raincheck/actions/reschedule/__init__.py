"""Verbs of a reschedule request, from the ask to its ending."""
