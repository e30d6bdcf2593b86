"""Access of people to a practice: how they are invited, and what a link still opens."""
