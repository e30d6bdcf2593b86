"""What is true at rest: tables, constraints, triggers, migrations."""
