"""Everything that touches a network: e-mail, text messages, calendars."""
