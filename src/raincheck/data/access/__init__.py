"""Who may come in, and who looked: invitations, the read log."""
