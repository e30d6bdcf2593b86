"""The machinery under every verb: runner, locks, constraints, side effects."""
