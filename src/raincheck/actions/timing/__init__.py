"""Verbs of the passing of time: the sweep and what it does."""
