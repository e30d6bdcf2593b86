"""Questions about one client's record."""
