"""Calendar accounts that speak CalDAV: read, and written to."""
