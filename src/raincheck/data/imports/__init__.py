"""Files that a practice brings in, staged row by row until they are checked."""
