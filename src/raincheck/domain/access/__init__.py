"""Access of people to a practice: how they are invited, what a link still opens, and what each proof of who they are opens."""
