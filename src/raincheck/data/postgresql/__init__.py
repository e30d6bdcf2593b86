"""PostgreSQL as Django speaks to it: limits set once a line is open (a pooler drops what is asked for while it opens), faults, plans, rows."""
