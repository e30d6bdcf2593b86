"""Verbs that change the world, one transaction each."""
