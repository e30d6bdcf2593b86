"""Questions about a provider's hours and the open times they lead to."""
