"""Clients: what a practice writes down about the people in its care, and how they are reached."""
