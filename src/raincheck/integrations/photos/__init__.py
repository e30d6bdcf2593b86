"""Photos of people: strangers' files become small pictures of our own."""
