"""Questions about people's access to a practice."""
