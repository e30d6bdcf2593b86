"""People: who works in a practice and what they may do."""
