"""Verbs of coming in and looking: the read log."""
