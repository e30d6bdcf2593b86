"""Pages of a person's own account: how they sign in."""
