"""Bringing in files: stage, check, correct, import all rows or none, undo."""
