"""Django's PostgreSQL, with limits that are set once a line is open: what is asked for while it opens, a pooler drops."""
