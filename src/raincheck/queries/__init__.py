"""Questions that read and change nothing."""
