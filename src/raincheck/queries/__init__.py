"""Questions that read."""
