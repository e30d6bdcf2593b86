"""Pages of a provider's hours, with the open times they lead to."""
