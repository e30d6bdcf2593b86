"""Spreadsheets of strangers: read in a process of its own, as text alone."""
