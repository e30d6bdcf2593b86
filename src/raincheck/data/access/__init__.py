"""Who may come in, and who looked: the read log."""
