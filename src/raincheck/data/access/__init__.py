"""Invitations to come in, and the log of who read what."""
