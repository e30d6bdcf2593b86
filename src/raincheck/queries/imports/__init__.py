"""Questions about files that are brought in."""
