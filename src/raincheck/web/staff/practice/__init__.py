"""Pages of a practice's settings."""
