"""HTTP to addresses that people type: guarded, capped in time and size."""
