"""Tables, constraints, triggers and migrations: what is true at rest."""
