"""Verbs of coming in and looking: invitations, the first practice, second factors, the read log."""
