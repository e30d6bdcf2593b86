"""Bringing in clients and appointments from a file: choose it, match its columns, check its rows, import."""
