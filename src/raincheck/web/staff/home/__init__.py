"""Home: today, tasks, requests by deadline, updates."""
