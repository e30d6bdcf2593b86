"""Pages of the practice. Imports go one way: shell, appointments, availability, calendars, clients, home, messages, requests, practice."""
