"""Questions about people's access to a practice, and about the log of what they looked at."""
