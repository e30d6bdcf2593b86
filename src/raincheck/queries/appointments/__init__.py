"""Questions about appointments, and about where another would fit."""
