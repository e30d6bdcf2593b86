"""Verbs of coming in and looking: invitations, the first practice, the read log."""
