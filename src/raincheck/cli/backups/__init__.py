"""Backups from the command line: made, restored, and moved to another server."""
